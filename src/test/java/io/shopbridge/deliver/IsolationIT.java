package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shopbridge.RecordingProxy;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.pipedrive.Company;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.salesforce.Org;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Mark;
import io.shopbridge.work.Work;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** One record that can't be delivered fails by itself, visibly; what was claimed with it arrives all the same. */
@ExtendWith(OutputCaptureExtension.class)
class IsolationIT {

    private static final List<String> CRMS = List.of("hubspot", "crm-one", "salesforce", "pipedrive",
            "proxied", "moved", "nologin");
    /** Good records beside each bad one. */
    private static final int NEIGHBOURS = 12;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static SimulatedSalesforce salesforce;
    private static SimulatedPipedrive pipedrive;
    private static SimulatedHubSpot behindProxy;
    private static RecordingProxy proxy;
    private static RecordingProxy moved;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() {
        salesforce = SimulatedSalesforce.start(0, Options.defaults(), Org.defaults());
        pipedrive = SimulatedPipedrive.start(0, Options.defaults(),
                Company.defaults());
        behindProxy = SimulatedHubSpot.start(0, Options.defaults().withSearchLag(Duration.ZERO));
        proxy = RecordingProxy.to(behindProxy.baseUrl());
        moved = RecordingProxy.to(salesforce.baseUrl());
        shopbridge = RunningShopbridge.with(
                "--shopbridge.stores.moved.domain=moved.myshopify.com",
                "--shopbridge.stores.moved.webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores.moved.crms=moved",
                "--shopbridge.crms.moved.folder=salesforce",
                "--shopbridge.crms.moved.base-url=" + moved.baseUrl(),
                "--shopbridge.crms.moved.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.moved.client-secret=" + Options.DEFAULT_TOKEN,
                "--shopbridge.stores.nologin.domain=nologin.myshopify.com",
                "--shopbridge.stores.nologin.webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores.nologin.crms=nologin",
                "--shopbridge.crms.nologin.folder=salesforce",
                "--shopbridge.crms.nologin.base-url=" + moved.baseUrl(),
                "--shopbridge.crms.nologin.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.nologin.client-secret=" + Options.DEFAULT_TOKEN,
                "--shopbridge.stores.main.crms=hubspot,crm-one,salesforce",
                "--shopbridge.stores.pipes.domain=pipes.myshopify.com",
                "--shopbridge.stores.pipes.webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores.pipes.crms=pipedrive",
                "--shopbridge.stores.proxied.domain=proxied.myshopify.com",
                "--shopbridge.stores.proxied.webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores.proxied.crms=proxied",
                "--shopbridge.crms.proxied.folder=hubspot",
                "--shopbridge.crms.proxied.base-url=" + proxy.baseUrl(),
                "--shopbridge.crms.proxied.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.proxied.subscription-id=1001",
                "--shopbridge.crms.pipedrive.base-url=" + pipedrive.baseUrl(),
                "--shopbridge.crms.pipedrive.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.pipedrive.time-zone=UTC",
                "--shopbridge.crms.salesforce.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.salesforce.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.salesforce.client-secret=" + Options.DEFAULT_TOKEN);
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
        proxy.close();
        moved.close();
        behindProxy.close();
        pipedrive.close();
        salesforce.close();
    }

    @BeforeEach
    void reset() {
        shopbridge.reset();
        salesforce.clear();
        pipedrive.clear();
        behindProxy.faults().clear();
        behindProxy.clear();
        proxy.answerNothing();
        moved.answerNothing();
    }

    // Loading

