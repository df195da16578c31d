package io.shopbridge.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.ShopbridgeProcess;
import io.shopbridge.bench.Today;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Customers and twice as many orders in HubSpot and in CRM One, of which one in a hundred is damaged in the CRM in every
 * way that a reconciliation knows: it finds each and nothing else, repairs all, and a second one finds only the orphans,
 * which are a person's. It prints the time and the calls for 1,000 compared records. Then fifty webhooks a second come
 * in while a reconciliation compares: it finds nothing that is not so, and the lag of deliveries is printed.
 *
 * <p>{@code mvn test -Dtest=OnePercentDamaged}, with {@code -Ddamaged.customers=10000},
 * {@code -Ddamaged.seed=1} and {@code -Ddamaged.kills=10}: so often the process that compares is killed in each of the
 * reconciliations of damaged records. It is a process of its own then; what a CRM allows passes as fast as in the tests.
 * {@code -Ddamaged.brief=true} leaves out what the repair and the run beside the webhooks show again.
 */
class OnePercentDamaged {

    private static final int CUSTOMERS = Integer.getInteger("damaged.customers", 10_000);
    private static final int ORDERS = 2 * CUSTOMERS;
    private static final long FIRST_CUSTOMER = 7_000_000_000_000L;
    private static final long FIRST_ORDER = 5_000_000_000_000L;
    private static final Duration PATIENCE = Duration.ofMinutes(40);
    private static final int MOST_CALLS = 40;
    /** The last batch and page of each list is not full. */
    private static final int NOT_FULL = 10;
    private static final List<String> CRMS = List.of(System.getProperty("damaged.crms", "hubspot,crm-one").split(","));
    private static final boolean BRIEF = Boolean.getBoolean("damaged.brief");
    private static final int KILLS = Integer.getInteger("damaged.kills", 0);
    private static final String STEPS = "--shopbridge.schedules.reconcile-steps=";
    private static final String EACH_SECOND = "* * * * * ?";
    private static final String NEVER = "0 0 0 1 1 ? 2099";

    private static final String ORPHANED = "customer orphaned ";

    private final Random random = new Random(Long.getLong("damaged.seed", 1));
    private RunningShopbridge shopbridge;
    private ShopbridgeProcess replica;
    private int killed;

    @TempDir
    private Path directory;

    @Test
    void allDamageIsFoundAndRepairedAndNothingElse() throws InterruptedException {
        try (RunningShopbridge running = RunningShopbridge.with(STEPS + (KILLS == 0 ? EACH_SECOND : NEVER),
                "--shopbridge.schedules.reconcile=off")) {
            shopbridge = running;
            replica = KILLS == 0 ? null : replica();
            IntStream.range(0, CUSTOMERS).parallel().forEach(this::customer);
            IntStream.range(0, ORDERS).parallel().forEach(this::order);
            idle();
            for (String crm : CRMS) {
                if (!BRIEF) {
                    assertThat(found(reconcile(crm, "[]", 0))).as("what is not so is not found in %s", crm).isEmpty();
                }
                Map<String, Long> damage = crm.equals("hubspot") ? damageHubSpot() : damageCrmOne();
                if (!BRIEF) {
                    assertThat(found(reconcile(crm, "[]", KILLS))).as(crm).isEqualTo(damage);
                }
                Map<String, Long> repaired = new TreeMap<>(damage);
                if (crm.equals("crm-one")) {
                    // Its orders keep the id of a deleted contact, and get another one when that is made again.
                    repaired.merge("order wrong-parent contact", 2 * damage.get("customer missing "), Long::sum);
                }
                assertThat(found(reconcile(crm, "[\"all\"]", KILLS))).as(crm).isEqualTo(repaired);
                idle();
                damage.keySet().retainAll(List.of(ORPHANED));
                if (!BRIEF) {
                    assertThat(found(reconcile(crm, "[]", 0))).as("%s, repaired", crm).isEqualTo(damage);
                }
                besideToday(crm, damage);
            }
        } finally {
            if (replica != null) {
                replica.close();
            }
        }
    }

