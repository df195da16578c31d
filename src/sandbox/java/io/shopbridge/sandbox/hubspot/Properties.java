package io.shopbridge.sandbox.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Json;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The properties of a HubSpot account, at first those of a fresh one, and HubSpot's judgement of values. */
final class Properties {

    enum Type { TEXT, EMAIL, NUMBER, INTEGER, BOOL, DATE, DATETIME, ENUM, READ_ONLY, CURRENCY, OWNER }

    record Property(Type type, List<String> choices, boolean unique) {

        Property(Type type, List<String> choices) {
            this(type, choices, false);
        }
    }

    static final List<String> STAGES = List.of("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead",
            "opportunity", "customer", "evangelist", "other");

    static final String DEAL_PIPELINE = "default";
    static final String ORDER_PIPELINE = "8001";
    /** Label by id, in their order. */
    static final Map<String, String> ORDER_STAGES = new TreeMap<>(Map.of("8011", "Open", "8012", "Processed", "8013",
            "Shipped", "8014", "Delivered", "8015", "Cancelled"));

    private static final int LONGEST_TEXT = 65_536;
    private static final Pattern EMAIL = Pattern.compile("[^\\s@,;<>()\"]+@[^\\s@,;<>()\"]+\\.[^\\s@,;<>()\".]{2,}");
    private static final Pattern DAY = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
    private static final Pattern EPOCH_MILLIS = Pattern.compile("-?\\d{1,15}");

    private final Map<String, Map<String, Property>> byObject = new ConcurrentHashMap<>();
    private volatile Set<String> owners = Set.of("17", "77", "50123");
    private volatile Set<String> currencies = Set.of("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY");

    Properties() {
        Map<String, Property> contacts = object("contacts");
        text(contacts, "firstname", "lastname", "phone", "address", "city", "state", "zip", "country", "company",
                "jobtitle");
        contacts.put("email", new Property(Type.EMAIL, List.of(), true));
        contacts.put("lifecyclestage", new Property(Type.ENUM, STAGES));
        readOnly(contacts, "createdate", "lastmodifieddate", "hs_object_id", "hs_additional_emails",
                "hs_merged_object_ids");

        Map<String, Property> orders = object("orders");
        text(orders, "hs_order_name", "hs_external_order_id", "hs_currency_code", "hs_source_store",
                "hs_fulfillment_status", "hs_external_order_status", "hs_payment_status", "hs_cancellation_reason",
                "hs_discount_codes", "hs_shipping_tracking_number", "hs_shipping_status_url", "hs_landing_site",
                "hs_tags", "hs_external_checkout_id", "hs_external_order_url");
        for (String address : List.of("hs_shipping_address_", "hs_billing_address_")) {
            List.of("name", "street", "city", "state", "country", "postal_code", "phone")
                    .forEach(part -> text(orders, address + part));
        }
        all(orders, Type.NUMBER, "hs_total_price", "hs_subtotal_price", "hs_order_discount", "hs_tax",
                "hs_shipping_cost", "hs_refund_amount");
        all(orders, Type.DATETIME, "hs_external_created_date", "hs_processed_date", "hs_external_canceled_date",
                "hs_external_modified_date");
        all(orders, Type.BOOL, "hs_buyer_accepts_marketing");
        orders.put("hs_pipeline", new Property(Type.ENUM, List.of(ORDER_PIPELINE)));
        orders.put("hs_pipeline_stage", new Property(Type.ENUM, List.copyOf(ORDER_STAGES.keySet())));
        readOnly(orders, "hs_createdate", "hs_lastmodifieddate", "hs_object_id", "hs_closed_date", "hs_is_closed",
                "hs_is_canceled");

        Map<String, Property> companies = object("companies");
        text(companies, "name", "domain", "phone", "address", "address2", "city", "state", "zip", "country");
        companies.put("lifecyclestage", new Property(Type.ENUM, STAGES));
        readOnly(companies, "createdate", "hs_lastmodifieddate", "hs_object_id", "hs_merged_object_ids");

        Map<String, Property> carts = object("carts");
        text(carts, "hs_cart_name", "hs_external_cart_id", "hs_cart_url", "hs_currency_code", "hs_source_store");
        carts.put("hs_external_status", new Property(Type.ENUM, List.of("open", "completed", "closed", "deleted")));
        all(carts, Type.NUMBER, "hs_total_price", "hs_cart_discount", "hs_tax", "hs_shipping_cost");
        readOnly(carts, "hs_createdate", "hs_lastmodifieddate", "hs_object_id");

        Map<String, Property> deals = object("deals");
        text(deals, "dealname", "description");
        deals.put("pipeline", new Property(Type.ENUM, List.of(DEAL_PIPELINE)));
        all(deals, Type.CURRENCY, "deal_currency_code");
        deals.put("dealstage", new Property(Type.ENUM, List.of("appointmentscheduled", "qualifiedtobuy",
                "presentationscheduled", "decisionmakerboughtin", "contractsent", "closedwon", "closedlost")));
        all(deals, Type.NUMBER, "amount");
        all(deals, Type.DATETIME, "closedate");
        readOnly(deals, "createdate", "hs_lastmodifieddate", "hs_object_id", "hs_merged_object_ids");

        Map<String, Property> notes = object("notes");
        text(notes, "hs_note_body");
        all(notes, Type.DATETIME, "hs_timestamp");
        readOnly(notes, "hs_createdate", "hs_lastmodifieddate", "hs_object_id");

        Map<String, Property> lineItems = object("line_items");
        text(lineItems, "name", "hs_sku");
        all(lineItems, Type.CURRENCY, "hs_line_item_currency_code");
        all(lineItems, Type.NUMBER, "quantity", "price", "discount", "tax", "amount");
        readOnly(lineItems, "hs_createdate", "hs_lastmodifieddate", "hs_object_id");

        Map<String, Property> tasks = object("tasks");
        text(tasks, "hs_task_subject", "hs_task_body");
        tasks.put("hs_task_status", new Property(Type.ENUM, List.of("NOT_STARTED", "IN_PROGRESS", "WAITING", "DEFERRED",
                "COMPLETED")));
        tasks.put("hs_task_priority", new Property(Type.ENUM, List.of("NONE", "LOW", "MEDIUM", "HIGH")));
        tasks.put("hs_task_type", new Property(Type.ENUM, List.of("TODO", "CALL", "EMAIL")));
        all(tasks, Type.DATETIME, "hs_timestamp");
        readOnly(tasks, "hs_createdate", "hs_lastmodifieddate", "hs_object_id");
        List.of(contacts, companies, deals, notes, tasks).forEach(object -> all(object, Type.OWNER, "hubspot_owner_id"));
    }

