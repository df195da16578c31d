package io.shopbridge.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Draft orders of a store whose CRMs make deals of them, whichever way they come. */
class DraftOrderPollIT {

    private static final Instant START = Instant.now().minus(Duration.ofMinutes(50)).truncatedTo(ChronoUnit.SECONDS);
    private static final int EVENTS = 120;

    private static int port;
    private static RunningShopbridge shopbridge;
    private SimulatedAdminApi shop;

    @BeforeAll
    static void start() {
        try (SimulatedAdminApi first = SimulatedAdminApi.start(0, options(), model(1))) {
            port = first.port();
        }
        shopbridge = RunningShopbridge.with("--shopbridge.stores.main.crms=activities,figures",
                "--shopbridge.stores.main.admin.url=http://localhost:" + port,
                "--shopbridge.stores.main.admin.client-id=app",
                "--shopbridge.stores.main.admin.client-secret=sandbox-secret",
                "--shopbridge.schedules.backfill=* * * * * ?", "--shopbridge.schedules.recount-steps=* * * * * ?",
                // Only when a test says so. The last is named as a variable of the environment names it.
                "--shopbridge.stores.main.polls.order=0 0 0 1 1 ? 2099",
                "--shopbridge.stores.main.polls.customer=0 0 0 1 1 ? 2099",
                "--shopbridge.stores.main.polls.draftorder=0 0 0 1 1 ? 2099",
                "--shopbridge.stores.main.polls.checkout=off", "--shopbridge.stores.main.polls.company=off");
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
    void theyComeByPollsAndBackfillsAsTheyComeByWebhooks() {
        long seed = LongStream.iterate(1, next -> next + 1).filter(next -> isWhole(model(next).events(EVENTS))).findFirst()
                .orElseThrow();
        ShopModel model = model(seed);
        model.events(EVENTS).forEach(event -> assertThat(shopbridge.post(event)).isEqualTo(200));
        shopbridge.settle();
        List<String> expected = deals();
        assertThat(expected).hasSizeGreaterThan(3).anyMatch(deal -> deal.contains("\"closedwon\""))
                .anyMatch(deal -> deal.contains("\"presentationscheduled\""));

        shopbridge.reset();
        open(model);
        shopbridge.runJobs("poll");
        shopbridge.settle();
        assertThat(deals()).as("by a poll").isEqualTo(expected);
        model(seed).events(EVENTS).forEach(shopbridge::post);
        shopbridge.settle();
        assertThat(deals()).as("and by webhooks").isEqualTo(expected);

        shopbridge.reset();
        for (String entity : List.of("customer", "draft_order")) {
            long backfill = shopbridge.operator("POST", "/api/v1/backfills",
                    "{\"store\": \"main\", \"entities\": [\"" + entity + "\"]}").path(0).path("id").asLong();
            await().atMost(Duration.ofSeconds(60)).until(() -> backfill(backfill).path("state").asText().equals("ended"));
            if (entity.equals("draft_order")) {
                assertThat(backfill(backfill).path("shop_has").asLong()).isEqualTo(shop.records("draft_orders").size());
            }
        }
        shopbridge.settle();
        assertThat(deals()).as("by a backfill").isEqualTo(expected);
    }

    /** Of drafts in other currencies too: a webhook's amounts are in the shop's. */
    @Test
    void anAmountThatAWebhookChangesAfterAPollIsTheDealsAtOnce() {
        ShopModel model = model(2);
        model.events(EVENTS);
        open(model);
        shopbridge.runJobs("poll");
        shopbridge.settle();
        assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE topic = 'api/draft_order'"
                + " AND convert_from(body, 'UTF8') LIKE '%\"presentmentCurrencyCode\":\"USD\"%'")).isPositive();

