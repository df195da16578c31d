package io.shopbridge.lint;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.cases.AnswerCase;
import io.shopbridge.map.Expression;
import io.shopbridge.map.Values;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.PayloadRecords;
import io.shopbridge.shopify.GraphqlTypes;
import io.shopbridge.shopify.PayloadPart;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.yaml.Fault;
import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compares mappings and samples with what Shopify sends: a mapping whose entity has no topic is never used, and a field
 * that no body and no answer brings is empty in every CRM. What Shopify sends is what the mirror makes of the topics'
 * samples and of the answers' cases.
 */
final class ShopifyRules {

    /** Of every record, but made of what no single body says. */
    private static final Set<String> MADE = Set.of("contact_key", "deleted_at", "merged_into", "metrics", "guest",
            "withheld", "store", "store_domain", "settings");

    private final Path root;
    private final Shopify shopify;
    private final Map<String, Map<String, JsonNode>> brought = new HashMap<>();

    ShopifyRules(Path root, Shopify shopify, Collection<AnswerCase> cases, List<Fault> faults) {
        this.root = root;
        this.shopify = shopify;
        shopify.samples().forEach((topic, file) -> sample(topic, root.resolve(GraphqlTypes.FOLDER).resolve(file),
                faults));
        cases.forEach(one -> one.records().forEach(this::bring));
    }

    private void sample(String topic, Path file, List<Fault> faults) {
        try {
            if (Files.exists(file)) {
                PayloadRecords.of(shopify, "main", "US", topic, Files.readAllBytes(file)).forEach(this::bring);
            }
        } catch (IOException | UnreadablePayload e) {
            faults.add(new Fault(root.relativize(file).toString().replace('\\', '/'), 0, "",
                    "is not a body of topic " + topic + ": " + e.getMessage(), "write one as Shopify sends it"));
        }
    }

    private void bring(CanonicalRecord record) {
        Map<String, JsonNode> fields = brought.computeIfAbsent(record.key().entity(), entity -> new TreeMap<>());
        record.json().properties().forEach(field -> fields.merge(field.getKey(), field.getValue(),
                (one, other) -> Values.isEmpty(one) ? other : one));
    }

    /** Looks at one mapping. */
    void check(Yaml mapping) {
        Yaml at = mapping.entries().get("shopify");
        String entity = at.json().asText();
        if (shopify.entities().isEmpty()) {
            return;
        }
        // Without a sample, the mapping's reader has reported it.
        if (!shopify.entities().contains(entity) && Files.exists(root.resolve("samples").resolve(entity + ".json"))) {
            at.fault("no topic brings \"" + entity + "\", so nothing would ever be delivered",
                    "write its topics into " + GraphqlTypes.FOLDER + "/topics.yaml. "
                            + Nearest.advice(entity, shopify.entities()));
        }
        Yaml fields = mapping.entries().get("fields");
        if (fields != null && fields.isMap() && brought.containsKey(entity)) {
            fields.entries().values().stream().filter(Yaml::isMap).map(field -> field.entries().get("from"))
                    .filter(from -> from != null && from.json().isTextual())
                    .forEach(from -> expression(entity, from));
        }
    }

    private void expression(String entity, Yaml from) {
        Map<String, JsonNode> known = brought.get(entity);
        for (String name : Expression.rootsOf(from.json().asText())) {
            if (!known.containsKey(name) && !MADE.contains(name)) {
                from.untested("no topic and no answer brings ." + name, advice(name, known));
            }
        }
    }

    /** Looks whether the mirror could have made the samples that mappings are tested with. */
    void checkSamples(List<Fault> faults) {
        brought.forEach((entity, known) -> {
            Path file = root.resolve("samples").resolve(entity + ".json");
            try {
                JsonNode sample = Files.exists(file) ? Values.read(file) : null;
                if (sample == null || !sample.isObject()) {
                    return;
                }
                sample.fieldNames().forEachRemaining(name -> {
                    if (!known.containsKey(name) && !MADE.contains(name)) {
                        faults.add(new Fault("samples/" + entity + ".json", 0, name,
                                "no topic and no answer brings it, so tests with it show what never happens",
                                advice(name, known), true));
                    }
                });
            } catch (IOException e) {
                // The reader of the mappings reports that it isn't JSON.
            }
        });
    }

    private static String advice(String name, Map<String, JsonNode> known) {
        return Nearest.to(name, known.keySet()).map(near -> "did you mean ." + near + ", as in "
                + shown(known.get(near)) + "?").orElse("remove it, or add a body that has it: a `sample` in "
                + GraphqlTypes.FOLDER + "/topics.yaml");
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
