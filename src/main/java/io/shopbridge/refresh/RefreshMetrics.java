package io.shopbridge.refresh;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.mirror.RefreshQueue;
import io.shopbridge.mirror.RefreshQueue.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** How many records of each store and entity are due to be asked for, and since when; the same in all containers. */
@Component
class RefreshMetrics {

    /** A scrape asks for all gauges at once, and the database once for them, whether or not it answers. */
    private static final long KEPT_NANOS = Duration.ofSeconds(15).toNanos();

    private final MeterRegistry meters;
    private final RefreshQueue queue;
    private List<Waiting> waiting;
    private long fetchedAt;

    RefreshMetrics(MeterRegistry meters, RefreshQueue queue) {
        this.meters = meters;
        this.queue = queue;
    }

    void add(String store, String entity) {
        Gauge.builder("shopbridge.refresh.due", () -> values(store, entity, Waiting::due).sum()).tag("store", store)
                .tag("entity", entity).description("records that are due to be asked for").register(meters);
        Gauge.builder("shopbridge.refresh.age", () -> values(store, entity, Waiting::age).max().orElse(0))
                .tag("store", store).tag("entity", entity)
                .description("seconds since the oldest of these became due").register(meters);
    }

    private DoubleStream values(String store, String entity, ToDoubleFunction<Waiting> value) {
        Stream<Waiting> rows = waiting().stream();
        return rows.filter(of -> of.store().equals(store) && of.entity().equals(entity)).mapToDouble(value);
    }

    private synchronized List<Waiting> waiting() {
        if (waiting == null || System.nanoTime() - fetchedAt > KEPT_NANOS) {
            try {
                waiting = queue.waiting();
            } catch (DataAccessException e) {
                waiting = List.of();
            }
            fetchedAt = System.nanoTime();
        }
        return waiting;
    }
}
