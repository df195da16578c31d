package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Refused;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One field of an sObject, written as {@code Name kind [length | digits.decimals | values | targets] [trait …]}, for
 * example {@code LastName string 80 required}, {@code Key__c string 100 external-id unique} or
 * {@code Consent__c picklist subscribed,unsubscribed}. Traits: required, read-only, create-only, external-id, unique,
 * open (a picklist that takes other values too).
 */
record Field(String name, Kind kind, int length, int decimals, List<String> values, Set<String> traits) {

    enum Kind {
        ID, REFERENCE, STRING, TEXTAREA, EMAIL, PHONE, URL, PICKLIST, BOOLEAN, DOUBLE, CURRENCY, INT, DATE, DATETIME;

        boolean isNumber() {
            return this == DOUBLE || this == CURRENCY || this == INT;
        }

        boolean isText() {
            return !isNumber() && this != BOOLEAN && this != DATE && this != DATETIME;
        }
    }

    private static final Set<String> TRAITS =
            Set.of("required", "read-only", "create-only", "external-id", "unique", "open");
    private static final Pattern EMAIL = Pattern.compile("[^\\s@,;<>()]+@[^\\s@,;<>()]+\\.[^\\s@.,;<>()]+");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'+0000'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SHORT_OFFSET = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss[.SSS]Z");

