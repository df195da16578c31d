package io.shopbridge.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** CRM One's fields and their rules. */
final class CrmOneFields {

    enum Kind { TEXT, EMAIL, CHOICE, TEXTS, BOOLEAN, INSTANT, DECIMAL, COUNTRY, CURRENCY, CONTACT, LINES, QUANTITY }

    record Field(Kind kind, int longest, boolean required, boolean readOnly, List<String> choices) {

        static Field of(Kind kind) {
            return new Field(kind, 0, false, false, List.of());
        }

        static Field text(int longest) {
            return new Field(Kind.TEXT, longest, false, false, List.of());
        }

        static Field choice(String... choices) {
            return new Field(Kind.CHOICE, 0, false, false, List.of(choices));
        }

        Field needed() {
            return new Field(kind, longest, true, readOnly, choices);
        }

        Field readOnlyToApi() {
            return new Field(kind, longest, required, true, choices);
        }
    }

    /** Why a value is refused; code is part of the API. */
    record Problem(String code, String field, String message) {
    }

    private static final int LONGEST_TEXT = 255;
    private static final Pattern EMAIL = Pattern.compile("[^\\s@]+@[^\\s@]+\\.[^\\s@.]{2,}");
    private static final Pattern DECIMAL = Pattern.compile("-?\\d{1,15}(\\.\\d{1,6})?");

    private static final Map<String, Field> LINE = new LinkedHashMap<>();

    static {
        LINE.put("external_id", Field.text(80).needed());
        LINE.put("sku", Field.text(LONGEST_TEXT));
        LINE.put("name", Field.text(LONGEST_TEXT).needed());
        LINE.put("variant", Field.text(LONGEST_TEXT));
        LINE.put("quantity", Field.of(Kind.QUANTITY).needed());
        LINE.put("unit_price", Field.of(Kind.DECIMAL).needed());
        LINE.put("discount", Field.of(Kind.DECIMAL));
    }

    private final Map<String, Map<String, Field>> byObject = new LinkedHashMap<>();

    CrmOneFields() {
        Map<String, Field> contacts = new LinkedHashMap<>();
        contacts.put("external_id", Field.text(80));
        contacts.put("email", Field.of(Kind.EMAIL));
        contacts.put("phone", Field.text(40));
        contacts.put("first_name", Field.text(80));
        contacts.put("last_name", Field.text(80));
        contacts.put("street", Field.text(LONGEST_TEXT));
        contacts.put("city", Field.text(LONGEST_TEXT));
        contacts.put("postal_code", Field.text(40));
        contacts.put("country", Field.of(Kind.COUNTRY));
        contacts.put("email_consent", Field.choice("subscribed", "pending", "unsubscribed", "none"));
        contacts.put("sms_consent", Field.choice("subscribed", "pending", "unsubscribed", "none"));
        contacts.put("tags", Field.of(Kind.TEXTS));
        contacts.put("note", Field.text(5_000));
        contacts.put("account_manager", Field.text(LONGEST_TEXT).readOnlyToApi());
        contacts.put("tax_exempt", Field.of(Kind.BOOLEAN));
        contacts.put("orders_count", Field.of(Kind.QUANTITY));
        contacts.put("total_spent", Field.of(Kind.DECIMAL));
        contacts.put("average_order_value", Field.of(Kind.DECIMAL));
        contacts.put("spent_currency", Field.of(Kind.CURRENCY));
        contacts.put("first_order_at", Field.of(Kind.INSTANT));
        contacts.put("first_order_source", Field.text(LONGEST_TEXT));
        contacts.put("last_order_at", Field.of(Kind.INSTANT));
        byObject.put("contacts", contacts);

        Map<String, Field> orders = new LinkedHashMap<>();
        orders.put("external_id", Field.text(80).needed());
        orders.put("contact_id", Field.of(Kind.CONTACT).needed());
        orders.put("number", Field.text(LONGEST_TEXT).needed());
        orders.put("ordered_at", Field.of(Kind.INSTANT));
        orders.put("status", Field.choice("open", "cancelled", "closed", "deleted"));
        orders.put("payment_status", Field.text(40));
        orders.put("fulfillment_status", Field.text(40));
        orders.put("currency", Field.of(Kind.CURRENCY).needed());
        orders.put("total", Field.of(Kind.DECIMAL).needed());
        orders.put("current_total", Field.of(Kind.DECIMAL));
        orders.put("refunded", Field.of(Kind.DECIMAL));
        orders.put("net", Field.of(Kind.DECIMAL));
        orders.put("source", Field.text(LONGEST_TEXT));
        orders.put("tags", Field.of(Kind.TEXTS));
        orders.put("test", Field.of(Kind.BOOLEAN));
        orders.put("cancelled_at", Field.of(Kind.INSTANT));
        orders.put("lines", Field.of(Kind.LINES));
        byObject.put("orders", orders);
    }

    boolean knows(String object, String field) {
        return byObject.get(object).containsKey(field);
    }

