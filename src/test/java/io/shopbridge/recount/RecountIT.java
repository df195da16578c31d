package io.shopbridge.recount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.CrmRecords;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.mirror.MirrorCounts;
import io.shopbridge.mirror.MirrorCounts.By;
import io.shopbridge.mirror.Span;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A simulated shop of which webhooks were lost, and no poll has made up for them. */
class RecountIT {

    private static final Instant START = Instant.now().minus(Duration.ofMinutes(50)).truncatedTo(ChronoUnit.SECONDS);
    private static final int EVENTS = 150;
    private static final ObjectMapper JSON = new ObjectMapper();

    private static int port;
    private static RunningShopbridge shopbridge;
    private SimulatedAdminApi shop;

    @BeforeAll
    static void start() {
        try (SimulatedAdminApi first = SimulatedAdminApi.start(0, options(), model(1))) {
            port = first.port();
        }
        shopbridge = RunningShopbridge.with("--shopbridge.stores.main.admin.url=http://localhost:" + port,
                "--shopbridge.stores.main.admin.client-id=app", "--shopbridge.stores.main.admin.client-secret=sandbox-secret",
                "--shopbridge.schedules.refresh=0 0 0 1 1 ? 2099", "--shopbridge.schedules.recount-steps=* * * * * ?",
                "--shopbridge.stores.main.polls.order=off", "--shopbridge.stores.main.polls.customer=off",
                "--shopbridge.stores.main.polls.company=off", "--shopbridge.stores.main.polls.checkout=off");
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
    }

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    @AfterEach
    void closeTheShop() {
        if (shop != null) {
            shop.close();
        }
    }

    @Test
    void whatWebhooksDidNotTellIsFoundAndTakenInAndNothingElse() {
        long seed = LongStream.iterate(1, next -> next + 1).filter(next -> {
            List<String> topics = model(next).events(EVENTS).stream().map(ShopEvent::topic).toList();
            return topics.contains("orders/delete") && topics.contains("customers/delete")
                    && !topics.contains("customers/merge");
        }).findFirst().orElseThrow();
        List<ShopEvent> events = open(seed);
        events.forEach(RecountIT::post);
        shopbridge.settle();
        TreeMap<String, String> expected = CrmRecords.of(shopbridge);

        shopbridge.reset();
        Map<String, Set<String>> lost = new HashMap<>(Map.of("missing", new HashSet<>(), "stale", new HashSet<>(),
                "deleted", new HashSet<>()));
        // By one change, several topics say the same.
        Map<String, Instant> first = new HashMap<>();
        Map<String, Instant> last = new HashMap<>();
        Set<String> deleted = new HashSet<>();
        for (ShopEvent event : events) {
            first.putIfAbsent(record(event), event.triggeredAt());
            last.put(record(event), event.triggeredAt());
            if (event.topic().endsWith("/delete")) {
                deleted.add(record(event));
            }
        }
        List<String> orders = last.keySet().stream().filter(one -> one.startsWith("order/") && !deleted.contains(one)).sorted()
                .toList();
        for (ShopEvent event : events) {
            String record = record(event);
            int number = orders.indexOf(record);
            if (event.topic().endsWith("/delete")) {
                lost.get("deleted").add(record);
            } else if (number % 5 == 1) {
                lost.get("missing").add(record);
            } else if (number % 5 == 2 && last.get(record).equals(event.triggeredAt())
                    && first.get(record).isBefore(event.triggeredAt())) {
                lost.get("stale").add(record);
            } else {
                post(event);
            }
        }
        shopbridge.settle();
        assertThat(lost.values()).allSatisfy(records -> assertThat(records).isNotEmpty());
        TreeMap<String, String> before = CrmRecords.of(shopbridge);

        JsonNode found = recount(false);
        assertThat(examples(found, "deleted")).as("%s", found).isEqualTo(lost.get("deleted"));
        assertThat(examples(found, "missing")).as("%s", found).isEqualTo(lost.get("missing"));
        assertThat(examples(found, "stale")).as("%s", found).containsAll(lost.get("stale"));
        assertThat(found.path("differences")).allSatisfy(one -> {
            assertThat(one.path("repaired").asLong()).isZero();
            assertThat(one.path("because").asText()).isNotEmpty();
        });
        shopbridge.settle();
        assertThat(CrmRecords.differences(before, CrmRecords.of(shopbridge))).as("it only says what differs").isEmpty();

        JsonNode repaired = recount(true);
        assertThat(repaired.path("differences")).hasSize(found.path("differences").size()).allSatisfy(one ->
                assertThat(one.path("repaired")).isEqualTo(one.path("found")));
        shopbridge.settle();
        // An answer tells more than a webhook does. A deleted customer may have been delivered before.
        TreeMap<String, String> now = CrmRecords.of(shopbridge);
        Set<String> gone = lost.get("deleted");
        assertThat(keysWithout(gone, now)).isEqualTo(keysWithout(gone, expected));
        gone.stream().filter(record -> record.startsWith("order/")).forEach(record -> now.keySet().stream()
                .filter(key -> key.endsWith(":" + record.substring(record.indexOf('/') + 1)))
                .forEach(key -> assertThat(now.get(key)).as(key).isEqualTo(expected.get(key))));
        assertThat(recount(true).path("differences")).isEmpty();
    }

