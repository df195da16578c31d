package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.crm.Crms;
import io.shopbridge.identify.CrmChanges;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What only HubSpot has: legal consent, labelled associations, a day's limit, and portals that still use v3. */
class HubSpotIT {

    private static final String EMAIL = "ada+shop@example.com";
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() {
        shopbridge = RunningShopbridge.with("--shopbridge.crms.hubspot.subscription-id=1001",
                "--shopbridge.crms.deals.api-version=v3", "--shopbridge.crms.deals.subscription-id=1001",
                "--shopbridge.crms.deals.legal-basis=CONSENT_WITH_NOTICE", "--shopbridge.stores.outlet.crms=deals",
                "--shopbridge.crms.activities.orders=task");
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
    }

    @BeforeEach
    void reset() {
        shopbridge.hubspot.faults().clear();
        shopbridge.reset();
        shopbridge.hubspot.useUpTheDay(false);
    }

    @Test
    void aSubscriptionGoesOnceAndSilenceNever() {
        customer("not_subscribed", 0);
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("NOT_SPECIFIED");
        customer("pending", 1);
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("NOT_SPECIFIED");
        assertThat(consentCalls()).isZero();
        assertThat(property("shopify_email_consent")).isEqualTo("pending");

        customer("subscribed", 2);
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("SUBSCRIBED");
        long calls = consentCalls();
        customer("subscribed", 3);
        assertThat(consentCalls()).isEqualTo(calls);
        assertThat(outcomes("rejected")).isZero();
    }

    @Test
    void anUnsubscriptionAlwaysGoes() {
        customer("unsubscribed", 0);
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("UNSUBSCRIBED");

        customer("subscribed", 1);
        assertThat(shopbridge.hubspot.consent(EMAIL)).as("no legal basis is configured").isEqualTo("UNSUBSCRIBED");
        assertThat(property("shopify_email_consent")).isEqualTo("subscribed");
        assertThat(outcomes("rejected")).isZero();
    }

    @Test
    void anUnsubscriptionGoesEvenWhereTheRecordIsRefused() {
        customer("subscribed", 0);
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("SUBSCRIBED");
        shopbridge.hubspot.faults().answer(400, null, 1, "contacts/batch/update");
        customer("unsubscribed", 1, "\"note\": \"refused\"");
        assertThat(outcomes("rejected")).isEqualTo(1);
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("UNSUBSCRIBED");
        assertThat(property("shopify_email_consent")).as("so does the contact's field").isEqualTo("unsubscribed");
        assertThat(property("shopify_note")).isEmpty();
        assertThat(shopbridge.jdbc().queryForObject("SELECT max(errors) FROM rejected WHERE crm = 'hubspot'",
                String.class)).contains("The unsubscription is written all the same: shopify_email_consent");
    }

    @Test
    void aNoThatHubSpotRefusesRejectsItsRecordAlsoASkippedOne() {
        customer("subscribed", 0, "\"sms_marketing_consent\": {\"state\": \"subscribed\"}");
        shopbridge.hubspot.faults().answer(400, null, 2, "contacts/batch/update");
        customer("unsubscribed", 1, "\"note\": \"refused\"");
        assertThat(property("shopify_email_consent")).isEqualTo("subscribed");
        assertThat(outcomes("rejected")).isEqualTo(1);
        assertThat(shopbridge.jdbc().queryForObject("SELECT max(errors) FROM rejected WHERE crm = 'hubspot'",
                String.class)).contains("its unsubscription was refused");

        shopbridge.hubspot.faults().answer(400, null, 1, "contacts/batch/update");
        shopbridge.post("customers/delete", "{\"id\": 7}");
        shopbridge.awaitIdle();
        assertThat(outcomes("rejected")).as("a skipped record whose no is refused is rejected").isEqualTo(2);
    }

    @Test
    void anUnsubscriptionOutlivesItsCustomer() {
        customer("subscribed", 0);
        shopbridge.hubspot.faults().answer(500, null, 1000, "communication-preferences");
        shopbridge.post("customers/update", customer("unsubscribed", "2026-02-01T10:01:00Z", "\"note\": \"late\""));
        await().until(() -> shopbridge.count("SELECT count(*) FROM work WHERE crm = 'hubspot' AND claimed_by IS NULL"
                + " AND because IS NOT NULL") == 1);
        shopbridge.post("customers/delete", "{\"id\": 7}");
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.hubspot.faults().clear();
        shopbridge.settle();
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("UNSUBSCRIBED");
        assertThat(property("shopify_email_consent")).isEqualTo("unsubscribed");
        assertThat(property("shopify_note")).isEmpty();
        assertThat(outcomes("skipped")).isEqualTo(1);
    }

