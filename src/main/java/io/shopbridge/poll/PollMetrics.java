package io.shopbridge.poll;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** How old the last complete poll of each store and entity is, and which fail, as gauges; the same in all containers. */
@Component
class PollMetrics {

    /** A scrape asks for all gauges at once, and the database once for them, whether or not it answers. */
    private static final long KEPT_NANOS = Duration.ofSeconds(5).toNanos();

    private final MeterRegistry meters;
    private final Watermarks watermarks;
    private List<Progress> progress;
    private long fetchedAt;

    PollMetrics(MeterRegistry meters, Watermarks watermarks) {
        this.meters = meters;
        this.watermarks = watermarks;
    }

    void add(String store, String entity) {
        gauge("shopbridge.poll.age", store, entity, "seconds since a poll began that was read to its end", of ->
                of.completeAt() == null ? Double.NaN : of.age());
        gauge("shopbridge.poll.failing", store, entity, "1 while polls fail", of -> of.failedAt() == null ? 0 : 1);
        gauge("shopbridge.poll.denied", store, entity, "parts of these records that the app may not read", of ->
                of.denied().size());
        gauge("shopbridge.poll.unread", store, entity, "records that polls pass over, because Shopify fails on each", of ->
                of.unread().size());
    }

    private void gauge(String name, String store, String entity, String description,
            ToDoubleFunction<Progress> value) {
        Gauge.builder(name, () -> progress().stream().filter(of -> of.store().equals(store)
                        && of.entity().equals(entity)).findFirst().map(value::applyAsDouble).orElse(Double.NaN))
                .tag("store", store).tag("entity", entity).description(description).register(meters);
    }

    private synchronized List<Progress> progress() {
        if (progress == null || System.nanoTime() - fetchedAt > KEPT_NANOS) {
            try {
                progress = watermarks.all();
            } catch (DataAccessException e) {
                progress = List.of();
            }
            fetchedAt = System.nanoTime();
        }
        return progress;
    }
}
