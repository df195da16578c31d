package io.shopbridge.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * What a poll costs in which nothing is new, while the mirror grows: one query for each entity, and as many pages of the
 * database with a million orders as with a tenth of them. The orders are copies of the largest facet of one that the
 * application wrote.
 *
 * <p>{@code mvn test -Dtest=QuietStore}, with {@code -Dquiet.orders=1000000}.
 */
class QuietStore {

    private static final int ORDERS = Integer.getInteger("quiet.orders", 1_000_000);
    private static final String NEVER = "=0 0 0 1 1 ? 2099";
    /** PostgreSQL tells what a connection looked at once it is idle for ten seconds. */
    private static final Duration TOLD = Duration.ofSeconds(12);

    private RunningShopbridge shopbridge;
    private SimulatedAdminApi shop;

    @Test
    void aPollCostsTheSameHoweverManyOrdersThereAre() {
        ShopModel model = ShopModel.stepping(5, Instant.now().minus(Duration.ofMinutes(50)), Duration.ofSeconds(3));
        model.events(120);
        try (SimulatedAdminApi api = SimulatedAdminApi.start(0, AdminOptions.defaults(), model);
                RunningShopbridge running = RunningShopbridge.with("--shopbridge.stores.main.admin.url=" + api.baseUrl(),
                        "--shopbridge.stores.main.admin.access-token=" + Options.DEFAULT_TOKEN,
                        "--shopbridge.schedules.poll-order" + NEVER, "--shopbridge.schedules.poll-customer" + NEVER,
                        "--shopbridge.schedules.poll-company" + NEVER, "--shopbridge.schedules.poll-checkout" + NEVER)) {
            shop = api;
            shopbridge = running;
            shopbridge.runJobs("poll");
            shopbridge.settle();
            poll("of the shop alone");
            // A table of few pages is read as a whole, so that one is no measure.
            add(1, ORDERS / 10);
            long few = poll("and " + ORDERS / 10 + " more");
            add(ORDERS / 10 + 1, ORDERS);
            long many = poll("and " + ORDERS + " more");
            assertThat(many).as("an index has a level more, a scan would look at all").isLessThan(2 * few);
        }
    }

    /** Copies of an order, under other ids. */
    private void add(int first, int last) {
        shopbridge.jdbc().update("""
                INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value, inbox_id)
                SELECT store, entity, (6000000000000 + n)::text, facet, version_at, version_tie, value, inbox_id
                FROM (SELECT * FROM mirror_facet WHERE entity = 'order' ORDER BY octet_length(value) DESC LIMIT 1) f,
                    generate_series(?, ?) n""", first, last);
        shopbridge.jdbc().execute("VACUUM (ANALYZE) mirror_facet");
    }

    /** Pages of the tables that a poll reads, with their indexes. */
    private long poll(String records) {
        long calls = calls();
        long before = pages();
        shopbridge.runJobs("poll");
        long asked = calls() - calls;
        long pages = pages() - before;
        System.out.println(String.format(Locale.ROOT, "A quiet poll of four entities, orders %s: %d queries, %,d pages",
                records, asked, pages));
        assertThat(asked).isEqualTo(4);
        return pages;
    }

    private long calls() {
        return shop.calls().getOrDefault("POST graphql", 0L);
    }

    private long pages() {
        await().pollDelay(TOLD).atMost(TOLD.multipliedBy(2)).until(() -> true);
        return shopbridge.count("SELECT sum(coalesce(heap_blks_read + heap_blks_hit, 0) + coalesce(idx_blks_read +"
                + " idx_blks_hit, 0) + coalesce(toast_blks_read + toast_blks_hit, 0)) FROM pg_statio_user_tables"
                + " WHERE relname IN ('mirror_facet', 'poll', 'record_alias', 'inbox')");
    }
}
