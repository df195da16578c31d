package io.shopbridge.sandbox.hubspot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.hubspot.Properties.Property;
import io.shopbridge.sandbox.hubspot.Properties.Type;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Call;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Refused;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * HubSpot's API for the definitions of properties: list, read and create, with their groups.
 *
 * @see <a href="https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide">Properties guide</a>
 */
final class Schemas {

    private static final int MOST_UNIQUE = 10;
    private static final Set<String> KNOWN = Set.of("name", "label", "description", "groupName", "type", "fieldType",
            "hasUniqueValue", "options", "displayOrder", "hidden", "formField", "externalOptions",
            "calculationFormula", "referencedObjectType", "dataSensitivity");
    private static final Map<String, Set<String>> FIELD_TYPES = Map.of(
            "bool", Set.of("booleancheckbox", "calculation_equation"),
            "enumeration", Set.of("booleancheckbox", "checkbox", "radio", "select", "calculation_equation"),
            "date", Set.of("date"), "datetime", Set.of("date"),
            "number", Set.of("number", "calculation_equation"),
            "string", Set.of("file", "text", "textarea", "html", "phonenumber", "calculation_equation"),
            "phone_number", Set.of("phonenumber"));

    private final Properties properties;
    private final Map<String, List<String>> indexed;
    private final Map<String, Set<String>> groups = new ConcurrentHashMap<>();

    /** @param indexed per object, the properties that this simulator is able to keep unique */
    Schemas(Properties properties, Map<String, List<String>> indexed) {
        this.properties = properties;
        this.indexed = indexed;
    }

    Answer answer(Call call, String object, List<String> rest) throws IOException {
        if (rest.isEmpty() && call.method().equals("GET")) {
            ObjectNode body = Json.object();
            ArrayNode results = body.putArray("results");
            properties.all(object).forEach((name, property) -> results.add(view(name, property)));
            return Answer.read(200, body);
        }
        if (rest.isEmpty() && call.method().equals("POST")) {
            return Answer.wrote(201, create(object, call.object()));
        }
        if (rest.equals(List.of("batch", "create")) && call.method().equals("POST")) {
            return createEach(object, call.object().path("inputs"));
        }
        if (rest.equals(List.of("groups")) && call.method().equals("POST")) {
            return group(object, call.object());
        }
        if (rest.size() == 1 && call.method().equals("GET") && properties.defines(object, rest.get(0))) {
            return Answer.read(200, view(rest.get(0), properties.get(object, rest.get(0))));
        }
        throw Errors.notFound("Property does not exist");
    }

    /** A batch in which something is wrong is answered 207: the rest of it is created. */
    private Answer createEach(String object, JsonNode inputs) throws IOException {
        ObjectNode body = Json.object().put("status", "COMPLETE");
        ArrayNode results = body.putArray("results");
        ArrayNode errors = Json.object().putArray("errors");
        for (JsonNode input : inputs) {
            try {
                results.add(create(object, (ObjectNode) input));
            } catch (Refused refused) {
                errors.add(Json.parse(refused.answer().body()));
            }
        }
        if (errors.isEmpty()) {
            return Answer.wrote(201, body);
        }
        body.put("numErrors", errors.size()).set("errors", errors);
        return Answer.wrote(207, body);
    }

    private Answer group(String object, ObjectNode body) {
        String name = needed(body, "name");
        needed(body, "label");
        if (!groups(object).add(name)) {
            throw Errors.exists("A property group named \"" + name + "\" already exists.");
        }
        return Answer.wrote(201, body.put("archived", false));
    }

