package io.shopbridge.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.crm.CrmPage;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.Crms;
import io.shopbridge.identify.CrmChanges;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.reconcile.Drift;
import io.shopbridge.reconcile.Reconciliation;
import io.shopbridge.reconcile.Reconciliations;
import io.shopbridge.reconcile.Reconciling;
import io.shopbridge.sandbox.salesforce.ShopbridgeFields;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a webhook to an org: contacts, accounts, orders with their lines, and what an org refuses. */
class SalesforceIT {

    private static final String COMPANY = """
            {"name": "Looms Ltd", "note": "Net 30", "external_id": "C-1", "customer_since": "2026-01-05T00:00:00Z",
             "created_at": "2026-01-05T00:00:00Z", "updated_at": "2026-01-05T00:00:00Z",
             "main_contact_admin_graphql_api_id": null, "admin_graphql_api_id": "gid://shopify/Company/4083"}""";

    private static final String BUYER =
            "'customer': {'id': 7, 'email': 'ada@example.com', 'updated_at': '2026-03-01T10:00:00Z'}";
    private static final String FINAL_DOMAIN = "final.myshopify.com";
    private static final String OWN_DOMAIN = "own.myshopify.com";
    private static final String PASSWORD = "keystore-password";

    private static SimulatedSalesforce salesforce;
    /** An org of one currency, with person accounts, that is logged in to with a signature. */
    private static SimulatedSalesforce signed;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        Path keystore = directory.resolve("key.p12");
        salesforce = SimulatedSalesforce.start(0, Options.defaults(),
                ShopbridgeFields.org().withPageSize(3).withLocks(Duration.ofMillis(100), Duration.ofMillis(10)));
        signed = SimulatedSalesforce.start(0, Options.defaults(), ShopbridgeFields.org().withMultiCurrency(false)
                .withPersonAccounts(true).withCertificate(certificate(keystore)));
        shopbridge = RunningShopbridge.with(
                "--shopbridge.stores.main.crms=salesforce",
                "--shopbridge.stores.forms.crms=opportunities,signed",
                "--shopbridge.stores.final.domain=" + FINAL_DOMAIN,
                "--shopbridge.stores.final.webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores.final.crms=activating",
                "--shopbridge.crms.activating.folder=salesforce",
                "--shopbridge.crms.activating.activate-orders=true",
                "--shopbridge.crms.activating.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.activating.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.activating.client-secret=" + Options.DEFAULT_TOKEN,
                "--shopbridge.stores.own.domain=" + OWN_DOMAIN,
                "--shopbridge.stores.own.webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores.own.crms=custom",
                "--shopbridge.crms.custom.folder=salesforce",
                "--shopbridge.crms.custom.orders=custom",
                "--shopbridge.crms.custom.draft-orders=true",
                "--shopbridge.crms.custom.company-locations=true",
                "--shopbridge.crms.custom.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.custom.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.custom.client-secret=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.signed.folder=salesforce",
                "--shopbridge.crms.signed.base-url=" + signed.baseUrl(),
                "--shopbridge.crms.signed.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.signed.username=" + SimulatedSalesforce.USERNAME,
                "--shopbridge.crms.signed.keystore=" + keystore,
                "--shopbridge.crms.signed.keystore-password=" + PASSWORD,
                "--shopbridge.crms.signed.currency=USD",
                "--shopbridge.crms.signed.contacts=person-accounts",
                "--shopbridge.crms.opportunities.folder=salesforce",
                "--shopbridge.crms.opportunities.orders=deal",
                "--shopbridge.crms.opportunities.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.opportunities.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.opportunities.client-secret=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.salesforce.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.salesforce.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.salesforce.client-secret=" + Options.DEFAULT_TOKEN);
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
        salesforce.close();
        signed.close();
    }

    /** Makes a key pair as an administrator would, and gives the certificate to upload. */
    private static Path certificate(Path keystore) throws IOException, InterruptedException {
        Path certificate = keystore.resolveSibling("certificate.pem");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        for (List<String> arguments : List.of(
                List.of("-genkeypair", "-alias", "app", "-keyalg", "RSA", "-dname", "CN=shopbridge"),
                List.of("-exportcert", "-rfc", "-alias", "app", "-file", certificate.toString()))) {
            List<String> command = new ArrayList<>(List.of(keytool));
            command.addAll(arguments);
            command.addAll(List.of("-keystore", keystore.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
            assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
        }
        return certificate;
    }

    @BeforeEach
    void reset() {
        salesforce.faults().clear();
        salesforce.setDuplicateRule("Contact");
        salesforce.listPlaces(Map.of());
        signed.listPlaces(Map.of());
        shopbridge.reset();
        salesforce.clear();
        signed.clear();
    }

    /** Salesforce makes every contact with an opt-out of false, at a time after that of Shopify's consent. */
    @Test
    void anOptOutFromBeforeTheContactWasWrittenArrives() {
        customer(41, "'email': 'min@example.com', 'last_name': 'Imal'");
        shopbridge.awaitIdle();
        assertThat(one("Contact", "main:41").path("HasOptedOutOfEmail").asBoolean()).isFalse();

        shopbridge.post("customers_email_marketing_consent/update", json("{'customer_id': 41, 'email_marketing_consent':"
                + " {'state': 'unsubscribed', 'opt_in_level': 'single_opt_in',"
                + " 'consent_updated_at': '2026-03-01T10:30:00Z'}}"));
        shopbridge.awaitIdle();

        assertThat(one("Contact", "main:41").path("HasOptedOutOfEmail").asBoolean()).isTrue();
        assertThat(one("Contact", "main:41").path("Shopify_Email_Consent__c").asText()).isEqualTo("unsubscribed");
    }

    @Test
    void anOptOutInSalesforceIsNotUndoneByAnOlderConsent() {
        customer(42, "'email': 'min@example.com', 'last_name': 'Imal'");
        shopbridge.awaitIdle();
        String id = one("Contact", "main:42").path("Id").asText();
        salesforce.editAsUser("Contact", id, shopbridge.object("{\"HasOptedOutOfEmail\": true}"));

        shopbridge.post("customers_email_marketing_consent/update", json("{'customer_id': 42, 'email_marketing_consent':"
                + " {'state': 'subscribed', 'opt_in_level': 'single_opt_in',"
                + " 'consent_updated_at': '2026-03-01T10:30:00Z'}}"));
        shopbridge.awaitIdle();

        assertThat(one("Contact", "main:42").path("HasOptedOutOfEmail").asBoolean()).isTrue();
        assertThat(one("Contact", "main:42").path("Shopify_Email_Consent__c").asText()).isEqualTo("subscribed");
    }

    @Test
    void aCustomerBecomesAContactUnderAnAccountOfItsOwn() {
        customer(7, "'email': 'Ada@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        ObjectNode contact = one("Contact", "main:7");
        assertThat(contact.path("Email").asText()).isEqualTo("ada@example.com");
        assertThat(contact.path("client").asText()).as("our own changes can be told apart").isEqualTo("shopbridge");
        assertThat(one("Account", "contact:main:7").path("Id")).isEqualTo(contact.path("AccountId"));
        customer(7, 1, "'email': 'ada@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace', 'note': 'O`Hara'");
        shopbridge.awaitIdle();
        assertThat(one("Contact", "main:7").path("Shopify_Note__c").asText()).isEqualTo("O'Hara");
        assertThat(salesforce.records("Account")).hasSize(1);
    }

    /** Whoever signs up for a newsletter has no name until the first order. */
    @Test
    void theAccountOfOneContactIsCalledAsItsContactUntilUsersNameIt() {
        customer(7, "'email': 'ada@example.com'");
        shopbridge.awaitIdle();
        assertThat(one("Account", "contact:main:7").path("Name").asText()).isEqualTo("-");
        customer(7, 1, "'email': 'ada@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        assertThat(one("Contact", "main:7").path("LastName").asText()).isEqualTo("Lovelace");
        assertThat(one("Account", "contact:main:7").path("Name").asText()).isEqualTo("Ada Lovelace");

        salesforce.editAsUser("Account", one("Account", "contact:main:7").path("Id").asText(),
                shopbridge.object("{\"Name\": \"Lovelace Engines\"}"));
        customer(7, 2, "'email': 'ada@example.com', 'first_name': 'Ada', 'last_name': 'King'");
        shopbridge.awaitIdle();
        assertThat(one("Contact", "main:7").path("LastName").asText()).isEqualTo("King");
        assertThat(one("Account", "contact:main:7").path("Name").asText()).isEqualTo("Lovelace Engines");
    }

    @Test
    void aContactOfTheSameEmailIsAdoptedAndKeepsItsName() {
        insert("Contact", "{'LastName': 'O`Hara', 'Email': 'o`hara@example.com'}");
        customer(7, "'email': 'O`Hara@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        ObjectNode contact = one("Contact", "main:7");
        assertThat(contact.path("LastName").asText()).isEqualTo("O'Hara");
        assertThat(contact.path("FirstName").asText()).isEqualTo("Ada");
        assertThat(salesforce.records("Contact")).hasSize(1);
    }

    @Test
    void orderAndLinesBelongTogetherAndOnePriceBookServesTheStore() {
        order(5001, 0, "'customer': {'id': 7, 'email': 'ada@example.com', 'updated_at': '2026-03-01T10:00:00Z'}");
        order(5002, 0, "'customer': {'id': 8, 'email': 'bo@example.com', 'updated_at': '2026-03-01T10:00:00Z'}");
        shopbridge.awaitIdle();
        ObjectNode order = one("Order", "main:5001");
        assertThat(order.path("Status").asText()).isEqualTo("Draft");
        assertThat(order.path("TotalAmount").decimalValue()).isEqualByComparingTo("20.00");
        assertThat(order.path("CurrencyIsoCode").asText()).isEqualTo("EUR");
        assertThat(order.path("AccountId")).isEqualTo(one("Account", "contact:main:7").path("Id"));
        assertThat(order.path("BillToContactId")).isEqualTo(one("Contact", "main:7").path("Id"));
        assertThat(salesforce.records("OrderItem")).hasSize(4);
        assertThat(salesforce.records("Product2")).extracting(product -> product.path("Shopbridge_Key__c").asText())
                .containsExactlyInAnyOrder("main:variant:91", "main:other");
        assertThat(salesforce.records("PricebookEntry")).as("standard and store's, of two products").hasSize(4);
        assertThat(salesforce.records("Pricebook2")).hasSize(2);
    }

    @Test
    void anEditRemovesChangesAndAddsLines() {
        String buyer = "'customer': {'id': 7, 'email': 'ada@example.com', 'updated_at': '2026-03-01T10:00:00Z'}";
        order(5001, 0, buyer);
        shopbridge.awaitIdle();
        order(5001, 1, buyer + ", 'line_items': [{'id': 50011, 'variant_id': 91, 'name': 'Mug', 'price': '5.00',"
                + " 'quantity': 2, 'current_quantity': 0}, {'id': 50012, 'name': 'Tip', 'price': '10.00', 'quantity': 1,"
                + " 'current_quantity': 3}, {'id': 50013, 'variant_id': 92, 'name': 'Lamp', 'price': '7.00',"
                + " 'quantity': 1, 'current_quantity': 1}]");
        shopbridge.awaitIdle();
        assertThat(salesforce.records("OrderItem")).extracting(item -> item.path("Shopbridge_Key__c").asText())
                .containsExactlyInAnyOrder("main:50012", "main:50013");
        assertThat(one("OrderItem", "main:50012").path("Quantity").asInt()).isEqualTo(3);
        assertThat(one("Order", "main:5001").path("TotalAmount").decimalValue()).isEqualByComparingTo("37.00");
        order(5001, 2, buyer + ", 'cancelled_at': '2026-03-02T10:00:00Z'");
        shopbridge.awaitIdle();
        assertThat(one("Order", "main:5001").path("Shopify_Status__c").asText()).isEqualTo("cancelled");
    }

    /** An order needs an account there, which its contact brings; an opportunity and an object of ours need none. */
    @Test
    void aWalkInOrderIsSkippedOnlyIfSalesforceNeedsAnAccount() {
        order(5001, 0, "'source_name': 'pos'");
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "orders/create",
                orderBody(5001, 0, "'source_name': 'pos'"));
        assertThat(shopbridge.postTo("own", OWN_DOMAIN, "orders/create", orderBody(5001, 0, "'source_name': 'pos'")))
                .isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(one("Opportunity", "forms:5001").hasNonNull("ContactId")).isFalse();
        assertThat(one("Shopify_Order__c", "own:5001").hasNonNull("Contact__c")).isFalse();
        assertThat(salesforce.records("Order")).isEmpty();
        assertThat(shopbridge.operator("GET", "/api/v1/outcomes?crm=salesforce&outcome=skipped").path("items"))
                .singleElement().satisfies(one -> assertThat(one.toString()).contains("anonymous-contact"));
    }

    @Test
    void anOrderIsAnOpportunityWhereTheOrgWantsThat() {
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "orders/create", orderBody(5001, 0,
                "'financial_status': 'paid', 'customer': {'id': 7, 'email': 'ada@example.com',"
                        + " 'updated_at': '2026-03-01T10:00:00Z'}"));
        shopbridge.awaitIdle();
        ObjectNode opportunity = one("Opportunity", "forms:5001");
        assertThat(opportunity.path("StageName").asText()).isEqualTo("Closed Won");
        assertThat(opportunity.path("Amount").decimalValue()).isEqualByComparingTo("20.00");
        assertThat(opportunity.path("ContactId")).isEqualTo(one("Contact", "forms:7").path("Id"));
        assertThat(opportunity.path("AccountId")).isEqualTo(one("Account", "contact:forms:7").path("Id"));
        assertThat(salesforce.records("Order")).isEmpty();
    }

    @Test
    void anOrderIsARecordOfOurOwnObjectWhereTheOrgWantsThat() {
        salesforce.faults().loseAnswers(2);
        assertThat(shopbridge.postTo("own", OWN_DOMAIN, "orders/create", orderBody(5001, 0, BUYER))).isEqualTo(200);
        shopbridge.settle();
        ObjectNode order = one("Shopify_Order__c", "own:5001");
        assertThat(order.path("Contact__c")).isEqualTo(one("Contact", "own:7").path("Id"));
        assertThat(order.path("Account__c")).isEqualTo(one("Account", "contact:own:7").path("Id"));
        assertThat(order.path("CurrencyIsoCode").asText()).isEqualTo("EUR");
        assertThat(salesforce.records("Shopify_Order_Line__c")).hasSize(2)
                .allSatisfy(line -> assertThat(line.path("Shopify_Order__c")).isEqualTo(order.path("Id")));
        assertThat(salesforce.records("Product2")).isEmpty();

        assertThat(shopbridge.postTo("own", OWN_DOMAIN, "orders/updated", orderBody(5001, 1, BUYER
                + ", 'line_items': [{'id': 50011, 'variant_id': 91, 'name': 'Mug', 'price': '5.00', 'quantity': 2,"
                + " 'current_quantity': 0}, {'id': 50012, 'name': 'Tip', 'price': '10.00', 'quantity': 1,"
                + " 'current_quantity': 3}]"))).isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(salesforce.records("Shopify_Order_Line__c")).singleElement().satisfies(line ->
                assertThat(line.path("Shopify_Quantity__c").asInt()).isEqualTo(3));
        assertThat(salesforce.records("Order")).isEmpty();
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void aDraftOrderIsAnOpportunityWhereThatIsSwitchedOn() {
        assertThat(shopbridge.postTo("own", OWN_DOMAIN, "draft_orders/create", json("{'id': 51, 'name': '#D1',"
                + " 'status': 'open', 'currency': 'EUR', 'total_price': '430.00', 'invoice_url': 'https://example.com/1',"
                + " 'created_at': '2026-03-04T23:00:00-05:00', 'updated_at': '2026-03-04T23:00:00-05:00', 'line_items':"
                + " [{'id': 511, 'name': 'Mug', 'quantity': 10, 'price': '43.00'}], " + BUYER + "}"))).isEqualTo(200);
        shopbridge.awaitIdle();
        ObjectNode opportunity = one("Opportunity", "own:draft-51");
        assertThat(opportunity.path("StageName").asText()).isEqualTo("Negotiation/Review");
        assertThat(opportunity.path("Amount").decimalValue()).isEqualByComparingTo("430.00");
        assertThat(opportunity.path("CloseDate").asText()).as("the shop's day").isEqualTo("2026-03-04");
        assertThat(opportunity.path("ContactId")).isEqualTo(one("Contact", "own:7").path("Id"));
    }

    /** Salesforce would take its amounts for the org's own currency. */
    @Test
    void anOrderInACurrencyThatTheOrgDoesNotHaveIsRejectedWholeInEveryForm() {
        String order = orderBody(5001, 0, BUYER).replace("EUR", "KWD");
        shopbridge.post("orders/create", order);
        toForms("orders/create", order);
        assertThat(shopbridge.postTo("own", OWN_DOMAIN, "orders/create", order)).isEqualTo(200);
        assertThat(shopbridge.postTo("own", OWN_DOMAIN, "draft_orders/create", json("{'id': 51, 'name': '#D1',"
                + " 'status': 'open', 'currency': 'KWD', 'total_price': '12.345', 'invoice_url': 'https://example.com/1',"
                + " 'created_at': '2026-03-04T23:00:00-05:00', 'updated_at': '2026-03-04T23:00:00-05:00',"
                + " 'line_items': [], " + BUYER + "}"))).isEqualTo(200);
        shopbridge.settle();
        for (String object : List.of("Order", "OrderItem", "Opportunity", "Shopify_Order__c")) {
            assertThat(salesforce.records(object)).as(object).isEmpty();
        }
        assertThat(shopbridge.jdbc().queryForList("SELECT crm FROM rejected WHERE errors LIKE '%CurrencyIsoCode%'"
                + " ORDER BY 1", String.class)).containsExactly("custom", "custom", "opportunities", "salesforce");
    }

    /** Of dinars the fields keep two decimals of three; what a user changed is found all the same. */
    @Test
    void anAmountThatItsFieldKeepsRoundedIsNoDifference() {
        String order = orderBody(5001, 0, BUYER).replace("EUR", "BHD").replace("5.00", "5.125").replace("20.00", "20.125");
        shopbridge.post("orders/create", order);
        assertThat(shopbridge.postTo("own", OWN_DOMAIN, "orders/create", order)).isEqualTo(200);
        shopbridge.awaitIdle();
        assertThat(one("Order", "main:5001").path("Shopify_Total__c").decimalValue()).isEqualByComparingTo("20.13");

        assertThat(differences("salesforce")).isEmpty();
        assertThat(differences("custom")).isEmpty();

        salesforceCall("PATCH", "/sobjects/Order/" + one("Order", "main:5001").path("Id").asText(),
                json("{'Shopify_Total__c': 20.11}"));
        assertThat(differences("salesforce")).containsExactly("Shopify_Total__c");
    }

    private static List<String> differences(String crm) {
        Reconciliations reconciliations = shopbridge.bean(Reconciliations.class);
        long id = reconciliations.start(new Reconciliations.Request(crm, List.of("customer", "order"), null, Set.of(), null,
                false, false)).id();
        await().atMost(Duration.ofMinutes(2)).until(() -> {
            shopbridge.bean(Reconciling.class).next(Instant.now().plusSeconds(5));
            return reconciliations.find(id).orElseThrow().endedAt() != null;
        });
        Reconciliation run = reconciliations.find(id).orElseThrow();
        assertThat(run.state()).as(run.because()).isEqualTo(Reconciliation.State.DONE);
        return reconciliations.drift(run, BigDecimal.TEN).differences().stream().map(Drift.Found::field).toList();
    }

    /** Switched on by the setting company-locations. */
    @Test
    void aLocationIsAnAccountUnderItsCompanys() {
        for (int location : new int[] {9, 10}) {
            assertThat(shopbridge.postTo("own", OWN_DOMAIN, "company_locations/create", json("{'name': 'Hull " + location
                    + "', 'admin_graphql_api_id': 'gid://shopify/CompanyLocation/" + location + "', 'updated_at':"
                    + " '2026-01-06T00:00:00Z', 'company': {'name': 'Looms Ltd', 'updated_at': '2026-01-05T00:00:00Z',"
                    + " 'admin_graphql_api_id': 'gid://shopify/Company/5'}}"))).isEqualTo(200);
        }
        shopbridge.settle();
        String company = account("own:company:5").path("Id").asText();
        assertThat(account("own:location:9").path("Name").asText()).isEqualTo("Looms Ltd - Hull 9");
        for (String key : List.of("own:location:9", "own:location:10")) {
            assertThat(account(key).path("ParentId").asText()).isEqualTo(company).isNotEmpty();
        }
    }

    private static JsonNode account(String key) {
        return salesforce.records("Account").stream().filter(account ->
                account.path("Shopbridge_Key__c").asText().equals(key)).findFirst().orElseThrow();
    }

    @Test
    void anOrderIsActivatedOnceItIsFinalAndAllItsLinesAreThere() {
        toFinal(orderBody(5001, 0, BUYER + ", 'financial_status': 'paid'"));
        shopbridge.awaitIdle();
        assertThat(one("Order", "final:5001").path("Status").asText()).isEqualTo("Draft");
        toFinal(orderBody(5001, 1, BUYER + ", 'financial_status': 'paid', 'fulfillment_status': 'fulfilled'"));
        shopbridge.awaitIdle();
        assertThat(one("Order", "final:5001").path("Status").asText()).isEqualTo("Activated");
        assertThat(salesforce.records("OrderItem")).hasSize(2);

        long before = updates();
        toFinal(orderBody(5001, 2, BUYER + ", 'financial_status': 'paid', 'fulfillment_status': 'fulfilled'"));
        shopbridge.awaitIdle();
        assertThat(updates()).as("it is activated once").isEqualTo(before);
    }

    @Test
    void aFinalOrderStaysADraftWithoutTheSettingToActivateIt() {
        order(5001, 0, BUYER);
        shopbridge.awaitIdle();
        long before = updates();
        order(5001, 1, BUYER + ", 'financial_status': 'paid', 'fulfillment_status': 'fulfilled'");
        shopbridge.awaitIdle();
        assertThat(one("Order", "main:5001").path("Status").asText()).isEqualTo("Draft");
        assertThat(one("Order", "main:5001").path("Shopify_Fulfillment_Status__c").asText()).isEqualTo("fulfilled");
        assertThat(updates() - before).isEqualTo(1);
    }

    @Test
    void anActivationWhoseAnswerIsLostIsRepeated() {
        salesforce.faults().loseAnswers(6);
        toFinal(orderBody(5001, 0, BUYER + ", 'financial_status': 'paid', 'fulfillment_status': 'fulfilled'"));
        shopbridge.settle();
        assertThat(one("Order", "final:5001").path("Status").asText()).isEqualTo("Activated");
        assertThat(salesforce.records("OrderItem")).hasSize(2);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void whatChangesAfterTheActivationIsRejectedAndSaysSo() {
        String paid = BUYER + ", 'financial_status': 'paid', 'fulfillment_status': 'fulfilled'";
        toFinal(orderBody(5001, 0, paid));
        toFinal(orderBody(5002, 0, paid));
        shopbridge.awaitIdle();
        toFinal(orderBody(5001, 1, paid + ", 'line_items': [{'id': 50011, 'variant_id': 91, 'name': 'Mug', 'price':"
                + " '5.00', 'quantity': 2, 'current_quantity': 1}, {'id': 50012, 'name': 'Tip', 'price': '10.00',"
                + " 'quantity': 1, 'current_quantity': 1}]"));
        shopbridge.awaitIdle();
        toFinal(orderBody(5002, 1, paid + ", 'line_items': [{'id': 50021, 'variant_id': 91, 'name': 'Mug', 'price':"
                + " '5.00', 'quantity': 2, 'current_quantity': 0}, {'id': 50022, 'name': 'Tip', 'price': '10.00',"
                + " 'quantity': 1, 'current_quantity': 1}]"));
        shopbridge.awaitIdle();
        JsonNode rejected = shopbridge.operator("GET", "/api/v1/rejected?crm=activating").path("items");
        assertThat(rejected).hasSize(2).allSatisfy(one -> assertThat(one.path("errors").toString())
                .contains("FIELD_INTEGRITY_EXCEPTION", "The order is activated", "reduction order"));
        assertThat(one("OrderItem", "final:50011").path("Quantity").asInt()).isEqualTo(2);

        // Somebody opens it again and replays: the edit is written, and the order is final again.
        salesforceCall("PATCH", "/sobjects/Order/" + one("Order", "final:5001").path("Id").asText(),
                json("{'Status': 'Draft'}"));
        shopbridge.operator("POST", "/api/v1/rejected/" + ofRecord(rejected, "5001") + "/replay");
        shopbridge.awaitIdle();
        assertThat(one("OrderItem", "final:50011").path("Quantity").asInt()).isEqualTo(1);
        assertThat(one("Order", "final:5001").path("Status").asText()).isEqualTo("Activated");
    }

    private static String ofRecord(JsonNode rejected, String record) {
        for (JsonNode one : rejected) {
            if (one.path("record").asText().equals(record)) {
                return one.path("id").asText();
            }
        }
        throw new AssertionError(record + " is not among the rejected: " + rejected);
    }

    private static void toFinal(String order) {
        assertThat(shopbridge.postTo("final", FINAL_DOMAIN, "orders/updated", order)).isEqualTo(200);
    }

    @Test
    void whoBuysForACompanyIsUnderItsAccountAndSoAreTheOrders() {
        shopbridge.post("companies/create", COMPANY);
        customer(7, "'email': 'ada@example.com'");
        shopbridge.post("company_contacts/create", """
                {"customer_admin_graphql_api_id": "gid://shopify/Customer/7", "title": "Buyer",
                 "updated_at": "2026-01-06T00:00:00Z", "admin_graphql_api_id": "gid://shopify/CompanyContact/33",
                 "company": %s}""".formatted(COMPANY));
        order(5001, 0, "'company': {'id': 4083, 'location_id': 9}, 'customer': {'id': 7, 'email': 'ada@example.com',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}");
        shopbridge.awaitIdle();
        JsonNode company = one("Account", "main:company:4083").path("Id");
        assertThat(one("Contact", "main:7").path("AccountId")).isEqualTo(company);
        assertThat(one("Order", "main:5001").path("AccountId")).isEqualTo(company);
    }

    @Test
    void aBadRowIsRejectedAloneInSalesforcesOwnWords() {
        salesforce.setDuplicateRule("Contact", "LastName");
        customer(7, "'email': 'ada@example.com', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        customer(8, "'email': 'other@example.com', 'last_name': 'Lovelace'");
        customer(9, "'email': 'bo@example.com', 'last_name': 'Berg'");
        shopbridge.awaitIdle();
        assertThat(salesforce.records("Contact")).extracting(contact -> contact.path("Shopbridge_Key__c").asText())
                .containsExactlyInAnyOrder("main:7", "main:9");
        assertThat(rejected().path("errors").toString())
                .contains("DUPLICATES_DETECTED", "Use one of these records?", one("Contact", "main:7").path("Id").asText());
        assertThat(rejected().path("record").asText()).contains("8");
    }

    /** As in a new org, where most countries have no states. */
    private static void listPlaces() {
        Map<String, Set<String>> places = Map.of("Canada", Set.of("Ontario", "Quebec"), "Spain", Set.of());
        salesforce.listPlaces(places);
        signed.listPlaces(places);
    }

    private static void livesIn(int minute, String city, String province, String country) {
        String body = json("{'id': 7, 'email': 'ada@example.com', 'last_name': 'Lovelace', 'updated_at':"
                + " '2026-03-01T10:0" + minute + ":00Z', 'default_address': {'city': '" + city + "', 'province': '"
                + province + "', 'country': '" + country + "'}}");
        assertThat(shopbridge.post("customers/update", body)).isEqualTo(200);
        shopbridge.awaitIdle();
        // One of its CRMs is the same org, where it is to find the contact.
        toForms("customers/update", body);
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    private static void contactIsIn(String city, String state, String country) {
        JsonNode contact = one("Contact", "main:7");
        assertThat(Stream.of("City", "State", "Country").map(part -> contact.path("Mailing" + part).asText("")))
                .containsExactly(city, state, country);
    }

    /** What is left of the old address would be refused with the new country, and the whole record with it. */
    @Test
    void whoMovesToACountryWithoutStatesDoesNotKeepTheOldOne() {
        listPlaces();
        livesIn(0, "Ottawa", "Ontario", "Canada");
        contactIsIn("Ottawa", "Ontario", "Canada");
        livesIn(1, "Soria", "Castile", "Spain");
        contactIsIn("Soria", "", "Spain");
        assertThat(signed.records("Account")).singleElement().satisfies(person -> {
            assertThat(person.path("PersonMailingCity").asText()).isEqualTo("Soria");
            assertThat(person.path("PersonMailingState").asText("")).isEmpty();
            assertThat(person.path("PersonMailingCountry").asText()).isEqualTo("Spain");
        });
        livesIn(2, "Hull", "Quebec", "Canada");
        livesIn(3, "Pristina", "Pristina", "Kosovo");
        contactIsIn("Pristina", "", "");
    }

    @Test
    void aStateThatAUserChoseIsKeptWithItsAddress() {
        listPlaces();
        livesIn(0, "Ottawa", "Ontario", "Canada");
        salesforce.editAsUser("Contact", one("Contact", "main:7").path("Id").asText(),
                shopbridge.object("{\"MailingState\": \"Quebec\"}"));
        livesIn(1, "Soria", "Ontario", "Spain");
        contactIsIn("Ottawa", "Quebec", "Canada");
    }

    @Test
    void anOrderThatGoesToACountryWithoutStatesGoesWithoutOne() {
        listPlaces();
        List<String> places = List.of("'province': 'Ontario', 'country': 'Canada'",
                "'province': 'Soria', 'country': 'Spain'");
        for (int minute = 0; minute < places.size(); minute++) {
            order(5001, minute, "'shipping_address': {'city': 'Here', " + places.get(minute) + "}, 'customer':"
                    + " {'id': 7, 'email': 'ada@example.com', 'updated_at': '2026-03-01T10:00:00Z'}");
            shopbridge.awaitIdle();
        }
        assertThat(one("Order", "main:5001").path("ShippingCountry").asText()).isEqualTo("Spain");
        assertThat(one("Order", "main:5001").path("ShippingState").asText("")).isEmpty();
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void aStateThatTheOrgDoesNotKnowCostsNeitherContactNorPersonAccount() {
        listPlaces();
        String body = json("{'id': 7, 'email': 'ada@example.com', 'last_name': 'Lovelace',"
                + " 'updated_at': '2026-03-01T10:00:00Z', 'default_address': {'city': 'Whitehorse',"
                + " 'province': 'Yukon', 'country': 'Canada'}}");
        assertThat(shopbridge.post("customers/update", body)).isEqualTo(200);
        shopbridge.awaitIdle();
        toForms("customers/update", body);
        shopbridge.awaitIdle();
        assertThat(one("Contact", "main:7").path("MailingCity").asText()).isEqualTo("Whitehorse");
        assertThat(one("Contact", "main:7").path("MailingState").asText("")).isEmpty();
        assertThat(signed.records("Account")).singleElement().satisfies(person -> {
            assertThat(person.path("PersonMailingCity").asText()).isEqualTo("Whitehorse");
            assertThat(person.path("PersonMailingState").asText("")).isEmpty();
        });
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void anExpiredSessionIsRenewedAndNothingIsLost() {
        customer(7, "'email': 'ada@example.com'");
        shopbridge.awaitIdle();
        salesforce.expireSessions();
        customer(8, "'email': 'bo@example.com'");
        shopbridge.awaitIdle();
        assertThat(salesforce.records("Contact")).hasSize(2);
    }

    @Test
    void aDeletedContactComesBack() {
        customer(7, "'email': 'ada@example.com', 'note': 'one'");
        shopbridge.awaitIdle();
        salesforceCall("DELETE", "/sobjects/Contact/" + one("Contact", "main:7").path("Id").asText(), null);
        customer(7, 1, "'email': 'ada@example.com', 'note': 'two'");
        shopbridge.awaitIdle();
        assertThat(one("Contact", "main:7").path("Shopify_Note__c").asText()).isEqualTo("two");
    }

    @Test
    void whoWasMergedIntoAnotherContactIsThatContact() {
        customer(7, "'email': 'ada@example.com', 'note': 'one'");
        shopbridge.awaitIdle();
        String master = id(insert("Contact", "{'LastName': 'King', 'Email': 'countess@example.com'}"));
        salesforce.merge("Contact", master, one("Contact", "main:7").path("Id").asText());
        long before = calls("GET /services/data/v68.0/queryAll");
        customer(7, 1, "'email': 'ada@example.org', 'note': 'two'");
        shopbridge.awaitIdle();
        assertThat(salesforce.records("Contact")).singleElement().satisfies(contact -> {
            assertThat(contact.path("Id").asText()).isEqualTo(master);
            assertThat(contact.path("Email").asText()).isEqualTo("ada@example.org");
            assertThat(contact.path("LastName").asText()).isEqualTo("King");
        });
        assertThat(calls("GET /services/data/v68.0/queryAll") - before).isEqualTo(1);
    }

    @Test
    void aMergeIsFollowedByAWriteToo() {
        customer(7, "'email': 'ada@example.com', 'tags': 'one'");
        shopbridge.awaitIdle();
        String first = one("Contact", "main:7").path("Id").asText();
        String second = id(insert("Contact", "{'LastName': 'King', 'Email': 'countess@example.com'}"));
        String third = id(insert("Contact", "{'LastName': 'Queen', 'Email': 'queen@example.com'}"));
        salesforce.merge("Contact", second, first);
        salesforce.merge("Contact", third, second);
        customer(7, 1, "'email': 'ada@example.com', 'tags': 'two'");
        shopbridge.awaitIdle();
        assertThat(salesforce.records("Contact")).singleElement().satisfies(contact -> {
            assertThat(contact.path("Id").asText()).isEqualTo(third);
            assertThat(contact.path("Shopify_Tags__c").asText()).isEqualTo("two");
        });
    }

    @Test
    void anOrderOfWhoWasMergedGoesToTheMaster() {
        customer(7, "'email': 'ada@example.com'");
        shopbridge.awaitIdle();
        String account = id(insert("Account", "{'Name': 'Kings'}"));
        String master = id(insert("Contact", "{'LastName': 'King', 'AccountId': '" + account + "'}"));
        salesforce.merge("Contact", master, one("Contact", "main:7").path("Id").asText());
        order(5001, 0, "'customer': {'id': 7, 'email': 'ada@example.com', 'updated_at': '2026-03-01T10:00:00Z'}");
        shopbridge.awaitIdle();
        assertThat(one("Order", "main:5001").path("BillToContactId").asText()).isEqualTo(master);
        assertThat(one("Order", "main:5001").path("AccountId").asText()).isEqualTo(account);
    }

    @Test
    void ordersOfACompanyThatWasMergedGoToItsMaster() {
        shopbridge.post("companies/create", COMPANY);
        customer(7, "'email': 'ada@example.com'");
        order(5001, 0, "'company': {'id': 4083, 'location_id': 9}, 'customer': {'id': 7, 'email': 'ada@example.com',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}");
        shopbridge.awaitIdle();
        String master = id(insert("Account", "{'Name': 'Looms International'}"));
        salesforce.merge("Account", master, one("Account", "main:company:4083").path("Id").asText());
        order(5002, 0, "'company': {'id': 4083, 'location_id': 9}, 'customer': {'id': 7, 'email': 'ada@example.com',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}");
        shopbridge.awaitIdle();
        assertThat(one("Order", "main:5002").path("AccountId").asText()).isEqualTo(master);
        assertThat(salesforce.records("Account")).filteredOn(account ->
                account.path("Name").asText().startsWith("Looms")).hasSize(1);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void theOrgsLimitIsAMetric() {
        customer(7, "'email': 'ada@example.com'");
        shopbridge.awaitIdle();
        MeterRegistry metrics = shopbridge.bean(MeterRegistry.class);
        assertThat(metrics.get("shopbridge.crm.daily.calls.used").tag("crm", "salesforce").gauge().value()).isPositive();
        assertThat(metrics.get("shopbridge.crm.daily.calls.limit").tag("crm", "salesforce").gauge().value())
                .isEqualTo(100_000);
    }

    @Test
    void aRowThatMeetsALockIsSentAgain() {
        customer(7, "'email': 'ada@example.com', 'note': 'one'");
        shopbridge.awaitIdle();
        String account = one("Account", "contact:main:7").path("Id").asText();
        Runnable unlock = salesforce.lockAccount(account);
        long before = updates();
        customer(7, 1, "'email': 'ada@example.com', 'note': 'two'");
        await().until(() -> updates() > before + 1);
        unlock.run();
        shopbridge.awaitIdle();
        assertThat(one("Contact", "main:7").path("Shopify_Note__c").asText()).isEqualTo("two");
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void manyUnderOneAccountAreWrittenOnceEachAndWithoutALock() {
        shopbridge.post("companies/create", COMPANY);
        for (int i = 1; i <= 40; i++) {
            order(5000 + i, 0, "'company': {'id': 4083, 'location_id': 9}, 'customer': {'id': " + (i % 9 + 1)
                    + ", 'email': 'buyer" + i % 9 + "@example.com', 'updated_at': '2026-03-01T10:00:00Z'}");
        }
        shopbridge.awaitIdle();
        assertThat(salesforce.records("Order")).hasSize(40);
        assertThat(salesforce.records("OrderItem")).hasSize(80);
        assertThat(salesforce.records("Contact")).hasSize(9);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void aThousandRecordsTakeFewCalls() {
        int customers = 400;
        shopbridge.jdbc().update("INSERT INTO crm_pause VALUES ('salesforce', clock_timestamp() + interval '1 hour', 'a test')");
        IntStream.rangeClosed(1, customers).parallel().forEach(i -> {
            customer(i, "'email': '" + longAddress(i) + "', 'last_name': 'Buyer'");
            order(5000 + i, 0, "'customer': {'id': " + i + ", 'email': '" + longAddress(i)
                    + "', 'updated_at': '2026-03-01T10:00:00Z'}");
        });
        await().atMost(Duration.ofSeconds(120))
                .until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        long before = calls();
        shopbridge.jdbc().update("DELETE FROM crm_pause");
        shopbridge.awaitIdle();
        assertThat(salesforce.records("Contact")).hasSize(customers);
        assertThat(salesforce.records("Order")).hasSize(customers);
        assertThat(salesforce.records("OrderItem")).hasSize(2 * customers);
        long perThousand = (calls() - before) * 1000 / (2 * customers);
        System.out.printf("Salesforce: %d calls per 1,000 customers and orders, lines beside%n", perThousand);
        // Pages of three records, as this org has them, are counted with.
        assertThat(calls() - before - queryPages()).isLessThan(60);
    }

    /** Two hundred of these fill the address of a query. */
    private static String longAddress(int number) {
        return "buyer-with-a-long-name." + number + "@subsidiary.example.com";
    }

    private static long calls() {
        return salesforce.calls().values().stream().mapToLong(Long::longValue).sum();
    }

    private static long queryPages() {
        return salesforce.calls().getOrDefault("GET /services/data/v68.0/query/{id}", 0L);
    }

    @Test
    void aLostAnswerMakesNothingTwice() {
        for (int lost = 1; lost <= 3; lost++) {
            salesforce.faults().loseAnswers(lost);
            order(5000 + lost, 0, "'customer': {'id': " + lost + ", 'email': 'buyer" + lost + "@example.com',"
                    + " 'updated_at': '2026-03-01T10:00:00Z'}");
            shopbridge.settle();
        }
        assertThat(salesforce.records("Contact")).hasSize(3);
        assertThat(salesforce.records("Account")).hasSize(3);
        assertThat(salesforce.records("Order")).hasSize(3);
        assertThat(salesforce.records("OrderItem")).hasSize(6);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void anOrgWithoutCallsLeftIsLeftAloneAndNothingIsLost() {
        salesforce.faults().answer(403, null, 1, "/services/data");
        customer(7, "'email': 'ada@example.com'");
        await().until(() -> shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'salesforce'"
                + " AND until > clock_timestamp() + interval '10 minutes'") == 1);
        shopbridge.settle();
        one("Contact", "main:7");
    }

    @Test
    void anOrgWithTooManyLongCallsIsAskedAgainInSecondsNotTomorrow() {
        salesforce.tooManyAtOnce(1);
        customer(7, "'email': 'ada@example.com'");
        await().until(() -> shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'salesforce'"
                + " AND until < clock_timestamp() + interval '6 seconds'") == 1);
        shopbridge.settle();
        one("Contact", "main:7");
    }

    @Test
    void anOrgUnderMaintenanceIsNotCalledForAsLongAsItSays() {
        salesforce.faults().answer(503, 600, 1, "/services/data");
        customer(7, "'email': 'ada@example.com'");
        await().atMost(Duration.ofSeconds(30)).until(() -> shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'salesforce'"
                + " AND until > clock_timestamp() + interval '9 minutes'") == 1);
        shopbridge.settle();
        one("Contact", "main:7");
    }

    @Test
    void aSessionThatASignatureOpenedIsRenewed() {
        toForms("customers/create", json("{'id': 7, 'email': 'ada@example.com', 'last_name': 'Lovelace',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}"));
        shopbridge.awaitIdle();
        signed.expireSessions();
        toForms("customers/create", json("{'id': 8, 'email': 'bo@example.com', 'last_name': 'Berg',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}"));
        shopbridge.awaitIdle();
        assertThat(signed.records("Account")).hasSize(2);
    }

    @Test
    void credentialsThatAreRefusedPauseTheOrgAndNothingIsLost() {
        customer(7, "'email': 'ada@example.com'");
        shopbridge.awaitIdle();
        salesforce.faults().answer(401, null, 1000);
        customer(8, "'email': 'bo@example.com'");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'salesforce'") == 1);
        salesforce.faults().clear();
        shopbridge.settle();
        one("Contact", "main:8");
    }

    @Test
    void aKeyLogsInAndPersonAccountsBuyInTheOrgsOnlyCurrency() {
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "orders/create",
                orderBody(5001, 0, BUYER));
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "orders/create",
                orderBody(5002, 0, BUYER).replace("EUR", "USD"));
        shopbridge.awaitIdle();
        assertThat(signed.records("Contact")).hasSize(1);
        assertThat(signed.records("Order")).singleElement().satisfies(order ->
                assertThat(order.path("Shopbridge_Key__c").asText()).isEqualTo("forms:5002"));
        assertThat(signed.records("OrderItem")).hasSize(2);
        assertThat(signed.records("Account")).singleElement().satisfies(person -> {
            assertThat(person.path("PersonEmail").asText()).isEqualTo("ada@example.com");
            assertThat(person.path("IsPersonAccount").asBoolean()).isTrue();
            assertThat(signed.records("Order").get(0).path("AccountId")).isEqualTo(person.path("Id"));
            assertThat(signed.records("Order").get(0).path("BillToContactId")).isEqualTo(person.path("PersonContactId"));
        });
        assertThat(shopbridge.operator("GET", "/api/v1/rejected?crm=signed").path("items").toString())
                .contains("its amounts are in EUR, but the org knows USD only");
    }

    @Test
    void whoIsErasedTakesAlongTheAccountThatWasMadeForThemAlone() {
        customer(7, "'email': 'ada@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        customer(8, "'email': 'bo@example.com', 'first_name': 'Bo', 'last_name': 'Berg'");
        shopbridge.awaitIdle();
        erase("salesforce", one("Contact", "main:7").path("Id").asText());
        assertThat(salesforce.records("Contact")).hasSize(1);
        assertThat(salesforce.records("Account")).singleElement()
                .isEqualTo(one("Account", "contact:main:8"));
    }

    @Test
    void anAccountWithOrdersStaysWithoutTheNameOfWhoWasErased() {
        order(5001, 0, "'customer': {'id': 7, 'email': 'ada@example.com', 'first_name': 'Ada',"
                + " 'last_name': 'Lovelace', 'updated_at': '2026-03-01T10:00:00Z'}");
        shopbridge.awaitIdle();
        erase("salesforce", one("Contact", "main:7").path("Id").asText());
        assertThat(salesforce.records("Contact")).isEmpty();
        assertThat(one("Account", "contact:main:7").path("Name").asText()).isEqualTo("Erased");
        assertThat(salesforce.records("Order")).hasSize(1);
    }

    @Test
    void anAccountThatPeopleUseForMoreStaysAsTheyNamedIt() {
        customer(7, "'email': 'ada@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        String account = one("Account", "contact:main:7").path("Id").asText();
        salesforceCall("PATCH", "/sobjects/Account/" + account, json("{'Name': 'Lovelace Engines'}"));
        insert("Contact", "{'LastName': 'Byron', 'AccountId': '" + account + "'}");
        erase("salesforce", one("Contact", "main:7").path("Id").asText());
        assertThat(salesforce.records("Contact")).singleElement()
                .satisfies(contact -> assertThat(contact.path("LastName").asText()).isEqualTo("Byron"));
        assertThat(one("Account", "contact:main:7").path("Name").asText()).isEqualTo("Lovelace Engines");
    }

    @Test
    void aPersonAccountIsToldAsAContactAndErasedUnlessItHasOrders() {
        toForms("customers/create", json("{'id': 7, 'email': 'ada@example.com', 'last_name': 'Lovelace',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}"));
        toForms("orders/create", orderBody(5002, 0, "'customer': {'id': 8, 'email': 'bo@example.com',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}").replace("EUR", "USD"));
        shopbridge.awaitIdle();
        List<CrmRecord> told = new ArrayList<>();
        Crm crm = shopbridge.bean(Crms.class).get("signed");
        shopbridge.bean(CrmChanges.class).since(crm, crm.mapping("customer").orElseThrow(),
                Instant.parse("2020-01-01T00:00:00Z"), told::addAll);
        assertThat(told).extracting(record -> record.values().fields().get("Email").asText())
                .containsExactlyInAnyOrder("ada@example.com", "bo@example.com");
        erase("signed", idOf(told, "ada@example.com"));
        assertThat(signed.records("Account")).hasSize(1);
        assertThatThrownBy(() -> erase("signed", idOf(told, "bo@example.com"))).isInstanceOf(CrmRefused.class)
                .hasMessageContaining("associated with orders");
    }

    @Test
    void allContactsAreListedByIdHoweverFewRecordsAnAnswerHas() {
        IntStream.rangeClosed(1, 7).forEach(id -> customer(id, "'email': 'c" + id + "@example.com', 'last_name': 'C'"));
        toForms("customers/create", json("{'id': 7, 'email': 'ada@example.com', 'last_name': 'Lovelace',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}"));
        shopbridge.awaitIdle();
        assertThat(listed("salesforce")).hasSize(8).doesNotHaveDuplicates().contains("c1@example.com", "c7@example.com");
        assertThat(listed("signed")).as("a person account").containsExactly("ada@example.com");
    }

    /** The e-mails of all contacts, a page after the other. */
    private static List<String> listed(String name) {
        Crm crm = shopbridge.bean(Crms.class).get(name);
        List<String> emails = new ArrayList<>();
        CrmPage page = null;
        do {
            page = shopbridge.bean(CrmLookup.class).all(crm, "Contact", List.of("Email"), page == null ? null : page.next());
            page.elements().forEach(contact -> emails.add(contact.at("/fields/Email").asText()));
        } while (page.next() != null);
        return emails;
    }

    @Test
    void aRecordTypeThatWasReplacedIsAskedForAnew() {
        toForms("customers/create", json("{'id': 7, 'email': 'ada@example.com', 'last_name': 'Lovelace',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}"));
        shopbridge.awaitIdle();
        // An org that is emptied gets another record type for persons.
        signed.clear();
        toForms("customers/create", json("{'id': 8, 'email': 'bo@example.com', 'last_name': 'Berg',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}"));
        shopbridge.awaitIdle();
        assertThat(signed.records("Account")).singleElement().satisfies(person ->
                assertThat(person.path("PersonEmail").asText()).isEqualTo("bo@example.com"));
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    private static String idOf(List<CrmRecord> records, String email) {
        return records.stream().filter(record -> record.values().fields().get("Email").asText().equals(email))
                .findFirst().orElseThrow().id();
    }

    private static void erase(String crm, String id) {
        shopbridge.bean(CrmClient.class).call(CrmCall.erase(shopbridge.bean(Crms.class).get(crm), "Contact", id));
    }

    private static void toForms(String topic, String body) {
        assertThat(shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, topic, body))
                .isEqualTo(200);
    }

    private static long updates() {
        return salesforce.calls().getOrDefault("PATCH /services/data/v68.0/composite/sobjects", 0L);
    }

    private static JsonNode rejected() {
        JsonNode items = shopbridge.operator("GET", "/api/v1/rejected?crm=salesforce").path("items");
        assertThat(items).as("rejected of Salesforce").hasSize(1);
        return items.get(0);
    }

    private static void customer(long id, String fields) {
        customer(id, 0, fields);
    }

    private static void customer(long id, int minute, String fields) {
        assertThat(shopbridge.post("customers/update", json("{'id': " + id + ", 'updated_at': '2026-03-01T10:0" + minute
                + ":00Z', " + fields + "}"))).isEqualTo(200);
    }

    private static void order(long id, int minute, String fields) {
        assertThat(shopbridge.post("orders/updated", orderBody(id, minute, fields))).isEqualTo(200);
    }

    private static String orderBody(long id, int minute, String fields) {
        String lines = fields.contains("line_items") ? "" : ", 'line_items': [{'id': " + id + "1, 'variant_id': 91,"
                + " 'name': 'Mug', 'sku': 'MUG', 'price': '5.00', 'quantity': 2, 'current_quantity': 2}, {'id': " + id
                + "2, 'name': 'Tip', 'price': '10.00', 'quantity': 1, 'current_quantity': 1}]";
        return json("{'id': " + id + ", 'name': '#" + id + "', 'currency': 'EUR', 'total_price': '20.00',"
                + " 'processed_at': '2026-03-01T10:00:00Z', 'updated_at': '2026-03-01T10:0" + minute + ":00Z', " + fields
                + lines + "}");
    }

    private static long calls(String call) {
        return salesforce.calls().getOrDefault(call, 0L);
    }

    private static String id(String created) {
        return shopbridge.object(created).path("id").asText();
    }

    private static String insert(String object, String fields) {
        return salesforceCall("POST", "/sobjects/" + object, json(fields));
    }

    private static String salesforceCall(String method, String path, String body) {
        HttpResponse<String> answer = answer(method, path, body);
        assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
        return answer.body();
    }

    private static HttpResponse<String> answer(String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(salesforce.baseUrl()
                        + "/services/data/v68.0" + path))
                .header("Authorization", "Bearer " + token()).header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody()
                        : BodyPublishers.ofString(body)).build();
        return shopbridge.send(request);
    }

    private static String token() {
        HttpResponse<String> answer = shopbridge.send(HttpRequest.newBuilder(
                        URI.create(salesforce.baseUrl() + "/services/oauth2/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("grant_type=client_credentials&client_id="
                        + SimulatedSalesforce.CLIENT_ID + "&client_secret=" + Options.DEFAULT_TOKEN)).build());
        return shopbridge.object(answer.body()).path("access_token").asText();
    }

    private static ObjectNode one(String object, String key) {
        List<ObjectNode> found = salesforce.records(object).stream()
                .filter(record -> record.path("Shopbridge_Key__c").asText().equals(key)).toList();
        assertThat(found).as(object + " " + key).hasSize(1);
        return found.get(0);
    }

    private static String json(String text) {
        return text.replace('\'', '"').replace('`', '\'');
    }
}
