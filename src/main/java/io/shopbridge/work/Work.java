package io.shopbridge.work;

import static io.shopbridge.store.Columns.booleans;
import static io.shopbridge.store.Columns.longs;
import static io.shopbridge.store.Columns.texts;

import io.shopbridge.doorbell.Doorbell;
import io.shopbridge.store.RecordKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.SqlArrayValue;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The table of work (the backlog): marks, claims (leases), and how a claim ends. */
@Component
public class Work {

    private static final Logger LOG = LoggerFactory.getLogger(Work.class);

    /** When a record that waits for another is tried again; it is freed at once when that one is linked. */
    private static final String LOOK_AGAIN = "interval '5 seconds'";

    /** A pause that begins this soon after the end of the last one counts as the same outage. */
    private static final String SAME_PAUSE = "interval '1 minute'";

    private static final String MARK = """
            WITH marked AS (INSERT INTO work (crm, store, entity, record_id, waits_for, due_at, inbox_id, later, set_aside)
            SELECT c.crm, m.store, m.entity, m.record_id, w.waits_for,
                   CASE WHEN w.waits_for IS NULL THEN clock_timestamp() ELSE clock_timestamp() + %s END, m.inbox_id,
                   m.later, %s
            FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::boolean[])
                     AS m (store, entity, record_id, waits_for, inbox_id, later)
            CROSS JOIN unnest(?::text[]) AS c (crm)
            LEFT JOIN LATERAL (
                SELECT m.waits_for WHERE m.waits_for IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM link l WHERE l.crm = c.crm AND l.store = m.store
                    AND l.entity = split_part(m.waits_for, '/', 1) AND l.record_id = split_part(m.waits_for, '/', 2))
                ) w ON true
            ORDER BY c.crm, m.store, m.entity, m.record_id
            ON CONFLICT (crm, store, entity, record_id) DO UPDATE
                SET generation = work.generation + 1, inbox_id = EXCLUDED.inbox_id,
                    later = work.later AND EXCLUDED.later
            RETURNING *)
            SELECT crm, store, entity, record_id FROM marked WHERE waits_for IS NOT NULL"""
            .formatted(LOOK_AGAIN, StorePauses.ofStore("m"));

    /** How many of the first in line are looked at for those that the CRM has: a look at each of 100,000 takes long. */
    private static final int FIRST_IN_LINE = 2000;

    /** The due records without a bulk job and of no paused store; of the first in line only those that have a link. */
    private static final String DUE = """
            SELECT crm, store, entity, record_id, later, due_at FROM work
            WHERE crm = ? AND entity = ? AND claimed_by IS NULL AND NOT set_aside AND due_at <= clock_timestamp()
              AND NOT EXISTS (%s) AND NOT %s
              AND NOT EXISTS (SELECT 1 FROM crm_pause p WHERE p.crm = ? AND p.until > clock_timestamp())
              AND (NOT ?::boolean OR EXISTS (SELECT 1 FROM link l WHERE l.crm = work.crm AND l.store = work.store
                      AND l.entity = work.entity AND l.record_id = work.record_id)
                  AND due_at <= coalesce((SELECT f.due_at FROM work f WHERE f.crm = ? AND f.entity = ?
                      AND f.claimed_by IS NULL AND NOT f.set_aside ORDER BY f.due_at OFFSET %d LIMIT 1), 'infinity'))
            """.formatted(BulkJobs.inJob("work"), StorePauses.ofStore("work"), FIRST_IN_LINE);

    /** Which CRMs have a due record of which entity, as for a claim; each half has an index of its own. */
    private static final String ANY_DUE = """
            SELECT a.crm, a.entity FROM unnest(?::text[], ?::text[]) AS a (crm, entity)
            WHERE NOT EXISTS (SELECT 1 FROM crm_pause p WHERE p.crm = a.crm AND p.until > clock_timestamp())
              AND (EXISTS (%1$s AND NOT later) OR EXISTS (%1$s AND later))
            """.formatted("""
            SELECT 1 FROM work WHERE work.crm = a.crm AND work.entity = a.entity AND claimed_by IS NULL AND NOT set_aside
                AND due_at <= clock_timestamp() AND NOT EXISTS (%s) AND NOT %s"""
            .formatted(BulkJobs.inJob("work"), StorePauses.ofStore("work")));