    /** As a neighbour that makes the steps. */
    private ShopbridgeProcess replica() {
        killed++;
        return shopbridge.replica(directory.resolve("log-" + killed), "--server.port=0", STEPS + EACH_SECOND,
                "--spring.quartz.scheduler-name=replica");
    }

    /** Changes of today go on while a reconciliation compares. */
    private void besideToday(String crm, Map<String, Long> left) throws InterruptedException {
        Today today = new Today(shopbridge, this::change);
        try {
            assertThat(found(reconcile(crm, "[]", 0))).as("%s, beside today's changes", crm).isEqualTo(left);
        } finally {
            today.stop();
        }
        idle();
        today.end();
    }

    private void change(int number) {
        shopbridge.post("orders/updated", body(random.nextInt(ORDERS), Instant.parse("2026-04-01T10:00:00Z")
                .plusSeconds(number).toString(), number));
    }

    /** @return how often each class and field must be found */
    private Map<String, Long> damageHubSpot() {
        Map<String, Long> damage = new TreeMap<>();
        Customers customers = new Customers();
        for (int i = 0; i < ORDERS / 100; i++) {
            int customer = customers.next();
            damage.merge("order " + damageHubSpotOrder(i % 9, FIRST_ORDER + 2L * customer, customers.bystander), 1L,
                    Long::sum);
        }
        for (int i = 0; i < CUSTOMERS / 100; i++) {
            damageHubSpotCustomer(i % 5, customers.next()).forEach(kind -> damage.merge(kind, 1L, Long::sum));
        }
        return damage;
    }

    private String damageHubSpotOrder(int kind, long id, int bystander) {
        String order = Long.toString(id);
        String crmId = crmId("hubspot", "order", id);
        return switch (kind) {
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
                believes("hubspot", "order", id, "{\"shopify_net_total\": \"2.22\"}");
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
            case 5 -> {
                shopbridge.hubspotUserDeletes("orders", crmId);
                forget("hubspot", order);
                yield "never-delivered ";
            }
            case 6 -> {
                shopbridge.hubspotUserUnrelates(crmId, "contacts", crmId("hubspot", "customer", FIRST_CUSTOMER
                        + (id - FIRST_ORDER) / 2));
                shopbridge.hubspotUserRelates(crmId, "contacts", crmId("hubspot", "customer", FIRST_CUSTOMER
                        + bystander));
                yield "wrong-parent contact";
            }
            case 7 -> {
                shopbridge.hubspotUserRelates(crmId, "line_items", shopbridge.hubspotHas("line_items",
                        "{\"name\": \"again\", \"quantity\": \"1\", \"shopify_line_item_key\": \"main:" + order + "9\"}"));
                yield "surplus-line ";
            }
            default -> {
                follow("hubspot", order, crmId("hubspot", "order", id + 1));
                yield "doubled ";
            }
        };
    }

    private List<String> damageHubSpotCustomer(int kind, int number) {
        long id = FIRST_CUSTOMER + number;
        String crmId = crmId("hubspot", "customer", id);
        return switch (kind) {
            case 0 -> {
                shopbridge.hubspotUserDeletes("contacts", crmId);
                yield List.of("customer missing ", "order wrong-parent contact", "order wrong-parent contact");
            }
            case 1 -> {
                shopbridge.hubspotUserEdits("contacts", crmId, "{\"shopify_total_spent\": \"1.11\"}");
                yield List.of("customer edited shopify_total_spent");
            }
            case 2 -> {
                shopbridge.hubspotUserEdits("contacts", crmId, "{\"shopify_total_spent\": \"2.22\"}");
                believes("hubspot", "customer", id, "{\"shopify_total_spent\": \"2.22\"}");
                yield List.of("customer stale shopify_total_spent");
            }
            case 3 -> {
                shopbridge.hubspot.mergeContacts(crmId, shopbridge.hubspotHas("contacts",
                        "{\"email\": \"somebody" + number + "@example.com\"}"));
                yield List.of("customer merged ");
            }
            default -> {
                shopbridge.hubspotHas("contacts", "{\"email\": \"orphan" + number
                        + "@example.com\", \"shopify_customer_key\": \"main:9" + id + "\"}");
                yield List.of(ORPHANED);
            }
        };
    }