    @Test
    void aPersonUnknownToHubSpotIsNotUnsubscribedAfterADeletion() {
        shopbridge.jdbc().update("INSERT INTO crm_pause VALUES ('hubspot', clock_timestamp() + interval '1 hour', 'a test')");
        shopbridge.post("customers/update", customer("unsubscribed", "2026-02-01T10:01:00Z", "\"state\": \"enabled\""));
        shopbridge.post("customers/delete", "{\"id\": 7}");
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.endThePause();
        shopbridge.awaitIdle();
        assertThat(consentCalls()).isZero();
        assertThat(outcomes("skipped")).isEqualTo(1);
    }

    @Test
    void anUnsubscriptionGoesWhileItsContactWaitsForACompany() {
        customer("subscribed", 0);
        shopbridge.hubspot.faults().answer(400, null, 1000, "/companies/");
        shopbridge.post("company_contacts/create", """
                {"customer_admin_graphql_api_id": "gid://shopify/Customer/7", "title": "Buyer",
                 "updated_at": "2026-01-06T00:00:00Z", "admin_graphql_api_id": "gid://shopify/CompanyContact/33",
                 "company": {"name": "Looms Ltd", "created_at": "2026-01-05T00:00:00Z",
                             "updated_at": "2026-01-05T00:00:00Z", "admin_graphql_api_id": "gid://shopify/Company/9"}}""");
        await().until(() -> shopbridge.count("SELECT count(*) FROM work WHERE crm = 'hubspot' AND entity = 'customer'"
                + " AND claimed_by IS NULL AND because LIKE 'Its company%'") == 1);
        shopbridge.post("customers/update", customer("unsubscribed", "2026-02-01T10:01:00Z", "\"note\": \"waits\""));
        await().until(() -> property("shopify_email_consent").equals("unsubscribed"));
        assertThat(shopbridge.count("SELECT count(*) FROM work WHERE crm = 'hubspot' AND entity = 'customer'")).isOne();
        assertThat(property("shopify_note")).isEmpty();
    }

    @Test
    void theAddressThatIsUnsubscribedIsTheContacts() {
        shopbridge.post("customers/update", customer("unsubscribed", "2026-02-01T10:01:00Z", "\"state\": \"enabled\"")
                .replace(EMAIL, " Ada+Shop@Example.com."));
        shopbridge.awaitIdle();
        assertThat(contact().at("/properties/email").asText()).isEqualTo(EMAIL);
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("UNSUBSCRIBED");
        assertThat(shopbridge.hubspot.consent(EMAIL + ".")).isEqualTo("NOT_SPECIFIED");
    }

    @Test
    void anUnsubscriptionGoesEvenWhereTheNextQuestionWasFaster() {
        customer("subscribed", 0);
        shopbridge.hubspot.faults().answer(500, null, 1000);
        shopbridge.post("customers/update", customer("unsubscribed", "2026-02-01T10:01:00Z", "\"state\": \"enabled\""));
        shopbridge.post("customers/update", customer("pending", "2026-02-01T10:02:00Z", "\"state\": \"enabled\""));
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.hubspot.faults().clear();
        shopbridge.settle();
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("UNSUBSCRIBED");
    }

    /** Shopify's answer for another address is none for this one; its topic's sample has no time of an unchanged consent. */
    @Test
    void whoSubscribedWithOneAddressIsNotSubscribedWithAnother() {
        customer("subscribed", 0);
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("SUBSCRIBED");
        shopbridge.post("customers/update", """
                {"id": 7, "email": "new@example.com", "last_name": "Loom", "updated_at": "2026-03-01T10:00:00Z"}""");
        shopbridge.post("customers_email_marketing_consent/update", """
                {"customer_id": 7, "email_address": "new@example.com", "email_marketing_consent":
                 {"state": "not_subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": null}}""");
        shopbridge.awaitIdle();
        assertThat(contact().at("/properties/email").asText()).isEqualTo("new@example.com");
        assertThat(property("shopify_email_consent")).isEqualTo("not_subscribed");
        assertThat(shopbridge.hubspot.consent("new@example.com")).isEqualTo("NOT_SPECIFIED");
    }