    @Test
    void whatTheShopDoesNotAnswerIsAskedForAgainAndWhatItRefusesIsTold() {
        open(3).forEach(RecountIT::post);
        shopbridge.settle();
        shop.faults().answer(502, null, 1);
        assertThat(recount(false).path("state").asText()).isEqualTo("done");

        shop.close();
        shop = SimulatedAdminApi.start(port, options().without("read_orders"), model(3));
        shopbridge.askAnotherShop();
        assertThat(examples(recount(false), "denied")).singleElement().asString().contains("read_orders");
    }

    /** A window of many pages is divided; what was never brought in is told as a number. */
    @Test
    void whatTheMirrorNeverHadIsToldAndNotAskedForOneByOne() {
        open(ShopModel.stepping(5, START.minus(Duration.ofHours(4)), Duration.ofSeconds(3)), 4_000);
        JsonNode found = recount(true);
        assertThat(found.path("state").asText()).isEqualTo("done");
        assertThat(found.path("differences")).allSatisfy(one -> {
            assertThat(one.path("class").asText()).isEqualTo("absent");
            assertThat(one.path("because").asText()).contains("backfill");
        }).extracting(one -> one.path("found").asInt()).as("%s", found)
                .contains(shop.records("orders").size());
        assertThat(shopbridge.count("SELECT count(*) FROM inbox")).isZero();
    }

    /** Of every night; a person asked for the others. */
    @Test
    void theScheduledOneBringsOnlyWhatChangedSinceShopbridgeIsToldOfTheStore() {
        List<ShopEvent> events = open(3);
        shopbridge.bean(ShopRecounts.class).startAll();
        JsonNode nothing = last();
        assertThat(nothing.path("scheduled").asBoolean()).isTrue();
        assertThat(nothing.path("differences")).isNotEmpty()
                .allSatisfy(one -> assertThat(one.path("class").asText()).isEqualTo("absent"));
        assertThat(shopbridge.count("SELECT count(*) FROM inbox")).isZero();

        Set<String> told = new HashSet<>();
        String lost = events.stream().filter(event -> event.topic().equals("customers/create")).map(RecountIT::record)
                .skip(2).findFirst().orElseThrow();
        events.stream().filter(event -> !record(event).equals(lost)).forEach(event -> {
            post(event);
            told.add(record(event));
        });
        shopbridge.settle();
        shopbridge.jdbc().update("UPDATE inbox SET received_at = received_at - interval '1 day'");
        shopbridge.bean(ShopRecounts.class).startAll();
        JsonNode found = last();
        assertThat(told).doesNotContain(lost);
        assertThat(examples(found, "absent")).as("%s", found).isEmpty();
        assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE topic LIKE 'backfill/%' AND webhook_id LIKE 'recount %'"))
                .as("after today's changes").isPositive();
    }

