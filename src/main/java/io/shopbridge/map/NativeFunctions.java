package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.function.IntUnaryOperator;
import java.util.stream.StreamSupport;
import net.thisptr.jackson.jq.Function;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.misc.JsonNodeUtils;

/**
 * Functions of jq that mappings call for every record, and for which jackson-jq goes a long way: it changes a text letter
 * by letter in jq, ends {@code any} by an exception, and compiles a regular expression for every {@code split}.
 */
final class NativeFunctions {

    private NativeFunctions() {
    }

    static void addTo(Scope scope) {
        scope.addFunction("ascii_downcase/0", letters("ascii_downcase",
                letter -> letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter));
        scope.addFunction("ascii_upcase/0", letters("ascii_upcase",
                letter -> letter >= 'a' && letter <= 'z' ? letter - ('a' - 'A') : letter));
        scope.addFunction("any/0", elements(true));
        scope.addFunction("all/0", elements(false));
        scope.addFunction("split/1", (in, arguments, text, path, output, version) ->
                arguments.get(0).apply(in, text, separator -> {
                    if (!text.isTextual() || !separator.isTextual()) {
                        throw new JsonQueryException("split input and separator must be strings");
                    }
                    output.emit(split(text.textValue(), separator.textValue()), null);
                }));
    }

    private static Function letters(String name, IntUnaryOperator change) {
        return (scope, arguments, in, path, output, version) -> {
            if (!in.isTextual()) {
                throw new JsonQueryException(name + " input must be a string");
            }
            StringBuilder changed = new StringBuilder(in.textValue().length());
            in.textValue().chars().forEach(letter -> changed.append((char) change.applyAsInt(letter)));
            output.emit(TextNode.valueOf(changed.toString()), null);
        };
    }

    /** Whether any of the elements is true; or whether all are, which is that none is not. */
    private static Function elements(boolean any) {
        return (scope, arguments, in, path, output, version) -> {
            if (!in.isContainerNode()) {
                throw new JsonQueryException("Cannot iterate over " + JsonNodeUtils.typeOf(in));
            }
            output.emit(BooleanNode.valueOf(any == StreamSupport.stream(in.spliterator(), false)
                    .anyMatch(element -> any == JsonNodeUtils.asBoolean(element))), null);
        };
    }

    private static JsonNode split(String text, String separator) {
        ArrayNode parts = Values.NODES.arrayNode();
        if (separator.isEmpty()) {
            text.codePoints().forEach(letter -> parts.add(Character.toString(letter)));
            return parts;
        }
        if (text.isEmpty()) {
            return parts;
        }
        int start = 0;
        for (int end = text.indexOf(separator); end >= 0; end = text.indexOf(separator, start)) {
            parts.add(text.substring(start, end));
            start = end + separator.length();
        }
        return parts.add(text.substring(start));
    }
}
