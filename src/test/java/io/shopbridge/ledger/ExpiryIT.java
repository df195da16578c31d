package io.shopbridge.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.RunningShopbridge;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is let go of, and that whoever comes back is the same contact with the same totals. */
class ExpiryIT {

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    @Test
    void aGuestWhoWasSilentForYearsComesBackAsTheSameContactWithTheSameTotals() {
        order(1, "100.00", "2026-01-01T10:00:00Z");
        shopbridge.awaitIdle();
        shopbridge.runJobs("expire-mirror");
        assertThat(facets("customer")).as("silent for less than two years").isOne();
        age("800 days");
        shopbridge.jdbc().update("UPDATE link SET synced_at = synced_at - interval '800 days'");

        shopbridge.runJobs("expire-mirror");

        assertThat(facets("customer")).isZero();
        assertThat(facets("order")).as("orders are kept longer").isPositive();
        assertThat(shopbridge.jdbc().queryForList("SELECT base FROM link", String.class)).isNotEmpty()
                .allSatisfy(base -> assertThat(base).doesNotContain("gina@example.com", "Gina", "100.00"));
        order(2, "50.00", "2026-06-01T10:00:00Z");
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne.records("contacts")).singleElement().satisfies(contact -> {
            assertThat(contact.at("/fields/orders_count").asText()).isEqualTo("2");
            assertThat(contact.at("/fields/total_spent").asText()).isEqualTo("150.00");
        });
        assertThat(shopbridge.hubspot.records("contacts")).hasSize(1);
    }

    @Test
    void ofADeletedCustomerOnlyThatItIsDeletedStays() {
        shopbridge.post("customers/create", """
                {"id": 7, "email": "ada@example.com", "first_name": "Ada", "tags": "vip",
                 "updated_at": "2025-11-01T10:00:00Z"}""");
        shopbridge.awaitIdle();
        shopbridge.post("customers/delete", "{\"id\": 7}");
        shopbridge.awaitIdle();
        shopbridge.runJobs("expire-mirror");
        assertThat(facets("customer")).isGreaterThan(1);
        age("40 days");

        shopbridge.runJobs("expire-mirror");

        assertThat(shopbridge.jdbc().queryForList("SELECT facet FROM mirror_facet", String.class))
                .containsExactly("deleted");
        assertThat(shopbridge.jdbc().queryForList("SELECT base FROM link", String.class)).hasSize(2)
                .allSatisfy(base -> assertThat(base).doesNotContain("ada@example.com"));
        shopbridge.post("customers/update", """
                {"id": 7, "email": "ada@example.com", "updated_at": "2025-11-02T10:00:00Z"}""");
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE outcome = 'skipped'"))
                .as("still deleted, whatever comes late").isEqualTo(4);
    }

    @Test
    void whatAMergedCustomerBoughtStaysTheSurvivors() {
        shopbridge.post("customers/create", """
                {"id": 8, "email": "grace@example.com", "updated_at": "2025-11-01T10:00:00Z"}""");
        shopbridge.post("orders/create", """
                {"id": 70, "name": "#70", "currency": "USD", "financial_status": "paid", "total_price": "10.00",
                 "updated_at": "2025-11-01T10:00:00Z", "created_at": "2025-11-01T10:00:00Z", "customer": {"id": 7,
                 "email": "ada@example.com", "updated_at": "2025-11-01T10:00:00Z"}}""");
        shopbridge.awaitIdle();
        shopbridge.post("customers/merge", """
                {"admin_graphql_api_customer_kept_id": "gid://shopify/Customer/8", "status": "completed",
                 "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/7"}""");
        shopbridge.post("customers/delete", "{\"id\": 7}");
        shopbridge.awaitIdle();
        age("40 days");

        shopbridge.runJobs("expire-mirror");

        assertThat(shopbridge.jdbc().queryForList("SELECT facet FROM mirror_facet WHERE record_id = '7'"
                + " AND entity = 'customer'", String.class)).containsExactlyInAnyOrder("deleted", "merged_into");
        shopbridge.post("customers/update", """
                {"id": 8, "email": "grace@example.com", "note": "x", "updated_at": "%s"}""".formatted(Instant.now()));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne.records("contacts")).filteredOn(contact ->
                contact.at("/fields/external_id").asText().equals("main:8")).singleElement().satisfies(contact ->
                assertThat(contact.at("/fields/orders_count").asText()).isEqualTo("1"));
    }

    @Test
    void ofACustomerWhoChangedAfterAForgedDeletionNothingIsLetGoOf() {
        shopbridge.post("customers/create", """
                {"id": 7, "email": "ada@example.com", "tags": "vip", "updated_at": "2025-11-01T10:00:00Z"}""");
        shopbridge.post("customers/delete", "{\"id\": 7}");
        shopbridge.awaitIdle();
        shopbridge.post("customers/update", """
                {"id": 7, "email": "ada@example.com", "tags": "vip", "updated_at": "%s"}""".formatted(Instant.now()));
        shopbridge.awaitIdle();
        age("40 days");
        long before = facets("customer");

        shopbridge.runJobs("expire-mirror");

        assertThat(facets("customer")).isEqualTo(before).isGreaterThan(1);
        assertThat(shopbridge.jdbc().queryForList("SELECT base FROM link", String.class)).hasSize(2)
                .allSatisfy(base -> assertThat(base).contains("ada@example.com"));
    }

    @Test
    void whatAPausedStoreWasToBeAskedForWaitsForItsReturn() {
        shopbridge.jdbc().update("INSERT INTO store_pause (store, since, because, resumed_at) VALUES"
                + " ('main', now(), 'uninstalled', NULL), ('forms', now(), 'uninstalled', now() - interval '29 days'),"
                + " ('outlet', now(), 'uninstalled', now() - interval '31 days')");
        shopbridge.jdbc().update("INSERT INTO refresh (store, entity, record_id, rule, later, noted_at, due_at)"
                + " SELECT store, 'order', '1', 'journey', false, now() - interval '90 days', now() + interval '1 day'"
                + " FROM store_pause");

        shopbridge.runJobs("expire");

        assertThat(shopbridge.jdbc().queryForList("SELECT store FROM refresh ORDER BY store", String.class))
                .containsExactly("forms", "main");
    }

    @Test
    void recordsOnTheirWayToACrmDoNotExpire() {
        order(1, "100.00", "2026-01-01T10:00:00Z");
        shopbridge.awaitIdle();
        age("800 days");
        shopbridge.jdbc().update("INSERT INTO work (crm, store, entity, record_id, due_at)"
                + " SELECT 'hubspot', store, entity, record_id, now() + interval '1 hour' FROM mirror_facet"
                + " WHERE entity = 'customer'");
        shopbridge.runJobs("expire-mirror");
        assertThat(facets("customer")).isOne();
    }

    @Test
    void openRejectionsLoseTheirWordsAndComplianceRequestsNothing() {
        for (String topic : new String[] {"orders/create", "customers/redact"}) {
            Long inbox = shopbridge.jdbc().queryForObject("INSERT INTO inbox (store, topic, webhook_id, fingerprint, body,"
                    + " received_at) VALUES ('main', ?, ?, ?, '\\x00', now() - interval '1 year') RETURNING id",
                    Long.class, topic, topic, topic.getBytes());
            shopbridge.jdbc().update("INSERT INTO rejected (store, topic, outcome, errors, at, last_at, inbox_id) VALUES"
                    + " ('main', ?, 'rejected', '[\"of ada@example.com\"]', now() - interval '1 year',"
                    + " now() - interval '1 year', ?)", topic, inbox);
        }
        shopbridge.runJobs("expire");
        assertThat(shopbridge.operator("GET", "/api/v1/rejected?limit=10").get("items")).hasSize(2)
                .anySatisfy(item -> assertThat(item.at("/errors/0").asText()).startsWith("The messages have expired."))
                .anySatisfy(item -> assertThat(item.at("/errors/0").asText()).isEqualTo("of ada@example.com"));
        assertThat(shopbridge.jdbc().queryForList("SELECT topic FROM inbox", String.class))
                .containsExactly("customers/redact");
    }

    @Test
    void whyAFieldWasLeftOutExpiresAndThatItWasStays() {
        shopbridge.jdbc().update("INSERT INTO left_out (at, crm, store, entity, record_id, fields, because, mapping)"
                + " VALUES (now() - interval '1 year', 'hubspot', 'main', 'customer', '7', '{email}',"
                + " 'without email: ada@example is none', '')");
        shopbridge.runJobs("expire");
        assertThat(shopbridge.operator("GET", "/api/v1/left-out").get("items")).hasSize(1).allSatisfy(item -> {
            assertThat(item.at("/fields/0").asText()).isEqualTo("email");
            assertThat(item.get("because").isNull()).isTrue();
        });
    }

    /** As long as carts are kept, and no longer: of a shop's history there are none. */
    @Test
    void whichCartsBecameOrdersExpiresWithTheCarts() {
        String order = "{\"id\": %d, \"name\": \"#1\", \"email\": \"gina@example.com\", \"currency\": \"USD\","
                + " \"total_price\": \"1.00\", \"financial_status\": \"paid\", \"created_at\": \"%s\","
                + " \"updated_at\": \"%2$s\", \"cart_token\": \"c%1$d\", \"checkout_token\": \"t%1$d\", \"line_items\": []}";
        Instant now = Instant.now();
        shopbridge.post("orders/create", order.formatted(1, now.minus(Duration.ofDays(89))));
        shopbridge.post("orders/create", order.formatted(2, now.minus(Duration.ofDays(91))));
        shopbridge.awaitIdle();
        assertThat(carts()).containsExactly("c1", "t1");
        shopbridge.runJobs("expire");
        assertThat(carts()).containsExactly("c1", "t1");
        shopbridge.jdbc().update("UPDATE ordered_cart SET ordered_at = ordered_at - interval '2 days'");
        shopbridge.runJobs("expire");
        assertThat(carts()).isEmpty();
    }

    private List<String> carts() {
        return shopbridge.jdbc().queryForList("SELECT cart FROM ordered_cart ORDER BY 1", String.class);
    }

    private long facets(String entity) {
        return shopbridge.count("SELECT count(*) FROM mirror_facet WHERE entity = ?", entity);
    }

    /** As if the last of what is in the mirror had happened that long ago, and all else as much earlier. */
    private void age(String age) {
        shopbridge.jdbc().update("UPDATE mirror_facet SET version_at = version_at + (now() - ?::interval"
                + " - (SELECT max(version_at) FROM mirror_facet))", age);
    }

    private void order(int id, String total, String at) {
        assertThat(shopbridge.post("orders/create", """
                {"id": %d, "name": "#%d", "email": "gina@example.com", "currency": "USD", "total_price": "%s",
                 "current_total_price": "%s", "financial_status": "paid", "created_at": "%s", "updated_at": "%s",
                 "processed_at": "%s", "billing_address": {"first_name": "Gina", "last_name": "Rossi"},
                 "line_items": []}""".formatted(id, id, total, total, at, at, at))).isEqualTo(200);
    }
}
