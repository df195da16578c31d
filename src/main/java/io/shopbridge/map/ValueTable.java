package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Translates Shopify's words into a CRM's. Keys are matched whatever their case, because Shopify's webhooks write
 * {@code not_subscribed} and its GraphQL {@code NOT_SUBSCRIBED}.
 *
 * <pre>
 * values: { subscribed: opted-in, unsubscribed: opted-out }
 * leave: [redacted, invalid]     # these say nothing: the CRM's field stays as it is
 * otherwise: unknown             # without it, any other value is refused
 * </pre>
 */
final class ValueTable {

    /** Given for a word under {@code leave}. */
    static final JsonNode LEAVE = Values.NODES.missingNode();

    private final String name;
    private final Map<String, JsonNode> values;
    private final JsonNode otherwise;

    private ValueTable(String name, Map<String, JsonNode> values, JsonNode otherwise) {
        this.name = name;
        this.values = values;
        this.otherwise = otherwise;
    }

    static ValueTable read(String name, Yaml yaml) {
        Map<String, Yaml> entries = yaml.entries("description", "values", "leave", "otherwise");
        Map<String, JsonNode> values = new HashMap<>();
        if (!entries.containsKey("values")) {
            yaml.fault("there are no values", "write `values:` with Shopify's word and the CRM's on each line");
        } else {
            entries.get("values").entries().forEach((word, value) -> put(values, word, value, scalar(value)));
        }
        if (entries.containsKey("leave")) {
            for (Yaml item : entries.get("leave").items()) {
                item.text().ifPresent(word -> put(values, word, item, LEAVE));
            }
        }
        JsonNode otherwise = entries.containsKey("otherwise") ? scalar(entries.get("otherwise")) : null;
        return new ValueTable(name, values, otherwise);
    }

    String name() {
        return name;
    }

    JsonNode translate(JsonNode value) throws Refused {
        if (value.isNull()) {
            return value;
        }
        if (value.isArray()) {
            List<JsonNode> translated = new ArrayList<>();
            for (JsonNode element : value) {
                translated.add(translate(element));
            }
            translated.removeIf(element -> element == LEAVE);
            return Values.NODES.arrayNode().addAll(translated);
        }
        JsonNode found = values.getOrDefault(folded(Values.plainText(value)), otherwise);
        if (found == null) {
            throw new Refused("\"" + Values.plainText(value) + "\" is not in tables/" + name + ".yaml");
        }
        return found;
    }

    private static void put(Map<String, JsonNode> values, String word, Yaml at, JsonNode value) {
        if (values.put(folded(word), value) != null) {
            at.fault("\"" + word + "\" is there twice", "upper and lower case are one word; keep one line");
        }
    }

    private static JsonNode scalar(Yaml yaml) {
        if (yaml.isMap() || yaml.isList()) {
            yaml.fault("is not a single value", "write one text, number, true or false");
            return Values.NODES.nullNode();
        }
        return yaml.json();
    }

    private static String folded(String word) {
        return word.strip().toLowerCase(Locale.ROOT);
    }
}