    private Map<String, Long> damageCrmOne() {
        Map<String, Long> damage = new TreeMap<>();
        Customers customers = new Customers();
        for (int i = 0; i < ORDERS / 100; i++) {
            int customer = customers.next();
            damage.merge("order " + damageCrmOneOrder(i % 7, FIRST_ORDER + 2L * customer, customers.bystander), 1L,
                    Long::sum);
        }
        for (int i = 0; i < CUSTOMERS / 100; i++) {
            damageCrmOneCustomer(i % 4, customers.next()).forEach(kind -> damage.merge(kind, 1L, Long::sum));
        }
        return damage;
    }

    private String damageCrmOneOrder(int kind, long id, int bystander) {
        String order = Long.toString(id);
        String crmId = crmId("crm-one", "order", id);
        return switch (kind) {
            case 0 -> {
                shopbridge.crmOneUserDeletes("orders", crmId);
                yield "missing ";
            }
            case 1 -> {
                edit("orders", crmId, "{\"total\": \"1.11\"}");
                yield "edited total";
            }
            case 2 -> {
                edit("orders", crmId, "{\"total\": \"2.22\"}");
                believes("crm-one", "order", id, "{\"total\": \"2.22\"}");
                yield "stale total";
            }
            case 3 -> {
                edit("orders", crmId, "{\"contact_id\": \"" + crmId("crm-one", "customer", FIRST_CUSTOMER + bystander)
                        + "\"}");
                yield "wrong-parent contact";
            }
            case 4 -> {
                shopbridge.crmOneUserDeletes("orders", crmId);
                forget("crm-one", order);
                yield "never-delivered ";
            }
            case 5 -> {
                edit("orders", crmId, "{\"lines\": []}");
                yield "edited lines";
            }
            default -> {
                follow("crm-one", order, crmId("crm-one", "order", id + 1));
                yield "doubled ";
            }
        };
    }

    private List<String> damageCrmOneCustomer(int kind, int number) {
        long id = FIRST_CUSTOMER + number;
        String crmId = crmId("crm-one", "customer", id);
        return switch (kind) {
            case 0 -> {
                shopbridge.crmOneUserDeletes("contacts", crmId);
                yield List.of("customer missing ");
            }
            case 1 -> {
                edit("contacts", crmId, "{\"last_name\": \"Other\"}");
                yield List.of();
            }
            case 2 -> {
                edit("contacts", crmId, "{\"email\": \"other" + number + "@example.com\"}");
                yield List.of("customer edited email");
            }
            default -> {
                shopbridge.crmOneHas("contacts", "{\"last_name\": \"Orphan\", \"external_id\": \"main:9" + id + "\"}");
                yield List.of(ORPHANED);
            }
        };
    }

    private void edit(String object, String crmId, String fields) {
        shopbridge.crmOne.editAsUser(object, crmId, shopbridge.object(fields));
    }

    /** As if the last delivery had written this. */
    private void believes(String crm, String entity, long id, String values) {
        shopbridge.jdbc().update("UPDATE link SET base = (base::jsonb || ?::jsonb)::text WHERE crm = ? AND entity = ?"
                + " AND record_id = ?", values, crm, entity, Long.toString(id));
    }

    private void forget(String crm, String order) {
        shopbridge.jdbc().update("DELETE FROM link WHERE crm = ? AND (entity = 'order' AND record_id = ?"
                + " OR parent_id = ?)", crm, order, order);
    }

    private void follow(String crm, String order, String crmId) {
        shopbridge.jdbc().update("UPDATE link SET crm_id = ? WHERE crm = ? AND entity = 'order' AND record_id = ?", crmId,
                crm, order);
    }

    /** In a random order, so that no customer is damaged twice. */
    private class Customers {

        private final List<Integer> shuffled = new ArrayList<>(IntStream.range(0, CUSTOMERS).boxed().toList());
        private int taken;
        /** To whose contact orders are moved; nothing else happens to it. */
        private final int bystander;

        Customers() {
            Collections.shuffle(shuffled, random);
            bystander = next();
        }

