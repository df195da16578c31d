package io.shopbridge.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A shop's history, from its bulk operations to the CRMs. */
class BackfillIT {

    private static final Duration STEP = Duration.ofSeconds(20);
    private static final int EVENTS = 400;
    private static final String EARLIER = "\"figures_before\": \"2000-01-01\"";
    private static SimulatedAdminApi shop;
    private static SimulatedAdminApi oldShop;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() {
        ShopModel model = ShopModel.stepping(11, Instant.now().minus(STEP.multipliedBy(EVENTS * 3L))
                .minus(Duration.ofDays(2)), STEP);
        model.events(EVENTS);
        model.largeOrder(45, 2);
        shop = SimulatedAdminApi.start(0, AdminOptions.defaults().withDomain(RunningShopbridge.DOMAIN)
                .withBulkTime(Duration.ofMillis(50)), model);
        ShopModel months = ShopModel.stepping(12, Instant.now().minus(Duration.ofDays(150)), Duration.ofHours(12));
        months.events(EVENTS);
        oldShop = SimulatedAdminApi.start(0, AdminOptions.defaults().withDomain(RunningShopbridge.OUTLET_DOMAIN)
                .withBulkTime(Duration.ofMillis(50)), months);
        shopbridge = RunningShopbridge.with("--shopbridge.stores.main.admin.url=" + shop.baseUrl(),
                "--shopbridge.stores.outlet.admin.url=" + oldShop.baseUrl(),
                "--shopbridge.stores.outlet.admin.access-token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.stores.outlet.polls.order=off", "--shopbridge.stores.outlet.polls.customer=off",
                "--shopbridge.stores.outlet.polls.company=off", "--shopbridge.stores.outlet.polls.checkout=off",
                "--shopbridge.stores.main.admin.access-token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.schedules.backfill=* * * * * ?", "--shopbridge.stores.main.polls.order=off",
                "--shopbridge.stores.main.polls.customer=off", "--shopbridge.stores.main.polls.company=off",
                "--shopbridge.stores.main.polls.checkout=off");
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
        shop.close();
        oldShop.close();
    }

    @BeforeEach
    void reset() {
        shopbridge.reset();
        shop.grant(AdminOptions.defaults().scopes().toArray(String[]::new));
        oldShop.grant(AdminOptions.defaults().scopes().toArray(String[]::new));
    }

    @Test
    void theWholeHistoryReachesTheCrmsAndASecondTimeChangesNothing() {
        List<ObjectNode> orders = shop.records("orders");
        long customers = backfill("customer", null).path("id").asLong();
        JsonNode report = backfill("order", null);
        assertThat(report.path("state").asText()).as(report.toString()).isEqualTo("ended");
        assertThat(report.path("exported").asInt()).isEqualTo(orders.size()).isGreaterThan(50);
        assertThat(report.path("records").asInt()).isEqualTo(orders.size());
        assertThat(report.path("shop_has").asInt()).isEqualTo(orders.size());
        shopbridge.awaitIdle();

        assertThat(totals("external_id", "total", shopbridge.crmOne.records("orders")))
                .isEqualTo(orders.stream().collect(Collectors.toMap(order -> "main:" + order.path("id").asText(),
                        order -> decimal(order.path("total_price")), (one, other) -> one, TreeMap::new)));
        assertThat(keys(shopbridge.hubspot.records("orders"), "shopify_order_key"))
                .containsAll(orders.stream().map(order -> "main:" + order.path("id").asText()).toList());
        assertThat(keys(shopbridge.hubspot.records("line_items"), "shopify_line_item_key")).isNotEmpty();
        refundsAreWhole(orders);
        assertThat(shopbridge.count("SELECT count(*) FROM backfill_line")).as("personal data").isZero();
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE outcome = 'rejected'")).isZero();

        assertThat(find(customers).path("mirror_has").asInt()).isGreaterThanOrEqualTo(shop.records("customers").size());
        JsonNode after = find(report.path("id").asLong());
        assertThat(after.path("changed").asInt()).as(after.toString()).isEqualTo(orders.size());
        assertThat(after.path("mirror_has").asInt()).isEqualTo(orders.size());
        assertThat(after.at("/crms_have/hubspot").asInt()).isEqualTo(orders.size());
        assertThat(after.at("/outcomes/hubspot").properties().stream().mapToInt(one -> one.getValue().asInt()).sum())
                .as("each record once: %s", after).isGreaterThanOrEqualTo(orders.size());
        assertThat(after.at("/outcomes/hubspot/waiting").isMissingNode()).isTrue();

        Map<String, Long> calls = shopbridge.calls();
        backfill("customer", null);
        JsonNode second = backfill("order", null);
        assertThat(second.path("state").asText()).isEqualTo("ended");
        shopbridge.awaitIdle();
        assertThat(shopbridge.calls()).isEqualTo(calls);
        assertThat(find(second.path("id").asLong()).path("unchanged").asInt()).isEqualTo(orders.size());
    }

