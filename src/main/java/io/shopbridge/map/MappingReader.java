package io.shopbridge.map;

import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads one mapping file. Every fault goes to the file's list; what is read after one is only good for more faults. */
final class MappingReader {

    /** For the dry runs: a name that no store has. */
    private static final MappingContext DRY = new MappingContext("sample", "US");

    /** What a store may say otherwise; who owns a field and which way it travels is the same for all. */
    private static final List<String> MAY_DIFFER =
            List.of("description", "from", "rules", "clean", "table", "required", "default", "on-refusal");
    private static final String LEAVE_OUT = "leave-out";
    private static final String REJECT_RECORD = "reject-record";

    private final Yaml yaml;
    private final Path file;
    private final String folder;
    private final Set<String> entities;
    private final Map<String, ValueTable> tables;
    private final Map<String, Optional<String>> rules;
    private final Map<String, JsonNode> samples;
    private final TextLengths lengths;
    private final String fingerprint;
    private final Set<String> shared = new TreeSet<>();
    private boolean broken;

    MappingReader(Yaml yaml, Path file, String folder, Set<String> entities, Map<String, ValueTable> tables,
            Map<String, Optional<String>> rules, Map<String, JsonNode> samples, TextLengths lengths, String fingerprint) {
        this.yaml = yaml;
        this.file = file;
        this.folder = folder;
        this.entities = entities;
        this.tables = tables;
        this.rules = rules;
        this.samples = samples;
        this.lengths = lengths;
        this.fingerprint = fingerprint;
    }

    Optional<Mapping> read() {
        Map<String, Yaml> entries = yaml.entries("description", "shopify", "crm", "orders", "switch", "identity", "skip",
                "fields", "stores", "links", "children");
        String entity = entries.get("shopify").text().orElse("");
        JsonNode sample = samples.get(entity);
        if (!samples.containsKey(entity) && !entity.isEmpty()) {
            entries.get("shopify").fault("there is no samples/" + entity + ".json",
                    samples.isEmpty() ? "write one whole canonical record there"
                            : Nearest.advice(entity, new TreeSet<>(samples.keySet())));
        }
        JsonNode seen = sample == null ? null : DRY.seen(sample);
        String orders = orders(entries.get("orders"), entity);
        String switchedOnBy = entries.containsKey("switch") ? entries.get("switch").text().orElse(null) : null;
        String object = text(yaml, entries, "crm", "name the CRM's object, as in `crm: contacts`");
        Identity identity = identity(entries.get("identity"), seen);
        List<Mapping.Skip> skips = skips(entries.get("skip"), seen);
        if (!entries.containsKey("fields")) {
            fault(yaml, "the key fields is missing", "map at least one field");
        }
        List<Field> fields = fields(entries.get("fields"), seen, identity);
        List<RecordLink> links = links(entries.get("links"), seen, false);
        List<ChildMapping> children = new ArrayList<>();
        List<ChildMapping> inside = new ArrayList<>();
        if (entries.containsKey("children")) {
            entries.get("children").entries().values().stream().filter(Yaml::isMap).map(Yaml::entries)
                    .filter(child -> child.containsKey("shared") && child.containsKey("entity"))
                    .forEach(child -> child.get("entity").text().ifPresent(shared::add));
            entries.get("children").entries().forEach((name, child) -> {
                ChildMapping mapping = child(name, child, entity, sample);
                if (mapping != null) {
                    (mapping.inside() == null ? children : inside).add(mapping);
                    if (mapping.inside() != null && fields.stream().anyMatch(f -> f.name().equals(mapping.inside()))) {
                        child.fault("inside: " + mapping.inside() + " is also among the fields", "name it once");
                    }
                }
            });
        }
        if (broken) {
            return Optional.empty();
        }
        RecordShape shape = new RecordShape(identity, fields, links, inside);
        Map<String, RecordShape> stores = new HashMap<>();
        stores(entries, fields, seen).forEach((store, itsFields) ->
                stores.put(store, new RecordShape(identity, itsFields, links, inside)));
        return broken ? Optional.empty()
                : Optional.of(new Mapping(folder, entity, object, orders, switchedOnBy, file, skips, shape, stores,
                        children, fingerprint));
    }

