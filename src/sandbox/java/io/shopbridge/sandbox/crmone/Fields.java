package io.shopbridge.sandbox.crmone;

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
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** CRM One's fields and their rules. */
final class Fields {

    enum Kind { TEXT, EMAIL, CHOICE, TEXTS, BOOLEAN, INSTANT, DECIMAL, COUNTRY, CURRENCY, CONTACT, COMPANY, LINES,
        REFUNDS, FULFILLMENTS, QUANTITY, ANY }

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
    private static final Map<String, Field> REFUND = new LinkedHashMap<>();
    private static final Map<String, Field> FULFILLMENT = new LinkedHashMap<>();

    static {
        REFUND.put("external_id", Field.text(80).needed());
        REFUND.put("amount", Field.of(Kind.DECIMAL).needed());
        REFUND.put("currency", Field.of(Kind.CURRENCY).needed());
        REFUND.put("refunded_at", Field.of(Kind.INSTANT));
        REFUND.put("note", Field.text(5_000));
        REFUND.put("quantity", Field.of(Kind.QUANTITY));
        FULFILLMENT.put("external_id", Field.text(80).needed());
        FULFILLMENT.put("status", Field.text(40));
        FULFILLMENT.put("shipped_at", Field.of(Kind.INSTANT));
        FULFILLMENT.put("carrier", Field.text(LONGEST_TEXT));
        FULFILLMENT.put("tracking_numbers", Field.of(Kind.TEXTS));
        FULFILLMENT.put("tracking_urls", Field.of(Kind.TEXTS));
        FULFILLMENT.put("shipment_status", Field.text(40));
        LINE.put("external_id", Field.text(80).needed());
        LINE.put("sku", Field.text(LONGEST_TEXT));
        LINE.put("name", Field.text(LONGEST_TEXT).needed());
        for (String text : List.of("variant", "product_id", "variant_id", "vendor")) {
            LINE.put(text, Field.text(LONGEST_TEXT));
        }
        LINE.put("quantity", Field.of(Kind.QUANTITY).needed());
        LINE.put("current_quantity", Field.of(Kind.QUANTITY));
        LINE.put("refunded_quantity", Field.of(Kind.QUANTITY));
        LINE.put("unit_price", Field.of(Kind.DECIMAL).needed());
        for (String amount : List.of("discount", "tax", "net")) {
            LINE.put(amount, Field.of(Kind.DECIMAL));
        }
        LINE.put("attributes", Field.of(Kind.TEXTS));
    }

    private final Map<String, Map<String, Field>> byObject = new ConcurrentHashMap<>();

