package io.shopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.lint.Lint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The README's "add an entity": collections, by YAML and samples alone. */
class AddAnEntityIT {

    private static final String TOPICS = """

            collections/update:
              entity: collection
              known-by: [[body_html, sort_order]]
              rest: [smart_collection, smart_collections]
              sample: samples/collection-webhook.json
            collections/create: { as: collections/update }
            collections/delete: { entity: collection, says: deleted }
            """;
    private static final String ENTITY = """

            collection:
              type: Collection
              whole: { rules: [column, relation, condition] }
            """;
    private static final String FIELDS = """
              items: [external_id, name, maker, sku, price, kind, status, tags]
            """;
    private static final String WEBHOOK = """
            {"id": 8001, "admin_graphql_api_id": "gid://shopify/Collection/8001", "title": "Summer",
             "body_html": "<p>Cool</p>", "handle": "summer", "sort_order": "best-selling",
             "published_at": "2026-11-01T10:00:00-05:00", "updated_at": "2026-11-01T10:00:00-05:00",
             "disjunctive": false, "rules": [{"column": "tag", "relation": "equals", "condition": "summer"}]}
            """;
    private static final String RECORD = """
            {"id": "8001", "admin_graphql_api_id": "gid://shopify/Collection/8001", "title": "Summer",
             "body_html": "<p>Cool</p>", "handle": "summer", "sort_order": "best-selling",
             "published_at": "2026-11-01T15:00:00Z", "updated_at": "2026-11-01T15:00:00Z",
             "disjunctive": false, "rules": [{"column": "tag", "relation": "equals", "condition": "summer"}],
             "metafields": {}}
            """;
    private static final String MAPPING = """
            shopify: collection
            crm: items

            identity:
              external-id:
                field: external_id
                from: 'if .id then "\\(.store):\\(.id)" else null end'

            fields:
              name: { from: .title, clean: trim, owner: shopify }
              maker: { from: .handle, clean: trim, owner: shopify }
              kind: { from: '.rules[0].condition', clean: trim, owner: shopify }
              status: { from: if .deleted_at then "gone" else "there" end, owner: shopify }
            """;
    private static final String CASES = """
            sample: ../samples/collection.json
            tests:
              - name: a collection becomes an item
                expect:
                  send-exactly:
                    external_id: main:8001
                    name: Summer
                    maker: summer
                    kind: summer
                    status: there
              - name: a collection that Shopify has deleted is gone
                given: { deleted_at: "2026-11-02T10:00:00Z" }
                expect:
                  send: { status: gone }
            """;

    @Test
    void aSignedWebhookOfANewEntityIsDeliveredChangedAndDeleted() throws IOException {
        Path mappings = RunningShopbridge.fastMappings();
        append(mappings, "shopify/topics.yaml", TOPICS);
        append(mappings, "shopify/entities.yaml", ENTITY);
        append(mappings, "crm-one/fields.yaml", FIELDS);
        Files.writeString(mappings.resolve("shopify/samples/collection-webhook.json"), WEBHOOK);
        Files.writeString(mappings.resolve("samples/collection.json"), RECORD);
        Files.writeString(mappings.resolve("crm-one/collection-to-item.yaml"), MAPPING);
        Files.writeString(mappings.resolve("crm-one/collection-to-item.test.yaml"), CASES);
        Path orders = mappings.resolve("crm-one/order-to-order.yaml");
        Files.writeString(orders, Files.readString(orders).replaceFirst("field: contact_id\n",
                "field: contact_id\n    deleted: deliver\n"));
        assertThat(Lint.mappings(mappings)).isEmpty();

        try (RunningShopbridge shopbridge = RunningShopbridge.with("--shopbridge.mappings-dir=" + mappings)) {
            shopbridge.crmOne.addObject("items", List.of("name", "maker", "sku", "price", "kind", "status", "tags"));

            shopbridge.post("collections/create", WEBHOOK);
            shopbridge.awaitIdle();
            assertThat(shopbridge.crmOne("items", "main:8001").at("/fields/name").asText()).isEqualTo("Summer");
            assertThat(shopbridge.crmOne("items", "main:8001").at("/fields/kind").asText()).isEqualTo("summer");

            shopbridge.post("collections/update", """
                    {"id": 8001, "admin_graphql_api_id": "gid://shopify/Collection/8001", "title": "Summer sale",
                     "updated_at": "2026-11-02T10:00:00-05:00"}""");
            shopbridge.awaitIdle();
            assertThat(shopbridge.crmOne("items", "main:8001").at("/fields/name").asText())
                    .isEqualTo("Summer sale");
            assertThat(shopbridge.crmOne("items", "main:8001").at("/fields/maker").asText()).isEqualTo("summer");

            shopbridge.post("collections/delete", "{\"id\": 8001}");
            shopbridge.awaitIdle();
            assertThat(shopbridge.crmOne("items", "main:8001").at("/fields/status").asText()).isEqualTo("gone");

            anOrderOfADeletedCustomerIsDeliveredWhereTheMappingSaysSo(shopbridge);
        }
    }

    /** Here, because it needs mappings of its own too. */
    private static void anOrderOfADeletedCustomerIsDeliveredWhereTheMappingSaysSo(RunningShopbridge shopbridge) {
        shopbridge.post("customers/delete", "{\"id\": 7}");
        shopbridge.awaitIdle();
        shopbridge.post("orders/create", """
                {"id": 2, "name": "#2", "currency": "USD", "total_price": "9.00", "financial_status": "paid",
                 "updated_at": "2026-01-01T00:00:00Z", "line_items": [], "customer": {"id": 7}}""");
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("orders", "main:2").path("fields").has("contact_id")).isFalse();
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE state = 'open' AND crm = 'hubspot'")).isOne();
    }

    private static void append(Path mappings, String file, String text) throws IOException {
        Files.writeString(mappings.resolve(file), text, StandardOpenOption.APPEND);
    }
}