    /**
     * Records of paused stores, some at a time. What is claimed meanwhile, or locked, is set aside by nobody: claims look
     * at the pause itself, too.
     */
    private static final String SET_ASIDE = """
            WITH aside AS (
                UPDATE work w SET set_aside = true FROM (
                    SELECT a.* FROM store_pause s CROSS JOIN LATERAL (
                        SELECT crm, store, entity, record_id FROM work
                        WHERE work.store = s.store AND NOT set_aside AND claimed_by IS NULL
                        LIMIT ? FOR UPDATE SKIP LOCKED) AS a
                    WHERE s.resumed_at IS NULL AND NOT s.is_set_aside) AS its
                WHERE w.crm = its.crm AND w.store = its.store AND w.entity = its.entity AND w.record_id = its.record_id
                RETURNING w.store)
            UPDATE store_pause s SET is_set_aside = true WHERE s.resumed_at IS NULL AND NOT s.is_set_aside
                AND (SELECT count(*) FROM aside a WHERE a.store = s.store) < ?""";

    /** Records that were set aside while their store was paused, which is over. */
    private static final String RETURN = """
            UPDATE work w SET set_aside = false FROM (
                SELECT a.* FROM store_pause s CROSS JOIN LATERAL (
                    SELECT crm, store, entity, record_id FROM work WHERE work.store = s.store AND set_aside
                    LIMIT ? FOR UPDATE SKIP LOCKED) AS a
                WHERE s.resumed_at IS NOT NULL) AS back
            WHERE w.crm = back.crm AND w.store = back.store AND w.entity = back.entity
              AND w.record_id = back.record_id""";

    /** How many of each store are set aside, or return, with each look. */
    private static final int WITH_A_LOOK = 10_000;

    /**
     * The oldest of them, those of a backfill after all others; up to a number of bytes in the mirror, but at least one.
     */
    private static final String CLAIM = """
            WITH live AS (%1$s AND NOT later ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED),
            others AS (%1$s AND later ORDER BY due_at LIMIT greatest(? - (SELECT count(*) FROM live), 0)
                FOR UPDATE SKIP LOCKED),
            oldest AS (SELECT * FROM live UNION ALL SELECT * FROM others),
            sized AS (
                SELECT o.*, (SELECT coalesce(sum(octet_length(f.value)), 0) FROM mirror_facet f WHERE f.store = o.store
                             AND f.entity = o.entity AND f.record_id = o.record_id)::bigint AS bytes
                FROM oldest o),
            due AS (
                SELECT s.*, sum(bytes) OVER (ORDER BY later, due_at, store, record_id
                                             ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
                FROM sized s)
            UPDATE work w SET claimed_by = ?, claimed_at = clock_timestamp(), attempts = w.attempts + 1
            FROM due d
            WHERE w.crm = d.crm AND w.store = d.store AND w.entity = d.entity AND w.record_id = d.record_id
              AND coalesce(d.before, 0) < ?
            RETURNING w.*, d.bytes""".formatted(DUE);

    /** The first of the two numbers of the advisory locks under which claims are made. */
    private static final int CLAIM_LOCK_CLASS = Instance.LOCK_CLASS + 1;

    private static final String MINE = """
            FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[]) AS d (store, entity, record_id, generation)
            WHERE w.crm = ? AND w.store = d.store AND w.entity = d.entity AND w.record_id = d.record_id
              AND w.claimed_by = ?""";

    private static final String END = "DELETE FROM work w USING " + MINE.substring("FROM ".length())
            + " AND w.generation = d.generation";

    private static final String LATER = """
            UPDATE work SET claimed_by = NULL, because = ?, waits_for = ?,
                due_at = CASE WHEN EXISTS (%s) AND NOT EXISTS (%s) THEN clock_timestamp() ELSE ? END,
                marked_at = CASE WHEN waits_for IS NOT NULL AND ?::text IS NULL THEN clock_timestamp() ELSE marked_at END
            WHERE crm = ? AND store = ? AND entity = ? AND record_id = ? AND claimed_by = ?"""
            .formatted(BulkJobs.results("work"), BulkJobs.inJob("work"));

    private static final String AFTER = """
            SELECT w.store, w.entity, w.record_id
            FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                     AS d (store, entity, record_id, other_store, other_entity, other_id)
            JOIN work w ON w.crm = ? AND w.store = d.store AND w.entity = d.entity AND w.record_id = d.record_id
            JOIN work o ON o.crm = w.crm AND o.store = d.other_store AND o.entity = d.other_entity
                AND o.record_id = d.other_id
            WHERE o.claimed_by IS NOT NULL AND o.claimed_at < w.claimed_at OR EXISTS (%s)"""
            .formatted(BulkJobs.inJob("o"));

