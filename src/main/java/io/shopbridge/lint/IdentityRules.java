package io.shopbridge.lint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Values;
import io.shopbridge.yaml.Yaml;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A mapping must not make one CRM record of several people. What a key depends on is found by making it for the sample
 * and for records that differ from it in one field.
 */
final class IdentityRules {

    private static final String STORE = "main";
    private static final String ANOTHER = "another";
    private static final String ID = "id";
    private static final String PHONE = "phone";
    private static final Pattern PHONE_NAME = Pattern.compile("(?i).*(phone|mobile).*");
    private static final Pattern PHONE_PATH = Pattern.compile("\\.\\w*phone\\b");
    /** Says whether the record may have a key at all. */
    private static final Set<String> GUARDS = Set.of("guest");

    private final Mapping mapping;
    private final ObjectNode sample;
    private final Map<String, Yaml> identity;
    private final Map<String, Yaml> fields;

    private IdentityRules(Mapping mapping, Yaml yaml, ObjectNode sample) {
        this.mapping = mapping;
        this.sample = sample;
        this.identity = part(yaml, "identity");
        this.fields = part(yaml, "fields");
    }

    /** @param sample a whole canonical record; null where there is none, which is a fault of its own */
    static void check(Mapping mapping, Yaml yaml, JsonNode sample) {
        if (sample instanceof ObjectNode record) {
            IdentityRules rules = new IdentityRules(mapping, yaml, record);
            rules.names();
            rules.phones();
            rules.key();
            mapping.children().forEach(child -> rules.keyOf(child, part(yaml, "children").get(child.name())));
        }
    }

    private static Map<String, Yaml> part(Yaml yaml, String key) {
        Yaml part = yaml.entries().get(key);
        return part != null && part.isMap() ? part.entries() : Map.of();
    }

    /** A name that can't be compared does not protect. */
    private void names() {
        Yaml names = identity.get("name");
        if (names == null) {
            return;
        }
        Map<String, JsonNode> mapped = mapping.map(sample, new MappingContext(STORE, null)).fields();
        for (Yaml item : names.items()) {
            String name = item.text().orElse("");
            JsonNode value = mapped.get(name);
            if (!fields.containsKey(name) || !fields.get(name).isMap()
                    || !fields.get(name).entries().containsKey("from")) {
                item.fault("\"" + name + "\" is not mapped, so names can't be compared by it",
                        "name fields that have a from under fields");
            } else if (value != null && !value.isNull() && !value.isTextual()) {
                item.fault("\"" + name + "\" is not a text, so names can't be compared by it",
                        "name fields of text, such as first and last name");
            }
        }
    }

    /** A phone alone does not identify a person; that is checked only for a match that is known to be a phone. */
    private void phones() {
        Yaml matches = identity.get("match");
        for (Yaml item : matches == null ? List.<Yaml>of() : matches.items()) {
            Map<String, Yaml> parts = item.isMap() ? item.entries() : Map.of();
            String field = text(parts.get("field"));
            boolean isPhone = PHONE_NAME.matcher(field).matches()
                    || PHONE_PATH.matcher(text(parts.get("from"))).find()
                    || fields.containsKey(field) && fields.get(field).isMap()
                            && cleans(fields.get(field).entries().get("clean"));
            if (isPhone && !cleans(parts.get("clean"))) {
                item.fault("matches by a phone without the cleaner phone, so names would not be compared",
                        "write `clean: phone`");
            }
        }
    }

    private static boolean cleans(Yaml clean) {
        return clean != null && clean.items().stream().map(item -> item.text().orElse("").split(" ")[0])
                .anyMatch(PHONE::equals);
    }

    private void key() {
        Optional<Yaml> from = from(identity);
        if (from.isEmpty()) {
            return;
        }
        Optional<String> key = keyOf(STORE, sample);
        if (key.isEmpty() || !sample.hasNonNull(ID)) {
            return;
        }
        if (keyOf(ANOTHER, sample).equals(key)) {
            sameInEveryStore(from.get(), key.get());
        } else if (keyOf(STORE, with(sample, ID)).equals(key)) {
            from.get().fault("gives " + key.get() + " to records of different ids",
                    "make it of the store and the record's own id: \"\\(.store):\\(.id)\"");
        } else {
            changesWithAnything(from.get(), key.get());
        }
    }

    private void changesWithAnything(Yaml from, String key) {
        for (Iterator<String> names = sample.fieldNames(); names.hasNext();) {
            String name = names.next();
            Optional<String> other = name.equals(ID) || GUARDS.contains(name) ? Optional.of(key)
                    : keyOf(STORE, with(sample, name));
            if (other.isPresent() && !other.get().equals(key)) {
                from.fault("changes with ." + name + ", so one record would become two",
                        "make it of the store and the record's own id alone: \"\\(.store):\\(.id)\"");
                return;
            }
        }
    }

    private void keyOf(ChildMapping child, Yaml at) {
        Optional<Yaml> from = at == null || !at.isMap() ? Optional.empty() : from(part(at, "identity"));
        if (from.isEmpty() || child.externalIdSource().isEmpty()) {
            return;
        }
        try {
            Set<String> seen = new HashSet<>();
            List<JsonNode> here = child.each(sample, new MappingContext(STORE, null));
            List<JsonNode> there = child.each(sample, new MappingContext(ANOTHER, null));
            for (int i = 0; i < here.size(); i++) {
                Optional<String> key = child.externalId(here.get(i), new MappingContext(STORE, null));
                if (key.isEmpty()) {
                    continue;
                }
                if (child.externalId(there.get(i), new MappingContext(ANOTHER, null)).equals(key)) {
                    sameInEveryStore(from.get(), key.get());
                    return;
                }
                if (!seen.add(key.get()) && !child.shared()) {
                    from.get().fault("gives " + key.get() + " to several elements",
                            "make it of the store and the element's own id: \"\\(.store):\\(.id)\"");
                    return;
                }
            }
        } catch (ExpressionFailed e) {
            // The loader says so.
        }
    }

    private static void sameInEveryStore(Yaml from, String key) {
        from.fault("gives " + key + " in every store, so records of two stores would become one",
                "begin it with the store's name: \"\\(.store):\\(.id)\"");
    }

    private Optional<String> keyOf(String store, JsonNode record) {
        try {
            return mapping.externalId(record, new MappingContext(store, null));
        } catch (ExpressionFailed e) {
            return Optional.empty();
        }
    }

    /** The record with something else under this name. */
    private static ObjectNode with(ObjectNode record, String name) {
        ObjectNode changed = record.deepCopy();
        change(changed, name);
        return changed;
    }

    private static void change(ObjectNode object, String name) {
        JsonNode value = object.get(name);
        if (value instanceof ObjectNode inner) {
            inner.fieldNames().forEachRemaining(part -> changeText(inner, part));
        } else if (value != null && value.isArray()) {
            value.forEach(element -> {
                if (element instanceof ObjectNode inner) {
                    inner.fieldNames().forEachRemaining(part -> changeText(inner, part));
                }
            });
        } else {
            changeText(object, name);
        }
    }

    private static void changeText(ObjectNode object, String name) {
        if (Values.isEmpty(object.get(name)) || object.get(name).isTextual()) {
            object.put(name, object.path(name).asText("") + "9");
        }
    }

    private static Optional<Yaml> from(Map<String, Yaml> identity) {
        Yaml external = identity.get("external-id");
        return external != null && external.isMap() ? Optional.ofNullable(external.entries().get("from"))
                : Optional.empty();
    }

    private static String text(Yaml at) {
        return at == null ? "" : at.text().orElse("");
    }
}
