package io.shopbridge.sandbox.pipedrive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Refused;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;

/** What a body may hold, property by property: types are strict, and what is not described is refused. */
final class Fields {

    /** Types of custom fields by whose values search finds records. */
    static final Set<String> SEARCHABLE =
            Set.of("address", "varchar", "text", "varchar_auto", "double", "monetary", "phone");
    static final Set<String> TYPES = Set.of("varchar", "text", "double", "phone", "date", "daterange", "time",
            "timerange", "set", "enum", "varchar_auto", "address", "monetary", "org", "people", "user");

    /** Pipedrive knows those of ISO 4217: https://developers.pipedrive.com/docs/api/v1/Currencies */
    private static final Set<String> CURRENCIES = Currency.getAvailableCurrencies().stream()
            .map(Currency::getCurrencyCode).filter(code -> !code.startsWith("X") || Set.of("XAF", "XCD", "XOF", "XPF")
            .contains(code)).collect(Collectors.toSet());
    private static final Set<String> NAMES = Set.of("name", "title", "subject", "code", "unit");
    private static final int LONGEST_NAME = 255;
    private static final Pattern WHOLE_SECONDS = Pattern.compile(
            "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(Z|[+-]\\d{2}:\\d{2})");
    private static final Set<String> ADDRESS = Set.of("value", "country", "admin_area_level_1", "admin_area_level_2",
            "locality", "sublocality", "route", "street_number", "subpremise", "postal_code");

    /**
     * What null empties, as the description of API v2 says, and org_id, of which it says nothing; custom fields too.
     *
     * @see <a href="https://developers.pipedrive.com/docs/api/v1">API reference</a>
     */
    private static final Set<String> NULLABLE = Set.of("org_id", "probability", "lost_reason", "close_time",
            "product_variation_id", "billing_frequency_cycles", "billing_start_date");

    private static final String BODIES = """
            persons
              name string required
              owner_id integer
              org_id integer
              add_time datetime new
              emails values
              phones values
              visible_to integer
              label_ids integers
              postal_address address sync
              notes string sync
              im values sync
              birthday date sync
              job_title string sync
              marketing_status one:no_consent,unsubscribed,subscribed,archived
              custom_fields custom
            organizations
              name string required
              owner_id integer
              add_time datetime new
              visible_to integer
              label_ids integers
              address address
              website string
              linkedin string
              industry integer
              annual_revenue integer
              employee_count integer
              custom_fields custom
            deals
              title string required
              owner_id integer
              person_id integer
              org_id integer
              pipeline_id integer
              stage_id integer
              value number
              currency currency
              is_deleted boolean
              is_archived boolean
              archive_time datetime
              status one:open,won,lost
              probability number
              lost_reason string
              visible_to integer
              close_time datetime
              won_time datetime
              lost_time datetime
              expected_close_date date
              label_ids integers
              custom_fields custom
            products
              name string required
              code string
              description string
              unit string
              tax number
              category number
              owner_id integer
              is_linkable boolean
              visible_to one:1,3,5,7
              prices prices
              billing_frequency one:one-time,annually,semi-annually,quarterly,monthly,weekly
              billing_frequency_cycles integer
              custom_fields custom
            activities
              subject string
              type one:call,meeting,task,deadline,email,lunch
              owner_id integer
              deal_id integer
              lead_id string
              person_id integer
              org_id integer
              project_id integer
              due_date date
              due_time string
              duration string
              busy boolean
              done boolean
              location address
              participants participants
              attendees any
              public_description string
              priority integer
              note string
            deal_products
              product_id integer required
              item_price number required
              quantity number required
              tax number
              comments string
              discount number
              is_enabled boolean
              tax_method one:exclusive,inclusive,none
              discount_type one:percentage,amount
              product_variation_id integer
              billing_frequency one:one-time,annually,semi-annually,quarterly,monthly,weekly
              billing_frequency_cycles integer
              billing_start_date date
            deal_discounts
              description string required
              amount number required
              type one:percentage,amount required
            notes
              content string required
              person_id integer
              org_id integer
              deal_id integer
              user_id integer
              add_time string
              pinned_to_person_flag any
              pinned_to_organization_flag any
              pinned_to_deal_flag any
            webhooks
              subscription_url string required
              event_action one:create,change,delete,* required
              event_object one:activity,deal,deal_product,note,organization,person,product,* required
              name string required
              version string
              user_id integer
              http_auth_user string
              http_auth_password string
            """;

    // "new" may be given on creation only; "sync" exists only where contact sync is on
    private record Property(String type, boolean required, boolean onlyNew) {
    }