    private ObjectNode create(String object, ObjectNode body) {
        body.fieldNames().forEachRemaining(member -> {
            if (!KNOWN.contains(member)) {
                throw Errors.invalid("Invalid input JSON: unrecognized field \"" + member + "\"");
            }
        });
        String name = needed(body, "name");
        String type = needed(body, "type");
        String fieldType = needed(body, "fieldType");
        String group = needed(body, "groupName");
        needed(body, "label");
        if (!name.matches("[a-z][a-z0-9_]{0,99}") || name.startsWith("hs_")) {
            throw Errors.invalid("Property name \"" + name + "\" is invalid or reserved");
        }
        if (properties.defines(object, name)) {
            throw Errors.exists("A property named '" + name + "' already exists.");
        }
        if (!groups(object).contains(group)) {
            throw Errors.invalid("Property group \"" + group + "\" does not exist");
        }
        if (!FIELD_TYPES.getOrDefault(type, Set.of()).contains(fieldType)) {
            throw Errors.invalid("fieldType " + fieldType + " does not go with type " + type);
        }
        boolean unique = body.path("hasUniqueValue").asBoolean(false);
        if (unique) {
            checkUnique(object, name, type);
        }
        properties.define(object, name, type(type), options(body, type), unique);
        return view(name, properties.get(object, name));
    }

    private void checkUnique(String object, String name, String type) {
        if (!Set.of("string", "number").contains(type)) {
            throw Errors.invalid("Only properties of type string and number can have unique values");
        }
        if (properties.all(object).values().stream().filter(Property::unique).count() > MOST_UNIQUE) {
            throw Errors.invalid("There are " + MOST_UNIQUE + " unique properties already");
        }
        if (!indexed.get(object).contains(name)) {
            throw Errors.invalid("This simulator keeps only " + indexed.get(object) + " unique");
        }
    }

    private static List<String> options(ObjectNode body, String type) {
        List<String> values = new ArrayList<>();
        for (JsonNode option : body.path("options")) {
            if (option.path("label").asText().isBlank() || option.path("value").asText().isBlank()
                    || !option.has("hidden")) {
                throw Errors.invalid("Every option needs label, value and hidden");
            }
            values.add(option.get("value").asText());
        }
        if (new HashSet<>(values).size() < values.size()) {
            throw Errors.invalid("Property options must have unique values");
        }
        if (type.equals("bool") && !Set.copyOf(values).equals(Set.of("true", "false"))) {
            throw Errors.invalid("Boolean properties must have exactly two options: true and false");
        }
        return values;
    }

    private static Type type(String type) {
        return switch (type) {
            case "bool" -> Type.BOOL;
            case "enumeration" -> Type.ENUM;
            case "date" -> Type.DATE;
            case "datetime" -> Type.DATETIME;
            case "number" -> Type.NUMBER;
            default -> Type.TEXT;
        };
    }

    private static ObjectNode view(String name, Property property) {
        String type = switch (property.type()) {
            case TEXT, EMAIL -> "string";
            case NUMBER, INTEGER -> "number";
            case BOOL -> "bool";
            case ENUM, CURRENCY, OWNER -> "enumeration";
            case DATE -> "date";
            case DATETIME -> "datetime";
            case READ_ONLY -> name.endsWith("date") ? "datetime" : "string";
        };
        ObjectNode view = Json.object().put("name", name).put("label", name).put("description", "").put("type", type)
                .put("fieldType", FIELD_TYPES.get(type).stream().sorted().findFirst().orElseThrow())
                .put("groupName", "shopify").put("hasUniqueValue", property.unique())
                .put("hubspotDefined", !name.startsWith("shopify_")).put("archived", false);
        ArrayNode options = view.putArray("options");
        property.choices().forEach(value -> options.addObject().put("label", value).put("value", value)
                .put("hidden", false));
        view.putObject("modificationMetadata").put("readOnlyValue", property.type() == Type.READ_ONLY);
        return view;
    }

    private Set<String> groups(String object) {
        return groups.computeIfAbsent(object, key -> ConcurrentHashMap.newKeySet());
    }

    private static String needed(ObjectNode body, String member) {
        if (!body.hasNonNull(member) || body.get(member).asText().isBlank()) {
            throw Errors.invalid("Invalid input JSON: some required fields were not set: [" + member + "]");
        }
        return body.get(member).asText();
    }
}