    @Test
    void anotherShopsRecordsAreNeitherMissingNorIsWhatItLacksDeleted() {
        open(3).forEach(RecountIT::post);
        shopbridge.settle();
        long deleted = shopbridge.count("SELECT count(*) FROM mirror_facet WHERE facet = 'deleted'");
        shop.close();
        shop = SimulatedAdminApi.start(port, options().withDomain("other.myshopify.com"), model(9));
        shopbridge.askAnotherShop();
        JsonNode failed = recount(true);
        assertThat(failed.path("state").asText()).isEqualTo("failed");
        assertThat(failed.path("because").asText()).contains("The Admin API is that of other.myshopify.com");
        assertThat(shopbridge.count("SELECT count(*) FROM mirror_facet WHERE facet = 'deleted'")).isEqualTo(deleted);
    }

    @Test
    void whatIsDeletedHereAndNotThereIsToldAndASecondDeletionCounts() {
        List<ShopEvent> events = open(3);
        events.forEach(RecountIT::post);
        shopbridge.settle();
        Set<String> gone = new HashSet<>();
        events.stream().filter(event -> event.topic().endsWith("/delete")).map(RecountIT::record).forEach(gone::add);
        String order = events.stream().map(RecountIT::record).filter(one -> one.startsWith("order/") && !gone.contains(one))
                .findFirst().orElseThrow().substring("order/".length());
        shopbridge.jdbc().update("INSERT INTO mirror_facet SELECT store, entity, record_id, 'deleted', now(), '', '\"x\"'::bytea"
                + " FROM mirror_facet WHERE entity = 'order' AND facet = 'order' AND record_id = ?", order);
        assertThat(examples(recount(true), "restored")).containsExactly("order/" + order);

        shopbridge.jdbc().update("DELETE FROM mirror_facet WHERE facet = 'deleted' AND record_id = ?", order);
        shopbridge.jdbc().update("INSERT INTO mirror_facet SELECT store, entity, '77', facet, version_at, version_tie,"
                + " convert_to(?, 'UTF8') FROM mirror_facet WHERE entity = 'order' AND facet = 'order' AND record_id = ?",
                "{\"id\": 77, \"created_at\": \"" + START + "\"}", order);
        for (int i = 0; i < 2; i++) {
            JsonNode run = recount(true);
            assertThat(examples(run, "deleted")).containsExactly("order/77");
            assertThat(shopbridge.jdbc().queryForList("SELECT details::jsonb #>> '{order,deleted}' FROM audit"
                    + " WHERE did = 'repaired' AND what = '1 records, by recount ' || ? || ' of store main'", String.class,
                    run.path("id").asLong())).containsExactly("1");
            shopbridge.settle();
            assertThat(shopbridge.jdbc().update("DELETE FROM mirror_facet WHERE facet = 'deleted' AND record_id = '77'"))
                    .as("it was taken in").isEqualTo(1);
        }
    }

    /** As after a change in bulk of which all webhooks were lost: where the mirror has them the shop lists nothing. */
    @Test
    void recordsThatHaveAllChangedSinceAreStaleAndNotHidden() {
        List<ShopEvent> events = open(model(3), 500);
        events.forEach(RecountIT::post);
        shopbridge.settle();
        int orders = shopbridge.jdbc().update("UPDATE mirror_facet SET version_at = version_at - interval '2 days'"
                + " WHERE entity = 'order' AND facet = 'order'");
        assertThat(orders).as("more than are asked for one by one").isGreaterThan(20);
        JsonNode run = recount(false);
        assertThat(examples(run, "not-shown")).as("%s", run).isEmpty();
        assertThat(run.path("calls").asLong()).isPositive();
    }

