package io.shopbridge.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.CrmRecords;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.inbox.Event;
import io.shopbridge.inbox.Inbox;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.Mishaps;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import io.shopbridge.store.RecordKey;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Polls of the simulated shop's Admin API, beside its webhooks and without them. */
class DeltaPollIT {

    /** Within the hour that a first poll looks back, of which this class takes some minutes. */
    private static final Instant START = Instant.now().minus(Duration.ofMinutes(30)).truncatedTo(ChronoUnit.SECONDS);
    private static final int EVENTS = 120;
    /** {@code -Dpolls.seeds=20} plays twenty shops. */
    private static final int SEEDS = Integer.getInteger("polls.seeds", 3);

    /** A port that the API of each test's own shop takes in turn. */
    private static int port;
    private static RunningShopbridge shopbridge;
    private SimulatedAdminApi shop;

    @BeforeAll
    static void start() {
        SimulatedAdminApi first = SimulatedAdminApi.start(0, AdminOptions.defaults(), model(1, START));
        port = first.port();
        first.close();
        shopbridge = RunningShopbridge.with("--shopbridge.stores.main.admin.url=http://localhost:" + port,
                "--shopbridge.stores.main.admin.client-id=app", "--shopbridge.stores.main.admin.client-secret=sandbox-secret",
                // Only when a test says so.
                "--shopbridge.stores.main.polls.order=0 0 0 1 1 ? 2099",
                "--shopbridge.stores.main.polls.customer=0 0 0 1 1 ? 2099",
                "--shopbridge.stores.main.polls.company=0 0 0 1 1 ? 2099",
                "--shopbridge.stores.main.polls.checkout=0 0 0 1 1 ? 2099");
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
    }

    @AfterEach
    void closeTheShop() {
        if (shop != null) {
            shop.close();
        }
    }

