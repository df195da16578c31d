package io.shopbridge.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.conformance.CrmAdapter.Contact;
import io.shopbridge.conformance.CrmAdapter.Order;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedShop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The latest state of 10,000 customers and 20,000 orders of the sandbox's shop, sent to one CRM at the pace that its
 * crm.yaml allows. Takes minutes; it prints the calls per 1,000 records:
 * {@code mvn test -Dtest=ThirtyThousandRecords -Dconformance.crm=hubspot}.
 * With {@code -Dconformance.backfill=true} all of it is due at once; with {@code -Dconformance.fast=true} time passes
 * {@link RunningShopbridge#SPEED} times faster, for a CRM whose limits would take hours.
 * Phones are left out: that shop's buyers share some, and who has another's phone under another name waits for a
 * person's decision.
 */
class ThirtyThousandRecords {

    private static final int CUSTOMERS = Integer.getInteger("conformance.customers", 10_000);
    private static final int ORDERS = 2 * CUSTOMERS;
    private static final boolean BACKFILL = Boolean.getBoolean("conformance.backfill");
    private static final boolean FAST = Boolean.getBoolean("conformance.fast");
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What the shop says of one record last. */
    private record State(ShopEvent event, JsonNode body) {
    }

    @Test
    void everyRecordArrivesOnceAndWithItsParent() throws IOException {
        String folder = System.getProperty("conformance.crm", "hubspot");
        Map<String, State> customers = new LinkedHashMap<>();
        Map<String, State> orders = new LinkedHashMap<>();
        shop(customers, orders);
        try (CrmAdapter crm = CrmAdapter.SHIPPED.get(folder).apply(
                Options.defaults().withSpeed(FAST ? RunningShopbridge.SPEED : 1))) {
            try (RunningShopbridge shopbridge =
                    crm.feed(FAST ? RunningShopbridge.fastMappings() : Path.of("mappings"))) {
                long began = System.nanoTime();
                if (BACKFILL) {
                    shopbridge.jdbc().update("INSERT INTO crm_pause VALUES ('tested', clock_timestamp()"
                            + " + interval '1 hour', 'a backfill is gathered')");
                }
                List<State> all = new ArrayList<>(customers.values());
                all.addAll(orders.values());
                all.parallelStream().forEach(state -> assertThat(shopbridge.post(SimulatedShop.headers(state.event(),
                        RunningShopbridge.DOMAIN, RunningShopbridge.SECRET), state.event().body()).statusCode())
                        .isEqualTo(200));
                if (BACKFILL) {
                    await().atMost(PATIENCE).until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
                    shopbridge.jdbc().update("DELETE FROM crm_pause");
                }
                await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(() ->
                        shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0
                                && shopbridge.count("SELECT count(*) FROM work") == 0);
                report(crm, customers.size() + orders.size(), Duration.ofNanos(System.nanoTime() - began), shopbridge);
                check(crm, customers, orders);
            }
        }
    }

    private static void shop(Map<String, State> customers, Map<String, State> orders) throws IOException {
        ShopModel model = ShopModel.stepping(20_261_001, Instant.parse("2026-10-01T00:00:00Z"), Duration.ofSeconds(30));
        while (customers.size() < CUSTOMERS || orders.size() < ORDERS) {
            ShopEvent event = model.next();
            boolean order = event.topic().matches("orders/(create|updated)");
            if (order || event.topic().matches("customers/(create|update)")) {
                JsonNode body = withoutPhones(JSON.readTree(event.body()));
                if (order && !body.path("customer").hasNonNull("id") && !body.hasNonNull("email")) {
                    continue;
                }
                Map<String, State> states = order ? orders : customers;
                String id = body.path("id").asText();
                State known = states.get(id);
                boolean newer = known == null ? states.size() < (order ? ORDERS : CUSTOMERS)
                        : !body.path("updated_at").asText().isEmpty()
                                && Instant.parse(time(body)).isAfter(Instant.parse(time(known.body())));
                if (newer) {
                    states.put(id, new State(new ShopEvent(event.topic(), UUID.randomUUID().toString(),
                            UUID.randomUUID().toString(), event.triggeredAt(), JSON.writeValueAsBytes(body)), body));
                }
            }
        }
    }

    private static JsonNode withoutPhones(JsonNode body) {
        body.findParents("phone").forEach(parent -> ((ObjectNode) parent).putNull("phone"));
        return body;
    }

    private static String time(JsonNode body) {
        return OffsetDateTime.parse(body.path("updated_at").asText()).toInstant().toString();
    }

    private static void report(CrmAdapter crm, int records, Duration took, RunningShopbridge shopbridge) {
        long calls = crm.calls().values().stream().mapToLong(Long::longValue).sum();
        System.out.printf("%s: %,d records in %d s, %,d calls, %.1f calls per 1,000 records%n", crm.folder(), records,
                took.toSeconds(), calls, calls * 1000.0 / records);
        new TreeMap<>(crm.calls()).forEach((call, count) -> System.out.printf("  %6d %s%n", count, call));
        System.out.println("  outcomes " + shopbridge.jdbc().queryForList(
                "SELECT outcome, count(*) AS records FROM outcome WHERE crm = 'tested' GROUP BY outcome"));
        shopbridge.operator("GET", "/api/v1/rejected").path("items").forEach(one -> System.out.println("  " + one));
    }

    private static void check(CrmAdapter crm, Map<String, State> customers, Map<String, State> orders) {
        List<Contact> contacts = crm.contacts();
        Map<String, Contact> byKey = new HashMap<>();
        contacts.stream().filter(contact -> contact.key() != null).forEach(contact ->
                assertThat(byKey.put(contact.key(), contact)).as("contact " + contact.key() + " is there once").isNull());
        Map<String, Contact> byId = contacts.stream().collect(Collectors.toMap(Contact::id, Function.identity()));
        assertThat(byKey.keySet()).containsAll(customers.keySet().stream().map(id -> "main:" + id).toList());
        Map<String, Order> ordersByKey = new HashMap<>();
        crm.orders().forEach(order -> assertThat(ordersByKey.put(order.key(), order)).isNull());
        // Where orders are deals, a test order is none.
        assertThat(orders.keySet().stream().map(id -> "main:" + id).toList()).containsAll(ordersByKey.keySet());
        assertThat(ordersByKey.keySet()).containsAll(orders.entrySet().stream()
                .filter(order -> !order.getValue().body().path("test").asBoolean())
                .map(order -> "main:" + order.getKey()).toList());
        orders.forEach((id, state) -> {
            if (!ordersByKey.containsKey("main:" + id)) {
                return;
            }
            Contact parent = byId.get(ordersByKey.get("main:" + id).contact());
            JsonNode customer = state.body().path("customer").path("id");
            String email = state.body().path("email").asText("");
            if (!customer.isMissingNode() && !customer.isNull()) {
                assertThat(parent).as("parent of order " + id).isEqualTo(byKey.get("main:" + customer.asText()));
            } else if (!email.isEmpty() && !state.body().path("email").isNull()) {
                assertThat(parent).as("parent of order " + id).isNotNull();
                // An account may have taken another address since; a guest has no other.
                assertThat(parent.key() != null || email.equalsIgnoreCase(parent.email()))
                        .as("parent of order " + id + " is who ordered").isTrue();
            }
        });
    }
}
