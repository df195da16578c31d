package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One bad value costs the value, and neither its record nor the orders that hang on it. */
class LeftOutIT {

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    @Test
    void anAddressWhoseRightFormIsPlainIsMended() {
        order("m19@example.com.", "{\"city\": \"Leeds\", \"country_code\": \"UK\"}");
        shopbridge.awaitIdle();

        assertThat(contactInCrmOne().path("email").asText()).isEqualTo("m19@example.com");
        assertThat(contactInCrmOne().path("country").asText()).isEqualTo("GB");
        assertThat(contactInHubSpot().path("email").asText()).isEqualTo("m19@example.com");
        assertThat(rejected()).isZero();
    }

    @Test
    void anInvalidValueIsLeftOutAndReported() {
        order("m20@example", "{\"city\": \"Georgetown\", \"country_code\": \"AC\"}");
        shopbridge.awaitIdle();

        assertThat(contactInCrmOne().has("email")).isFalse();
        assertThat(contactInCrmOne().path("city").asText()).isEqualTo("Georgetown");
        assertThat(contactInHubSpot().path("lastname").asText()).isEqualTo("Imal");
        assertThat(shopbridge.hubspot.records("orders")).hasSize(1);
        assertThat(shopbridge.crmOne.records("orders")).hasSize(1);
        assertThat(rejected()).isZero();
        assertThat(because("crm-one")).isNotEmpty().allSatisfy(because -> assertThat(because)
                .contains("without email: is not a plausible e-mail address").contains("without country: \"AC\""));
        JsonNode listed = shopbridge.operator("GET", "/api/v1/left-out?crm=crm-one&field=email").get("items");
        assertThat(listed).hasSize(1);
        assertThat(listed.get(0).path("fields").toString()).isEqualTo("[\"country\",\"email\"]");
    }

    @Test
    void aValueThatTheCrmNamesIsLeftOutToo() {
        order("m21@example.c", "{\"city\": \"Leeds\"}");
        shopbridge.awaitIdle();

        assertThat(contactInCrmOne().has("email")).isFalse();
        assertThat(contactInHubSpot().has("email")).isFalse();
        assertThat(shopbridge.hubspot.records("orders")).hasSize(1);
        assertThat(shopbridge.crmOne.records("orders")).hasSize(1);
        assertThat(rejected()).isZero();
        for (String crm : List.of("crm-one", "hubspot")) {
            assertThat(because(crm).get(0)).as(crm).startsWith("without email: ");
            assertThat(shopbridge.operator("GET", "/api/v1/left-out?field=email&crm=" + crm).get("items")).hasSize(1);
        }
        long calls = shopbridge.calls().values().stream().mapToLong(Long::longValue).sum();
        shopbridge.post("customers/update", """
                {"id": 7, "email": "m21@example.c", "last_name": "Imal", "updated_at": "2026-11-18T10:00:01-05:00",
                 "default_address": {"city": "Leeds"}}""");
        shopbridge.awaitIdle();
        assertThat(shopbridge.calls().values().stream().mapToLong(Long::longValue).sum())
                .as("what was refused is not tried again and again").isEqualTo(calls);
    }

    @Test
    void aTextThatFitsNoFieldIsCutAndReported() {
        shopbridge.post("customers/update", """
                {"id": 7, "email": "ada@example.com", "first_name": "%s", "updated_at": "2026-11-18T10:00:00-05:00"}"""
                .formatted("\uD83D\uDE00".repeat(41)));
        shopbridge.awaitIdle();

        assertThat(contactInCrmOne().path("first_name").asText()).isEqualTo("\uD83D\uDE00".repeat(40));
        assertThat(because("crm-one")).containsExactly("first_name: cut to 80 characters");
        assertThat(contactInHubSpot().path("firstname").asText()).isEqualTo("\uD83D\uDE00".repeat(41));
    }

    @Test
    void aChangedMappingTriesAgain() {
        order("m21@example.c", "{\"city\": \"Leeds\"}");
        shopbridge.awaitIdle();
        long outcomes = outcomes();
        shopbridge.bean(LeftOutFields.class).tryChangedMappings();
        shopbridge.awaitIdle();
        assertThat(outcomes()).isEqualTo(outcomes);

        shopbridge.jdbc().update("UPDATE left_out SET mapping = 'an earlier one'");
        shopbridge.bean(LeftOutFields.class).tryChangedMappings();
        shopbridge.awaitIdle();
        assertThat(outcomes()).isEqualTo(outcomes + 2);
    }

    private long outcomes() {
        return shopbridge.count("SELECT count(*) FROM outcome WHERE entity = 'customer'");
    }

    private long rejected() {
        return shopbridge.count("SELECT count(*) FROM rejected");
    }

    private List<String> because(String crm) {
        return shopbridge.jdbc().queryForList("SELECT because FROM outcome WHERE entity = 'customer' AND crm = ?"
                + " AND outcome = 'delivered'", String.class, crm);
    }

    private JsonNode contactInCrmOne() {
        return shopbridge.crmOne("contacts", "main:7").path("fields");
    }

    private JsonNode contactInHubSpot() {
        return shopbridge.hubspot("contacts", "shopify_customer_key", "main:7").path("properties");
    }

    private void order(String email, String address) {
        shopbridge.post("customers/update", """
                {"id": 7, "email": "%s", "last_name": "Imal", "updated_at": "2026-11-18T10:00:00-05:00",
                 "default_address": %s}""".formatted(email, address));
        shopbridge.post("orders/updated", """
                {"id": 1, "name": "#1", "email": "%1$s", "currency": "USD", "total_price": "7.00",
                 "current_total_price": "7.00", "financial_status": "paid", "processed_at": "2026-11-18T10:00:00-05:00",
                 "updated_at": "2026-11-18T10:00:00-05:00",
                 "customer": {"id": 7, "email": "%1$s", "last_name": "Imal", "updated_at": "2026-11-18T10:00:00-05:00",
                              "default_address": %2$s},
                 "line_items": [{"id": 11, "title": "Oak tray", "quantity": 1, "current_quantity": 1,
                                 "price": "7.00"}]}""".formatted(email, address));
    }
}