    /** A bulk operation can't export what is refunded of an order. */
    private static void refundsAreWhole(List<ObjectNode> orders) {
        Set<String> refunded = orders.stream().filter(order -> !order.path("refunds").isEmpty())
                .map(order -> "main:" + order.path("id").asText()).collect(Collectors.toCollection(TreeSet::new));
        assertThat(refunded).isNotEmpty();
        assertThat(shopbridge.hubspot.records("orders").stream().map(order -> order.path("properties"))
                .filter(order -> refunded.contains(order.path("shopify_order_key").asText())))
                .hasSameSizeAs(refunded)
                .allSatisfy(order -> assertThat(order.path("shopify_refund_count").asInt()).isPositive());
        assertThat(shopbridge.count("SELECT max(jsonb_array_length(convert_from(value, 'UTF8')::jsonb ->"
                + " 'refund_line_items')) FROM mirror_facet WHERE facet LIKE 'refund:%'")).isEqualTo(45);
    }

    @Test
    void anExportThatFailsIsMadeAgainAndNothingOfItIsTaken() {
        shop.failNextBulkOperation(true);
        long id = start("customer", null).path("id").asLong();
        await().until(() -> find(id).path("because").asText().contains("could not complete the export"));
        assertThat(find(id).path("because").asText()).contains("nothing of it was taken in. It is exported again");
        assertThat(shopbridge.count("SELECT count(*) FROM inbox")).isZero();
        shop.expireNextBulkOperation();
        goOn(id);
        await().until(() -> find(id).path("because").asText().contains("no longer has the export"));
        goOn(id);
        assertThat(end(id).path("state").asText()).isEqualTo("ended");
        assertThat(find(id).path("records").asInt()).isEqualTo(shop.records("customers").size());
    }

    @Test
    void ordersThatTheAppMayNotSeeAreNotTakenForTheWholeHistory() {
        shop.grant("read_companies", "read_customers", "read_locations", "read_orders", "read_products", "read_returns");
        JsonNode end = backfill("order", LocalDate.now(ZoneOffset.UTC).minusDays(90));
        assertThat(end.path("state").asText()).isEqualTo("failed");
        assertThat(end.path("because").asText()).contains("only the orders of the last 60 days", "read_all_orders");
        assertThat(backfill("order", LocalDate.now(ZoneOffset.UTC).minusDays(30)).path("state").asText())
                .isEqualTo("ended");
    }

    /** Shopify says null of them, as of orders that were deleted. */
    @Test
    void ordersThatTheAppMayNoLongerSeeAreWaitedFor() {
        oldShop.faults().answer(503, null, 1, "bulk-results");
        long id = startOf("outlet", "order", "").path("id").asLong();
        await().until(() -> find(id).path("because").asText().contains("The file can't be read"));
        oldShop.grant(AdminOptions.defaults().without("read_all_orders").scopes().toArray(String[]::new));
        goOn(id);
        await().until(() -> find(id).has("ended_at") || find(id).path("because").asText().contains("read_all_orders"));
        JsonNode waits = find(id);
        assertThat(waits.path("state").asText()).as(waits.toString()).isEqualTo("completing");
        assertThat(waits.path("because").asText()).contains("only the orders of the last 60 days", "the backfill goes on");

        oldShop.grant(AdminOptions.defaults().scopes().toArray(String[]::new));
        goOn(id);
        JsonNode end = end(id);
        assertThat(end.path("state").asText()).as(end.toString()).isEqualTo("ended");
        assertThat(end.path("records").asInt()).isEqualTo(end.path("exported").asInt());
        shopbridge.awaitIdle();
        String refunded = oldShop.records("orders").stream().filter(order -> !order.path("refunds").isEmpty())
                .map(order -> order.path("id").asText()).findFirst().orElseThrow();
        assertThat(shopbridge.count("SELECT count(*) FROM mirror_facet WHERE store = 'outlet' AND entity = 'order'"
                + " AND record_id = ? AND facet = 'order'", refunded)).isEqualTo(1);
    }