        int next() {
            return shuffled.get(taken++);
        }
    }

    private String crmId(String crm, String entity, long id) {
        return shopbridge.jdbc().queryForObject("SELECT crm_id FROM link WHERE crm = ? AND entity = ? AND record_id = ?",
                String.class, crm, entity, Long.toString(id));
    }

    private String line(String order) {
        return shopbridge.jdbc().queryForObject("SELECT crm_id FROM link WHERE crm = 'hubspot' AND parent_id = ?"
                + " ORDER BY record_id LIMIT 1", String.class, order);
    }

    private JsonNode reconcile(String crm, String repair, int kills) throws InterruptedException {
        long began = System.nanoTime();
        long id = shopbridge.operator("POST", "/api/v1/reconciliations", "{\"crm\": \"" + crm + "\", \"repair\": " + repair
                + "}").path("id").asLong();
        for (int kill = 0; kill < kills; kill++) {
            long compared = find(id).path("compared").asLong();
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1 + random.nextInt(100))).until(() ->
                    find(id).path("compared").asLong() > compared || find(id).has("ended_at"));
            if (find(id).has("ended_at")) {
                System.out.println("It ended after " + kill + " kills");
                break;
            }
            replica.kill();
            replica = replica();
        }
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() ->
                !find(id).path("state").asText().equals("running"));
        JsonNode end = find(id);
        long compared = end.path("compared").asLong();
        System.out.println(String.format(Locale.ROOT, "%s, repair %s: %,d records compared in %d s by %d calls, %.1f for 1,000",
                crm, repair, compared, (System.nanoTime() - began) / 1_000_000_000, end.path("calls").asLong(),
                end.path("calls").asLong() * 1_000.0 / Math.max(1, compared)));
        assertThat(end.path("state").asText()).as(end.path("because").asText()).isEqualTo("done");
        if (crm.equals("hubspot")) {
            assertThat(end.path("calls").asLong()).isLessThanOrEqualTo(MOST_CALLS * compared / 1_000 + NOT_FULL);
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
        received("customers/update", json("{'id': " + (FIRST_CUSTOMER + number) + ", 'email': 'buyer" + number
                + "@example.com', 'first_name': 'Buyer', 'last_name': 'Number" + number
                + "', 'updated_at': '2026-03-01T10:00:00Z', 'created_at': '2026-03-01T10:00:00Z'}"));
    }

    private void order(int number) {
        received("orders/updated", body(number, "2026-03-01T11:00:00Z", 0));
    }

    /** As Shopify sends it: again while it is answered 503, which the first load of a database brings about. */
    private void received(String topic, String body) {
        if (shopbridge.post(topic, body) != 200) {
            await().atMost(PATIENCE).until(() -> shopbridge.post(topic, body) == 200);
        }
    }

    /** @param tip that the buyer has added since; in cents */
    private static String body(int number, String updatedAt, int tip) {
        long id = FIRST_ORDER + number;
        long customer = FIRST_CUSTOMER + number / 2;
        String total = BigDecimal.valueOf(2_000L + tip, 2).toString();
        return json("{'id': " + id + ", 'name': '#" + id + "', 'currency': 'EUR',"
                + " 'total_price': '" + total + "', 'current_total_price': '" + total + "', 'financial_status': 'paid',"
                + " 'processed_at': '2026-03-01T11:00:00Z', 'created_at': '2026-03-01T11:00:00Z',"
                + " 'updated_at': '" + updatedAt + "', 'customer': {'id': " + customer + ", 'email': 'buyer" + number / 2
                + "@example.com', 'first_name': 'Buyer', 'last_name': 'Number" + number / 2
                + "', 'updated_at': '2026-03-01T10:00:00Z'}, 'line_items': [{'id': " + id + "1, 'name': 'Mug',"
                + " 'title': 'Mug', 'price': '10.00', 'quantity': 1, 'current_quantity': 1}, {'id': " + id
                + "2, 'name': 'Lamp', 'title': 'Lamp', 'price': '10.00', 'quantity': 1, 'current_quantity': 1}]}");
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