    /** The retention is of orders alone. */
    @Test
    void aCompanyThatHasNotChangedForLongerThanOrdersAreKeptIsComparedToo() {
        open(3);
        shopbridge.jdbc().update("INSERT INTO mirror_facet VALUES ('main', 'company', '77', 'company',"
                + " now() - interval '20 years', '', convert_to('{\"name\": \"Gone\"}', 'UTF8'), 1)");
        assertThat(examples(recount(false), "deleted")).containsExactly("company/77");
    }

    @Test
    void aKindThatTheAppMayNotReadKeepsNoOtherFromBeingCompared() {
        List<ShopEvent> events = open(3);
        events.forEach(RecountIT::post);
        shopbridge.settle();
        shop.close();
        ShopModel same = model(3);
        same.events(EVENTS);
        same.deleteLastOrder();
        shop = SimulatedAdminApi.start(port, options().withJourneyDelay(Duration.ZERO).without("read_customers"), same);
        shopbridge.askAnotherShop();
        JsonNode run = recount(true);
        assertThat(run.path("state").asText()).as("%s", run).isEqualTo("done");
        assertThat(examples(run, "deleted")).singleElement().asString().startsWith("order/");
        assertThat(examples(run, "denied")).as("%s", run).anySatisfy(why -> assertThat(why).contains("read_customers"));
        assertThat(faults().toString()).contains("did not compare all of", "the app may not read them", "doctor");
        assertThat(shopbridge.bean(RecountTruth.class).last()).as("so that it becomes overdue").extracting(Truth::entity)
                .doesNotContain("customer").contains("order");

        shop.close();
        shop = SimulatedAdminApi.start(port, options().without("read_customers").without("read_companies")
                .without("read_orders"), same);
        shopbridge.askAnotherShop();
        JsonNode nothing = recount(true);
        assertThat(nothing.path("state").asText()).as("%s", nothing).isEqualTo("failed");
        assertThat(nothing.path("because").asText()).contains("access scope");
    }

    @Test
    void aRunThatCannotGoOnStopsNoOtherAndIsGivenUp() {
        open(3).forEach(RecountIT::post);
        shopbridge.settle();
        long stuck = shopbridge.jdbc().queryForObject("INSERT INTO recount (store, entities, repair, scheduled, since, until,"
                + " due_at, asked_at) VALUES ('forms', '{order}', true, true, now(), now(), now() - interval '1 hour',"
                + " now() - interval '21 hours') RETURNING id", Long.class);
        shopbridge.jdbc().update("INSERT INTO recount_window (recount, entity, low, high, step)"
                + " VALUES (?, 'order', 0, 9, 'nonsense')", stuck);
        assertThat(recount(false).path("state").asText()).isEqualTo("done");
        shopbridge.bean(ShopRecounts.class).startAll();
        assertThat(shopbridge.operator("GET", "/api/v1/recounts/" + stuck).path("state").asText()).isEqualTo("failed");
    }

