package io.shopbridge.receive;

import static io.shopbridge.RunningShopbridge.DOMAIN;
import static io.shopbridge.RunningShopbridge.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.SimulatedShop;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Signed events that are not what Shopify would send. Each ends in an outcome, says so in a sentence where it is
 * rejected, and holds up nobody.
 */
class HostileEventsIT {

    private static final Duration USUAL = Duration.ofSeconds(15);
    private static final String LONG = "x".repeat(3000);
    private static final String TIME = "\"updated_at\": \"2026-11-01T10:00:00Z\", \"created_at\": \"2026-11-01T10:00:00Z\"";
    private static final String CUSTOMER = """
            {"id": %d, "email": "c%1$d@example.com", "last_name": "C%1$d", "verified_email": true,
             "admin_graphql_api_id": "gid://shopify/Customer/%1$d", "updated_at": "%s",
             "created_at": "2026-11-01T10:00:00Z"}""";

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    private static final List<String> NO_IDS = List.of(LONG, "1\\u0000", "6\\ud800", "a/b", "..",
            "1\\n2026-11-26 ERROR forged", " ", "1'--", "gid://shopify/Customer/1\\u0000", "é");

    private record Body(String topic, byte[] bytes) {
        static Body of(String topic, String text) {
            return new Body(topic, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** What is no record of Shopify's: rejected. */
    private static List<Body> rejected() {
        List<Body> bodies = new ArrayList<>();
        bodies.add(Body.of("customer.tags_added", "{\"customerId\": \"" + LONG + "\", \"tags\": [\"a\"]}"));
        for (String id : NO_IDS) {
            bodies.add(Body.of("customers/update", "{\"id\": \"" + id + "\", \"last_name\": \"A\", " + TIME + "}"));
            bodies.add(Body.of("orders/delete", "{\"id\": \"" + id + "\"}"));
        }
        bodies.add(Body.of("checkouts/update", "{\"cart_token\": \"" + LONG + "\", \"total_price\": \"1\", "
                + "\"email\": \"a@example.com\", " + TIME + "}"));
        bodies.add(Body.of("checkouts/update", "{\"token\": \"a\\u0000\", \"email\": \"a@example.com\", " + TIME + "}"));
        bodies.add(Body.of("customers/update", "{\"id\": {\"a\": 1}, \"last_name\": \"A\"}"));
        bodies.add(Body.of("customers/update", "{\"id\": 1.5, \"last_name\": \"A\"}"));
        bodies.add(Body.of("customers/update", "{\"id\": 1e999999999, \"last_name\": \"A\"}"));
        bodies.add(Body.of("customers/update", "{\"id\": " + "9".repeat(500) + ", \"last_name\": \"A\"}"));
        bodies.add(Body.of("orders/create", order(905, "\"subtotal_price\": " + "9".repeat(5000))));
        bodies.add(Body.of("orders/create", order(906, "\"note\": " + "[".repeat(300) + "]".repeat(300))));
        bodies.add(Body.of("orders/create", order(907, "\"refunds\": [" + IntStream.range(0, 2500)
                .mapToObj(i -> "{\"id\": " + i + "}").collect(Collectors.joining(",")) + "]")));
        bodies.add(invalidUtf8("customers/update", "{\"id\": 7, \"last_name\": \"A\", \"", "\": 1}"));
        bodies.add(invalidUtf8("orders/create", "{\"id\": 7, \"name\": \"", "\", \"total_price\": \"1\"}"));
        return bodies;
    }

    /** Odd, but of a record: taken in, whatever becomes of the odd part. */
    private static List<Body> takenIn() {
        List<Body> bodies = new ArrayList<>();
        bodies.add(Body.of("customer.tags_added", "{\"customerId\": 2, \"tags\": [\"\\ud800\", \"?\"]}"));
        bodies.add(Body.of("customer.tags_added", "{\"customerId\": 2, \"tags\": [\"a\\u0000b\", {\"c\": 1}, null, 5]}"));
        bodies.add(Body.of("customers/update", CUSTOMER.formatted(3, "2026-11-01T10:00:00Z")
                .replace("\"C3\"", "\"A\\ud800B\\u0000\"")));
        bodies.add(Body.of("customers/update", CUSTOMER.formatted(4, "2026-11-01T10:00:00Z")
                .replace("verified_email", "na\\u0000me\\ud83d")));
        bodies.add(Body.of("customer.tags_added", "{\"customerId\": 1, \"tags\": [\"" + LONG + "\"]}"));
        bodies.add(Body.of("customer.tags_added", "{\"customerId\": 1, \"tags\": [" + IntStream.range(0, 1500)
                .mapToObj(i -> "\"t" + i + "\"").collect(Collectors.joining(",")) + "]}"));
        for (String id : NO_IDS) {
            bodies.add(Body.of("orders/create", order(900, "\"company\": {\"id\": \"" + id + "\"}")));
            bodies.add(Body.of("orders/create", order(901, "\"line_items\": [{\"id\": \"" + id + "\"}]")));
            bodies.add(Body.of("orders/create", order(902, "\"line_items\": [{\"id\": 1, \"product_id\": \"" + id
                    + "\"}]")));
            bodies.add(Body.of("orders/create", order(903, "\"refunds\": [{\"id\": \"" + id + "\"}]")));
            bodies.add(Body.of("orders/create", order(904, "\"customer\": {\"id\": \"" + id + "\"}")));
        }
        int id = 1000;
        for (String odd : List.of("\"unit_price\": \"5\"", "\"discount\": \"5\"", "\"unit_price\": [1]",
                "\"price\": \"1e999999999\"", "\"price\": 1e-999999999", "\"price\": true", "\"quantity\": 1e999999999",
                "\"price_set\": \"x\"", "\"attributes\": 5", "\"properties\": {\"id\": \"any text/of a buyer\"}")) {
            bodies.add(Body.of("orders/create", order(id++, "\"line_items\": [{\"id\": 1, \"name\": \"L\", " + odd + "}]")));
        }
        for (String odd : List.of("\"total_price\": \"1e999999999\"", "\"total_price\": 1e999999999",
                "\"total_price\": \"1e100000\"", "\"total_price\": \"-1e-999999999\"", "\"refunds\": [{\"id\": 1, \"total\": \"12\"}]",
                "\"refunds\": [{\"id\": 1, \"transactions\": [{\"kind\": \"refund\", \"status\": \"success\","
                        + " \"amount\": \"1e999999999\"}]}]", "\"refunds\": 7", "\"line_items\": \"x\"",
                "\"processed_at\": \"+999999999-12-31T23:59:59Z\"", "\"processed_at\": \"0000-01-01T00:00:00Z\"",
                "\"processed_at\": \"9999-12-31T23:59:59Z\"", "\"currency\": \"U\\u0000D\"",
                "\"source_name\": \"\\ud800\"", "\"totals\": \"x\"", "\"note_attributes\": [{\"name\": \"a\\u0000\","
                        + " \"value\": 1}]", "\"metafields\": [{\"namespace\": \"n\", \"key\": \"k\", \"value\": \"\\u0000\"}]",
                "\"shipping_lines\": [{\"price\": \"1e999999999\"}]", "\"billing_address\": [], \"phone\": {\"a\": 1}",
                "\"landing_site\": \"?%zz&utm_source=%\"", "\"contact_key\": 5, \"deleted_at\": 5")) {
            bodies.add(Body.of("orders/updated", order(id++, odd)));
        }
        return bodies;
    }

    @Test
    void bodiesThatShopifyNeverSendsEndInAnOutcomeAndBlockNoOther() throws Exception {
        List<Body> bad = rejected();
        List<Body> odd = takenIn();
        CamelContext camel = shopbridge.bean(CamelContext.class);
        camel.getRouteController().stopRoute("mirror-events");
        try {
            int good = 5000;
            for (Body body : IntStream.range(0, Math.max(bad.size(), odd.size())).boxed().flatMap(i ->
                    IntStream.of(0, 1).filter(which -> i < (which == 0 ? bad : odd).size())
                            .mapToObj(which -> (which == 0 ? bad : odd).get(i))).toList()) {
                assertThat(post(body.topic, body.bytes, Instant.now())).isEqualTo(200);
                if (good % 4 == 0) {
                    assertThat(post("customers/update", customer(good), Instant.now())).isEqualTo(200);
                }
                good++;
            }
        } finally {
            camel.getRouteController().startRoute("mirror-events");
        }
        await().atMost(USUAL).until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        long goods = shopbridge.count("SELECT count(*) FROM inbox WHERE convert_from(body, 'LATIN1') LIKE '%\"C5%'");
        await().atMost(USUAL).until(() -> shopbridge.crmOne.records("contacts").stream()
                .filter(record -> record.path("fields").path("last_name").asText().startsWith("C5")).count() == goods);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE crm IS NULL")).as("rejected events")
                .isEqualTo(bad.size());
        assertThat(shopbridge.jdbc().queryForList("SELECT errors FROM rejected WHERE crm IS NULL", String.class))
                .allMatch(errors -> errors.length() > 30 && !errors.contains("report it"));
        assertThat(shopbridge.count("SELECT count(DISTINCT r.inbox_id) FROM rejected r JOIN inbox i ON i.id = r.inbox_id"))
                .as("with their bytes").isGreaterThanOrEqualTo(bad.size());
        assertThat(shopbridge.count("SELECT count(*) FROM mirror_facet WHERE record_id || facet ~ '[^A-Za-z0-9:_-]'"
                + " AND facet NOT LIKE 'tag:%'")).as("keys of what is no id").isZero();
    }

    @Test
    void aTextThatNoDatabaseHoldsIsMendedAndTheRecordDelivered() {
        assertThat(post("customers/update", CUSTOMER.formatted(1, "2026-11-01T10:00:00Z")
                .replace("\"C1\"", "\"Love\\u0000la\\ud800ce \\ud83d\\ude00\""), Instant.now())).isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:1").path("fields").path("last_name").asText())
                .isEqualTo("Love\uFFFDla\uFFFDce \uD83D\uDE00");
        assertThat(shopbridge.jdbc().queryForObject("SELECT convert_from(body, 'UTF8') FROM inbox", String.class))
                .as("kept as received").contains("\\u0000");
        assertThat(shopbridge.bean(MeterRegistry.class).counter("shopbridge.events.adjusted", "what", "text").count())
                .isPositive();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "customers/delete | {'id': 1, 'email': 'c1@example.com', 'updated_at': '2026-11-01T10:00:00Z'}",
        "customers/delete | {'id': 1, 'phone': '+16135550142', 'sms_marketing_consent': {'state': 'subscribed'}}",
        "customers/delete | {'id': 1, 'admin_graphql_api_id': 'gid://shopify/Order/1'}",
        "customers/update | {'id': 1, 'admin_graphql_api_id': 'gid://shopify/Customer/1', 'tax_exemptions': []}",
        "customers/update | {'id': 1, 'email': 'c1@example.com', 'line_items': []}",
        "customers/update | {'id': 1, 'email': 'x@example.com', 'admin_graphql_api_id': 'gid://shopify/DraftOrder/1'}",
        "orders/create | {'id': 1, 'email': 'c1@example.com', 'first_name': 'A', 'verified_email': true}",
        "orders/create | {'id': 1, 'token': 'cart', 'line_items': [], 'updated_at': '2026-11-01T10:00:00Z'}",
        "orders/create | {'id': 1, 'abandoned_checkout_url': 'x', 'total_price': '1', 'token': 'a'}",
        "orders/updated | {'id': 1}",
        "orders/delete | {'id': 1, 'order_id': 2, 'note': 'refund'}",
        "orders/delete | {'id': 1, 'total_price': '5.00'}",
        "refunds/create | {'id': 1, 'order_id': 2, 'status': 'success', 'tracking_number': 'x', 'line_items': []}",
        "refunds/create | {'id': 1, 'order_id': 2, 'type': 'chargeback', 'amount': '5'}",
        "fulfillments/create | {'id': 1, 'order_id': 2, 'refund_line_items': [], 'transactions': []}",
        "checkouts/update | {'id': 1, 'token': 'a', 'cart_token': 'b', 'financial_status': 'paid'}",
        "checkouts/delete | {'token': 'a', 'cart_token': 'b', 'email': 'c1@example.com', 'total_price': '1'}",
        "companies/delete | {'id': 1, 'admin_graphql_api_id': 'gid://shopify/CompanyLocation/1'}",
        "companies/update | {'id': 1, 'email': 'c1@example.com', 'verified_email': true}",
        "customers_marketing_consent/update | {'id': 1, 'email': 'c1@example.com'}",
        "customers_email_marketing_consent/update | {'customer_id': 1, 'email_address': 'c1@example.com'}",
        "customers/redact | {'shop_id': 1, 'customer': {'id': 1}, 'data_request': {'id': 9}}",
        "customers/redact | {'id': 1, 'email': 'c1@example.com'}",
        "customers/data_request | {'shop_id': 1, 'customer': {'id': 1}, 'orders_to_redact': []}",
        "shop/redact | {'shop_id': 1, 'customer': {'id': 1}}"})
    void aBodyOfAnotherTopicIsRejected(String topic, String body) {
        assertThat(post(topic, body.replace('\'', '"'), Instant.now())).isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(shopbridge.jdbc().queryForList("SELECT errors FROM rejected WHERE state = 'open'", String.class))
                .singleElement().asString().contains("The body is not one of topic " + topic);
        assertThat(shopbridge.count("SELECT count(*) FROM mirror_facet")).isZero();
    }

    @Test
    void anUpdateThatIsSentAgainAsADeletionOfTheFarFutureHasNoEffect() {
        String body = customer(1);
        post("customers/update", body, Instant.now());
        shopbridge.awaitIdle();
        post("customers/delete", body, Instant.parse("9990-01-01T00:00:00Z"));
        // A company is deleted with the body of its last update, so the deletion counts, but not for ever.
        String company = """
                {"name": "%s", "admin_graphql_api_id": "gid://shopify/Company/9", "created_at": "2026-01-05T00:00:00Z",
                 "updated_at": "%s", "main_contact_admin_graphql_api_id": null}""";
        post("companies/update", company.formatted("Old", "2026-01-05T00:00:00Z"), Instant.now());
        post("companies/delete", company.formatted("Old", "2026-01-05T00:00:00Z"), Instant.parse("9990-01-01T00:00:00Z"));
        post("customers/delete", "{\"id\": 1}", Instant.parse("9990-01-01T00:00:00Z"));
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT count(*) FROM mirror_facet WHERE version_at > now() + interval '1 minute'"))
                .isZero();

        Instant later = Instant.now().plusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
        post("customers/update", CUSTOMER.formatted(1, later).replace("c1@", "lovelace@"), Instant.now());
        post("companies/update", company.formatted("New", later), Instant.now());
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:1").path("fields").path("email").asText())
                .isEqualTo("lovelace@example.com");
        assertThat(shopbridge.hubspot("companies", "name", "New")).isNotNull();
    }

    @Test
    void aBodyOfAWrongClockIsDeliveredAndSoIsWhatFollows() {
        post("customers/update", CUSTOMER.formatted(1, "9990-01-01T00:00:00Z"), Instant.now());
        post("customer.tags_added", """
                {"customerId": 1, "tags": ["vip"], "occurredAt": "9990-01-01T00:00:00Z"}""", Instant.now());
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:1")).isNotNull();
        Instant later = Instant.now().plusSeconds(1);
        post("customers/update", CUSTOMER.formatted(1, later).replace("c1@", "lovelace@"), Instant.now());
        post("customer.tags_removed", """
                {"customerId": 1, "tags": ["vip"], "occurredAt": "%s"}""".formatted(later), Instant.now());
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:1").path("fields").path("email").asText())
                .isEqualTo("lovelace@example.com");
        assertThat(shopbridge.jdbc().queryForObject("SELECT convert_from(value, 'UTF8') FROM mirror_facet"
                + " WHERE facet = 'tag:vip'", String.class)).isEqualTo("false");
    }

    @Test
    void anEventOfLongAgoIsTakenInOnlyByHandUnlessSomethingNewerIsKnown() {
        Instant longAgo = Instant.now().minus(Duration.ofDays(10));
        post("customers/update", customer(1), Instant.now());
        shopbridge.awaitIdle();
        post("customers/update", CUSTOMER.formatted(1, "2026-10-01T10:00:00Z"), longAgo);
        post("customers/update", customer(2), longAgo);
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE outcome = 'stale'")).isOne();
        assertThat(shopbridge.crmOne("contacts", "main:2")).isNull();
        JsonNode entry = shopbridge.operator("GET", "/api/v1/rejected").at("/items/0");
        assertThat(entry.at("/errors/0").asText()).contains("came 10 days later", "shopbridge.webhook.max-age");
        shopbridge.operator("POST", "/api/v1/rejected/" + entry.get("id").asLong() + "/replay");
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:2")).isNotNull();
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE state = 'open'")).isZero();
    }

    /** Whatever PostgreSQL refuses that nobody thought of. */
    @Test
    void whatTheDatabaseRefusesIsFoundAmongTwoHundredInTheSamePass() throws Exception {
        shopbridge.jdbc().execute("""
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF NEW.record_id IN ('5007', '5133') THEN
                        RAISE EXCEPTION 'no room' USING ERRCODE = CASE NEW.record_id WHEN '5007' THEN '54000' ELSE 'XX000' END;
                    END IF;
                    RETURN NEW;
                END $$""");
        shopbridge.jdbc().execute("CREATE TRIGGER refuse BEFORE INSERT ON mirror_facet FOR EACH ROW EXECUTE FUNCTION refuse()");
        CamelContext camel = shopbridge.bean(CamelContext.class);
        try {
            camel.getRouteController().stopRoute("mirror-events");
            for (int id = 5000; id < 5150; id++) {
                post("customers/update", customer(id), Instant.now());
            }
            camel.getRouteController().startRoute("mirror-events");
            await().atMost(USUAL).until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        } finally {
            shopbridge.jdbc().execute("DROP TRIGGER refuse ON mirror_facet");
            shopbridge.jdbc().execute("DROP FUNCTION refuse");
        }
        await().atMost(USUAL).until(() -> shopbridge.crmOne.records("contacts").size() == 148);
        assertThat(shopbridge.jdbc().queryForList("SELECT errors FROM rejected ORDER BY id", String.class)).hasSize(2)
                .anyMatch(errors -> errors.contains("PostgreSQL's error 54000"))
                .anyMatch(errors -> errors.contains("PostgreSQL's error XX000"));
    }

    @Test
    void anEventUnderWhichAProcessEndedIsReadAloneAndNotAThirdTime() throws Exception {
        CamelContext camel = shopbridge.bean(CamelContext.class);
        camel.getRouteController().stopRoute("mirror-events");
        try {
            for (int id = 1; id <= 4; id++) {
                post("customers/update", customer(id), Instant.now());
            }
            // What processes leave that were killed: two while they read the fourth, one while it read 2 to 4.
            shopbridge.jdbc().update("INSERT INTO inbox_pass (owner, ids) SELECT -1, array_agg(id) FROM ("
                    + "SELECT id FROM inbox_waiting ORDER BY id OFFSET 1) w");
            shopbridge.jdbc().update("INSERT INTO inbox_pass (owner, ids) SELECT -2, ARRAY[max(id)] FROM inbox_waiting");
            shopbridge.jdbc().update("UPDATE inbox_waiting SET tries = 1 WHERE id = (SELECT max(id) FROM inbox_waiting)");
        } finally {
            camel.getRouteController().startRoute("mirror-events");
        }
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne.records("contacts")).hasSize(3);
        assertThat(shopbridge.crmOne("contacts", "main:4")).isNull();
        assertThat(shopbridge.jdbc().queryForList("SELECT errors FROM rejected", String.class)).singleElement().asString()
                .contains("times while it was reading the body");
        assertThat(shopbridge.count("SELECT count(*) FROM inbox_pass WHERE ids <> '{}'")).isZero();
    }