    private String orders(Yaml at, String entity) {
        if (at == null) {
            return entity.equals("order") ? Mapping.ORDERS.get(0) : null;
        }
        String word = at.text().orElse("");
        if (!entity.equals("order")) {
            fault(at, "only orders have several forms", "remove orders");
        } else if (!Mapping.ORDERS.contains(word)) {
            fault(at, "\"" + word + "\" is not a form of orders", Nearest.advice(word, Mapping.ORDERS));
        }
        return word;
    }

    /** What differs for single stores: their fields, each made of the mapping's own words and what the store says. */
    private Map<String, List<Field>> stores(Map<String, Yaml> entries, List<Field> fields, JsonNode sample) {
        Map<String, List<Field>> stores = new LinkedHashMap<>();
        if (!entries.containsKey("stores")) {
            return stores;
        }
        Map<String, Yaml> usual = entries.containsKey("fields") ? entries.get("fields").entries() : Map.of();
        entries.get("stores").entries().forEach((store, at) -> {
            Map<String, Yaml> parts = at.entries("description", "fields");
            Map<String, Field> itsFields = new LinkedHashMap<>();
            fields.forEach(field -> itsFields.put(field.name(), field));
            Map<String, Yaml> other = parts.containsKey("fields") ? parts.get("fields").entries() : Map.of();
            other.forEach((name, field) -> {
                if (!usual.containsKey(name)) {
                    fault(field, "the mapping has no field " + name, Nearest.advice(name, usual.keySet()));
                    return;
                }
                Map<String, Yaml> words = new LinkedHashMap<>(usual.get(name).entries());
                field.entries(MAY_DIFFER.toArray(String[]::new)).forEach((word, value) -> {
                    if (MAY_DIFFER.contains(word)) {
                        words.put(word, value);
                    }
                });
                itsFields.put(name, field(name, field, words, sample));
            });
            stores.put(store, List.copyOf(itsFields.values()));
        });
        return stores;
    }

    private Identity identity(Yaml at, JsonNode sample) {
        if (at == null) {
            return Identity.NONE;
        }
        Map<String, Yaml> entries = at.entries("external-id", "match", "name");
        String field = null;
        Expression from = null;
        if (entries.containsKey("external-id")) {
            Yaml external = entries.get("external-id");
            Map<String, Yaml> parts = external.entries("field", "from", "description");
            field = text(external, parts, "field", "name the CRM field that holds our key");
            from = expression(external, parts, "from", sample);
        }
        List<Identity.Match> matches = new ArrayList<>();
        if (entries.containsKey("match")) {
            for (Yaml item : entries.get("match").items()) {
                Map<String, Yaml> parts = item.entries("field", "from", "clean");
                CleanerChain clean = parts.containsKey("clean") ? CleanerChain.read(parts.get("clean"), lengths)
                        : CleanerChain.NONE;
                matches.add(new Identity.Match(text(item, parts, "field", "name the CRM field to search"),
                        expression(item, parts, "from", sample), clean));
            }
        }
        List<String> name = new ArrayList<>();
        if (entries.containsKey("name")) {
            entries.get("name").items().forEach(item -> item.text().ifPresent(name::add));
        }
        return new Identity(field, from, List.copyOf(matches), List.copyOf(name));
    }

    private List<Mapping.Skip> skips(Yaml at, JsonNode sample) {
        List<Mapping.Skip> skips = new ArrayList<>();
        if (at != null) {
            for (Yaml item : at.items()) {
                Map<String, Yaml> parts = item.entries("when", "because");
                skips.add(new Mapping.Skip(expression(item, parts, "when", sample),
                        text(item, parts, "because", "give the reason; it is recorded with the record")));
            }
        }
        return skips;
    }

    private List<Field> fields(Yaml at, JsonNode sample, Identity identity) {
        List<Field> fields = new ArrayList<>();
        if (at != null) {
            at.entries().forEach((name, field) -> {
                if (name.equals(identity.externalIdField())) {
                    field.fault("is already the external id", "remove it here; identity.external-id sets it");
                }
                fields.add(field(name, field, sample));
            });
        }
        return fields;
    }

