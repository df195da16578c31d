package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import io.shopbridge.shopify.Json;

/**
 * What a merchant's apps and theme add to records, reachable by name: {@code .attributes."gift message"} and
 * {@code .metafields.custom.size}. Webhooks have lists of {name, value} or {namespace, key, value}, GraphQL lists of
 * {key, value} or connections; {@code properties} may also be an object, {@code {}} or null.
 */
final class NamedValues {

    private NamedValues() {
    }

    /** From note_attributes, properties or customAttributes; of a name that is there twice the later one counts. */
    static ObjectNode attributes(JsonNode holder) {
        ObjectNode named = JsonNodeFactory.instance.objectNode();
        for (String list : new String[] {"customAttributes", "custom_attributes", "properties", "note_attributes"}) {
            JsonNode values = holder.path(list);
            if (values.isObject()) {
                values.properties().forEach(entry -> put(named, entry.getKey(), entry.getValue()));
            }
            for (JsonNode value : values.isArray() ? values : JsonNodeFactory.instance.arrayNode()) {
                String name = Json.text(value, "name");
                name = name == null ? Json.text(value, "key") : name;
                if (name != null && value.has("value")) {
                    put(named, name, value.get("value"));
                }
            }
        }
        return named;
    }

    /** By namespace, then by key. */
    static ObjectNode metafields(JsonNode metafields) {
        ObjectNode named = JsonNodeFactory.instance.objectNode();
        JsonNode list = metafields.isArray() ? metafields
                : metafields.path("nodes").isArray() ? metafields.path("nodes") : metafields.path("edges");
        for (JsonNode element : list) {
            JsonNode metafield = element.path("node").isObject() ? element.path("node") : element;
            String namespace = Json.text(metafield, "namespace");
            String key = Json.text(metafield, "key");
            if (namespace != null && key != null) {
                put(named.withObjectProperty(namespace), key, metafield.path("value"));
            }
        }
        return named;
    }

    /** A name without a value is absent, so that a mapping does not write the text null. */
    private static void put(ObjectNode named, String name, JsonNode value) {
        if (Values.isEmpty(value)) {
            named.remove(name);
        } else {
            named.set(name, value);
        }
    }
}
