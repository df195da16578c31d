package io.shopbridge.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shopbridge.RunningShopbridge;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Fifty webhooks a second beside other work, from its making until {@link #end}: how late do they reach the CRMs? */
public final class Today {

    private static final int WEBHOOKS_A_SECOND = 50;
    private static final long MOST_MILLIS = 1_000;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    /** A backfill's deliveries come after all others, and are none of today's. */
    private static final String OF_TODAY = " JOIN inbox i ON i.id = inbox_id WHERE NOT starts_with(i.topic, 'backfill/')";

    private final RunningShopbridge shopbridge;
    private final long before;
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(4);
    private final AtomicInteger sent = new AtomicInteger();

    /** @param webhook posts the webhook of this number, from 1 on */
    public Today(RunningShopbridge shopbridge, IntConsumer webhook) {
        this.shopbridge = shopbridge;
        this.before = shopbridge.count("SELECT coalesce(max(id), 0) FROM outcome");
        threads.scheduleAtFixedRate(() -> webhook.accept(sent.incrementAndGet()), 0, 1_000_000 / WEBHOOKS_A_SECOND,
                TimeUnit.MICROSECONDS);
    }

    /** Sends no more. */
    public void stop() {
        threads.shutdown();
    }

    /**
     * Waits until all are delivered, prints of each CRM how long they took from their receipt to the delivery, and from
     * the mirror on, and fails where the slowest twentieth took a second.
     */
    public void end() throws InterruptedException {
        stop();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() ->
                shopbridge.count("SELECT count(*) FROM inbox_waiting w JOIN inbox i USING (id)"
                        + " WHERE NOT starts_with(i.topic, 'backfill/')") == 0
                        && shopbridge.count("SELECT count(*) FROM work" + OF_TODAY) == 0);
        shopbridge.jdbc().query("SELECT o.crm, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY lag),"
                + " percentile_disc(0.95) WITHIN GROUP (ORDER BY lag), percentile_disc(0.95) WITHIN GROUP (ORDER BY lag_ms)"
                + " FROM (SELECT crm, lag_ms, (extract(epoch FROM at - i.received_at) * 1000)::bigint AS lag FROM outcome o"
                + OF_TODAY
                + " AND o.id > ? AND crm IS NOT NULL AND outcome IN ('delivered', 'unchanged')) o"
                + " GROUP BY crm ORDER BY crm", row -> {
            System.out.println(String.format(Locale.ROOT, "%d webhooks beside it, to %s: %d deliveries, lag p50 %d ms,"
                    + " p95 %d ms, from the mirror on %d ms", sent.get(), row.getString(1), row.getLong(2), row.getLong(3),
                    row.getLong(4), row.getLong(5)));
            assertThat(row.getLong(4)).as("lag p95 in %s", row.getString(1)).isLessThan(MOST_MILLIS);
        }, before);
    }
}