    private Field field(String name, Yaml at, JsonNode sample) {
        Map<String, Yaml> entries = at.entries("description", "from", "rules", "clean", "table", "required", "default",
                "on-refusal", "as-empty", "part-of", "owner", "direction", "back");
        return field(name, at, entries, sample);
    }

    private Field field(String name, Yaml at, Map<String, Yaml> entries, JsonNode sample) {
        String ownerWord = text(at, entries, "owner", "choose who decides: " + String.join(", ", Owner.words()));
        Owner owner = Owner.of(ownerWord).orElse(null);
        if (owner == null && entries.containsKey("owner")) {
            entries.get("owner").fault("\"" + ownerWord + "\" is not an"
                    + " owner", Nearest.advice(ownerWord, Owner.words()));
        }
        Direction direction = Direction.TO_CRM;
        if (entries.containsKey("direction")) {
            String word = entries.get("direction").text().orElse("");
            direction = Direction.of(word).orElse(null);
            if (direction == null) {
                entries.get("direction").fault("\"" + word + "\" is not a direction",
                        Nearest.advice(word, Direction.words()));
            }
        }
        Field.Back back = entries.containsKey("back") ? back(entries.get("back")) : null;
        if (back != null && direction == Direction.TO_CRM) {
            entries.get("back").fault("the field is not written back to Shopify", "write `direction: both`, or remove"
                    + " back");
        } else if (back == null && (direction == Direction.BOTH || direction == Direction.TO_SHOPIFY)) {
            at.fault("the key back is missing", "write `back: { to: <Shopify field>, from: .<CRM field> }`");
        }
        if (owner == Owner.CRM || direction == Direction.TO_SHOPIFY) {
            for (String key : List.of("from", "rules", "clean", "table", "required", "default", "on-refusal",
                    "as-empty", "part-of")) {
                if (entries.containsKey(key)) {
                    entries.get(key).fault("the CRM's own field is never written",
                            "remove " + key + ", or choose another owner");
                }
            }
            return new Field(name, owner, direction, null, back, Equality.TEXT);
        }
        if (entries.containsKey("as-empty") && owner != Owner.SHOPIFY_ONCE) {
            entries.get("as-empty").fault("only a field that is written once asks whether the CRM has a value",
                    "remove as-empty, or write `owner: " + Owner.SHOPIFY_ONCE.word() + "`");
        }
        Rule rule = rule(at, entries, sample);
        return new Field(name, owner, direction, rule, back, Equality.of(rule.clean()))
                .partOf(entries.containsKey("part-of") ? entries.get("part-of").text().orElse(null) : null);
    }

    private Field.Back back(Yaml at) {
        Map<String, Yaml> entries = at.entries("to", "from", "clean", "table");
        String to = text(at, entries, "to", "name the Shopify field that takes the value");
        return new Field.Back(to, rule(at, entries, null));
    }

    private Rule rule(Yaml at, Map<String, Yaml> entries, JsonNode sample) {
        Expression from = entries.containsKey("rules") ? rules(entries, sample) : expression(at, entries, "from", sample);
        CleanerChain clean = entries.containsKey("clean") ? CleanerChain.read(entries.get("clean"), lengths) : CleanerChain.NONE;
        ValueTable table = null;
        if (entries.containsKey("table")) {
            String name = entries.get("table").text().orElse("");
            table = tables.get(name);
            if (table == null) {
                entries.get("table").fault("there is no tables/" + name + ".yaml",
                        Nearest.advice(name, tables.keySet()));
            }
        }
        boolean required = entries.containsKey("required") && entries.get("required").flag(false);
        JsonNode otherwise = entries.containsKey("default") ? entries.get("default").json() : null;
        return new Rule(from, clean, table, required, otherwise,
                entries.containsKey("as-empty") ? expression(at, entries, "as-empty", sample) : null,
                rejects(entries, required),
                clean.has(Set.of("max-length")) ? lengths.of(lengths.longest()) : lengths.usualLength());
    }

