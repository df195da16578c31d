package io.shopbridge.recount;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.audit.Audit;
import io.shopbridge.mirror.Span;
import io.shopbridge.recount.Recount.State;
import io.shopbridge.recount.Window.Step;
import io.shopbridge.store.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The tables of recounts: each step is committed with all that it found. */
@Component
public class Recounts {

    private static final String OPEN = "ended_at IS NULL";
    private static final int MOST_EXAMPLES = 20;
    private static final String SELECT = """
            SELECT r.*, (SELECT count(*) FROM recount_window w WHERE w.recount = r.id)
                + (SELECT count(*) FROM recount_suspect s WHERE s.recount = r.id) AS open FROM recount r""";

    /** The newest of each store and entity that came to its end, and of which what is put in is so. */
    private static final String LAST_DONE = "SELECT DISTINCT ON (r.store, e.entity) r.id, r.store, e.entity, r.asked_at,"
            + " r.ended_at FROM recount r, unnest(r.entities) AS e (entity) WHERE r.state = '" + State.DONE.word() + "'%s"
            + " ORDER BY r.store, e.entity, r.id DESC";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final Audit audit;

    Recounts(JdbcTemplate jdbc, TransactionTemplate transaction, Audit audit) {
        this.audit = audit;
        this.jdbc = jdbc;
        this.transaction = transaction;
    }

    /**
     * What was found of a class.
     *
     * @param found    records
     * @param examples of them, as {@code order/123}; or a range
     */
    public record Found(String entity, Kind kind, long found, long repaired, List<String> examples) {

        /** What to do about those that were not repaired. */
        public String advice() {
            return kind.advice();
        }
    }

    /** Starts one; if one of this store is under way, that goes on as it was asked for. */
    Recount start(String store, Map<String, Span> entities, boolean repair, boolean scheduled, Instant since,
            Instant until) {
        transaction.executeWithoutResult(status -> {
            List<Long> id = jdbc.queryForList("INSERT INTO recount (store, entities, repair, scheduled, since,"
                    + " until) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (store) WHERE " + OPEN + " DO NOTHING RETURNING id", Long.class,
                    store, Columns.texts(entities.keySet()), repair, scheduled, Timestamp.from(since),
                    Timestamp.from(until));
            if (!id.isEmpty()) {
                add(id.get(0), entities.entrySet().stream().map(one -> Window.all(one.getKey(), one.getValue())).toList());
            }
        });
        return list(" WHERE store = ? AND " + OPEN, store).stream().findFirst()
                .orElseGet(() -> start(store, entities, repair, scheduled, since, until));
    }

    /** All that the database knows, newest first. */
    public List<Recount> all() {
        return list(" ORDER BY id DESC LIMIT 200");
    }

    public Optional<Recount> find(long id) {
        return list(" WHERE id = ?", id).stream().findFirst();
    }

    /** What it found so far. */
    public List<Found> found(Recount run) {
        return jdbc.query("SELECT * FROM recount_difference WHERE recount = ? ORDER BY entity, class",
                (row, n) -> new Found(row.getString("entity"), Kind.of(row.getString("class")), row.getLong("found"),
                        row.getLong("repaired"), Columns.texts(row, "examples")), run.id());
    }

    /**
     * An entity of which the newest one that came to its end did not compare all, because the app may not read it.
     *
     * @param records the mirror's
     */
    record Denied(String store, String entity, Instant endedAt, long records) {
    }

    /** Those of which the mirror has records. */
    List<Denied> denied() {
        return jdbc.query("SELECT l.*, d.found FROM (" + LAST_DONE.formatted("") + ") l JOIN recount_difference d"
                + " ON d.recount = l.id AND d.entity = l.entity WHERE d.class = ? AND d.found > 0", (row, n) -> new Denied(
                row.getString("store"), row.getString("entity"), Columns.instant(row, "ended_at"), row.getLong("found")),
                Kind.DENIED.word());
    }

