package io.shopbridge.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.salesforce.ShopbridgeFields;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A backfill: so many due records that they go by jobs of Bulk API 2.0. The threshold is low here. */
class BulkIT {

    private static final int ABOVE = 50;
    /** More than one sObject Collections call takes, so that it is a job. */
    private static final int MANY = 260;
    private static final String JOBS = "/services/data/v68.0/jobs/ingest";
    private static final String ROWS = "/services/data/v68.0/composite/sobjects";

    private static SimulatedSalesforce salesforce;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() {
        salesforce = SimulatedSalesforce.start(0, Options.defaults(),
                ShopbridgeFields.org().withLocks(Duration.ZERO, Duration.ofMillis(10)));
        shopbridge = RunningShopbridge.with(
                "--shopbridge.stores.main.crms=salesforce",
                "--shopbridge.stores.forms.crms=lenient",
                "--shopbridge.crms.lenient.folder=salesforce",
                "--shopbridge.crms.lenient.bulk-above=" + ABOVE,
                "--shopbridge.crms.lenient.allow-duplicates=true",
                "--shopbridge.crms.lenient.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.lenient.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.lenient.client-secret=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.salesforce.bulk-above=" + ABOVE,
                "--shopbridge.crms.salesforce.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.salesforce.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.salesforce.client-secret=" + Options.DEFAULT_TOKEN);
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
        salesforce.close();
    }

    @BeforeEach
    void reset() {
        salesforce.faults().clear();
        shopbridge.reset();
        salesforce.clear();
        salesforce.setDuplicateRule("Contact");
    }

    @Test
    void everyRecordArrivesOnceAndWithItsParentInFewCalls() {
        salesforce.setDuplicateRule("Contact", "LastName");
        Map<String, Long> before = salesforce.calls();
        together(() -> {
            customers(1, MANY, 0, "");
            // Resembles the first: a duplicate rule refuses whichever of the two comes second.
            customer(9999, 0, "'email': 'twin@example.com', 'last_name': 'Buyer1'");
            IntStream.rangeClosed(2, MANY).parallel().forEach(BulkIT::order);
        });
        shopbridge.awaitIdle();

        Map<String, ObjectNode> contacts = byKey("Contact");
        assertThat(contacts).hasSize(MANY);
        Map<String, ObjectNode> orders = byKey("Order");
        assertThat(orders).hasSize(MANY - 1);
        orders.forEach((key, order) -> {
            ObjectNode contact = contacts.get("main:" + (Integer.parseInt(key.substring("main:".length())) - 5000));
            assertThat(order.path("BillToContactId")).as(key).isEqualTo(contact.path("Id"));
            assertThat(order.path("AccountId")).as(key).isEqualTo(contact.path("AccountId"));
            assertThat(order.path("TotalAmount").decimalValue()).as(key).isEqualByComparingTo("20.00");
        });
        assertThat(byKey("OrderItem")).hasSize(2 * (MANY - 1));
        assertThat(byKey("Account")).hasSize(MANY + 1);
        assertThat(rejected().toString()).contains("DUPLICATES_DETECTED: Use one of these records?");
        assertThat(rejected()).hasSize(1);

        Map<String, Long> calls = calls(before);
        // Orders that are freed one after the other are too few for a job of their own.
        assertThat(calls.get("POST " + JOBS)).as("at most one job each for contacts, orders and lines: %s", calls)
                .isBetween(2L, 3L);
        assertThat(calls).doesNotContainKey("PATCH " + ROWS + "/Contact/Shopbridge_Key__c");
        // An order looks for its contact every few seconds too, and goes alone if it finds it before all are freed.
        assertThat(calls.getOrDefault("PATCH " + ROWS + "/Order/Shopbridge_Key__c", 0L)).as("%s", calls).isLessThan(3);
        assertThat(calls.values().stream().mapToLong(Long::longValue).sum()).as("calls: %s", calls).isLessThan(60);
    }

    @Test
    void belowTheThresholdThereIsNoJob() {
        Map<String, Long> before = salesforce.calls();
        together(() -> customers(1, ABOVE, 0, ""));
        shopbridge.awaitIdle();
        assertThat(byKey("Contact")).hasSize(ABOVE);
        assertThat(calls(before)).doesNotContainKey("POST " + JOBS);
    }

    @Test
    void whatIsThereIsUpdatedByIdAndWhatIsEmptyNowIsEmptied() {
        together(() -> customers(1, MANY, 0, ", 'note': 'one'"));
        shopbridge.awaitIdle();
        Map<String, Long> before = salesforce.calls();
        together(() -> customers(1, MANY, 1, ", 'note': null"));
        shopbridge.awaitIdle();
        assertThat(byKey("Contact").values()).hasSize(MANY)
                .allSatisfy(contact -> assertThat(contact.hasNonNull("Shopify_Note__c")).isFalse());
        assertThat(calls(before).get("POST " + JOBS)).isEqualTo(1);
        assertThat(calls(before)).doesNotContainKey("PATCH " + ROWS);
    }