    @Test
    void whoOnlyTheConsentNamesIsUnsubscribed() {
        String consent = """
                {"customer_id": %d, "email_address": "%s", "email_marketing_consent": {"state": "unsubscribed",
                 "opt_in_level": "single_opt_in", "consent_updated_at": "2026-02-01T10:01:00Z"}}""";
        shopbridge.post("customers/create", """
                {"id": 7, "email": null, "phone": "+15032281234", "last_name": "Loom",
                 "updated_at": "2026-01-01T00:00:00Z"}""");
        shopbridge.awaitIdle();
        shopbridge.post("customers_email_marketing_consent/update", consent.formatted(7, "Ada+shop@example.com."));
        shopbridge.post("customers_email_marketing_consent/update", consent.formatted(8, "bo@example.com"));
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("UNSUBSCRIBED");
        assertThat(shopbridge.hubspot.consent("bo@example.com")).as("no other topic has brought this customer")
                .isEqualTo("UNSUBSCRIBED");
        assertThat(property("shopify_email_consent")).isEqualTo("unsubscribed");
    }

    @Test
    void anUnsubscriptionInOneStoreIsNotUndoneByAnother() {
        Instant now = Instant.now();
        toForms("subscribed", now.minusSeconds(100).toString());
        toOutlet("subscribed", now.minusSeconds(90).toString());
        assertThat(shopbridge.hubspot.records("contacts")).hasSize(1);
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("SUBSCRIBED");
        toForms("unsubscribed", now.minusSeconds(80).toString());
        toOutlet("pending", now.plusSeconds(20).toString());
        toOutlet("subscribed", now.plusSeconds(30).toString());
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("UNSUBSCRIBED");
        assertThat(consentField()).isEqualTo("unsubscribed");

        toForms("subscribed", now.plusSeconds(60).toString());
        assertThat(shopbridge.hubspot.consent(EMAIL)).as("it is taken back where it was said").isEqualTo("SUBSCRIBED");
        assertThat(consentField()).isEqualTo("subscribed");
    }