    /** What the last one found that came to its end, by store and entity; without what was denied, if there is any. */
    List<Truth> lastComplete() {
        Map<Long, Map<String, Map<Kind, Long>>> found = new HashMap<>();
        String last = LAST_DONE.formatted(" AND NOT EXISTS (SELECT 1 FROM recount_difference x WHERE x.recount = r.id"
                + " AND x.entity = e.entity AND x.class = '" + Kind.DENIED.word() + "' AND x.found > 0)");
        jdbc.query("SELECT d.* FROM recount_difference d JOIN (" + last + ") l ON l.id = d.recount AND l.entity = d.entity",
                row -> {
                    found.computeIfAbsent(row.getLong("recount"), id -> new HashMap<>()).computeIfAbsent(
                            row.getString("entity"), entity -> new EnumMap<>(Kind.class))
                            .put(Kind.of(row.getString("class")), row.getLong("found"));
                });
        return jdbc.query("SELECT l.*, c.counted FROM (" + last + ") l LEFT JOIN recount_counted c ON c.recount = l.id"
                + " AND c.entity = l.entity", (row, n) -> new Truth(row.getLong("id"), row.getString("store"),
                row.getString("entity"), Columns.instant(row, "asked_at"), Columns.instant(row, "ended_at"),
                row.getObject("counted", Long.class), found.getOrDefault(row.getLong("id"), Map.of())
                        .getOrDefault(row.getString("entity"), Map.of())));
    }

