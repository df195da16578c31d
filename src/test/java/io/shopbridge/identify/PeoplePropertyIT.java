package io.shopbridge.identify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Many small circles of random people, who share phones, names and addresses within their circle: whatever order what
 * is known of them comes in, no two customers of a store become one record of a CRM, and nobody waits without end.
 * How many circles: {@code -Dpeople.circles=10000}; a failure says the seed.
 */
class PeoplePropertyIT {

    private static final int CIRCLES = Integer.getInteger("people.circles", 60);
    private static final long SEED = Long.getLong("people.seed", System.nanoTime());
    private static final int AT_ONCE = 200;
    private static final List<String> NAMES = List.of("Ada", "Kurt", "Zoë");
    private static final List<String> COUNTRIES = List.of("US", "IN", "SE");
    private static final List<String> NOTATIONS = List.of("+1503228%04d", "(503) 228-%04d", "+1503228%04d x 7",
            "70123 4%04d");

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();
    private final Random random = new Random(SEED);

    /** What was said of a customer and may be said again: topic and body. */
    private record Said(String store, String topic, String body) {
    }

    @Test
    void noTwoCustomersOfAStoreAreOneRecordOfACrm() {
        for (int from = 0; from < CIRCLES; from += AT_ONCE) {
            shopbridge.reset();
            List<Said> all = new ArrayList<>();
            for (int circle = from; circle < Math.min(CIRCLES, from + AT_ONCE); circle++) {
                all.addAll(circle(circle));
            }
            Collections.shuffle(all, random);
            all.forEach(this::say);
            settle();
            everyRecordIsOneCustomerOfAStore();
            everyRecordIsDeliveredOrHeld();
        }
    }