    /** Days of a shop in which nothing is deleted: only a webhook tells of that. */
    static LongStream seeds() {
        return LongStream.iterate(3, seed -> seed + 1).filter(seed -> model(seed, START).events(EVENTS).stream()
                .noneMatch(event -> event.topic().matches(".*/(delete|merge)"))).limit(SEEDS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverBecomesOfTheWebhooksTheCrmsEqualTheShopAfterThePoll(long seed) {
        TreeMap<String, String> expected = afterWebhooks(seed, START, events -> events);

        assertThat(CrmRecords.differences(expected, afterWebhooks(seed, START, new Mishaps(5, 10, 5, seed)::of)))
                .as("5 % lost, 10 % late, 5 % doubled").isEmpty();
        assertThat(CrmRecords.differences(expected, afterWebhooks(seed, START, events -> List.of())))
                .as("no webhooks at all").isEmpty();
    }

    @Test
    void cartsAndCompaniesComeByPollsAsTheyComeByWebhooks() {
        long seed = LongStream.iterate(1, next -> next + 1).filter(next -> model(next, START).withCartsAndCompanies()
                .events(EVENTS).stream().noneMatch(event -> event.topic().matches(".*/(delete|merge)"))).findFirst()
                .orElseThrow();
        shopbridge.reset();
        ShopModel model = model(seed, START).withCartsAndCompanies();
        model.events(EVENTS).forEach(event -> assertThat(shopbridge.post(event)).isEqualTo(200));
        shopbridge.settle();
        List<String> expected = cartsAndCompanies();
        assertThat(expected).hasSizeGreaterThan(3);

        shopbridge.reset();
        open(model, AdminOptions.defaults());
        shopbridge.runJobs("poll");
        shopbridge.settle();
        assertThat(cartsAndCompanies()).isEqualTo(expected);

        model(seed, START).withCartsAndCompanies().events(EVENTS).forEach(shopbridge::post);
        shopbridge.settle();
        assertThat(cartsAndCompanies()).as("no second cart of a checkout").isEqualTo(expected);
    }

    /** Of what has no topic of its own, a poll brings the end too: it has all metafields of a company. */
    @Test
    void aParentWhoseMetafieldIsRemovedIsTakenAwayByThePoll() {
        shopbridge.reset();
        ShopModel model = model(1, START).withCartsAndCompanies();
        model.events(3 * EVENTS);
        open(model, AdminOptions.defaults().withJourneyDelay(Duration.ZERO));
        List<ObjectNode> companies = shop.records("companies");
        String parent = companies.get(1).path("admin_graphql_api_id").asText();
        ObjectNode child = companies.get(0);
        shopbridge.post("companies/update", companies.get(1));
        ObjectNode under = child.deepCopy();
        under.putArray("metafields").addObject().put("namespace", "custom").put("key", "parent_company")
                .put("value", parent);
        // Then, by the shop's clock, which the API's answers have too.
        Instant then = OffsetDateTime.parse(under.path("updated_at").asText()).toInstant();
        shopbridge.post(new ShopEvent("companies/update", "under", "under", then,
                under.toString().getBytes(StandardCharsets.UTF_8)));
        shopbridge.settle();
        assertThat(parentOf(child)).isEqualTo(hubspotId(companies.get(1)));

        shopbridge.runJobs("poll");
        shopbridge.settle();
        assertThat(parentOf(child)).isNull();
    }

    /** A poll lists all roles, also of more locations than a query asks for at once: what it has not is over. */
    @Test
    void aRoleWhoseRevocationIsLostIsOverWithThePoll() {
        shopbridge.reset();
        ShopModel model = model(1, START);
        largeOrder(model).forEach(shopbridge::post);
        model.giveRoles();
        String buyer = roleEvents(model).peek(shopbridge::post).map(event -> shopbridge.object(new String(event.body(),
                StandardCharsets.UTF_8)).at("/company_contact/customer_admin_graphql_api_id").asText())
                .distinct().collect(Collectors.joining());
        shopbridge.settle();
        List<String> given = roles(buyer);
        assertThat(given).hasSize(25).allMatch(role -> role.endsWith("Ordering only"));
        open(model, AdminOptions.defaults().withJourneyDelay(Duration.ZERO).withPoints(100_000, 10_000));
        shopbridge.runJobs("poll");
        shopbridge.settle();
        assertThat(roles(buyer)).as("as the webhooks say").isEqualTo(given);

        model.revokeRole();
        shopbridge.runJobs("poll");
        shopbridge.settle();
        List<String> left = roles(buyer);
        assertThat(left).hasSize(24).isSubsetOf(given);

        shopbridge.reset();
        shopbridge.runJobs("poll");
        shopbridge.settle();
        assertThat(roles(buyer)).as("without webhooks").isEqualTo(left);
    }

    /** An answer that names no customer, and is not denied, says that there is none. */
    @Test
    void anOrderWhoseCustomerIsTakenOffIsNotTheirsAfterThePoll() {
        shopbridge.reset();
        ShopModel model = model(1, START).withCartsAndCompanies();
        model.events(30).forEach(shopbridge::post);
        model.largeOrder(2, 1).forEach(shopbridge::post);
        shopbridge.settle();
        String order = lastOrder(model);
        String buyer = shopbridge.crmOne("orders", "main:" + order).at("/fields/contact_id").asText();
        assertThat(buyer).isNotEmpty();
        assertThat(ordersOf(buyer)).isPositive();

        String customer = String.valueOf(model.removeCustomerOfLastOrder());
        open(model, AdminOptions.defaults().withJourneyDelay(Duration.ZERO));
        int before = ordersOf(buyer);
        shopbridge.runJobs("poll");
        shopbridge.settle();
        assertThat(shopbridge.crmOne("orders", "main:" + order).at("/fields/contact_id").asText()).isNotEqualTo(buyer);
        assertThat(shopbridge.count("SELECT count(*) FROM order_figures WHERE order_id = ? AND contact = ?", order,
                customer)).isZero();
        assertThat(ordersOf(buyer)).isEqualTo(before - 1);
    }

    private static int ordersOf(String contact) {
        return shopbridge.crmOne.records("contacts").stream().filter(one -> one.path("id").asText().equals(contact))
                .map(one -> one.at("/fields/orders_count").asInt()).findFirst().orElseThrow();
    }

    /** It is no change of the customer. What a webhook says of the last minute stays: an answer may not know it yet. */
    @Test
    void aRoleThatIsNoMoreIsOverAlsoIfItWasGivenAfterTheCustomersLastChange() {
        shopbridge.reset();
        ShopModel model = model(1, START);
        largeOrder(model).forEach(shopbridge::post);
        open(model, AdminOptions.defaults().withJourneyDelay(Duration.ZERO).withPoints(100_000, 10_000));
        ShopModel twin = model(1, START);
        largeOrder(twin);
        twin.giveRoles();
        List<ShopEvent> given = roleEvents(twin).toList();
        give(given.get(0), Instant.now().minus(Duration.ofMinutes(3)));
        // So far ahead that it is younger than the answer however slow the machine is, and still a time that is believed.
        give(given.get(1), Instant.now().plus(Duration.ofMinutes(4)));
        shopbridge.settle();
        String buyer = shopbridge.object(new String(given.get(0).body(), StandardCharsets.UTF_8))
                .at("/company_contact/customer_admin_graphql_api_id").asText();
        List<String> roles = roles(buyer);
        assertThat(roles).hasSize(2);

        shopbridge.runJobs("poll");
        shopbridge.settle();
        assertThat(roles(buyer)).hasSize(1).isSubsetOf(roles);
        String kept = shopbridge.object(new String(given.get(1).body(), StandardCharsets.UTF_8))
                .at("/company_location/name").asText();
        assertThat(roles(buyer).get(0)).startsWith(kept);

        shopbridge.bean(Watermarks.class).readAgain("main", "customer", START);
        long events = shopbridge.count("SELECT count(*) FROM inbox");
        shopbridge.runJobs("poll");
        assertThat(shopbridge.count("SELECT count(*) FROM inbox")).as("the same again is no news").isEqualTo(events);
    }

    private static void give(ShopEvent role, Instant at) {
        assertThat(shopbridge.post(new ShopEvent(role.topic(), role.webhookId(), role.eventId(), at, role.body())))
                .isEqualTo(200);
    }

    private static Stream<ShopEvent> roleEvents(ShopModel model) {
        return eventsOf(model, "company_contact_roles/assign");
    }

    private static Stream<ShopEvent> eventsOf(ShopModel model, String topic) {
        return model.events(EVENTS).stream().filter(event -> event.topic().equals(topic));
    }

    @Test
    void theRiskOfAnOrderIsTheSameByPollsAndByWebhooks() {
        shopbridge.reset();
        ShopModel model = model(3, START);
        model.events(EVENTS).forEach(shopbridge::post);
        model.assessRisk("low", "high");
        shopbridge.settle();
        eventsOf(model, "orders/risk_assessment_changed").forEach(shopbridge::post);
        shopbridge.settle();
        List<String> told = risks();
        assertThat(told).hasSize(2);
        assertThat(shopbridge.crmOne.records("orders")).filteredOn(order ->
                order.at("/fields/risk_level").asText().equals("high")).hasSize(1);

        shopbridge.reset();
        open(model, AdminOptions.defaults().withJourneyDelay(Duration.ZERO));
        shopbridge.runJobs("poll");
        shopbridge.settle();
        assertThat(risks()).isEqualTo(told);
        assertThat(shopbridge.crmOne.records("orders")).filteredOn(order ->
                order.at("/fields/risk_level").asText().equals("high")).hasSize(1);
    }

    /** Without the time, which the API does not tell. */
    private static List<String> risks() {
        return shopbridge.jdbc().queryForList("SELECT record_id || facet || (convert_from(value, 'UTF8')::jsonb"
                + " - 'created_at' - 'admin_graphql_api_order_id' - 'provider_title')::text FROM mirror_facet"
                + " WHERE facet LIKE 'risk:%' ORDER BY 1", String.class);
    }

    /** What mappings see of a customer's roles; no mapping that is shipped writes them. */
    private static List<String> roles(String customer) {
        RecordKey key = new RecordKey("main", "customer", customer.replaceFirst(".*/", ""));
        JsonNode roles = shopbridge.bean(CanonicalRecords.class).load(List.of(key)).get(key).json().path("company_roles");
        return StreamSupport.stream(roles.spliterator(), false).map(role -> role.path("location").asText() + " "
                + role.path("role").asText()).sorted().toList();
    }

    private static String parentOf(ObjectNode company) {
        return shopbridge.hubspot.parentCompany(hubspotId(company));
    }

    private static String hubspotId(ObjectNode company) {
        return shopbridge.hubspot("companies", "shopify_company_key", "main:"
                + company.path("admin_graphql_api_id").asText().replaceFirst(".*/", "")).path("id").asText();
    }

    /** Their webhooks are lost, and they have more parts than a query asks for at once. */
    @Test
    void recordsOfAnySizeComeByPollsAsTheyComeByWebhooks() {
        long seed = LongStream.iterate(1, next -> next + 1).filter(next -> largeOrder(model(next, START)).stream()
                .noneMatch(event -> event.topic().matches(".*/(delete|merge)"))).findFirst().orElseThrow();
        shopbridge.reset();
        ShopModel model = model(seed, START);
        largeOrder(model).forEach(event -> assertThat(shopbridge.post(event)).isEqualTo(200));
        shopbridge.settle();
        List<String> companies = cartsAndCompanies();
        List<String> orders = orders();
        int lines = shopbridge.hubspot.records("line_items").size();
        String order = lastOrder(model);
        assertThat(partsOf(order)).isEqualTo("120 120 25");

        shopbridge.reset();
        // So many that no call is throttled and counted twice.
        open(model, AdminOptions.defaults().withJourneyDelay(Duration.ZERO).withPoints(100_000, 10_000));
        long asked = calls();
        shopbridge.runJobs("poll");
        shopbridge.settle();

        assertThat(partsOf(order)).isEqualTo("120 120 25");
        assertThat(cartsAndCompanies()).isEqualTo(companies);
        assertThat(orders()).isEqualTo(orders);
        assertThat(shopbridge.hubspot.records("line_items")).hasSize(lines).hasSizeGreaterThan(119);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
        // Another job may ask the shop meanwhile.
        assertThat(calls() - asked).as("a page of each entity, and of lines, of those refunded and of locations")
                .isBetween(4 + 3L, 4 + 3 + 3L);
    }

    private static List<ShopEvent> largeOrder(ShopModel model) {
        model.withCartsAndCompanies();
        return Stream.concat(model.events(30).stream(), model.largeOrder(120, 25).stream()).toList();
    }

    /** Of CRM One, without its own ids of related records, and without what only the API says. */
    private static List<String> orders() {
        return shopbridge.crmOne.records("orders").stream().map(record -> (ObjectNode) record.path("fields"))
                .map(fields -> fields.remove(List.of("contact_id", "company_id", "channel", "first_visit_at",
                        "first_visit_page", "first_visit_source")))
                .map(DeltaPollIT::byName).sorted().toList();
    }

    private static String lastOrder(ShopModel model) {
        try (SimulatedAdminApi shop = SimulatedAdminApi.start(0, AdminOptions.defaults(), model)) {
            List<ObjectNode> orders = shop.records("orders");
            return orders.get(orders.size() - 1).path("id").asText();
        }
    }

    /** Lines of an order, lines of its refund, and locations of the largest company, as the mirror has them. */
    private static String partsOf(String order) {
        return shopbridge.jdbc().queryForObject("""
                SELECT concat_ws(' ',
                    (SELECT jsonb_array_length(convert_from(value, 'UTF8')::jsonb -> 'line_items') FROM mirror_facet
                     WHERE record_id = ? AND facet = 'order'),
                    (SELECT jsonb_array_length(convert_from(value, 'UTF8')::jsonb -> 'refund_line_items')
                     FROM mirror_facet WHERE record_id = ? AND facet LIKE 'refund:%'),
                    (SELECT max(count) FROM (SELECT count(*) FROM mirror_facet
                     WHERE entity = 'company' AND facet LIKE 'location:%' GROUP BY record_id) AS companies))""",
                String.class, order, order);
    }

    /**
     * Of CRM One, without its own ids of related records, and without what the API does not say of a checkout: its
     * cart's token, by which a webhook names it, where it came from and its shipping.
     */
    private static List<String> cartsAndCompanies() {
        return Stream.of("carts", "companies").flatMap(object -> shopbridge.crmOne.records(object).stream())
                .map(record -> (ObjectNode) record.path("fields"))
                .map(fields -> fields.remove(List.of("contact_id", "company_id", "shipping", "source", "landing_page",
                        "locale")).remove(fields.has("url") ? List.of("external_id") : List.of()))
                .map(DeltaPollIT::byName).sorted().toList();
    }

    /** A record that was made in two steps has its fields in another order. */
    private static String byName(ObjectNode fields) {
        TreeMap<String, JsonNode> byName = new TreeMap<>();
        fields.properties().forEach(field -> byName.put(field.getKey(), field.getValue()));
        return byName.toString();
    }

    /** Each poll finds a part, and the last one must find the rest, also what it could have passed by. */
    @Test
    void aShopWhoseClockIsAheadAndWhoseSearchIsBehindIsReadWithoutAGap() {
        long seed = seeds().findFirst().orElseThrow();
        Instant ahead = Instant.now().plus(Duration.ofMinutes(20)).truncatedTo(ChronoUnit.SECONDS);
        TreeMap<String, String> expected = afterWebhooks(seed, ahead, events -> events);

        shopbridge.reset();
        ShopModel model = model(seed, ahead);
        AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
        open(model, AdminOptions.defaults().withJourneyDelay(Duration.ZERO).withSearchLag(Duration.ofSeconds(30))
                .withClock(new InstantClock(now)));
        for (int i = 0; i < 6; i++) {
            model.events(EVENTS / 6);
            now.updateAndGet(time -> time.plusSeconds(20));
            shopbridge.runJobs("poll");
        }
        now.updateAndGet(time -> time.plusSeconds(30));
        shopbridge.runJobs("poll");
        shopbridge.settle();

        assertThat(CrmRecords.differences(expected, CrmRecords.of(shopbridge))).isEmpty();
    }

    /** A process may end at any of these moments; the next run goes on. */
    @Test
    void aPollThatWasCutOffGoesOnWithThePageThatWasNotComplete() {
        shopbridge.reset();
        ShopModel model = model(4, START);
        model.events(900);
        open(model, AdminOptions.defaults());
        DeltaPolls polls = shopbridge.bean(DeltaPolls.class);
        Page first = polls.next(polls.begin("main", "order"));
        assertThat(first.answer().last()).as("there are several pages").isFalse();
        first.events().forEach(shopbridge.bean(Inbox.class)::keep);

        Page again = polls.next(polls.begin("main", "order"));
        assertThat(again.answer().after()).as("it was not said to be complete").isEqualTo(first.answer().after());
        polls.read(again);
        assertThat(watermark("order")).as("moved at the end only").isBefore(START);
        long asked = calls();
        shopbridge.runJobs("poll");

        assertThat(calls() - asked).as("the rest of the orders, and all of the others").isEqualTo(
                pages("orders") - 1 + pages("customers") + 2);
        assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE topic = 'api/order'"))
                .isEqualTo(shop.records("orders").size());
        assertThat(watermark("order")).isAfter(START);
    }

    /** All states of all orders have one second; that of the triggers is its end, so that an answer before seems older. */
    @ParameterizedTest
    @ValueSource(strings = {"read before the webhooks", "read after them", "not read"})
    void statesOfOneSecondEndInTheLastOneWhicheverComesFirst(String early) {
        shopbridge.reset();
        Instant second = Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.SECONDS);
        ShopModel model = ShopModel.stepping(4, second, Duration.ZERO);
        List<ShopEvent> events = model.events(EVENTS / 2);
        open(model, AdminOptions.defaults());
        DeltaPolls polls = shopbridge.bean(DeltaPolls.class);
        List<Event> answer = polls.next(polls.begin("main", "order")).events();
        assertThat(answer).hasSize(shop.records("orders").size());
        if (early.equals("read before the webhooks")) {
            answer.forEach(shopbridge.bean(Inbox.class)::keep);
        }
        events.stream().filter(event -> event.topic().matches("orders/(create|updated)")).forEach(event ->
                assertThat(shopbridge.post(new ShopEvent(event.topic(), event.webhookId(), event.eventId(),
                        second.plusMillis(900), event.body()))).isEqualTo(200));
        if (early.equals("read after them")) {
            answer.forEach(shopbridge.bean(Inbox.class)::keep);
        }
        await().until(() -> Instant.now().isAfter(second.plusSeconds(1)));

        shopbridge.runJobs("poll");
        await().until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0);

        assertThat(polls.next(polls.begin("main", "order")).events()).as("what the mirror does not know").isEmpty();
    }

