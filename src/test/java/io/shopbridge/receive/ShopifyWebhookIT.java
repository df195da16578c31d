package io.shopbridge.receive;

import static io.shopbridge.RunningShopbridge.DOMAIN;
import static io.shopbridge.RunningShopbridge.OLD_SECRET;
import static io.shopbridge.RunningShopbridge.OUTLET;
import static io.shopbridge.RunningShopbridge.OUTLET_DOMAIN;
import static io.shopbridge.RunningShopbridge.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.SimulatedShop;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The webhook endpoint, as Shopify meets it. */
class ShopifyWebhookIT {

    private static final String SIGNATURE = "X-Shopify-Hmac-Sha256";
    private static final int LIMIT = 5 * 1024 * 1024;

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

    @Test
    void itsSignatureMustBeThere() {
        ShopEvent event = customer(1);
        Map<String, String> headers = signed(event);
        headers.remove(SIGNATURE);
        refused(401, shopbridge.post(headers, event.body()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "=", "AAAA", "not base64 at all!", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY="})
    void aWrongSignatureIsRefused(String signature) {
        ShopEvent event = customer(1);
        Map<String, String> headers = signed(event);
        headers.put(SIGNATURE, signature);
        refused(401, shopbridge.post(headers, event.body()));
    }

    @Test
    void aTruncatedSignatureIsRefused() {
        ShopEvent event = customer(1);
        Map<String, String> headers = signed(event);
        headers.compute(SIGNATURE, (name, whole) -> whole.substring(0, whole.length() - 4));
        refused(401, shopbridge.post(headers, event.body()));
    }

    @Test
    void theSignatureOfAnotherBodyIsRefused() {
        refused(401, shopbridge.post(signed(customer(1)), customer(2).body()));
    }

    @Test
    void theSecretOfAnotherAppIsRefused() {
        ShopEvent event = customer(1);
        refused(401, shopbridge.post(SimulatedShop.headers(event, DOMAIN, "of-another-app"), event.body()));
    }

    @Test
    void theSecretBeforeARotationIsAccepted() {
        ShopEvent event = customer(1);
        kept(shopbridge.post(SimulatedShop.headers(event, DOMAIN, OLD_SECRET), event.body()));
    }

    @Test
    void headersWithoutPrefixAreAccepted() {
        ShopEvent event = customer(1);
        Map<String, String> headers = new HashMap<>();
        signed(event).forEach((name, value) -> headers.put(name.replace("X-Shopify-", "Shopify-"), value));
        kept(shopbridge.post(headers, event.body()));
        assertThat(shopbridge.jdbc().queryForMap("SELECT topic, webhook_id, event_id FROM inbox"))
                .containsEntry("topic", "customers/update").containsEntry("webhook_id", event.webhookId())
                .containsEntry("event_id", event.eventId());
    }

    /** Shopify Events have a topic without an action in its name, and a body that a query of one's own has given. */
    @Test
    void anEventBecomesAContactAsAWebhookDoes() {
        byte[] body = """
                {"topic": "Customer", "action": "create", "handle": "customers", "fields_changed": {},
                 "query_variables": {"customerId": "gid://shopify/Customer/7"},
                 "data": {"customer": {"__typename": "Customer", "id": "gid://shopify/Customer/7", "firstName": "Ada",
                  "lastName": "Byron", "defaultEmailAddress": {"emailAddress": "ada7@example.com",
                  "marketingState": "SUBSCRIBED", "marketingUpdatedAt": "2026-11-01T10:00:00Z"}, "tags": ["vip"],
                  "updatedAt": "2026-11-01T10:00:00Z"}}}""".getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = new HashMap<>();
        signed(event("Customer", body)).forEach((name, value) ->
                headers.put(name.replace("X-Shopify-", "Shopify-"), value));
        kept(shopbridge.post(headers, body));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:7").at("/fields/last_name").asText()).isEqualTo("Byron");
        assertThat(shopbridge.crmOne("contacts", "main:7").at("/fields/email").asText()).isEqualTo("ada7@example.com");
    }

    @Test
    void theCaseOfHeaderNamesDoesNotMatter() {
        ShopEvent event = customer(1);
        Map<String, String> headers = new HashMap<>();
        signed(event).forEach((name, value) -> headers.put(
                headers.size() % 2 == 0 ? name.toLowerCase() : name.toUpperCase(), value));
        kept(shopbridge.post(headers, event.body()));
        assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE topic = 'customers/update' AND webhook_id = ?"
                + " AND triggered_at IS NOT NULL", event.webhookId())).isOne();
    }

    @Test
    void theWebhookOfAnotherShopIsRefused() {
        ShopEvent event = customer(1);
        refused(401, shopbridge.post(SimulatedShop.headers(event, "other.myshopify.com", SECRET), event.body()));
        kept(shopbridge.post(SimulatedShop.headers(event, DOMAIN.toUpperCase(), SECRET), event.body()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"other", "MAIN", "main%20"})
    void aStoreThatIsNotConfiguredIsNotFound(String store) {
        ShopEvent event = customer(1);
        refused(404, shopbridge.post(store, signed(event), event.body()));
    }

    @Test
    void aBodyOfTheLimitIsKeptAndOneByteMoreIsNot() {
        ShopEvent atLimit = event("customers/update", padded(LIMIT));
        kept(shopbridge.post(signed(atLimit), atLimit.body()));
        ShopEvent over = event("customers/update", padded(LIMIT + 1));
        assertThat(shopbridge.post(signed(over), over.body()).statusCode()).isEqualTo(413);
        assertThat(shopbridge.count("SELECT count(*) FROM inbox")).isOne();
    }

    @Test
    void aBodyFarAboveTheLimitIsAnswered413AndNotAReset() {
        ShopEvent over = event("customers/update", padded(3 * LIMIT));
        refused(413, shopbridge.post(signed(over), over.body()));
    }

    @Test
    void aBodyThatDoesNotSayItsLengthIsLimitedToo() {
        for (int size : List.of(LIMIT + 1, 3 * LIMIT)) {
            ShopEvent over = event("customers/update", padded(size));
            refused(413, chunked(over));
        }
        ShopEvent small = customer(1);
        kept(chunked(small));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "nonsense", "{\"id\": 1", "[{\"id\": 1}]", "null", "7", "\"text\"",
        "{\"id\": 1} {\"id\": 2}", "{}", "{\"id\": null}"})
    void aBodyThatIsNotJsonIsRejectedWithItsBytes(String body) {
        rejectedWithItsBytes(body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void invalidUtf8IsKeptByteForByte() {
        byte[] body = "{\"id\": 1, \"email\": \"x\"}".getBytes(StandardCharsets.UTF_8);
        body[body.length - 3] = (byte) 0xC3;
        rejectedWithItsBytes(body);
    }

    @Test
    void bytesThatAreNotTextAreKeptByteForByte() {
        byte[] body = new byte[256];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) i;
        }
        rejectedWithItsBytes(body);
    }

    @Test
    void deepJsonIsRejected() {
        rejectedWithItsBytes(("{\"id\": 1, \"deep\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}")
                .getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theSameWebhookIdTwiceIsOneEvent() {
        ShopEvent event = customer(1);
        kept(shopbridge.post(signed(event), event.body()));
        kept(shopbridge.post(signed(event), event.body()));
        ShopEvent changed = new ShopEvent(event.topic(), event.webhookId(), event.eventId(), event.triggeredAt(),
                customer(2).body());
        kept(shopbridge.post(signed(changed), changed.body()));
        assertThat(shopbridge.jdbc().queryForObject("SELECT body FROM inbox", byte[].class)).isEqualTo(event.body());
    }

    @Test
    void theSameBodyUnderANewWebhookIdIsOneEvent() {
        ShopEvent event = customer(1);
        kept(shopbridge.post(signed(event), event.body()));
        ShopEvent again = event(event.topic(), event.body());
        kept(shopbridge.post(signed(again), again.body()));
        // The same body of another topic says something else.
        ShopEvent other = event("customers/create", event.body());
        assertThat(shopbridge.post(signed(other), other.body()).statusCode()).isEqualTo(200);
        assertThat(shopbridge.count("SELECT count(*) FROM inbox")).isEqualTo(2);
    }

    /** Its body has no time: a return that is closed again is not the first closing sent again. */
    @Test
    void theSameBodyOfAnotherTriggerIsAnotherEventWhereItHasNoTime() {
        byte[] body = "{\"id\": 3, \"order_id\": 5, \"status\": \"closed\"}".getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = signed(event("returns/close", body));
        sendTwiceAndAsAnotherTrigger(headers, body, "2026-11-20T11:00:00Z");
        assertThat(shopbridge.count("SELECT count(*) FROM inbox")).isEqualTo(2);
    }

    private void sendTwiceAndAsAnotherTrigger(Map<String, String> headers, byte[] body, String later) {
        headers.put("X-Shopify-Triggered-At", "2026-11-20T10:00:00Z");
        kept(shopbridge.post(headers, body));
        headers.put("X-Shopify-Webhook-Id", "sent-again");
        kept(shopbridge.post(headers, body));
        headers.put("X-Shopify-Webhook-Id", "another");
        headers.put("X-Shopify-Triggered-At", later);
        assertThat(shopbridge.post(headers, body).statusCode()).isEqualTo(200);
    }

    /** It has nothing but the shop: the second is no copy of the first, whose 30 days may be over. */
    @ParameterizedTest
    @CsvSource({"shop/redact, shop-redact", "customers/redact, redact", "customers/data_request, data-request"})
    void aPrivacyRequestThatComesAgainLaterIsAnotherDuty(String topic, String sample) throws IOException {
        byte[] body = Files.readAllBytes(Path.of("mappings/shopify/samples/" + sample + "-webhook.json"));
        Map<String, String> headers = signed(event(topic, body));
        sendTwiceAndAsAnotherTrigger(headers, body, "2026-11-26T10:00:00Z");
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE state = 'open' AND topic = ?", topic)).isEqualTo(2);
    }

    @Test
    void aStoreWhoseAppWasUninstalledIsPausedUntilSomebodyResumesIt() throws IOException {
        String shop = Files.readString(Path.of("mappings/shopify/samples/uninstalled-webhook.json"));
        assertThat(outlet("app/uninstalled", shop)).isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(shopbridge.operator("GET", "/api/v1/rejected").at("/items/0/errors/0").asText()).contains(
                "Store outlet is paused", "POST /api/v1/stores/outlet/resume");

        assertThat(outlet("customers/create", "{\"id\": 71, \"email\": \"a71@example.com\"}")).isEqualTo(200);
        post("customers/create", "{\"id\": 72, \"email\": \"a72@example.com\"}");
        await().until(() -> shopbridge.crmOne("contacts", "main:72") != null);
        assertThat(shopbridge.count("SELECT count(*) FROM work WHERE store = 'outlet' AND attempts = 0"))
                .as("kept for each CRM").isEqualTo(2);
        assertThat(shopbridge.crmOne("contacts", "outlet:71")).isNull();

        Instant before = Instant.now();
        shopbridge.operator("POST", "/api/v1/stores/outlet/resume");
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "outlet:71")).isNotNull();
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE state = 'open'")).isZero();

        ShopEvent late = new ShopEvent("app/uninstalled", "late", "late", before,
                shop.getBytes(StandardCharsets.UTF_8));
        assertThat(shopbridge.post(OUTLET, SimulatedShop.headers(late, OUTLET_DOMAIN, SECRET), late.body())
                .statusCode()).isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT count(*) FROM store_pause WHERE resumed_at IS NULL"))
                .as("of before it was resumed").isZero();
        assertThat(outlet("app/uninstalled", shop)).isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(shopbridge.operator("GET", "/api/v1/stores").findValuesAsText("paused_because"))
                .as("uninstalled again").contains("the app was uninstalled from the shop");
    }

    private int outlet(String topic, String body) {
        return shopbridge.postTo(OUTLET, OUTLET_DOMAIN, topic, body);
    }

    @Test
    void aNeededScopeThatWasLostIsTold() {
        String scopes = "{\"id\": 1, \"shop_id\": \"gid://shopify/Shop/1\", \"previous\": %s, \"current\": %s,"
                + " \"updated_at\": \"2026-11-20T10:00:00Z\"}";
        post("app/scopes_update", scopes.formatted("[\"read_customers\", \"read_orders\", \"write_themes\"]",
                "[\"write_customers\"]"));
        post("app/scopes_update", scopes.formatted("[\"read_customers\", \"read_themes\"]", "[\"read_customers\"]"));
        shopbridge.awaitIdle();
        assertThat(shopbridge.jdbc().queryForList("SELECT outcome || ': ' || because FROM outcome ORDER BY id",
                String.class)).hasSize(2).satisfiesExactly(
                lost -> assertThat(lost).startsWith("held: The app has lost the access scopes read_orders, so"),
                other -> assertThat(other).startsWith("not-handled: No access scope was lost"));
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE state = 'open'")).isOne();
    }

    @Test
    void aTopicThatIsNotHandledIsStoredAndRecorded() {
        ShopEvent event = event("inventory_levels/update", "{\"id\": 1}".getBytes(StandardCharsets.UTF_8));
        kept(shopbridge.post(signed(event), event.body()));
        shopbridge.awaitIdle();
        assertThat(shopbridge.jdbc().queryForMap("SELECT topic, outcome FROM outcome"))
                .containsEntry("topic", "inventory_levels/update").containsEntry("outcome", "not-handled");
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Shopify-Webhook-Id", "X-Shopify-Event-Id", "X-Shopify-Triggered-At",
        "X-Shopify-Shop-Domain", "X-Shopify-Topic", "Content-Type"})
    void aMissingHeaderLosesNothing(String header) {
        ShopEvent event = customer(1);
        Map<String, String> headers = signed(event);
        headers.remove(header);
        kept(shopbridge.post(headers, event.body()));
        kept(shopbridge.post(headers, event.body()));
        assertThat(shopbridge.jdbc().queryForObject("SELECT body FROM inbox", byte[].class)).isEqualTo(event.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "2026-13-45T99:99:99Z", "-999999999-01-01T00:00:00Z",
        "+999999999-12-31T23:59:59Z"})
    void anUnreadableTimeLosesNothing(String time) {
        ShopEvent event = customer(1);
        Map<String, String> headers = signed(event);
        headers.put("X-Shopify-Triggered-At", time);
        kept(shopbridge.post(headers, event.body()));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:1")).isNotNull();
    }

