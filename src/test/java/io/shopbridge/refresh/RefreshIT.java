package io.shopbridge.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.inbox.Inbox;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records of which webhooks brought a part, and whose rest the simulated shop's Admin API is asked for. */
class RefreshIT {

    private static final Instant START = Instant.now().minus(Duration.ofMinutes(50)).truncatedTo(ChronoUnit.SECONDS);
    private static final int EVENTS = 120;
    private static final String NEVER = "0 0 0 1 1 ? 2099";

    /** A port that the API of each test's own shop takes in turn. */
    private static int port;
    private static RunningShopbridge shopbridge;
    private ShopModel model;
    private SimulatedAdminApi shop;

    @BeforeAll
    static void start() {
        SimulatedAdminApi first = SimulatedAdminApi.start(0, AdminOptions.defaults(), aShop());
        port = first.port();
        first.close();
        // Only when a test says so.
        shopbridge = RunningShopbridge.with("--shopbridge.stores.main.admin.url=http://localhost:" + port,
                "--shopbridge.stores.main.admin.access-token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.stores.main.polls.order=" + NEVER, "--shopbridge.stores.main.polls.customer=" + NEVER,
                "--shopbridge.stores.main.polls.company=" + NEVER, "--shopbridge.stores.main.polls.checkout=" + NEVER);
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
    }

    @BeforeEach
    void forget() {
        shopbridge.reset();
        model = aShop();
    }

    @AfterEach
    void closeTheShop() {
        shop.close();
    }

    /** A day on which nobody is deleted, orders are refunded, and customers without a tag subscribed. */
    private static ShopModel aShop() {
        long seed = LongStream.iterate(3, next -> next + 1).filter(next -> {
            List<String> topics = ShopModel.stepping(next, START, Duration.ofSeconds(3)).events(EVENTS).stream()
                    .map(event -> event.topic()).toList();
            return topics.contains("refunds/create") && topics.contains("customers_email_marketing_consent/update")
                    && topics.stream().noneMatch(topic -> topic.matches(".*/(delete|merge)"));
        }).findFirst().orElseThrow();
        return ShopModel.stepping(seed, START, Duration.ofSeconds(3));
    }

    @Test
    void aCustomerFirstSeenThroughAnOrderGetsTagsAndConsent() {
        open(AdminOptions.defaults());
        ordersComeAlone();
        assertThat(contacts()).isNotEmpty().allSatisfy((key, contact) -> {
            assertThat(contact.path("tags")).as(key).isEmpty();
            assertThat(contact.hasNonNull("email_consent")).as(key).isFalse();
        });

        refresh();

        TreeMap<String, JsonNode> contacts = contacts();
        assertThat(facets("tags")).isEqualTo(contacts.size());
        assertThat(contacts.values()).as("tags").anySatisfy(contact -> assertThat(contact.path("tags")).isNotEmpty());
        assertThat(contacts.values()).as("consent").anySatisfy(contact ->
                assertThat(contact.path("email_consent").asText()).isEqualTo("subscribed"));
        assertThat(waiting("tags-and-consents").path("asking").asLong()).isZero();
        assertThat(events("api/customer")).isEqualTo(contacts.size());

        long calls = calls();
        due();
        shopbridge.runJobs("refresh");
        assertThat(calls()).as("of customers nothing is missing").isEqualTo(calls + 1);
    }

    @Test
    void whatAPollBroughtMeanwhileIsNotAskedFor() {
        open(AdminOptions.defaults().withJourneyDelay(Duration.ZERO));
        ordersComeAlone();
        shopbridge.runJobs("poll");
        shopbridge.settle();
        double asked = records("asked", "customer");

        due();
        shopbridge.runJobs("refresh");

        assertThat(records("asked", "customer")).isEqualTo(asked);
        // A cancelled order is refunded, and this shop has no refund of it.
        assertThat(count("refresh WHERE rule <> 'refunds'")).isZero();
    }

    @Test
    void aFirstVisitIsAskedForUntilShopifyHasIt() {
        open(AdminOptions.defaults().withJourneyDelay(Duration.ofMinutes(1)));
        int orders = ordersComeAlone();
        refresh();
        long early = facets("first_visit");
        assertThat(early).as("some orders are older than a minute, others not").isBetween(1L, orders - 1L);
        assertThat(waiting("first-visit").path("asking").asLong()).isEqualTo(orders - early);
        assertThat(waiting("first-visit").path("due").asLong()).as("they wait another hour").isZero();

        model.pass(2 * EVENTS);
        refresh();

        assertThat(facets("first_visit")).isEqualTo(orders);
        assertThat(waiting("first-visit").path("asking").asLong()).isZero();
        assertThat(shopbridge.hubspot.records("orders").stream().filter(order -> order.path("properties")
                .has("shopify_first_visit_page")).count()).isEqualTo(orders);
    }

