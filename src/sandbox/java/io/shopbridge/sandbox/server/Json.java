package io.shopbridge.sandbox.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;

/** JSON as the simulators read and write it: a doubled key or trailing text is an error. */
public final class Json {

    public static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private Json() {
    }

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    public static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IOException if it is not JSON, or holds half of a character, which no text of a CRM can */
    public static JsonNode parse(byte[] bytes) throws IOException {
        JsonNode node = MAPPER.readTree(bytes);
        requireWholeCharacters(node);
        return node;
    }

    private static void requireWholeCharacters(JsonNode node) throws IOException {
        if (node.isTextual() && hasHalfCharacter(node.textValue())) {
            throw new IOException("a text has half of a surrogate pair");
        }
        for (JsonNode element : node) {
            requireWholeCharacters(element);
        }
        Iterator<String> names = node.fieldNames();
        while (names.hasNext()) {
            if (hasHalfCharacter(names.next())) {
                throw new IOException("the name of a field has half of a surrogate pair");
            }
        }
    }

    private static boolean hasHalfCharacter(String text) {
        // Of a whole pair, codePoints gives one character beyond the surrogates.
        return text.codePoints().anyMatch(one -> one >= Character.MIN_SURROGATE && one <= Character.MAX_SURROGATE);
    }

    /** Milliseconds since the epoch as most CRMs write them: UTC, always three decimals. */
    public static String time(long epochMillis) {
        return MILLIS.format(Instant.ofEpochMilli(epochMillis));
    }
}
