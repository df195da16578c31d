package io.shopbridge.receive;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.RunningShopbridge;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The webhook endpoint, as Shopify meets it. */
class ShopifyWebhookTest {

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    @Test
    void aSignedCustomerBecomesAContactInBothCrms() {
        int status = shopbridge.post("customers/create", """
                {"id": 7012345678901, "email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace",
                 "updated_at": "2026-11-01T10:00:00-05:00", "created_at": "2026-11-01T10:00:00-05:00"}""");
        assertThat(status).isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:7012345678901").path("fields").path("last_name").asText())
                .isEqualTo("Lovelace");
        assertThat(shopbridge.hubspot("contacts", "shopify_customer_key", "main:7012345678901")
                .path("properties").path("email").asText()).isEqualTo("ada@example.com");
    }
}
