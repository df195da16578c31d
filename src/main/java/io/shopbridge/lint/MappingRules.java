package io.shopbridge.lint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.Values;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rules about one mapping file that the loader doesn't need, but the users of the mapping do. */
final class MappingRules {

    private static final Pattern PATH = Pattern.compile("(?<![\\w\\]])((?:\\.[A-Za-z_]\\w*)+)");
    /** Amounts whose currency the path does not show. */
    private static final Set<String> BARE = Set.of("total_price", "subtotal_price", "total_tax", "total_discounts",
            "total_line_items_price", "current_total_price", "current_subtotal_price", "current_total_tax",
            "current_total_discounts", "total_outstanding", "total_tip_received", "total_spent", "price",
            "total_discount", "discounted_price", "pre_tax_price", "amount");
    private static final Set<String> CHOICE = Set.of("shop_money", "presentment_money", "shop", "presentment");
    private static final Yaml KNOWN = Yaml.resource("/lint/shopify-values.yaml");

    /** Something that writes a CRM field. */
    record Writer(String field, String what, Yaml at) {
    }

    private final Path root;
    private final Path file;
    private final Yaml yaml;
    private final Map<String, Yaml> tables;

    MappingRules(Path root, Path file, Yaml yaml, Map<String, Yaml> tables) {
        this.root = root;
        this.file = file;
        this.yaml = yaml;
        this.tables = tables;
    }

    /** @param mapping the file as the loader reads it; empty where it is too broken for that */
    void check(Optional<Mapping> mapping, List<Fault> faults) {
        String entity = text(yaml, "shopify");
        JsonNode sample = sample(entity);
        mapping.ifPresent(read -> {
            ConsentRules.check(read, yaml, sample);
            IdentityRules.check(read, yaml, sample);
        });
        for (Yaml shape : shapes(yaml)) {
            twoWriters(shape);
            if (shape == yaml) {
                externalId(shape, sample);
            }
            for (Yaml field : fields(shape)) {
                money(field);
                if (shape == yaml) {
                    coverage(entity, field, field.entries().get("from"));
                }
            }
        }
        perStore(entity);
        expectations(faults);
    }

    /** What differs for single stores is held to the same rules; a table there translates what the field is made of. */
    private void perStore(String entity) {
        Yaml stores = yaml.entries().get("stores");
        if (stores == null || !stores.isMap()) {
            return;
        }
        Map<String, Yaml> usual = new HashMap<>();
        fields(yaml).forEach(field -> usual.put(lastKey(field), field));
        for (Yaml store : stores.entries().values()) {
            for (Yaml field : store.isMap() ? fields(store) : List.<Yaml>of()) {
                money(field);
                Yaml same = usual.getOrDefault(lastKey(field), field);
                coverage(entity, field, field.entries().getOrDefault("from", same.entries().get("from")));
            }
        }
    }

    /** The file itself and its children, which have fields and links of their own. */
    static List<Yaml> shapes(Yaml mapping) {
        List<Yaml> shapes = new ArrayList<>(List.of(mapping));
        Yaml children = mapping.entries().get("children");
        if (children != null && children.isMap()) {
            children.entries().values().stream().filter(Yaml::isMap).forEach(shapes::add);
        }
        return shapes;
    }

    /** Everything that writes a field of this shape's CRM object. */
    static List<Writer> writers(Yaml shape) {
        List<Writer> writers = new ArrayList<>();
        Map<String, Yaml> entries = shape.entries();
        Yaml identity = entries.get("identity");
        if (identity != null && identity.isMap() && identity.entries().containsKey("external-id")
                && identity.entries().get("external-id").isMap()) {
            Yaml field = identity.entries().get("external-id").entries().get("field");
            if (field != null) {
                field.text().ifPresent(name -> writers.add(new Writer(name, "external id", field)));
            }
        }
        if (entries.containsKey("fields") && entries.get("fields").isMap()) {
            entries.get("fields").entries().forEach((name, at) -> writers.add(new Writer(name, "field", at)));
        }
        for (String kind : List.of("links", "children")) {
            if (entries.containsKey(kind) && entries.get(kind).isMap()) {
                String key = kind.equals("links") ? "field" : "inside";
                entries.get(kind).entries().forEach((name, at) -> {
                    Yaml target = at.isMap() ? at.entries().get(key) : null;
                    if (target != null) {
                        target.text().ifPresent(field -> writers.add(new Writer(field, kind + "." + name, target)));
                    }
                });
            }
        }
        return writers;
    }

    private void twoWriters(Yaml shape) {
        Map<String, Writer> seen = new HashMap<>();
        for (Writer writer : writers(shape)) {
            Writer first = seen.putIfAbsent(writer.field(), writer);
            // Field and external id, and field and inside, are the loader's own.
            if (first != null && !writer.what().equals("field")
                    && !(first.what().equals("field") && writer.what().startsWith("children."))) {
                writer.at().fault("\"" + writer.field() + "\" has two writers: this and the " + first.what()
                        + " in line " + first.at().line(), "a field has one writer: remove one of them");
            }
        }
    }

