package io.shopbridge.map;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Shopify's own example payloads are mapped, or refused with a sentence; none of them breaks anything. */
class ShopifyPayloadsTest {

    private static final List<String> ODD = List.of("null", "true", "-1.5e7", "'\\u0000 \\ud83d'", "'  '", "{}", "[]",
            "[[{}]]", "[null, 1, 'a', {}]", "{'shop_money': [], 'address1': {}, 'state': {}}");
    private static final Map<String, String> ENTITIES = Map.of("orders", "order", "customers", "customer", "companies",
            "company", "checkouts", "checkout");
    private static final MappingContext MAIN = new MappingContext("main", "US");

    @Test
    void everyPayloadIsMappedOrRefusedWithASentence() throws IOException {
        Path payloads = Path.of("../shared/specs/shopify/payloads");
        Assumptions.assumeTrue(Files.isDirectory(payloads), "there are no example payloads in " + payloads);
        Mappings mappings = Mappings.load(Path.of("mappings"));
        int seen = 0;
        for (Path file : jsonFiles(payloads)) {
            String topic = payloads.relativize(file).toString();
            JsonNode body = topic.matches("(hookdeck|shopify-docs).*/(orders|customers|companies|checkouts)[./].*") ? body(file) : null;
            if (body != null && body.isObject()) {
                String entity = ENTITIES.entrySet().stream().filter(one -> topic.contains(one.getKey())).findFirst()
                        .orElseThrow().getValue();
                for (Mapping mapping : mappings.all()) {
                    if (mapping.entity().equals(entity)) {
                        check(mapping, body, topic);
                        seen++;
                    }
                }
            }
        }
        assertThat(seen).isGreaterThan(50);
    }

    /** Each field of the samples in turn becomes something that nobody expects there. */
    @Test
    void aSpoiltRecordIsRefusedWithASentenceToo() throws IOException {
        Mappings mappings = Mappings.load(Path.of("mappings"));
        for (Mapping mapping : mappings.all()) {
            JsonNode sample = Values.read(Path.of("mappings/samples", mapping.entity() + ".json"));
            for (Map.Entry<String, JsonNode> field : sample.properties()) {
                for (String odd : ODD) {
                    ObjectNode spoilt = Values.with(sample, field.getKey(), ExpressionTest.json(odd));
                    for (String sentence : sentences(mapping.map(spoilt, MAIN))) {
                        assertThat(sentence).as(field.getKey() + " " + odd)
                                .matches("(?s)(without )?[\\w.\\[\\]]+: .{10,}")
                                .doesNotContain("Exception");
                    }
                    try {
                        for (ChildMapping child : mapping.children()) {
                            child.each(spoilt, MAIN).forEach(element -> child.map(element, MAIN));
                        }
                        mapping.matchKeys(spoilt, MAIN);
                    } catch (ExpressionFailed e) {
                        assertThat(e).message().matches("(?s).{10,}").doesNotContain("Exception");
                    } catch (RuntimeException e) {
                        throw new AssertionError(mapping.file() + ": " + field.getKey() + " = " + odd, e);
                    }
                }
            }
        }
    }

    private static List<String> sentences(MappedRecord mapped) {
        return Stream.concat(mapped.refusals().stream(), mapped.mended().stream().map(Mended::toString)).toList();
    }

    private static void check(Mapping mapping, JsonNode record, String topic) {
        mapping.skip(record, MAIN);
        mapping.matchKeys(record, MAIN);
        mapping.links().forEach(link -> link.recordId(record));
        for (String sentence : sentences(mapping.map(record, MAIN))) {
            assertThat(sentence).as(topic).matches("(without )?[\\w.\\[\\]]+: .{10,}").doesNotContain("Exception");
        }
        for (ChildMapping child : mapping.children()) {
            for (JsonNode element : child.each(record, MAIN)) {
                child.externalId(element, MAIN);
                assertThat(child.map(element, MAIN).refusals()).as(topic).isEmpty();
            }
        }
    }

    private static JsonNode body(Path file) throws IOException {
        JsonNode json = Values.read(file);
        return json.has("body") ? json.get("body") : json.get("response");
    }

    private static List<Path> jsonFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
    }
}