    @Test
    void aProfileOfBrokenBytesDelaysNoOtherRecord() {
        byte[] notUtf8 = "{\"default_address\":{\"????\":1}}".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(new byte[] {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80}, 0, notUtf8, 21, 4);
        together("main", () -> {
            planted("main", RecordKey.CUSTOMER, "666", "profile", notUtf8);
            customers("main", NEIGHBOURS);
        });
        delivered("main", RecordKey.CUSTOMER, NEIGHBOURS);
        awaitNoWork();
        assertThat(shopbridge.count("SELECT count(DISTINCT crm) FROM outcome WHERE entity = 'customer'"
                + " AND record_id = '666' AND outcome IN ('rejected', 'delivered')")).isEqualTo(3);
    }

    @Test
    void anOrderWhoseCompanyIdHoldsNulGoesWithoutTheCompany() {
        together("main", () -> {
            orders("main", NEIGHBOURS);
            order("main", 666);
            spoil(RecordKey.ORDER, "666", "order", "\"marker\"", "\"company\":{\"id\":\"1\\u0000\"},\"marker\"");
        });
        delivered("main", RecordKey.ORDER, NEIGHBOURS);
        awaitNoWork();
        assertThat(rejected("main", "order", "666")).isEmpty();
        assertThat(shopbridge.jdbc().queryForList("SELECT because FROM outcome WHERE entity = 'order' AND record_id = '666'"
                + " AND outcome = 'delivered'", String.class)).isNotEmpty().allSatisfy(because -> assertThat(because)
                .contains("without links.company").contains("is not an id of a company"));
    }

    @Test
    void aCheckoutWithATextForAPriceDelaysNoOtherRecord() {
        together("main", () -> {
            IntStream.rangeClosed(1, NEIGHBOURS).forEach(i -> checkout("c" + i));
            checkout("666");
            spoil(RecordKey.CHECKOUT, "666", "checkout", "\"marker\"", "\"unit_price\":\"5\",\"marker\"");
        });
        for (String crm : List.of("hubspot", "crm-one")) {
            deliveredTo(crm, RecordKey.CHECKOUT, NEIGHBOURS);
        }
        awaitNoWork();
    }

    // Looking for it

    @Test
    void anIdThatIsTooLongForAQueryIsRejectedAlone() {
        String id = "x".repeat(70_000);
        together("main", () -> {
            planted("main", RecordKey.CUSTOMER, id, "profile", json("{'email': 'long@example.com'}"));
            customers("main", NEIGHBOURS);
        });
        delivered("main", RecordKey.CUSTOMER, NEIGHBOURS);
        awaitNoWork();
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE crm = 'salesforce' AND record_id = ?", id))
                .isOne();
    }

    // Writing