    /** The rules of a file instead of an expression. */
    private Expression rules(Map<String, Yaml> entries, JsonNode sample) {
        Yaml at = entries.get("rules");
        String name = at.text().orElse("");
        if (entries.containsKey("from")) {
            fault(at, "the value comes from `from` already", "keep one of the two");
        } else if (!rules.containsKey(name)) {
            fault(at, "there is no rules/" + name + ".yaml", Nearest.advice(name, rules.keySet()));
        }
        Optional<String> text = rules.getOrDefault(name, Optional.empty());
        if (text.isEmpty()) {
            broken = true;
            return null;
        }
        return compiled(at, text.get(), sample);
    }

    /** Without a word of its own, only what must not be missing: a required value. */
    private boolean rejects(Map<String, Yaml> entries, boolean required) {
        Yaml at = entries.get("on-refusal");
        if (at == null) {
            return required;
        }
        String word = at.text().orElse("");
        if (!word.equals(LEAVE_OUT) && !word.equals(REJECT_RECORD)) {
            fault(at, "\"" + word + "\" is not known", Nearest.advice(word, List.of(LEAVE_OUT, REJECT_RECORD)));
        } else if (word.equals(LEAVE_OUT) && required) {
            fault(at, "a required value can't be left out", "remove required, or write " + REJECT_RECORD);
        }
        return word.equals(REJECT_RECORD);
    }

    private List<RecordLink> links(Yaml at, JsonNode sample, boolean inChild) {
        List<RecordLink> links = new ArrayList<>();
        if (at != null) {
            at.entries().forEach((name, link) -> links.add(link(name, link, sample, inChild)));
        }
        return links;
    }

    private RecordLink link(String name, Yaml at, JsonNode sample, boolean inChild) {
        Map<String, Yaml> entries = at.entries("to", "record", "field", "associate", "label", "required", "absent",
                "deleted");
        String to = text(at, entries, "to", "name the linked entity");
        boolean parent = inChild && to.equals("parent");
        if (!to.isEmpty() && !parent && !entities.contains(to) && !(inChild && shared.contains(to))) {
            Set<String> legal = new TreeSet<>(entities);
            if (inChild) {
                legal.add("parent");
                legal.addAll(shared);
            }
            entries.get("to").fault(to + " is not mapped in this folder", Nearest.advice(to, legal));
        }
        if (parent && entries.containsKey("record")) {
            entries.get("record").fault("the link to the parent needs no record", "remove record");
        }
        Expression record = parent ? null : expression(at, entries, "record", sample);
        String field = entries.containsKey("field") ? entries.get("field").text().orElse(null) : null;
        String associate = entries.containsKey("associate") ? entries.get("associate").text().orElse(null) : null;
        if ((field == null) == (associate == null)) {
            at.fault("it isn't clear how the CRM stores the link",
                    "write either `field: <CRM field>` or `associate: <CRM object>`");
        }
        String label = entries.containsKey("label") ? entries.get("label").text().orElse(null) : null;
        if (label != null && associate == null) {
            entries.get("label").fault("only an association has a label", "remove label");
        }
        boolean required = !entries.containsKey("required") || entries.get("required").flag(true);
        return new RecordLink(name, to, record, field, associate, label, required, absent(entries.get("absent")),
                deleted(entries.get("deleted"), required));
    }

    private static RecordLink.Absent absent(Yaml at) {
        if (at == null) {
            return RecordLink.Absent.DELIVER;
        }
        String word = at.text().orElse("");
        for (RecordLink.Absent absent : RecordLink.Absent.values()) {
            if (absent.word().equals(word)) {
                return absent;
            }
        }
        at.fault("\"" + word + "\" is not a way to treat a record without this link",
                Nearest.advice(word, Arrays.stream(RecordLink.Absent.values()).map(RecordLink.Absent::word).toList()));
        return RecordLink.Absent.DELIVER;
    }

