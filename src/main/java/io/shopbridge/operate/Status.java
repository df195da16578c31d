package io.shopbridge.operate;

import static io.shopbridge.operate.Backlog.time;

import io.shopbridge.crm.Crms;
import io.shopbridge.store.Stores;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Counts the backlog and the outcomes, and caches expensive counts for some seconds. */
@Component
public class Status {

    /**
     * Blocked records wait for a person: for a rejected or held record, or for one that waits for such a record. A
     * rejected or held record that changed meanwhile is due again, and so counts there. What a paused store has waits for
     * the person who resumes it.
     */
    private static final String CRMS = """
            WITH RECURSIVE blocked AS (
                SELECT w.crm, w.store, w.entity, w.record_id
                FROM rejected r JOIN work w ON w.crm = r.crm AND w.store = r.store
                    AND w.waits_for = r.entity || '/' || r.record_id
                WHERE r.state = 'open' AND r.crm IS NOT NULL
                UNION
                SELECT w.crm, w.store, w.entity, w.record_id
                FROM blocked b JOIN work w ON w.crm = b.crm AND w.store = b.store
                    AND w.waits_for = b.entity || '/' || b.record_id),
            counted AS (
                SELECT crm, count(*) FILTER (WHERE NOT blocked AND waits_for IS NULL AND due_at <= clock_timestamp()) AS due,
                       count(*) FILTER (WHERE NOT blocked AND waits_for IS NULL AND due_at > clock_timestamp()) AS retrying,
                       count(*) FILTER (WHERE NOT blocked AND waits_for IS NOT NULL) AS for_record,
                       count(*) FILTER (WHERE blocked) AS for_blocked,
                       min(marked_at) FILTER (WHERE NOT blocked AND waits_for IS NULL) AS oldest,
                       min(marked_at) FILTER (WHERE NOT blocked AND waits_for IS NOT NULL) AS record_since,
                       min(marked_at) FILTER (WHERE blocked) AS blocked_since
                FROM (SELECT w.*, b.crm IS NOT NULL OR w.store IN (SELECT store FROM store_pause WHERE resumed_at IS NULL)
                          AS blocked FROM work w LEFT JOIN blocked b USING (crm, store, entity, record_id)) w
                GROUP BY crm),
            open AS (
                SELECT r.crm, count(*) FILTER (WHERE outcome = 'rejected') AS rejected,
                       count(*) FILTER (WHERE outcome = 'held') AS held,
                       count(*) FILTER (WHERE w.crm IS NULL) AS still,
                       min(at) FILTER (WHERE w.crm IS NULL) AS still_since
                FROM rejected r LEFT JOIN work w USING (crm, store, entity, record_id)
                WHERE state = 'open' AND r.crm IS NOT NULL GROUP BY r.crm),
            paused AS (SELECT crm, since, until, because FROM crm_pause WHERE until > now())
            SELECT crm, due, retrying, for_record, coalesce(for_blocked, 0) + coalesce(still, 0) AS for_person,
                   rejected, held, oldest, record_since, least(blocked_since, still_since) AS person_since,
                   since, until, because,
                   (1000 * extract(epoch FROM clock_timestamp() - oldest))::bigint AS lag_ms
            FROM counted c FULL JOIN open o USING (crm) FULL JOIN paused p USING (crm)""";

    private static final String STORES = """
            SELECT store, w.waiting, r.rejected
            FROM (SELECT store, count(*) AS waiting FROM inbox_waiting JOIN inbox USING (id) GROUP BY store) w
            FULL JOIN (SELECT store, count(*) AS rejected FROM rejected WHERE state = 'open' AND crm IS NULL
                       GROUP BY store) r USING (store)""";

    /** A held or rejected record counts once, however often it was tried: its row in the ledger of outcomes repeats. */
    private static final String OUTCOMES = """
            SELECT outcome, count(*) FILTER (WHERE at > now() - interval '1 hour') AS hour, count(*) AS day
            FROM outcome WHERE at > now() - interval '24 hours' AND outcome NOT IN ('held', 'rejected') GROUP BY outcome
            UNION ALL
            SELECT outcome, count(*) FILTER (WHERE last_at > now() - interval '1 hour'), count(*)
            FROM (SELECT outcome, max(last_at) AS last_at FROM rejected WHERE last_at > now() - interval '24 hours'
                  GROUP BY outcome, coalesce(crm, id::text), store, entity, record_id) r GROUP BY outcome""";