    @Test
    void aNoAndAYesOfTwoStoresInOneBatchAreANo() {
        Instant now = Instant.now();
        toForms("pending", now.minusSeconds(100).toString());
        toOutlet("pending", now.minusSeconds(90).toString());
        shopbridge.jdbc().update("INSERT INTO crm_pause VALUES ('deals', clock_timestamp() + interval '1 hour', 'a test')");
        postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "unsubscribed", now.plusSeconds(10).toString());
        postTo(RunningShopbridge.OUTLET, RunningShopbridge.OUTLET_DOMAIN, "subscribed", now.plusSeconds(20).toString());
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.endThePause();
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("UNSUBSCRIBED");
        assertThat(consentField()).isEqualTo("unsubscribed");
    }

    /** Each of the two stores has said another no before, so that this says nothing of who goes first. */
    @Test
    void aNoInOneStoreIsNotToldAfterAYesInAnother() {
        Instant now = Instant.now();
        // The store's other CRMs are the same account here.
        pause("activities");
        pause("figures");
        consents(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "pending", now.minusSeconds(100));
        await().until(() -> leftOfDeals() == 0);
        consents(RunningShopbridge.OUTLET, RunningShopbridge.OUTLET_DOMAIN, "pending", now.minusSeconds(100));
        await().until(() -> leftOfDeals() == 0);
        assertThat(shopbridge.hubspot.records("contacts")).hasSize(1);

        pause("deals");
        consents(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "subscribed", now.plusSeconds(10));
        consents(RunningShopbridge.OUTLET, RunningShopbridge.OUTLET_DOMAIN, "unsubscribed", now.plusSeconds(5));
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.hubspot.faults().latency(Duration.ofMillis(400));
        shopbridge.jdbc().update("DELETE FROM crm_pause WHERE crm = 'deals'");
        await().pollInterval(Duration.ofMillis(20)).atMost(Duration.ofSeconds(60)).until(() -> {
            assertThat(smsConsent()).isNotEqualTo("subscribed");
            return leftOfDeals() == 0;
        });
        assertThat(smsConsent()).isEqualTo("unsubscribed");
    }

    private static void pause(String crm) {
        shopbridge.jdbc().update("INSERT INTO crm_pause VALUES (?, clock_timestamp() + interval '1 hour', 'a test')", crm);
    }

    private static long leftOfDeals() {
        return shopbridge.count("SELECT count(*) FROM work WHERE crm = 'deals'")
                + shopbridge.count("SELECT count(*) FROM inbox_waiting");
    }

    private static String smsConsent() {
        return shopbridge.hubspot.records("contacts").get(0).at("/properties/shopify_sms_consent").asText();
    }

    private static void consents(String store, String domain, String sms, Instant at) {
        assertThat(shopbridge.postTo(store, domain, "customers/update", """
                {"id": 7, "email": "%s", "phone": "+15032285678", "created_at": "2026-01-01T00:00:00Z", "updated_at": "%s",
                 "email_marketing_consent": {"state": "unsubscribed", "opt_in_level": "single_opt_in",
                                             "consent_updated_at": "2026-01-01T00:00:00Z"},
                 "sms_marketing_consent": {"state": "%s", "opt_in_level": "single_opt_in", "consent_updated_at": "%s"}}"""
                .formatted(EMAIL, at, sms, at))).isEqualTo(200);
    }

    @Test
    void aNoThatPeopleWroteIntoTheContactKeepsTheSubscriptionFromBeingRaised() {
        Instant now = Instant.now();
        toForms("pending", now.minusSeconds(100).toString());
        shopbridge.hubspotUserEdits("contacts", shopbridge.hubspot.records("contacts").get(0).path("id").asText(),
                "{\"shopify_email_consent\": \"unsubscribed\"}");
        toForms("subscribed", now.minusSeconds(50).toString());
        assertThat(consentField()).isEqualTo("unsubscribed");
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("NOT_SPECIFIED");
    }

    @Test
    void anUnsubscriptionOutlivesARejectedRecordWhileHubSpotIsDown() {
        customer("subscribed", 0);
        shopbridge.hubspot.faults().answer(500, null, 1000, "communication-preferences");
        shopbridge.post("customers/update", customer("unsubscribed", "2026-02-01T10:01:00Z", "\"note\": \"no\""));
        await().atMost(Duration.ofSeconds(30)).until(() ->
                shopbridge.count("SELECT count(*) FROM work WHERE crm = 'hubspot' AND claimed_by IS NULL AND because IS"
                        + " NOT NULL") == 1);
        assertThat(outcomes("rejected")).isZero();

        shopbridge.hubspot.faults().clear();
        shopbridge.hubspot.faults().answer(400, null, 1, "contacts/batch/update");
        await().pollInterval(Duration.ofMillis(200)).until(() -> {
            shopbridge.letTimePass();
            return outcomes("rejected") == 1;
        });
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("UNSUBSCRIBED");
    }

    @Test
    void anUnsubscriptionGoesEvenWhereTheContactCannotBeFoundOrWritten() {
        shopbridge.hubspot.faults().answer(400, null, 1000, "/objects/");
        shopbridge.post("customers/update", customer("unsubscribed", "2026-02-01T10:00:00Z", "\"state\": \"enabled\""));
        await().until(() -> shopbridge.hubspot.consent(EMAIL).equals("UNSUBSCRIBED"));
        assertThat(shopbridge.hubspot.records("contacts")).isEmpty();

        shopbridge.hubspot.faults().clear();
        await().pollInterval(Duration.ofMillis(200)).until(() -> {
            shopbridge.letTimePass();
            return contact() != null;
        });
        shopbridge.awaitIdle();
        long calls = consentCalls();
        customer("unsubscribed", 2, "\"note\": \"called\"");
        assertThat(consentCalls()).as("it is remembered with the contact").isEqualTo(calls);
    }

    @Test
    void aConsentThatIsRefusedKeepsNothingElseFromBeingWritten() {
        shopbridge.hubspot.faults().answer(400, null, 1, "communication-preferences");
        customer("unsubscribed", 0);
        assertThat(property("shopify_email_consent")).isEqualTo("unsubscribed");
        assertThat(outcomes("rejected")).isEqualTo(1);
    }

    @Test
    void anOrderOfAContactThatAUserDeletedWaitsForTheNewOne() {
        shopbridge.post("orders/create", order(1, 0));
        shopbridge.awaitIdle();
        shopbridge.hubspotUserDeletes("contacts", contact().path("id").asText());
        shopbridge.post("orders/create", order(2, 1));
        await().pollInterval(Duration.ofMillis(200)).until(() -> {
            shopbridge.letTimePass();
            return shopbridge.count("SELECT count(*) FROM work") == 0
                    && shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0;
        });
        JsonNode order = shopbridge.hubspot("orders", "shopify_order_key", "main:2");
        assertThat(order.path("associations").path("contacts")).hasSize(1);
        assertThat(order.at("/associations/contacts/0").asText()).isEqualTo(contact().path("id").asText());
        assertThat(outcomes("rejected")).isZero();
    }

    /** HubSpot tells all of them in one error. */
    @Test
    void allThatAUserDeletedAreMadeAnewHoweverManyAreInOneCall() {
        IntStream.range(1, 9).forEach(number -> buyer(number, false));
        shopbridge.awaitIdle();
        shopbridge.hubspot.records("contacts").forEach(contact ->
                shopbridge.hubspotUserDeletes("contacts", contact.path("id").asText()));
        pause("hubspot");
        IntStream.range(1, 9).forEach(number -> buyer(number, true));
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.endThePause();
        shopbridge.settle();
        assertThat(outcomes("rejected")).isZero();
        assertThat(shopbridge.hubspot.records("contacts")).hasSize(8).allSatisfy(contact ->
                assertThat(contact.at("/properties/shopify_tax_exempt").asText()).isEqualTo("true"));
    }

    /** As one that somebody made as a date picker, which takes midnights only: each record would be refused for it. */
    @Test
    void aPropertyOfAWrongTypeCostsItsValueAndFewCalls() {
        shopbridge.hubspot.defineProperty("contacts", "shopify_created_at", "date");
        String upserts = "POST /crm/objects/2026-09/contacts/batch/upsert";
        long before = shopbridge.hubspot.calls().getOrDefault(upserts, 0L);
        pause("hubspot");
        IntStream.range(0, 60).forEach(number -> assertThat(shopbridge.post("customers/create", """
                {"id": %d, "email": "buyer%d@example.com", "created_at": "2026-01-05T10:00:00Z",
                 "updated_at": "2026-03-01T10:00:00Z"}""".formatted(3000 + number, number))).isEqualTo(200));
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.endThePause();
        shopbridge.awaitIdle();
        shopbridge.hubspot.defineProperty("contacts", "shopify_created_at", "datetime");

        assertThat(shopbridge.hubspot.records("contacts")).hasSize(60).allSatisfy(contact ->
                assertThat(contact.at("/properties/shopify_created_at").asText("")).isEmpty());
        assertThat(outcomes("rejected")).isZero();
        assertThat(shopbridge.jdbc().queryForList("SELECT because FROM left_out", String.class)).hasSize(60).allSatisfy(
                because -> assertThat(because).contains("without shopify_created_at: "))
                .anySatisfy(because -> assertThat(because).contains("Run doctor").doesNotContain("2026-01-05"));
        assertThat(shopbridge.hubspot.calls().get(upserts) - before).as("not two or three for each").isLessThan(60);
    }

    private static void buyer(int number, boolean isExempt) {
        assertThat(shopbridge.post("customers/update", """
                {"id": %d, "email": "buyer%d@example.com", "tax_exempt": %s, "updated_at": "2026-03-01T10:0%d:00Z"}"""
                .formatted(2000 + number, number, isExempt, isExempt ? 1 : 0))).isEqualTo(200);
    }

    @Test
    void anOrderCanBeATaskThatIsDoneOnceItIsShipped() {
        forms(order(1, 0));
        JsonNode task = shopbridge.hubspot("tasks", "shopify_order_key", "forms:1");
        assertThat(task.at("/properties/hs_task_status").asText()).isEqualTo("NOT_STARTED");
        assertThat(task.at("/properties/hs_timestamp").asText()).startsWith("2026-03-01T10:00:00");
        assertThat(task.at("/associations/contacts")).hasSize(1);
        forms(order(2, 0));
        shopbridge.hubspotUserEdits("tasks", shopbridge.hubspot("tasks", "shopify_order_key", "forms:2").path("id").asText(),
                "{\"hs_task_status\": \"COMPLETED\"}");
        forms(order(1, 1).replace("\"financial_status\"", "\"fulfillment_status\": \"fulfilled\", \"financial_status\""));
        forms(order(2, 1));
        assertThat(shopbridge.hubspot.records("tasks")).hasSize(2).allSatisfy(one ->
                assertThat(one.at("/properties/hs_task_status").asText()).isEqualTo("COMPLETED"));
        assertThat(shopbridge.hubspot.records("notes")).isEmpty();
    }

    private static void forms(String order) {
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "orders/updated", order);
        shopbridge.awaitIdle();
    }

    /** HubSpot allows few searches; what it keeps unique is read instead, many in a call. */
    @Test
    void manyNewCustomersCostOneSearchForAHundred() {
        shopbridge.hubspotHas("contacts", "{\"phone\": \"+15032280042\", \"firstname\": \"Buyer\","
                + " \"lastname\": \"Number 42\"}");
        shopbridge.hubspotHas("contacts", "{\"email\": \"buyer43@example.com\"}");
        shopbridge.letTimePass();
        long before = searches();
        pause("hubspot");
        IntStream.range(0, 90).forEach(number -> assertThat(shopbridge.post("customers/create", """
                {"id": %d, "email": "buyer%d@example.com", "phone": "+150322800%02d", "first_name": "Buyer",
                 "last_name": "Number %d", "updated_at": "2026-03-01T10:00:00Z"}"""
                .formatted(1000 + number, number, number, number))).isEqualTo(200));
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.endThePause();
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("contacts")).hasSize(90);
        assertThat(shopbridge.hubspot("contacts", "shopify_customer_key", "main:1042").at("/properties/email").asText())
                .as("found by phone and name").isEqualTo("buyer42@example.com");
        assertThat(searches() - before).as("phones of all who were not found by key and e-mail").isEqualTo(1);
        assertThat(outcomes("rejected")).isZero();
    }

    /** A search waits for its turn, of which HubSpot gives four a second; whoever it has need not wait with it. */
    @Test
    void whoIsKnownDoesNotWaitForTheSearchesOfTheNew() {
        customer(1, "A");
        shopbridge.awaitIdle();
        shopbridge.hubspot.faults().hang(Duration.ofSeconds(15), 1);
        customer(2, "B");
        await().until(() -> shopbridge.hubspot.faults().state().path("hangs-left").asInt() == 0);

        customer(3, "C");
        customer(1, "Z");

        await().untilAsserted(() -> assertThat(shopbridge.hubspot("contacts", "shopify_customer_key", "main:1")
                .at("/properties/lastname").asText()).isEqualTo("Z"));
        assertThat(shopbridge.hubspot.records("contacts")).as("the first search has no answer yet").hasSize(1);
        assertThat(shopbridge.count("SELECT count(*) FROM work WHERE record_id = '3' AND claimed_by IS NULL"))
                .as("shares the next search with others").isEqualTo(1);
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("contacts")).hasSize(3);
    }

    private static void customer(int id, String lastName) {
        assertThat(shopbridge.post("customers/update", """
                {"id": %d, "email": "buyer%d@example.com", "last_name": "%s", "updated_at": "%s"}"""
                .formatted(id, id, lastName, Instant.now()))).isEqualTo(200);
    }

    private static long searches() {
        return shopbridge.hubspot.calls().getOrDefault("POST /crm/objects/2026-09/contacts/search", 0L);
    }

    @Test
    void anOldPortalTellsChangesAndErasesOverV3() {
        toForms("subscribed", "2026-02-01T10:00:00Z");
        Crm deals = shopbridge.bean(Crms.class).get("deals");
        List<CrmRecord> changed = new ArrayList<>();
        shopbridge.bean(CrmChanges.class).since(deals, deals.mapping("customer").orElseThrow(),
                Instant.parse("2026-01-01T00:00:00Z"), changed::addAll);
        assertThat(changed).hasSize(1);
        shopbridge.bean(CrmClient.class).call(CrmCall.erase(shopbridge.bean(Crms.class).get("deals"), "contacts",
                changed.get(0).id()));
        assertThat(shopbridge.hubspot.records("contacts")).isEmpty();
        assertThat(shopbridge.hubspot.calls()).containsKey("POST /crm/v3/objects/contacts/search")
                .containsKey("POST /crm/v3/objects/contacts/gdpr-delete");
    }

    @Test
    void whoUnsubscribedInHubSpotStaysSo() {
        shopbridge.hubspot.unsubscribes(EMAIL);
        customer("subscribed", 0);
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("UNSUBSCRIBED");

        toForms("subscribed", "2026-01-01T00:00:00Z");
        assertThat(shopbridge.hubspot.consent(EMAIL)).as("the consent is older").isEqualTo("UNSUBSCRIBED");
        toForms("unsubscribed", Instant.now().plusSeconds(60).toString());
        toForms("subscribed", Instant.now().plusSeconds(120).toString());
        assertThat(shopbridge.hubspot.consent(EMAIL)).as("newer, and on a legal basis").isEqualTo("SUBSCRIBED");
        assertThat(shopbridge.hubspot.legalBasis(EMAIL)).isEqualTo("CONSENT_WITH_NOTICE");
    }

    @Test
    void whereALegalBasisIsAskedForTheRecordSaysSo() {
        shopbridge.hubspot.askForLegalBasis(true);
        customer("subscribed", 0);
        assertThat(shopbridge.hubspot.consent(EMAIL)).isEqualTo("NOT_SPECIFIED");
        assertThat(shopbridge.hubspot.records("contacts")).hasSize(1);
        assertThat(shopbridge.jdbc().queryForObject("SELECT max(errors) FROM rejected WHERE crm = 'hubspot' AND"
                + " outcome = 'rejected'", String.class)).contains("shopbridge.crms.hubspot.legal-basis");
    }

    @Test
    void theCompanyOfABuyerIsThePrimaryOneByItsLabel() {
        shopbridge.post("customers/create", """
                {"id": 7, "email": "bo@example.com", "updated_at": "2026-01-01T00:00:00Z"}""");
        shopbridge.post("company_contacts/create", """
                {"customer_admin_graphql_api_id": "gid://shopify/Customer/7", "title": "Buyer",
                 "updated_at": "2026-01-06T00:00:00Z", "admin_graphql_api_id": "gid://shopify/CompanyContact/33",
                 "company": {"name": "Looms Ltd", "created_at": "2026-01-05T00:00:00Z",
                             "updated_at": "2026-01-05T00:00:00Z", "admin_graphql_api_id": "gid://shopify/Company/9"}}""");
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.primaryCompany("contacts", contact().path("id").asText()))
                .isEqualTo(shopbridge.hubspot("companies", "shopify_company_key", "main:9").path("id").asText());
        assertThat(shopbridge.hubspot.calls())
                .containsKey("GET /crm/associations/2026-09/contacts/companies/labels");
    }

    @Test
    void aDayThatIsUsedUpIsWaitedForUntilMidnightOfTheAccount() {
        await().until(() -> shopbridge.hubspot.calls().containsKey("GET /account-info/2026-09/details"));
        ZoneId zone = ZoneId.of(SimulatedHubSpot.TIME_ZONE);
        Instant midnight = ZonedDateTime.now(zone).toLocalDate().plusDays(1).atStartOfDay(zone).toInstant();
        shopbridge.hubspot.useUpTheDay(true);
        shopbridge.post("customers/create", """
                {"id": 7, "email": "bo@example.com", "updated_at": "2026-01-01T00:00:00Z"}""");
        await().until(() -> shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'hubspot'") == 1);
        assertThat(shopbridge.jdbc().queryForObject("SELECT until FROM crm_pause WHERE crm = 'hubspot'",
                Timestamp.class).toInstant()).isBetween(midnight, midnight.plus(Duration.ofMinutes(1)));

        shopbridge.hubspot.useUpTheDay(false);
        shopbridge.endThePause();
        shopbridge.awaitIdle();
        assertThat(contact()).isNotNull();
    }

    @Test
    void aPortalWithoutOrdersGetsDealsWithLineItemsOverV3() {
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "orders/create", order("""
                {"id": 11, "name": "Shirt", "quantity": 2, "current_quantity": 2, "price": "50.00"},
                {"id": 12, "name": "Mug", "sku": "M", "quantity": 1, "current_quantity": 1, "price": "7.50"}""", 0));
        shopbridge.awaitIdle();
        JsonNode deal = shopbridge.hubspot("deals", "shopify_order_key", "forms:1");
        assertThat(deal.path("associations").path("line_items")).hasSize(2);
        assertThat(shopbridge.hubspot.calls()).containsKey("POST /crm/v3/objects/deals/batch/upsert")
                .containsKey("POST /crm/v4/associations/line_items/deals/batch/associate/default");
        assertThat(shopbridge.hubspot("line_items", "shopify_line_item_key", "forms:12").path("properties")
                .path("price").asText()).isEqualTo("7.50");

        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "orders/updated", order("""
                {"id": 11, "name": "Shirt", "quantity": 2, "current_quantity": 1, "price": "50.00"},
                {"id": 12, "name": "Mug", "sku": "M", "quantity": 1, "current_quantity": 0, "price": "7.50"}""", 1));
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("line_items")).singleElement().satisfies(line ->
                assertThat(line.path("properties").path("quantity").asText()).isEqualTo("1"));
    }

    /** HubSpot would show its amounts in the account's own currency. */
    @Test
    void anOrderInACurrencyThatTheAccountDoesNotHaveIsRejectedWhole() {
        String line = "{\"id\": 11, \"name\": \"Shirt\", \"quantity\": 1, \"current_quantity\": 1, \"price\": \"12.345\"}";
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "orders/create",
                order(line, 0).replace("USD", "KWD"));
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "draft_orders/create",
                """
                {"id": 2, "name": "#D2", "status": "open", "currency": "KWD", "total_price": "12.345",
                 "invoice_url": "https://example.com/2", "updated_at": "2026-03-01T10:00:00Z", "line_items": [%s],
                 "customer": {"id": 7, "email": "bo@example.com", "updated_at": "2026-01-01T00:00:00Z"}}"""
                        .formatted(line));
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("deals")).isEmpty();
        assertThat(shopbridge.hubspot.records("line_items")).isEmpty();
        assertThat(shopbridge.jdbc().queryForList("SELECT errors FROM rejected WHERE crm IN ('deals', 'activities')"
                + " ORDER BY entity", String.class)).hasSize(2).allSatisfy(because ->
                assertThat(because).contains("KWD").contains("not a part of the current effective currency codes"));
        assertThat(shopbridge.hubspot.records("contacts")).as("its buyer is delivered").hasSize(1);

        shopbridge.hubspot.useCurrencies("USD", "KWD");
        shopbridge.jdbc().queryForList("SELECT id FROM rejected", Long.class).forEach(id ->
                shopbridge.operator("POST", "/api/v1/rejected/" + id + "/replay"));
        shopbridge.awaitIdle();
        shopbridge.hubspot.useCurrencies("USD", "EUR");
        assertThat(shopbridge.hubspot.records("deals")).hasSize(2).allSatisfy(deal ->
                assertThat(deal.at("/properties/deal_currency_code").asText()).isEqualTo("KWD"));
    }

    private static String order(int id, int minute) {
        return order("{\"id\": " + id + "1, \"name\": \"Mug\", \"quantity\": 1, \"current_quantity\": 1}", minute)
                .replace("{\"id\": 1, \"name\"", "{\"id\": " + id + ", \"name\"");
    }

    private static String order(String lines, int minute) {
        return """
                {"id": 1, "name": "#1", "currency": "USD", "total_price": "107.50", "financial_status": "paid",
                 "processed_at": "2026-03-01T10:00:00Z", "updated_at": "2026-03-01T10:0%d:00Z", "line_items": [%s],
                 "customer": {"id": 7, "email": "bo@example.com", "updated_at": "2026-01-01T00:00:00Z"}}"""
                .formatted(minute, lines);
    }

    private void customer(String consent, int minute) {
        customer(consent, minute, "\"state\": \"enabled\"");
    }

    private void customer(String consent, int minute, String more) {
        shopbridge.post("customers/update", customer(consent, "2026-02-01T10:0" + minute + ":00Z", more));
        shopbridge.awaitIdle();
    }

    private static void toForms(String consent, String at) {
        postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, consent, at);
        shopbridge.awaitIdle();
    }

    private static void toOutlet(String consent, String at) {
        postTo(RunningShopbridge.OUTLET, RunningShopbridge.OUTLET_DOMAIN, consent, at);
        shopbridge.awaitIdle();
    }

    private static void postTo(String store, String domain, String consent, String at) {
        shopbridge.postTo(store, domain, "customers/update", customer(consent, at, "\"state\": \"enabled\""));
    }

    /** Of the only contact. */
    private static String consentField() {
        return shopbridge.hubspot.records("contacts").get(0).at("/properties/shopify_email_consent").asText();
    }

    private static String customer(String consent, String at, String more) {
        return """
                {"id": 7, "email": "%s", "created_at": "2026-01-01T00:00:00Z", "updated_at": "%s", %s,
                 "email_marketing_consent": {"state": "%s", "opt_in_level": "single_opt_in",
                                             "consent_updated_at": "%s"}}""".formatted(EMAIL, at, more, consent, at);
    }

    private JsonNode contact() {
        return shopbridge.hubspot("contacts", "shopify_customer_key", "main:7");
    }

    private String property(String name) {
        return contact().path("properties").path(name).asText();
    }

    private long outcomes(String outcome) {
        return shopbridge.count("SELECT count(*) FROM outcome WHERE crm = 'hubspot' AND outcome = ?", outcome);
    }

    private long consentCalls() {
        return shopbridge.hubspot.calls().entrySet().stream()
                .filter(call -> call.getKey().contains("communication-preferences"))
                .mapToLong(call -> call.getValue()).sum() - before;
    }

    private long before;

    @BeforeEach
    void countConsentCalls() {
        before = 0;
        before = consentCalls();
    }
}
