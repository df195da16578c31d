package io.shopbridge.docs;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Field;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.Owner;
import io.shopbridge.map.RecordLink;
import io.shopbridge.store.ShopbridgeSettings.Retry;
import io.shopbridge.yaml.Yaml;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One CRM's page. */
final class FieldsPage {

    private static final Map<Owner, String> RULES = Map.of(
            Owner.SHOPIFY, "Shopify decides, always. Another value in the CRM is overwritten; what somebody typed there"
                    + " while Shopify has no value stays. An `unsubscribed` in the CRM wins until Shopify has newer"
                    + " news.",
            Owner.SHOPIFY_ON_CREATE, "Shopify fills it while the CRM has no value of its own. Once somebody changes it"
                    + " in the CRM, it stays as it is there.",
            Owner.NEWEST_WINS, "Where one side changed since the last sync, that side wins. Where both did, the later"
                    + " edit wins, and the loser is recorded as a conflict with hashes and times of both values.",
            Owner.CRM, "The CRM decides, always. It is never in a request.");
    private static final Map<String, String> REFUSALS = Map.of(
            "email", "is no plausible e-mail address",
            "phone", "is no valid phone number",
            "decimal", "is no number",
            "integer", "is no whole number",
            "boolean", "is neither true nor false",
            "date", "is no ISO 8601 time with an offset",
            "country", "is no two-letter country code");
    private static final List<String> NO_REFUSAL = List.of("or-none", "or-as-is");

    private final Path root;
    private final JsonNode crm;
    private final List<Mapping> mappings;
    private final Optional<Yaml> retries;
    private final Set<String> tables = new TreeSet<>();
    private final StringBuilder page = new StringBuilder();

    FieldsPage(Path root, JsonNode crm, List<Mapping> mappings, Optional<Yaml> retries) {
        this.root = root;
        this.crm = crm;
        this.mappings = mappings;
        this.retries = retries;
    }

    String text() {
        line("# " + crm.path("name").asText() + ": fields, owners and rules");
        line("Made by `java -jar shopbridge.jar docs` from the files of this folder. Edit those, not this page.");
        matrix();
        line("## Who decides");
        Table owners = new Table("Owner", "Conflict rule");
        for (Owner owner : Owner.values()) {
            owners.row(Table.code(owner.word()), RULES.get(owner));
        }
        page.append(owners.text());
        mappings.forEach(this::mapping);
        tables();
        limits();
        answers();
        return page.toString().stripTrailing() + "\n";
    }

    private void matrix() {
        line("## Ownership matrix");
        Table matrix = new Table("CRM object", "`shopify`", "`shopify-on-create`", "`newest-wins`", "`crm`");
        // Several mappings may write one object: line items belong to orders and to deals.
        Map<String, List<Field>> objects = new LinkedHashMap<>();
        for (Mapping mapping : mappings) {
            objects.computeIfAbsent(mapping.object(), object -> new ArrayList<>()).addAll(mapping.fields());
            mapping.children().forEach(child ->
                    objects.computeIfAbsent(child.object(), object -> new ArrayList<>()).addAll(child.fields()));
        }
        objects.forEach((object, fields) -> matrix.row(matrixRow(object, fields)));
        page.append(matrix.text());
    }

    private static String[] matrixRow(String object, List<Field> fields) {
        List<String> cells = new ArrayList<>(List.of(Table.code(object)));
        for (Owner owner : Owner.values()) {
            cells.add(fields.stream().filter(field -> field.owner() == owner).map(Field::name).distinct()
                    .collect(Collectors.joining(", ")));
        }
        return cells.toArray(String[]::new);
    }