    private static final String CHANGED_MEANWHILE = "UPDATE work w SET claimed_by = NULL, attempts = 0, waits_for = NULL,"
            + " because = NULL, marked_at = clock_timestamp(), due_at = clock_timestamp() " + MINE
            + " AND w.generation <> d.generation";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final TransactionTemplate apart;
    private final Instance instance;
    private final Doorbell doorbell;

    Work(JdbcTemplate jdbc, TransactionTemplate transaction, Instance instance, Doorbell doorbell) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.apart = new TransactionTemplate(transaction.getTransactionManager());
        apart.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.instance = instance;
        this.doorbell = doorbell;
    }

    /** The name of the wake-up (doorbell) for due work of this kind. */
    public static String bell(String crm, String entity) {
        return "work-" + crm + "-" + entity;
    }

    /**
     * Marks records as changed for these CRMs; within the caller's transaction. The marks must be distinct records, all
     * of one store's CRMs.
     */
    public void mark(Collection<Mark> marks, Collection<String> crms) {
        if (marks.isEmpty() || crms.isEmpty()) {
            return;
        }
        List<Mark> list = List.copyOf(marks);
        Map<String, List<RecordKey>> waiting = new HashMap<>();
        jdbc.query(MARK, row -> {
            waiting.computeIfAbsent(row.getString(1), crm -> new ArrayList<>())
                    .add(new RecordKey(row.getString(2), row.getString(3), row.getString(4)));
        }, texts(list, mark -> mark.key().store()), texts(list, mark -> mark.key().entity()),
                texts(list, mark -> mark.key().recordId()), texts(list, Mark::waitsFor), longs(list, Mark::inboxId),
                booleans(list, Mark::later), texts(crms));
        if (!waiting.isEmpty() && TransactionSynchronizationManager.isSynchronizationActive()) {
            afterCommit(() -> waiting.forEach(this::freeLinked));
        }
        list.stream().map(mark -> mark.key().entity()).distinct()
                .forEach(entity -> crms.forEach(crm -> doorbell.ring(bell(crm, entity))));
    }

    /** Marks these records as changed for this CRM; within the caller's transaction. */
    public void mark(String crm, Collection<RecordKey> keys) {
        mark(keys.stream().distinct().map(key -> new Mark(key, null, null)).toList(), List.of(crm));
    }

    /** Makes the record due now, whatever it waited for, and resets its attempts; within the caller's transaction. */
    public void due(String crm, RecordKey key) {
        jdbc.update("""
                INSERT INTO work (crm, store, entity, record_id) VALUES (?, ?, ?, ?)
                ON CONFLICT (crm, store, entity, record_id) DO UPDATE SET generation = work.generation + 1,
                    attempts = 0, due_at = clock_timestamp(), marked_at = clock_timestamp(), because = NULL,
                    waits_for = NULL, later = false""", crm, key.store(), key.entity(), key.recordId());
        doorbell.ring(bell(crm, key.entity()));
    }

    /**
     * Takes up to {@code most} due records of this entity, oldest first; none while the CRM is paused. A process that
     * claims must call {@link #over} at the end, in any case.
     *
     * @param others as long as there are fewer than this, the claim is filled with what a backfill brought
     * @param bytes  the claim is full when the records have so many in the mirror; at least one is claimed
     */
    public List<WorkItem> claim(String crm, String entity, int most, int others, long bytes) {
        return claim(crm, entity, most, others, bytes, false);
    }

    /** The same, but only records that the CRM has: those of them that are among the first 2,000 in line. */
    public List<WorkItem> claimLinked(String crm, String entity, int most, int others, long bytes) {
        return claim(crm, entity, most, others, bytes, true);
    }

    private List<WorkItem> claim(String crm, String entity, int most, int others, long bytes, boolean linked) {
        List<WorkItem> claimed = transaction.execute(status -> {
            // A claim lost in a crash of the database server is made again: no need to wait for the disk. Planned each
            // time: a plan cached while these tables were empty takes minutes for a thousand rows. One claim at a time:
            // two parallel claims would share the due records and call the CRM with half-empty batches.
            jdbc.execute("SET LOCAL synchronous_commit = off; SET LOCAL plan_cache_mode = force_custom_plan;"
                    + " SELECT pg_advisory_xact_lock(" + CLAIM_LOCK_CLASS + ", " + bell(crm, entity).hashCode() + ")");
            return jdbc.query(CLAIM, (row, n) -> item(row), crm, entity, crm, linked, crm, entity, most, crm, entity, crm,
                    linked, crm, entity, others, instance.id(), bytes);
        });
        instance.begin(claimed);
        return claimed;
    }

    /**
     * Wakes the deliveries for which records are due: those that became so by the clock, were left by a process that
     * ended, or are of a store that was resumed. Sets those of paused stores aside.
     *
     * @param entities by CRM
     */
    public void ringForDue(Map<String, List<String>> entities) {
        List<Map.Entry<String, String>> all = entities.entrySet().stream()
                .flatMap(of -> of.getValue().stream().map(entity -> Map.entry(of.getKey(), entity))).toList();
        List<String> bells = transaction.execute(status -> {
            jdbc.execute("SET LOCAL plan_cache_mode = force_custom_plan");
            jdbc.update(SET_ASIDE, WITH_A_LOOK, WITH_A_LOOK);
            jdbc.update(RETURN, WITH_A_LOOK);
            return jdbc.query(ANY_DUE, (row, n) -> bell(row.getString(1), row.getString(2)),
                    texts(all, Map.Entry::getKey), texts(all, Map.Entry::getValue));
        });
        bells.forEach(doorbell::ringHere);
    }

    /** Those of these records that the CRM may not have as they are. */
    public Set<RecordKey> open(String crm, Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        Set<RecordKey> open = new HashSet<>();
        jdbc.query("""
                SELECT w.store, w.entity, w.record_id FROM unnest(?::text[], ?::text[], ?::text[])
                    AS k (store, entity, record_id)
                JOIN work w ON w.crm = ? AND w.store = k.store AND w.entity = k.entity AND w.record_id = k.record_id""",
                row -> {
                    open.add(new RecordKey(row.getString(1), row.getString(2), row.getString(3)));
                }, texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId), crm);
        return open;
    }

    /**
     * Whether records that no backfill brought have been due for longer than this, or the CRM is paused.
     *
     * @param entities that the CRM maps: nothing delivers what is still due of others
     */
    public boolean isBehind(String crm, Collection<String> entities, Duration lag) {
        return Boolean.TRUE.equals(jdbc.queryForObject("SELECT EXISTS (SELECT 1 FROM work WHERE crm = ? AND entity = ANY (?)"
                + " AND claimed_by IS NULL AND NOT later AND NOT set_aside AND waits_for IS NULL"
                + " AND due_at <= clock_timestamp() - ? * interval '1 millisecond' AND NOT " + StorePauses.ofStore("work")
                + ") OR EXISTS (SELECT 1 FROM crm_pause WHERE crm = ? AND until > clock_timestamp())", Boolean.class, crm,
                texts(entities), lag.toMillis(), crm));
    }

    /** How many records this CRM does not have yet as they are. */
    public long waiting(String crm) {
        Long waiting = jdbc.queryForObject("SELECT count(*) FROM work WHERE crm = ?", Long.class, crm);
        return waiting == null ? 0 : waiting;
    }

    /** Whether more than this many records wait that come after all others; without those of paused stores. */
    public boolean isLaterAbove(String crm, int records) {
        Integer waiting = jdbc.queryForObject("SELECT count(*) FROM (SELECT 1 FROM work WHERE crm = ?"
                + " AND claimed_by IS NULL AND later AND NOT set_aside LIMIT ?) AS few", Integer.class, crm, records + 1);
        return waiting != null && waiting > records;
    }

    /**
     * Which of these claimed records must let another one go first: one that was claimed before them, or that a running
     * bulk job writes.
     *
     * @param others of each record, those that are the same record of the CRM
     */
    public Set<RecordKey> after(String crm, Map<RecordKey, List<RecordKey>> others) {
        List<Map.Entry<RecordKey, RecordKey>> pairs = others.entrySet().stream()
                .flatMap(of -> of.getValue().stream().map(other -> Map.entry(of.getKey(), other))).toList();
        return pairs.isEmpty() ? Set.of() : new HashSet<>(jdbc.query(AFTER, (row, n) -> new RecordKey(
                row.getString("store"), row.getString("entity"), row.getString("record_id")),
                texts(pairs, pair -> pair.getKey().store()), texts(pairs, pair -> pair.getKey().entity()),
                texts(pairs, pair -> pair.getKey().recordId()), texts(pairs, pair -> pair.getValue().store()),
                texts(pairs, pair -> pair.getValue().entity()), texts(pairs, pair -> pair.getValue().recordId()), crm));
    }

    /** How many records of the entity are due that no backfill brought; no more than this are counted. */
    public int dueToday(String crm, String entity, int most) {
        Integer due = jdbc.queryForObject("SELECT count(*) FROM (SELECT 1 FROM work WHERE crm = ? AND entity = ?"
                + " AND claimed_by IS NULL AND NOT set_aside AND due_at <= clock_timestamp() AND NOT "
                + StorePauses.ofStore("work") + " AND NOT later LIMIT ?) AS due", Integer.class, crm, entity, most);
        return due == null ? 0 : due;
    }

    /** Whether more than this many records of the entity are due. */
    public boolean isDueAbove(String crm, String entity, int records) {
        String some = "SELECT 1 FROM work WHERE crm = ? AND entity = ? AND claimed_by IS NULL"
                + " AND NOT set_aside AND due_at <= clock_timestamp() AND NOT " + StorePauses.ofStore("work");
        Integer due = jdbc.queryForObject("SELECT count(*) FROM ((" + some + " AND NOT later LIMIT ?) UNION ALL ("
                + some + " AND later LIMIT ?)) AS due", Integer.class, crm, entity, records + 1, crm, entity,
                records + 1);
        return due != null && due > records;
    }

    /** This process has ended these records: if their outcome could not be written, they are due again. */
    public void over(Collection<WorkItem> items) {
        instance.over(items);
    }

    /**
     * Locks these claims for the caller's transaction, which ends or gives back each of them. Several rows of work are
     * always locked in the order of their keys, to avoid deadlocks.
     */
    public void lock(String crm, Collection<WorkItem> items) {
        List<WorkItem> list = List.copyOf(items);
        jdbc.query("""
                SELECT 1 FROM unnest(?::text[], ?::text[], ?::text[]) AS d (store, entity, record_id)
                JOIN work w ON w.crm = ? AND w.store = d.store AND w.entity = d.entity AND w.record_id = d.record_id
                ORDER BY w.store, w.entity, w.record_id FOR UPDATE OF w""",
                row -> { }, stores(list), entities(list), recordIds(list), crm);
    }

    /** Ends these claims. Records that were marked meanwhile are due again at once. */
    public void end(String crm, Collection<WorkItem> items) {
        if (items.isEmpty()) {
            return;
        }
        int ended = updateMine(END, crm, items);
        if (ended < items.size() && updateMine(CHANGED_MEANWHILE, crm, items) > 0) {
            items.stream().map(item -> item.key().entity()).distinct()
                    .forEach(entity -> doorbell.ring(bell(crm, entity)));
        }
    }

    /**
     * Gives a claim back, due at this time; or now, if its bulk job has already ended.
     *
     * @param waitsFor the record that must be linked first, as {@code customer/123}; null: none
     */
    public void later(WorkItem item, Instant due, String because, String waitsFor) {
        jdbc.update(LATER, because, waitsFor, Timestamp.from(due), waitsFor, item.crm(), item.key().store(),
                item.key().entity(), item.key().recordId(), instance.id());
    }

    /**
     * Gives these claims back as if they had not been made: with their former due time, and without counting the
     * attempt.
     *
     * @param because why they were not delivered; null keeps the former reason
     */
    public void giveBack(String crm, Collection<WorkItem> items, String because) {
        List<WorkItem> list = List.copyOf(items);
        jdbc.update("UPDATE work w SET claimed_by = NULL, attempts = greatest(w.attempts - 1, 0),"
                + " because = coalesce(?, w.because) " + MINE, because, stores(list), entities(list), recordIds(list),
                longs(list, WorkItem::generation), crm, instance.id());
        list.stream().map(item -> item.key().entity()).distinct()
                .forEach(entity -> doorbell.ring(bell(crm, entity)));
    }

    /**
     * Frees records that waited for these, which are linked now: to be called after the links are committed. A record
     * whose wait is not committed yet is freed by {@link #freeLinked}.
     */
    public void linked(String crm, Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        free("""
                SELECT w.crm, w.store, w.entity, w.record_id FROM unnest(?::text[], ?::text[]) AS d (store, waits_for)
                JOIN work w ON w.crm = ? AND w.store = d.store AND w.waits_for = d.waits_for""",
                texts(list, RecordKey::store), texts(list, RecordKey::toString), crm);
    }

    /**
     * Frees those of these records that wait for one that is linked by now: to be called after their wait is committed.
     * The link may have come between their look for it and that commit, when {@link #linked} could not see them.
     */
    public void freeLinked(String crm, Collection<RecordKey> keys) {
        if (keys.isEmpty()) {
            return;
        }
        List<RecordKey> list = List.copyOf(keys);
        free("""
                SELECT w.crm, w.store, w.entity, w.record_id
                FROM unnest(?::text[], ?::text[], ?::text[]) AS d (store, entity, record_id)
                JOIN work w ON w.crm = ? AND w.store = d.store AND w.entity = d.entity AND w.record_id = d.record_id
                JOIN link l ON l.crm = w.crm AND l.store = w.store AND l.entity = split_part(w.waits_for, '/', 1)
                    AND l.record_id = split_part(w.waits_for, '/', 2)""",
                texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId), crm);
    }

    /** In a transaction of its own. If the database is lost just then, the record's own look makes up for it. */
    private void afterCommit(Runnable what) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                try {
                    apart.executeWithoutResult(status -> what.run());
                } catch (DataAccessException | TransactionException e) {
                    LOG.debug("Records whose wait has just ended are looked at later: {}", e.getMessage());
                }
            }
        });
    }

    /** Makes the rows of work that this query gives due. */
    private void free(String waiting, Object... parameters) {
        List<String> freed = jdbc.query("WITH waiting AS (" + waiting + """
                 ORDER BY w.store, w.entity, w.record_id FOR UPDATE OF w)
                UPDATE work w SET waits_for = NULL, due_at = clock_timestamp(), marked_at = clock_timestamp()
                FROM waiting d
                WHERE w.crm = d.crm AND w.store = d.store AND w.entity = d.entity AND w.record_id = d.record_id
                RETURNING w.crm, w.entity""",
                (row, n) -> bell(row.getString(1), row.getString(2)), parameters);
        freed.stream().distinct().forEach(doorbell::ring);
    }

    /** Whether nothing is claimed for this CRM now, because it asked for that, or cannot take it. */
    public boolean isPaused(String crm) {
        return Boolean.TRUE.equals(jdbc.queryForObject("SELECT EXISTS (SELECT 1 FROM crm_pause WHERE crm = ?"
                + " AND until > clock_timestamp())", Boolean.class, crm));
    }

    /** Claims nothing for this CRM until then. A longer existing pause stays. */
    public void pause(String crm, Instant until, String because) {
        jdbc.update("""
                INSERT INTO crm_pause (crm, until, because) VALUES (?, ?, ?)
                ON CONFLICT (crm) DO UPDATE SET until = EXCLUDED.until, because = EXCLUDED.because,
                    since = CASE WHEN crm_pause.until < clock_timestamp() - %s THEN clock_timestamp()
                            ELSE crm_pause.since END
                WHERE crm_pause.until < EXCLUDED.until""".formatted(SAME_PAUSE), crm, Timestamp.from(until), because);
    }

    private int updateMine(String sql, String crm, Collection<WorkItem> items) {
        return jdbc.update(sql, stores(items), entities(items), recordIds(items), longs(items, WorkItem::generation),
                crm, instance.id());
    }

    private static SqlArrayValue stores(Collection<WorkItem> items) {
        return texts(items, item -> item.key().store());
    }

    private static SqlArrayValue entities(Collection<WorkItem> items) {
        return texts(items, item -> item.key().entity());
    }

    private static SqlArrayValue recordIds(Collection<WorkItem> items) {
        return texts(items, item -> item.key().recordId());
    }

    private static WorkItem item(ResultSet row) throws SQLException {
        // The wait for another record does not count as lag, even if that record is found only now.
        String since = row.getString("waits_for") == null ? "marked_at" : "claimed_at";
        return new WorkItem(row.getString("crm"),
                new RecordKey(row.getString("store"), row.getString("entity"), row.getString("record_id")),
                row.getLong("generation"), row.getTimestamp(since).toInstant(), row.getInt("attempts"),
                row.getString("because"), (Long) row.getObject("inbox_id"), row.getLong("bytes"), row.getBoolean("later"));
    }
}
