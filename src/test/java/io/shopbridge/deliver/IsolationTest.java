package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shopbridge.RecordingProxy;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.Options;
import io.shopbridge.sandbox.SalesforceOrg;
import io.shopbridge.sandbox.SimulatedHubSpot;
import io.shopbridge.sandbox.SimulatedPipedrive;
import io.shopbridge.sandbox.SimulatedSalesforce;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Mark;
import io.shopbridge.work.Work;
import java.io.ByteArrayOutputStream;
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

/** One record that can't be delivered fails by itself, visibly; what was claimed with it arrives as if it were not there. */
@ExtendWith(OutputCaptureExtension.class)
class IsolationTest {

    private static final List<String> CRMS = List.of("hubspot", "crm-one", "salesforce", "pipedrive", "proxied", "moved");
    /** Good records beside each bad one. */
    private static final int NEIGHBOURS = 12;
    /** Well below the first long wait: who is delivered within it was held up by nobody. */
    private static final Duration USUAL = Duration.ofSeconds(15);

    private static SimulatedSalesforce salesforce;
    private static SimulatedPipedrive pipedrive;
    private static SimulatedHubSpot behindProxy;
    private static RecordingProxy proxy;
    private static RecordingProxy moved;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() {
        salesforce = SimulatedSalesforce.start(0, Options.defaults(), SalesforceOrg.defaults());
        pipedrive = SimulatedPipedrive.start(0, Options.defaults());
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
    void aProfileThatCantBePutTogetherIsRejectedAlone() {
        byte[] notUtf8 = concat("{\"default_address\":{\"", new byte[] {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
                "\":1}}");
        together("main", () -> {
            planted("main", RecordKey.CUSTOMER, "666", "profile", notUtf8);
            customers("main", NEIGHBOURS);
        });
        delivered("main", RecordKey.CUSTOMER, NEIGHBOURS);
        assertThat(rejected("main", "customer", "666")).hasSize(3)
                .allSatisfy(errors -> assertThat(errors).contains("can't be handled"));
    }

    @Test
    void anOrderWhoseCompanyIdHoldsNulIsRejectedAlone() {
        together("main", () -> {
            planted("main", RecordKey.ORDER, "666", "order", order("\"company\": {\"id\": \"1\\u0000\"}, "
                    + "\"purchasing_entity\": {\"company\": {\"id\": \"1\\u0000\"}}, ").getBytes(StandardCharsets.UTF_8));
            orders("main", NEIGHBOURS);
        });
        delivered("main", RecordKey.ORDER, NEIGHBOURS);
        assertThat(rejected("main", "order", "666")).isNotEmpty()
                .allSatisfy(errors -> assertThat(errors).contains("is no id of a company"));
    }

    @Test
    void aCheckoutWithATextForAPriceDelaysNobody() {
        together("main", () -> {
            planted("main", RecordKey.CHECKOUT, "c666", "checkout", checkout("'line_items': [{'unit_price': '5'}]"));
            for (int i = 1; i <= NEIGHBOURS; i++) {
                planted("main", RecordKey.CHECKOUT, "c" + i, "checkout", checkout("'line_items': []"));
            }
        });
        await().atMost(USUAL).until(() -> shopbridge.count("SELECT count(DISTINCT record_id) FROM outcome WHERE crm = 'hubspot'"
                + " AND entity = 'checkout' AND outcome = 'delivered' AND record_id <> 'c666'") == NEIGHBOURS);
        await().atMost(USUAL).until(() -> shopbridge.count("SELECT count(*) FROM work") == 0);
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
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE crm = 'salesforce' AND record_id = ?", id)).isOne();
        assertThat(shopbridge.count("SELECT count(*) FROM work WHERE crm = 'salesforce'")).isZero();
    }

    // Writing

    @Test
    void anExpressionOfCrmYamlThatFailsOnOneRecordIsForThatRecord() {
        together("pipes", () -> {
            post("pipes", "customers/update", "{'id': 666, 'updated_at': '2026-11-01T10:00:00Z', 'email': 'p@example.com',"
                    + " 'phone': {'a': 1}}");
            customers("pipes", 3);
        });
        delivered("pipes", RecordKey.CUSTOMER, 3);
        await().atMost(USUAL).until(() -> shopbridge.count("SELECT count(*) FROM work") == 0);
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE record_id = '666' AND outcome IN"
                + " ('rejected', 'delivered')")).isOne();
    }

