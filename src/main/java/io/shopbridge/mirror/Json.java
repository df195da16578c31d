package io.shopbridge.mirror;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** JSON as Shopify sends it: ids beyond 2^53 and decimals stay exact, and nothing may follow the value. */
public final class Json {

    private static final String BYTE_ORDER_MARK = "\uFEFF";
    /** Shopify's deepest payloads have about ten levels, and its longest numbers are ids of 19 digits. */
    private static final StreamReadConstraints BOUNDS = StreamReadConstraints.builder().maxNestingDepth(200)
            .maxNumberLength(1000).maxNameLength(10_000).build();

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(BOUNDS).build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();

    private Json() {
    }

    /**
     * Reads what somebody sent. Decoded strictly and once: Jackson's own decoder lets bytes through that are no UTF-8,
     * and can't read again what it then writes.
     *
     * @throws CharacterCodingException where it isn't UTF-8
     * @throws IOException              where it isn't JSON, or beyond what is read of it
     */
    public static JsonNode read(byte[] bytes) throws IOException {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        return MAPPER.readTree(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
    }

    /** Reads what this process wrote itself. */
    static JsonNode readOwn(byte[] bytes) {
        try {
            return MAPPER.readTree(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] write(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