    @Test
    void anExpressionOfCrmYamlThatFailsOnOneRecordIsForThatRecord() {
        together("pipes", () -> {
            post("pipes", "customers/update", "{'id': 666, 'updated_at': '2026-11-01T10:00:00Z',"
                    + " 'email': 'p@example.com', 'phone': {'a': 1}}");
            customers("pipes", 3);
        });
        delivered("pipes", RecordKey.CUSTOMER, 3);
        awaitNoWork();
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE record_id = '666' AND outcome IN"
                + " ('rejected', 'delivered')")).isOne();
    }

    @Test
    void aLineItemIdThatHoldsNulRejectsItsOrderAlone() {
        together("main", () -> {
            orders("main", NEIGHBOURS);
            order("main", 666);
            spoil(RecordKey.ORDER, "666", "order", "\"id\":\"1666\"", "\"id\":\"9\\u0000\"");
        });
        delivered("main", RecordKey.ORDER, NEIGHBOURS);
        assertThat(rejected("main", "order", "666")).isNotEmpty()
                .allSatisfy(errors -> assertThat(errors).contains("is not an id of a line_item"));
    }

    @Test
    void anAnswerThatCantBeReadIsForTheRecordThatItIsAbout() {
        proxy.answerWhere(request -> request.method().equals("POST") && request.body().contains("poison")
                && request.uri().getPath().endsWith("/upsert"), 200, Map.of(), "{\"results\": 5}");
        together("proxied", () -> {
            post("proxied", "customers/update", "{'id': 666, 'updated_at': '2026-11-01T10:00:00Z', 'email':"
                    + " 'poison@example.com'}");
            customers("proxied", NEIGHBOURS);
        });
        delivered("proxied", RecordKey.CUSTOMER, NEIGHBOURS);
        assertThat(rejected("proxied", "customer", "666")).singleElement().asString().contains("in another shape");
    }

    @Test
    void aRecordThatTheCrmFailsOnWaitsAlone() {
        proxy.answerWhere(request -> request.method().equals("POST") && request.body().contains("poison")
                && request.uri().getPath().endsWith("/upsert"), 500, Map.of(), "{\"message\": \"out of order\"}");
        together("proxied", () -> {
            post("proxied", "customers/update", "{'id': 666, 'updated_at': '2026-11-01T10:00:00Z', 'email':"
                    + " 'poison@example.com'}");
            customers("proxied", 40);
        });
        delivered("proxied", RecordKey.CUSTOMER, 40);
        assertThat(shopbridge.jdbc().queryForList("SELECT record_id || ': ' || because FROM work", String.class))
                .singleElement().asString().startsWith("666: ").contains("answered 500");
    }

    // Settling

    @Test
    void halfCharactersAndZeroBytesAreReplacedAndTheRecordIsDelivered() {
        together("main", () -> {
            planted("main", RecordKey.CUSTOMER, "666", "profile", ("{\"email\": \"half@example.com\", \"first_name\":"
                    + " \"A\\ud83dda\", \"last_name\": \"Love\\u0000lace\", \"note\": \"\\udc00\","
                    + " \"default_address\": {\"city\": \"Z\\ud83d\"}}").getBytes(StandardCharsets.UTF_8));
            customers("main", NEIGHBOURS);
        });
        delivered("main", RecordKey.CUSTOMER, NEIGHBOURS);
        awaitNoWork();
        assertThat(shopbridge.hubspot("contacts", "shopify_customer_key", "main:666").at("/properties/firstname")
                .asText()).isEqualTo("A\uFFFDda");
        assertThat(shopbridge.crmOne("contacts", "main:666").at("/fields/last_name").asText())
                .isEqualTo("Love\uFFFDlace");
        assertThat(salesforce.records("Contact")).anySatisfy(contact ->
                assertThat(contact.path("FirstName").asText()).isEqualTo("A\uFFFDda"));
        assertThat(shopbridge.jdbc().queryForList("SELECT because FROM outcome WHERE record_id = '666'", String.class))
                .hasSize(3).allSatisfy(because -> assertThat(because).contains("replaced").contains("first_name")
                        .contains("default_address").doesNotContain("email"));
    }

    // Outages and answers that nobody foresaw

    @Test
    void anOutageIsLoggedAtItsBeginningAndEndAndNotForEachRecord(CapturedOutput log) {
        behindProxy.faults().answer(500, null, 10_000);
        together("proxied", () -> customers("proxied", 30));
        List<String> pauses = await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
            List<String> found = shopbridge.jdbc().queryForList("SELECT because FROM crm_pause WHERE crm = 'proxied'",
                    String.class);
            if (found.isEmpty()) {
                shopbridge.letTimePass();
            }
            return found;
        }, found -> !found.isEmpty());
        assertThat(pauses.get(0)).contains("HubSpot answered 500");
        for (int i = 0; i < 3; i++) {
            shopbridge.letTimePass();
            shopbridge.awaitSettled();
        }
        assertThat(lines(log, "accepts no deliveries")).singleElement().asString().contains("HubSpot answered 500");
        behindProxy.faults().clear();
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(() -> {
            shopbridge.letTimePass();
            return shopbridge.count("SELECT count(*) FROM work") == 0;
        });
        assertThat(lines(log, "accepts deliveries again")).hasSize(1);
        assertThat(behindProxy.records("contacts")).hasSize(30);
    }

    @Test
    void aRedirectIsNotASuccessAndAnUnsubscriptionOutlivesIt(CapturedOutput log) {
        proxy.answerWhere(request -> request.uri().getPath().contains("communication-preferences"), 302,
                Map.of("Location", "https://login.example.com/"), "<html>Found</html>");
        post("proxied", "customers/update", "{'id': 1, 'updated_at': '2026-11-01T10:00:00Z', 'email':"
                + " 'ada@example.com', 'email_marketing_consent': {'state': 'unsubscribed', 'consent_updated_at':"
                + " '2026-11-01T10:00:00Z'}}");
        awaitWaiting("a redirect, which is not followed");
        assertThat(log).contains("1 unsubscriptions could not be written to");
        proxy.answerNothing();
        shopbridge.settle();
        assertThat(proxy.requests()).filteredOn(request -> request.uri().getPath().contains("communication-preferences")
                && request.method().equals("POST") && request.status() < 300).last().satisfies(told ->
                        assertThat(told.body()).contains("UNSUBSCRIBED"));
    }

    /** By 307 a client would send the login's body, and the secret with it, to wherever the answer points. */
    @ParameterizedTest
    @ValueSource(ints = {302, 307})
    void salesforcesLoginIsSentNowhereElse(int status) {
        RecordingProxy elsewhere = RecordingProxy.to(salesforce.baseUrl());
        moved.answerWhere(request -> true, status,
                Map.of("Location", elsewhere.baseUrl() + "/services/oauth2/token"), "");
        customers("nologin", 1);
        awaitWaiting("answered " + status + " to our login");
        assertThat(elsewhere.requests()).isEmpty();
        elsewhere.close();
    }

    @Test
    void aCallToSalesforceThatIsRedirectedIsSentNowhereElse() {
        RecordingProxy elsewhere = RecordingProxy.to(salesforce.baseUrl());
        moved.answerWhere(request -> request.uri().getPath().startsWith("/services/data"), 307,
                Map.of("Location", elsewhere.baseUrl() + "/"), "");
        customers("moved", 1);
        awaitWaiting("answered 307");
        assertThat(elsewhere.requests()).isEmpty();
        elsewhere.close();
    }

    private static void awaitWaiting(String because) {
        await().atMost(PATIENCE).until(() -> shopbridge.count("SELECT count(*) FROM work WHERE because LIKE ?"
                + " AND claimed_by IS NULL", "%" + because + "%") == 1);
    }

    private static void awaitNoWork() {
        await().atMost(PATIENCE).until(() -> shopbridge.count("SELECT count(*) FROM work") == 0);
    }

    private static List<String> lines(CapturedOutput log, String text) {
        return log.getOut().lines().filter(line -> line.contains(text)).toList();
    }

    /** Lets these changes gather, so that each CRM gets them in one claim. */
    private static void together(String store, Runnable changes) {
        shopbridge.jdbc().update("INSERT INTO crm_pause SELECT crm, clock_timestamp() + interval '1 hour', 'a test'"
                + " FROM unnest(?::text[]) AS c (crm)", (Object) CRMS.toArray(String[]::new));
        changes.run();
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.jdbc().update("DELETE FROM crm_pause");
    }

    /** A facet that no webhook should be able to bring: what lies behind the door must hold as well. */
    private static void planted(String store, String entity, String id, String facet, byte[] value) {
        shopbridge.jdbc().update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie,"
                + " value) VALUES (?, ?, ?, ?, now(), '', ?)", store, entity, id, facet, value);
        shopbridge.bean(Work.class).mark(List.of(new Mark(new RecordKey(store, entity, id), null, null)), crms(store));
    }

    private static List<String> crms(String store) {
        return switch (store) {
            case "main" -> List.of("hubspot", "crm-one", "salesforce");
            case "pipes" -> List.of("pipedrive");
            default -> List.of(store);
        };
    }

    private static void customers(String store, int number) {
        IntStream.rangeClosed(1, number).forEach(i -> post(store, "customers/update", "{'id': " + i + ", 'updated_at':"
                + " '2026-11-01T10:00:00Z', 'email': 'buyer" + i + "@example.com', 'first_name': 'Ada', 'last_name':"
                + " 'Buyer" + i + "'}"));
    }

    private static void orders(String store, int number) {
        IntStream.rangeClosed(1, number).forEach(i -> order(store, i));
    }

    private static void order(String store, int id) {
        post(store, "orders/updated", "{'id': " + id + ", 'name': '#1', 'currency': 'EUR', 'total_price': '20.00',"
                + " 'current_total_price': '20.00', 'financial_status': 'paid', 'created_at': '2026-11-01T10:00:00Z',"
                + " 'updated_at': '2026-11-01T10:00:00Z', 'marker': 1, 'email': 'guest" + id + "@example.com',"
                + " 'line_items': [{'id': " + (1000 + id) + ", 'name': 'Mug', 'price': '10.00', 'quantity': 2,"
                + " 'current_quantity': 2}]}");
    }

    private static void checkout(String token) {
        post("main", "checkouts/update", "{'id': 1, 'token': '" + token + "', 'cart_token': '" + token + "',"
                + " 'currency': 'EUR', 'presentment_currency': 'EUR', 'email': 'c" + token + "@example.com',"
                + " 'total_price': '5.00', 'created_at': '2026-11-01T10:00:00Z', 'updated_at': '2026-11-01T10:00:00Z', 'line_items':"
                + " [{'key': 'a', 'title': 'Mug', 'price': '5.00', 'quantity': 1, 'marker': 1}]}");
    }

    /** Puts into a facet what the door does not let in, or did not always keep out. */
    private static void spoil(String entity, String id, String facet, String good, String bad) {
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        assertThat(shopbridge.jdbc().update("UPDATE mirror_facet SET value = convert_to(replace("
                + "convert_from(value, 'UTF8'), ?, ?), 'UTF8') WHERE entity = ? AND record_id = ? AND facet = ?"
                + " AND convert_from(value, 'UTF8') LIKE ?",
                good, bad, entity, id, facet, "%" + good + "%")).isOne();
    }

    private static void post(String store, String topic, String body) {
        String domain = store.equals("main") ? RunningShopbridge.DOMAIN : store + ".myshopify.com";
        assertThat(shopbridge.postTo(store, domain, topic, body.replace('\'', '"'))).isEqualTo(200);
    }

    /** Waits until the neighbours of the bad record, whose id is 666, are delivered to all CRMs of the store. */
    private static void delivered(String store, String entity, int number) {
        crms(store).forEach(crm -> deliveredTo(crm, entity, number));
    }

    /** None of them had to wait for anything but its contact. */
    private static void deliveredTo(String crm, String entity, int number) {
        String neighbours = " FROM outcome WHERE crm = ? AND entity = ? AND record_id <> '666'"
                + " AND length(record_id) < 9";
        await(crm).atMost(PATIENCE).until(() -> shopbridge.count("SELECT count(DISTINCT record_id)" + neighbours
                + " AND outcome = 'delivered'", crm, entity) == number);
        assertThat(shopbridge.jdbc().queryForList("SELECT because" + neighbours + " AND outcome = 'waiting'"
                + " AND because NOT LIKE 'Its %'", String.class, crm, entity)).isEmpty();
    }

    private static List<String> rejected(String store, String entity, String id) {
        await().atMost(PATIENCE).until(() ->
                shopbridge.count("SELECT count(*) FROM work WHERE record_id = ?", id) == 0);
        return shopbridge.jdbc().queryForList("SELECT errors FROM rejected WHERE store = ? AND entity = ?"
                + " AND record_id = ? AND outcome = 'rejected'", String.class, store, entity, id);
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