    @Test
    void aLineItemIdThatHoldsNulRejectsItsOrderAlone() {
        together("main", () -> {
            planted("main", RecordKey.ORDER, "666", "order",
                    order("").replace("\"id\": 1,", "\"id\": \"9\\u0000\",").getBytes(StandardCharsets.UTF_8));
            orders("main", NEIGHBOURS);
        });
        delivered("main", RecordKey.ORDER, NEIGHBOURS);
        assertThat(rejected("main", "order", "666")).isNotEmpty()
                .allSatisfy(errors -> assertThat(errors).contains("is no id of a line_item"));
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
        delivered("main", RecordKey.CUSTOMER, NEIGHBOURS + 1);
        assertThat(shopbridge.hubspot("contacts", "shopify_customer_key", "main:666").at("/properties/firstname").asText())
                .isEqualTo("A\uFFFDda");
        assertThat(shopbridge.crmOne("contacts", "main:666").at("/fields/last_name").asText()).isEqualTo("Love\uFFFDlace");
        assertThat(salesforce.records("Contact")).anySatisfy(contact ->
                assertThat(contact.path("FirstName").asText()).isEqualTo("A\uFFFDda"));
        assertThat(shopbridge.jdbc().queryForList("SELECT because FROM outcome WHERE record_id = '666'", String.class))
                .hasSize(3).allSatisfy(because -> assertThat(because).contains("replaced").contains("first_name")
                        .contains("default_address").doesNotContain("email"));
    }

    // Outages and answers that nobody foresaw

    @Test
    void anOutageIsSaidWhenItBeginsAndWhenItIsOverAndNotForEachRecord(CapturedOutput log) {
        behindProxy.faults().answer(500, null, 10_000);
        together("proxied", () -> customers("proxied", 30));
        await().atMost(USUAL).until(() -> shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'proxied'") == 1);
        assertThat(shopbridge.jdbc().queryForObject("SELECT because FROM crm_pause WHERE crm = 'proxied'", String.class))
                .contains("answered 500");
        for (int i = 0; i < 3; i++) {
            shopbridge.letTimePass();
            shopbridge.awaitSettled();
        }
        assertThat(lines(log, "takes no deliveries")).singleElement().asString().contains("HubSpot answered 500");
        behindProxy.faults().clear();
        await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofSeconds(1)).until(() -> {
            shopbridge.letTimePass();
            return shopbridge.count("SELECT count(*) FROM work") == 0;
        });
        assertThat(lines(log, "takes deliveries again")).hasSize(1);
        assertThat(behindProxy.records("contacts")).hasSize(30);
    }

    @Test
    void aRedirectIsNoSuccessAndAnUnsubscriptionOutlivesIt(CapturedOutput log) {
        proxy.answerWhere(request -> request.uri().getPath().contains("communication-preferences"), 302,
                Map.of("Location", "https://login.example.com/"), "");
        post("proxied", "customers/update", "{'id': 1, 'updated_at': '2026-11-01T10:00:00Z', 'email': 'ada@example.com',"
                + " 'email_marketing_consent': {'state': 'unsubscribed', 'consent_updated_at': '2026-11-01T10:00:00Z'}}");
        await().atMost(USUAL).until(() -> shopbridge.count("SELECT count(*) FROM work WHERE because LIKE '%answered 302%'"
                + " AND claimed_by IS NULL") == 1);
        assertThat(log).contains("could not be told of 1 unsubscriptions");
        proxy.answerNothing();
        shopbridge.settle();
        assertThat(proxy.requests()).filteredOn(request -> request.uri().getPath().contains("communication-preferences")
                && request.method().equals("POST")).last().satisfies(told ->
                        assertThat(told.body()).contains("UNSUBSCRIBED"));
    }