    /** The metrics, the status and the page tell of the last one that came to its end. */
    @Test
    void aShopThatTheMirrorIsNotTrueToIsSaidAndSoIsARecountThatDidNotEnd() {
        open(3).forEach(RecountIT::post);
        shopbridge.settle();
        assertThat(recount(true).path("state").asText()).isEqualTo("done");
        shopbridge.settle();
        assertThat(recount(false).path("state").asText()).isEqualTo("done");
        RecountMetrics metrics = shopbridge.bean(RecountMetrics.class);
        metrics.refresh();
        assertThat(gauge("shopbridge.recount.missed", "entity", "order")).isZero();
        assertThat(gauge("shopbridge.recount.differing", "entity", "order")).isZero();
        assertThat(gauge("shopbridge.recount.age", "entity", "order")).isBetween(0.0, 600.0);
        assertThat(gauge("shopbridge.recount.overdue")).isZero();
        await().until(() -> faults().isEmpty());

        List<String> lost = shopbridge.jdbc().queryForList("DELETE FROM mirror_facet WHERE entity = 'order' AND record_id IN"
                + " (SELECT record_id FROM mirror_facet WHERE entity = 'order' AND facet = 'order' AND record_id NOT IN"
                + " (SELECT record_id FROM mirror_facet WHERE entity = 'order' AND facet = 'deleted') ORDER BY record_id"
                + " LIMIT 2) RETURNING record_id", String.class).stream().distinct().toList();
        assertThat(lost).hasSize(2);
        long run = recount(false).path("id").asLong();
        long counted = shopbridge.count("SELECT counted FROM recount_counted WHERE entity = 'order' AND recount = " + run);
        metrics.refresh();
        assertThat(gauge("shopbridge.recount.found", "entity", "order", "class", "missing")).isEqualTo(2);
        assertThat(gauge("shopbridge.recount.found", "entity", "order", "class", "stale")).isZero();
        assertThat(gauge("shopbridge.recount.differing", "entity", "order")).isCloseTo(200.0 / counted, within(0.001));
        assertThat(gauge("shopbridge.recount.missed", "entity", "order")).isEqualTo(1);
        assertThat(gauge("shopbridge.recount.missed", "entity", "customer")).isZero();
        await().until(() -> faults().size() == 1);
        JsonNode fault = faults().path(0);
        assertThat(fault.path("store").asText()).isEqualTo("main");
        assertThat(fault.path("entity").asText()).isEqualTo("order");
        assertThat(fault.path("because").asText()).contains("2 of " + counted + " records", "2 missing", "99.9 % should");
        assertThat(fault.path("advice").asText()).contains("GET /api/v1/recounts/" + run);
        assertThat(page()).contains("2 of " + counted + " records").doesNotContain("All is well");

        shopbridge.jdbc().update("UPDATE recount SET asked_at = asked_at - interval '51 hours', ended_at = ended_at -"
                + " interval '51 hours'");
        metrics.refresh();
        assertThat(gauge("shopbridge.recount.overdue")).isEqualTo(1);
        assertThat(gauge("shopbridge.recount.age", "entity", "order")).isGreaterThanOrEqualTo(51 * 3600);
        await().until(() -> faults().size() == 2);
        assertThat(faults().path(0).path("because").asText()).contains("is not complete");
        assertThat(faults().path(0).path("advice").asText()).contains("recount --store main --repair");
    }

    private static JsonNode faults() {
        return shopbridge.operator("GET", "/api/v1/status").path("recounts");
    }

    private static String page() {
        return shopbridge.send(HttpRequest.newBuilder(shopbridge.uri("/")).header("Authorization", "Basic "
                + Base64.getEncoder().encodeToString(("operator:" + RunningShopbridge.PASSWORD)
                        .getBytes(StandardCharsets.UTF_8))).build()).body();
    }

    private static double gauge(String name, String... tags) {
        return shopbridge.bean(MeterRegistry.class).get(name).tag("store", "main").tags(tags).gauge().value();
    }

    private static JsonNode last() {
        return ended(shopbridge.operator("GET", "/api/v1/recounts").path(0).path("id").asLong());
    }

