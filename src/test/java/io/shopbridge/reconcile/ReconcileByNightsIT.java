package io.shopbridge.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.reconcile.CheckedStretches.Coverage;
import io.shopbridge.reconcile.CheckedStretches.Stretch;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where a night may have only so many calls, a comparison of all records takes several. */
class ReconcileByNightsIT {

    private static final String CRM = "hubspot";
    private static final int CUSTOMERS = 1050;
    private static final int CALLS = 4;
    /** What one step may take: it is not begun where none is left, and then made to its end. */
    private static final int MOST_OF_A_STEP = 8;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() {
        // Nights begin when the test says so.
        shopbridge = RunningShopbridge.with("--shopbridge.schedules.reconcile-steps=* * * * * ?",
                "--shopbridge.schedules.reconcile=0 0 0 1 1 ? 2099", "--shopbridge.crms.hubspot.reconcile-share=100",
                "--shopbridge.crms.hubspot.reconcile-calls=" + CALLS);
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
    }

    @BeforeEach
    void manyCustomersAndAnOrder() {
        shopbridge.reset();
        for (int id = 1; id <= CUSTOMERS; id++) {
            shopbridge.post("customers/create", """
                    {"id": %d, "email": "c%d@example.com", "last_name": "C%d", "updated_at": "2026-11-01T10:00:00Z"}"""
                    .formatted(10_000 + id, id, id));
        }
        shopbridge.post("orders/create", """
                {"id": 1, "name": "#1", "email": "c1@example.com", "currency": "EUR", "total_price": "9.50",
                 "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T10:00:00Z", "customer": {"id": 10001}}""");
        shopbridge.settle();
    }

    @Test
    void aRoundOverAllRecordsTakesAsManyNightsAsItMust() {
        shopbridge.hubspotUserEdits("orders", crmId("order", "1"), "{\"shopify_net_total\": \"1.11\"}");
        shopbridge.hubspotUserDeletes("contacts", crmId("customer", "10600"));
        long id = night();
        JsonNode first = find(id);
        assertThat(first.path("because").asText()).contains("The calls of this night are used up", "goes on at 2099-01-01");
        assertThat(first.at("/checked/since_asked").asLong()).isPositive().isLessThan(CUSTOMERS);
        assertThat(first.at("/checked/never").asLong()).isPositive();
        assertThat(report(id)).contains("Of about " + first.at("/checked/records").asLong() + " linked records", " never.");
        metrics(first.at("/checked/never").asDouble());

        int nights = 1;
        for (long before = 0; !ended(id); nights++) {
            long calls = find(id).path("calls").asLong();
            assertThat(calls - before).as("night " + nights).isBetween((long) CALLS, (long) CALLS + MOST_OF_A_STEP);
            before = calls;
            assertThat(night()).as("it is the same one that goes on").isEqualTo(id);
        }
        JsonNode last = find(id);
        assertThat(nights).isGreaterThan(2);
        assertThat(last.path("state").asText()).isEqualTo("done");
        assertThat(last.path("compared").asLong()).isEqualTo(CUSTOMERS + 1);
        assertThat(last.path("listed").asLong()).as("contacts are listed by nights, too").isEqualTo(CUSTOMERS - 1);
        assertThat(last.path("differences").findValuesAsText("class")).contains("missing", "edited");
        assertThat(last.at("/checked/since_asked")).isEqualTo(last.at("/checked/records"));
        assertThat(last.at("/checked/never").asLong()).isZero();
        assertThat(Instant.parse(last.at("/checked/oldest").asText())).isAfter(Instant.parse(last.path("asked_at").asText()));
        metrics(0);
    }

    @Test
    void whatAPersonAsksForGoesFirstAndTheNextNightBeginsWithWhatWasComparedLongestAgo() {
        long scheduled = night();
        assertThat(find(scheduled).path("state").asText()).isEqualTo("running");
        long asked = shopbridge.operator("POST", "/api/v1/reconciliations",
                "{\"crm\": \"hubspot\", \"entities\": [\"order\"]}").path("id").asLong();
        assertThat(asked).isNotEqualTo(scheduled);
        await().until(() -> ended(asked));
        assertThat(find(asked).path("compared").asLong()).as("it has no limit of calls").isEqualTo(1);
        assertThat(find(scheduled).path("state").asText()).isEqualTo("cancelled");
        assertThat(find(scheduled).path("because").asText()).contains("went first");

        // But for the order, which was compared just now
        long never = find(scheduled).at("/checked/never").asLong();
        JsonNode next = find(night());
        assertThat(next.path("id").asLong()).isGreaterThan(asked);
        long left = next.at("/checked/never").asLong();
        assertThat(left).isPositive().isLessThan(never);
        assertThat(next.path("compared").asLong()).as("none was compared that had been already").isEqualTo(never - left);
    }

