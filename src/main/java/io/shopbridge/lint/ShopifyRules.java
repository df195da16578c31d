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
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares mappings and samples with what Shopify sends: a mapping whose entity has no topic is never used, and a field
 * that no body and no answer brings is empty in every CRM. What Shopify sends is what the mirror makes of the topics'
 * samples and of the answers' cases.
 */
final class ShopifyRules {

    /** It passes on what it is given, or nothing. */
    private static final Pattern CONDITION = Pattern.compile("\\|\\s*select\\([^|,]*\\)\\s*$");

    private final Path root;
    private final Shopify shopify;
    private final Map<String, Shape> brought = new HashMap<>();

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
        brought.merge(record.key().entity(), new Shape(record.json()), Shape::and);
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
        Shape shape = brought.get(entity);
        if (shape != null) {
            expressions(mapping, shape);
            inside(mapping, "children").filter(Yaml::isMap).forEach(child -> children(child, entity, shape));
        }
    }

    /** What the elements have is known where their expression is one path, and perhaps a condition. */
    private static void children(Yaml child, String parent, Shape shape) {
        Yaml each = child.entries().get("each");
        if (each != null && each.json().isTextual()) {
            List<List<String>> paths =
                    Expression.pathsOf(CONDITION.matcher(each.json().asText().strip()).replaceFirst(""));
            paths.forEach(path -> path(each, path, shape));
            if (paths.size() == 1) {
                shape.at(paths.get(0)).ifPresent(element -> expressions(child, element.with(parent, shape)));
            }
        }
    }

    private static void expressions(Yaml at, Shape shape) {
        Stream<Yaml> identity = Stream.of(at.entries()).map(entries -> entries.get("identity"))
                .filter(one -> one != null && one.isMap()).flatMap(one -> Stream.concat(
                        Stream.ofNullable(one.entries().get("external-id")),
                        Stream.ofNullable(one.entries().get("match")).flatMap(match -> match.items().stream())));
        Stream.concat(identity, inside(at, "fields")).filter(Yaml::isMap).map(one -> one.entries().get("from"))
                .filter(from -> from != null && from.json().isTextual())
                .forEach(from -> Expression.pathsOf(from.json().asText()).forEach(path -> path(from, path, shape)));
    }

    private static Stream<Yaml> inside(Yaml at, String key) {
        Yaml all = at.entries().get(key);
        return all == null || !all.isMap() ? Stream.of() : all.entries().values().stream();
    }

    private static void path(Yaml at, List<String> path, Shape shape) {
        int never = shape.neverFrom(path);
        if (never > 0) {
            List<String> known = path.subList(0, never - 1);
            at.untested("no topic and no answer brings " + shown(path.subList(0, never)),
                    advice(path.get(never - 1), known, shape.at(known).orElseThrow()));
        }
    }

    private static String shown(List<String> path) {
        return path.stream().map(step -> step.equals(Expression.EACH) ? step : "." + step).collect(Collectors.joining());
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
                    if (!known.has(name)) {
                        faults.add(new Fault("samples/" + entity + ".json", 0, name,
                                "no topic and no answer brings it, so tests with it show what never happens",
                                advice(name, List.of(), known), true));
                    }
                });
            } catch (IOException e) {
                // The reader of the mappings reports that it isn't JSON.
            }
        });
    }

    private static String advice(String name, List<String> inside, Shape known) {
        return Nearest.to(name, known.fields()).map(near -> "did you mean " + shown(inside) + "." + near + ", as in "
                + shown(known.get(near)) + "?").orElse("remove it, or add a body that has it: a `sample` in "
                + GraphqlTypes.FOLDER + "/topics.yaml");
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