    @Test
    void whatPrivacyLawAsksForIsWorkForAPersonUntilItIsDone() {
        String customer = "\"shop_id\": 1, \"shop_domain\": \"" + DOMAIN + "\"";
        post("customers/redact", "{" + customer + ", \"customer\": {\"id\": 7, \"email\": \"ada@example.com\"},"
                + " \"orders_to_redact\": []}", Instant.now().minus(Duration.ofDays(20)));
        post("customers/data_request", "{" + customer + ", \"customer\": {\"id\": 7}, \"orders_requested\": [],"
                + " \"data_request\": {\"id\": 9999}}", Instant.now());
        post("shop/redact", "{" + customer + "}", Instant.now());
        shopbridge.awaitIdle();
        post("customers/update", "{}", Instant.now());
        shopbridge.awaitIdle();

        JsonNode items = shopbridge.operator("GET", "/api/v1/rejected?limit=3").get("items");
        assertThat(items.findValuesAsText("outcome")).containsExactly("held", "held", "held");
        JsonNode next = shopbridge.operator("GET", "/api/v1/rejected?limit=3&cursor="
                + shopbridge.operator("GET", "/api/v1/rejected?limit=3").get("next").asText());
        assertThat(next.get("items").findValuesAsText("outcome")).as("what came later comes after").containsExactly("rejected");
        JsonNode entry = items.get(2);
        assertThat(entry.get("topic").asText()).isEqualTo("customers/redact");
        assertThat(Duration.between(Instant.now(), Instant.parse(entry.get("due_at").asText())).toDays()).isEqualTo(29);
        assertThat(entry.at("/errors/0").asText()).startsWith("Erase a customer in every CRM, by 20");
        MeterRegistry meters = shopbridge.bean(MeterRegistry.class);
        await().until(() -> meters.get("shopbridge.compliance.open").gauge().value() == 3);
        assertThat(meters.get("shopbridge.compliance.due.seconds").gauge().value()).isBetween(29 * 86400.0, 30 * 86400.0);
        assertThat(shopbridge.operator("GET", "/api/v1/status").at("/compliance/open").asInt()).isEqualTo(3);

        String path = "/api/v1/rejected/" + entry.get("id").asLong();
        assertThatThrownBy(() -> shopbridge.operator("POST", path + "/replay")).hasMessageContaining("409")
                .hasMessageContaining("work for a person");
        shopbridge.jdbc().update("UPDATE inbox SET received_at = now() - interval '99 days'");
        shopbridge.jdbc().update("UPDATE rejected SET at = now() - interval '999 days'");
        shopbridge.runJobs("expire");
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE state = 'open' AND outcome = 'held'")).isEqualTo(3);
        assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE topic IN ('customers/redact', 'shop/redact')")).isEqualTo(2);
        assertThat(shopbridge.operator("POST", path + "/done").get("state").asText()).isEqualTo("resolved");
        assertThatThrownBy(() -> shopbridge.operator("POST", path + "/done")).hasMessageContaining("409");
    }

