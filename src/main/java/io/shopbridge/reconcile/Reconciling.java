package io.shopbridge.reconcile;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmPage;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.Crms;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.Comparison;
import io.shopbridge.deliver.Difference;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.deliver.Undelivered;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.map.Mapping;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.reconcile.CheckedStretches.Coverage;
import io.shopbridge.reconcile.CheckedStretches.Stretch;
import io.shopbridge.reconcile.Reconciliation.Part;
import io.shopbridge.reconcile.Reconciliation.Position;
import io.shopbridge.reconcile.Reconciliation.State;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * The steps of reconciliations. Each compares some records; what it found and repaired, and where the run is, are
 * committed together.
 */
@Component("reconciling")
public class Reconciling {

    private static final Logger LOG = LoggerFactory.getLogger(Reconciling.class);

    /** For how long one run of the schedule goes on; the next one begins when it has ended. */
    private static final Duration RUN = Duration.ofSeconds(50);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    /** Deliveries that are due for longer come first. CRMs gather changes for up to five seconds. */
    private static final Duration BEHIND = Duration.ofSeconds(8);
    private static final Duration BUSY_AGAIN = Duration.ofSeconds(30);
    private static final Duration FAILURE_AGAIN = Duration.ofMinutes(5);
    private static final int MOST_NAMED = 10;
    /** HubSpot tells the associations of a thousand records in one call. */
    private static final int TOGETHER = 500;
    private static final int MIRRORED_TOGETHER = 1_000;

    private final Reconciliations reconciliations;
    private final Crms crms;
    private final Stores stores;
    private final Links links;
    private final CanonicalRecords canonicalRecords;
    private final Comparison comparison;
    private final Undelivered undelivered;
    private final KeyedRecords keyedRecords;
    private final CrmLookup lookup;
    private final Repair repair;
    private final Doubles doubles;
    private final Work work;
    private final DuplicateSearch duplicates;
    private final CheckedStretches stretches;
    private final NightlyReconciliations nightly;
    private final RepeatedRepairs repeated;

    Reconciling(Reconciliations reconciliations, Crms crms, Stores stores, Links links,
            CanonicalRecords canonicalRecords, Comparison comparison, Undelivered undelivered,
            KeyedRecords keyedRecords, CrmLookup lookup, Repair repair, Doubles doubles, Work work,
            DuplicateSearch duplicates, CheckedStretches stretches, NightlyReconciliations nightly,
            RepeatedRepairs repeated) {
        this.repeated = repeated;
        this.nightly = nightly;
        this.stretches = stretches;
        this.duplicates = duplicates;
        this.reconciliations = reconciliations;
        this.crms = crms;
        this.stores = stores;
        this.links = links;
        this.canonicalRecords = canonicalRecords;
        this.comparison = comparison;
        this.undelivered = undelivered;
        this.keyedRecords = keyedRecords;
        this.lookup = lookup;
        this.repair = repair;
        this.doubles = doubles;
        this.work = work;
    }

    /**
     * How this run of the schedule goes on.
     *
     * @param isMore      false: it ends
     * @param pauseMillis before the next step
     */
    public record Next(boolean isMore, long pauseMillis) {
    }

    /** When this run of the schedule ends. */
    public Instant end() {
        return Instant.now().plus(RUN);
    }

    /** Makes a step of the reconciliation that has waited longest. */
    public Next next(@Body Instant end) {
        Optional<Reconciliation> due = reconciliations.next();
        if (due.isPresent()) {
            step(due.get());
        }
        Optional<Instant> next = reconciliations.nextDue();
        if (next.isEmpty() || !next.get().isBefore(end) || !Instant.now().isBefore(end)) {
            return new Next(false, 0);
        }
        // Not for long: an operator may start another one, and a process that stops waits for it.
        long pause = Math.min(LOOK_AGAIN.toMillis(), Duration.between(Instant.now(), next.get()).toMillis());
        return new Next(true, Math.max(0, pause));
    }