    /** The ids of the account's users who may own records. */
    void owners(Set<String> ids) {
        owners = Set.copyOf(ids);
    }

    /** The currencies of the account, its own among them. */
    void currencies(Set<String> codes) {
        currencies = Set.copyOf(codes);
    }

    /** Adds one, or replaces the one of this name. */
    void define(String object, String name, Type type, List<String> choices, boolean unique) {
        byObject.get(object).put(name, new Property(type, choices, unique));
    }

    Property get(String object, String name) {
        return byObject.get(object).get(name);
    }

    /** In the order of their names. */
    Map<String, Property> all(String object) {
        return new TreeMap<>(byObject.get(object));
    }

    boolean unique(String object, String name) {
        Property property = byObject.get(object).get(name);
        return property != null && property.unique();
    }

    boolean defines(String object, String name) {
        return byObject.get(object).containsKey(name);
    }

    Type type(String object, String name) {
        return byObject.get(object).get(name).type();
    }

    /**
     * Brings values into the form in which HubSpot keeps them: e-mails in lower case, times as ISO 8601 in UTC, and an
     * explicit null where the property is to be cleared.
     *
     * @param problems one element per refused value is added here, in HubSpot's own shape
     */
    ObjectNode normalise(String object, JsonNode given, ArrayNode problems) {
        ObjectNode kept = Json.object();
        Map<String, Property> known = byObject.get(object);
        for (Iterator<Map.Entry<String, JsonNode>> all = given.fields(); all.hasNext(); ) {
            Map.Entry<String, JsonNode> one = all.next();
            String name = one.getKey();
            Property property = known.get(name);
            if (property == null) {
                problem(problems, name, "PROPERTY_DOESNT_EXIST", "Property \"" + name + "\" does not exist");
            } else if (property.type() == Type.READ_ONLY) {
                problem(problems, name, "READ_ONLY_VALUE", "\"" + name + "\" is a read only property; its value "
                        + "cannot be set");
            } else if (one.getValue().isNull() || one.getValue().asText().isEmpty()) {
                kept.putNull(name);
            } else {
                String value = property.type() == Type.CURRENCY
                        ? currency(object, name, one.getValue().asText(), problems)
                        : normalise(name, property, one.getValue().asText(), problems);
                if (value != null) {
                    kept.put(name, value);
                }
            }
        }
        return kept;
    }

