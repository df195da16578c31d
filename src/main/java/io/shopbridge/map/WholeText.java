package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Makes texts valid for every CRM and database. JSON can contain two things that UTF-8 or PostgreSQL can't: half of a
 * surrogate pair and the zero byte. Each is replaced by U+FFFD, the replacement character.
 */
public final class WholeText {

    private static final char REPLACEMENT = '\uFFFD';

    private WholeText() {
    }

    /** The text itself where nothing is to be replaced. */
    public static String of(String text) {
        StringBuilder mended = null;
        for (int i = 0; i < text.length(); i++) {
            char one = text.charAt(i);
            boolean paired = i + 1 < text.length() && Character.isSurrogatePair(one, text.charAt(i + 1));
            if (paired) {
                i++;
            } else if (one == '\0' || Character.isSurrogate(one)) {
                mended = mended == null ? new StringBuilder(text) : mended;
                mended.setCharAt(i, REPLACEMENT);
            }
        }
        return mended == null ? text : mended.toString();
    }

    /** The same for every text in the value, names of fields among them; the value itself where nothing is replaced. */
    public static JsonNode of(JsonNode value) {
        if (value.isTextual()) {
            String whole = of(value.textValue());
            return whole.equals(value.textValue()) ? value : Values.NODES.textNode(whole);
        }
        if (value instanceof ObjectNode object) {
            return ofObject(object);
        }
        if (value instanceof ArrayNode array) {
            return ofArray(array);
        }
        return value;
    }

    private static JsonNode ofObject(ObjectNode object) {
        ObjectNode mended = null;
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = of(field.getKey());
            JsonNode value = of(field.getValue());
            if (mended == null && (value != field.getValue() || !name.equals(field.getKey()))) {
                mended = Values.NODES.objectNode();
                for (Map.Entry<String, JsonNode> before : object.properties()) {
                    if (before.getKey().equals(field.getKey())) {
                        break;
                    }
                    mended.set(before.getKey(), before.getValue());
                }
            }
            if (mended != null) {
                mended.set(name, value);
            }
        }
        return mended == null ? object : mended;
    }

    private static JsonNode ofArray(ArrayNode array) {
        ArrayNode mended = null;
        for (int i = 0; i < array.size(); i++) {
            JsonNode value = of(array.get(i));
            if (value != array.get(i)) {
                mended = mended == null ? Values.NODES.arrayNode().addAll(array) : mended;
                mended.set(i, value);
            }
        }
        return mended == null ? array : mended;
    }
}