    Fields() {
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
        contacts.put("state_code", Field.text(LONGEST_TEXT));
        contacts.put("job_title", Field.text(LONGEST_TEXT));
        for (String channel : List.of("email_", "sms_", "whats_app_")) {
            contacts.put(channel + "consent", Field.choice("subscribed", "pending", "unsubscribed", "none"));
            contacts.put(channel + "consent_at", Field.of(Kind.INSTANT));
            contacts.put(channel + "opt_in_level", Field.text(LONGEST_TEXT));
            contacts.put(channel + "consent_from", Field.text(LONGEST_TEXT));
        }
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
        contacts.put("email_verified", Field.of(Kind.BOOLEAN));
        contacts.put("customer_since", Field.of(Kind.INSTANT));
        contacts.put("company_id", Field.of(Kind.COMPANY));
        byObject.put("contacts", contacts);

        Map<String, Field> companies = new LinkedHashMap<>();
        companies.put("external_id", Field.text(80).needed());
        companies.put("name", Field.text(LONGEST_TEXT).needed());
        companies.put("reference", Field.text(LONGEST_TEXT));
        companies.put("phone", Field.text(40));
        companies.put("street", Field.text(LONGEST_TEXT));
        companies.put("city", Field.text(LONGEST_TEXT));
        companies.put("postal_code", Field.text(40));
        companies.put("country", Field.of(Kind.COUNTRY));
        companies.put("tax_id", Field.text(80));
        companies.put("location", Field.text(LONGEST_TEXT));
        companies.put("customer_since", Field.of(Kind.INSTANT));
        companies.put("note", Field.text(5_000));
        companies.put("account_manager", Field.text(LONGEST_TEXT).readOnlyToApi());
        byObject.put("companies", companies);

        Map<String, Field> carts = new LinkedHashMap<>();
        carts.put("external_id", Field.text(80).needed());
        carts.put("contact_id", Field.of(Kind.CONTACT).needed());
        carts.put("status", Field.choice("open", "completed", "closed", "deleted"));
        carts.put("url", Field.text(2_000));
        carts.put("currency", Field.of(Kind.CURRENCY).needed());
        for (String amount : List.of("total", "discount", "tax", "shipping")) {
            carts.put(amount, Field.of(Kind.DECIMAL));
        }
        for (String time : List.of("started_at", "changed_at", "completed_at")) {
            carts.put(time, Field.of(Kind.INSTANT));
        }
        attribution(carts);
        carts.put("attributes", Field.of(Kind.TEXTS));
        carts.put("lines", Field.of(Kind.LINES));
        byObject.put("carts", carts);

        Map<String, Field> deals = new LinkedHashMap<>();
        deals.put("external_id", Field.text(80).needed());
        deals.put("contact_id", Field.of(Kind.CONTACT));
        deals.put("company_id", Field.of(Kind.COMPANY));
        deals.put("title", Field.text(LONGEST_TEXT).needed());
        deals.put("stage", Field.choice("open", "won", "lost"));
        deals.put("amount", Field.of(Kind.DECIMAL));
        deals.put("currency", Field.of(Kind.CURRENCY).needed());
        deals.put("closed_at", Field.of(Kind.INSTANT));
        deals.put("admin_url", Field.text(2_000));
        deals.put("draft_status", Field.text(LONGEST_TEXT));
        deals.put("items", Field.of(Kind.TEXTS));
        deals.put("invoice_url", Field.text(2_000));
        deals.put("channel", Field.text(LONGEST_TEXT));
        deals.put("owner", Field.text(LONGEST_TEXT).readOnlyToApi());
        attribution(deals);
        byObject.put("deals", deals);

        Map<String, Field> activities = new LinkedHashMap<>();
        activities.put("external_id", Field.text(80).needed());
        activities.put("contact_id", Field.of(Kind.CONTACT).needed());
        activities.put("kind", Field.choice("order"));
        activities.put("title", Field.text(LONGEST_TEXT).needed());
        activities.put("body", Field.text(5_000));
        activities.put("happened_at", Field.of(Kind.INSTANT));
        byObject.put("activities", activities);

        Map<String, Field> orders = new LinkedHashMap<>();
        orders.put("external_id", Field.text(80).needed());
        orders.put("contact_id", Field.of(Kind.CONTACT));
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
        orders.put("company_id", Field.of(Kind.COMPANY));
        orders.put("buyer_currency", Field.of(Kind.CURRENCY));
        for (String amount : List.of("buyer_total", "discount", "shipping", "tax")) {
            orders.put(amount, Field.of(Kind.DECIMAL));
        }
        orders.put("discount_codes", Field.of(Kind.TEXTS));
        orders.put("cancel_reason", Field.text(40));
        orders.put("admin_url", Field.text(2_000));
        orders.put("status_url", Field.text(2_000));
        orders.put("payment_methods", Field.of(Kind.TEXTS));
        orders.put("shipping_methods", Field.of(Kind.TEXTS));
        orders.put("outstanding", Field.of(Kind.DECIMAL));
        orders.put("return_status", Field.text(40));
        orders.put("risk_level", Field.text(40));
        orders.put("note", Field.text(5_000));
        orders.put("attributes", Field.of(Kind.TEXTS));
        attribution(orders);
        orders.put("confirmation_number", Field.text(LONGEST_TEXT));
        orders.put("channel", Field.text(LONGEST_TEXT));
        orders.put("po_number", Field.text(LONGEST_TEXT));
        orders.put("first_visit_at", Field.of(Kind.INSTANT));
        orders.put("first_visit_source", Field.text(LONGEST_TEXT));
        orders.put("first_visit_page", Field.text(LONGEST_TEXT));
        for (String address : List.of("shipping_", "billing_")) {
            for (String text : List.of("name", "street", "city", "state_code")) {
                orders.put(address + text, Field.text(LONGEST_TEXT));
            }
            orders.put(address + "postal_code", Field.text(40));
            orders.put(address + "country", Field.of(Kind.COUNTRY));
        }
        orders.put("refunds", Field.of(Kind.REFUNDS));
        orders.put("fulfillments", Field.of(Kind.FULFILLMENTS));
        byObject.put("orders", orders);
    }

    private static void attribution(Map<String, Field> fields) {
        for (String name : List.of("source", "landing_page", "referrer", "utm_source", "utm_medium", "utm_campaign",
                "utm_term", "utm_content", "locale")) {
            fields.put(name, Field.text(LONGEST_TEXT));
        }
    }

    /** Adds a field that takes any text, number or yes and no; one that is there stays as it is. */
    void define(String object, String field) {
        byObject.computeIfPresent(object, (name, fields) -> {
            Map<String, Field> more = new LinkedHashMap<>(fields);
            more.putIfAbsent(field, Field.of(Kind.ANY));
            return more;
        });
    }

    /** An object whose fields are all texts. */
    void add(String object, List<String> texts) {
        Map<String, Field> fields = new LinkedHashMap<>();
        texts.forEach(text -> fields.put(text, Field.text(LONGEST_TEXT)));
        fields.put("external_id", Field.text(80).needed());
        byObject.put(object, fields);
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
            case ANY -> value.isValueNode() ? Optional.empty() : wrongType(name, "one value");
            case TEXTS -> texts(name, value);
            case LINES -> elements(name, "lines", LINE, value);
            case REFUNDS -> elements(name, "refunds", REFUND, value);
            case FULFILLMENTS -> elements(name, "fulfillments", FULFILLMENT, value);
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

    private static Optional<Problem> elements(String name, String what, Map<String, Field> known, JsonNode value) {
        if (!value.isArray()) {
            return wrongType(name, "a list of " + what);
        }
        Set<String> ids = new HashSet<>();
        int number = 0;
        for (JsonNode element : value) {
            String before = name + "[" + number++ + "].";
            if (!element.isObject()) {
                return wrongType(name, "a list of " + what);
            }
            var all = element.fields();
            while (all.hasNext()) {
                var one = all.next();
                Field field = known.get(one.getKey());
                if (field == null) {
                    return problem("unknown_field", before + one.getKey(), what + " have no field \"" + one.getKey()
                            + "\"");
                }
                Optional<Problem> problem = problem(before + one.getKey(), field, one.getValue());
                if (problem.isPresent()) {
                    return problem;
                }
            }
            Optional<Problem> lacks = lacks(known, element, before);
            if (lacks.isPresent()) {
                return lacks;
            }
            if (!ids.add(element.get("external_id").asText())) {
                return problem("duplicate", before + "external_id",
                        "two " + what + " of the order have this external_id");
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
