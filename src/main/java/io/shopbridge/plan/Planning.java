package io.shopbridge.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.Projection;
import io.shopbridge.deliver.Projection.CallKind;
import io.shopbridge.deliver.Projecting;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.Values;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.plan.Plan.Position;
import io.shopbridge.plan.Plan.State;
import io.shopbridge.plan.Plans.Marked;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Mark;
import io.shopbridge.work.Work;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Works plans off, a few hundred records at a time: first all records are looked at, in the order of their keys; then, if
 * an operator says so, those that change are marked as work that comes after all other. What was done is committed with
 * how far it is, so that a crash costs one step.
 */
@Component("planning")
public class Planning {

    private static final Logger LOG = LoggerFactory.getLogger(Planning.class);

    /** Of each run of the schedule; the rest of the time is for others. */
    private static final Duration RUN = Duration.ofSeconds(4);
    private static final int AT_ONCE = 300;
    /** Marks that wait, of one CRM: a pause must be felt soon. */
    private static final int MARKED_AHEAD = 5_000;
    /** Of the hash of a record's id, by which a sample is drawn. */
    private static final double HASHES = 1L << 31;

    private static final Comparator<Position> BY_KEY = Comparator.comparing(Position::crm).thenComparing(Position::entity)
            .thenComparing(Position::store);
    private static final TypeReference<List<Tally>> TALLIES = new TypeReference<>() {
    };

    private final Plans plans;
    private final RunningMappings running;
    private final Crms crms;
    private final Stores stores;
    private final CanonicalRecords records;
    private final Projecting projecting;
    private final Work work;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private Changed changed;

    Planning(Plans plans, RunningMappings running, Crms crms, Stores stores, CanonicalRecords records,
            Projecting projecting, Work work, JdbcTemplate jdbc, TransactionTemplate transaction) {
        this.plans = plans;
        this.running = running;
        this.crms = crms;
        this.stores = stores;
        this.records = records;
        this.projecting = projecting;
        this.work = work;
        this.jdbc = jdbc;
        this.transaction = transaction;
    }

    /** The CRMs as the folder of the plan has them. */
    private record Changed(long plan, Crms crms) {
    }

    /** Does what can be done in one run of the schedule. */
    public synchronized void run() {
        Instant end = Instant.now().plus(RUN);
        for (Plan plan : plans.underWay()) {
            Optional<Plan> now = Optional.of(plan);
            while (now.isPresent() && Instant.now().isBefore(end) && step(now.get())) {
                now = plans.find(plan.id()).filter(one -> !one.paused()
                        && (one.state() == State.PLANNING || one.state() == State.APPLYING));
            }
        }
        if (changed != null && plans.find(changed.plan()).filter(one -> one.state() == State.PLANNING).isEmpty()) {
            changed = null;
        }
    }

    /** Whether it can go on at once. */
    private boolean step(Plan plan) {
        try {
            return plan.state() == State.PLANNING ? look(plan) : mark(plan);
        } catch (DataAccessException | TransactionException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Neither the message nor the stack may hold values of records.
            LOG.warn("{} can't go on and has ended: {}", plan, e.getClass().getName());
            LOG.debug("The fault", e);
            plans.fail(plan, "It could not go on (" + e.getClass().getSimpleName() + "). Plan again; if it fails again, report it");
            return false;
        }
    }

    private boolean look(Plan plan) throws IOException {
        if (changed == null || changed.plan() != plan.id()) {
            changed = new Changed(plan.id(), plans.changed(plan));
        }
        Position kind = kinds(plan, changed.crms()).stream().filter(one -> BY_KEY.compare(one, plan.at()) >= 0).findFirst()
                .orElse(null);
        if (kind == null) {
            plans.planned(plan, Values.JSON.writeValueAsString(withUnmapped(plan)));
            return false;
        }
        if (!plan.at().isIn(kind)) {
            plans.enter(plan, kind, share(plan, kind));
            return true;
        }
        List<RecordKey> keys = next(plan);
        if (keys.isEmpty()) {
            // The empty record id comes first, so this one comes after all records of the kind and before the next kind.
            plans.enter(plan, new Position(kind.crm(), kind.entity(), kind.store() + "\u0001", ""), 1);
        } else {
            // Large ones would fill the memory together.
            look(plan, records.groups(keys).get(0));
        }
        return true;
    }

    /** All kinds of record of each store, without those that both folders treat the same; unless they treat all the same. */
    private List<Position> kinds(Plan plan, Crms planned) {
        List<Position> all = new ArrayList<>();
        List<Position> different = new ArrayList<>();
        for (String name : plan.crms()) {
            Crm crm = planned.get(name);
            for (Mapping mapping : crm.mappings()) {
                boolean same = crms.get(name).mapping(mapping.entity()).map(Mapping::fingerprint)
                        .filter(mapping.fingerprint()::equals).isPresent();
                stores.all().stream().filter(store -> store.crms().contains(name)).forEach(store -> {
                    Position kind = new Position(name, mapping.entity(), store.name(), "");
                    all.add(kind);
                    if (!same) {
                        different.add(kind);
                    }
                });
            }
        }
        return (different.isEmpty() ? all : different).stream().sorted(BY_KEY).toList();
    }

