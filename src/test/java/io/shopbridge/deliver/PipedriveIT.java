package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.PipedriveContract;
import io.shopbridge.RecordingProxy;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmClient;
import io.shopbridge.crm.Crms;
import io.shopbridge.sandbox.pipedrive.Company;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.server.Options;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A CRM without batches, upsert and unique keys: webhooks in at one end, the records of the company at the other. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PipedriveIT {

    private static final String STORE = "sales";
    private static final String DOMAIN = "sales.myshopify.com";
    private static final Duration SEARCH_LAG = Duration.ofMillis(300);
    private static final String PHONE = "+15032281234";

    private static SimulatedPipedrive pipedrive;
    private static RecordingProxy proxy;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() {
        // More fields of products than one answer tells, ours the last.
        pipedrive = SimulatedPipedrive.start(0, RunningShopbridge.options().withSearchLag(SEARCH_LAG),
                Company.defaults().withFields(
                        IntStream.range(0, 520).mapToObj(i -> "products varchar Field " + i).toList()));
        proxy = RecordingProxy.to(pipedrive.baseUrl());
        List<String> settings = new ArrayList<>(List.of(
                "--shopbridge.stores." + STORE + ".domain=" + DOMAIN,
                "--shopbridge.stores." + STORE + ".webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores." + STORE + ".region=US",
                "--shopbridge.stores." + STORE + ".crms=pipedrive",
                "--shopbridge.stores.tasks.domain=tasks.myshopify.com",
                "--shopbridge.stores.tasks.webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores.tasks.crms=pipedrive-tasks",
                "--shopbridge.crms.pipedrive-tasks.folder=pipedrive",
                "--shopbridge.crms.pipedrive-tasks.orders=activity",
                "--shopbridge.crms.pipedrive-tasks.draft-orders=true"));
        for (String crm : List.of("pipedrive", "pipedrive-tasks")) {
            settings.add("--shopbridge.crms." + crm + ".base-url=" + proxy.baseUrl());
            settings.add("--shopbridge.crms." + crm + ".token=" + Options.DEFAULT_TOKEN);
            settings.add("--shopbridge.crms." + crm + ".time-zone=UTC");
        }
        shopbridge = RunningShopbridge.with(settings.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
        proxy.close();
        pipedrive.close();
    }

    @Test
    void oneDealMoreThanThePlanAllowsIsRejectedAndEverythingElseGoesOn() {
        pipedrive.limitOpenDeals(1);
        order(5001, 0, "'financial_status': 'pending', " + buyer());
        shopbridge.awaitIdle();
        order(5002, 0, "'financial_status': 'pending', " + buyer());
        shopbridge.awaitIdle();
        order(5003, 0, "" + buyer());
        shopbridge.awaitIdle();
        pipedrive.limitOpenDeals(Integer.MAX_VALUE);
        assertThat(pipedrive.records("deals")).hasSize(2);
        assertThat(shopbridge.operator("GET", "/api/v1/rejected").path("items")).singleElement().satisfies(one ->
                assertThat(one.path("errors").toString()).contains("Open deals limit reached"));
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void whateverTheOtherTestsMadeUsAskIsAsPipedriveDescribesIt() {
        Optional<List<String>> breaches = PipedriveContract.breaches(proxy.requests());
        assumeTrue(breaches.isPresent(), "Pipedrive's description of its API is not at hand");
        assertThat(proxy.requests()).hasSizeGreaterThan(100);
        assertThat(breaches.orElseThrow()).isEmpty();
    }

    @BeforeEach
    void reset() {
        pipedrive.faults().clear();
        shopbridge.reset();
        pipedrive.clear();
    }

    // What there is at the end

    @Test
    void aCustomerIsAPersonWithOurKeyInACustomField() {
        customer(7001, 0, "'email': 'Ada@Example.com', 'first_name': 'Ada', 'last_name': 'Lovelace', 'phone': '" + PHONE
                + "', 'tags': 'vip, uk', 'email_marketing_consent': {'state': 'subscribed', 'consent_updated_at': "
                + time(0) + "}");
        shopbridge.awaitIdle();
        ObjectNode person = only("persons");
        assertThat(person.path("name").asText()).isEqualTo("Ada Lovelace");
        assertThat(person.at("/emails/0/value").asText()).isEqualTo("ada@example.com");
        assertThat(person.at("/phones/0/value").asText()).isEqualTo(PHONE);
        assertThat(custom("persons", person, "Shopify customer key").asText()).isEqualTo("sales:7001");
        assertThat(custom("persons", person, "Shopify tags").asText()).isEqualTo("uk, vip");
        assertThat(custom("persons", person, "Shopify orders count").isIntegralNumber()).isTrue();
        assertThat(custom("persons", person, "Shopify email consent").asText()).isEqualTo("subscribed");
        assertThat(person.path("marketing_status").asText()).isEqualTo("no_consent");
    }

    /** Its key is cached, so Pipedrive is the one that says so. */
    @Test
    void aFieldThatAUserDeletedCostsItsValueOnly() {
        customer(7001, 0, "'email': 'ada@example.com', 'first_name': 'Ada', 'tags': 'vip'");
        shopbridge.awaitIdle();
        pipedrive.deleteField("persons", pipedriveKey("persons", "Shopify tags"));
        customer(7001, 1, "'email': 'ada@example.com', 'first_name': 'Ada', 'tags': 'uk', 'note': 'calls back'");
        shopbridge.awaitIdle();
        pipedrive.defineField("persons", "varchar", "Shopify tags");
        assertThat(custom("persons", only("persons"), "Shopify note").asText()).isEqualTo("calls back");
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
        assertThat(shopbridge.jdbc().queryForList("SELECT because FROM left_out", String.class)).singleElement().satisfies(
                because -> assertThat(because).contains("without shopify_tags: ", "Unknown key"));
    }

    @Test
    void anOrderIsADealWithProductsOfItsPersonAndOrganization() {
        company();
        order(5001, 0, buyer() + ", 'company': {'id': 31, 'location_id': 32}");
        shopbridge.awaitIdle();
        ObjectNode deal = only("deals");
        assertThat(deal.path("title").asText()).isEqualTo("Shopify order #1");
        assertThat(deal.path("status").asText()).isEqualTo("won");
        assertThat(deal.path("currency").asText()).isEqualTo("EUR");
        assertThat(deal.path("person_id").asText()).isEqualTo(only("persons").path("id").asText());
        assertThat(deal.path("org_id").asText()).isEqualTo(only("organizations").path("id").asText());
        assertThat(custom("deals", deal, "Shopify net total").decimalValue()).isEqualByComparingTo("20.00");
        assertThat(deal.path("value").decimalValue()).isEqualByComparingTo("20");
        assertThat(pipedrive.records("products")).extracting(one -> one.path("name").asText())
                .containsExactlyInAnyOrder("Mug", "Shirt");
        assertThat(lines()).containsExactlyInAnyOrder("Mug 2 x 5 sales:1", "Shirt 1 x 10 sales:2");
    }

    @Test
    void anAddressThatShopifyNoLongerHasIsEmptied() {
        companyAt(0, "{'name': 'Ottawa', 'billing_address': {'address1': '12 Weaver Street', 'city': 'Ottawa'}}");
        shopbridge.awaitIdle();
        assertThat(only("organizations").at("/address/value").asText()).isEqualTo("12 Weaver Street, Ottawa");
        companyAt(5, "{'name': 'Ottawa', 'billing_address': null}");
        shopbridge.awaitIdle();
        assertThat(only("organizations").path("address").isNull()).isTrue();
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void ordersOfOneProductShareIt() {
        together(() -> {
            order(5001, 0, buyer());
            order(5002, 0, buyer() + ", 'line_items': [{'id': 3, 'variant_id': 91, 'name': 'Mug', 'price': '5.00',"
                    + " 'quantity': 1, 'current_quantity': 1}]");
        });
        shopbridge.awaitIdle();
        assertThat(pipedrive.records("deals")).hasSize(2);
        assertThat(pipedrive.records("products")).hasSize(2);
        assertThat(lines()).hasSize(3);
    }

    @Test
    void anEditTakesLinesOffAndAddsOthersAndRepeatsNone() {
        order(5001, 0, buyer());
        shopbridge.awaitIdle();
        order(5001, 1, buyer() + ", 'line_items': ["
                + "{'id': 1, 'variant_id': 91, 'name': 'Mug', 'price': '5.00', 'quantity': 2, 'current_quantity': 0},"
                + "{'id': 2, 'variant_id': 92, 'name': 'Shirt', 'price': '10.00', 'quantity': 3, 'current_quantity': 3},"
                + "{'id': 3, 'variant_id': 93, 'name': 'Lamp', 'price': '7.00', 'quantity': 1, 'current_quantity': 1}]");
        shopbridge.awaitIdle();
        assertThat(lines()).containsExactlyInAnyOrder("Shirt 3 x 10 sales:2", "Lamp 1 x 7 sales:3");
    }

    @Test
    void anUnsubscribeMovesTheMarketingStatusAndALaterConsentDoesNot() {
        customer(7001, 0, "'email': 'ada@example.com'");
        consent("subscribed", 1);
        shopbridge.awaitIdle();
        consent("unsubscribed", 2);
        shopbridge.awaitIdle();
        assertThat(only("persons").path("marketing_status").asText()).isEqualTo("unsubscribed");
        consent("subscribed", 3);
        shopbridge.awaitIdle();
        assertThat(only("persons").path("marketing_status").asText()).isEqualTo("unsubscribed");
        assertThat(custom("persons", only("persons"), "Shopify email consent").asText()).isEqualTo("subscribed");
        assertThat(bodies("marketing_status")).allMatch(body -> body.contains("\"marketing_status\":\"unsubscribed\""));
    }

    @Test
    void anOrderCanBeATaskThatIsDone() {
        shopbridge.postTo("tasks", "tasks.myshopify.com", "orders/updated", text(orderBody(5001, 0, buyer())));
        shopbridge.awaitIdle();
        ObjectNode task = only("activities");
        assertThat(task.path("done").asBoolean()).isTrue();
        assertThat(task.path("note").asText()).contains("2 x Mug").endsWith("<p>tasks:5001</p>");
        assertThat(task.at("/participants/0/person_id").asText()).isEqualTo(only("persons").path("id").asText());
        assertThat(pipedrive.records("deals")).isEmpty();
    }

    @Test
    void aDraftOrderIsADealWhereThatIsSwitchedOn() {
        shopbridge.postTo("tasks", "tasks.myshopify.com", "draft_orders/create", json("{'id': 51, 'name': '#D1',"
                + " 'status': 'open', 'currency': 'EUR', 'total_price': '430.00', 'invoice_url': 'https://example.com/1',"
                + " 'created_at': " + time(0) + ", 'updated_at': " + time(0) + ", 'line_items': [{'id': 511,"
                + " 'name': 'Mug', 'quantity': 10, 'price': '43.00'}], " + buyer() + "}"));
        shopbridge.awaitIdle();
        ObjectNode deal = only("deals");
        assertThat(deal.path("status").asText()).isEqualTo("open");
        assertThat(deal.path("value").decimalValue()).isEqualByComparingTo("430");
        assertThat(deal.path("person_id").asText()).isEqualTo(only("persons").path("id").asText());
        assertThat(custom("deals", deal, "Shopify items").asText()).isEqualTo("10 x Mug");
    }

    @Test
    void aWalkInOrderIsADealWithoutAPersonAndNotATask() {
        order(5001, 0, "'source_name': 'pos'");
        shopbridge.postTo("tasks", "tasks.myshopify.com", "orders/updated",
                text(orderBody(5001, 0, "'source_name': 'pos'")));
        shopbridge.awaitIdle();
        assertThat(only("deals").hasNonNull("person_id")).isFalse();
        assertThat(pipedrive.records("activities")).isEmpty();
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE crm = 'pipedrive-tasks' AND entity = 'order'"
                + " AND outcome = 'skipped'")).isEqualTo(1);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    // Who is it?

    @Test
    void aPersonWithThatEmailAmongOthersIsAdoptedAndKeepsThem() {
        String id = has("persons", "{'name': 'Countess', 'emails': [{'value': 'home@example.com', 'primary': true,"
                + " 'label': 'home'}, {'value': 'ADA@example.com', 'primary': false, 'label': 'work'}]}");
        letSearchFindIt();
        customer(7001, 0, "'email': 'ada@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        ObjectNode person = only("persons");
        assertThat(person.path("id").asText()).isEqualTo(id);
        assertThat(person.path("name").asText()).isEqualTo("Countess");
        customer(7001, 1, "'email': 'king@example.com', 'first_name': 'Ada', 'last_name': 'Lovelace'");
        shopbridge.awaitIdle();
        assertThat(only("persons").path("emails")).extracting(email -> email.path("value").asText()
                + (email.path("primary").asBoolean() ? "!" : ""))
                .containsExactly("king@example.com!", "home@example.com");
    }

    @Test
    void aPersonThatAUserDeletedIsMadeAnew() {
        customer(7001, 0, "'email': 'ada@example.com'");
        shopbridge.awaitIdle();
        String old = only("persons").path("id").asText();
        delete("persons", old);
        letSearchFindIt();
        customer(7001, 1, "'email': 'ada@example.com', 'tags': 'back'");
        awaitLookedUp();
        assertThat(only("persons").path("id").asText()).isNotEqualTo(old);
        assertThat(custom("persons", only("persons"), "Shopify tags").asText()).isEqualTo("back");
    }

    @Test
    void aDealThatAUserDeletedIsMadeAnewWithItsProducts() {
        order(5001, 0, buyer());
        shopbridge.awaitIdle();
        delete("deals", only("deals").path("id").asText());
        letSearchFindIt();
        order(5001, 1, buyer() + ", 'source_name': 'pos'");
        awaitLookedUp();
        assertThat(lines()).containsExactlyInAnyOrder("Mug 2 x 5 sales:1", "Shirt 1 x 10 sales:2");
        assertThat(pipedrive.records("products")).hasSize(2);
    }

    @Test
    void aDealThatAUserArchivedIsNotMadeAgainAndItsChangeIsRejectedAlone() {
        order(5001, 0, buyer());
        order(5002, 0, buyer());
        shopbridge.awaitIdle();
        ObjectNode first = pipedrive.records("deals").get(0);
        pipedrive.editAsUser("deals", first.path("id").asText(), shopbridge.object(json("{'is_archived': true}")));
        shopbridge.jdbc().update("DELETE FROM link WHERE crm = 'pipedrive' AND entity = 'order'");
        letSearchFindIt();
        order(5001, 1, buyer() + ", 'source_name': 'pos'");
        order(5002, 1, buyer() + ", 'source_name': 'pos'");
        awaitLookedUp();
        assertThat(pipedrive.records("deals")).hasSize(2);
        assertThat(shopbridge.operator("GET", "/api/v1/rejected").path("items")).singleElement().satisfies(one ->
                assertThat(one.path("errors").toString()).contains("Unarchive the deal in Pipedrive, then replay"));
        assertThat(paused("1 second")).isZero();
    }

    @Test
    void aNewOrderMakesAnewWhatAUserDeletedOfItsPersonOrganizationAndProducts() {
        company();
        order(5001, 0, buyer() + ", 'company': {'id': 31, 'location_id': 32}");
        shopbridge.awaitIdle();
        for (String object : List.of("persons", "organizations", "products")) {
            pipedrive.records(object).forEach(record -> delete(object, record.path("id").asText()));
        }
        letSearchFindIt();
        order(5002, 1, buyer() + ", 'company': {'id': 31, 'location_id': 32}");
        awaitLookedUp();
        assertThat(pipedrive.records("deals")).hasSize(2);
        ObjectNode deal = pipedrive.records("deals").get(1);
        assertThat(deal.path("person_id").asText()).isEqualTo(only("persons").path("id").asText());
        assertThat(deal.path("org_id").asText()).isEqualTo(only("organizations").path("id").asText());
        assertThat(custom("persons", only("persons"), "Shopify customer key").asText()).isEqualTo("sales:7001");
        assertThat(pipedrive.records("products")).extracting(one -> one.path("name").asText())
                .containsExactlyInAnyOrder("Mug", "Shirt");
        assertThat(pipedrive.records("deal_products")).filteredOn(line ->
                line.path("deal_id").equals(deal.path("id"))).hasSize(2);
        assertThat(shopbridge.operator("GET", "/api/v1/rejected").path("items")).isEmpty();
    }

    @Test
    void aTaskWaitsForThePersonThatIsMadeAnew() {
        shopbridge.postTo("tasks", "tasks.myshopify.com", "orders/updated", text(orderBody(5001, 0, buyer())));
        shopbridge.awaitIdle();
        delete("persons", only("persons").path("id").asText());
        letSearchFindIt();
        shopbridge.postTo("tasks", "tasks.myshopify.com", "orders/updated", text(orderBody(5002, 1, buyer())));
        awaitLookedUp();
        assertThat(shopbridge.operator("GET", "/api/v1/rejected").path("items")).isEmpty();
        assertThat(pipedrive.records("activities")).hasSize(2).last().satisfies(task ->
                assertThat(task.at("/participants/0/person_id").asText())
                        .isEqualTo(only("persons").path("id").asText()));
    }

    @Test
    void aRefusalThatIsAboutNothingDeletedForgetsNothing() {
        order(5001, 0, buyer());
        shopbridge.awaitIdle();
        order(5002, 1, buyer() + ", 'currency': 'Q1'");
        shopbridge.awaitSettled();
        assertThat(shopbridge.operator("GET", "/api/v1/rejected").path("items")).hasSize(1);
        assertThat(shopbridge.count("SELECT count(*) FROM link WHERE entity = 'customer'")).isEqualTo(1);
        only("persons");
    }

    @Test
    void allProductsOfADealAreSeenHoweverMany() {
        String product = has("products", "{'name': 'Mug'}");
        String deal = has("deals", "{'title': 'Wholesale'}");
        String line = "{'product_id': " + product + ", 'item_price': 1, 'quantity': 1}";
        for (int bulk = 0; bulk < 6; bulk++) {
            call("POST", "/api/v2/deals/" + deal + "/products/bulk", json("{'data': ["
                    + String.join(",", Collections.nCopies(100, line)) + "]}"));
        }
        assertThat(shopbridge.bean(CrmClient.class).call(CrmCall.children(shopbridge.bean(Crms.class).get("pipedrive"),
                "deal_products", deal, List.of()))).hasSize(600);
    }

    @Test
    void aMergeIsFollowed() {
        customer(7001, 0, "'email': 'ada@example.com'");
        customer(7002, 0, "'email': 'countess@example.com'");
        shopbridge.awaitIdle();
        String loser = person("sales:7001").path("id").asText();
        String winner = person("sales:7002").path("id").asText();
        pipedrive.merge("persons", loser, winner);
        letSearchFindIt();
        customer(7001, 1, "'email': 'ada@example.com', 'tags': 'merged'");
        awaitLookedUp();
        ObjectNode merged = only("persons");
        assertThat(merged.path("id").asText()).isEqualTo(winner);
        assertThat(custom("persons", merged, "Shopify tags").asText()).isEqualTo("merged");
        assertThat(merged.path("emails")).extracting(email -> email.path("value").asText())
                .containsExactlyInAnyOrder("ada@example.com", "countess@example.com");
    }

    // What goes wrong

    @Test
    void lostAnswersMakeNothingTwice() {
        for (int lost = 1; lost <= 5; lost++) {
            reset();
            pipedrive.faults().loseAnswers(lost);
            order(5001, 0, buyer());
            awaitLookedUp();
            assertThat(pipedrive.records("persons")).as("%d lost", lost).hasSize(1);
            assertThat(pipedrive.records("deals")).as("%d lost", lost).hasSize(1);
            assertThat(pipedrive.records("products")).as("%d lost", lost).hasSize(2);
            assertThat(lines()).as("%d lost", lost)
                    .containsExactlyInAnyOrder("Mug 2 x 5 sales:1", "Shirt 1 x 10 sales:2");
        }
    }

    @Test
    void aLostAnswerMakesNoTaskTwice() {
        pipedrive.faults().loseAnswers(2);
        shopbridge.postTo("tasks", "tasks.myshopify.com", "orders/updated", text(orderBody(5001, 0, buyer())));
        awaitLookedUp();
        only("persons");
        only("activities");
    }

    @Test
    void aBurstThatIsTooLongPausesAsLongAsPipedriveSays() {
        proxy.answerNext(429, Map.of("x-ratelimit-limit", "20", "x-ratelimit-remaining", "0", "x-ratelimit-reset", "2"),
                "{\"success\": false, \"error\": \"request over limit\"}");
        customer(7001, 0, "'email': 'ada@example.com'");
        await().until(() -> paused("2.5 seconds") == 0 && paused("0 seconds") == 1);
        shopbridge.awaitIdle();
        only("persons");
    }

    @Test
    void whenTheTokensOfTheDayAreSpentEverythingWaitsForTheNext() {
        proxy.answerNext(429, Map.of("x-daily-ratelimit-token-remaining", "0", "Retry-After", "1"),
                "{\"success\": false, \"error\": \"Daily API token budget is exhausted\"}");
        customer(7001, 0, "'email': 'ada@example.com'");
        await().until(() -> shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'pipedrive' AND until BETWEEN"
                + " date_trunc('day', now(), 'UTC') + interval '1 day'"
                + " AND date_trunc('day', now(), 'UTC') + interval '1 day 1 minute'") == 1);
        int calls = proxy.requests().size();
        customer(7002, 0, "'email': 'grace@example.com'");
        await().during(Duration.ofSeconds(1)).until(() -> proxy.requests().size() == calls);
        shopbridge.endThePause();
        shopbridge.awaitIdle();
        assertThat(pipedrive.records("persons")).hasSize(2);
    }

    @Test
    void anExpiredTokenPausesAndLosesNothing() {
        proxy.answerNext(401, Map.of(), "{\"success\": false, \"error\": \"unauthorized access\", \"errorCode\": 401}");
        customer(7001, 0, "'email': 'ada@example.com'");
        await().until(() -> paused("1 minute") == 1);
        shopbridge.endThePause();
        shopbridge.awaitIdle();
        only("persons");
    }

    @Test
    void whatPipedriveRefusesIsRejectedInItsWordsAndTheOthersArrive() {
        together(() -> {
            customer(7001, 0, "'email': 'ada@example.com', 'note': '" + "x".repeat(70_000) + "'");
            customer(7002, 0, "'email': 'grace@example.com'");
            // Nothing that we shorten ourselves: the source of a field of 255 characters
            order(5001, 0, buyer() + ", 'currency': 'Q1'");
        });
        shopbridge.awaitSettled();
        assertThat(pipedrive.records("persons")).hasSize(2);
        assertThat(shopbridge.operator("GET", "/api/v1/rejected").toString())
                .contains("currency").doesNotContain("Exception");
    }

    @Test
    void aRecordThatHasNotChangedCostsNoCall() {
        order(5001, 0, buyer());
        shopbridge.awaitIdle();
        int calls = proxy.requests().size();
        order(5001, 8, buyer());
        shopbridge.awaitIdle();
        assertThat(proxy.requests()).hasSize(calls);
    }

    private static ObjectNode only(String object) {
        List<ObjectNode> records = pipedrive.records(object);
        assertThat(records).as("%s in Pipedrive", object).hasSize(1);
        return records.get(0);
    }

    private static JsonNode custom(String object, ObjectNode record, String name) {
        // The same name gives the same key in every run.
        return record.path("custom_fields").path(pipedriveKey(object, name));
    }

    private static String pipedriveKey(String object, String name) {
        String path = Map.of("persons", "personFields", "organizations", "organizationFields", "deals", "dealFields",
                "products", "productFields").get(object);
        for (JsonNode field : call("GET", "/api/v2/" + path + "?limit=500", null).path("data")) {
            if (field.path("field_name").asText().equals(name)) {
                return field.path("field_code").asText();
            }
        }
        throw new AssertionError("no field " + name);
    }

    private static ObjectNode person(String key) {
        return pipedrive.records("persons").stream()
                .filter(person -> custom("persons", person, "Shopify customer key").asText().equals(key))
                .findFirst().orElseThrow();
    }

    /** Each as {@code Mug 2 x 5 sales:1}: name, quantity, price and our key. */
    private static List<String> lines() {
        return pipedrive.records("deal_products").stream().map(line -> line.path("name").asText() + " "
                + line.path("quantity").asInt() + " x " + line.path("item_price").asInt() + " "
                + line.path("comments").asText()).toList();
    }

    private static List<String> bodies(String containing) {
        return proxy.requests().stream().map(RecordingProxy.Recorded::body).filter(body -> body.contains(containing))
                .toList();
    }

    private static String has(String object, String body) {
        return call("POST", "/api/v2/" + object, json(body)).at("/data/id").asText();
    }

    private static void delete(String object, String id) {
        call("DELETE", "/api/v2/" + object + "/" + id, null);
    }

    private static JsonNode call(String method, String path, String body) {
        return shopbridge.object(shopbridge.send(HttpRequest.newBuilder(
                URI.create(pipedrive.baseUrl() + path)).header("x-api-token", Options.DEFAULT_TOKEN)
                .header("Content-Type", "application/json").method(method, body == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body)).build()).body());
    }

    /** The simulator's search index follows a little later. */
    private static void letSearchFindIt() {
        long since = System.nanoTime();
        await().until(() -> System.nanoTime() - since > SEARCH_LAG.plusMillis(50).toNanos());
    }

    private static long paused(String longerThan) {
        return shopbridge.count("SELECT count(*) FROM crm_pause WHERE crm = 'pipedrive' AND until > clock_timestamp()"
                + " + interval '" + longerThan + "'");
    }

    /** What may have been created without an answer waits until the search can tell, which is sooner here. */
    private static void awaitLookedUp() {
        AtomicLong before = new AtomicLong(-1);
        await().atMost(Duration.ofSeconds(90)).pollInterval(SEARCH_LAG.plusMillis(50)).until(() -> {
            boolean done = shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0
                    && shopbridge.count("SELECT count(*) FROM work") == 0;
            boolean rests = shopbridge.count("SELECT count(*) FROM work WHERE claimed_by IS NOT NULL") == 0;
            long calls = pipedrive.calls().values().stream().mapToLong(Long::longValue).sum();
            // Where nothing was written since the last look, the search finds all that was.
            if (calls == before.getAndSet(calls) && rests) {
                shopbridge.jdbc().update("UPDATE identity_claim SET claimed_at = claimed_at - interval '1 minute'");
                shopbridge.letTimePass();
            }
            return done;
        });
    }

    private static void together(Runnable events) {
        shopbridge.jdbc().update("INSERT INTO crm_pause VALUES ('pipedrive', clock_timestamp() + interval '1 hour',"
                + " 'a test')");
        events.run();
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);
        shopbridge.jdbc().update("DELETE FROM crm_pause");
    }

    private static void company() {
        post("companies/create", "{'id': 31, 'admin_graphql_api_id': 'gid://shopify/Company/31',"
                + " 'name': 'Analytical Engines Ltd', 'created_at': " + time(0) + ", 'updated_at': " + time(0) + "}");
    }

    private static void companyAt(int minute, String location) {
        post("company_locations/update", location.replaceFirst("\\{", "{'admin_graphql_api_id':"
                + " 'gid://shopify/CompanyLocation/32', 'updated_at': " + time(minute) + ", 'company':"
                + " {'id': 31, 'admin_graphql_api_id': 'gid://shopify/Company/31', 'name': 'Analytical Engines Ltd',"
                + " 'created_at': " + time(0) + ", 'updated_at': " + time(minute) + "}, "));
    }

    private static void customer(long id, int minute, String fields) {
        post("customers/update", "{'id': " + id + ", 'created_at': " + time(0) + ", 'updated_at': " + time(minute) + ", "
                + fields + "}");
    }

    private static void consent(String state, int minute) {
        post("customers_email_marketing_consent/update", "{'customer_id': 7001, 'email_marketing_consent': {'state': '"
                + state + "', 'consent_updated_at': " + time(minute) + "}}");
    }

    private static String buyer() {
        return "'customer': {'id': 7001, 'email': 'ada@example.com', 'first_name': 'Ada', 'created_at': " + time(0)
                + ", 'updated_at': " + time(0) + "}";
    }

    private static void order(long id, int minute, String fields) {
        post("orders/updated", orderBody(id, minute, fields).toString());
    }

    private static ObjectNode orderBody(long id, int minute, String fields) {
        ObjectNode order = shopbridge.object(json("{'id': " + id + ", 'name': '#1', 'currency': 'EUR', 'total_price':"
                + " '20.00', 'current_total_price': '20.00', 'financial_status': 'paid', 'created_at': " + time(0)
                + ", 'updated_at': " + time(minute) + ", 'line_items': ["
                + "{'id': 1, 'variant_id': 91, 'name': 'Mug', 'price': '5.00', 'quantity': 2, 'current_quantity': 2},"
                + "{'id': 2, 'variant_id': 92, 'name': 'Shirt', 'price': '10.00', 'quantity': 1, 'current_quantity': 1}]}"));
        order.setAll(shopbridge.object(json("{" + fields + "}")));
        return order;
    }

    private static String text(ObjectNode body) {
        return body.toString();
    }

    private static void post(String topic, String body) {
        assertThat(shopbridge.postTo(STORE, DOMAIN, topic, json(body))).isEqualTo(200);
    }

    private static String time(int minute) {
        return "'2026-11-01T10:%02d:00Z'".formatted(minute);
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
