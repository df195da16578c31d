package io.shopbridge.map;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Shopify's own example payloads are mapped, or refused with a sentence; none of them breaks anything. */
class ShopifyPayloadsTest {

    private static final MappingContext MAIN = new MappingContext("main", "US");

    @Test
    void everyPayloadIsMappedOrRefusedWithASentence() throws IOException {
        Path payloads = Path.of("../shared/specs/shopify/payloads");
        Assumptions.assumeTrue(Files.isDirectory(payloads), "there are no example payloads in " + payloads);
        Mappings mappings = Mappings.load(Path.of("mappings"));
        int seen = 0;
        for (Path file : jsonFiles(payloads)) {
            String topic = payloads.relativize(file).toString();
            JsonNode body = topic.matches("(hookdeck|shopify-docs).*/(orders|customers)[./].*") ? body(file) : null;
            if (body != null && body.isObject()) {
                String entity = topic.contains("orders") ? "order" : "customer";
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

    private static void check(Mapping mapping, JsonNode record, String topic) {
        mapping.skip(record, MAIN);
        mapping.matchKeys(record, MAIN);
        mapping.links().forEach(link -> link.recordId(record));
        for (String refusal : mapping.map(record, MAIN).refusals()) {
            assertThat(refusal).as(topic).matches("[\\w.\\[\\]]+: .{10,}").doesNotContain("Exception");
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