    private void mapping(Mapping mapping) {
        JsonNode file = Yaml.read(root, mapping.file(), new ArrayList<>()).map(Yaml::json).orElseThrow();
        line("## " + mapping.entity() + " → " + mapping.object()
                + (file.has("orders") ? " (as " + file.get("orders").asText() + ")" : ""));
        mapping.switchedOnBy().ifPresent(setting -> line("Used where the setting " + Table.code(setting)
                + " of the CRM is `true`."));
        if (file.has("description")) {
            line(file.get("description").asText());
        }
        mapping.externalIdField().ifPresent(field -> line("Our key is in " + Table.code(field) + ", made of "
                + Table.code(mapping.externalIdSource().orElseThrow().text()) + "."));
        if (!mapping.matchSources().isEmpty()) {
            line("A record without a link or key is looked for by "
                    + mapping.matchSources().entrySet().stream().map(match -> Table.code(match.getKey()) + " from "
                            + Table.code(match.getValue().text())).collect(Collectors.joining(", then by "))
                    + ": one hit is linked, none is created, several are held for a person"
                    + (mapping.nameFields().isEmpty() ? "" : ". A hit by phone alone must agree in "
                            + mapping.nameFields().stream().map(Table::code).collect(Collectors.joining(" and ")))
                    + ".");
        }
        mapping.skips().forEach(skip ->
                line("Nothing happens where " + Table.code(skip.when().text()) + ": " + skip.because() + "."));
        fields(mapping.fields());
        stores(file.path("stores"));
        links(mapping.links());
        for (ChildMapping child : mapping.inside()) {
            line("### " + child.inside() + ", in the record's own body");
            line("One element for each of " + Table.code(child.eachExpression().text()) + ".");
            fields(child.fields());
        }
        for (ChildMapping child : mapping.children()) {
            line("### " + child.entity() + " → " + child.object());
            line("One record for each of " + Table.code(child.eachExpression().text()) + ".");
            child.externalIdField().ifPresent(field -> line("Our key is in " + Table.code(field) + ", made of "
                    + Table.code(child.externalIdSource().orElseThrow().text()) + "."));
            fields(child.fields());
            links(child.links());
        }
    }

    private void fields(List<Field> fields) {
        Table table = new Table("CRM field", "From Shopify", "Cleaned", "Value table", "If empty", "Owner", "Direction",
                "Back to Shopify", "Refused where it");
        for (Field field : fields) {
            if (!field.isKey()) {
                Field.Source source = field.source().orElse(null);
                String clean = source == null ? "" : String.join(", ", source.clean());
                if (source != null && source.table() != null) {
                    tables.add(source.table());
                }
                table.row(Table.code(field.name()), source == null ? "" : Table.code(source.from().text()), clean,
                        source == null || source.table() == null ? ""
                                : "[" + source.table() + "](#" + source.table() + ")",
                        source == null || source.otherwise() == null ? "" : Table.code(source.otherwise().asText()),
                        Table.code(field.owner().word()), field.owner() == Owner.CRM ? "" : field.direction().word(),
                        field.backTo() == null ? "" : Table.code(field.backTo()), refused(source));
            }
        }
        page.append(table.text());
    }

    private String refused(Field.Source source) {
        List<String> rules = new ArrayList<>();
        if (source != null) {
            if (source.required() && source.otherwise() == null) {
                rules.add("is empty");
            }
            for (String cleaner : source.clean()) {
                String rule = REFUSALS.get(cleaner.split("\\s+")[0]);
                if (rule != null && NO_REFUSAL.stream().noneMatch(cleaner::endsWith)) {
                    rules.add(rule);
                }
            }
            if (source.table() != null && !table(source.table()).has("otherwise")) {
                rules.add("is not in the table");
            }
        }
        return String.join("; ", rules);
    }

    private void stores(JsonNode stores) {
        stores.properties().forEach(store -> {
            Table table = new Table("CRM field", "Otherwise for store " + store.getKey());
            store.getValue().path("fields").properties().forEach(field -> table.row(Table.code(field.getKey()),
                    Table.code(field.getValue().toString())));
            page.append(table.text());
        });
    }

    private void links(List<RecordLink> links) {
        Table table = new Table("Link", "To", "Record", "In the CRM", "Until it is there", "If there is none");
        for (RecordLink link : links) {
            table.row(link.name(), link.to(), link.record() == null ? "" : Table.code(link.record().text()),
                    link.field() == null ? "associated with " + link.associate()
                            + (link.label() == null ? "" : " as " + Table.code(link.label()))
                            : "in " + Table.code(link.field()),
                    link.toParent() ? "" : link.required() ? "waits" : "is delivered all the same",
                    link.toParent() ? "" : switch (link.absent()) {
                        case DELIVER -> "is delivered";
                        case SKIP -> "is skipped";
                    });
        }
        if (!table.isEmpty()) {
            page.append(table.text());
        }
    }

    private void tables() {
        if (!tables.isEmpty()) {
            line("## Value tables");
        }
        for (String name : tables) {
            JsonNode table = table(name);
            line("### " + name);
            if (table.has("description")) {
                line(table.get("description").asText());
            }
            Map<String, String> rows = new LinkedHashMap<>();
            table.path("values").properties()
                    .forEach(value -> rows.put(value.getKey(),
                            Table.code(value.getValue().asText()) + meaning(table, value.getValue())));
            table.path("leave").forEach(word -> rows.put(word.asText(), "the CRM's field stays as it is"));
            Table text = new Table("Shopify", crm.path("name").asText());
            rows.forEach((shopify, value) -> text.row(Table.code(shopify), value));
            text.row("anything else", table.has("otherwise") ? Table.code(table.get("otherwise").asText())
                    : "refused");
            page.append(text.text());
        }
    }

