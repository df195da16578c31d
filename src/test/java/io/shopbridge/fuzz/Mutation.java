package io.shopbridge.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.shopbridge.fuzz.Samples.Sample;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * One broken body out of a sample. The seed and the number say which one: the same two give the same bytes, but for the
 * times of its events, so a body that failed can be sent again alone. Ids, addresses and times are fresh, so that each
 * body is about a record of its own and none is taken for an older state.
 */
final class Mutation {

    /** A name and a domain that stand for people, to be looked for in the log. */
    static final String PERSON = "Quillfeather";
    static final String MAIL_DOMAIN = "fuzzed.example";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final long FIRST_ID = 6_000_000_000_000L;
    private static final int IDS_OF_A_BODY = 1000;
    private static final int LONG = 3000;
    /** Characters that a list which is made here has at most, so that three of them stay below the largest body. */
    private static final int LARGEST_LIST = 200_000;
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT.*");
    /** Written as they are: what no tree of JSON can hold. */
    private static final List<String> RAW = List.of("1e999999999", "-1e999999999", "1e-999999999", "1E400", "NaN",
            "Infinity", "0123", "+1", "1.", ".5", "0x10", "'x'", "undefined", "{\"a\":1,\"a\":2}", "\"\\ud800\"",
            "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\u202e\\u200b\\ufeff\"", "[1,2,]", "{,}", "[[]");
    private static final List<String> TIMES = List.of("0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z",
            "+999999999-12-31T23:59:59Z", "-4713-01-01T00:00:00Z", "2026-02-30T10:00:00Z", "2026-13-01T10:00:00Z",
            "2026-06-30T23:59:60Z", "2026-11-26", "26/11/2026", "1764140000", "2026-11-26T10:00:00+99:99", "now", "");
    private static final List<byte[]> NOT_UTF_8 = List.of(bytes(0xF4, 0x90, 0x80, 0x80), bytes(0xC0, 0x80),
            bytes(0xED, 0xA0, 0x80), bytes(0xFF), bytes(0xE2, 0x82));
    private static final String MARK = "\uE000\uE001";

    private final Random random;
    private final long number;
    private int ids;

    private Mutation(long seed, int number) {
        this.random = new Random(seed * 1_000_003 + number);
        this.number = number;
    }

    static Body of(List<Sample> samples, long seed, int number) {
        return new Mutation(seed, number).mutated(samples);
    }