    @Test
    void manyLargeBodiesAreTakenInAFewAtATime() {
        String note = "n".repeat(2_000_000);
        for (int id = 1; id <= 8; id++) {
            assertThat(post("customers/update", CUSTOMER.formatted(id, "2026-11-01T10:00:00Z")
                    .replace("\"verified_email\"", "\"note\": \"" + note + "\", \"verified_email\""), Instant.now()))
                    .isEqualTo(200);
        }
        await().atMost(USUAL.multipliedBy(2)).until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        assertThat(shopbridge.count("SELECT count(*) FROM mirror_facet WHERE facet = 'profile'")).isEqualTo(8);
    }

    private static String customer(int id) {
        return CUSTOMER.formatted(id, "2026-11-01T10:00:00Z");
    }

    private static String order(int id, String odd) {
        return "{\"id\": " + id + ", \"name\": \"#" + id + "\", \"email\": \"o" + id + "@example.com\","
                + " \"financial_status\": \"paid\", " + TIME + ", " + odd + "}";
    }

    private static Body invalidUtf8(String topic, String before, String after) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(before.getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(new byte[] {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80});
        bytes.writeBytes(after.getBytes(StandardCharsets.UTF_8));
        return new Body(topic, bytes.toByteArray());
    }

    private int post(String topic, String body, Instant triggeredAt) {
        return post(topic, body.getBytes(StandardCharsets.UTF_8), triggeredAt);
    }

    private int post(String topic, byte[] body, Instant triggeredAt) {
        ShopEvent event = new ShopEvent(topic, UUID.randomUUID().toString(), UUID.randomUUID().toString(), triggeredAt,
                body);
        Map<String, String> headers = SimulatedShop.headers(event, DOMAIN, SECRET);
        return shopbridge.post(headers, body).statusCode();
    }
}