    /** When the first one of each store was started that is known. */
    Map<String, Instant> firstAsked() {
        return jdbc.query("SELECT store, min(asked_at) AS at FROM recount GROUP BY store", (row, n) ->
                Map.entry(row.getString("store"), Columns.instant(row, "at"))).stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Ends it; what it repaired stays. False: it has ended, or there is none. */
    public boolean cancel(long id) {
        return end(id, State.CANCELLED, "An operator cancelled it; what it repaired stays");
    }

    boolean end(long id, State state, String because) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            boolean ended = jdbc.update("UPDATE recount SET state = ?, because = ?, ended_at = clock_timestamp()"
                    + " WHERE id = ? AND " + OPEN, state.word(), because, id) > 0;
            jdbc.update("DELETE FROM recount_window WHERE recount = ?", id);
            jdbc.update("DELETE FROM recount_suspect WHERE recount = ?", id);
            if (ended) {
                find(id).ifPresent(this::audit);
            }
            return ended;
        }));
    }

    private void audit(Recount run) {
        List<Found> repaired = found(run).stream().filter(one -> one.repaired() > 0).toList();
        if (!repaired.isEmpty()) {
            ObjectNode details = JsonNodeFactory.instance.objectNode();
            repaired.forEach(one -> details.withObjectProperty(one.entity()).put(one.kind().word(), one.repaired()));
            audit.didByItself("repaired", repaired.stream().mapToLong(Found::repaired).sum() + " records, by " + run,
                    details);
        }
    }

    /** Ends those that were asked for before this time and have not come to an end. */
    List<Recount> giveUp(Instant before) {
        List<Recount> late = list(" WHERE " + OPEN + " AND asked_at < ?", Timestamp.from(before));
        return late.stream().filter(run -> end(run.id(), State.FAILED, "It did not come to its end in time"
                + (run.because() == null ? "" : ": " + run.because()))).toList();
    }

    /** The one that has waited longest to go on. Whatever becomes of its step, others have their turn before it. */
    Optional<Recount> next() {
        return list(" WHERE id = (SELECT id FROM recount WHERE " + OPEN + " AND due_at <= clock_timestamp()"
                + " ORDER BY due_at LIMIT 1)").stream().findFirst().filter(run -> jdbc.update("UPDATE recount SET due_at ="
                + " clock_timestamp() + interval '1 minute' WHERE id = ? AND " + OPEN, run.id()) > 0);
    }

    /** Goes on after this time. */
    void wait(Recount run, Duration time, String because) {
        jdbc.update("UPDATE recount SET due_at = clock_timestamp() + ? * interval '1 millisecond', because = ?"
                + " WHERE id = ? AND " + OPEN, time.toMillis(), because, run.id());
    }

    /** The next windows of one entity with which the same is done. */
    List<Window> windows(Recount run, int most) {
        List<Window> all = jdbc.query("SELECT * FROM recount_window WHERE recount = ? ORDER BY id LIMIT ?",
                (row, n) -> new Window(row.getLong("id"), row.getString("entity"),
                        new Span(row.getLong("low"), row.getLong("high")), Step.of(row.getString("step"))),
                run.id(), most);
        return all.stream().takeWhile(one -> one.entity().equals(all.get(0).entity())
                && one.step() == all.get(0).step()).toList();
    }

    /** The next records of one entity that are to be asked for. */
    List<String> suspects(Recount run, String entity, int most) {
        return jdbc.queryForList("SELECT record_id FROM recount_suspect WHERE recount = ? AND entity = ?"
                + " ORDER BY record_id LIMIT ?", String.class, run.id(), entity, most);
    }

    /**
     * These windows are done.
     *
     * @param next     windows that they became
     * @param suspects records of their entity that are to be asked for
     * @param counted  records of the shop's that were counted for the first time
     */
    void done(Recount run, List<Window> done, List<Window> next, Collection<String> suspects, long counted, int calls,
            Findings findings) {
        transaction.executeWithoutResult(status -> {
            if (!lock(run)) {
                return;
            }
            if (jdbc.update("DELETE FROM recount_window WHERE id = ANY (?)", Columns.longs(done, Window::id)) < done.size()) {
                // Another process has made this step.
                return;
            }
            add(run.id(), next);
            if (!suspects.isEmpty()) {
                jdbc.update("INSERT INTO recount_suspect SELECT ?, ?, unnest(?::text[]) ON CONFLICT DO NOTHING", run.id(),
                        done.get(0).entity(), Columns.texts(suspects));
            }
            if (counted > 0) {
                jdbc.update("INSERT INTO recount_counted AS c VALUES (?, ?, ?) ON CONFLICT (recount, entity) DO UPDATE"
                        + " SET counted = c.counted + EXCLUDED.counted", run.id(), done.get(0).entity(), counted);
            }
            add(run, counted, calls, findings);
        });
    }

    /** These records were asked for, and what they say is in the inbox. */
    void asked(Recount run, String entity, Collection<String> ids, int calls, Findings findings) {
        transaction.executeWithoutResult(status -> {
            if (!lock(run)) {
                return;
            }
            jdbc.update("DELETE FROM recount_suspect WHERE recount = ? AND entity = ? AND record_id = ANY (?)", run.id(),
                    entity, Columns.texts(ids));
            add(run, 0, calls, findings);
        });
    }

    /** Nothing more of this entity is compared. */
    void leaveOut(Recount run, String entity, Findings findings) {
        transaction.executeWithoutResult(status -> {
            if (lock(run)) {
                jdbc.update("DELETE FROM recount_window WHERE recount = ? AND entity = ?", run.id(), entity);
                jdbc.update("DELETE FROM recount_suspect WHERE recount = ? AND entity = ?", run.id(), entity);
                add(run, 0, 1, findings);
            }
        });
    }

    private boolean lock(Recount run) {
        return !jdbc.queryForList("SELECT id FROM recount WHERE id = ? AND " + OPEN + " FOR UPDATE", Long.class, run.id())
                .isEmpty();
    }

    private void add(Recount run, long counted, int calls, Findings findings) {
        jdbc.update("UPDATE recount SET counted = counted + ?, calls = calls + ?, because = NULL,"
                + " due_at = clock_timestamp() WHERE id = ?", counted, calls, run.id());
        findings.all().forEach(one -> jdbc.update("""
                INSERT INTO recount_difference AS d VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (recount, entity, class) DO UPDATE SET found = d.found + EXCLUDED.found,
                    repaired = d.repaired + EXCLUDED.repaired, examples = (d.examples || EXCLUDED.examples)[1:?]""",
                run.id(), one.entity(), one.kind().word(), one.found(), one.repaired(),
                Columns.texts(one.examples().stream().limit(MOST_EXAMPLES).toList()), MOST_EXAMPLES));
    }

    private void add(long recount, List<Window> windows) {
        jdbc.update("INSERT INTO recount_window (recount, entity, low, high, step)"
                + " SELECT ?, w.* FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::text[]) AS w", recount,
                Columns.texts(windows, Window::entity), Columns.longs(windows, one -> one.span().low()),
                Columns.longs(windows, one -> one.span().high()), Columns.texts(windows, one -> one.step().word()));
    }

    private List<Recount> list(String where, Object... arguments) {
        return jdbc.query(SELECT + where, (row, n) -> row(row), arguments);
    }

    private static Recount row(ResultSet row) throws SQLException {
        return new Recount(row.getLong("id"), row.getString("store"), Columns.texts(row, "entities"),
                row.getBoolean("repair"), row.getBoolean("scheduled"), Columns.instant(row, "since"), Columns.instant(row, "until"),
                State.of(row.getString("state")), row.getLong("counted"), row.getLong("calls"), row.getLong("open"),
                row.getString("because"), Columns.instant(row, "asked_at"), Columns.instant(row, "ended_at"));
    }
}