    private Body mutated(List<Sample> samples) {
        Sample sample = samples.get(random.nextInt(samples.size()));
        // Half of Shopify's examples are of topics that nobody maps; a sample of a mapped one is worth more.
        if (random.nextInt(3) > 0) {
            List<Sample> own = samples.stream().filter(one -> isMapped(one.topic())).toList();
            sample = own.get(random.nextInt(own.size()));
        }
        String topic = random.nextInt(12) == 0 ? samples.get(random.nextInt(samples.size())).topic() : sample.topic();
        JsonNode body = sample.body().deepCopy();
        freshen(body);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            change(body);
        }
        if (random.nextInt(40) == 0) {
            body = random.nextBoolean() ? nested(body) : NODES.arrayNode().add(body);
        }
        byte[] bytes = insertMarks(body.toString());
        if (random.nextInt(15) == 0) {
            bytes = damaged(bytes);
        }
        return new Body("body " + number, topic, bytes);
    }

    private static boolean isMapped(String topic) {
        return topic.startsWith("customer") || topic.startsWith("order") || topic.startsWith("checkout")
                || topic.startsWith("draft") || topic.startsWith("compan") || topic.startsWith("refund")
                || topic.startsWith("fulfillments/");
    }

    private void freshen(JsonNode node) {
        if (node instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                JsonNode value = object.get(name);
                if (value.isValueNode() && !value.isNull()) {
                    freshen(object, name, value);
                }
            }
        }
        node.forEach(this::freshen);
    }

    private void freshen(ObjectNode object, String name, JsonNode value) {
        if (name.equals("id") || name.endsWith("_id") || name.endsWith("Id") || name.endsWith("token")) {
            object.set(name, value.isNumber() ? NODES.numberNode(id()) : NODES.textNode(value.asText()
                    .replaceAll("\\d+$|^[0-9a-f]+$", Long.toString(id()))));
        } else if (name.contains("email") && value.isTextual() && value.asText().contains("@")) {
            object.put(name, "person" + number + "@" + MAIL_DOMAIN);
        } else if (name.equals("first_name") || name.equals("last_name") || name.equals("address1")) {
            object.put(name, PERSON);
        } else if (name.contains("phone") && value.isTextual()) {
            object.put(name, "+1613" + (2_000_000 + number));
        } else if (value.isTextual() && TIME.matcher(value.asText()).matches()) {
            object.put(name, Instant.now().toString());
        }
    }

    /** The first id of a body is always the same, so that what belongs together in a sample still does. */
    private long id() {
        return FIRST_ID + number * IDS_OF_A_BODY + ids++ % IDS_OF_A_BODY;
    }

    /** Changes one place anywhere inside. */
    private void change(JsonNode body) {
        List<Consumer<JsonNode>> places = new ArrayList<>();
        List<Runnable> removals = new ArrayList<>();
        List<JsonNode> values = new ArrayList<>();
        List<String> names = new ArrayList<>();
        places(body, places, removals, values, names, 0);
        if (places.isEmpty()) {
            return;
        }
        int place = random.nextInt(places.size());
        if (random.nextInt(10) == 0) {
            removals.get(place).run();
        } else {
            places.get(place).accept(odd(names.get(place), values.get(place)));
        }
    }

    private void places(JsonNode node, List<Consumer<JsonNode>> places, List<Runnable> removals, List<JsonNode> values,
            List<String> names, int depth) {
        if (node instanceof ObjectNode object) {
            for (String name : object.properties().stream().map(Map.Entry::getKey).toList()) {
                // What stands higher matters more: it is there as often as everything below it.
                for (int weight = depth < 2 ? 3 : 1; weight > 0; weight--) {
                    places.add(value -> object.set(name, value));
                    removals.add(() -> object.remove(name));
                    values.add(object.get(name));
                    names.add(name);
                }
                places(object.get(name), places, removals, values, names, depth + 1);
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                int at = i;
                places.add(value -> {
                    if (at < array.size()) {
                        array.set(at, value);
                    }
                });
                removals.add(array::removeAll);
                values.add(array.get(i));
                names.add("");
                places(array.get(i), places, removals, values, names, depth + 1);
            }
        }
    }

    /** Something else in the place of a value, often of its own kind. */
    private JsonNode odd(String name, JsonNode value) {
        boolean time = value.isTextual() && TIME.matcher(value.asText()).matches();
        boolean key = name.equals("id") || name.endsWith("_id") || name.endsWith("token");
        switch (random.nextInt(time || key ? 6 : 18)) {
            case 0, 1 -> {
                return time ? NODES.textNode(pick(TIMES)) : key ? oddKey() : otherKind(value);
            }
            case 2, 3 -> {
                return otherKind(value);
            }
            case 4 -> {
                return raw(pick(RAW));
            }
            case 5 -> {
                return NODES.nullNode();
            }
            case 6 -> {
                return NODES.numberNode(new BigInteger("9".repeat(20 + random.nextInt(400))));
            }
            case 7 -> {
                return NODES.textNode(random.nextBoolean() ? "" : " \t\r\n");
            }
            case 8 -> {
                return NODES.textNode(longText());
            }
            case 9 -> {
                return NODES.textNode(value.asText() + MARK);
            }
            case 10 -> {
                ObjectNode named = NODES.objectNode();
                named.set("a" + MARK, value);
                return named;
            }
            case 11 -> {
                return nested(value);
            }
            case 12 -> {
                return many(value);
            }
            case 13 -> {
                return raw("\"" + "\\ud800".repeat(1 + random.nextInt(3)) + "\"");
            }
            case 14 -> {
                return raw("\"x\\u0000" + number + "\"");
            }
            case 15 -> {
                return NODES.textNode(pick(List.of("<script>alert(1)</script>", "' OR 1=1--", "${jndi:ldap://127.0.0.1/x}",
                        "=HYPERLINK(\"x\")", "../../etc/passwd", "%00", "#N/A", "{{env:PATH}}", "null", "true")));
            }
            case 16 -> {
                return raw("\"-" + random.nextInt(9) + "e" + random.nextInt(2_000_000_000) + "\"");
            }
            default -> {
                return NODES.numberNode(random.nextBoolean() ? -1 : random.nextDouble() * 1e308);
            }
        }
    }

    private JsonNode oddKey() {
        return switch (random.nextInt(8)) {
            case 0 -> NODES.textNode(longText());
            case 1 -> raw("\"" + number + "\\u0000\"");
            case 2 -> NODES.textNode(number + "\nERROR forged line");
            case 3 -> NODES.numberNode(-1 - number);
            case 4 -> NODES.numberNode(number + 0.5);
            case 5 -> NODES.textNode("gid://shopify/Order/" + number + "/../x?y=1");
            case 6 -> NODES.textNode(number + "'\"\\;<>%_*");
            default -> raw("\"\\ud800" + number + "\"");
        };
    }

    private JsonNode otherKind(JsonNode value) {
        return switch (random.nextInt(6)) {
            case 0 -> NODES.textNode(value.isTextual() ? "5" : value.toString());
            case 1 -> NODES.numberNode(5);
            case 2 -> NODES.booleanNode(random.nextBoolean());
            case 3 -> NODES.arrayNode().add(value.deepCopy());
            case 4 -> NODES.objectNode().set("a", value.deepCopy());
            default -> random.nextBoolean() ? NODES.objectNode() : NODES.arrayNode();
        };
    }

    private JsonNode nested(JsonNode value) {
        // Deeper than parsers allow by default, or just below that.
        int depth = random.nextBoolean() ? 100_000 : 900;
        return raw("[".repeat(depth) + (value.isPojo() ? "1" : value) + "]".repeat(depth));
    }

    private JsonNode many(JsonNode value) {
        ArrayNode array = NODES.arrayNode();
        int size = Math.min(value.isContainerNode() ? 300 : 5000, LARGEST_LIST / (1 + value.toString().length()));
        for (int i = 0; i < size; i++) {
            array.add(value.isContainerNode() ? value.deepCopy() : random.nextBoolean() ? value : NODES.textNode("t" + i));
        }
        return array;
    }

    private String longText() {
        return random.ints(LONG, 'a', 'z' + 1).collect(StringBuilder::new, StringBuilder::appendCodePoint,
                StringBuilder::append).append(number).toString();
    }

    private byte[] damaged(byte[] bytes) {
        byte[] damaged = bytes.clone();
        switch (random.nextInt(5)) {
            case 0 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            case 1 -> {
                for (int i = 0; i < 5; i++) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                }
                return damaged;
            }
            case 2 -> {
                return new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_16);
            }
            case 3 -> {
                ByteArrayOutputStream mark = new ByteArrayOutputStream();
                mark.writeBytes(bytes(0xEF, 0xBB, 0xBF));
                mark.writeBytes(bytes);
                return mark.toByteArray();
            }
            default -> {
                random.nextBytes(damaged);
                return damaged;
            }
        }
    }

    /** Bytes that are not UTF-8 stand where a mark was put. */
    private byte[] insertMarks(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 16);
        Iterator<String> parts = List.of(text.split(MARK, -1)).iterator();
        while (parts.hasNext()) {
            bytes.writeBytes(parts.next().getBytes(StandardCharsets.UTF_8));
            if (parts.hasNext()) {
                bytes.writeBytes(pick(NOT_UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private static JsonNode raw(String text) {
        return NODES.rawValueNode(new RawValue(text));
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