    /** Of a list, Shopify gives only so many pages. */
    @Test
    void aLongWindowGoesOnAsAnotherOneFromWhereItWasRead() {
        shopbridge.reset();
        DeltaPolls polls = shopbridge.bean(DeltaPolls.class);
        Instant month = Instant.now().minus(Duration.ofDays(29)).truncatedTo(ChronoUnit.SECONDS);
        assertThat(polls.begin("main", "company").window().from()).isAfter(Instant.now().minus(Duration.ofHours(2)));
        shopbridge.bean(Watermarks.class).readAgain("main", "company", month);
        Window window = polls.begin("main", "company").window();
        assertThat(window.from()).isEqualTo(month.minus(Watermarks.OVERLAP));
        for (int page = 0; page < DeltaPolls.MOST_PAGES; page++) {
            window = polls.read(answered(window, month.plusSeconds(page), "cursor", false)).window();
        }
        assertThat(window.pageAfter()).isEqualTo("cursor");
        Instant reached = month.plus(Duration.ofDays(1));

        window = polls.read(answered(window, reached, "cursor", false)).window();
        assertThat(window.from()).isEqualTo(reached.minus(Watermarks.OVERLAP));
        assertThat(window.pageAfter()).isNull();

        assertThat(polls.read(answered(window, null, null, true)).isOpen()).isFalse();
        assertThat(polls.begin("main", "company").window().from()).as("the end of the month is the usual window again")
                .isAfter(Instant.now().minus(Duration.ofHours(2)));
    }

