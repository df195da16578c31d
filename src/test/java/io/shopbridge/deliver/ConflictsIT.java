package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A field that both sides edited: the later edit stays, and the other one is recorded, as a hash. */
class ConflictsIT {

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    @Test
    void theLaterEditStaysAndTheConflictIsRecordedOnce() {
        customer("Prefers linen", "2026-01-01T10:00:00Z");
        edited("Prefers silk");

        customer("Prefers wool", "2026-01-02T10:00:00Z");
        customer("Prefers wool", "2026-01-02T10:00:01Z");

        assertThat(note()).as("the CRM's edit is later").isEqualTo("Prefers silk");
        JsonNode conflicts = shopbridge.operator("GET", "/api/v1/conflicts?crm=crm-one").path("items");
        assertThat(conflicts).singleElement().satisfies(conflict -> {
            assertThat(conflict.path("winner").asText()).isEqualTo("crm");
            assertThat(conflict.path("record").asText()).isEqualTo("7");
            assertThat(conflict.path("field").asText()).isEqualTo("note");
            assertThat(conflict.path("shopify_hash").asText()).hasSize(64)
                    .isNotEqualTo(conflict.path("crm_hash").asText());
            assertThat(conflict.path("shopify_at").asText()).isEqualTo("2026-01-02T10:00:00Z");
        });
        assertThat(conflicts.toString()).doesNotContain("silk", "wool");

        String tomorrow = Instant.now().plusSeconds(86_400).toString();
        edited("Prefers hemp");
        customer("Prefers cotton", tomorrow);
        assertThat(note()).as("Shopify's edit is later").isEqualTo("Prefers cotton");
        assertThat(shopbridge.count("SELECT count(*) FROM conflict WHERE crm = 'crm-one' AND winner = 'shopify'"))
                .isEqualTo(1);
    }

    @Test
    void anEditInTheCrmAloneIsNotAConflictAndIsKept() {
        customer("Prefers linen", "2026-01-01T10:00:00Z");
        edited("Prefers silk");
        customer("Prefers linen", "2026-01-02T10:00:00Z");
        assertThat(note()).isEqualTo("Prefers silk");
        assertThat(shopbridge.count("SELECT count(*) FROM conflict")).isZero();
    }

    private void customer(String note, String updatedAt) {
        shopbridge.post("customers/update", """
                {"id": 7, "email": "ada@example.com", "first_name": "Ada", "note": "%s", "updated_at": "%s"}"""
                .formatted(note, updatedAt));
        shopbridge.awaitIdle();
    }

    private String note() {
        return shopbridge.crmOne("contacts", "main:7").path("fields").path("note").asText();
    }

    private void edited(String note) {
        shopbridge.crmOne.editAsUser("contacts", shopbridge.crmOne("contacts", "main:7").path("id").asText(),
                shopbridge.object("{}").put("note", note));
    }
}