    private void step(Reconciliation run) {
        if (crms.all().stream().noneMatch(crm -> crm.name().equals(run.crm()))) {
            fail(run, "shopbridge.crms." + run.crm() + " is no longer configured");
            return;
        }
        Crm crm = crms.get(run.crm());
        if (run.part() == Part.OVER) {
            if (reconciliations.end(run.id(), State.DONE, null)) {
                LOG.info("Reconciliation {} of {} has ended. GET /api/v1/reconciliations/{}/report has the report.",
                        run.id(), run.crm(), run.id());
            }
        } else if (run.part() == Part.COMPARED) {
            if (reconciliations.compared(run)) {
                tell(run, crm);
            }
        } else {
            Optional<Instant> nextNight = nightly.nextNight(run, crm);
            if (nextNight.isPresent()) {
                rest(run, crm, nextNight.get());
            } else if (work.isBehind(crm.name(), NightlyReconciliations.entities(crm), BEHIND)) {
                reconciliations.wait(run, LOOK_AGAIN, "Deliveries are due or paused, and come first");
            } else {
                compare(run, crm);
            }
        }
    }

    private void tell(Reconciliation run, Crm crm) {
        Drift drift = reconciliations.drift(run, ReconcileSettings.target(Optional.of(crm)));
        List<Drift.Field> missed = drift.missed();
        if (missed.isEmpty()) {
            LOG.info("Reconciliation {} has compared {} records of {}. GET /api/v1/reconciliations/{} has the report.",
                    run.id(), run.compared(), run.crm(), run.id());
        } else {
            LOG.error("Reconciliation {} of {} has compared everything: in {} fields fewer records agree than {}"
                    + " percent, as {}. GET /api/v1/reconciliations/{}/report has the report. {}.",
                    run.id(), run.crm(), missed.size(), missed.get(0).target(), missed.stream().limit(MOST_NAMED)
                            .map(field -> field.entity() + "." + field.field() + " (" + field.percent() + ")").toList(),
                    run.id(), drift.advice(run, missed));
        }
    }

    private void rest(Reconciliation run, Crm crm, Instant until) {
        Coverage coverage = stretches.coverage(crm.name(), run.entities(), run.askedAt());
        reconciliations.rest(run, until, "The calls of this night are used up (shopbridge.crms." + crm.name() + "."
                + ReconcileSettings.CALLS + "); it goes on at " + until);
        LOG.info("Reconciliation {} of {} has made its {} calls of this night, and goes on at {}. It has compared {} percent"
                + " of about {} linked records; the one that was compared longest ago was at {}.", run.id(), run.crm(),
                run.nightCalls(), until, coverage.percent(), coverage.records(), coverage.oldest());
    }

    private void compare(Reconciliation run, Crm crm) {
        Optional<Mapping> mapping = crm.mapping(run.entity());
        try {
            if (run.part() == Part.LISTED) {
                listed(run, crm, mapping);
            } else if (mapping.isEmpty()) {
                store(run, crm, run.position().nextPart(), new Findings(run.entity()), 0);
            } else {
                switch (run.part()) {
                    case LINKED -> linked(run, crm, mapping.get());
                    case MIRRORED -> mirrored(run, crm, mapping.get());
                    case KEYED -> keyed(run, crm, mapping.get());
                    default -> throw new IllegalStateException("There is nothing to compare in part " + run.part());
                }
            }
        } catch (CrmBusy e) {
            Duration wait = e.asksToWait() ? Duration.between(Instant.now(), e.getUntil()) : BUSY_AGAIN;
            reconciliations.wait(run, wait.isNegative() ? LOOK_AGAIN : wait, e.getMessage());
        } catch (CrmRefused e) {
            fail(run, e.getMessage());
        } catch (CrmFailure e) {
            reconciliations.wait(run, FAILURE_AGAIN, e.getMessage());
        } catch (DataAccessException | TransactionException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.debug("The fault", e);
            fail(run, "A fault of Shopbridge (" + e.getClass().getSimpleName() + ") at " + place(run, crm)
                    + ". Report it");
        }
    }

    private String place(Reconciliation run, Crm crm) {
        Optional<Stretch> stretch = isByAge(run) ? longestAgo(run, crm) : Optional.empty();
        return stretch.map(one -> one.entity() + " after " + one.after() + " of store " + one.store())
                .orElseGet(() -> run.entity() + " after " + run.position().id() + " of store " + run.position().store());
    }