    private static Page answered(Window window, Instant newest, String after, boolean last) {
        return new Page(window, List.of(), new Answer(Instant.now(), new ArrayDeque<>(), newest, after, last));
    }

    /** Customers are read newest first, and the page after the 25,000th of them is refused. */
    @Test
    void aListThatIsLongerThanShopifyGivesEndsThereAndSaysWhatABackfillMustBring() {
        shopbridge.reset();
        ShopModel model = ShopModel.stepping(8, START, Duration.ofMillis(150)).keepingAll();
        model.pass(3_700);
        open(model, AdminOptions.defaults().withPoints(100_000, 10_000));
        assertThat(pages("customers")).isGreaterThan(2);
        DeltaPolls polls = shopbridge.bean(DeltaPolls.class);
        Window window = polls.begin("main", "customer").window();
        assertThat(polls.read(polls.next(Page.none(window))).isOpen()).isTrue();
        shopbridge.jdbc().update("UPDATE poll SET pages = ? WHERE entity = 'customer'", DeltaPolls.ALL_PAGES - 1);

        Page last = polls.next(polls.begin("main", "customer"));
        assertThat(last.answer().last()).as("there are more").isFalse();
        assertThat(polls.read(last).isOpen()).isFalse();

        JsonNode progress = progress("customer");
        assertThat(progress.path("because").asText()).contains("since " + window.from(),
                "Bring them by a backfill: `backfill --store main --entities customer --since "
                        + window.from().atOffset(ZoneOffset.UTC).toLocalDate().minusDays(1) + "`.");
        assertThat(progress.path("failed_at").isNull()).isTrue();
        Window next = polls.begin("main", "customer").window();
        assertThat(next.pageAfter()).isNull();
        assertThat(next.from()).isAfter(Instant.now().minus(Duration.ofMinutes(5)));
        polls.read(polls.next(Page.none(next)));
        assertThat(progress("customer").path("because").asText()).as("the next poll does not bring it")
                .contains("since " + window.from());

        shopbridge.jdbc().update("INSERT INTO backfill (store, entity, state, asked_at, ended_at)"
                + " VALUES ('main', 'customer', 'ended', clock_timestamp(), clock_timestamp())");
        assertThat(progress("customer").path("because").isNull()).isTrue();
    }