    private final JdbcClient database;
    private final List<String> stores;
    private final List<String> crms;
    private final Cached<Backlog> backlog = new Cached<>(Duration.ofSeconds(5), this::countBacklog);
    /** A busy ledger has millions of rows a day; a delay of half a minute is acceptable. */
    private final Cached<List<OutcomeCount>> outcomes = new Cached<>(Duration.ofSeconds(30), this::countOutcomes);
    private final Cached<OutcomeCount> conflicts = new Cached<>(Duration.ofSeconds(30), this::countConflicts);

    Status(JdbcClient database, Stores stores, Crms crms) {
        this.database = database;
        this.stores = stores.all().stream().map(store -> store.name()).toList();
        this.crms = crms.all().stream().map(crm -> crm.name()).toList();
    }

    /** Names of the configured stores. */
    List<String> stores() {
        return stores;
    }

    /** Names of the configured CRMs. */
    List<String> crms() {
        return crms;
    }

    /** What waits, at most five seconds old. */
    public Backlog backlog() {
        return backlog.get();
    }

    /** Every outcome with its counts, zero or not, at most thirty seconds old. */
    public List<OutcomeCount> outcomes() {
        return outcomes.get();
    }

    /** Fields that both sides had changed, at most thirty seconds old. */
    public OutcomeCount conflicts() {
        return conflicts.get();
    }

    private OutcomeCount countConflicts() {
        return database.sql("""
                SELECT count(*) FILTER (WHERE at > now() - interval '1 hour') AS hour, count(*) AS day
                FROM conflict WHERE at > now() - interval '24 hours'""")
                .query((row, number) -> new OutcomeCount("conflicts", row.getLong("hour"), row.getLong("day")))
                .single();
    }

    private Backlog countBacklog() {
        Map<String, Backlog.Crm> ofCrms = new TreeMap<>();
        crms.forEach(name -> ofCrms.put(name, Backlog.Crm.idle(name)));
        database.sql(CRMS).query((row, number) -> crm(row)).list().forEach(crm -> ofCrms.put(crm.crm(), crm));
        Map<String, Backlog.Store> ofStores = new TreeMap<>();
        stores.forEach(name -> ofStores.put(name, new Backlog.Store(name, 0, 0)));
        database.sql(STORES).query((row, number) -> new Backlog.Store(row.getString("store"), row.getLong("waiting"),
                row.getLong("rejected"))).list().forEach(store -> ofStores.put(store.store(), store));
        return new Backlog(Instant.now(), inboxWaiting(),
                ofStores.values().stream().mapToLong(Backlog.Store::rejectedEvents).sum(),
                List.copyOf(ofStores.values()), List.copyOf(ofCrms.values()));
    }

    private long inboxWaiting() {
        return database.sql("SELECT count(*) FROM inbox_waiting").query(Long.class).single();
    }

    private static Backlog.Crm crm(ResultSet row) throws SQLException {
        return new Backlog.Crm(row.getString("crm"), row.getLong("due"), row.getLong("retrying"),
                row.getLong("for_record"), row.getLong("for_person"), time(row, "oldest"),
                Math.max(0, row.getLong("lag_ms")), time(row, "record_since"), time(row, "person_since"),
                time(row, "since"), time(row, "until"), row.getString("because"), row.getLong("rejected"),
                row.getLong("held"));
    }

    private List<OutcomeCount> countOutcomes() {
        Map<String, OutcomeCount> counted = database.sql(OUTCOMES)
                .query((row, number) ->
                        new OutcomeCount(row.getString("outcome"), row.getLong("hour"), row.getLong("day")))
                .list().stream().collect(Collectors.toMap(OutcomeCount::outcome, Function.identity()));
        return Outcome.NAMES.stream()
                .map(name -> counted.getOrDefault(name, new OutcomeCount(name, 0, 0))).toList();
    }
}