    @Test
    void theMirrorIsDividedByTimesAndByIds() {
        shopbridge.jdbc().update("""
                INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)
                SELECT 'main', e.entity, n::text, e.facet, to_timestamp(1000 + n / 2), '', '{}'::bytea
                FROM generate_series(1, 100) n, (VALUES ('order', 'order'), ('customer', 'profile')) AS e (entity, facet)
                UNION ALL SELECT 'main', 'customer', 'guest:abc', 'profile', to_timestamp(1001), '', '{}'::bytea
                UNION ALL SELECT 'main', 'order', '7', 'deleted', to_timestamp(2000), '', '{}'::bytea
                UNION ALL SELECT 'main', 'customer', '8', 'merged_into', to_timestamp(2000), '', '{}'::bytea
                UNION ALL SELECT 'forms', 'order', '9', 'order', to_timestamp(1001), '', '{}'::bytea""");
        MirrorCounts counts = shopbridge.bean(MirrorCounts.class);
        assertThat(counts.of("main", "order", By.TIME, new Span(0, 5000))).isEqualTo(99);
        assertThat(counts.of("main", "order", By.TIME, new Span(1003, 1004))).as("without a deleted one").isEqualTo(1);
        assertThat(counts.of("main", "customer", By.ID, new Span(0, Long.MAX_VALUE))).as("without a guest").isEqualTo(99);
        assertThat(counts.bounds("main", "order", By.TIME, new Span(1020, 1040), 10)).containsExactly(1025L, 1030L, 1035L);
        assertThat(counts.bounds("main", "customer", By.ID, new Span(1, 102), 50)).containsExactly(52L);
        assertThat(counts.bounds("main", "order", By.TIME, new Span(9000, 9001), 3)).isEmpty();
        assertThat(counts.in("main", "customer", By.ID, new Span(7, 10))).containsExactlyInAnyOrder("7", "9");
        assertThat(counts.in("main", "customer", By.ID, new Span(99, 200))).containsExactlyInAnyOrder("99", "100");
        assertThat(counts.versions("main", "order", List.of("7", "9", "x"))).containsOnlyKeys("9");
    }

    private static Set<String> keysWithout(Set<String> records, TreeMap<String, String> all) {
        Set<String> keys = new HashSet<>(all.keySet());
        keys.removeIf(key -> records.stream().anyMatch(record -> key.endsWith(":" + record.substring(record.indexOf('/') + 1))));
        return keys;
    }

    private List<ShopEvent> open(long seed) {
        return open(model(seed), EVENTS);
    }

    private List<ShopEvent> open(ShopModel model, int changes) {
        List<ShopEvent> events = model.events(changes);
        shop = SimulatedAdminApi.start(port, options().withJourneyDelay(Duration.ZERO), model);
        shopbridge.askAnotherShop();
        return events;
    }

    private static JsonNode recount(boolean repair) {
        long id = shopbridge.operator("POST", "/api/v1/recounts", "{\"store\": \"main\", \"repair\": " + repair + "}")
                .path("id").asLong();
        return ended(id);
    }

    private static JsonNode ended(long id) {
        await().atMost(Duration.ofSeconds(60)).until(() -> !shopbridge.operator("GET", "/api/v1/recounts/" + id)
                .path("state").asText().equals("running"));
        return shopbridge.operator("GET", "/api/v1/recounts/" + id);
    }

    private static Set<String> examples(JsonNode run, String kind) {
        Set<String> records = new HashSet<>();
        StreamSupport.stream(run.path("differences").spliterator(), false)
                .filter(one -> one.path("class").asText().equals(kind))
                .forEach(one -> one.path("examples").forEach(example -> records.add(example.asText())));
        return records;
    }

    /** {@code order/123} of the order or customer that an event is about; empty: of another kind. */
    private static String record(ShopEvent event) {
        try {
            JsonNode body = JSON.readTree(event.body());
            String topic = event.topic();
            return topic.startsWith("orders/") ? "order/" + body.path("id").asText()
                    : topic.startsWith("fulfillments/") || topic.startsWith("refunds/") ? "order/" + body.path("order_id").asText()
                    : topic.startsWith("customers/") ? "customer/" + body.path("id").asText() : "";
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void post(ShopEvent event) {
        assertThat(shopbridge.post(event)).isEqualTo(200);
    }

    private static AdminOptions options() {
        return AdminOptions.defaults().withDomain(RunningShopbridge.DOMAIN);
    }

    private static ShopModel model(long seed) {
        return ShopModel.stepping(seed, START, Duration.ofSeconds(3));
    }
}
