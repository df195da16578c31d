package io.shopbridge.shopify;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
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
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

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

    /** PostgreSQL's years go on, but neither its text nor a CRM's is Java's then. */
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private Json() {
    }

    /**
     * Reads a received body. Decoded strictly and once: Jackson's own decoder accepts bytes that are not UTF-8,
     * and can't read again what it then writes.
     *
     * @throws CharacterCodingException where it isn't UTF-8
     * @throws IOException              where it isn't JSON, or beyond what is read of it
     */
    public static JsonNode read(byte[] bytes) throws IOException {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        return MAPPER.readTree(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
    }

    /** A text read token by token, within the same bounds; the caller sees to the end. */
    public static JsonParser parser(String text) throws IOException {
        return MAPPER.createParser(text);
    }

    /** The same of what this process wrote itself, which stays bytes. */
    public static JsonParser ownParser(byte[] bytes) throws IOException {
        return MAPPER.createParser(bytes);
    }

    /** Reads what this process wrote itself. */
    public static JsonNode readOwn(byte[] bytes) {
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

    /** The text of a field that is not blank, also of a number; null where there is none. */
    public static String text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isValueNode() && !value.isNull() && !isBlank(value.asText()) ? value.asText() : null;
    }

    /** No-break spaces are blanks too. */
    static boolean isBlank(String text) {
        return text.codePoints().allMatch(one -> Character.isWhitespace(one) || Character.isSpaceChar(one));
    }

    /** The moment in an ISO 8601 text with an offset, of the years 1 to 9999; null where it is none. */
    public static Instant instant(String time) {
        Instant instant = anyInstant(time);
        return instant == null || isOfNoYear(instant) ? null : instant;
    }

    /**
     * Whether the text is a time of a year that no CRM has. Shopify has sent 0000-12-31T18:03:24-05:50 for a consent that
     * has no time: https://github.com/nozzlegear/ShopifySharp/issues/803
     */
    static boolean isOfNoYear(String time) {
        Instant instant = anyInstant(time);
        return instant != null && isOfNoYear(instant);
    }

    private static boolean isOfNoYear(Instant instant) {
        return instant.isBefore(EARLIEST) || instant.isAfter(LATEST);
    }

    private static Instant anyInstant(String time) {
        // Cheap refusal first: most values that are asked are null or no time at all.
        if (time == null || time.length() < 20 || time.charAt(10) != 'T') {
            return null;
        }
        try {
            return OffsetDateTime.parse(time).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** The latest of these fields that are times; null where none is. */
    public static Instant latest(JsonNode object, String... fields) {
        Instant latest = null;
        for (String field : fields) {
            Instant time = instant(object.path(field).asText(""));
            latest = latest == null || time != null && time.isAfter(latest) ? time : latest;
        }
        return latest;
    }
}
