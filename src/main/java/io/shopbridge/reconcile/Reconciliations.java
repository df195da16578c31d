package io.shopbridge.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.shopbridge.audit.Audit;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.map.Values;
import io.shopbridge.reconcile.Findings.Agreement;
import io.shopbridge.reconcile.Findings.Count;
import io.shopbridge.reconcile.Findings.Of;
import io.shopbridge.reconcile.Reconciliation.Part;
import io.shopbridge.reconcile.Reconciliation.Position;
import io.shopbridge.reconcile.Reconciliation.State;
import io.shopbridge.store.Columns;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The tables of reconciliations: each step is committed with all that it found and repaired. */
@Component
public class Reconciliations {

    private static final String OPEN = "ended_at IS NULL";
    /** Every entity was compared; those of earlier versions ended with that. */
    private static final String COMPARED = "(state = 'done' OR part > " + Reconciliation.PARTS_OF_AN_ENTITY
            + " * cardinality(entities))";
    private static final String UNFINISHED = "Another reconciliation was due before all contacts of the CRM were listed, and"
            + " came first. If that happens every night, raise shopbridge.crms.%s.reconcile-share, or switch"
            + " shopbridge.crms.%s." + ReconcileSettings.DUPLICATES + " off";

    private static final String MADE_WAY = "Another was asked for while this one waited for the next night, and went first."
            + " The next one begins with the records that were compared longest ago";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final DuplicatesTable duplicates;
    private final Audit audit;

    Reconciliations(JdbcTemplate jdbc, TransactionTemplate transaction, DuplicatesTable duplicates, Audit audit) {
        this.audit = audit;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.duplicates = duplicates;
    }

    /**
     * What is to be compared.
     *
     * @param repairs    the classes of differences that are repaired
     * @param repairMost so many records are repaired at most; null: no limit
     * @param dry        whether to say only what would be repaired
     */
    public record Request(String crm, List<String> entities, Instant since, Set<Kind> repairs, Long repairMost,
            boolean dry, boolean scheduled) {

        /** Whether this run is what is asked for, whoever started it. */
        public boolean isOf(Reconciliation run) {
            return entities.equals(run.entities()) && Objects.equals(since, run.since()) && repairs.equals(run.repairs())
                    && Objects.equals(repairMost, run.repairMost()) && dry == run.dry();
        }
    }

    /**
     * Starts one; if one of this CRM is under way, that goes on as it was asked for. One that only lists contacts by now
     * makes way for one that is to do something else; one that waits for the next night, for whatever a person asks for.
     */
    public Reconciliation start(Request request) {
        endListing(request.crm(), run -> !request.isOf(run));
        if (!request.scheduled()) {
            endResting(request.crm());
        }
        jdbc.update("INSERT INTO reconciliation (crm, entities, since, repairs, repair_most, dry, scheduled)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (crm) WHERE " + OPEN + " DO NOTHING", request.crm(),
                Columns.texts(request.entities()), time(request.since()),
                Columns.texts(request.repairs(), Kind::word), request.repairMost(), request.dry(), request.scheduled());
        return jdbc.query("SELECT * FROM reconciliation WHERE crm = ? AND " + OPEN, Reconciliations::row, request.crm())
                .stream().findFirst().orElseGet(() -> start(request));
    }

    /** All that the database knows, newest first. */
    public List<Reconciliation> all() {
        return jdbc.query("SELECT * FROM reconciliation ORDER BY id DESC LIMIT 200", Reconciliations::row);
    }

    public Optional<Reconciliation> find(long id) {
        return jdbc.query("SELECT * FROM reconciliation WHERE id = ?", Reconciliations::row, id).stream().findFirst();
    }

    /**
     * What it found so far.
     *
     * @param target percent of the compared records that should agree in a field
     */
    public Drift drift(Reconciliation run, BigDecimal target) {
        return new Drift(
                jdbc.query("SELECT * FROM reconciliation_difference WHERE reconciliation = ?"
                        + " ORDER BY entity, class, found DESC, field", (row, n) -> found(run, row), run.id()),
                jdbc.query("SELECT * FROM reconciliation_field WHERE reconciliation = ?"
                        + " ORDER BY differed DESC, entity, field", (row, n) -> new Drift.Field(row.getString("entity"),
                                row.getString("field"), row.getLong("compared"), row.getLong("differed"), target),
                        run.id()));
    }