    private void linked(Reconciliation run, Crm crm, Mapping mapping) {
        if (isByAge(run)) {
            checked(run, crm);
            return;
        }
        Optional<String> store = store(run, crm);
        List<Link> page = store.map(name -> links.after(crm.name(), name, mapping.entity(), run.position().id(),
                run.since(), TOGETHER)).orElse(List.of());
        List<Link> some = page.subList(0, inMemory(page.stream().map(Link::key).toList()));
        Findings findings = new Findings(run.entity());
        int calls = compare(crm, mapping, some, findings);
        Position here = run.position().of(store.orElse(""));
        store(run, crm, after(run, crm, here, page.size() < TOGETHER && some.size() == page.size(), some.isEmpty() ? null
                : some.get(some.size() - 1).key().recordId()), findings, calls);
    }

    /** How many of these, from the first, can be compared in one step: large ones would fill the memory together. */
    private int inMemory(List<RecordKey> keys) {
        return canonicalRecords.groups(keys).stream().findFirst().map(List::size).orElse(0);
    }

    /** Whether the linked records that were compared longest ago come first: of some records nobody keeps that. */
    private static boolean isByAge(Reconciliation run) {
        return run.part() == Part.LINKED && run.since() == null;
    }

    /** Those that were compared longest ago; where it takes several nights, of whatever kind they are. */
    private Optional<Stretch> longestAgo(Reconciliation run, Crm crm) {
        List<String> entities = (nightly.isByNights(run, crm) ? run.entities() : List.of(run.entity())).stream()
                .filter(entity -> crm.mapping(entity).isPresent()).toList();
        stretches.cover(crm.name(), names(crm), entities);
        return stretches.oldest(crm.name(), entities, run.askedAt());
    }

    private void checked(Reconciliation run, Crm crm) {
        Optional<Stretch> oldest = longestAgo(run, crm);
        if (oldest.isEmpty()) {
            store(run, crm, run.position().nextPart(), new Findings(run.entity()), 0);
            return;
        }
        Stretch stretch = oldest.get();
        List<Link> page = links.between(crm.name(), stretch.store(), stretch.entity(), stretch.after(), stretch.upTo(),
                TOGETHER);
        List<Link> some = page.subList(0, inMemory(page.stream().map(Link::key).toList()));
        Findings findings = new Findings(stretch.entity());
        int calls = compare(crm, crm.mapping(stretch.entity()).orElseThrow(), some, findings);
        String last = page.size() < TOGETHER && some.size() == page.size() ? null
                : some.get(some.size() - 1).key().recordId();
        reconciliations.step(run, run.position(), findings, calls, settings(crm).pause(crm, calls), () -> {
            repair(run, crm, findings);
            stretches.checked(crm.name(), stretch, last, some.size());
        });
    }

    private int compare(Crm crm, Mapping mapping, List<Link> some, Findings findings) {
        if (some.isEmpty()) {
            return 0;
        }
        Comparison.Result result = comparison.compare(crm, mapping, some);
        repeated.judge(crm.name(), result.records()).forEach(findings::add);
        return result.calls();
    }

    private void mirrored(Reconciliation run, Crm crm, Mapping mapping) {
        // A record that was never delivered has no time of its last delivery.
        Optional<String> store = run.since() == null ? store(run, crm) : Optional.empty();
        List<RecordKey> some = store.map(name -> canonicalRecords.after(name, mapping.entity(), run.position().id(),
                MIRRORED_TOGETHER)).orElse(List.of());
        Findings findings = new Findings(run.entity());
        undelivered.among(crm, mapping, some).forEach(key ->
                findings.add(Difference.ofUnlinked(Kind.NEVER_DELIVERED, key, null)));
        Position here = run.position().of(store.orElse(""));
        store(run, crm, after(run, crm, here, some.size() < MIRRORED_TOGETHER, some.isEmpty() ? null
                : some.get(some.size() - 1).recordId()), findings, 0);
    }

