package io.shopbridge.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.command.Commands;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import io.shopbridge.schedule.Jobs;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.store.Stores;
import io.shopbridge.work.StorePauses;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The subscriptions of a simulated shop, by the operator API and the check of every hour, which comes every second. */
@ExtendWith(OutputCaptureExtension.class)
class SubscriptionsIT {

    private static final String ADDRESS = "https://bridge.example.com";
    private static final String NEVER = "0 0 0 1 1 ? 2099";

    @Test
    void whatIsMissingIsToldAndMendedAndToldAgainWhenShopifyDeletesOne(CapturedOutput log) {
        Instant start = Instant.now().minus(Duration.ofMinutes(50)).truncatedTo(ChronoUnit.SECONDS);
        ShopModel model = ShopModel.stepping(7, start, Duration.ofSeconds(3));
        try (SimulatedAdminApi shop = SimulatedAdminApi.start(0, AdminOptions.defaults(), model);
                RunningShopbridge shopbridge = RunningShopbridge.with("--shopbridge.stores.main.admin.url=" + shop.baseUrl(),
                        "--shopbridge.stores.main.admin.access-token=" + Options.DEFAULT_TOKEN,
                        "--shopbridge.subscriptions.address=" + ADDRESS,
                        "--shopbridge.schedules.subscriptions=* * * * * ?",
                        "--shopbridge.stores.main.polls.order=" + NEVER, "--shopbridge.stores.main.polls.customer=" + NEVER,
                        "--shopbridge.stores.main.polls.company=" + NEVER,
                        "--shopbridge.stores.main.polls.checkout=" + NEVER)) {
            await().until(() -> faulty(shopbridge) > 20);
            assertThat(shop.isSubscribed("orders/updated")).as("only told").isFalse();
            await().untilAsserted(() -> assertThat(log.getAll()).contains(
                    "Store main: webhook subscriptions were missing or wrong: ",
                    "Mend them: `webhooks --store main --apply`."));

            JsonNode shown = shopbridge.operator("GET", "/api/v1/stores/main/subscriptions");
            assertThat(shown.path("registered")).isEmpty();
            assertThat(shown.path("address").asText()).isEqualTo(ADDRESS + "/webhooks/shopify/main");
            assertThat(shown.path("notes").toString()).contains("shopify.app.toml");
            assertThat(webhooks(shopbridge, "--store", "main")).contains("Missing or wrong:\n",
                    "    orders/updated: it is not subscribed to\n");
            assertThat(webhooks(shopbridge, "--store", "main", "--apply")).contains("    orders/updated  " + ADDRESS
                    + "/webhooks/shopify/main\n", "Nothing is missing or wrong, as far as can be seen.",
                    "Subscriptions in shopify.app.toml are not listed");
            JsonNode mended = shopbridge.operator("GET", "/api/v1/stores/main/subscriptions");
            assertThat(mended.path("faults")).isEmpty();
            assertThat(mended.path("registered").findValuesAsText("topic")).contains("orders/updated", "customers/merge",
                    "customer.tags_added", "app/uninstalled").doesNotContain("draft_orders/update", "products/update");
            await().until(() -> faulty(shopbridge) == 0);

            // The polls have passed by what happens now: their watermark is later.
            assertThat(shopbridge.count("SELECT count(*) FROM poll")).as("nothing was missed yet").isZero();
            shopbridge.jdbc().update("INSERT INTO poll (store, entity, watermark) SELECT 'main', e, now()"
                    + " FROM unnest(ARRAY['order', 'customer', 'company', 'checkout']) e");
            Instant last = start.minusSeconds(60);
            shopbridge.post(new ShopEvent("orders/updated", "last", "last", last, ("{\"id\": 1, \"updated_at\": \"" + last
                    + "\", \"line_items\": []}").getBytes(StandardCharsets.UTF_8)));
            model.events(60);

            shop.deleteSubscription("orders/updated");
            await().until(() -> faulty(shopbridge) == 1);
            await().untilAsserted(() -> assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE topic = 'api/order'"))
                    .isEqualTo(shop.records("orders").size()).isPositive());
            assertThat(log.getAll()).contains("What happened since " + last
                    + " may have been missed: the shop is polled from then on (order).");
            assertThat(shopbridge.count("SELECT count(*) FROM poll WHERE complete_at IS NOT NULL AND again_from IS NULL"))
                    .as("of orders alone").isOne();
            assertThat(shopbridge.jdbc().queryForList("SELECT topic FROM subscription_fault", String.class))
                    .containsExactly("orders/updated");
            mending(shopbridge).check();
            assertThat(shop.isSubscribed("orders/updated")).isTrue();
            await().until(() -> faulty(shopbridge) == 0);

            shop.deleteSubscription("orders/updated");
            shopbridge.jdbc().update("INSERT INTO store_pause (store, since, because) VALUES ('main', now(), 'a test')");
            mending(shopbridge).check();
            assertThat(shop.isSubscribed("orders/updated")).as("nothing is asked of a paused store").isFalse();

            shopbridge.operator("POST", "/api/v1/stores/main/resume");
            await().untilAsserted(() -> assertThat(shopbridge.count("SELECT count(*) FROM poll WHERE complete_at > ("
                    + "SELECT resumed_at FROM store_pause)")).as("everything is polled").isEqualTo(4));
            Instant before = Instant.now();
            shopbridge.operator("POST", "/api/v1/polls/main/customer?since=" + last);
            await().until(() -> shopbridge.count("SELECT count(*) FROM poll WHERE entity = 'customer' AND complete_at > ?",
                    Timestamp.from(before)) == 1);
            assertThat(shopbridge.count("SELECT count(*) FROM inbox WHERE topic = 'api/customer'"))
                    .isEqualTo(shop.records("customers").size()).isPositive();
        }
    }

    private static String webhooks(RunningShopbridge shopbridge, String... options) {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setProperty("shopbridge.operator.password", RunningShopbridge.PASSWORD);
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            Commands.run(Stream.concat(Stream.of("webhooks", "--at", shopbridge.uri("").toString()), Stream.of(options))
                    .toArray(String[]::new));
        } finally {
            System.setOut(before);
            System.clearProperty("shopbridge.operator.password");
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** The check as it is where it may mend. */
    private static SubscriptionCheck mending(RunningShopbridge shopbridge) {
        return new SubscriptionCheck(shopbridge.bean(Subscriptions.class), new SubscriptionSettings(ADDRESS, true),
                shopbridge.bean(Stores.class), shopbridge.bean(StorePauses.class), shopbridge.bean(AdminApi.class),
                shopbridge.bean(OpenFaults.class), shopbridge.bean(Jobs.class));
    }

    private static long faulty(RunningShopbridge shopbridge) {
        return shopbridge.count("SELECT count(*) FROM subscription_fault");
    }
}