    /** Of a consent: whether the CRM's value is a person's yes or no. */
    private static String meaning(JsonNode table, JsonNode value) {
        for (String word : List.of("yes", "no")) {
            JsonNode values = table.path(word);
            for (JsonNode one : values.isArray() ? values : List.of(values)) {
                if (one.equals(value)) {
                    return ", a " + word;
                }
            }
        }
        return "";
    }

    private JsonNode table(String name) {
        return Yaml.read(root, root.resolve("tables").resolve(name + ".yaml"), new ArrayList<>()).map(Yaml::json)
                .orElseThrow();
    }

    private void limits() {
        line("## Limits");
        JsonNode limits = crm.path("limits");
        if (limits.isObject()) {
            line("At most " + limits.path("requests").asText() + " calls in " + limits.path("period").asText() + ", "
                    + limits.path("at-once").asText() + " at once"
                    + (limits.has("gather") ? "; changes gather for " + limits.get("gather").asText()
                            + " to be sent together" : "") + ".");
            limits.path("groups").properties().forEach(group -> line("Of these, calls of kind " + group.getKey()
                    + ": at most " + group.getValue().path("requests").asText() + " in "
                    + group.getValue().path("period").asText() + "."));
        }
        Table table = new Table("Operation", "Call", "Records in a call");
        crm.path("operations").properties().forEach(operation -> {
            JsonNode at = operation.getValue();
            String call = List.of("get", "post", "put", "patch", "delete").stream().filter(at::has)
                    .map(method -> method.toUpperCase(Locale.ROOT) + " " + at.get(method).asText())
                    .findFirst().orElse("");
            table.row(operation.getKey(), Table.code(call), at.has("batch") ? at.get("batch").asText() : "1");
        });
        page.append(table.isEmpty() ? "" : table.text());
    }

    /** One text or a list of them. */
    private static String words(JsonNode texts) {
        if (!texts.isArray()) {
            return Table.code(texts.asText());
        }
        List<String> words = new ArrayList<>();
        texts.forEach(text -> words.add(Table.code(text.asText())));
        return String.join(" or ", words);
    }

    private void answers() {
        line("## Answers and retries");
        Table table = new Table("Status", "Means", "Waits");
        for (JsonNode answer : crm.path("answers")) {
            String otherwise = answer.has("wait-until") ? "until the account's " + answer.get("wait-until").asText()
                    : answer.path("wait-for").asText("");
            String status = answer.path("status").asText()
                    + (answer.has("when") ? " where " + Table.code(answer.get("when").asText()) : "");
            table.row(status, answer.path("means").asText(),
                    !answer.has("wait-header") ? otherwise
                            : "as " + words(answer.get("wait-header")) + " says, else "
                            + (otherwise.isEmpty() ? "as below" : otherwise));
        }
        if (!table.isEmpty()) {
            page.append(table.text());
        }
        retries.map(Yaml::json).ifPresent(policy -> line("A call that is not answered, or answered busy, is made "
                + policy.path("maximumRedeliveries").asText() + " times more, first after "
                + millis(policy.path("redeliveryDelay").asText()) + ", each wait "
                + policy.path("backOffMultiplier").asText()
                + " times the last."));
        Retry waits = Retry.defaults();
        line("Then the record waits in the database, first " + words(waits.firstWait()) + ", twice as long each time,"
                + " at most " + words(waits.longestWait()) + ", and never gives up. Locked out: everything waits"
                + " and is tried every " + words(waits.lockedOut()) + ", and a person is told. Refused: the record"
                + " is rejected with the CRM's reason, and the others of its batch go on. Gone: it is looked for again,"
                + " and created where it isn't found. These waits are settings, `shopbridge.retry`.");
    }

    /** Camel takes a number without a unit for milliseconds. */
    private static String millis(String delay) {
        return delay.matches("[0-9]+") ? delay + " ms" : delay;
    }

    private static String words(Duration duration) {
        return duration.toHours() > 0 ? duration.toHours() + " h"
                : duration.toMinutes() > 0 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
    }

    private void line(String text) {
        page.append(text).append("\n\n");
    }
}