    private final Map<String, Map<String, Property>> bodies = new LinkedHashMap<>();

    Fields(boolean contactSync) {
        String object = null;
        for (String line : BODIES.lines().toList()) {
            String[] words = line.trim().split(" ");
            String trait = words.length > 2 ? words[2] : "";
            if (trait.equals("sync") && !contactSync) {
                continue;
            }
            if (line.startsWith(" ")) {
                bodies.get(object).put(words[0], new Property(words[1], trait.equals("required"), trait.equals("new")));
            } else {
                object = words[0];
                bodies.put(object, new LinkedHashMap<>());
            }
        }
    }

    /** The key of a custom field: 40 hexadecimal digits, the same for the same name in every run. */
    static String code(String object, String name, int number) {
        return DigestUtils.sha1Hex(object + ":" + name + ":" + number);
    }

    /** The properties every record of this object has, with their field types. */
    Map<String, String> standard(String object) {
        Map<String, String> fields = new LinkedHashMap<>();
        bodies.get(object).forEach((name, property) -> fields.put(name, switch (property.type()) {
            // A deal's amount, beside which its currency stands; it is written as a number all the same.
            case "number" -> name.equals("value") ? "monetary" : "double";
            case "integer" -> "int";
            case "values" -> name.equals("phones") ? "phone" : "varchar";
            case "integers" -> "set";
            case "address", "date" -> property.type();
            default -> property.type().startsWith("one:") ? "enum" : "varchar";
        }));
        fields.remove("custom_fields");
        return fields;
    }

    /**
     * @param custom definitions of the object's custom fields by code
     * @param create whether required properties must be there
     * @throws Refused with what is wrong first
     */
    void check(String object, JsonNode body, Map<String, ObjectNode> custom, boolean create) {
        Map<String, Property> known = bodies.get(object);
        if (!body.isObject()) {
            throw Errors.invalid("the body must be an object");
        }
        body.fields().forEachRemaining(one -> {
            Property property = known.get(one.getKey());
            if (property == null || property.onlyNew() && !create) {
                throw Errors.invalid("property " + one.getKey() + " should not exist");
            }
            if (one.getValue().isNull()) {
                if (!isV1(object) && !NULLABLE.contains(one.getKey())) {
                    throw Errors.invalid(one.getKey() + ": must not be null");
                }
            } else if (property.type().equals("custom")) {
                custom(one.getValue(), custom);
            } else {
                check(one.getKey(), property.type(), one.getValue());
            }
        });
        known.forEach((name, property) -> {
            boolean blank = body.path(name).isMissingNode() ? create
                    : body.get(name).isTextual() && body.get(name).asText().isBlank();
            if (property.required() && blank) {
                throw Errors.invalid(name + ": is required");
            }
        });
    }

    private static boolean isV1(String object) {
        return object.equals("notes") || object.equals("webhooks");
    }

    private static void check(String name, String type, JsonNode value) {
        boolean good = switch (type) {
            case "string" -> value.isTextual() && isShort(name, value.asText());
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            case "date" -> value.isTextual() && isDate(value.asText());
            case "datetime" -> value.isTextual() && isTime(value.asText());
            case "currency" -> CURRENCIES.contains(value.asText());
            case "integers" -> value.isArray() && all(value, JsonNode::isIntegralNumber);
            case "values" -> value.isArray() && all(value, Fields::isValue);
            case "address" -> value.isObject() && isAddress(value);
            case "prices" -> value.isArray() && all(value, one -> one.path("price").isNumber()
                    && CURRENCIES.contains(one.path("currency").asText()));
            case "participants" -> value.isArray() && all(value, one -> one.path("person_id").isIntegralNumber());
            case "any" -> true;
            default -> Arrays.asList(type.substring(4).split(",")).contains(value.asText())
                    && value.isTextual() != type.matches("one:\\d.*");
        };
        if (!good) {
            throw Errors.invalid(name + ": must be " + switch (type) {
                case "values" -> "a list of {value, primary, label}";
                case "address" -> "an address object such as {value, country, postal_code}";
                case "datetime" -> "not a valid datetime; RFC 3339 in whole seconds";
                default -> type.startsWith("one:") ? "one of " + type.substring(4) : "of type " + type;
            });
        }
    }

    // https://integrately.com/integrations/pipedrive/error has the words of the title.
    private static boolean isShort(String name, String text) {
        if (NAMES.contains(name) && text.length() > LONGEST_NAME) {
            throw Errors.invalid("\"" + name + "\" length must be less than or equal to " + LONGEST_NAME
                    + " characters long");
        }
        return true;
    }