    @Test
    void aPollOfAQuietShopCostsOneQueryAndNoWork() {
        shopbridge.reset();
        ShopModel model = model(5, START);
        model.events(EVENTS);
        open(model, AdminOptions.defaults());
        shopbridge.runJobs("poll");
        shopbridge.settle();
        long events = shopbridge.count("SELECT count(*) FROM inbox");
        long outcomes = shopbridge.count("SELECT count(*) FROM outcome");
        assertThat(events).isPositive();
        long asked = calls();

        shopbridge.runJobs("poll");
        shopbridge.settle();

        assertThat(calls() - asked).as("one query for each entity").isEqualTo(4);
        assertThat(shopbridge.count("SELECT count(*) FROM inbox")).isEqualTo(events);
        assertThat(shopbridge.count("SELECT count(*) FROM outcome")).isEqualTo(outcomes);
    }

    @Test
    void aPollThatFailsSaysWhyAndMissesNothing() {
        shopbridge.reset();
        ShopModel model = model(6, START);
        model.events(EVENTS);
        open(model, AdminOptions.defaults().without("read_orders").without("read_all_orders"));
        shopbridge.runJobs("poll");
        shopbridge.runJobs("poll");

        JsonNode failing = progress("order");
        assertThat(failing.path("because").asText()).contains("read_orders");
        assertThat(failing.path("failed_at").isTextual()).isTrue();
        assertThat(metric("shopbridge.poll.failing")).isEqualTo(1);

        shop.grant(AdminOptions.defaults().scopes().toArray(String[]::new));
        shopbridge.runJobs("poll");

        assertThat(progress("order").path("failed_at").isNull()).isTrue();
        assertThat(metric("shopbridge.poll.age")).isBetween(0.0, 600.0);
        assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE topic = 'api/order'"))
                .isEqualTo(shop.records("orders").size());
    }