    @Test
    void aPartThatTheAppMayNotReadIsNamedAndTheRestComes() {
        shop.grant(AdminOptions.defaults().without("read_returns").scopes().toArray(String[]::new));
        JsonNode report = backfill("order", null);
        assertThat(report.path("state").asText()).as(report.toString()).isEqualTo("ended");
        assertThat(report.path("denied").toString()).contains("refunds.return (needs `read_returns` access scope");
        assertThat(report.path("records").asInt()).isEqualTo(shop.records("orders").size());
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT count(*) FROM mirror_facet WHERE facet LIKE 'refund:%'")).isPositive();
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE outcome = 'rejected'")).isZero();
    }

    @Test
    void aPausedOneWaitsAndGoesOn() {
        long id = start("customer", null).path("id").asLong();
        assertThat(post("/api/v1/backfills/" + id + "/pause", "").path("paused").asBoolean()).isTrue();
        assertThat(start("customer", null).path("id").asLong()).as("the same").isEqualTo(id);
        JsonNode paused = find(id);
        post("/api/v1/backfills/" + id + "/resume", "");
        assertThat(paused.path("state").asText()).isNotEqualTo("ended");
        assertThat(end(id).path("records").asInt()).isEqualTo(shop.records("customers").size());
    }

    /** As when the process dies before it keeps the number of the export. */
    @Test
    void anExportThatBeganUnseenIsNotStartedASecondTime() {
        int before = shop.bulkOperations();
        shop.faults().loseAnswers(1, "graphql.json");
        long id = start("customer", null).path("id").asLong();
        await().until(() -> find(id).path("because").asText().contains("did not answer"));
        goOn(id);
        assertThat(end(id).path("state").asText()).isEqualTo("ended");
        assertThat(shop.bulkOperations() - before).isEqualTo(1);
        assertThat(find(id).path("records").asInt()).isEqualTo(shop.records("customers").size());
        assertThat(backfill("customer", null).path("state").asText()).isEqualTo("ended");
        assertThat(shop.bulkOperations() - before).as("the earlier one is not taken again").isEqualTo(2);
    }