    @Test
    void anOverlongHeaderIsCutAndLosesNothing() {
        ShopEvent event = customer(1);
        Map<String, String> headers = signed(event);
        headers.put("X-Shopify-Webhook-Id", "w".repeat(3000));
        kept(shopbridge.post(headers, event.body()));
    }

    @Test
    void whatTheDatabaseCannotStoreDoesNotStopTheOthersOfTheBatch() throws Exception {
        CamelContext camel = shopbridge.bean(CamelContext.class);
        camel.getRouteController().stopRoute("mirror-events");
        try {
            post("customers/update", customer(1).body());
            post("customer.tags_added", """
                    {"customerId": "gid://shopify/Customer/1", "tags": ["a\\u0000b"],
                     "occurredAt": "2026-11-01T10:00:00Z"}""");
            post("customers/update", "{\"id\": \"5\\u0000\", \"last_name\": \"Zero\"}");
            post("customers/update", "{\"id\": \"6\\ud800\", \"last_name\": \"Half\"}");
            post("customers/update", "{\"id\": 7, \"last_name\": \"A\\ud800B\"}");
            post("customers/update", "\u00ff\u0000".getBytes(StandardCharsets.ISO_8859_1));
            post("customers/update", customer(2).body());
            assertThat(shopbridge.count("SELECT count(*) FROM inbox_waiting")).isEqualTo(7);
        } finally {
            camel.getRouteController().startRoute("mirror-events");
        }
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:1")).isNotNull();
        assertThat(shopbridge.crmOne("contacts", "main:2")).isNotNull();
        assertThat(shopbridge.jdbc().queryForList("SELECT errors FROM rejected WHERE crm IS NULL ORDER BY inbox_id",
                String.class)).hasSize(3).anyMatch(errors -> errors.contains("not a Shopify id"));
    }