    /** By 307 a client would send the login's body, and the secret with it, to wherever the answer points. */
    @ParameterizedTest
    @ValueSource(ints = {302, 307})
    void salesforcesLoginIsSentNowhereElse(int status) {
        RecordingProxy elsewhere = RecordingProxy.to(salesforce.baseUrl());
        moved.answerWhere(request -> true, status, Map.of("Location", elsewhere.baseUrl() + "/services/oauth2/token"), "");
        customers("nologin", 1);
        await().atMost(USUAL).until(() -> shopbridge.count("SELECT count(*) FROM work WHERE because LIKE '%answered "
                + status + " to our login%' AND claimed_by IS NULL") == 1);
        assertThat(elsewhere.requests()).isEmpty();
        elsewhere.close();
    }

    @Test
    void aCallToSalesforceThatIsRedirectedIsSentNowhereElse() {
        RecordingProxy elsewhere = RecordingProxy.to(salesforce.baseUrl());
        moved.answerWhere(request -> request.uri().getPath().startsWith("/services/data"), 307,
                Map.of("Location", elsewhere.baseUrl() + "/"), "");
        customers("moved", 1);
        await().atMost(USUAL).until(() -> shopbridge.count("SELECT count(*) FROM work WHERE because LIKE '%answered 307%'"
                + " AND claimed_by IS NULL") == 1);
        assertThat(elsewhere.requests()).isEmpty();
        elsewhere.close();
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

    /** A facet as no webhook can bring it any more, or as one brought it before: beyond the door, all must hold as well. */
    private static void planted(String store, String entity, String id, String facet, byte[] value) {
        shopbridge.jdbc().update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " VALUES (?, ?, ?, ?, now(), '', ?)", store, entity, id, facet, value);
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
        IntStream.rangeClosed(1, number).forEach(i -> planted(store, RecordKey.ORDER, "" + i, "order",
                order("\"email\": \"guest" + i + "@example.com\", ").replace("\"id\": 1,", "\"id\": " + (1000 + i) + ",")
                        .getBytes(StandardCharsets.UTF_8)));
    }

    private static String order(String fields) {
        return new String(json("{'name': '#1', 'currency': 'EUR', 'total_price': '20.00', 'current_total_price': '20.00',"
                + " 'financial_status': 'paid', 'created_at': '2026-11-01T10:00:00Z',"), StandardCharsets.UTF_8) + fields
                + new String(json("'line_items': [{'id': 1, 'name': 'Mug', 'price': '5.00', 'quantity': 2,"
                + " 'current_quantity': 2}]}"), StandardCharsets.UTF_8);
    }

    private static byte[] checkout(String fields) {
        return json("{'cart_token': 'c', 'currency': 'EUR', 'email': 'c@example.com', 'total_price': '5.00', 'created_at':"
                + " '2026-11-01T10:00:00Z', " + fields + "}");
    }

    private static void post(String store, String topic, String body) {
        String domain = store.equals("main") ? RunningShopbridge.DOMAIN : store + ".myshopify.com";
        assertThat(shopbridge.postTo(store, domain, topic, body.replace('\'', '"'))).isEqualTo(200);
    }

    private static void delivered(String store, String entity, int number) {
        for (String crm : crms(store)) {
            await(crm).atMost(USUAL).until(() -> shopbridge.count("SELECT count(DISTINCT record_id) FROM outcome WHERE"
                    + " crm = ? AND entity = ? AND outcome = 'delivered'", crm, entity) == number);
        }
    }

    private static List<String> rejected(String store, String entity, String id) {
        await().atMost(USUAL).until(() -> shopbridge.count("SELECT count(*) FROM work WHERE record_id = ?", id) == 0);
        return shopbridge.jdbc().queryForList("SELECT errors FROM rejected WHERE store = ? AND entity = ? AND record_id = ?"
                + " AND outcome = 'rejected'", String.class, store, entity, id);
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] concat(String before, byte[] bytes, String after) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(before.getBytes(StandardCharsets.UTF_8));
        all.writeBytes(bytes);
        all.writeBytes(after.getBytes(StandardCharsets.UTF_8));
        return all.toByteArray();
    }
}
