package io.shopbridge.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Customers and twice as many orders in HubSpot and in CRM One, of which one in a hundred is damaged in the CRM in several
 * ways: a reconciliation finds each and nothing else, repairs all, and a second one finds nothing. It prints the time and
 * the calls for 1,000 compared records.
 *
 * <p>{@code mvn -P bench test -Dtest=OnePercentDamaged}, with {@code -Ddamaged.customers=10000} and
 * {@code -Ddamaged.seed=1}. CRMs and Shopbridge share one process; what a CRM allows passes as fast as in the tests.
 */
class OnePercentDamaged {

    private static final int CUSTOMERS = Integer.getInteger("damaged.customers", 10_000);
    private static final int ORDERS = 2 * CUSTOMERS;
    private static final long FIRST_CUSTOMER = 7_000_000_000_000L;
    private static final long FIRST_ORDER = 5_000_000_000_000L;
    private static final Duration PATIENCE = Duration.ofMinutes(40);
    private static final int MOST_CALLS = 40;

    private final Random random = new Random(Long.getLong("damaged.seed", 1));
    private RunningShopbridge shopbridge;

    @Test
    void allDamageIsFoundAndRepairedAndNothingElse() {
        try (RunningShopbridge running = RunningShopbridge.with("--shopbridge.schedules.reconcile-steps=* * * * * ?",
                "--shopbridge.schedules.reconcile=off")) {
            shopbridge = running;
            IntStream.range(0, CUSTOMERS).parallel().forEach(this::customer);
            IntStream.range(0, ORDERS).parallel().forEach(this::order);
            idle();
            for (String crm : List.of("hubspot", "crm-one")) {
                assertThat(found(reconcile(crm, "[]"))).as("what is not so is not found in %s", crm).isEmpty();
                Map<String, Long> damage = crm.equals("hubspot") ? damageHubSpot() : damageCrmOne();
                assertThat(found(reconcile(crm, "[]"))).as(crm).isEqualTo(damage);
                assertThat(found(reconcile(crm, "[\"all\"]"))).as(crm).isEqualTo(damage);
                idle();
                assertThat(found(reconcile(crm, "[]"))).as("%s, repaired", crm).isEmpty();
            }
        }
    }

    private Map<String, Long> damageHubSpot() {
        Map<String, Long> damage = new TreeMap<>();
        List<Integer> orders = shuffled();
        for (int i = 0; i < ORDERS / 100; i++) {
            String order = Long.toString(FIRST_ORDER + orders.get(i));
            String crmId = crmId("hubspot", order);
            String kind = switch (i % 6) {
                case 0 -> {
                    shopbridge.hubspotUserDeletes("orders", crmId);
                    yield "missing ";
                }
                case 1 -> {
                    shopbridge.hubspotUserEdits("orders", crmId, "{\"shopify_net_total\": \"1.11\"}");
                    yield "edited shopify_net_total";
                }
                case 2 -> {
                    shopbridge.hubspotUserEdits("orders", crmId, "{\"shopify_net_total\": \"2.22\"}");
                    shopbridge.jdbc().update("UPDATE link SET base = (base::jsonb || '{\"shopify_net_total\": \"2.22\"}')::text"
                            + " WHERE crm = 'hubspot' AND entity = 'order' AND record_id = ?", order);
                    yield "stale shopify_net_total";
                }
                case 3 -> {
                    shopbridge.hubspotUserDeletes("line_items", line(order));
                    yield "missing-line ";
                }
                case 4 -> {
                    shopbridge.hubspotUserEdits("line_items", line(order), "{\"name\": \"Other\"}");
                    yield "edited line_item.name";
                }
                default -> {
                    shopbridge.hubspotUserDeletes("orders", crmId);
                    shopbridge.jdbc().update("DELETE FROM link WHERE crm = 'hubspot' AND (entity = 'order' AND record_id = ?"
                            + " OR parent_id = ?)", order, order);
                    yield "never-delivered ";
                }
            };
            damage.merge("order " + kind, 1L, Long::sum);
        }
        return damage;
    }