        shop.records("draft_orders").forEach(draft -> {
            Instant then = OffsetDateTime.parse(draft.path("updated_at").asText()).toInstant().plusSeconds(1);
            draft.put("total_price", "123.45").put("updated_at", then.toString());
            String id = "more-" + draft.path("id").asText();
            shopbridge.post(new ShopEvent("draft_orders/update", id, id, then,
                    draft.toString().getBytes(StandardCharsets.UTF_8)));
        });
        shopbridge.settle();
        assertThat(shopbridge.crmOne.records("deals")).hasSizeGreaterThan(3).allSatisfy(deal -> {
            assertThat(deal.at("/fields/amount").asText()).isEqualTo("123.45");
            assertThat(deal.at("/fields/currency").asText()).isEqualTo("EUR");
        });
    }

    /** Each of their webhooks is lost. */
    @Test
    void oneThatIsCompletedIsWonByAPollAndOneThatIsDeletedIsLostByARecount() {
        ShopModel model = model(2);
        model.events(EVENTS / 2);
        model.draft();
        open(model);
        shopbridge.runJobs("poll");
        shopbridge.settle();
        String first = lastDraft();
        assertThat(stage(first)).isEqualTo("open");

        model.completeLastDraft();
        model.draft();
        shopbridge.runJobs("poll");
        shopbridge.settle();
        String second = lastDraft();
        assertThat(stage(first)).isEqualTo("won");
        assertThat(stage(second)).isEqualTo("open");

        model.deleteLastDraft();
        model.deleteLastDraft();
        long recount = shopbridge.operator("POST", "/api/v1/recounts",
                "{\"store\": \"main\", \"entities\": [\"draft_order\"], \"repair\": true}").path("id").asLong();
        await().atMost(Duration.ofSeconds(60)).until(() -> recount(recount).path("state").asText().equals("done"));
        shopbridge.settle();

        assertThat(recount(recount).path("differences").toString())
                .contains("\"class\":\"deleted\",\"found\":2,\"repaired\":2");
        assertThat(stage(first)).as("its order stays").isEqualTo("won");
        assertThat(stage(second)).isEqualTo("lost");
    }

    @Test
    void aPollWithoutTheScopeSaysWhichItNeeds() {
        open(model(3), options().without("read_draft_orders"));
        shopbridge.runJobs("poll");

        assertThat(shopbridge.operator("GET", "/api/v1/polls").toString()).contains("read_draft_orders");
    }

    /** Nothing is deleted, drafts of all kinds are there. */
    private static boolean isWhole(List<ShopEvent> events) {
        return events.stream().noneMatch(event -> event.topic().matches(".*/(delete|merge)"))
                && events.stream().anyMatch(event -> new String(event.body()).contains("\"status\":\"completed\""));
    }

    /** Of both CRMs, without their own ids. */
    private static List<String> deals() {
        return Stream.concat(shopbridge.hubspot.records("deals").stream().map(deal -> deal.path("properties")),
                        shopbridge.crmOne.records("deals").stream().map(deal -> deal.path("fields")))
                .map(fields -> ((ObjectNode) fields).remove(List.of("contact_id", "hs_object_id", "createdate",
                        "hs_lastmodifieddate")))
                .map(DraftOrderPollIT::byName).sorted().toList();
    }

    private static String byName(ObjectNode fields) {
        TreeMap<String, JsonNode> byName = new TreeMap<>();
        fields.properties().forEach(field -> byName.put(field.getKey(), field.getValue()));
        return byName.toString();
    }

    private String lastDraft() {
        List<ObjectNode> drafts = shop.records("draft_orders");
        return drafts.get(drafts.size() - 1).path("id").asText();
    }

    private static String stage(String draft) {
        return shopbridge.crmOne("deals", "main:draft-" + draft).at("/fields/stage").asText();
    }

    private static JsonNode backfill(long id) {
        return shopbridge.operator("GET", "/api/v1/backfills/" + id);
    }

    private static JsonNode recount(long id) {
        return shopbridge.operator("GET", "/api/v1/recounts/" + id);
    }

    private void open(ShopModel model) {
        open(model, options());
    }

    private void open(ShopModel model, AdminOptions options) {
        shop = SimulatedAdminApi.start(port, options, model);
        shopbridge.askAnotherShop();
    }

    private static AdminOptions options() {
        return AdminOptions.defaults().withDomain(RunningShopbridge.DOMAIN).withBulkTime(Duration.ofMillis(50));
    }

    private static ShopModel model(long seed) {
        return ShopModel.stepping(seed, START, Duration.ofSeconds(3)).withDraftOrders();
    }
}
