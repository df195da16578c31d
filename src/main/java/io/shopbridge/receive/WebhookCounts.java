package io.shopbridge.receive;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.shopbridge.inbox.Event;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Counts accepted and refused webhooks, and logs the refused ones: the first of a kind at once, then one line a minute,
 * so that a wrong setting is not silent and a flood does not fill the log. A kind is a store and a reason; stores that
 * are not configured are one, because anyone can invent their names.
 */
@Component("webhookCounts")
public class WebhookCounts implements MeterBinder {

    /** The store name for webhooks without a configured store. */
    static final String NO_STORE = "none";

    private static final Duration RECENT = Duration.ofHours(1);
    private static final Logger LOG = LoggerFactory.getLogger(WebhookCounts.class);

    private final Map<String, LongAdder> accepted = new LinkedHashMap<>();
    private final Map<String, Map<Refusal, Tally>> refused = new LinkedHashMap<>();

    public WebhookCounts(Stores stores) {
        refused.put(NO_STORE, tallies(NO_STORE));
        for (Store store : stores.all()) {
            accepted.put(store.name(), new LongAdder());
            refused.put(store.name(), tallies(store.name()));
        }
    }

    private static Map<Refusal, Tally> tallies(String store) {
        Map<Refusal, Tally> tallies = new EnumMap<>(Refusal.class);
        for (Refusal refusal : Refusal.values()) {
            tallies.put(refusal, new Tally(store, refusal));
        }
        return tallies;
    }

    /** Counts a webhook that was acknowledged, whether it was new or sent again. */
    public void accepted(Event event) {
        accepted.get(event.store()).increment();
    }

    /**
     * Counts a webhook that was refused.
     *
     * @param store   null: of no store that is configured
     * @param because what is wrong, a sentence without personal data
     */
    void refused(Store store, Refusal refusal, String because) {
        refused.get(store == null ? NO_STORE : store.name()).get(refusal).add(because);
    }

    /** Logs the webhooks refused since the last log line. */
    public void log() {
        refused.values().forEach(tallies -> tallies.values().forEach(Tally::say));
    }

    /** What was refused since the start, the newest first. */
    public List<RefusedWebhooks> refused() {
        List<RefusedWebhooks> all = new ArrayList<>();
        refused.values().forEach(tallies -> tallies.values().forEach(tally -> tally.addTo(all)));
        all.sort(Comparator.comparing(RefusedWebhooks::lastAt).reversed());
        return all;
    }

    /** Those of which one was refused within the last hour, the newest first. */
    public List<RefusedWebhooks> refusedLately() {
        Instant since = Instant.now().minus(RECENT);
        return refused().stream().filter(kind -> kind.lastAt().isAfter(since)).toList();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        accepted.forEach((store, count) ->
                FunctionCounter.builder("shopbridge.webhooks.accepted", count, LongAdder::sum).tag("store", store)
                        .description("Webhooks that were acknowledged").register(registry));
        refused.forEach((store, tallies) -> tallies.forEach((refusal, tally) ->
                FunctionCounter.builder("shopbridge.webhooks.refused", tally, Tally::total).tag("store", store)
                        .tag("reason", refusal.label()).description("Webhooks that were refused").register(registry)));
    }

    /** The refusals of one store for one reason. */
    private static final class Tally {

        private static final Duration PAUSE = Duration.ofMinutes(1);

        private final String store;
        private final Refusal refusal;
        private long total;
        private long unsaid;
        private Instant firstAt;
        private Instant lastAt;
        private Instant saidAt = Instant.MIN;
        private String because;

        Tally(String store, Refusal refusal) {
            this.store = store;
            this.refusal = refusal;
        }

        synchronized void add(String why) {
            total++;
            unsaid++;
            lastAt = Instant.now();
            firstAt = firstAt == null ? lastAt : firstAt;
            because = why;
            if (saidAt.isBefore(lastAt.minus(PAUSE))) {
                say();
            }
        }

        synchronized void say() {
            if (unsaid > 0) {
                LOG.warn("Refused {} of {}: {}. {} {}", unsaid == 1 ? "a webhook" : unsaid + " webhooks",
                        store.equals(NO_STORE) ? "no configured store" : "store " + store, refusal.label(), because,
                        refusal.remedy());
                unsaid = 0;
                saidAt = Instant.now();
            }
        }

        synchronized double total() {
            return total;
        }

        synchronized void addTo(List<RefusedWebhooks> all) {
            if (total > 0) {
                all.add(new RefusedWebhooks(store, refusal.label(), total, firstAt, lastAt, because, refusal.remedy()));
            }
        }
    }
}
