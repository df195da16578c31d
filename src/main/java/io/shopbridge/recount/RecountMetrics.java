package io.shopbridge.recount;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** What the last complete recount of each store and entity found, as gauges; the same in all containers. */
@Component("recountMetrics")
public class RecountMetrics {

    private final RecountTruth truth;
    private final MeterRegistry meters;
    private final MultiGauge found;
    private final MultiGauge differing;
    private final MultiGauge missed;
    private final Set<String> known = new HashSet<>();
    private volatile List<Truth> last = List.of();
    private volatile Map<String, Instant> overdue = Map.of();

    RecountMetrics(RecountTruth truth, MeterRegistry meters) {
        this.truth = truth;
        this.meters = meters;
        this.found = MultiGauge.builder("shopbridge.recount.found").description("Records of a class that the last complete"
                + " recount found, repaired or not").register(meters);
        this.differing = MultiGauge.builder("shopbridge.recount.differing").baseUnit("percent").description("Percent of the"
                + " records that were missing, stale or deleted at the last complete recount").register(meters);
        this.missed = MultiGauge.builder("shopbridge.recount.missed").description("1 where fewer records agreed at the last"
                + " complete recount than shopbridge.recount.target").register(meters);
    }

    /** Looks again what the database knows. */
    public synchronized void refresh() {
        last = truth.last();
        overdue = truth.overdue();
        truth.entities().forEach((store, entities) -> {
            if (known.add(store)) {
                Gauge.builder("shopbridge.recount.overdue", () -> overdue.containsKey(store) ? 1 : 0).tag("store", store)
                        .description("1 where none was complete 26 hours after it was due").register(meters);
            }
            entities.stream().filter(entity -> known.add(store + "/" + entity)).forEach(entity -> age(store, entity));
        });
        List<Row<?>> classes = new ArrayList<>();
        List<Row<?>> shares = new ArrayList<>();
        List<Row<?>> targets = new ArrayList<>();
        for (Truth one : last) {
            Tags tags = Tags.of("store", one.store(), "entity", one.entity());
            Stream.of(Kind.values()).filter(kind -> Truth.DIFFERING.contains(kind) || one.found(kind) > 0)
                    .forEach(kind -> classes.add(Row.of(tags.and("class", kind.word()), one.found(kind))));
            if (one.compared() > 0) {
                shares.add(Row.of(tags, one.differed() * 100.0 / one.compared()));
            }
            targets.add(Row.of(tags, truth.isMissed(one) ? 1 : 0));
        }
        found.register(classes, true);
        differing.register(shares, true);
        missed.register(targets, true);
    }

    /** NaN where none was complete. */
    private void age(String store, String entity) {
        Gauge.builder("shopbridge.recount.age", () -> last.stream().filter(one -> one.store().equals(store)
                        && one.entity().equals(entity)).findFirst().map(one -> (double) Duration.between(one.endedAt(),
                        Instant.now()).toSeconds()).orElse(Double.NaN))
                .tag("store", store).tag("entity", entity)
                .description("Seconds since the last complete recount ended").register(meters);
    }
}
