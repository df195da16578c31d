package io.shopbridge.lint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Field;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Owner;
import io.shopbridge.map.Values;
import io.shopbridge.yaml.Yaml;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A mapping must not turn anything else than Shopify's yes into a yes. What a field makes of a consent is found by
 * mapping the sample with every state that Shopify has, in each channel: whether by jq, a table, {@code otherwise} or
 * {@code default}, the value is what would be sent.
 */
final class ConsentRules {

    private static final String CONSENT = "_marketing_consent";
    private static final String SUBSCRIBED = "subscribed";
    private static final String UNSUBSCRIBED = "unsubscribed";
    /** The customer says nothing of the channel, or its consent has no state. */
    private static final String ABSENT = "no consent at all";
    private static final String NULL = "null";
    /** What Shopify may come to say one day. */
    private static final String UNKNOWN = "a state of its own";
    private static final List<String> STATES = List.of(SUBSCRIBED, UNSUBSCRIBED, "pending", "not_subscribed", "invalid",
            "redacted", NULL, ABSENT, UNKNOWN);
    /** Shopify's channels, and how a CRM's name of a field tells which of them it is about. */
    private static final Map<String, Pattern> CHANNELS = new TreeMap<>(Map.of(
            "email", named("e_?mail"), "sms", named("sms|text_?message"), "whats_app", named("whats_?app")));
    private static final Pattern CONSENT_FIELD =
            named("consent|opt_?(ed_?)?(in|out)|subscribed|unsubscribed|marketing_?status|accepts_?marketing");

    private final Mapping mapping;
    private final Yaml yaml;
    private final ObjectNode sample;
    /** Channel, state, CRM field: the value, absent where the CRM's stays or the record is refused. */
    private final Map<String, Map<String, Map<String, JsonNode>>> answers = new TreeMap<>();

    private ConsentRules(Mapping mapping, Yaml yaml, ObjectNode sample, String store) {
        this.mapping = mapping;
        this.yaml = yaml;
        this.sample = sample;
        CHANNELS.keySet().forEach(channel -> {
            Map<String, Map<String, JsonNode>> byState = new LinkedHashMap<>();
            STATES.forEach(state -> byState.put(state,
                    mapping.map(with(channel, state), new MappingContext(store, null)).fields()));
            answers.put(channel, byState);
        });
    }

    /** Checks the mapping's fields, and those that differ for single stores. */
    static void check(Mapping mapping, Yaml yaml, JsonNode sample) {
        boolean hasConsent = sample != null
                && CHANNELS.keySet().stream().anyMatch(channel -> sample.has(channel + CONSENT));
        if (!hasConsent || !(sample instanceof ObjectNode object)) {
            return;
        }
        ConsentRules usual = new ConsentRules(mapping, yaml, object, "");
        fields(yaml).forEach((name, at) -> usual.check(mapping.field("", name), at, at));
        Yaml stores = yaml.entries().get("stores");
        if (stores != null && stores.isMap()) {
            stores.entries().forEach((store, at) -> {
                ConsentRules rules = new ConsentRules(mapping, yaml, object, store);
                fields(at).forEach((name, own) ->
                        rules.check(mapping.field(store, name), own, fields(yaml).getOrDefault(name, own)));
            });
        }
    }

    private void check(Field field, Yaml at, Yaml usual) {
        Yaml table = at.entries().getOrDefault("table", usual.entries().get("table"));
        boolean tableIsMissing = table != null && field != null
                && field.source().map(Field.Source::table).isEmpty();
        if (field == null || !field.goesToCrm() || tableIsMissing) {
            return;
        }
        List<String> channels = CHANNELS.keySet().stream().filter(channel -> answersTo(field, channel)).toList();
        if (channels.size() > 1) {
            key(at, usual, "from").fault("is made of the consents of " + String.join(" and ", channels),
                    "a person may agree to one and not to the other: map each to its own field");
        } else if (channels.isEmpty()) {
            withoutConsent(field, at, usual);
        } else {
            check(field, channels.get(0), at, usual);
        }
    }