    @Test
    void whatAJobRefusesOfAnAddressIsLeftOut() {
        salesforce.listPlaces(Map.of("Spain", Set.of()));
        together(() -> customers(1, MANY, 0,
                ", 'default_address': {'city': 'Soria', 'province': 'Castile', 'country': 'Spain'}"));
        shopbridge.awaitIdle();
        salesforce.listPlaces(Map.of());
        assertThat(byKey("Contact").values()).hasSize(MANY).allSatisfy(contact -> {
            assertThat(contact.path("MailingCountry").asText()).isEqualTo("Spain");
            assertThat(contact.hasNonNull("MailingState")).isFalse();
        });
        assertThat(rejected()).isEmpty();
    }

    @Test
    void textsArriveAsTheyAre() {
        Map<Integer, String> notes = Map.of(1, "#N/A", 2, "\"quoted\", and so on", 3, "two\nlines\r\nor three",
                4, "Ünïcode \uD83D\uDC1D", 5, "=1+1", 6, "#N/A is not available", 7, "x".repeat(30_000));
        together(() -> {
            customers(8, MANY, 0, "");
            notes.forEach((id, note) -> {
                ObjectNode body = shopbridge.object(json("{'id': " + id + ", 'updated_at': '2026-03-01T10:00:00Z',"
                        + " 'email': 'buyer" + id + "@example.com', 'last_name': 'Buyer" + id + "'}"));
                assertThat(shopbridge.post("customers/update", body.put("note", note))).isEqualTo(200);
            });
        });
        shopbridge.awaitIdle();
        Map<String, ObjectNode> contacts = byKey("Contact");
        assertThat(contacts).hasSize(MANY);
        notes.forEach((id, note) -> assertThat(contacts.get("main:" + id).path("Shopify_Note__c").asText().lines())
                .containsExactlyElementsOf(note.lines().toList()));
    }