    /** Records come and go; each is compared once in a round, and those that were compared longest ago first. */
    @Test
    void stretchesOfRecordsAreComparedInTurnAndStayFew() {
        Random random = new Random(7);
        CheckedStretches stretches = shopbridge.bean(CheckedStretches.class);
        List<String> entities = List.of("customer", "order");
        String crm = "another";
        int together = 20;
        links(crm, random, 900);
        stretches.cover(crm, List.of("main"), entities);
        for (int round = 0; round < 6; round++) {
            Instant began = shopbridge.jdbc().queryForObject("SELECT clock_timestamp()", Timestamp.class).toInstant();
            Map<String, Integer> compared = new HashMap<>();
            List<String> atFirst = ids(crm);
            Optional<Stretch> next = stretches.oldest(crm, entities, began);
            for (int step = 0; next.isPresent(); step++) {
                Stretch stretch = next.get();
                List<String> some = shopbridge.jdbc().queryForList("SELECT record_id FROM link WHERE crm = ? AND entity = ?"
                        + " AND record_id > ? AND (?::text IS NULL OR record_id <= ?::text) ORDER BY record_id LIMIT ?",
                        String.class, crm, stretch.entity(), stretch.after(), stretch.upTo(), stretch.upTo(), together);
                some.forEach(record -> compared.merge(stretch.entity() + "/" + record, 1, Integer::sum));
                stretches.checked(crm, stretch, some.size() < together ? null : some.get(some.size() - 1), some.size());
                if (step % 10 == 0) {
                    links(crm, random, 5);
                }
                next = stretches.oldest(crm, entities, began);
            }
            assertThat(compared.values()).as("none twice").containsOnly(1);
            assertThat(compared.keySet()).as("all that were there").containsAll(atFirst);
            Coverage coverage = stretches.coverage(crm, entities, began);
            assertThat(coverage.never()).isZero();
            assertThat(coverage.oldest()).isAfterOrEqualTo(began);
            assertThat(coverage.since()).isEqualTo(coverage.records()).isEqualTo(compared.size());
            assertThat(shopbridge.count("SELECT count(*) FROM reconciliation_stretch WHERE crm = 'another'"))
                    .isLessThan(2L * compared.size() / together + 4);
            shopbridge.jdbc().update("DELETE FROM link WHERE crm = ? AND record_id LIKE ?", crm, "%" + round);
        }
    }

    private static void links(String crm, Random random, int many) {
        for (int i = 0; i < many; i++) {
            shopbridge.jdbc().update("INSERT INTO link (crm, store, entity, record_id, object, crm_id, base)"
                    + " VALUES (?, 'main', ?, ?, 'x', '1', '{}') ON CONFLICT DO NOTHING", crm,
                    random.nextInt(3) == 0 ? "order" : "customer", String.valueOf(random.nextInt(100_000)));
        }
    }

    private static List<String> ids(String crm) {
        return shopbridge.jdbc().queryForList("SELECT entity || '/' || record_id FROM link WHERE crm = ?", String.class, crm);
    }

    /** A night of the schedule, to its end. */
    private static long night() {
        shopbridge.bean(NightlyReconciliations.class).start(CRM);
        long id = shopbridge.operator("GET", "/api/v1/reconciliations").path(0).path("id").asLong();
        await().until(() -> ended(id) || find(id).path("because").asText().contains("used up"));
        return id;
    }

    private static void metrics(double never) {
        shopbridge.bean(DriftMetrics.class).refresh();
        MeterRegistry meters = shopbridge.bean(MeterRegistry.class);
        assertThat(meters.get("shopbridge.reconciliation.unchecked").tags("crm", CRM).gauge().value()).isEqualTo(never);
        assertThat(meters.get("shopbridge.reconciliation.oldest").tags("crm", CRM).gauge().value()).isBetween(0.0, 3_600.0);
        assertThat(meters.get("shopbridge.reconciliation.overdue").tags("crm", CRM).gauge().value()).isZero();
    }

    private static boolean ended(long id) {
        return !find(id).path("state").asText().equals("running");
    }

    private static JsonNode find(long id) {
        return shopbridge.operator("GET", "/api/v1/reconciliations/" + id);
    }

    private static String report(long id) {
        return shopbridge.send(HttpRequest.newBuilder(shopbridge.uri("/api/v1/reconciliations/" + id + "/report"))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(
                        ("operator:" + RunningShopbridge.PASSWORD).getBytes(StandardCharsets.UTF_8))).build()).body();
    }

    private static String crmId(String entity, String id) {
        return shopbridge.jdbc().queryForObject("SELECT crm_id FROM link WHERE crm = 'hubspot' AND entity = ?"
                + " AND record_id = ?", String.class, entity, id);
    }
}