    static Field parse(String text) {
        String[] words = text.trim().split("\\s+");
        if (words.length < 2) {
            throw wrong(text);
        }
        Kind kind;
        try {
            kind = Kind.valueOf(words[1].toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw wrong(text);
        }
        int next = 2;
        int length = 0;
        int decimals = kind == Kind.INT ? 0 : 2;
        List<String> values = List.of();
        if (next < words.length && !TRAITS.contains(words[next])) {
            String argument = words[next++];
            if (argument.matches("\\d+(\\.\\d+)?")) {
                String[] parts = argument.split("\\.");
                length = Integer.parseInt(parts[0]);
                decimals = parts.length > 1 ? Integer.parseInt(parts[1]) : decimals;
            } else {
                values = kind == Kind.REFERENCE ? List.of(argument.split(","))
                        : Arrays.stream(argument.split(",")).map(one -> one.replace('_', ' ')).toList();
            }
        }
        Set<String> traits = new HashSet<>(Arrays.asList(words).subList(next, words.length));
        if (!TRAITS.containsAll(traits)) {
            throw wrong(text);
        }
        return new Field(words[0], kind, length == 0 ? defaultLength(kind) : length, decimals, values,
                traits);
    }

    private static int defaultLength(Kind kind) {
        return switch (kind) {
            case EMAIL -> 80;
            case PHONE -> 40;
            case DOUBLE, CURRENCY -> 18;
            case INT -> 9;
            case ID, REFERENCE -> 18;
            default -> 255;
        };
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("\"" + text + "\" is not a field of the simulated Salesforce; write "
                + "Name kind [length, values or targets] [traits], with a kind of " + Arrays.toString(Kind.values())
                + " and traits of " + TRAITS);
    }

    boolean is(String trait) {
        return traits.contains(trait);
    }

    boolean isCustom() {
        return name.endsWith("__c") || name.endsWith("__pc");
    }

    /** As the user interface and many messages call it: {@code LastName} is {@code Last Name}. */
    String label() {
        String base = name.replaceAll("__p?c$", "").replace('_', ' ').replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ");
        return kind == Kind.REFERENCE && base.endsWith(" Id") ? base.substring(0, base.length() - 2) + "ID" : base;
    }

    /** The name that leads to the record a reference field refers to. */
    String relationship() {
        if (kind != Kind.REFERENCE) {
            return null;
        }
        return name.endsWith("__c") ? name.substring(0, name.length() - 1) + "r"
                : name.endsWith("Id") ? name.substring(0, name.length() - 2) : name;
    }

    static String time(long epochMillis) {
        return TIME.format(Instant.ofEpochMilli(epochMillis));
    }

    /** @throws DateTimeException if it is not a date with time and offset */
    static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return OffsetDateTime.parse(text, SHORT_OFFSET).toInstant();
        }
    }

    /**
     * The value as it would be stored; references are not followed here.
     *
     * @throws RowRefused if the value breaks the field's rules
     * @throws Refused if it is not of the field's JSON type, which fails the whole request
     */
    JsonNode normalise(JsonNode given) {
        if (given.isNull() || given.isTextual() && given.asText().isBlank()) {
            return NullNode.getInstance();
        }
        if (given.isContainerNode()) {
            throw Errors.wrongType(jsonType(), given.isArray() ? "START_ARRAY" : "START_OBJECT");
        }
        return switch (kind) {
            case BOOLEAN -> bool(given);
            case INT, DOUBLE, CURRENCY -> number(given);
            case DATE -> date(text(given));
            case DATETIME -> dateTime(text(given));
            case PICKLIST -> choice(text(given));
            case EMAIL -> email(text(given));
            case ID, REFERENCE -> id(text(given));
            default -> longEnough(text(given));
        };
    }

    private static String text(JsonNode given) {
        if (given.isTextual()) {
            return given.asText().strip();
        }
        String token = given.isBoolean() ? "VALUE_" + given.asText().toUpperCase(Locale.ROOT)
                : given.isIntegralNumber() ? "VALUE_NUMBER_INT value " + given.asText()
                : "VALUE_NUMBER_FLOAT value " + given.asText();
        throw Errors.wrongType("string", token);
    }

    private static JsonNode bool(JsonNode given) {
        if (given.isBoolean()) {
            return given;
        }
        if (given.isTextual() && Set.of("true", "false").contains(given.asText().toLowerCase(Locale.ROOT))) {
            return BooleanNode.valueOf(Boolean.parseBoolean(given.asText()));
        }
        throw Errors.wrongType("boolean", "VALUE_STRING value " + given.asText());
    }

    private JsonNode number(JsonNode given) {
        BigDecimal value;
        try {
            if (given.isBoolean()) {
                throw new NumberFormatException();
            }
            value = new BigDecimal(given.asText().strip());
        } catch (NumberFormatException e) {
            throw Errors.wrongType(jsonType(), (given.isBoolean() ? "VALUE_TRUE" : "VALUE_STRING value ")
                    + given.asText());
        }
        if (kind == Kind.INT && value.stripTrailingZeros().scale() > 0) {
            throw Errors.wrongType("int", "VALUE_NUMBER_FLOAT value " + given.asText());
        }
        BigDecimal stored = value.setScale(decimals, RoundingMode.HALF_UP);
        if (stored.precision() - stored.scale() > length - decimals) {
            throw new RowRefused("NUMBER_OUTSIDE_VALID_RANGE", label()
                    + ": value outside of valid range on numeric field: " + value, name);
        }
        return kind == Kind.INT ? IntNode.valueOf(stored.intValue()) : DecimalNode.valueOf(stored);
    }

    private JsonNode date(String text) {
        try {
            return TextNode.valueOf(LocalDate.parse(text).toString());
        } catch (DateTimeException e) {
            throw Errors.wrongType("date", "VALUE_STRING value " + text);
        }
    }

    private JsonNode dateTime(String text) {
        try {
            return TextNode.valueOf(TIME.format(instant(text)));
        } catch (DateTimeException e) {
            throw Errors.wrongType("datetime", "VALUE_STRING value " + text);
        }
    }

    private JsonNode choice(String text) {
        for (String value : values) {
            if (value.equalsIgnoreCase(text)) {
                return TextNode.valueOf(value);
            }
        }
        if (!is("open")) {
            throw new RowRefused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", label()
                    + ": bad value for restricted picklist field: " + text, name);
        }
        return longEnough(text);
    }

    // Salesforce keeps addresses in lower case, however they were written.
    private JsonNode email(String text) {
        longEnough(text);
        if (!EMAIL.matcher(text).matches()) {
            throw new RowRefused("INVALID_EMAIL_ADDRESS", label() + ": invalid email address: " + text,
                    name);
        }
        return TextNode.valueOf(text.toLowerCase(Locale.ROOT));
    }

    private JsonNode id(String text) {
        if (!text.matches("[0-9A-Za-z]{15}|[0-9A-Za-z]{18}")) {
            throw new RowRefused("MALFORMED_ID", label() + ": id value of incorrect type: " + text, name);
        }
        return TextNode.valueOf(Ids.whole(text));
    }

    private JsonNode longEnough(String text) {
        if (text.length() > length) {
            throw new RowRefused("STRING_TOO_LONG", label() + ": data value too large: " + text
                    + " (max length=" + length + ")", name);
        }
        return TextNode.valueOf(text);
    }

    private String jsonType() {
        return switch (kind) {
            case INT -> "int";
            case DOUBLE, CURRENCY -> "double";
            case BOOLEAN, DATE, DATETIME -> kind.name().toLowerCase(Locale.ROOT);
            default -> "string";
        };
    }

    ObjectNode describe() {
        boolean writable = !is("read-only") && kind != Kind.ID;
        ObjectNode field = Json.object().put("name", name).put("label", label())
                .put("type", kind.name().toLowerCase(Locale.ROOT)).put("soapType", soapType())
                .put("length", kind.isText() ? length : 0).put("precision", kind.isNumber() && kind != Kind.INT
                        ? length : 0).put("scale", kind.isNumber() ? decimals : 0)
                .put("digits", kind == Kind.INT ? length : 0)
                .put("nillable", !is("required") && kind != Kind.BOOLEAN && kind != Kind.ID)
                .put("createable", writable).put("updateable", writable && !is("create-only"))
                .put("defaultedOnCreate", kind == Kind.BOOLEAN || Schema.DEFAULTS.keySet().stream()
                        .anyMatch(one -> one.endsWith("." + name)))
                .put("custom", isCustom()).put("externalId", is("external-id")).put("unique", is("unique"))
                .put("idLookup", kind == Kind.ID || is("external-id") || name.equals("Email"))
                .put("caseSensitive", false).put("restrictedPicklist", kind == Kind.PICKLIST && !is("open"))
                .put("nameField", name.equals("Name")).put("filterable", !isLong()).put("sortable", !isLong())
                .put("relationshipName", relationship());
        List<String> choices = kind == Kind.PICKLIST ? values : List.of();
        choices.forEach(value -> field.withArray("picklistValues").addObject().put("active", true)
                .put("defaultValue", false).put("label", value).putNull("validFor").put("value", value));
        field.withArray("picklistValues");
        List<String> targets = kind == Kind.REFERENCE ? values : List.of();
        targets.forEach(field.withArray("referenceTo")::add);
        field.withArray("referenceTo");
        return field;
    }

    /** Long text can be neither filtered nor sorted by. */
    boolean isLong() {
        return kind == Kind.TEXTAREA && length > 255;
    }

    private String soapType() {
        return switch (kind) {
            case ID, REFERENCE -> "tns:ID";
            case BOOLEAN, INT, DOUBLE, DATE -> "xsd:" + jsonType();
            case CURRENCY -> "xsd:double";
            case DATETIME -> "xsd:dateTime";
            default -> "xsd:string";
        };
    }
}
