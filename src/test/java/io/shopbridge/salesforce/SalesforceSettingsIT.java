package io.shopbridge.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.salesforce.Org;
import io.shopbridge.sandbox.salesforce.ShopbridgeFields;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the settings of NOTES.md change: one account for all, duplicates, a share of the day's calls, persons. */
class SalesforceSettingsIT {

    private static final int CALLS_A_DAY = 60;

    private static SimulatedSalesforce bucket;
    private static SimulatedSalesforce small;
    private static SimulatedSalesforce persons;
    private static String account;
    private static long setUpCalls;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() throws Exception {
        Org org = ShopbridgeFields.org();
        bucket = SimulatedSalesforce.start(0, RunningShopbridge.options(),
                org.withLocks(Duration.ofMillis(30), Duration.ofMillis(10)));
        small = SimulatedSalesforce.start(0, Options.defaults().withRequestsPerPeriod(CALLS_A_DAY), org);
        persons = SimulatedSalesforce.start(0, RunningShopbridge.options(), org.withPersonAccounts(true));
        account = call(bucket, "POST", "/sobjects/Account", "{\"Name\": \"Everybody\"}").path("id").asText();
        String walkIn = call(bucket, "POST", "/sobjects/Contact",
                "{\"LastName\": \"Till\", \"AccountId\": \"" + account + "\"}").path("id").asText();
        List<String> settings = new ArrayList<>();
        for (SimulatedSalesforce one : List.of(bucket, small, persons)) {
            String name = name(one);
            settings.addAll(List.of("--shopbridge.stores." + name + ".domain=" + name + ".myshopify.com",
                    "--shopbridge.stores." + name + ".webhook-secrets=" + RunningShopbridge.SECRET,
                    "--shopbridge.stores." + name + ".crms=org-" + name,
                    "--shopbridge.crms.org-" + name + ".folder=salesforce",
                    "--shopbridge.crms.org-" + name + ".base-url=" + one.baseUrl(),
                    "--shopbridge.crms.org-" + name + ".client-id=" + SimulatedSalesforce.CLIENT_ID,
                    "--shopbridge.crms.org-" + name + ".client-secret=" + Options.DEFAULT_TOKEN));
        }
        settings.addAll(List.of("--shopbridge.crms.org-bucket.bucket-account=" + asShown(account),
                "--shopbridge.crms.org-bucket.anonymous-contact=" + asShown(walkIn),
                "--shopbridge.crms.org-bucket.allow-duplicates=true",
                "--shopbridge.crms.org-small.daily-share=0.5",
                "--shopbridge.crms.org-persons.contacts=person-accounts",
                "--shopbridge.crms.org-persons.company-owner=" + sales().path("Id").asText()));
        shopbridge = RunningShopbridge.with(settings.toArray(String[]::new));
        // The calls that set the accounts up are not of this day.
        small.newDay();
        setUpCalls = dataCalls(small);
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
        bucket.close();
        small.close();
        persons.close();
    }

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    @Test
    void underOneAccountForAllNoLockEndsInARejection() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread somebodyElse = new Thread(() -> {
            while (!done.get()) {
                call(bucket, "PATCH", "/sobjects/Account/" + account, "{\"Industry\": \"Retail\"}");
            }
        });
        somebodyElse.start();
        for (int i = 1; i <= 30; i++) {
            order(bucket, 5000 + i, "'customer': {'id': " + i + ", 'email': 'buyer" + i
                    + "@example.com', 'updated_at': '2026-03-01T10:00:00Z'}");
        }
        shopbridge.settle();
        done.set(true);
        somebodyElse.join();
        assertThat(bucket.records("Contact")).filteredOn(one -> one.hasNonNull("Shopbridge_Key__c")).hasSize(30)
                .allSatisfy(contact -> assertThat(contact.path("AccountId").asText()).isEqualTo(account));
        assertThat(bucket.records("Order")).filteredOn(one -> !isWalkIn(one)).hasSize(30)
                .allSatisfy(order -> assertThat(order.path("AccountId").asText()).isEqualTo(account));
        assertThat(bucket.records("OrderItem")).hasSizeBetween(30, 31);
        assertThat(bucket.records("Account")).hasSize(1);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void aContactOfWalkInOrdersIsFoundByTheIdAsPeopleSeeIt() {
        order(bucket, 6001, "'email': null");
        shopbridge.settle();
        assertThat(one(bucket, "Order", "bucket:6001").path("AccountId").asText()).isEqualTo(account);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void duplicatesAreSavedWhereTheOrgSaysSo() {
        bucket.setDuplicateRule("Contact", "LastName");
        customer(bucket, 101, "'email': 'ada@example.com', 'last_name': 'Lovelace'");
        shopbridge.settle();
        customer(bucket, 102, "'email': 'other@example.com', 'last_name': 'Lovelace'");
        shopbridge.settle();
        assertThat(bucket.records("Contact")).filteredOn(one -> one.path("LastName").asText().equals("Lovelace"))
                .hasSize(2);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void theShareOfTheDaysCallsIsNeverExceededAndDeliveriesGoOnWhenCallsComeBack() {
        int customers = 0;
        while (shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'org-small'") == 0) {
            customers++;
            customer(small, customers, "'email': 'buyer" + customers + "@example.com'");
            await().atMost(Duration.ofSeconds(30)).until(() -> shopbridge.count("SELECT count(*) FROM work") == 0
                    || shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'org-small'") == 1);
        }
        assertThat(customers).isBetween(2, CALLS_A_DAY);
        customer(small, 999, "'email': 'late@example.com'");
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        // Looked at at once, however often it is tried: the org is asked again in a quarter of an hour only.
        shopbridge.letTimePass();
        await().until(() -> shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'org-small'"
                + " AND until > clock_timestamp() + interval '10 minutes'") == 1);
        assertThat(dataCalls(small) - setUpCalls).isLessThanOrEqualTo(CALLS_A_DAY / 2);

        small.newDay();
        // What one look after that quarter of an hour learns.
        shopbridge.bean(SalesforceOrgs.class).get("org-small").dailyCalls().after("api-usage=0/" + CALLS_A_DAY);
        shopbridge.settle();
        assertThat(small.records("Contact")).hasSize(customers + 1);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    /** Salesforce takes no new record for a user who has left, and its error names no field. */
    @Test
    void aCompanyWhoseOwnerHasLeftIsDeliveredWithoutOne() throws IOException {
        persons.editAsUser("User", sales().path("Id").asText(), shopbridge.object("{\"IsActive\": false}"));
        // Before the company: its owner is chosen as it is created, by where it is.
        post(persons, "company_locations/create", sample("company-location"));
        post(persons, "companies/create", sample("company"));
        shopbridge.settle();
        persons.editAsUser("User", sales().path("Id").asText(), shopbridge.object("{\"IsActive\": true}"));
        ObjectNode looms = one(persons, "Account", "persons:company:310000000000000007");
        assertThat(looms.path("BillingCity").asText()).isEqualTo("Ottawa");
        assertThat(looms.path("OwnerId").asText()).isNotEqualTo(sales().path("Id").asText());
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
        assertThat(shopbridge.jdbc().queryForList("SELECT because FROM left_out", String.class)).singleElement().satisfies(
                because -> assertThat(because).contains("without OwnerId: INACTIVE_OWNER_OR_USER"));
    }

    private static String sample(String name) throws IOException {
        return Files.readString(Path.of("mappings/shopify/samples/" + name + "-webhook.json"));
    }

    private static ObjectNode sales() {
        return persons.records("User").stream().filter(user -> user.path("Name").asText().equals("Sales")).findFirst()
                .orElseThrow();
    }

    @Test
    void aBuyerOfACompanyIsAPersonBesideTheCompanyWhoseAccountTakesTheOrder() {
        String company = "{'name': 'Looms Ltd', 'created_at': '2026-01-05T00:00:00Z', 'updated_at':"
                + " '2026-01-05T00:00:00Z', 'admin_graphql_api_id': 'gid://shopify/Company/4083'}";
        post(persons, "companies/create", company);
        customer(persons, 7, "'email': 'ada@example.com', 'last_name': 'Lovelace'");
        post(persons, "company_contacts/create", "{'customer_admin_graphql_api_id': 'gid://shopify/Customer/7',"
                + " 'updated_at': '2026-01-06T00:00:00Z', 'admin_graphql_api_id': 'gid://shopify/CompanyContact/33',"
                + " 'company': " + company + "}");
        persons.expireSessions();
        order(persons, 5001, "'company': {'id': 4083, 'location_id': 9}, 'customer': {'id': 7, 'email':"
                + " 'ada@example.com', 'updated_at': '2026-03-01T10:00:00Z'}");
        shopbridge.settle();
        ObjectNode looms = one(persons, "Account", "persons:company:4083");
        ObjectNode ada = one(persons, "Account", "persons:7");
        assertThat(looms.path("IsPersonAccount").asBoolean()).isFalse();
        assertThat(ada.path("IsPersonAccount").asBoolean()).isTrue();
        ObjectNode order = one(persons, "Order", "persons:5001");
        assertThat(order.path("AccountId")).isEqualTo(looms.path("Id"));
        assertThat(order.path("BillToContactId")).isEqualTo(ada.path("PersonContactId"));
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void aPersonWhoWasMergedIntoAnotherIsThatPerson() {
        customer(persons, 21, "'email': 'one@example.com', 'last_name': 'One'");
        customer(persons, 22, "'email': 'two@example.com', 'last_name': 'Two'");
        shopbridge.settle();
        String master = one(persons, "Account", "persons:22").path("Id").asText();
        persons.merge("Account", master, one(persons, "Account", "persons:21").path("Id").asText());
        order(persons, 5021, "'customer': {'id': 21, 'email': 'one@example.com', 'updated_at':"
                + " '2026-03-01T10:00:00Z'}");
        shopbridge.settle();
        ObjectNode order = one(persons, "Order", "persons:5021");
        assertThat(order.path("AccountId").asText()).isEqualTo(master);
        assertThat(order.path("BillToContactId"))
                .isEqualTo(one(persons, "Account", "persons:22").path("PersonContactId"));
        assertThat(persons.records("Account")).noneMatch(account ->
                account.path("Shopbridge_Key__c").asText().equals("persons:21"));
    }

    private static boolean isWalkIn(ObjectNode order) {
        return order.path("Shopbridge_Key__c").asText().equals("bucket:6001");
    }

    /** The address bar shows 15 characters of an id, and answers have 18. */
    private static String asShown(String id) {
        return id.substring(0, 15);
    }

    private static String name(SimulatedSalesforce org) {
        return org == bucket ? "bucket" : org == small ? "small" : "persons";
    }

    private static long dataCalls(SimulatedSalesforce org) {
        return org.calls().entrySet().stream().filter(call -> call.getKey().contains("/services/data/"))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private static ObjectNode one(SimulatedSalesforce org, String object, String key) {
        List<ObjectNode> found = org.records(object).stream()
                .filter(record -> record.path("Shopbridge_Key__c").asText().equals(key)).toList();
        assertThat(found).as(object + " " + key).hasSize(1);
        return found.get(0);
    }

    private static void customer(SimulatedSalesforce org, long id, String fields) {
        post(org, "customers/update", "{'id': " + id + ", 'updated_at': '2026-03-01T10:00:00Z', " + fields + "}");
    }

    private static void order(SimulatedSalesforce org, long id, String fields) {
        post(org, "orders/updated", "{'id': " + id + ", 'name': '#" + id + "', 'currency': 'EUR', 'total_price': '5.00',"
                + " 'processed_at': '2026-03-01T10:00:00Z', 'updated_at': '2026-03-01T10:00:00Z', " + fields
                + ", 'line_items': [{'id': " + id + "1, 'variant_id': 91, 'name': 'Mug', 'sku': 'MUG', 'price': '5.00',"
                + " 'quantity': 1, 'current_quantity': 1}]}");
    }

    private static void post(SimulatedSalesforce org, String topic, String body) {
        assertThat(shopbridge.postTo(name(org), name(org) + ".myshopify.com", topic, body.replace('\'', '"')))
                .isEqualTo(200);
    }

    /** As a user of the org; the client secret is good as a token of the simulator, too. */
    private static JsonNode call(SimulatedSalesforce org, String method, String path, String body) {
        try {
            String answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(
                            URI.create(org.baseUrl() + "/services/data/" + SimulatedSalesforce.VERSION + path))
                    .header("Authorization", "Bearer " + Options.DEFAULT_TOKEN)
                    .header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body)).build(),
                    BodyHandlers.ofString()).body();
            return new ObjectMapper().readTree(answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