    private Map<String, Long> damageCrmOne() {
        Map<String, Long> damage = new TreeMap<>();
        List<Integer> orders = shuffled();
        for (int i = 0; i < ORDERS / 100; i++) {
            shopbridge.crmOneUserDeletes("orders", crmId("crm-one", Long.toString(FIRST_ORDER + orders.get(i))));
            damage.merge("order missing ", 1L, Long::sum);
        }
        return damage;
    }

    private List<Integer> shuffled() {
        List<Integer> orders = new ArrayList<>(IntStream.range(0, ORDERS).boxed().toList());
        Collections.shuffle(orders, random);
        return orders;
    }

    private String crmId(String crm, String order) {
        return shopbridge.jdbc().queryForObject("SELECT crm_id FROM link WHERE crm = ? AND entity = 'order'"
                + " AND record_id = ?", String.class, crm, order);
    }

    private String line(String order) {
        return shopbridge.jdbc().queryForObject("SELECT crm_id FROM link WHERE crm = 'hubspot' AND parent_id = ?"
                + " ORDER BY record_id LIMIT 1", String.class, order);
    }

    private JsonNode reconcile(String crm, String repair) {
        long began = System.nanoTime();
        long id = shopbridge.operator("POST", "/api/v1/reconciliations", "{\"crm\": \"" + crm + "\", \"repair\": " + repair
                + "}").path("id").asLong();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() ->
                !find(id).path("state").asText().equals("running"));
        JsonNode end = find(id);
        long compared = end.path("compared").asLong();
        System.out.println(String.format(Locale.ROOT, "%s, repair %s: %,d records compared in %d s by %d calls, %.1f for 1,000",
                crm, repair, compared, (System.nanoTime() - began) / 1_000_000_000, end.path("calls").asLong(),
                end.path("calls").asLong() * 1_000.0 / Math.max(1, compared)));
        assertThat(end.path("state").asText()).as(end.path("because").asText()).isEqualTo("done");
        if (crm.equals("hubspot")) {
            assertThat(end.path("calls").asLong()).isLessThanOrEqualTo(MOST_CALLS * compared / 1_000);
        }
        return end;
    }

    private JsonNode find(long id) {
        return shopbridge.operator("GET", "/api/v1/reconciliations/" + id);
    }

    private static Map<String, Long> found(JsonNode report) {
        Map<String, Long> found = new TreeMap<>();
        report.path("differences").forEach(one -> found.put(one.path("entity").asText() + " " + one.path("class").asText()
                + " " + one.path("field").asText(""), one.path("found").asLong()));
        return found;
    }

    private void idle() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() ->
                shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0
                        && shopbridge.count("SELECT count(*) FROM work") == 0);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    private void customer(int number) {
        assertThat(shopbridge.post("customers/update", json("{'id': " + (FIRST_CUSTOMER + number) + ", 'email': 'buyer" + number
                + "@example.com', 'first_name': 'Buyer', 'last_name': 'Number" + number
                + "', 'updated_at': '2026-03-01T10:00:00Z', 'created_at': '2026-03-01T10:00:00Z'}"))).isEqualTo(200);
    }

    private void order(int number) {
        long id = FIRST_ORDER + number;
        long customer = FIRST_CUSTOMER + number / 2;
        assertThat(shopbridge.post("orders/updated", json("{'id': " + id + ", 'name': '#" + id + "', 'currency': 'EUR',"
                + " 'total_price': '20.00', 'current_total_price': '20.00', 'financial_status': 'paid',"
                + " 'processed_at': '2026-03-01T11:00:00Z', 'created_at': '2026-03-01T11:00:00Z',"
                + " 'updated_at': '2026-03-01T11:00:00Z', 'customer': {'id': " + customer + ", 'email': 'buyer" + number / 2
                + "@example.com', 'first_name': 'Buyer', 'last_name': 'Number" + number / 2
                + "', 'updated_at': '2026-03-01T10:00:00Z'}, 'line_items': [{'id': " + id + "1, 'name': 'Mug',"
                + " 'title': 'Mug', 'price': '10.00', 'quantity': 1, 'current_quantity': 1}, {'id': " + id
                + "2, 'name': 'Lamp', 'title': 'Lamp', 'price': '10.00', 'quantity': 1, 'current_quantity': 1}]}")))
                .isEqualTo(200);
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