    @Test
    void aFirstVisitThatNeverComesIsGivenUpAndNotAskedForByTheNextWebhook() {
        open(AdminOptions.defaults().withJourneyDelay(Duration.ofDays(99)));
        int orders = ordersComeAlone();
        for (int i = 0; i < 3; i++) {
            refresh();
        }

        assertThat(waiting("first-visit").path("given_up").asLong()).isEqualTo(orders);
        assertThat(records("given-up", "order")).isGreaterThanOrEqualTo(orders);
        long calls = calls();
        shop.records("orders").forEach(order -> shopbridge.post("orders/updated",
                order.put("note", "changed").put("updated_at", Instant.now().toString())));
        shopbridge.settle();
        due();
        shopbridge.runJobs("refresh");
        assertThat(calls()).isEqualTo(calls);
    }

    @Test
    void refundsWhoseWebhookWasLostAreFetched() {
        open(AdminOptions.defaults());
        model.events(EVENTS);
        ObjectNode refunded = shop.records("orders").stream().filter(order -> !order.path("refunds").isEmpty()
                && order.path("financial_status").asText().endsWith("refunded")).findFirst().orElseThrow();
        shopbridge.post("orders/updated", (ObjectNode) refunded.deepCopy().without("refunds"));
        shopbridge.settle();
        assertThat(facets("refund:")).isZero();

        refresh();

        assertThat(facets("refund:")).isEqualTo(refunded.path("refunds").size());
        JsonNode order = shopbridge.crmOne("orders", "main:" + refunded.path("id").asText());
        assertThat(new BigDecimal(order.at("/fields/refunded").asText())).isPositive();
    }

    /** Such as one that was there before Shopbridge: no webhook tells of it. */
    @Test
    void aCompanyThatOnlyOrdersNameIsFetchedAndIsThatOfTheOrders() {
        model = aShop().withCartsAndCompanies();
        open(AdminOptions.defaults());
        model.events(3 * EVENTS);
        List<ObjectNode> orders = shop.records("orders").stream().filter(order -> order.at("/company/id").isValueNode()
                && !order.at("/company/id").isNull()).toList();
        assertThat(orders).isNotEmpty();
        orders.forEach(order -> shopbridge.post("orders/create", order));
        shopbridge.settle();
        assertThat(shopbridge.crmOne.records("companies")).isEmpty();

        refresh();

        long companies = orders.stream().map(order -> order.at("/company/id").asText()).distinct().count();
        assertThat(shopbridge.crmOne.records("companies")).hasSize((int) companies);
        assertThat(shopbridge.crmOne.records("orders")).allSatisfy(order ->
                assertThat(order.at("/fields/company_id").isTextual()).isTrue());
        assertThat(waiting("companies").path("asking").asLong()).isZero();
    }

    @Test
    void withoutTheScopeTheyWaitAndAnOperatorSeesWhy() {
        open(AdminOptions.defaults().without("read_customers"));
        ordersComeAlone();
        long customers = waiting("tags-and-consents").path("asking").asLong();
        assertThat(customers).isPositive();
        refresh();

        assertThat(waiting("tags-and-consents").path("because").asText()).contains("read_customers");
        assertThat(waiting("tags-and-consents").path("asking").asLong()).as("kept").isEqualTo(customers);
        assertThat(waiting("tags-and-consents").path("due").asLong()).as("later").isZero();

        shop.grant(AdminOptions.defaults().scopes().toArray(String[]::new));
        refresh();
        assertThat(waiting("tags-and-consents").path("asking").asLong()).isZero();
        assertThat(facets("tags")).isEqualTo(customers);
    }

    /** What a backfill lets be asked for goes to the CRMs as the backfill does: after what happens today. */
    @Test
    void whatABackfillLetsBeAskedForIsHistory() {
        open(AdminOptions.defaults());
        ordersComeAlone();
        shopbridge.jdbc().update("UPDATE refresh SET later = true");
        String today = shopbridge.jdbc().queryForObject("SELECT min(record_id) FROM refresh WHERE entity = 'customer'",
                String.class);
        ObjectNode order = shop.records("orders").stream().filter(one -> one.at("/customer/id").asText().equals(today))
                .findFirst().orElseThrow();
        shopbridge.post("orders/updated", (ObjectNode) order.put("updated_at", Instant.now().toString())
                .set("customer", ((ObjectNode) order.get("customer")).put("first_name", "Changed")
                        .put("updated_at", Instant.now().toString())));
        shopbridge.settle();
        assertThat(count("refresh WHERE entity = 'customer' AND NOT later")).as("today wants it too").isEqualTo(1);
        long customers = count("refresh WHERE entity = 'customer'");

        refresh();

        assertThat(events("api/customer")).isEqualTo(1);
        assertThat(events("backfill/customer")).isEqualTo(customers - 1);
        assertThat(facets("tags")).isEqualTo(customers);
    }

