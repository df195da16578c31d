package io.shopbridge.map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What JSON values mean to a mapping: above all, a blank text counts as no value. */
public final class Values {

    static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** JSON as we and CRMs write it; numbers keep every digit. */
    public static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true)).build();

    private Values() {
    }

    /** Whether there is no value: absent, null, a blank text or an empty list. */
    public static boolean isEmpty(JsonNode value) {
        return value == null || value.isNull() || value.isMissingNode()
                || value.isTextual() && value.textValue().isBlank()
                || value.isArray() && value.isEmpty();
    }

    /** Reads a JSON file; numbers keep every digit. */
    public static JsonNode read(Path file) throws IOException {
        return JSON.readTree(file.toFile());
    }

    /** Reads JSON that we wrote; numbers keep every digit. */
    public static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("What we wrote is not JSON", e);
        }
    }

    static JsonNode blankToNull(JsonNode value) {
        boolean blank = value == null || value.isMissingNode() || value.isTextual() && value.textValue().isBlank();
        return blank ? NullNode.getInstance() : value;
    }

    /** The value as text, empty where there is none. */
    public static Optional<String> text(JsonNode value) {
        return isEmpty(value) ? Optional.empty() : Optional.of(plainText(value));
    }

    static String plainText(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue();
        }
        return value.isNumber() && !value.isIntegralNumber() ? Numbers.plainText(value) : value.toString();
    }

    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case STRING -> "a text";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            default -> "nothing";
        };
    }

    /** A copy that shares everything but its first level, with one more field. */
    static ObjectNode with(JsonNode record, String name, JsonNode value) {
        Map<String, JsonNode> fields = new LinkedHashMap<>((record.size() + 2) * 2);
        record.properties().forEach(entry -> fields.put(entry.getKey(), entry.getValue()));
        fields.put(name, value);
        return new ObjectNode(NODES, fields);
    }
}
