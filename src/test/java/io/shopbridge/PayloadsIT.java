package io.shopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.sandbox.shop.ShopEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Shopify's own example payloads, signed and posted: each is answered 200 and ends in a named outcome. */
@ExtendWith(OutputCaptureExtension.class)
class PayloadsIT {

    private static final Path PAYLOADS = Path.of("../shared/specs/shopify/payloads");

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();
    private final ObjectMapper json = new ObjectMapper();

    @Test
    void eachEndsInANamedOutcomeAndNoneLeavesAStackTrace(CapturedOutput log) throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(PAYLOADS), "there are no example payloads in " + PAYLOADS);
        shopbridge.reset();
        List<ShopEvent> events = events();
        assertThat(events).hasSizeGreaterThan(100);

        for (ShopEvent event : events) {
            assertThat(shopbridge.post(event)).as(event.topic() + " " + event.webhookId()).isEqualTo(200);
        }
        // One of them says that the app was uninstalled.
        await().until(() -> shopbridge.count("SELECT count(*) FROM store_pause") == 1);
        shopbridge.operator("POST", "/api/v1/stores/main/resume");
        shopbridge.awaitSettled();

        assertThat(shopbridge.jdbc().queryForList("SELECT DISTINCT outcome FROM outcome", String.class))
                .contains("delivered", "not-handled")
                .isSubsetOf(Arrays.stream(Outcome.values()).map(Outcome::word).toList());
        assertThat(shopbridge.jdbc().queryForList("""
                SELECT DISTINCT f.store || ' ' || f.entity || ' ' || f.record_id || ' for ' || c.crm
                FROM mirror_facet f CROSS JOIN (VALUES ('hubspot'), ('crm-one')) AS c (crm)
                WHERE f.entity IN ('customer', 'order') AND NOT EXISTS (SELECT 1 FROM outcome o WHERE o.crm = c.crm
                    AND o.store = f.store AND o.entity = f.entity AND o.record_id = f.record_id)""", String.class))
                .as("records without an outcome").isEmpty();
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE errors LIKE '%Exception%'")).isZero();
        assertThat(log.getAll()).doesNotContain("\tat ");
    }

    private List<ShopEvent> events() throws IOException {
        List<ShopEvent> events = new ArrayList<>();
        for (Path file : files("hookdeck-webhook-samples")) {
            JsonNode sample = json.readTree(file.toFile());
            events.add(event(sample.path("topic").asText(), sample.path("body"), events.size()));
        }
        for (Path file : files("shopify-docs-topic-examples")) {
            JsonNode example = json.readTree(file.toFile());
            if (example.has("response")) {
                events.add(event(example.path("name").asText(), example.path("response"), events.size()));
            }
        }
        return events;
    }

    private static ShopEvent event(String topic, JsonNode body, int number) {
        return new ShopEvent(topic, "payload-" + number, "event-" + number, Instant.now(),
                body.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static List<Path> files(String folder) throws IOException {
        try (Stream<Path> all = Files.walk(PAYLOADS.resolve(folder))) {
            return all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
    }
}
