package io.shopbridge.map;

import io.shopbridge.yaml.Yaml;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Translates Shopify's words into a CRM's. Keys are matched whatever their case, because Shopify's webhooks write
 * {@code not_subscribed} and its GraphQL {@code NOT_SUBSCRIBED}.
 *
 * <pre>
 * values: { subscribed: opted-in, unsubscribed: opted-out }
 * leave: [redacted, invalid]     # these say nothing: the CRM's field stays as it is
 * otherwise: unknown             # without it, any other value is refused
 * </pre>
 *
 * <p>The table of a consent also says which of the CRM's values are a person's no, and which a yes. So a merge knows
 * an unsubscription whatever the CRM calls it, and the linter a yes that Shopify didn't say:
 *
 * <pre>
 * yes: opted-in
 * no: opted-out
 * </pre>
 */
final class ValueTable {

    /** Given for a word under {@code leave}. */
    static final JsonNode LEAVE = Values.NODES.missingNode();

    private final String name;
    private final Map<String, JsonNode> values;
    private final JsonNode otherwise;
    private final Set<String> yes;
    private final Set<String> no;

    private ValueTable(String name, Map<String, JsonNode> values, JsonNode otherwise, Set<String> yes,
            Set<String> no) {
        this.name = name;
        this.values = values;
        this.otherwise = otherwise;
        this.yes = yes;
        this.no = no;
    }

    static ValueTable read(String name, Yaml yaml) {
        Map<String, Yaml> entries = yaml.entries("description", "values", "leave", "otherwise", "yes", "no");
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
        Set<String> yes = meaning(entries.get("yes"), values, otherwise, Set.of());
        Set<String> no = meaning(entries.get("no"), values, otherwise, yes);
        return new ValueTable(name, values, otherwise, yes, no);
    }

    /** The CRM's values under {@code yes} or {@code no}, each of which the table must give. */
    private static Set<String> meaning(Yaml at, Map<String, JsonNode> values, JsonNode otherwise, Set<String> others) {
        Set<String> meaning = new HashSet<>();
        for (Yaml item : at == null ? List.<Yaml>of() : at.items()) {
            String word = folded(Values.plainText(scalar(item)));
            boolean given = Stream.concat(values.values().stream(), Stream.ofNullable(otherwise))
                    .anyMatch(value -> value != LEAVE && folded(Values.plainText(value)).equals(word));
            if (!given) {
                item.fault("the table never gives " + Values.plainText(scalar(item)),
                        "name the CRM's values here, the right-hand side of values");
            } else if (others.contains(word)) {
                item.fault(Values.plainText(scalar(item)) + " is already a yes", "list a value under yes or under no,"
                        + " not both");
            }
            meaning.add(word);
        }
        return Set.copyOf(meaning);
    }

    String name() {
        return name;
    }

    /** Whether it translates a consent: it says which of the CRM's values mean no. */
    boolean isConsent() {
        return !no.isEmpty();
    }

    /** Whether this value of the CRM says that the person does not want to be written to. */
    boolean saysNo(JsonNode crmValue) {
        return says(no, crmValue);
    }

    /** Whether this value of the CRM says that the person agreed. */
    boolean saysYes(JsonNode crmValue) {
        return says(yes, crmValue);
    }

    private static boolean says(Set<String> words, JsonNode crmValue) {
        return !Values.isEmpty(crmValue) && words.contains(folded(Values.plainText(crmValue)));
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
            throw new Refused(Cleaners.quoted(Values.NODES.textNode(Values.plainText(value))) + " is not in tables/" + name
                    + ".yaml");
        }
        return found;
    }

    private static void put(Map<String, JsonNode> values, String word, Yaml at, JsonNode value) {
        if (values.put(folded(word), value) != null) {
            at.fault("\"" + word + "\" is there twice", "upper and lower case count as the same; keep one line");
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
