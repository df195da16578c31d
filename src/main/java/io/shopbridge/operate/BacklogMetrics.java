package io.shopbridge.operate;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.stereotype.Component;

/**
 * The backlog as gauges. A CRM's gauges appear once it has work, a pause or an open rejection, and stay from then on.
 */
@Component
class BacklogMetrics implements MeterBinder {

    /** What rejected events, which reached no CRM, have for a CRM. */
    private static final String NO_CRM = "none";

    private final Status status;
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    BacklogMetrics(Status status) {
        this.status = status;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("shopbridge.inbox.waiting", () -> backlog(registry).inboxWaiting())
                .description("Events that are not in the mirror yet").register(registry);
        Gauge.builder("shopbridge.rejected.open", () -> backlog(registry).rejectedEvents()).tag("crm", NO_CRM)
                .description("Rejected and held, waiting for a person").register(registry);
    }

    private Backlog backlog(MeterRegistry registry) {
        Backlog backlog = status.backlog();
        backlog.crms().stream().map(Backlog.Crm::crm).filter(known::add).forEach(crm -> addCrm(registry, crm));
        return backlog;
    }

    private void addCrm(MeterRegistry registry, String crm) {
        gauge(registry, "shopbridge.work.waiting", crm, Backlog.Crm::workWaiting,
                "Records whose CRM side may be behind");
        gauge(registry, "shopbridge.work.lag.seconds", crm, state -> state.lagMs() / 1000.0,
                "Age of the oldest change not yet delivered");
        gauge(registry, "shopbridge.rejected.open", crm, Backlog.Crm::rejectedOpen,
                "Rejected and held, waiting for a person");
    }

    private void gauge(MeterRegistry registry, String name, String crm, ToDoubleFunction<Backlog.Crm> value,
            String description) {
        Gauge.builder(name, () -> status.backlog().crms().stream().filter(state -> state.crm().equals(crm))
                        .mapToDouble(value).findFirst().orElse(0))
                .tag("crm", crm).description(description).register(registry);
    }
}