    /** The first thing wrong with fields that a request gives; what they leave out is not judged here. */
    Optional<Problem> problem(String object, JsonNode given) {
        Map<String, Field> known = byObject.get(object);
        var all = given.fields();
        while (all.hasNext()) {
            var one = all.next();
            Field field = known.get(one.getKey());
            if (field == null) {
                return problem("unknown_field", one.getKey(), object + " have no field \"" + one.getKey() + "\"");
            }
            Optional<Problem> problem = problem(one.getKey(), field, one.getValue());
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    /** The first required field that a record as it would be stored lacks. */
    Optional<Problem> lacks(String object, ObjectNode values) {
        return lacks(byObject.get(object), values, "");
    }

    private static Optional<Problem> lacks(Map<String, Field> fields, JsonNode values, String before) {
        for (var one : fields.entrySet()) {
            JsonNode value = values.get(one.getKey());
            boolean absent = value == null || value.isNull() || value.isTextual() && value.asText().isEmpty();
            if (one.getValue().required() && absent) {
                return problem("required", before + one.getKey(), before + one.getKey() + " is required");
            }
        }
        return Optional.empty();
    }

    private static Optional<Problem> problem(String name, Field field, JsonNode value) {
        if (field.readOnly()) {
            return problem("read_only", name, name + " can only be changed by users of the CRM");
        }
        if (value.isNull()) {
            return field.required() ? problem("required", name, name + " is required and cannot be cleared")
                    : Optional.empty();
        }
        return switch (field.kind()) {
            case BOOLEAN -> value.isBoolean() ? Optional.empty() : wrongType(name, "true or false");
            case QUANTITY -> value.isIntegralNumber() && value.canConvertToInt() && value.asInt() >= 0
                    ? Optional.empty() : wrongType(name, "a whole number from 0");
            case TEXTS -> texts(name, value);
            case LINES -> lines(name, value);
            default -> value.isTextual() ? textual(name, field, value.asText()) : wrongType(name, "text");
        };
    }

    private static Optional<Problem> textual(String name, Field field, String text) {
        boolean good = switch (field.kind()) {
            case EMAIL -> EMAIL.matcher(text).matches();
            case DECIMAL -> DECIMAL.matcher(text).matches();
            case INSTANT -> isInstant(text);
            case COUNTRY -> text.matches("[A-Z]{2}");
            case CURRENCY -> text.matches("[A-Z]{3}");
            default -> true;
        };
        if (!good) {
            return wrongType(name, switch (field.kind()) {
                case EMAIL -> "an e-mail address";
                case DECIMAL -> "a decimal number as text, such as \"12.50\"";
                case INSTANT -> "a time with its offset, such as \"2026-11-01T10:00:00Z\"";
                case COUNTRY -> "two capital letters (ISO 3166-1)";
                default -> "three capital letters (ISO 4217)";
            });
        }
        if (field.kind() == Kind.CHOICE && !field.choices().contains(text)) {
            return problem("bad_choice", name, name + " must be one of " + field.choices());
        }
        if (field.longest() > 0 && text.length() > field.longest()) {
            return problem("too_long", name, name + " has " + text.length() + " characters; at most "
                    + field.longest() + " are allowed");
        }
        return Optional.empty();
    }

    private static Optional<Problem> texts(String name, JsonNode value) {
        if (!value.isArray()) {
            return wrongType(name, "a list of texts");
        }
        for (JsonNode one : value) {
            if (!one.isTextual()) {
                return wrongType(name, "a list of texts");
            }
            if (one.asText().length() > LONGEST_TEXT) {
                return problem("too_long", name, "an element of " + name + " is longer than " + LONGEST_TEXT);
            }
        }
        return Optional.empty();
    }

    private static Optional<Problem> lines(String name, JsonNode value) {
        if (!value.isArray()) {
            return wrongType(name, "a list of lines");
        }
        Set<String> ids = new HashSet<>();
        int number = 0;
        for (JsonNode line : value) {
            String before = name + "[" + number++ + "].";
            if (!line.isObject()) {
                return wrongType(name, "a list of lines");
            }
            var all = line.fields();
            while (all.hasNext()) {
                var one = all.next();
                Field field = LINE.get(one.getKey());
                if (field == null) {
                    return problem("unknown_field", before + one.getKey(), "lines have no field \"" + one.getKey()
                            + "\"");
                }
                Optional<Problem> problem = problem(before + one.getKey(), field, one.getValue());
                if (problem.isPresent()) {
                    return problem;
                }
            }
            Optional<Problem> lacks = lacks(LINE, line, before);
            if (lacks.isPresent()) {
                return lacks;
            }
            if (!ids.add(line.get("external_id").asText())) {
                return problem("duplicate", before + "external_id", "two lines of the order have this external_id");
            }
        }
        return Optional.empty();
    }

    private static boolean isInstant(String text) {
        try {
            OffsetDateTime.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static Optional<Problem> wrongType(String name, String right) {
        return problem("wrong_type", name, name + " must be " + right);
    }

    private static Optional<Problem> problem(String code, String field, String message) {
        return Optional.of(new Problem(code, field, message));
    }
}