    private void check(Field field, String channel, Yaml at, Yaml usual) {
        Map<String, Map<String, JsonNode>> byState = answers.get(channel);
        JsonNode yes = byState.get(SUBSCRIBED).get(field.name());
        JsonNode no = byState.get(UNSUBSCRIBED).get(field.name());
        CHANNELS.forEach((other, name) -> {
            if (!other.equals(channel) && name.matcher(field.name()).find()
                    && !CHANNELS.get(channel).matcher(field.name()).find()) {
                key(at, usual, "from").fault("is named after the consent of " + other + ", but its value is the"
                        + " consent of "
                        + channel, "a yes to one is not a yes to the other: map ." + other + CONSENT);
            }
        });
        if (field.owner() == Owner.SHOPIFY_ON_CREATE || field.owner() == Owner.SHOPIFY_ONCE) {
            key(at, usual, "owner").fault("is a consent that belongs to the CRM once it has a value",
                    "an unsubscription must always arrive: write shopify, or newest-wins with a table that says `no:`");
        }
        if (no == null && !Values.isEmpty(yes)) {
            key(at, usual, "table").fault("gives " + word(yes) + " for subscribed and nothing for"
                    + " unsubscribed", "give the word unsubscribed a value in the table");
        } else if (!Values.isEmpty(no) && !field.isConsent()) {
            key(at, usual, "table").fault("does not list which of its values are a no",
                    "give it a table with `no:`, the CRM's value for unsubscribed");
        } else if (!Values.isEmpty(no) && !field.saysNo(no)) {
            key(at, usual, "table").fault("gives " + word(no) + " for unsubscribed, which the table does not"
                    + " list under no", "list it, or give unsubscribed another value");
        }
        for (String state : STATES) {
            JsonNode value = byState.get(state).get(field.name());
            boolean saysYes = !Values.isEmpty(value)
                    && (field.saysYes(value) || !Values.isEmpty(yes) && field.sameValue(value, yes));
            if (saysYes && !state.equals(SUBSCRIBED)) {
                boolean nothing = state.equals(NULL) || state.equals(ABSENT);
                key(at, usual, nothing ? "default" : "table").fault("says yes (" + word(value)
                        + ") where Shopify says " + state, "only subscribed is a yes");
                return;
            }
        }
    }

    /** A field that is called a consent, or translated as one, and whose value Shopify's consent does not change. */
    private void withoutConsent(Field field, Yaml at, Yaml usual) {
        boolean evidence = CHANNELS.keySet().stream().anyMatch(channel -> field.mentions(channel + CONSENT));
        boolean says = !Values.isEmpty(answers.get("email").get(ABSENT).get(field.name()));
        if (field.isConsent() || says && !evidence && CONSENT_FIELD.matcher(field.name()).find()) {
            key(at, usual, "from").fault("is a consent, but its value does not come from a consent of Shopify's",
                    "map .email" + CONSENT + ".state, .sms" + CONSENT + ".state or .whats_app" + CONSENT + ".state");
        }
    }

    private boolean answersTo(Field field, String channel) {
        return answers.get(channel).values().stream().map(fields -> Objects.toString(fields.get(field.name())))
                .distinct().count() > 1;
    }

    private ObjectNode with(String channel, String state) {
        ObjectNode record = sample.deepCopy();
        CHANNELS.keySet().forEach(other -> record.remove(other + CONSENT));
        if (!state.equals(ABSENT)) {
            ObjectNode consent = record.putObject(channel + CONSENT);
            if (state.equals(NULL)) {
                consent.putNull("state");
            } else {
                consent.put("state", state);
            }
        }
        return record;
    }

    /** Where the key stands: in what differs, else where it is as usual, else the field as a whole. */
    private static Yaml key(Yaml at, Yaml usual, String key) {
        Yaml own = at.entries().get(key);
        Yaml other = own == null ? usual.entries().get(key) : own;
        return other == null ? at : other;
    }

    private static Map<String, Yaml> fields(Yaml at) {
        Yaml fields = at.isMap() ? at.entries().get("fields") : null;
        Map<String, Yaml> found = new LinkedHashMap<>();
        if (fields != null && fields.isMap()) {
            fields.entries().forEach((name, field) -> {
                if (field.isMap()) {
                    found.put(name, field);
                }
            });
        }
        return found;
    }

    private static String word(JsonNode value) {
        return Values.text(value).orElse("nothing");
    }

    private static Pattern named(String words) {
        return Pattern.compile("(?i)" + words);
    }
}