    @Test
    void whereDuplicatesMayBeSavedWhatAJobRefusesIsSentAgain() {
        salesforce.setDuplicateRule("Contact", "LastName");
        together(() -> IntStream.rangeClosed(1, MANY).parallel().forEach(id -> assertThat(shopbridge.postTo(
                RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "customers/update", json("{'id': " + id
                        + ", 'updated_at': '2026-03-01T10:00:00Z', 'email': 'buyer" + id + "@example.com', 'last_name': "
                        + (id < 4 ? "'Same'" : "'Buyer" + id + "'") + "}"))).isEqualTo(200)));
        shopbridge.awaitIdle();
        assertThat(byKey("Contact")).hasSize(MANY);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST " + JOBS, "/batches", "PATCH " + JOBS + "/", "GET " + JOBS + "/750",
        "/successfulResults", "/failedResults"})
    void aLostAnswerMakesNothingTwice(String call) {
        salesforce.setDuplicateRule("Contact", "LastName");
        salesforce.faults().loseAnswers(1, call);
        together(() -> {
            customers(1, MANY, 0, "");
            customer(9999, 0, "'email': 'twin@example.com', 'last_name': 'Buyer1'");
        });
        shopbridge.settle();
        assertThat(byKey("Contact")).hasSize(MANY);
        assertThat(rejected()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"100, ExceededQuota : ApiBatchItems Limit exceeded.", "0, TooManyLockFailure : Too many lock failure"})
    void whatAFailedJobDidNotProcessGoesTheUsualWay(int processed, String message) {
        salesforce.failNextJob(message, processed);
        Map<String, Long> before = salesforce.calls();
        together(() -> customers(1, MANY, 0, ""));
        shopbridge.awaitIdle();
        assertThat(byKey("Contact")).hasSize(MANY);
        assertThat(rejected()).isEmpty();
        assertThat(calls(before).get("POST " + JOBS)).isEqualTo(1);
        assertThat(calls(before)).containsKey("PATCH " + ROWS + "/Contact/Shopbridge_Key__c");
    }

    @Test
    void aJobWhoseColumnsAreWrongRejectsItsRowsInSalesforcesOwnWords() {
        salesforce.failNextJob("InvalidBatch : Field name not found : Shopify_Note__c", 0);
        together(() -> customers(1, MANY, 0, ""));
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isEqualTo(MANY);
        assertThat(rejected().toString()).contains("InvalidBatch: Field name not found : Shopify_Note__c");
        assertThat(salesforce.records("Contact")).isEmpty();
    }

    @Test
    void aRowThatMeetsALockIsSentAgain() {
        together(() -> customers(1, MANY, 0, ", 'note': 'one'"));
        shopbridge.awaitIdle();
        String account = byKey("Contact").get("main:7").path("AccountId").asText();
        Map<String, Long> before = salesforce.calls();
        Runnable unlock = salesforce.lockAccount(account);
        together(() -> customers(1, MANY, 1, ", 'note': 'two'"));
        await().atMost(Duration.ofSeconds(30)).until(() -> calls(before).containsKey("GET " + JOBS
                + "/{id}/failedResults"));
        unlock.run();
        shopbridge.settle();
        assertThat(calls(before)).as("the row is sent again").containsKey("PATCH " + ROWS);
        assertThat(byKey("Contact").values()).hasSize(MANY)
                .allSatisfy(contact -> assertThat(contact.path("Shopify_Note__c").asText()).isEqualTo("two"));
        assertThat(rejected()).isEmpty();
    }

    @Test
    void whatChangesWhileItsJobRunsIsDeliveredOnceMoreAfterItAndOthersMeanwhile() {
        together(() -> customers(1, MANY, 0, ", 'note': 'one'"));
        await().atMost(Duration.ofSeconds(60)).until(() -> shopbridge.count("SELECT count(*) FROM bulk_job") == 1);
        shopbridge.jdbc().update("UPDATE bulk_job SET look_at = 'infinity'");
        customer(1, 1, "'email': 'buyer1@example.com', 'last_name': 'Buyer1', 'note': 'two'");
        customer(9999, 0, "'email': 'other@example.com', 'last_name': 'Other'");
        await().atMost(Duration.ofSeconds(60)).until(() -> byKey("Contact").containsKey("main:9999"));
        assertThat(byKey("Contact")).as("while nobody has seen the job's end").hasSize(1);
        assertThat(shopbridge.operator("GET", "/api/v1/outcomes?outcome=waiting").toString())
                .contains("Salesforce writes it with others, in bulk job 750");

        shopbridge.jdbc().update("UPDATE bulk_job SET look_at = clock_timestamp()");
        shopbridge.awaitIdle();
        Map<String, ObjectNode> contacts = byKey("Contact");
        assertThat(contacts).hasSize(MANY + 1);
        assertThat(contacts.remove("main:1").path("Shopify_Note__c").asText()).isEqualTo("two");
        contacts.remove("main:9999");
        assertThat(contacts.values())
                .allSatisfy(contact -> assertThat(contact.path("Shopify_Note__c").asText()).isEqualTo("one"));
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE outcome = 'delivered'"))
                .isEqualTo(MANY + 1);
        assertThat(shopbridge.count("SELECT count(*) FROM bulk_row")).isZero();
    }

    /** What is sent meanwhile is due at the same moment. */
    private static void together(Runnable sending) {
        shopbridge.jdbc().update("INSERT INTO crm_pause SELECT crm, clock_timestamp() + interval '1 hour', 'a test'"
                + " FROM unnest(ARRAY['salesforce', 'lenient']) AS crm");
        sending.run();
        await().atMost(Duration.ofSeconds(120))
                .until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.jdbc().update("DELETE FROM crm_pause");
    }

    private static Map<String, Long> calls(Map<String, Long> before) {
        Map<String, Long> calls = new TreeMap<>(salesforce.calls());
        before.forEach((call, count) -> calls.merge(call, -count, Long::sum));
        calls.values().removeIf(count -> count == 0);
        return calls;
    }

    /** Every record of an object; fails where two have the same key. */
    private static Map<String, ObjectNode> byKey(String object) {
        return salesforce.records(object).stream().collect(Collectors.toMap(
                record -> record.path("Shopbridge_Key__c").asText(), Function.identity()));
    }

    private static JsonNode rejected() {
        return shopbridge.operator("GET", "/api/v1/rejected?crm=salesforce").path("items");
    }

    private static void customers(int from, int to, int minute, String fields) {
        IntStream.rangeClosed(from, to).parallel().forEach(id -> customer(id, minute, "'email': 'buyer" + id
                + "@example.com', 'last_name': 'Buyer" + id + "'" + fields));
    }

    private static void customer(int id, int minute, String fields) {
        assertThat(shopbridge.post("customers/update", json("{'id': " + id + ", 'updated_at': '2026-03-01T10:0" + minute
                + ":00Z', " + fields + "}"))).isEqualTo(200);
    }

    /** The order of customer {@code buyer}. */
    private static void order(int buyer) {
        int id = 5000 + buyer;
        assertThat(shopbridge.post("orders/updated", json("{'id': " + id + ", 'name': '#" + id + "', 'currency': 'EUR',"
                + " 'total_price': '20.00', 'processed_at': '2026-03-01T10:00:00Z',"
                + " 'updated_at': '2026-03-01T10:00:00Z', 'customer': {'id': " + buyer + ", 'email': 'buyer" + buyer
                + "@example.com', 'last_name': 'Buyer" + buyer + "', 'updated_at': '2026-03-01T10:00:00Z'},"
                + " 'line_items': [{'id': " + id + "1, 'variant_id': 91, 'name': 'Mug', 'sku': 'MUG', 'price': '5.00',"
                + " 'quantity': 2, 'current_quantity': 2}, {'id': " + id + "2, 'name': 'Tip', 'price': '10.00',"
                + " 'quantity': 1, 'current_quantity': 1}]}"))).isEqualTo(200);
    }

    private static String json(String text) {
        return text.replace('\'', '"').replace('`', '\'');
    }
}