    // https://developers.hubspot.com/changelog/deal-currenct-code-validation; of line items HubSpot names no property:
    // https://developers.hubspot.com/changelog/bugfix-currency-validation-for-line-items-api
    private String currency(String object, String name, String code, ArrayNode problems) {
        if (currencies.contains(code)) {
            return code;
        }
        if (object.equals("line_items")) {
            throw Errors.invalid("Provided line item currency " + code + " is not supported by portal");
        }
        return problem(problems, name, "INVALID_OPTION", "\"" + code
                + "\" is not a part of the current effective currency codes for portal 501");
    }

    private String normalise(String name, Property property, String value, ArrayNode problems) {
        switch (property.type()) {
            case EMAIL -> {
                if (EMAIL.matcher(value).matches()) {
                    return value.toLowerCase(Locale.ROOT);
                }
                return problem(problems, name, "INVALID_EMAIL", "Email address " + value + " is invalid");
            }
            case NUMBER -> {
                return isNumber(value) ? value
                        : problem(problems, name, "INVALID_DECIMAL", value + " was not a valid number.");
            }
            case INTEGER -> {
                return value.matches("-?\\d{1,18}") ? value
                        : problem(problems, name, "INVALID_INTEGER", value + " was not a valid integer.");
            }
            case BOOL -> {
                return value.equals("true") || value.equals("false") ? value
                        : problem(problems, name, "INVALID_OPTION", value + " was not one of the allowed options: "
                                + "[true, false]");
            }
            case ENUM -> {
                return property.choices().contains(value) ? value
                        : problem(problems, name, "INVALID_OPTION", value + " was not one of the allowed options: "
                                + property.choices());
            }
            // Ids of the Owners API alone: https://developers.hubspot.com/docs/guides/api/crm/owners
            case OWNER -> {
                return owners.contains(value) ? value
                        : problem(problems, name, "INVALID_OWNER_ID", "Owner " + value + " does not exist");
            }
            // https://developers.hubspot.com/docs/faq/how-should-timestamps-be-formatted-for-hubspots-apis
            case DATE -> {
                Instant time = DAY.matcher(value).matches() ? time(value + "T00:00:00Z") : time(value);
                if (time == null) {
                    return problem(problems, name, "INVALID_DATE", value + " was not a valid date.");
                }
                String text = time.toString();
                return text.endsWith("T00:00:00Z") ? text.substring(0, text.indexOf('T'))
                        : problem(problems, name, "INVALID_DATE", value + " is at " + text + ", not midnight!");
            }
            case DATETIME -> {
                Instant time = time(value);
                return time != null ? time.toString()
                        : problem(problems, name, "INVALID_DATE", value + " was not a valid date.");
            }
            default -> {
                return value.length() <= LONGEST_TEXT ? value
                        : problem(problems, name, "VALUE_TOO_LONG", "Property values may be up to " + LONGEST_TEXT
                                + " characters long; this one has " + value.length());
            }
        }
    }

    static boolean isNumber(String value) {
        try {
            new BigDecimal(value);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** ISO 8601 with an offset, or milliseconds since the epoch; null if it is neither. */
    static Instant time(String value) {
        try {
            return EPOCH_MILLIS.matcher(value).matches() ? Instant.ofEpochMilli(Long.parseLong(value))
                    : OffsetDateTime.parse(value).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static String problem(ArrayNode problems, String name, String error, String message) {
        problems.addObject().put("isValid", false).put("message", message).put("error", error).put("name", name)
                .put("localizedErrorMessage", message);
        return null;
    }

    private Map<String, Property> object(String name) {
        return byObject.computeIfAbsent(name, key -> new ConcurrentHashMap<>());
    }

    private static void text(Map<String, Property> object, String... names) {
        all(object, Type.TEXT, names);
    }

    private static void readOnly(Map<String, Property> object, String... names) {
        all(object, Type.READ_ONLY, names);
    }

    private static void all(Map<String, Property> object, Type type, String... names) {
        for (String name : names) {
            object.put(name, new Property(type, List.of()));
        }
    }
}
