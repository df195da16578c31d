package io.shopbridge.lint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Expression;
import io.shopbridge.map.Values;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What all records of an entity have, each field with a value that one of them has. Of a list there is one element, with
 * what any of its elements has.
 */
final class Shape {

    /** Of every record, but made of what no single body says. */
    private static final Set<String> MADE = Set.of("contact_key", "deleted_at", "merged_into", "metrics", "guest",
            "withheld", "store", "store_domain", "settings");
    /** Objects whose fields are named by merchants, or by the addresses that visitors come from. */
    private static final Set<String> OPEN = Set.of("attributes", "metafields", "utm");

    private final JsonNode json;

    Shape(JsonNode record) {
        this.json = together(NullNode.getInstance(), record);
    }

    private Shape(JsonNode one, JsonNode other) {
        this.json = together(one, other);
    }

    /** The same with what this one has besides. */
    Shape and(Shape other) {
        return new Shape(json, other.json);
    }

    /** The same with another object in this field. */
    Shape with(String field, Shape other) {
        return new Shape(json, JsonNodeFactory.instance.objectNode().set(field, other.json));
    }

    private static JsonNode together(JsonNode known, JsonNode more) {
        if (more.isArray()) {
            JsonNode element = known.has(0) ? known.get(0) : NullNode.getInstance();
            for (JsonNode one : more) {
                element = together(element, one);
            }
            return JsonNodeFactory.instance.arrayNode().add(element);
        }
        if (!more.isObject()) {
            return Values.isEmpty(known) ? more : known;
        }
        ObjectNode all = known.isObject() ? known.deepCopy() : JsonNodeFactory.instance.objectNode();
        more.properties().forEach(field ->
                all.set(field.getKey(), together(all.path(field.getKey()), field.getValue())));
        return all;
    }

    /** The names of its fields, in the alphabet's order. */
    Set<String> fields() {
        Set<String> names = new TreeSet<>();
        json.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** A value of this field. */
    JsonNode get(String field) {
        return json.get(field);
    }

    boolean has(String field) {
        return json.has(field) || MADE.contains(field);
    }

    /** What a path leads to; empty where that is not known to be an object. */
    Optional<Shape> at(List<String> path) {
        JsonNode at = json;
        for (String step : path) {
            at = step.equals(Expression.EACH) ? at.path(0) : at.path(step);
        }
        return at.isObject() ? Optional.of(new Shape(at)) : Optional.empty();
    }

    /** How many steps of a path lead to a field that nothing brings; 0 where none does, for all that is known. */
    int neverFrom(List<String> path) {
        JsonNode at = json;
        for (int i = 0; i < path.size(); i++) {
            String step = path.get(i);
            if (step.equals(Expression.EACH)) {
                at = at.path(0);
            } else if (OPEN.contains(step) || MADE.contains(step)) {
                return 0;
            } else if (at.isObject() && !at.isEmpty() && !at.has(step)) {
                return i + 1;
            } else {
                at = at.path(step);
            }
        }
        return 0;
    }
}
