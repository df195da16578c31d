package io.shopbridge.reconcile;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.reconcile.CheckedStretches.Coverage;
import io.shopbridge.reconcile.Drift.Field;
import io.shopbridge.reconcile.Reconciliations.Complete;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** What the last complete reconciliation of each entity of each CRM found, as gauges; the same in all containers. */
@Component("driftMetrics")
public class DriftMetrics {

    /**
     * What is known of a CRM.
     *
     * @param askedAt when the last complete one was started of the entity that was compared longest ago
     * @param fields  of each entity, as its last complete one found them
     */
    private record Last(Instant askedAt, List<Field> fields) {

        long missed() {
            return fields.stream().filter(field -> !field.isOnTarget()).count();
        }
    }

    private final Crms crms;
    private final Reconciliations reconciliations;
    private final NightlyReconciliations nightly;
    private final CheckedStretches stretches;
    private final MultiGauge fields;
    private final MultiGauge duplicates;
    private volatile Map<String, Last> last = Map.of();
    private volatile Map<String, Instant> overdue = Map.of();
    private volatile Map<String, Coverage> coverage = Map.of();

    DriftMetrics(Crms crms, Reconciliations reconciliations, NightlyReconciliations nightly,
            CheckedStretches stretches, MeterRegistry meters) {
        this.stretches = stretches;
        this.crms = crms;
        this.reconciliations = reconciliations;
        this.nightly = nightly;
        this.fields = MultiGauge.builder("shopbridge.drift").baseUnit("percent").description("Percent of the compared"
                + " records that differed in a field, of fields with any, in the last complete reconciliation").register(meters);
        this.duplicates = MultiGauge.builder("shopbridge.duplicates").baseUnit("groups").description("Groups of contacts of"
                + " the CRM that share an e-mail or phone, in the last reconciliation that listed them").register(meters);
        for (Crm crm : crms.all()) {
            gauge(meters, crm, "shopbridge.drift.missed", "Fields in which fewer records agreed than"
                    + " shopbridge.crms.<crm>.reconcile-target", Last::missed);
            gauge(meters, crm, "shopbridge.reconciliation.age", "Seconds since the last complete reconciliation was started,"
                    + " of the entity of which that is longest ago", one -> Duration.between(one.askedAt(),
                            Instant.now()).toSeconds());
            covered(meters, crm, "shopbridge.reconciliation.oldest", "Seconds since the linked record was compared that was"
                    + " compared longest ago", one -> one.oldest() == null ? Double.NaN
                            : Duration.between(one.oldest(), Instant.now()).toSeconds());
            covered(meters, crm, "shopbridge.reconciliation.unchecked", "Linked records that were never compared",
                    Coverage::never);
            Gauge.builder("shopbridge.reconciliation.overdue", () -> overdue.containsKey(crm.name()) ? 1 : 0)
                    .tag("crm", crm.name()).description("1 where none was complete a day after it was due")
                    .register(meters);
        }
    }

    private void gauge(MeterRegistry meters, Crm crm, String name, String description, ToDoubleFunction<Last> value) {
        Gauge.builder(name, () -> Optional.ofNullable(last.get(crm.name())).map(value::applyAsDouble).orElse(Double.NaN))
                .tag("crm", crm.name()).description(description).register(meters);
    }

    private void covered(MeterRegistry meters, Crm crm, String name, String description, ToDoubleFunction<Coverage> value) {
        Gauge.builder(name, () -> Optional.ofNullable(coverage.get(crm.name())).map(value::applyAsDouble)
                .orElse(Double.NaN)).tag("crm", crm.name()).description(description).register(meters);
    }

    /** Looks again what the database knows. */
    public void refresh() {
        Map<String, Last> now = new HashMap<>();
        Map<String, List<Complete>> complete = reconciliations.lastComplete().stream()
                .collect(Collectors.groupingBy(one -> one.run().crm()));
        crms.all().forEach(crm -> last(crm, complete.getOrDefault(crm.name(), List.of()))
                .ifPresent(one -> now.put(crm.name(), one)));
        List<Row<?>> rows = new ArrayList<>();
        now.forEach((crm, one) -> one.fields().stream().filter(field -> field.differed() > 0)
                .forEach(field -> rows.add(Row.of(Tags.of("crm", crm, "entity", field.entity(), "field", field.field()),
                        field.differed() * 100.0 / field.compared()))));
        fields.register(rows, true);
        List<Row<?>> groups = new ArrayList<>();
        Map<String, Map<String, Long>> found = reconciliations.lastDuplicates();
        crms.all().stream().filter(ReconcileSettings::duplicates).forEach(crm -> found.getOrDefault(crm.name(), Map.of())
                .forEach((kind, count) -> groups.add(Row.of(Tags.of("crm", crm.name(), "kind", kind), count))));
        duplicates.register(groups, true);
        last = now;
        coverage = crms.all().stream().collect(Collectors.toMap(Crm::name, crm ->
                stretches.coverage(crm.name(), NightlyReconciliations.entities(crm), Instant.now())));
        overdue = nightly.overdue();
    }

    /** Of the entities that the CRM maps now; empty: none of these was compared. */
    private Optional<Last> last(Crm crm, List<Complete> complete) {
        List<Complete> mapped = complete.stream().filter(one -> crm.mapping(one.entity()).isPresent()).toList();
        Map<Long, Drift> drifts = new HashMap<>();
        List<Field> fields = mapped.stream().flatMap(one -> drifts.computeIfAbsent(one.run().id(), id ->
                        reconciliations.drift(one.run(), ReconcileSettings.target(Optional.of(crm)))).fields().stream()
                .filter(field -> field.entity().equals(one.entity()))).toList();
        return mapped.stream().map(one -> one.run().askedAt()).min(Comparator.naturalOrder())
                .map(askedAt -> new Last(askedAt, fields));
    }
}