    /** Kinds that only the running folder maps are said, too: nothing of them is written from then on. */
    private List<Tally> withUnmapped(Plan plan) throws JsonProcessingException {
        List<Tally> tallies = new ArrayList<>(Values.JSON.readValue(plan.result(), TALLIES));
        for (String name : plan.crms()) {
            crms.get(name).mappings().stream().map(Mapping::entity)
                    .filter(entity -> changed.crms().get(name).mapping(entity).isEmpty()).sorted()
                    .forEach(entity -> tallies.add(Tally.unmapped(name, entity)));
        }
        return tallies;
    }

    private double share(Plan plan, Position kind) {
        if (plan.sample() == null) {
            return 1;
        }
        Long all = jdbc.queryForObject("SELECT count(DISTINCT record_id) FROM mirror_facet WHERE store = ? AND entity = ?",
                Long.class, kind.store(), kind.entity());
        return all == null || all <= plan.sample() ? 1 : (double) plan.sample() / all;
    }

    private List<RecordKey> next(Plan plan) {
        Position at = plan.at();
        return jdbc.query("SELECT record_id FROM mirror_facet WHERE store = ? AND entity = ? AND record_id > ?"
                + " AND abs(hashtext(record_id)::bigint) <= ? GROUP BY record_id ORDER BY record_id LIMIT ?",
                (row, n) -> new RecordKey(at.store(), at.entity(), row.getString(1)), at.store(), at.entity(), at.record(),
                (long) (plan.share() * HASHES), AT_ONCE);
    }

    private void look(Plan plan, List<RecordKey> keys) throws JsonProcessingException {
        Position at = plan.at();
        Crm planned = changed.crms().get(at.crm());
        Mapping mapping = planned.mapping(at.entity()).orElseThrow();
        Optional<Mapping> used = crms.get(at.crm()).mapping(at.entity());
        Map<RecordKey, CanonicalRecord> loaded = records.load(keys);
        Map<RecordKey, Projection> then = projecting.of(planned, mapping, loaded);
        Map<RecordKey, Projection> now = used.isEmpty() ? Map.of()
                : used.get().fingerprint().equals(mapping.fingerprint()) ? then
                : projecting.of(crms.get(at.crm()), used.get(), loaded);
        List<Tally> tallies = new ArrayList<>(Values.JSON.readValue(plan.result(), TALLIES));
        Tally tally = tallies.stream().filter(one -> one.crm.equals(at.crm()) && one.entity.equals(at.entity())).findFirst()
                .orElseGet(() -> {
                    Tally first = new Tally(at.crm(), at.entity());
                    tallies.add(first);
                    return first;
                });
        List<Marked> changes = new ArrayList<>();
        for (RecordKey key : keys) {
            if (tally.add(then.get(key), now.get(key))) {
                changes.add(new Marked(at.crm(), key));
            }
        }
        tally.addUp(planned.limits(), new CallKind(Operation.UPDATE, mapping.object(),
                planned.operations().batch(Operation.UPDATE, mapping.object()),
                planned.operations().limit(Operation.UPDATE, mapping.object()).orElse("")));
        plans.found(plan, at.after(keys.get(keys.size() - 1).recordId()), keys.size(), changes,
                Values.JSON.writeValueAsString(tallies));
    }

    /** Marks the next records; they are work that comes after all other. */
    private boolean mark(Plan plan) {
        Optional<String> inTheWay = running.inTheWayOf(plan);
        if (inTheWay.isPresent()) {
            plans.waits(plan, inTheWay.get());
            return false;
        }
        if (plan.crms().stream().anyMatch(crm -> work.isLaterAbove(crm, MARKED_AHEAD))) {
            return false;
        }
        return Boolean.TRUE.equals(transaction.execute(status -> {
            List<Marked> taken = plans.take(plan, AT_ONCE);
            if (!taken.isEmpty()) {
                byCrmAndStore(taken).values().forEach(some -> work.mark(
                        some.stream().map(one -> new Mark(one.key(), null, null, true)).toList(), List.of(some.get(0).crm())));
                plans.marked(plan, taken.size());
            }
            return !taken.isEmpty();
        }));
    }

    /** Without those that nobody would deliver, since the settings have changed. */
    private Map<String, List<Marked>> byCrmAndStore(List<Marked> all) {
        return all.stream().filter(one -> stores.feeds(one.key().store(), one.crm())
                        && crms.get(one.crm()).mapping(one.key().entity()).isPresent())
                .collect(Collectors.groupingBy(one -> one.crm() + " " + one.key().store(), TreeMap::new, Collectors.toList()));
    }
}