    private void keyed(Reconciliation run, Crm crm, Mapping mapping) {
        Findings findings = new Findings(run.entity());
        if (run.since() != null || mapping.externalIdField().isEmpty() || !crm.can(Operation.KEYED, mapping.object())) {
            store(run, crm, run.position().nextPart(), findings, 0);
            return;
        }
        CrmPage page = lookup.keyed(crm, mapping.object(), mapping.externalIdField().get(), run.position().page());
        keyedRecords.judge(crm, mapping, page.elements()).forEach(findings::add);
        Position next = page.next() == null ? run.position().nextPart() : run.position().at(page.next());
        Doubles.Merged merged = doubles.merge(run, crm, mapping, findings, most(run));
        reconciliations.step(run, next, findings, 1 + merged.calls(),
                settings(crm).pauseAfter(crm, Operation.KEYED, mapping.object())
                        .plus(settings(crm).pause(crm, merged.calls())),
                () -> doubles.note(run, crm, findings, merged));
    }

    private void listed(Reconciliation run, Crm crm, Optional<Mapping> customers) {
        Optional<String> because = duplicates.because(run, crm);
        if (because.isPresent()) {
            leaveOut(run, because.get());
            return;
        }
        Mapping mapping = customers.orElseThrow();
        CrmPage page = duplicates.page(run, crm, mapping);
        if (page.next() != null && page.next().equals(run.position().page())) {
            fail(run, crm.title() + " gives the same page of contacts for ever. Correct pages of the operation "
                    + Operation.ALL + " in " + crm.folder() + "/crm.yaml");
            return;
        }
        Position next = page.next() == null ? run.position().nextPart() : run.position().at(page.next());
        reconciliations.step(run, next, new Findings(run.entity()), 1,
                settings(crm).pauseAfter(crm, Operation.ALL, mapping.object()),
                () -> duplicates.add(run, crm, mapping, page));
    }

    private void leaveOut(Reconciliation run, String because) {
        reconciliations.step(run, run.position().nextPart(), new Findings(run.entity()), 0, Duration.ZERO,
                () -> duplicates.leaveOut(run, because));
    }

    /** The store whose records come next. */
    private Optional<String> store(Reconciliation run, Crm crm) {
        return names(crm).stream().filter(name -> name.compareTo(run.position().store()) >= 0).findFirst();
    }

    private List<String> names(Crm crm) {
        return stores.all().stream().filter(store -> store.crms().contains(crm.name())).map(Store::name).sorted().toList();
    }

    private Position after(Reconciliation run, Crm crm, Position here, boolean wasLast, String lastId) {
        if (!wasLast) {
            return here.after(lastId);
        }
        return names(crm).stream().filter(name -> name.compareTo(here.store()) > 0 && !here.store().isEmpty()).findFirst()
                .map(here::of).orElseGet(() -> run.position().nextPart());
    }

    private void store(Reconciliation run, Crm crm, Position next, Findings findings, int calls) {
        store(run, crm, next, findings, calls, settings(crm).pause(crm, calls));
    }

    private void store(Reconciliation run, Crm crm, Position next, Findings findings, int calls, Duration pause) {
        reconciliations.step(run, next, findings, calls, pause, () -> repair(run, crm, findings));
    }

    private void repair(Reconciliation run, Crm crm, Findings findings) {
        repair.repair(crm, findings, run.repairs(), most(run), run.dry());
    }

    /** How many more records may be repaired. */
    private static long most(Reconciliation run) {
        return run.repairMost() == null ? Long.MAX_VALUE : run.repairMost() - run.repaired();
    }

    private static ReconcileSettings settings(Crm crm) {
        return ReconcileSettings.of(crm, ReconcileSettings.OFF);
    }

    private void fail(Reconciliation run, String because) {
        if (run.part() == Part.LISTED) {
            // What was compared stays as true as it was.
            leaveOut(run, because);
            LOG.warn("Reconciliation {} of {} can't look for the CRM's own duplicates. GET /api/v1/reconciliations/{} says"
                    + " why.", run.id(), run.crm(), run.id());
            return;
        }
        reconciliations.end(run.id(), State.FAILED, because);
        LOG.error("Reconciliation {} of {} failed. GET /api/v1/reconciliations/{} says why.", run.id(), run.crm(),
                run.id());
    }
}