    /** What webhooks tell after the export began is newer, whenever it is found. */
    @Test
    void anExportThatBeganUnseenIsAsOldAsItIs() {
        shop.faults().loseAnswers(1, "graphql.json");
        long id = start("company", null).path("id").asLong();
        await().until(() -> find(id).path("because").asText().contains("did not answer"));
        Instant asked = shopbridge.jdbc().queryForObject("UPDATE backfill SET export_asked_at = export_asked_at"
                + " - interval '3 hours' WHERE id = ? RETURNING export_asked_at", Timestamp.class, id).toInstant();
        goOn(id);
        assertThat(end(id).path("state").asText()).isEqualTo("ended");
        assertThat(shopbridge.bean(Backfills.class).find(id).orElseThrow().beganAt()).isEqualTo(asked);
        assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE webhook_id LIKE 'backfill:%'")).isPositive();
        assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE webhook_id LIKE 'backfill:%'"
                + " AND (convert_from(body, 'UTF8')::jsonb ->> '__exportedAfter')::timestamptz > ?",
                Timestamp.from(asked))).as("told later than they were read").isZero();
    }

    /** Shopify runs five at a time, each for days if it must. */
    @Test
    void theExportOfACancelledBackfillGivesItsPlaceToTheNext() {
        shop.bulkTime(Duration.ofDays(1));
        try {
            for (int i = 0; i < 5; i++) {
                long cancelled = start("customer", null).path("id").asLong();
                await().until(() -> find(cancelled).path("state").asText().equals("exporting"));
                post("/api/v1/backfills/" + cancelled + "/cancel", "");
            }
            long id = start("customer", null).path("id").asLong();
            await().until(() -> find(id).path("because").asText().contains("As many exports run"));
            shop.bulkTime(Duration.ZERO);
            await().until(() -> {
                goOn(id);
                return find(id).has("ended_at");
            });
            assertThat(find(id).path("records").asInt()).isEqualTo(shop.records("customers").size());
        } finally {
            shop.bulkTime(Duration.ofMillis(50));
        }
    }

    @Test
    void theEndOfAnExportIsLookedAtWhenShopifyTellsOfIt() {
        Backfills backfills = shopbridge.bean(Backfills.class);
        Backfill backfill = backfills.ask("main", List.of("company"), new BackfillScope(null, null, false)).get(0);
        backfills.pause(backfill.id(), true);
        backfills.exporting(backfill, "gid://shopify/BulkOperation/7");
        backfills.wait(backfill, Instant.now().plus(Duration.ofHours(1)), null);
        for (String other : List.of("8", "7")) {
            shopbridge.post("bulk_operations/finish", "{\"admin_graphql_api_id\": \"gid://shopify/BulkOperation/" + other
                    + "\", \"completed_at\": \"2026-03-01T04:34:56-05:00\", \"status\": \"completed\", \"type\":"
                    + " \"query\"}");
            shopbridge.awaitIdle();
            assertThat(shopbridge.count("SELECT count(*) FROM backfill WHERE due_at <= now() AND state = 'exporting'"))
                    .isEqualTo(other.equals("7") ? 1 : 0);
        }
        backfills.cancel(backfill.id());
    }

    @Test
    void anExportOfNothingEnds() {
        JsonNode end = backfill("customer", LocalDate.now(ZoneOffset.UTC));
        assertThat(end.path("state").asText()).isEqualTo("ended");
        assertThat(end.path("records").asInt()).isZero();
    }

    @Test
    void whatIsReadOfTheFileAfterItsEndIsNotKept() {
        Backfills backfills = shopbridge.bean(Backfills.class);
        Backfill cancelled = backfills.ask("main", List.of("company"), new BackfillScope(null, null, false)).get(0);
        backfills.cancel(cancelled.id());
        assertThat(backfills.store(cancelled, 0, List.of(""), List.of("{}".getBytes(StandardCharsets.UTF_8)))).isFalse();
        backfills.accepted(new Step(cancelled, List.of(), 1, List.of("gid://shopify/Company/1"), List.of(), STEP));
        assertThat(shopbridge.count("SELECT (SELECT count(*) FROM backfill_line) + (SELECT count(*) FROM backfill_rest)"))
                .isZero();
    }

    @Test
    void theReportSaysWhatStillWaitsAndWhy() {
        shopbridge.hubspot.faults().answer(503, null, 10_000);
        JsonNode report = backfill("customer", LocalDate.now(ZoneOffset.UTC).minusDays(300));
        long id = report.path("id").asLong();
        await().until(() -> find(id).at("/reasons/hubspot/waiting").size() > 0);
        JsonNode now = find(id);
        assertThat(now.at("/outcomes/hubspot/waiting").asInt()).as(now.toString()).isPositive();
        shopbridge.hubspot.faults().clear();
        shopbridge.endThePause();
        shopbridge.settle();
        await().until(() -> find(id).at("/outcomes/hubspot/waiting").isMissingNode());
    }

    @Test
    void ordersOfBeforeTheCutoffOnlyCountInFiguresUntilAnEarlierDayIsGiven() {
        List<ObjectNode> orders = shop.records("orders");
        String all = "\"figures_before\": \"" + LocalDate.now(ZoneOffset.UTC).minusDays(1) + "\"";
        JsonNode forecast = end(startWith("order", ", \"dry_run\": true, " + all).path("id").asLong());
        assertThat(forecast.at("/forecast/hubspot/records/order/skipped").asInt()).isEqualTo(orders.size());
        long id = end(startWith("order", ", " + all).path("id").asLong()).path("id").asLong();
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("orders")).isEmpty();
        assertThat(find(id).at("/outcomes/hubspot/skipped").asInt()).isEqualTo(orders.size());
        assertThat(shopbridge.count("SELECT count(*) FROM order_figures")).as("all count").isEqualTo(orders.size());
        assertThat(shopbridge.hubspot.records("contacts")).extracting(one ->
                one.at("/properties/shopify_orders_count").asText("0")).anyMatch(count -> !count.equals("0"));

        ObjectNode old = orders.get(0);
        old.put("updated_at", Instant.now().toString()).put("note", "refunded at last");
        shopbridge.post("orders/updated", old);
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("orders")).isEmpty();

        JsonNode same = end(startWith("order", ", \"dry_run\": true").path("id").asLong());
        assertThat(same.at("/forecast/hubspot/records/order/skipped").asInt()).isEqualTo(orders.size());
        JsonNode foretold = end(startWith("order", ", \"dry_run\": true, " + EARLIER).path("id").asLong());
        assertThat(foretold.at("/forecast/hubspot/records/order/created").asInt()).as(foretold.toString())
                .isEqualTo(orders.size());
        end(startWith("order", ", " + EARLIER).path("id").asLong());
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("orders")).hasSize(orders.size());
        JsonNode again = end(startWith("order", ", \"dry_run\": true, " + EARLIER).path("id").asLong());
        assertThat(again.at("/forecast/hubspot/records/order/unchanged").asInt()).as(again.toString())
                .isEqualTo(orders.size());
    }

    /** The day is in force, so that nothing keeps the orders back that are not made before it. */
    @Test
    void ordersBetweenTwoDaysAreDeliveredAlsoIfTheBackfillIsCancelledOrFails() {
        OrderCutoffs cutoffs = shopbridge.bean(OrderCutoffs.class);
        List<ObjectNode> orders = shop.records("orders");
        cutoffs.set("main", LocalDate.now(ZoneOffset.UTC).minusDays(1));
        shopbridge.post("orders/create", orders.get(0));
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("orders")).isEmpty();
        Backfills backfills = shopbridge.bean(Backfills.class);
        Backfill cancelled = backfills.ask("main", List.of("order"),
                new BackfillScope(null, LocalDate.of(2000, 1, 1), false)).get(0);
        backfills.pause(cancelled.id(), true);
        backfills.exporting(cancelled, "gid://shopify/BulkOperation/7");
        post("/api/v1/backfills/" + cancelled.id() + "/cancel", "");
        await().until(() -> shopbridge.hubspot.records("orders").size() == 1);

        cutoffs.set("main", LocalDate.now(ZoneOffset.UTC).minusDays(1));
        shopbridge.post("orders/create", orders.get(1));
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("orders")).hasSize(1);
        shop.failNextBulkOperation(false);
        long fails = startWith("order", ", " + EARLIER).path("id").asLong();
        shopbridge.jdbc().update("UPDATE backfill SET tries = 2 WHERE id = ?", fails);
        assertThat(end(fails).path("state").asText()).isEqualTo("failed");
        await().until(() -> shopbridge.hubspot.records("orders").size() == 2);
    }

    @Test
    void theDayIsInForceFromTheFirstExportOnAndNotAgainAfterItWasRemoved() {
        Backfills backfills = shopbridge.bean(Backfills.class);
        Backfill asked = backfills.ask("main", List.of("order"), new BackfillScope(null, LocalDate.of(2024, 1, 1), false))
                .get(0);
        backfills.pause(asked.id(), true);
        assertThat(shopbridge.count("SELECT count(*) FROM order_cutoff")).isZero();
        backfills.exporting(asked, "gid://shopify/BulkOperation/7");
        assertThat(shopbridge.count("SELECT count(*) FROM order_cutoff")).isEqualTo(1);
        assertThat(shopbridge.bean(OrderCutoffs.class).remove("main")).contains(LocalDate.of(2024, 1, 1));
        backfills.exporting(backfills.find(asked.id()).orElseThrow(), "gid://shopify/BulkOperation/8");
        assertThat(shopbridge.count("SELECT count(*) FROM order_cutoff")).isZero();
        backfills.cancel(asked.id());
    }

    @Test
    void ordersThatAWrongDayKeptBackAreDeliveredWhenItIsRemoved() {
        OrderCutoffs cutoffs = shopbridge.bean(OrderCutoffs.class);
        cutoffs.set("main", LocalDate.now(ZoneOffset.UTC).plusYears(30));
        shopbridge.post("orders/create", shop.records("orders").get(0));
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("orders")).isEmpty();
        cutoffs.remove("main");
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("orders")).hasSize(1);
        assertThat(shopbridge.count("SELECT count(*) FROM order_cutoff")).isZero();
    }

    @Test
    void whatWebhooksToldSinceIsNotUndone() {
        ObjectNode order = shop.records("orders").get(0);
        order.put("updated_at", Instant.now().toString()).put("note", "told a moment ago");
        shopbridge.post("orders/updated", order);
        shopbridge.awaitIdle();
        backfill("order", null);
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot("orders", "shopify_order_key", "main:" + order.path("id").asText())
                .at("/properties/shopify_note").asText()).isEqualTo("told a moment ago");
    }

    @Test
    void aDryRunSaysWhatWouldBecomeOfTheRecordsAndTakesNothingIn() {
        List<ObjectNode> customers = shop.records("customers");
        ObjectNode known = customers.stream().filter(one -> !one.path("email").asText().isEmpty()).findFirst().orElseThrow();
        shopbridge.hubspotHas("contacts", "{\"email\": \"" + known.path("email").asText() + "\", \"firstname\": \""
                + known.path("first_name").asText() + "\"}");
        int before = shopbridge.hubspot.records("contacts").size();

        JsonNode end = end(start("customer", null, true).path("id").asLong());
        assertThat(end.path("dry_run").asBoolean()).isTrue();
        assertThat(end.path("state").asText()).as(end.toString()).isEqualTo("ended");
        JsonNode contacts = end.at("/forecast/hubspot/records/customer");
        assertThat(contacts.at("/found_by/email").asInt()).as(end.toString()).isEqualTo(1);
        assertThat(contacts.path("created").asInt() + contacts.path("updated").asInt() + contacts.path("unchanged").asInt()
                + contacts.path("skipped").asInt() + contacts.path("rejected").asInt() + contacts.path("held").asInt())
                .isEqualTo(customers.size());
        assertThat(end.at("/forecast/hubspot/calls/all_others").asInt()).isPositive();
        assertThat(end.at("/forecast/crm-one/records/customer/created").asInt()).isPositive();

        JsonNode orders = end(start("order", null, true).path("id").asLong());
        assertThat(orders.at("/forecast/hubspot/records/order/created").asInt()).as(orders.toString())
                .isEqualTo(shop.records("orders").size());
        assertThat(shopbridge.count("SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM mirror_facet)"
                + " + (SELECT count(*) FROM work) + (SELECT count(*) FROM link) + (SELECT count(*) FROM identity_claim)"
                + " + (SELECT count(*) FROM order_figures) + (SELECT count(*) FROM backfill_line)"
                + " + (SELECT count(*) FROM backfill_forecast)")).isZero();
        assertThat(shopbridge.hubspot.records("contacts")).hasSize(before);

        backfill("customer", null);
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("contacts").size() - before).isEqualTo(contacts.path("created").asInt());
        JsonNode again = end(start("customer", null, true).path("id").asLong());
        assertThat(again.at("/forecast/hubspot/records/customer/created").asInt()).as(again.toString()).isZero();
        assertThat(again.at("/forecast/hubspot/records/customer/updated").asInt()).isZero();
    }

    @Test
    void aDryRunTellsOfBuyersWhoLoseAnOrder() {
        List<ObjectNode> orders = shop.records("orders");
        Map<String, Long> bought = orders.stream().collect(Collectors.groupingBy(BackfillIT::buyer, Collectors.counting()));
        ObjectNode cancelled = orders.stream().filter(order -> !order.path("cancelled_at").asText("").isEmpty())
                .filter(order -> !buyer(order).isEmpty() && bought.get(buyer(order)) == 1).findFirst().orElseThrow();
        ObjectNode another = orders.stream().filter(order -> order.path("cancelled_at").asText("").isEmpty())
                .filter(order -> !buyer(order).isEmpty()).findFirst().orElseThrow();
        String before = another.path("created_at").asText();
        shopbridge.post("orders/updated", cancelled.deepCopy().put("updated_at", cancelled.path("created_at").asText())
                .putNull("cancelled_at").put("financial_status", "paid"));
        ObjectNode former = another.deepCopy().put("updated_at", before).put("email", "before@example.com")
                .put("contact_email", "before@example.com").putNull("phone");
        former.putObject("customer").put("id", 77).put("email", "before@example.com").put("updated_at", before);
        shopbridge.post("orders/updated", former);
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:" + buyer(cancelled)).at("/fields/orders_count").asInt()).isOne();
        assertThat(shopbridge.crmOne("contacts", "main:77").at("/fields/orders_count").asInt()).isOne();

        JsonNode forecast = end(start("order", null, true).path("id").asLong());
        assertThat(forecast.at("/forecast/crm-one/records/customer/updated").asInt()).as("%s", forecast).isEqualTo(2);

        backfill("order", null);
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:" + buyer(cancelled)).at("/fields/orders_count").asInt()).isZero();
        assertThat(shopbridge.crmOne("contacts", "main:77").at("/fields/orders_count").asInt()).isZero();
    }

    private static String buyer(ObjectNode order) {
        return order.at("/customer/id").asText("");
    }

    private static JsonNode backfill(String entity, LocalDate since) {
        return end(start(entity, since).path("id").asLong());
    }

    private static JsonNode start(String entity, LocalDate since) {
        return start(entity, since, false);
    }

    private static JsonNode start(String entity, LocalDate since, boolean dryRun) {
        return startWith(entity, ", \"dry_run\": " + dryRun + (since == null ? "" : ", \"since\": \"" + since + "\""));
    }

    private static JsonNode startWith(String entity, String more) {
        return startOf("main", entity, more);
    }

    private static JsonNode startOf(String store, String entity, String more) {
        return post("/api/v1/backfills", "{\"store\": \"" + store + "\", \"entities\": [\"" + entity + "\"]" + more
                + "}").get(0);
    }

    private static JsonNode end(long id) {
        await().until(() -> find(id).has("ended_at"));
        return find(id);
    }

    private static JsonNode find(long id) {
        return shopbridge.operator("GET", "/api/v1/backfills/" + id);
    }

    private static void goOn(long id) {
        shopbridge.jdbc().update("UPDATE backfill SET due_at = now() WHERE id = ?", id);
    }

    private static JsonNode post(String path, String body) {
        String login = Base64.getEncoder().encodeToString(("operator:" + RunningShopbridge.PASSWORD)
                .getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> answer = shopbridge.send(HttpRequest.newBuilder(shopbridge.uri(path))
                .header("Authorization", "Basic " + login).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)).build());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return shopbridge.object("{\"all\":" + answer.body() + "}").get("all");
    }

    /** In memory they are some times as large, and a step that takes too much would be begun again for ever. */
    @Test
    void largeOrdersAreTakenInAFewAtATime() {
        long id = shopbridge.count("INSERT INTO backfill (store, entity, state, paused) VALUES ('main', 'order', 'importing',"
                + " true) RETURNING id");
        shopbridge.jdbc().update("""
                INSERT INTO backfill_line (backfill, number, parent, line)
                SELECT ?, n * 10, '', convert_to('{"id": "gid://shopify/Order/' || n || '"}', 'UTF8')
                FROM generate_series(1, 5) n
                UNION ALL SELECT ?, n * 10 + 1, 'gid://shopify/Order/' || n, convert_to('{"id": "gid://shopify/LineItem/'
                    || n || '", "title": "' || repeat('x', 3000000) || '", "__parentId": "gid://shopify/Order/' || n || '"}',
                    'UTF8') FROM generate_series(1, 5) n""", id, id);
        Step step = shopbridge.bean(Backfilling.class).records(shopbridge.bean(Backfills.class).find(id).orElseThrow());
        assertThat(step.events()).hasSize(2);
        assertThat(step.atLine()).as("where the next step begins").isEqualTo(20);
    }

    private static Map<String, BigDecimal> totals(String key, String total, List<ObjectNode> records) {
        return records.stream().map(record -> record.path("fields")).collect(Collectors.toMap(
                fields -> fields.path(key).asText(), fields -> decimal(fields.path(total)), (one, other) -> one,
                TreeMap::new));
    }

    private static BigDecimal decimal(JsonNode amount) {
        return new BigDecimal(amount.asText()).stripTrailingZeros();
    }

    private static Set<String> keys(List<ObjectNode> records, String key) {
        return records.stream().map(record -> record.at("/properties/" + key).asText())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
