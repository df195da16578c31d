package io.shopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.lint.Lint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The README's "add an entity": products, by YAML and samples alone. */
class AddAnEntityIT {

    private static final String TOPICS = """

            products/update:
              entity: product
              known-by: [[body_html, variants]]
              rest: [product, products]
              sample: samples/product-webhook.json
            products/create: { as: products/update }
            products/delete: { entity: product, says: deleted }
            """;
    private static final String ENTITY = """

            product:
              type: Product
              whole: { variants: [title, price] }
            """;
    private static final String FIELDS = """
              items: [external_id, name, maker, sku, price, kind, status, tags]
            """;
    private static final String WEBHOOK = """
            {"id": 8001, "admin_graphql_api_id": "gid://shopify/Product/8001", "title": "Linen shirt",
             "body_html": "<p>Cool</p>", "vendor": "Weavers", "product_type": "Shirt", "status": "active",
             "tags": "linen, summer", "created_at": "2026-11-01T10:00:00-05:00",
             "updated_at": "2026-11-01T10:00:00-05:00", "variants": [{"id": 8101, "product_id": 8001,
             "admin_graphql_api_id": "gid://shopify/ProductVariant/8101", "title": "M", "price": "35.00",
             "sku": "LIN-M"}]}
            """;
    private static final String RECORD = """
            {"id": "8001", "admin_graphql_api_id": "gid://shopify/Product/8001", "title": "Linen shirt",
             "body_html": "<p>Cool</p>", "vendor": "Weavers", "product_type": "Shirt", "status": "active",
             "tags": ["linen", "summer"], "created_at": "2026-11-01T15:00:00Z",
             "updated_at": "2026-11-01T15:00:00Z", "variants": [{"id": "8101", "product_id": "8001",
             "admin_graphql_api_id": "gid://shopify/ProductVariant/8101", "title": "M", "price": "35.00",
             "sku": "LIN-M"}], "metafields": {}}
            """;
    private static final String MAPPING = """
            shopify: product
            crm: items

            identity:
              external-id:
                field: external_id
                from: 'if .id then "\\(.store):\\(.id)" else null end'

            fields:
              name: { from: .title, clean: trim, owner: shopify }
              maker: { from: .vendor, clean: trim, owner: shopify }
              sku: { from: '.variants[0].sku', clean: trim, owner: shopify }
              price: { from: '.variants[0].price', clean: decimal, owner: shopify }
              status: { from: if .deleted_at then "gone" else .status end, owner: shopify }
            """;
    private static final String CASES = """
            sample: ../samples/product.json
            tests:
              - name: a product becomes an item
                expect:
                  send-exactly:
                    external_id: main:8001
                    name: Linen shirt
                    maker: Weavers
                    sku: LIN-M
                    price: "35.00"
                    status: active
              - name: a product that Shopify has deleted is gone
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
        Files.writeString(mappings.resolve("shopify/samples/product-webhook.json"), WEBHOOK);
        Files.writeString(mappings.resolve("samples/product.json"), RECORD);
        Files.writeString(mappings.resolve("crm-one/product-to-item.yaml"), MAPPING);
        Files.writeString(mappings.resolve("crm-one/product-to-item.test.yaml"), CASES);
        assertThat(Lint.mappings(mappings)).isEmpty();

        try (RunningShopbridge shopbridge = RunningShopbridge.with("--shopbridge.mappings-dir=" + mappings)) {
            shopbridge.crmOne.addObject("items", List.of("name", "maker", "sku", "price", "kind", "status", "tags"));

            shopbridge.post("products/create", WEBHOOK);
            shopbridge.awaitIdle();
            assertThat(shopbridge.crmOne("items", "main:8001").at("/fields/name").asText()).isEqualTo("Linen shirt");
            assertThat(shopbridge.crmOne("items", "main:8001").at("/fields/price").asText()).isEqualTo("35.00");

            shopbridge.post("products/update", """
                    {"id": 8001, "admin_graphql_api_id": "gid://shopify/Product/8001", "title": "Linen shirt, wide",
                     "updated_at": "2026-11-02T10:00:00-05:00"}""");
            shopbridge.awaitIdle();
            assertThat(shopbridge.crmOne("items", "main:8001").at("/fields/name").asText())
                    .isEqualTo("Linen shirt, wide");
            assertThat(shopbridge.crmOne("items", "main:8001").at("/fields/maker").asText()).isEqualTo("Weavers");

            shopbridge.post("products/delete", "{\"id\": 8001}");
            shopbridge.awaitIdle();
            assertThat(shopbridge.crmOne("items", "main:8001").at("/fields/status").asText()).isEqualTo("gone");
        }
    }

    private static void append(Path mappings, String file, String text) throws IOException {
        Files.writeString(mappings.resolve(file), text, StandardOpenOption.APPEND);
    }
}