    /** Which may also be one that the app may not read, so its mirror stays. */
    @Test
    void aRecordThatShopifyDoesNotGiveIsAskedForOnce() {
        open(AdminOptions.defaults());
        model.events(EVENTS);
        ObjectNode order = shop.records("orders").stream().filter(one -> one.path("customer").has("id")).findFirst()
                .orElseThrow();
        shopbridge.post("orders/create", order.toString().replace(order.at("/customer/id").asText(), "990011223344"));
        shopbridge.settle();
        refresh();

        assertThat(count("refresh WHERE record_id = '990011223344'")).isZero();
        assertThat(records("gone", "customer")).isPositive();
        assertThat(count("mirror_facet WHERE record_id = '990011223344' AND facet = 'profile'")).isEqualTo(1);
        assertThat(count("mirror_facet WHERE record_id = '990011223344' AND facet = 'deleted'")).isZero();
    }

    /** A process may end at any of these moments; the next run asks again, and nothing is told twice. */
    @Test
    void aRunThatWasCutOffIsDoneAgain() {
        open(AdminOptions.defaults());
        ordersComeAlone();
        due();
        Refreshing refreshing = shopbridge.bean(Refreshing.class);
        Request cut = refreshing.ask(refreshing.begin("main", "customer"));
        assertThat(cut.events()).hasSizeGreaterThan(1);
        assertThat(cut.toString()).doesNotContain("@");
        cut.events().subList(0, cut.events().size() / 2).forEach(shopbridge.bean(Inbox.class)::keep);

        refresh();

        assertThat(events("api/customer")).isEqualTo(cut.events().size());
        assertThat(waiting("tags-and-consents").path("asking").asLong()).isZero();
    }

    @Test
    void ofAStoreWithoutAccessNothingIsNoted() {
        open(AdminOptions.defaults());
        model.events(EVENTS);
        shop.records("orders").forEach(order -> shopbridge.postTo(RunningShopbridge.OUTLET,
                RunningShopbridge.OUTLET_DOMAIN, "orders/create", order.toString()));
        shopbridge.settle();
        assertThat(count("mirror_facet")).isPositive();
        assertThat(count("refresh")).isZero();
    }

    /** Every order of the shop by its first webhook, and nothing else; how many they are. */
    private int ordersComeAlone() {
        model.events(EVENTS);
        List<ObjectNode> orders = shop.records("orders");
        orders.forEach(order -> assertThat(shopbridge.post("orders/create", order)).isEqualTo(200));
        shopbridge.settle();
        return orders.size();
    }

    private void refresh() {
        due();
        shopbridge.runJobs("refresh");
        shopbridge.settle();
    }

    /** As if the time of all of them had come. */
    private static void due() {
        shopbridge.jdbc().update("UPDATE refresh SET due_at = clock_timestamp() - interval '1 second'");
    }

    private static JsonNode waiting(String rule) {
        return StreamSupport.stream(shopbridge.operator("GET", "/api/v1/refreshes").spliterator(), false)
                .filter(one -> one.path("rule").asText().equals(rule)).findFirst()
                .orElseGet(JsonNodeFactory.instance::objectNode);
    }

    /** Of CRM One, without guests, who have no key there. */
    private static TreeMap<String, JsonNode> contacts() {
        TreeMap<String, JsonNode> contacts = new TreeMap<>();
        shopbridge.crmOne.records("contacts").stream().map(contact -> contact.path("fields"))
                .filter(contact -> contact.hasNonNull("external_id"))
                .forEach(contact -> contacts.put(contact.path("external_id").asText(), contact));
        return contacts;
    }

    private static long facets(String name) {
        return count("mirror_facet WHERE starts_with(facet, '" + name + "')");
    }

    private static long events(String topic) {
        return count("inbox WHERE topic = '" + topic + "'");
    }

    private static long count(String of) {
        return shopbridge.count("SELECT count(*) FROM " + of);
    }

    private static double records(String what, String entity) {
        return shopbridge.bean(MeterRegistry.class).find("shopbridge.refresh.records").tags("what", what, "entity",
                entity).counters().stream().mapToDouble(Counter::count).sum();
    }

    private long calls() {
        return shop.calls().values().stream().mapToLong(Long::longValue).sum();
    }

    private void open(AdminOptions options) {
        shop = SimulatedAdminApi.start(port, options, model);
        shopbridge.askAnotherShop();
    }
}