    private static Drift.Found found(Reconciliation run, ResultSet row) throws SQLException {
        Kind kind = Kind.of(row.getString("class"));
        return new Drift.Found(row.getString("entity"), kind, row.getString("field"), row.getLong("found"),
                row.getLong("repaired"), Drift.because(run, kind, row.getString("field")), Columns.texts(row, "examples"));
    }

    /** Stops it for now, or lets it go on; false: it has ended, or there is none. */
    public boolean pause(long id, boolean paused) {
        return jdbc.update("UPDATE reconciliation SET paused = ?, due_at = clock_timestamp() WHERE id = ? AND " + OPEN,
                paused, id) > 0;
    }

    /** Ends it; what it repaired stays. False: it has ended, or there is none. */
    public boolean cancel(long id) {
        return end(id, State.CANCELLED, "An operator cancelled it; what it repaired stays");
    }

    boolean end(long id, State state, String because) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            Optional<Reconciliation> run = jdbc.query("SELECT * FROM reconciliation WHERE id = ? AND " + OPEN
                    + " FOR UPDATE", Reconciliations::row, id).stream().findFirst();
            run.ifPresent(open -> {
                jdbc.update("UPDATE reconciliation SET state = ?, because = ?, page = NULL, hash_key = NULL,"
                        + " ended_at = clock_timestamp() WHERE id = ?", state.word(), because, id);
                duplicates.forget(id);
                if (open.part().compareTo(Part.COMPARED) <= 0) {
                    audit(open);
                }
            });
            return run.isPresent();
        }));
    }

    /** What it repaired: once, when it repairs no more; within that transaction. */
    private void audit(Reconciliation run) {
        if (run.repaired() > 0 && !run.dry()) {
            audit.didByItself("repaired", run.repaired() + " records, by " + run, JsonNodeFactory.instance.objectNode());
        }
    }

    /** Ends the one of this CRM that has compared everything, and only lists contacts: another is due, and goes before. */
    void endListing(String crm) {
        endListing(crm, run -> true);
    }

    private void endListing(String crm, Predicate<Reconciliation> which) {
        makeWay(crm, "NOT paused", run -> run.part().compareTo(Part.LISTED) >= 0 && which.test(run));
    }

    /** What it compared is not lost: the next one begins with the records that were compared longest ago. */
    private void endResting(String crm) {
        makeWay(crm, "night_over", run -> true);
    }

    private void makeWay(String crm, String where, Predicate<Reconciliation> which) {
        transaction.executeWithoutResult(status -> jdbc.query("SELECT * FROM reconciliation WHERE crm = ? AND " + where
                + " AND " + OPEN + " FOR UPDATE", Reconciliations::row, crm).stream().filter(which).forEach(run -> {
                    if (run.part() == Part.LISTED) {
                        duplicates.notLookedFor(run, UNFINISHED.formatted(crm, crm));
                    }
                    boolean compared = run.part().compareTo(Part.LISTED) >= 0;
                    end(run.id(), compared ? State.DONE : State.CANCELLED, compared ? null : MADE_WAY);
                }));
    }

    /** Of each CRM, how many groups of contacts share something of a kind, as the newest run found that listed them. */
    Map<String, Map<String, Long>> lastDuplicates() {
        return duplicates.last();
    }

    /** What it found of the CRM's own duplicates. */
    public Duplicates duplicates(Reconciliation run) {
        return duplicates.of(run);
    }

    /** The one that has waited longest to go on. */
    Optional<Reconciliation> next() {
        return jdbc.query("SELECT * FROM reconciliation WHERE " + OPEN + " AND NOT paused"
                + " AND due_at <= clock_timestamp() ORDER BY due_at LIMIT 1", Reconciliations::row).stream().findFirst();
    }

    /** The newest that an entity of a CRM was compared by to its end, without a limit of time. */
    record Complete(String entity, Reconciliation run) {
    }

    /** That of each entity of each CRM; it may still list contacts. */
    List<Complete> lastComplete() {
        return jdbc.query("SELECT DISTINCT ON (crm, entity) * FROM reconciliation, unnest(entities) AS e (entity) WHERE "
                + COMPARED + " AND since IS NULL ORDER BY crm, entity, id DESC",
                (row, n) -> new Complete(row.getString("entity"), row(row, n)));
    }

    /**
     * By CRM and entity, when the newest was asked for that compared it to its end without a limit of time; where none did,
     * the first one that was to.
     */
    Map<String, Map<String, Instant>> lastBegan() {
        Map<String, Map<String, Instant>> began = new HashMap<>();
        jdbc.query("SELECT crm, entity, coalesce(max(asked_at) FILTER (WHERE " + COMPARED + "), min(asked_at)) AS began"
                + " FROM reconciliation, unnest(entities) AS e (entity) WHERE since IS NULL GROUP BY crm, entity", row -> {
                    began.computeIfAbsent(row.getString("crm"), crm -> new HashMap<>())
                            .put(row.getString("entity"), Columns.instant(row, "began"));
                });
        return began;
    }

    /** The CRMs of which one is under way: it has made a step since then, or waits for its next night. */
    Set<String> underWay(Instant since) {
        return Set.copyOf(jdbc.queryForList("SELECT crm FROM reconciliation WHERE " + OPEN + " AND NOT paused"
                + " AND (stepped_at >= ? OR night_over AND due_at >= ?)", String.class, Timestamp.from(since),
                Timestamp.from(since)));
    }

    /** The newest of this CRM that came to their end before this one: how its truth has changed. */
    public List<Reconciliation> before(Reconciliation run) {
        return jdbc.query("SELECT * FROM reconciliation WHERE crm = ? AND id < ? AND " + COMPARED
                + " ORDER BY id DESC LIMIT 14", Reconciliations::row, run.crm(), run.id());
    }

    /** When the next one goes on; empty: none does. */
    Optional<Instant> nextDue() {
        return jdbc.query("SELECT min(due_at) FROM reconciliation WHERE " + OPEN + " AND NOT paused",
                (row, n) -> Optional.ofNullable(row.getTimestamp(1)).map(Timestamp::toInstant)).get(0);
    }

    /** Waits for the next night, or until a person asks for another one. */
    void rest(Reconciliation run, Instant until, String because) {
        // Nothing where a night has begun meanwhile.
        jdbc.update("UPDATE reconciliation SET due_at = ?, because = ?, night_over = true WHERE id = ? AND night_calls = ?"
                + " AND " + OPEN, Timestamp.from(until), because, run.id(), run.nightCalls());
    }

    /** A night begins: the one of this CRM that waited for it goes on. */
    void nightBegins(String crm) {
        jdbc.update("UPDATE reconciliation SET night_calls = 0, night_over = false,"
                + " stepped_at = CASE WHEN night_over THEN clock_timestamp() ELSE stepped_at END,"
                + " due_at = CASE WHEN night_over THEN clock_timestamp() ELSE due_at END,"
                + " because = CASE WHEN night_over THEN NULL ELSE because END WHERE crm = ? AND " + OPEN, crm);
    }

    /** Goes on after this time. */
    void wait(Reconciliation run, Duration time, String because) {
        jdbc.update("UPDATE reconciliation SET due_at = clock_timestamp() + ? * interval '1 millisecond', because = ?"
                + " WHERE id = ? AND " + OPEN, time.toMillis(), because, run.id());
    }

    /**
     * Stores a step together with what it does; nothing where the run was ended or another process has made the step.
     *
     * @param does within this transaction
     * @return whether it was stored
     */
    boolean step(Reconciliation run, Position next, Findings findings, int calls, Duration pause, Runnable does) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            if (jdbc.queryForList("SELECT id FROM reconciliation WHERE id = ? AND steps = ? AND " + OPEN
                    + " FOR UPDATE", Long.class, run.id(), run.steps()).isEmpty()) {
                return false;
            }
            does.run();
            jdbc.update("UPDATE reconciliation SET part = ?, after_store = ?, after_id = ?, page = ?, steps = steps + 1,"
                            + " compared = compared + ?, in_flight = in_flight + ?, skipped = skipped + ?,"
                            + " found = found + ?, repaired = repaired + ?, calls = calls + ?,"
                            + " night_calls = night_calls + ?, because = NULL, stepped_at = clock_timestamp(),"
                            + " due_at = clock_timestamp() + ? * interval '1 millisecond' WHERE id = ?",
                    next.part(), next.store(), next.id(), next.page() == null ? null : next.page().toString(),
                    findings.compared(), findings.inFlight(), findings.skipped(), findings.found(),
                    findings.repaired(), calls, calls, pause.toMillis(), run.id());
            findings.counts().forEach((of, count) -> add(run, findings.entity(), of, count));
            add(run, findings);
            return true;
        }));
    }

    /** Everything is compared. False: the run was ended, or another process has made this step. */
    boolean compared(Reconciliation run) {
        return step(run, run.position().nextPart(), new Findings(run.entity()), 0, Duration.ZERO, () -> audit(run));
    }

    private void add(Reconciliation run, String entity, Of of, Count count) {
        jdbc.update("""
                INSERT INTO reconciliation_difference AS d
                    (reconciliation, entity, class, field, found, repaired, examples) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (reconciliation, entity, class, field) DO UPDATE SET found = d.found + EXCLUDED.found,
                    repaired = d.repaired + EXCLUDED.repaired, examples = (d.examples || EXCLUDED.examples)[1:?]""",
                run.id(), entity, of.kind().word(), of.field(), count.found(), count.repaired(),
                Columns.texts(count.examples()), Findings.MOST_EXAMPLES);
    }

    private void add(Reconciliation run, Findings findings) {
        Collection<Map.Entry<String, Agreement>> rows = findings.fields().entrySet();
        jdbc.update("""
                INSERT INTO reconciliation_field AS f (reconciliation, entity, field, compared, differed)
                SELECT ?, ?, n.* FROM unnest(?::text[], ?::bigint[], ?::bigint[]) AS n (field, compared, differed)
                ON CONFLICT (reconciliation, entity, field) DO UPDATE
                SET compared = f.compared + EXCLUDED.compared, differed = f.differed + EXCLUDED.differed""",
                run.id(), findings.entity(), Columns.texts(rows, Map.Entry::getKey),
                Columns.longs(rows, row -> row.getValue().compared()),
                Columns.longs(rows, row -> row.getValue().differed()));
    }

    private static Reconciliation row(ResultSet row, int n) throws SQLException {
        return new Reconciliation(row.getLong("id"), row.getString("crm"), Columns.texts(row, "entities"),
                Columns.instant(row, "since"), Columns.texts(row, "repairs").stream().map(Kind::of).collect(Collectors.toSet()),
                row.getObject("repair_most", Long.class), row.getBoolean("dry"), row.getBoolean("scheduled"),
                State.of(row.getString("state")), row.getBoolean("paused"),
                new Position(row.getInt("part"), row.getString("after_store"), row.getString("after_id"),
                        json(row.getString("page"))),
                row.getLong("steps"), row.getLong("compared"), row.getLong("in_flight"), row.getLong("skipped"),
                row.getLong("found"), row.getLong("repaired"), row.getLong("calls"), row.getLong("night_calls"),
                row.getLong("listed"), row.getString("because"), Columns.instant(row, "asked_at"),
                Columns.instant(row, "ended_at"));
    }

    private static JsonNode json(String text) {
        try {
            return text == null ? null : Values.JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The page of a reconciliation is not JSON", e);
        }
    }

    private static Timestamp time(Instant moment) {
        return moment == null ? null : Timestamp.from(moment);
    }
}
