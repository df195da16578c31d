package io.shopbridge.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the API calls an abandoned checkout: exported by a bulk operation, and read as checkouts. */
class CheckoutExportTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void everyCheckoutOfTheShopIsExportedAndRead() throws Exception {
        Duration step = Duration.ofSeconds(20);
        ShopModel model = ShopModel.stepping(11, Instant.now().minus(step.multipliedBy(1200)), step)
                .withCartsAndCompanies();
        model.events(400);
        BulkQuery query = BulkQuery.of(SHOPIFY.exportOf("checkout").orElseThrow(), "");
        Map<String, ExportedRecord> records = new HashMap<>();
        Map<String, List<byte[]>> children = new HashMap<>();
        try (SimulatedAdminApi shop = SimulatedAdminApi.start(0,
                AdminOptions.defaults().withBulkTime(Duration.ofMillis(10)), model)) {
            JsonNode started = ask(shop, "mutation R($query: String!) { bulkOperationRunQuery(query: $query) {"
                    + " bulkOperation { id } userErrors { message } } }", query.text());
            String id = started.at("/data/bulkOperationRunQuery/bulkOperation/id").asText();
            assertThat(id).as(started.toString()).isNotEmpty();
            String look = "{ bulkOperation(id: \"" + id + "\") { status url } }";
            await().until(() -> ask(shop, look, "").at("/data/bulkOperation/status").asText().equals("COMPLETED"));
            try (BulkFile file = BulkFile.open(ask(shop, look, "").at("/data/bulkOperation/url").asText())) {
                for (byte[] line = file.next(); line != null; line = file.next()) {
                    String parent = ExportedRecord.parent(line);
                    if (parent.isEmpty()) {
                        ExportedRecord record = new ExportedRecord(line);
                        records.put(record.id(), record);
                    } else {
                        children.computeIfAbsent(parent, key -> new ArrayList<>()).add(line);
                    }
                }
            }
            assertThat(records).hasSize(shop.records("checkouts").size()).isNotEmpty();
        }
        Topics topics = Topics.ofNoInstallation(SHOPIFY, "US");
        records.forEach((id, record) -> {
            byte[] body = Json.write(record.with(children.getOrDefault(id, List.of()), query));
            List<FacetChange> changes = topics.receive(new ReceivedEvent(1, "main",
                    ApiAnswer.historyTopic("checkout"), null, Instant.now(), body)).orElseThrow().changes();
            assertThat(changes).extracting(change -> change.key().entity()).contains("checkout");
        });
    }

    private static JsonNode ask(SimulatedAdminApi shop, String text, String query) throws Exception {
        var body = JSON.createObjectNode().put("query", text);
        body.putObject("variables").put("query", query);
        return JSON.readTree(HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(shop.baseUrl()
                + "/admin/api/2026-10/graphql.json")).header("Content-Type", "application/json")
                .header("X-Shopify-Access-Token", Options.DEFAULT_TOKEN)
                .POST(BodyPublishers.ofString(body.toString())).build(), BodyHandlers.ofString()).body());
    }
}