    private void externalId(Yaml shape, JsonNode sample) {
        Yaml identity = shape.entries().get("identity");
        Yaml external = identity != null && identity.isMap() ? identity.entries().get("external-id") : null;
        Yaml from = external != null && external.isMap() ? external.entries().get("from") : null;
        String text = from == null ? null : from.text().orElse(null);
        if (text == null || sample == null || text.contains("null") || text.contains(".guest")) {
            return;
        }
        try {
            Expression expression = Expression.compile(text);
            Matcher paths = PATH.matcher(text);
            while (paths.find()) {
                String top = paths.group(1).substring(1).split("\\.")[0];
                // What the sample lacks altogether is no record's, which the rules of identity say.
                if (!top.equals("store") && sample.has(top)) {
                    ObjectNode spoilt = sample.deepCopy();
                    spoilt.put("store", "main").putNull(top);
                    JsonNode key = expression.one(spoilt);
                    if (Values.isEmpty(key) || key.asText().contains("null")) {
                        from.fault("gives " + (Values.isEmpty(key) ? "nothing" : key) + " where ." + top + " is null",
                                "give such a record no key: if ." + top + " then … else null end");
                        return;
                    }
                }
            }
        } catch (IllegalArgumentException | ExpressionFailed e) {
            // The loader says so.
        }
    }

    private static void money(Yaml field) {
        Yaml from = field.entries().get("from");
        if (from == null) {
            return;
        }
        Matcher paths = PATH.matcher(from.text().orElse(""));
        while (paths.find()) {
            String[] names = paths.group(1).substring(1).split("\\.");
            String last = names[names.length - 1];
            boolean chosen = names.length > 1 && CHOICE.contains(names[names.length - 2]);
            boolean ours = names[0].equals("metrics") || names[0].equals("signals");
            if (BARE.contains(last) && !chosen && !ours) {
                String right = last.equals("amount")
                        ? "say which money: ….shop_money.amount or ….presentment_money.amount"
                        : "say which money: ." + last
                                + "_set.shop_money.amount, or .totals.net.shop.amount of the order";
                from.fault(paths.group(1) + " is an amount without its currency", right);
                return;
            }
        }
    }

    private void coverage(String entity, Yaml field, Yaml from) {
        Yaml name = field.entries().get("table");
        Yaml table = name == null ? null : tables.get(name.text().orElse(""));
        if (from == null || table == null || table.entries().containsKey("otherwise")
                || !KNOWN.entries().containsKey(entity)) {
            return;
        }
        Set<String> covered = new HashSet<>();
        Map<String, Yaml> parts = table.entries();
        if (parts.containsKey("values") && parts.get("values").isMap()) {
            parts.get("values").entries().keySet().forEach(word -> covered.add(word.toLowerCase(Locale.ROOT)));
        }
        if (parts.containsKey("leave")) {
            parts.get("leave").items().forEach(item -> covered.add(item.json().asText().toLowerCase(Locale.ROOT)));
        }
        Matcher paths = PATH.matcher(from.text().orElse(""));
        while (paths.find()) {
            Yaml known = KNOWN.entries().get(entity).entries().get(paths.group(1).substring(1));
            if (known != null) {
                List<String> missing = known.items().stream().map(item -> item.json().asText())
                        .filter(word -> !covered.contains(word)).toList();
                if (!missing.isEmpty()) {
                    name.fault(table.file() + " lacks Shopify's " + String.join(", ", missing),
                            "add them under values or leave, or say `otherwise:`");
                }
            }
        }
    }

    private void expectations(List<Fault> faults) {
        String name = file.getFileName().toString();
        Path tests = file.resolveSibling(name.substring(0, name.length() - ".yaml".length()) + ".test.yaml");
        if (!Files.exists(tests)) {
            return;
        }
        Set<String> expected = new HashSet<>();
        Yaml.read(root, tests, faults).map(Yaml::json).ifPresent(json ->
                json.path("tests").forEach(test -> expected(test.path("expect"), "", expected)));
        for (Yaml shape : shapes(yaml)) {
            Yaml inside = shape == yaml ? null : shape.entries().get("inside");
            String list = inside == null ? lastWord(shape.key()) : inside.json().asText();
            String at = shape == yaml ? "" : list + ".";
            for (Yaml field : fields(shape)) {
                Yaml owner = field.entries().get("owner");
                boolean sent = owner == null || !owner.json().asText().equals("crm");
                if (sent && field.entries().containsKey("from") && !expected.contains(at + lastKey(field))) {
                    field.untested("no test expects it", "name it under send, send-exactly or leave in "
                            + tests.getFileName());
                }
            }
        }
    }

    private static void expected(JsonNode expect, String at, Set<String> names) {
        for (String word : List.of("send", "send-exactly", "children")) {
            expect.path(word).properties().forEach(entry -> {
                names.add(at + entry.getKey());
                entry.getValue().forEach(element -> element.fieldNames().forEachRemaining(field ->
                        names.add(entry.getKey() + "." + field)));
            });
        }
        expect.path("leave").forEach(field -> names.add(field.asText()));
        expect.path("send-back").fieldNames().forEachRemaining(names::add);
    }

    private static List<Yaml> fields(Yaml shape) {
        Yaml fields = shape.entries().get("fields");
        return fields == null || !fields.isMap() ? List.of()
                : fields.entries().values().stream().filter(Yaml::isMap).toList();
    }

    private JsonNode sample(String entity) {
        try {
            JsonNode sample = Values.read(root.resolve("samples").resolve(entity + ".json"));
            return sample instanceof ObjectNode ? sample : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static String text(Yaml at, String key) {
        return at.entries().containsKey(key) ? at.entries().get(key).json().asText() : "";
    }

    private static String lastKey(Yaml field) {
        return field.key().substring(field.key().indexOf("fields.") + "fields.".length());
    }

    private static String lastWord(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }
}
