package io.shopbridge.operate;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.stereotype.Component;

/**
 * The backlog as gauges: for every configured store and CRM from the start, and for those that are no longer configured
 * but still have data here.
 */
@Component
class BacklogMetrics implements MeterBinder {

    /** The CRM name for rejected events, which reached no CRM. */
    private static final String NO_CRM = "none";
    private static final String WAITING = "shopbridge.work.waiting";
    private static final String WAITING_AGE = "shopbridge.work.waiting.age";
    private static final String OPEN = "shopbridge.rejected.open";
    private static final String LOOK = "Rejected and held records and events, which need a person";

    private final Status status;
    private final Set<String> crms = ConcurrentHashMap.newKeySet();
    private final Set<String> stores = ConcurrentHashMap.newKeySet();

    BacklogMetrics(Status status) {
        this.status = status;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder(OPEN, () -> backlog(registry).rejectedEvents())
                .tags("crm", NO_CRM, "outcome", "rejected").description(LOOK).register(registry);
        status.stores().forEach(store -> addStore(registry, store));
        status.crms().forEach(crm -> addCrm(registry, crm));
    }

    private Backlog backlog(MeterRegistry registry) {
        Backlog backlog = status.backlog();
        backlog.stores().forEach(store -> addStore(registry, store.store()));
        backlog.crms().forEach(crm -> addCrm(registry, crm.crm()));
        return backlog;
    }

    private void addStore(MeterRegistry registry, String store) {
        if (stores.add(store)) {
            Gauge.builder("shopbridge.inbox.waiting", () -> status.backlog().stores().stream()
                            .filter(state -> state.store().equals(store)).mapToLong(Backlog.Store::inboxWaiting).sum())
                    .tag("store", store).description("Events that are not in the mirror yet").register(registry);
        }
    }

    private void addCrm(MeterRegistry registry, String crm) {
        if (!crms.add(crm)) {
            return;
        }
        Tags tags = Tags.of("crm", crm);
        String waiting = "Backlog: records that a CRM may not have as they are now, by what they wait for";
        gauge(registry, WAITING, tags.and("for", "turn"), Backlog.Crm::workDue, waiting);
        gauge(registry, WAITING, tags.and("for", "retry"), Backlog.Crm::workRetrying, waiting);
        gauge(registry, WAITING, tags.and("for", "record"), Backlog.Crm::waitingForRecord, waiting);
        gauge(registry, WAITING, tags.and("for", "person"), Backlog.Crm::waitingForPerson, waiting);
        seconds(registry, WAITING_AGE, tags.and("for", "record"), state -> age(state.waitingForRecordSince()),
                "Age of the oldest record that waits for another record");
        seconds(registry, WAITING_AGE, tags.and("for", "person"), state -> age(state.waitingForPersonSince()),
                "Age of the oldest record that is rejected or held, or waits for one that is");
        seconds(registry, "shopbridge.work.lag", tags, state -> state.lagMs() / 1000.0,
                "Age of the oldest change that is due or being retried");
        gauge(registry, "shopbridge.crm.paused", tags, state -> state.pausedUntil() == null ? 0 : 1,
                "1 while deliveries are paused: the CRM asked to wait, failed too often or refuses the credentials");
        gauge(registry, OPEN, tags.and("outcome", "rejected"), Backlog.Crm::rejectedOpen, LOOK);
        gauge(registry, OPEN, tags.and("outcome", "held"), Backlog.Crm::heldOpen, LOOK);
    }

    private static double age(Instant since) {
        return since == null ? 0 : Math.max(0, Duration.between(since, Instant.now()).toMillis() / 1000.0);
    }

    private void gauge(MeterRegistry registry, String name, Tags tags, ToDoubleFunction<Backlog.Crm> value,
            String description) {
        builder(name, tags, value, description).register(registry);
    }

    private void seconds(MeterRegistry registry, String name, Tags tags, ToDoubleFunction<Backlog.Crm> value,
            String description) {
        builder(name, tags, value, description).baseUnit("seconds").register(registry);
    }

    private Gauge.Builder<?> builder(String name, Tags tags, ToDoubleFunction<Backlog.Crm> value, String description) {
        String crm = tags.stream().filter(tag -> tag.getKey().equals("crm")).findFirst().orElseThrow().getValue();
        return Gauge.builder(name, () -> status.backlog().crms().stream().filter(state -> state.crm().equals(crm))
                .mapToDouble(value).findFirst().orElse(0)).tags(tags).description(description);
    }
}