    /** Of an order, all that Shopify gives is its id and its time. */
    @Test
    void aRecordOnWhichShopifyFailsIsPassedOverAndReadWhenItCanBe() {
        shopbridge.reset();
        ShopModel model = model(4, START);
        model.events(900);
        open(model, AdminOptions.defaults().withPoints(100_000, 10_000));
        List<String> orders = ids("orders");
        assertThat(orders).as("there are several pages").hasSizeGreaterThan(100);
        String broken = orders.get(30);
        shop.failOn("gid://shopify/Order/" + broken);

        shopbridge.runJobs("poll");

        assertThat(polled("order")).containsExactlyInAnyOrderElementsOf(
                orders.stream().filter(id -> !id.equals(broken)).toList());
        JsonNode progress = progress("order");
        assertThat(progress.path("failed_at").isNull()).as(progress.toString()).isTrue();
        assertThat(Instant.parse(progress.path("watermark").asText())).isAfter(START);
        assertThat(progress.path("unread")).hasSize(1);
        assertThat(progress.at("/unread/0/id").asText()).isEqualTo(broken);
        assertThat(progress.at("/unread/0/because").asText()).contains("Internal error");
        assertThat(await().until(() -> gauge("shopbridge.poll.unread"), value -> value == 1)).isEqualTo(1);

        shopbridge.jdbc().update("UPDATE poll_unread SET due_at = clock_timestamp()");
        long asked = calls();
        shopbridge.runJobs("poll");
        assertThat(progress("order").at("/unread/0/failures").asInt()).isEqualTo(2);
        assertThat(progress("order").path("failed_at").isNull()).isTrue();
        assertThat(calls() - asked).as("a page each as usual, and four times the record").isBetween(4L, 4 + 4 + 1L);

        shop.failOn();
        shopbridge.jdbc().update("UPDATE poll_unread SET due_at = clock_timestamp()");
        shopbridge.runJobs("poll");
        assertThat(polled("order")).containsExactlyInAnyOrderElementsOf(orders);
        assertThat(progress("order").path("unread")).isEmpty();
    }

    /** Polls read it again and again, because nothing newer has changed. */
    @Test
    void aRecordOnWhichShopifyFailsIsKnownByTheNextPoll() {
        shopbridge.reset();
        ShopModel model = model(4, START);
        model.events(60);
        open(model, AdminOptions.defaults().withPoints(100_000, 10_000));
        String broken = ids("orders").get(ids("orders").size() - 1);
        shop.failOn("gid://shopify/Order/" + broken);
        shopbridge.jdbc().update("INSERT INTO poll (store, entity, watermark) VALUES ('main', 'order', ?::timestamptz)",
                START.toString());
        for (int i = 0; i < 2; i++) {
            shopbridge.runJobs("poll");
            assertThat(progress("order").at("/unread/0/failures").asInt()).isEqualTo(1);
            assertThat(progress("order").path("failed_at").isNull()).isTrue();
        }
        assertThat(polled("order")).hasSize(ids("orders").size() - 1);

        shop.failOn();
        model.editLastOrder();
        shopbridge.runJobs("poll");
        assertThat(polled("order")).as("its change comes with the next poll").contains(broken);
    }

    /** Its lines are more than one page, and Shopify fails on the second one. */
    @Test
    void aRecordOfWhichAFurtherPageFailsIsPassedOverToo() {
        shopbridge.reset();
        ShopModel model = model(1, START);
        largeOrder(model);
        open(model, AdminOptions.defaults().withJourneyDelay(Duration.ZERO).withPoints(100_000, 10_000));
        List<String> companies = ids("companies", "admin_graphql_api_id");
        shop.failOnPartsOf(companies.get(companies.size() - 1));

        shopbridge.runJobs("poll");

        assertThat(progress("company").path("unread")).hasSize(1);
        assertThat(progress("company").path("failed_at").isNull()).isTrue();
        assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE topic = 'api/company'"))
                .isEqualTo(companies.size() - 1);
        assertThat(progress("order").path("unread")).isEmpty();
    }