    /** Only orders of people whom somebody is asked about may be left. */
    private void settle() {
        await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(300)).untilAsserted(() -> {
            shopbridge.letTimePass();
            assertThat(shopbridge.count("SELECT count(*) FROM inbox_waiting")).isZero();
            assertThat(shopbridge.jdbc().queryForList("""
                    SELECT crm || ' ' || store || ' ' || entity || ' ' || record_id || ': ' || coalesce(because, 'due')
                    FROM work w WHERE NOT EXISTS (
                        SELECT 1 FROM rejected r WHERE r.state = 'open' AND r.crm = w.crm AND r.store = w.store
                        AND r.entity || '/' || r.record_id = w.waits_for)""", String.class))
                    .as("seed %d", SEED).isEmpty();
        });
    }

    private List<Said> circle(int circle) {
        if (random.nextInt(3) == 0) {
            // Whom nobody of the store is yet
            shopbridge.crmOneHas("contacts", json("{'phone': '" + NOTATIONS.get(0).formatted(circle)
                    + "', 'first_name': '" + any(NAMES) + "', 'last_name': 'Circle" + circle + "'}"));
        }
        List<Said> said = new ArrayList<>();
        int people = 2 + random.nextInt(3);
        for (int person = 0; person < people; person++) {
            long id = circle * 10L + person;
            String about = about(circle, id);
            said.add(new Said("main", "customers/update", customer(id, 0, about)));
            if (random.nextBoolean()) {
                said.add(new Said("main", "customers/update", customer(id, 1, about(circle, id))));
            }
            if (random.nextInt(3) == 0) {
                said.add(new Said(RunningShopbridge.FORMS, "customers/update", customer(id, 0, about)));
            }
            if (random.nextInt(3) == 0) {
                said.add(new Said("main", "orders/updated", order(id, "'customer': " + customer(id, 0, about))));
            }
        }
        if (random.nextBoolean()) {
            said.add(new Said("main", "orders/updated", order(circle * 10L + 9, "'phone': '" + phone(circle)
                    + "', 'billing_address': {'first_name': '" + any(NAMES) + "', 'last_name': 'Circle" + circle
                    + "', 'country_code': '" + any(COUNTRIES) + "'}")));
        }
        return said;
    }

    private String about(int circle, long id) {
        String email = random.nextInt(3) == 0 ? "null"
                : "'p" + (random.nextInt(4) == 0 ? circle * 10L : id) + "@example.com'";
        return "'email': " + email + ", 'phone': '" + phone(circle) + "', 'first_name': '" + any(NAMES)
                + "', 'last_name': " + (random.nextInt(5) == 0 ? "null" : "'Circle" + circle + "'")
                + ", 'default_address': {'country_code': '" + any(COUNTRIES) + "'}";
    }

    private String phone(int circle) {
        return any(NOTATIONS).formatted(circle % 10_000);
    }

    private static String customer(long id, int minute, String about) {
        return "{'id': " + (1_000_000 + id) + ", 'created_at': '2026-11-01T10:00:00Z', 'updated_at':"
                + " '2026-11-01T10:0" + minute + ":00Z', " + about + "}";
    }

    private static String order(long id, String buyer) {
        return "{'id': " + (5_000_000 + id) + ", 'name': '#" + id + "', 'currency': 'EUR', 'total_price': '20.00',"
                + " 'current_total_price': '20.00', 'financial_status': 'paid', 'created_at': '2026-11-01T10:00:00Z',"
                + " 'updated_at': '2026-11-01T10:00:00Z', 'line_items': [], " + buyer + "}";
    }

    private void say(Said said) {
        String domain = said.store().equals("main") ? RunningShopbridge.DOMAIN : RunningShopbridge.FORMS_DOMAIN;
        assertThat(shopbridge.postTo(said.store(), domain, said.topic(), json(said.body()))).isEqualTo(200);
    }

    private void everyRecordIsOneCustomerOfAStore() {
        assertThat(shopbridge.jdbc().queryForList("""
                SELECT crm || ' ' || crm_id || ': ' || string_agg(record_id, ', ') FROM link
                WHERE entity = 'customer' AND record_id NOT LIKE 'guest:%'
                GROUP BY crm, store, crm_id HAVING count(*) > 1""", String.class)).as("seed %d", SEED).isEmpty();
        for (String field : List.of("external_id", "shopify_customer_key")) {
            Set<String> keys = new HashSet<>();
            people(field).values().forEach(keys::add);
            assertThat(keys).as("seed %d: each %s once", SEED, field).hasSameSizeAs(people(field).values());
        }
    }

    /** Id of the CRM record to the key that it carries. */
    private Map<String, String> people(String field) {
        Map<String, String> keys = new HashMap<>();
        List<? extends JsonNode> records = field.equals("external_id") ? shopbridge.crmOne.records("contacts")
                : shopbridge.hubspot.records("contacts");
        records.forEach(record -> {
            JsonNode values = record.path(field.equals("external_id") ? "fields" : "properties");
            if (values.hasNonNull(field)) {
                keys.put(record.path("id").asText(), values.path(field).asText());
            }
        });
        return keys;
    }

    /** Each delivered customer has a record, and one that is not delivered is a question to a person. */
    private void everyRecordIsDeliveredOrHeld() {
        assertThat(shopbridge.jdbc().queryForList("""
                SELECT m.record_id || ': ' || coalesce((SELECT concat_ws(', ', o.outcome, o.because) FROM outcome o
                    WHERE o.crm = 'crm-one' AND o.store = m.store AND o.record_id = m.record_id
                    ORDER BY o.id DESC LIMIT 1), 'no outcome') FROM mirror_facet m
                WHERE m.store = 'main' AND m.entity = 'customer' AND m.facet = 'profile' AND NOT EXISTS (
                    SELECT 1 FROM link l WHERE l.crm = 'crm-one' AND l.store = m.store AND l.entity = m.entity
                    AND l.record_id = m.record_id)
                AND NOT EXISTS (
                    SELECT 1 FROM rejected r WHERE r.state = 'open' AND r.crm = 'crm-one' AND r.store = m.store
                    AND r.entity = m.entity AND r.record_id = m.record_id)""", String.class))
                .as("seed %d", SEED).isEmpty();
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