    /** What can't do without the other record is for a person. */
    private static RecordLink.Deleted deleted(Yaml at, boolean required) {
        RecordLink.Deleted usual = required ? RecordLink.Deleted.HOLD : RecordLink.Deleted.DELIVER;
        if (at == null) {
            return usual;
        }
        String word = at.text().orElse("");
        return Arrays.stream(RecordLink.Deleted.values()).filter(one -> one.word().equals(word)).findFirst()
                .orElseGet(() -> {
                    at.fault("\"" + word + "\" is not a way to treat a record whose related record was deleted",
                            Nearest.advice(word, Arrays.stream(RecordLink.Deleted.values())
                                    .map(RecordLink.Deleted::word).toList()));
                    return usual;
                });
    }

    private ChildMapping child(String name, Yaml at, String parent, JsonNode sample) {
        Map<String, Yaml> entries = at.entries("description", "each", "entity", "crm", "inside", "shared", "identity",
                "fields", "links");
        boolean sharedByOthers = entries.containsKey("shared") && entries.get("shared").flag(false);
        Expression each = expression(at, entries, "each", null);
        String inside = entries.containsKey("inside") ? entries.get("inside").text().orElse(null) : null;
        String entity = null;
        String object = null;
        if (inside == null) {
            entity = text(at, entries, "entity", "name the elements' entity, or write `inside: <CRM field>`");
            object = text(at, entries, "crm", "name the CRM's object, or write `inside: <CRM field>`");
        } else {
            for (String key : List.of("entity", "crm", "shared", "identity", "links")) {
                if (entries.containsKey(key)) {
                    entries.get(key).fault("elements inside the parent's body are not records",
                            "remove " + key + " or inside");
                }
            }
        }
        JsonNode element = null;
        if (each != null && sample != null) {
            try {
                List<JsonNode> elements = new ChildMapping(name, parent, entity, object, inside, sharedByOthers, each,
                        new RecordShape(Identity.NONE, List.of(), List.of(), List.of())).each(sample, DRY);
                element = elements.isEmpty() ? null : elements.get(0);
            } catch (ExpressionFailed e) {
                fault(entries.get("each"), e.getMessage(), "it must give the elements of samples/" + parent + ".json");
            }
        }
        Identity identity = identity(inside == null ? entries.get("identity") : null, element);
        if (!entries.containsKey("fields")) {
            fault(at, "the key fields is missing", "map at least one field");
        }
        if (sharedByOthers && identity.externalIdField() == null) {
            fault(at, "shared elements have no key", "write identity.external-id with the field of our key");
        }
        List<Field> fields = fields(entries.get("fields"), element, identity);
        List<RecordLink> links = links(inside == null ? entries.get("links") : null, element, true);
        return broken ? null : new ChildMapping(name, parent, entity, object, inside, sharedByOthers, each,
                new RecordShape(identity, fields, links, List.of()));
    }

    private Expression expression(Yaml at, Map<String, Yaml> entries, String key, JsonNode sample) {
        if (!entries.containsKey(key)) {
            fault(at, "the key " + key + " is missing", "write the jq that gives the value, as in `" + key + ": .id`");
            return null;
        }
        Yaml value = entries.get(key);
        Optional<String> text = value.text();
        if (text.isEmpty()) {
            broken = true;
            return null;
        }
        return compiled(value, text.get(), sample);
    }

    private Expression compiled(Yaml value, String text, JsonNode sample) {
        try {
            Expression expression = Expression.compile(text);
            Optional<ExpressionFailed> wrong = expression.faultOnNull();
            if (wrong.isPresent()) {
                fault(value, wrong.get().getMessage(), wrong.get().advice("use a function of jq 1.7"));
            } else if (sample != null) {
                expression.one(sample);
            }
            return expression;
        } catch (IllegalArgumentException e) {
            fault(value, e.getMessage(), "see the jq 1.7 manual, https://jqlang.org/manual/v1.7/");
        } catch (ExpressionFailed e) {
            fault(value, e.getMessage(), e.advice("it must give one value for the whole record in samples/"));
        }
        return null;
    }

    private String text(Yaml at, Map<String, Yaml> entries, String key, String right) {
        Optional<Yaml> value = at.required(entries, key, right);
        broken |= value.isEmpty();
        return value.flatMap(Yaml::text).orElse("");
    }

    private void fault(Yaml at, String wrong, String right) {
        broken = true;
        at.fault(wrong, right);
    }
}