    private interface Test {
        boolean of(JsonNode node);
    }

    private static boolean all(JsonNode list, Test test) {
        for (JsonNode one : list) {
            if (!test.of(one)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isValue(JsonNode one) {
        if (!one.isObject() || !one.path("value").isTextual()) {
            return false;
        }
        boolean typed = (!one.has("primary") || one.get("primary").isBoolean())
                && (!one.has("label") || one.get("label").isTextual());
        boolean[] known = {typed};
        one.fieldNames().forEachRemaining(name -> known[0] &= Set.of("value", "primary", "label").contains(name));
        return known[0];
    }

    private static boolean isAddress(JsonNode value) {
        boolean[] good = {true};
        value.fields().forEachRemaining(one -> good[0] &= ADDRESS.contains(one.getKey())
                && (one.getValue().isTextual() || one.getValue().isNull()));
        return good[0];
    }

    private static boolean isDate(String text) {
        try {
            LocalDate.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /** Fractions of a second are refused, as the real service refuses them. */
    static boolean isTime(String text) {
        try {
            OffsetDateTime.parse(text);
            return WHOLE_SECONDS.matcher(text).matches();
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isClock(String text) {
        try {
            LocalTime.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /**
     * The words of the real service name the field in quotes, at the end: Pipedrive refuses "Unknown key 'title'", and
     * "Expected 'number' as value for organization custom field …", as public clients of API v2 quote it.
     */
    private static void custom(JsonNode values, Map<String, ObjectNode> definitions) {
        if (!values.isObject()) {
            throw Errors.invalid("custom_fields: must be of type object");
        }
        values.fields().forEachRemaining(one -> {
            ObjectNode definition = definitions.get(one.getKey());
            if (definition == null) {
                throw Errors.invalid("custom_fields: Unknown key '" + one.getKey() + "'");
            }
            if (!one.getValue().isNull() && !isCustom(definition, one.getValue())) {
                throw Errors.invalid("custom_fields: Expected '" + expected(definition) + "' as value for "
                        + definition.path("object").asText().replaceAll("s$", "") + " custom field '" + one.getKey() + "'");
            }
        });
    }

    private static String expected(ObjectNode definition) {
        return switch (definition.get("field_type").asText()) {
            case "varchar", "varchar_auto", "phone", "text", "date" -> "string";
            case "double", "enum", "org", "people", "user" -> "number";
            case "set" -> "array";
            default -> "object";
        };
    }

    private static boolean isCustom(ObjectNode definition, JsonNode value) {
        return switch (definition.get("field_type").asText()) {
            case "varchar", "varchar_auto", "phone" -> value.isTextual() && value.asText().length() <= 255;
            case "text" -> value.isTextual() && value.asText().length() <= 65_535;
            case "double" -> value.isNumber();
            case "date" -> value.isTextual() && isDate(value.asText());
            case "time" -> value.path("value").isTextual() && isClock(value.get("value").asText());
            case "daterange" -> isDate(value.path("value").asText()) && isDate(value.path("until").asText());
            case "timerange" -> isClock(value.path("value").asText()) && isClock(value.path("until").asText());
            case "monetary" -> value.path("value").isNumber() && CURRENCIES.contains(value.path("currency").asText());
            case "address" -> value.isObject() && isAddress(value);
            case "enum" -> isOption(definition, value);
            case "set" -> value.isArray() && !value.isEmpty() && all(value, one -> isOption(definition, one));
            default -> value.isIntegralNumber();
        };
    }

    private static boolean isOption(ObjectNode definition, JsonNode value) {
        for (JsonNode option : definition.path("options")) {
            if (value.isIntegralNumber() && option.get("id").asLong() == value.asLong()) {
                return true;
            }
        }
        return false;
    }

    /** A definition as the field endpoints show it. */
    static ObjectNode definition(String name, String code, String type, List<String> options, int firstOption,
            boolean custom) {
        ObjectNode definition = Json.object().put("field_name", name).put("field_code", code).putNull("description")
                .put("field_type", type);
        if (options.isEmpty()) {
            definition.putNull("options");
        } else {
            ArrayNode list = definition.putArray("options");
            for (int i = 0; i < options.size(); i++) {
                list.addObject().put("id", firstOption + i).put("label", options.get(i));
            }
        }
        return definition.putNull("subfields").put("is_custom_field", custom)
                .put("is_optional_response_field", false);
    }
}