    /** So many records are not broken: rather Shopify is, and nothing is passed over. */
    @Test
    void aPollOfAShopThatFailsOnManyRecordsFailsAndGoesOnThereLater() {
        shopbridge.reset();
        ShopModel model = model(4, START);
        model.events(300);
        open(model, AdminOptions.defaults().withPoints(100_000, 10_000));
        List<String> orders = ids("orders");
        assertThat(orders).hasSizeGreaterThan(PageReader.MOST_UNREAD + 5);
        shop.failOn(orders.subList(0, PageReader.MOST_UNREAD + 1).stream().map(id -> "gid://shopify/Order/" + id)
                .toArray(String[]::new));

        shopbridge.runJobs("poll");
        assertThat(progress("order").path("failed_at").isTextual()).isTrue();
        assertThat(progress("order").path("unread")).isEmpty();
        assertThat(watermark("order")).isBefore(START);

        shop.failOn();
        shopbridge.runJobs("poll");
        assertThat(progress("order").path("failed_at").isNull()).isTrue();
        assertThat(polled("order")).containsExactlyInAnyOrderElementsOf(orders);
    }

    /** As where somebody has added fields to the fragment. */
    @Test
    void aPageThatCostsTooMuchIsReadInParts() {
        shopbridge.reset();
        ShopModel model = model(4, START);
        model.events(900);
        open(model, AdminOptions.defaults().withPoints(100_000, 10_000));
        shop.limitQueries(700);
        long spent = shop.pointsSpent();

        shopbridge.runJobs("poll");

        assertThat(progress("order").path("failed_at").isNull()).as(progress("order").toString()).isTrue();
        assertThat(polled("order")).containsExactlyInAnyOrderElementsOf(ids("orders"));
        assertThat(shop.pointsSpent()).isGreaterThan(spent);
    }

    private List<String> ids(String object) {
        return ids(object, "id");
    }

    private List<String> ids(String object, String field) {
        return shop.records(object).stream().map(record -> record.path(field).asText()).toList();
    }

    /** The records that polls have brought, by their ids. */
    private static List<String> polled(String entity) {
        return shopbridge.jdbc().queryForList("SELECT DISTINCT substring(convert_from(body, 'UTF8')::jsonb ->> 'id'"
                + " FROM '[0-9]+$') FROM inbox WHERE topic = 'api/' || ?", String.class, entity);
    }

    private static double gauge(String name) {
        return shopbridge.bean(MeterRegistry.class).get(name).tag("store", "main").tag("entity", "order").gauge().value();
    }

    static Stream<Arguments> denials() {
        return Stream.of(Arguments.of(AdminOptions.defaults().without("read_customers"),
                        "customer (needs `read_customers` access scope.)"),
                Arguments.of(AdminOptions.defaults().without("read_products"),
                        "lineItems.product (needs `read_products` access scope.)"),
                Arguments.of(AdminOptions.defaults().withProtectedData(AdminOptions.ProtectedData.REFUSED),
                        "customer.firstName (needs This app is not approved"));
    }