    @Test
    void aZeroByteInAValueThatIsQuotedInTheRefusalDoesNotHoldTheClaim() {
        post("orders/create", """
                {"id": 9, "name": "#9", "email": "nine@example.com", "currency": "USD",
                 "financial_status": "pa\\u0000id", "updated_at": "2026-11-01T10:00:00Z",
                 "created_at": "2026-11-01T10:00:00Z", "total_price": "1.00", "line_items": []}""");
        post("customers/update", customer(1).body());
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:1")).isNotNull();
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE entity = 'order' AND record_id = '9'"
                + " AND crm IS NOT NULL")).isPositive();
    }

    @Test
    void itIsAnsweredAfterTheCommit() throws Exception {
        ShopEvent event = customer(1);
        try (Connection connection = shopbridge.bean(DataSource.class).getConnection();
                Statement sql = connection.createStatement()) {
            connection.setAutoCommit(false);
            sql.execute("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE");
            Instant begin = Instant.now();
            assertThat(shopbridge.post(event)).isEqualTo(503);
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(5));
            connection.rollback();
            connection.setAutoCommit(true);
        }
        kept(shopbridge.post(signed(event), event.body()));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:1")).isNotNull();
        for (int id = 2; id < 30; id++) {
            ShopEvent next = customer(id);
            assertThat(shopbridge.post(next)).isEqualTo(200);
            assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE webhook_id = ?", next.webhookId())).isOne();
        }
    }

    private void rejectedWithItsBytes(byte[] body) {
        ShopEvent event = event("customers/update", body);
        kept(shopbridge.post(signed(event), body));
        shopbridge.awaitIdle();
        assertThat(shopbridge.jdbc().queryForObject("""
                SELECT i.body FROM rejected r JOIN inbox i ON i.id = r.inbox_id
                WHERE r.crm IS NULL AND r.state = 'open' AND r.topic = 'customers/update'""", byte[].class))
                .isEqualTo(body);
        assertThat(shopbridge.jdbc().queryForObject("SELECT outcome FROM outcome", String.class)).isEqualTo("rejected");
    }

    private HttpResponse<String> chunked(ShopEvent event) {
        HttpRequest.Builder request = HttpRequest.newBuilder(shopbridge.uri("/webhooks/shopify/main"))
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(event.body())));
        signed(event).forEach(request::header);
        return shopbridge.send(request.build());
    }

    private void kept(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(shopbridge.count("SELECT count(*) FROM inbox")).isOne();
    }

    private void refused(int status, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(shopbridge.count("SELECT count(*) FROM inbox")).isZero();
    }

    private void post(String topic, String body) {
        assertThat(shopbridge.post(topic, body)).isEqualTo(200);
    }

    private void post(String topic, byte[] body) {
        assertThat(shopbridge.post(event(topic, body))).isEqualTo(200);
    }

    private static Map<String, String> signed(ShopEvent event) {
        return new LinkedHashMap<>(SimulatedShop.headers(event, DOMAIN, SECRET));
    }

    private static ShopEvent customer(long id) {
        return event("customers/update", """
                {"id": %d, "email": "number%d@example.com", "last_name": "Lovelace",
                 "updated_at": "2026-11-01T10:00:00Z"}""".formatted(id, id).getBytes(StandardCharsets.UTF_8));
    }

    private static ShopEvent event(String topic, byte[] body) {
        return new ShopEvent(topic, UUID.randomUUID().toString(), UUID.randomUUID().toString(), Instant.now(), body);
    }

    private static byte[] padded(int size) {
        String begin = "{\"id\": 1, \"note\": \"";
        String end = "\"}";
        return (begin + "x".repeat(size - begin.length() - end.length()) + end).getBytes(StandardCharsets.UTF_8);
    }
}