    /** Half of a day comes by webhooks, and of the other half the app may not read all. */
    @ParameterizedTest
    @MethodSource("denials")
    void whatTheAppMayNotReadStaysAndTheRestComes(AdminOptions options, String denied) {
        shopbridge.reset();
        ShopModel model = model(seeds().findFirst().orElseThrow(), START);
        model.events(EVENTS / 2).forEach(event -> assertThat(shopbridge.post(event)).isEqualTo(200));
        shopbridge.settle();
        List<String> people = mirrored("entity = 'customer' AND facet = 'profile'", "first_name");
        List<String> goods = mirrored("facet = 'order'", "line_items");
        long contacts = shopbridge.count("SELECT count(*) FROM mirror_facet WHERE facet = 'contact'");
        assertThat(contacts).isPositive();
        model.events(EVENTS / 2);
        open(model, options);

        shopbridge.runJobs("poll");
        shopbridge.settle();

        JsonNode progress = progress("order");
        assertThat(progress.path("failed_at").isNull()).as(progress.toString()).isTrue();
        assertThat(progress.path("denied").toString()).contains(denied);
        assertThat(mirrored("facet = 'order'", "total_price")).hasSameElementsAs(shop.records("orders").stream()
                .map(order -> order.path("id").asText() + " " + order.path("total_price")).toList());
        assertThat(mirrored("entity = 'customer' AND facet = 'profile'", "first_name")).containsAll(people);
        if (denied.contains("product")) {
            assertThat(mirrored("facet = 'order'", "line_items")).as("with their products").containsAll(goods);
        }
        assertThat(shopbridge.count("SELECT count(*) FROM mirror_facet WHERE facet = 'contact'"))
                .isGreaterThanOrEqualTo(contacts);
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    /** Of each record a field, as the mirror has it. */
    private static List<String> mirrored(String where, String field) {
        return shopbridge.jdbc().queryForList("SELECT record_id || ' ' || coalesce(convert_from(value, 'UTF8')::jsonb -> ?,"
                + " 'null') FROM mirror_facet WHERE record_id NOT LIKE 'guest%' AND " + where, String.class, field);
    }

    @Test
    void aPollGoesOnWhenItsTokenEndsWhenItIsThrottledAndWhenItsVersionIsGone() {
        shopbridge.reset();
        ShopModel model = model(4, START);
        model.events(900);
        open(model, AdminOptions.defaults());
        DeltaPolls polls = shopbridge.bean(DeltaPolls.class);
        Page first = polls.next(polls.begin("main", "order"));
        first.events().forEach(shopbridge.bean(Inbox.class)::keep);
        assertThat(polls.read(first).isOpen()).as("in the middle").isTrue();
        double throttled = metric("shopbridge.shopify.calls", "throttled");

        shop.endTokens();
        shop.throttle(2);          // as often as a call is repeated, whichever poll meets it
        shop.versions("2027-01", "2027-04");
        shopbridge.runJobs("poll");

        assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE topic = 'api/order'"))
                .isEqualTo(shop.records("orders").size());
        assertThat(progress("order").path("failed_at").isNull()).isTrue();
        assertThat(metric("shopbridge.shopify.calls", "throttled") - throttled).isEqualTo(2);
        assertThat(shopbridge.bean(MeterRegistry.class).get("shopbridge.shopify.version.differs").tag("store", "main")
                .gauge().value()).isOne();
    }

    /** Each poll of five minutes reads again what changed in the two before, and of customers not the whole day. */
    @Test
    void aShopOfAHundredOrdersAMinuteIsPolledWithLessThanHalfOfTheStandardPlansPoints() {
        shopbridge.reset();
        ShopModel model = ShopModel.stepping(8, START, Duration.ofMillis(150)).keepingAll();
        long fiveMinutes = 3_700;
        // All at once, because nobody waits five minutes here: what is counted is what they cost.
        open(model, AdminOptions.defaults().withPoints(1_000_000, 100));
        model.pass(2 * fiveMinutes);
        readToTheEnd("order");
        readToTheEnd("customer");
        int orders = shop.records("orders").size();
        long spent = shop.pointsSpent();

        model.pass(fiveMinutes);
        int pages = readToTheEnd("order") + readToTheEnd("customer");

        int perMinute = (shop.records("orders").size() - orders) / 5;
        assertThat(perMinute).isGreaterThanOrEqualTo(95);
        double perSecond = (shop.pointsSpent() - spent) / 300.0;
        System.out.printf("A shop of %d new orders a minute: %d pages in five minutes, %.0f points a second of 100%n",
                perMinute, pages, perSecond);
        assertThat(perSecond).isLessThan(50);
        assertThat(readToTheEnd("customer")).as("nothing has changed since").isLessThan(pages("customers") - 2);
    }

    /** As a poll does, but nothing is taken in; the number of pages. */
    private static int readToTheEnd(String entity) {
        DeltaPolls polls = shopbridge.bean(DeltaPolls.class);
        int pages = 0;
        for (Page page = polls.begin("main", entity); page.isOpen(); page = polls.read(polls.next(page))) {
            pages++;
        }
        return pages;
    }

    private static double metric(String name, String outcome) {
        return shopbridge.bean(MeterRegistry.class).get(name).tag("store", "main").tag("outcome", outcome)
                .functionCounter().count();
    }

    private TreeMap<String, String> afterWebhooks(long seed, Instant start, UnaryOperator<List<ShopEvent>> way) {
        shopbridge.reset();
        ShopModel model = model(seed, start);
        List<ShopEvent> events = model.events(EVENTS);
        open(model, AdminOptions.defaults().withJourneyDelay(Duration.ZERO));
        for (ShopEvent event : way.apply(events)) {
            assertThat(shopbridge.post(event)).isEqualTo(200);
        }
        shopbridge.settle();
        shopbridge.runJobs("poll");
        shopbridge.settle();
        TreeMap<String, String> records = CrmRecords.of(shopbridge);
        assertThat(records).hasSizeGreaterThan(EVENTS / 4);
        return records;
    }

    private long calls() {
        return shop.calls().entrySet().stream().filter(call -> call.getKey().startsWith("POST graphql"))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private int pages(String object) {
        return (shop.records(object).size() + 99) / 100;
    }

    private Instant watermark(String entity) {
        return Instant.parse(progress(entity).path("watermark").asText());
    }

    private static JsonNode progress(String entity) {
        return StreamSupport.stream(shopbridge.operator("GET", "/api/v1/polls").spliterator(), false)
                .filter(one -> one.path("entity").asText().equals(entity)).findFirst().orElseThrow();
    }

    private static double metric(String name) {
        return await().until(() -> shopbridge.bean(MeterRegistry.class).get(name).tag("store", "main")
                .tag("entity", "order").gauge().value(), value -> value >= (name.endsWith("failing") ? 1 : 0));
    }

    private void open(ShopModel model, AdminOptions options) {
        if (shop != null) {
            shop.close();
        }
        shop = SimulatedAdminApi.start(port, options, model);
        shopbridge.askAnotherShop();
    }

    private static ShopModel model(long seed, Instant start) {
        return ShopModel.stepping(seed, start, Duration.ofSeconds(3));
    }

    /** A clock that a test moves. */
    private static final class InstantClock extends Clock {

        private final AtomicReference<Instant> now;

        InstantClock(AtomicReference<Instant> now) {
            this.now = now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now.get();
        }
    }
}
