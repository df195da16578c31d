package io.shopbridge.backfill;

import io.shopbridge.backfill.Backfill.State;
import io.shopbridge.store.Columns;
import io.shopbridge.store.RecordKey;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The tables of backfills: each step is committed before the next begins. */
@Component
public class Backfills {

    private static final String OPEN = "ended_at IS NULL";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final OrderCutoffs cutoffs;

    Backfills(JdbcTemplate jdbc, TransactionTemplate transaction, OrderCutoffs cutoffs) {
        this.cutoffs = cutoffs;
        this.jdbc = jdbc;
        this.transaction = transaction;
    }

    /** A line of the file: an object, without what it contains in connections. */
    record Line(long number, byte[] bytes) {
    }

    /** One that is under way has other days than those that were asked for. */
    public static final class Otherwise extends RuntimeException {

        private final transient Backfill underWay;

        private Otherwise(Backfill underWay) {
            super(underWay + " is under way with other days");
            this.underWay = underWay;
        }

        public Backfill getUnderWay() {
            return underWay;
        }
    }

    /**
     * Asks for the history of these kinds of record, in this order. One that is under way already stays as it is.
     *
     * @return all of them that are under way now
     * @throws Otherwise where one is under way with other days; nothing was asked for then
     */
    public List<Backfill> ask(String store, List<String> entities, BackfillScope scope) {
        return transaction.execute(status -> entities.stream().flatMap(entity -> ask(store, entity, scope).stream()).toList());
    }

    private List<Backfill> ask(String store, String entity, BackfillScope scope) {
        LocalDate figuresBefore = entity.equals(RecordKey.ORDER) ? scope.figuresBefore() : null;
        jdbc.update("INSERT INTO backfill (store, entity, since, figures_before, dry_run) VALUES (?, ?, ?, ?, ?)"
                + " ON CONFLICT (store, entity, dry_run) WHERE " + OPEN + " DO NOTHING", store, entity,
                date(scope.since()), date(figuresBefore), scope.dryRun());
        List<Backfill> open = jdbc.query("SELECT * FROM backfill WHERE store = ? AND entity = ? AND dry_run = ? AND " + OPEN,
                Backfills::row, store, entity, scope.dryRun());
        open.stream().filter(one -> !Objects.equals(one.since(), scope.since())
                || !Objects.equals(one.figuresBefore(), figuresBefore)).findFirst().ifPresent(one -> {
                    throw new Otherwise(one);
                });
        return open;
    }

    private static Date date(LocalDate day) {
        return day == null ? null : Date.valueOf(day);
    }

    /** All that the database knows, newest first. */
    public List<Backfill> all() {
        return jdbc.query("SELECT * FROM backfill ORDER BY id DESC LIMIT 200", Backfills::row);
    }

    public Optional<Backfill> find(long id) {
        return jdbc.query("SELECT * FROM backfill WHERE id = ?", Backfills::row, id).stream().findFirst();
    }

    /** Stops it for now, or lets it go on; false: it has ended, or there is none. */
    public boolean pause(long id, boolean paused) {
        return jdbc.update("UPDATE backfill SET paused = ?, due_at = now() WHERE id = ? AND " + OPEN, paused, id) > 0;
    }

    /** Ends it; what it brought stays. False: it has ended, or there is none. */
    public boolean cancel(long id) {
        return find(id).filter(backfill -> backfill.endedAt() == null).map(backfill -> {
            end(backfill, State.CANCELLED, "An operator cancelled it; what it brought stays");
            return true;
        }).orElse(false);
    }

    /** The next that can go on; of paused stores none. */
    Optional<Backfill> next() {
        return jdbc.query("SELECT * FROM backfill b WHERE " + OPEN + " AND NOT paused AND due_at <= clock_timestamp()"
                + " AND NOT EXISTS (SELECT 1 FROM store_pause s WHERE s.store = b.store AND s.resumed_at IS NULL)"
                + " ORDER BY id LIMIT 1", Backfills::row).stream().findFirst();
    }

    /** Locks it for the caller's transaction; false where a person has paused or ended it. */
    private boolean goesOn(Backfill backfill) {
        return !jdbc.queryForList("SELECT id FROM backfill WHERE id = ? AND NOT paused AND " + OPEN + " FOR UPDATE",
                Long.class, backfill.id()).isEmpty();
    }

    /** From now on an export may run at Shopify that nobody here knows of. */
    void asksForExport(Backfill backfill) {
        jdbc.update("UPDATE backfill SET export_asked_at = clock_timestamp() WHERE id = ?", backfill.id());
    }

    /** Shopify answered that it runs none. */
    void exportNotBegun(Backfill backfill) {
        jdbc.update("UPDATE backfill SET export_asked_at = NULL WHERE id = ?", backfill.id());
    }

    /** When Shopify was asked for an export and did not answer; empty: it was not asked, or answered. */
    Optional<Instant> exportAskedAt(Backfill backfill) {
        return jdbc.query("SELECT export_asked_at FROM backfill WHERE id = ?", (row, n) ->
                Optional.ofNullable(Columns.instant(row, "export_asked_at")), backfill.id()).stream().flatMap(Optional::stream)
                .findFirst();
    }

    /** Global ids of the exports of this store that are or were somebody's. */
    Set<String> operations(String store) {
        return Set.copyOf(jdbc.queryForList("SELECT DISTINCT unnest(operations) FROM backfill WHERE store = ?",
                String.class, store));
    }

    /** Global ids of exports that may still run, for ten days at most, although an operator cancelled what they were for. */
    List<String> abandoned(String store) {
        return jdbc.queryForList("SELECT operation FROM backfill WHERE store = ? AND state = 'cancelled'"
                + " AND operation IS NOT NULL AND expected_lines IS NULL AND ended_at > now() - interval '10 days'"
                + " ORDER BY id", String.class, store);
    }

    /** Has the export looked at now; it may have ended, or not. */
    public void finished(String store, String operation) {
        jdbc.update("UPDATE backfill SET due_at = now() WHERE store = ? AND operation = ? AND state = 'exporting' AND "
                + OPEN, store, operation);
    }

    /**
     * The export runs. The day before which orders only count is in force from the first export on: not if it never begins,
     * and not again if it must be repeated, when an operator may have removed the day.
     */
    void exporting(Backfill backfill, String operation) {
        transaction.executeWithoutResult(status -> {
            if (began(backfill, operation) && backfill.beganAt() == null && backfill.figuresBefore() != null
                    && !backfill.dryRun()) {
                cutoffs.set(backfill.store(), backfill.figuresBefore());
            }
        });
    }

    /** Where the answer to the start of the export was lost, Shopify may have begun it hours ago. */
    private boolean began(Backfill backfill, String operation) {
        return jdbc.update("UPDATE backfill SET state = 'exporting', operation = ?, operations = operations || ?::text,"
                + " export_asked_at = NULL, because = NULL, due_at = clock_timestamp(),"
                + " began_at = coalesce(began_at, export_asked_at, now()) WHERE id = ? AND " + OPEN, operation, operation,
                backfill.id()) > 0;
    }

    void exported(Backfill backfill, String url, long lines, long records) {
        jdbc.update("UPDATE backfill SET state = 'downloading', url = ?, expected_lines = ?, expected_records = ?,"
                + " because = NULL WHERE id = ? AND " + OPEN, url, lines, records, backfill.id());
    }

    /** Shopify found no record, and so has no file. */
    void exportedNothing(Backfill backfill) {
        jdbc.update("UPDATE backfill SET state = 'completing', expected_lines = 0, expected_records = 0, because = NULL"
                + " WHERE id = ? AND " + OPEN, backfill.id());
    }

    /**
     * Stores lines of the file, from the one after those that are stored; not if a person has paused or ended it: what
     * is stored after the end would stay.
     */
    boolean store(Backfill backfill, long after, List<String> parents, List<byte[]> lines) {
        List<Long> numbers = new ArrayList<>();
        for (int i = 1; i <= lines.size(); i++) {
            numbers.add(after + i);
        }
        return Boolean.TRUE.equals(transaction.execute(status -> {
            if (!goesOn(backfill)) {
                return false;
            }
            // A crash of the server loses the last lines together with their count: they are read again.
            jdbc.execute("SET LOCAL synchronous_commit = off");
            jdbc.update("INSERT INTO backfill_line (backfill, number, parent, line) SELECT ?, l.* FROM"
                    + " unnest(?::bigint[], ?::text[], ?::bytea[]) AS l (number, parent, line)", backfill.id(),
                    Columns.longs(numbers, number -> number), Columns.texts(parents),
                    Columns.bytes(lines, line -> line));
            jdbc.update("UPDATE backfill SET lines = ? WHERE id = ?", after + lines.size(), backfill.id());
            return true;
        }));
    }

    /** How many of the stored lines are records, and not parts of one. */
    long storedRecords(Backfill backfill) {
        Long records = jdbc.queryForObject("SELECT count(*) FROM backfill_line WHERE backfill = ? AND parent = ''",
                Long.class, backfill.id());
        return records == null ? 0 : records;
    }

    void importing(Backfill backfill) {
        jdbc.update("UPDATE backfill SET state = 'importing', because = NULL WHERE id = ? AND " + OPEN, backfill.id());
    }

    /** The next records of the file. */
    List<Line> records(Backfill backfill, int most) {
        return jdbc.query("SELECT number, line FROM backfill_line WHERE backfill = ? AND parent = '' AND number > ?"
                + " ORDER BY number LIMIT ?", (row, n) -> new Line(row.getLong(1), row.getBytes(2)), backfill.id(),
                backfill.atLine(), most);
    }

    /** How many bytes of the file are what these objects contain in connections, by their global ids. */
    Map<String, Long> bytesOfChildren(Backfill backfill, Collection<String> parents) {
        Map<String, Long> bytes = new HashMap<>();
        jdbc.query("SELECT parent, sum(octet_length(line)) FROM backfill_line WHERE backfill = ? AND parent = ANY (?)"
                + " GROUP BY parent", row -> {
                    bytes.put(row.getString(1), row.getLong(2));
                }, backfill.id(), Columns.texts(parents));
        return bytes;
    }

    /** What these objects contain in connections, by their global ids, in the order of the file. */
    Map<String, List<byte[]>> children(Backfill backfill, Collection<String> parents) {
        Map<String, List<byte[]>> children = new HashMap<>();
        jdbc.query("SELECT parent, line FROM backfill_line WHERE backfill = ? AND parent = ANY (?) ORDER BY number",
                row -> {
                    children.computeIfAbsent(row.getString(1), parent -> new ArrayList<>()).add(row.getBytes(2));
                }, backfill.id(), Columns.texts(parents));
        return children;
    }

    /** The events of a step are in the inbox. */
    void accepted(Step step) {
        transaction.executeWithoutResult(status -> {
            if (jdbc.queryForList("SELECT id FROM backfill WHERE id = ? AND " + OPEN + " FOR UPDATE", Long.class,
                    step.backfill().id()).isEmpty()) {
                return;
            }
            jdbc.update("INSERT INTO backfill_rest (backfill, id) SELECT ?, unnest(?::text[]) ON CONFLICT DO NOTHING",
                    step.backfill().id(), Columns.texts(step.incomplete()));
            jdbc.update("DELETE FROM backfill_rest WHERE backfill = ? AND id = ANY (?)", step.backfill().id(),
                    Columns.texts(step.asked()));
            jdbc.update("UPDATE backfill SET at_line = greatest(at_line, ?), records = records + ? WHERE id = ?",
                    step.atLine(), step.events().size(), step.backfill().id());
        });
    }

    /** The file is in; what it had only a part of is not. */
    void completing(Backfill backfill) {
        transaction.executeWithoutResult(status -> {
            jdbc.update("UPDATE backfill SET state = 'completing' WHERE id = ? AND " + OPEN, backfill.id());
            jdbc.update("DELETE FROM backfill_line WHERE backfill = ?", backfill.id());
        });
    }

    /** Global ids of records to be asked for; one on which Shopify failed before is asked for alone, after the others. */
    List<String> rest(Backfill backfill, int most) {
        List<String> fresh = jdbc.queryForList("SELECT id FROM backfill_rest WHERE backfill = ? AND failures = 0 ORDER BY id"
                + " LIMIT ?", String.class, backfill.id(), most);
        return !fresh.isEmpty() ? fresh : jdbc.queryForList("SELECT id FROM backfill_rest WHERE backfill = ? AND failures > 0"
                + " AND due_at <= clock_timestamp() ORDER BY due_at LIMIT 1", String.class, backfill.id());
    }

    /** When the next of those on which Shopify failed may be asked for again; empty: none is left. */
    Optional<Instant> restDue(Backfill backfill) {
        return jdbc.query("SELECT due_at FROM backfill_rest WHERE backfill = ? ORDER BY due_at LIMIT 1",
                (row, n) -> Columns.instant(row, "due_at"), backfill.id()).stream().findFirst();
    }

    /** Shopify failed on this record alone: it waits for one minute, then for four times as long. How often it failed. */
    int restFailed(Backfill backfill, String id) {
        return jdbc.queryForList("UPDATE backfill_rest SET failures = failures + 1, due_at = clock_timestamp()"
                + " + interval '1 minute' * 4 ^ failures WHERE backfill = ? AND id = ? RETURNING failures", Integer.class,
                backfill.id(), id).stream().findFirst().orElse(0);
    }

    /** The record is not asked for any more; the report says so. */
    void giveUp(Backfill backfill, String id, String because) {
        transaction.executeWithoutResult(status -> {
            jdbc.update("DELETE FROM backfill_rest WHERE backfill = ? AND id = ?", backfill.id(), id);
            jdbc.update("UPDATE backfill SET unread = unread || ?::text WHERE id = ? AND " + OPEN, id + ": " + because,
                    backfill.id());
        });
    }

    /** Remembers what of its records the app may not read; whether one of these parts is new. */
    boolean denied(Backfill backfill, List<String> parts) {
        return jdbc.update("UPDATE backfill SET denied = ARRAY(SELECT DISTINCT unnest(denied || ?::text[]) ORDER BY 1)"
                + " WHERE id = ? AND NOT denied @> ?::text[]", Columns.texts(parts), backfill.id(),
                Columns.texts(parts)) > 0;
    }

    void shopHas(Backfill backfill, long records) {
        jdbc.update("UPDATE backfill SET shop_has = ? WHERE id = ?", records, backfill.id());
    }

    /** Goes on at this time. */
    public void wait(Backfill backfill, Instant until, String because) {
        jdbc.update("UPDATE backfill SET due_at = ?, because = ? WHERE id = ?", Timestamp.from(until), because,
                backfill.id());
    }

    /** Begins with a new export. */
    void again(Backfill backfill, Duration after, String because) {
        transaction.executeWithoutResult(status -> {
            jdbc.update("DELETE FROM backfill_line WHERE backfill = ?", backfill.id());
            jdbc.update("UPDATE backfill SET state = 'waiting', operation = NULL, url = NULL, expected_lines = NULL,"
                    + " expected_records = NULL, lines = 0, at_line = 0, records = 0, tries = tries + 1, because = ?, due_at = ?"
                    + " WHERE id = ? AND " + OPEN, because, Timestamp.from(Instant.now().plus(after)), backfill.id());
        });
    }

    /** Ends a dry run. */
    void endForecast(Backfill backfill, String forecast) {
        transaction.executeWithoutResult(status -> {
            jdbc.update("UPDATE backfill SET forecast = ? WHERE id = ? AND " + OPEN, forecast, backfill.id());
            end(backfill, State.ENDED, null);
        });
    }

    /** Ends it, and deletes what it kept of the file: that is personal data. */
    void end(Backfill backfill, State state, String because) {
        transaction.executeWithoutResult(status -> {
            // First, so that nobody stores more meanwhile.
            jdbc.update("UPDATE backfill SET state = ?, because = ?, url = NULL, ended_at = now() WHERE id = ? AND "
                    + OPEN, state.word(), because, backfill.id());
            jdbc.update("DELETE FROM backfill_line WHERE backfill = ?", backfill.id());
            jdbc.update("DELETE FROM backfill_rest WHERE backfill = ?", backfill.id());
            jdbc.update("DELETE FROM backfill_forecast WHERE backfill = ?", backfill.id());
        });
    }

    /** Whether more events than this wait for the mirror. */
    boolean isBehind(int events) {
        Integer waiting = jdbc.queryForObject("SELECT count(*) FROM (SELECT 1 FROM inbox_waiting LIMIT ?) AS few",
                Integer.class, events + 1);
        return waiting != null && waiting > events;
    }

    private static Backfill row(ResultSet row, int n) throws SQLException {
        Date since = row.getDate("since");
        return new Backfill(row.getLong("id"), row.getString("store"), row.getString("entity"),
                since == null ? null : since.toLocalDate(), row.getObject("figures_before", LocalDate.class),
                row.getBoolean("dry_run"), State.of(row.getString("state")), row.getBoolean("paused"),
                row.getString("operation"), row.getString("url"), row.getObject("expected_lines", Long.class),
                row.getObject("expected_records", Long.class), row.getLong("lines"), row.getLong("at_line"),
                row.getLong("records"), row.getObject("shop_has", Long.class), row.getInt("tries"),
                row.getString("because"), List.of((String[]) row.getArray("denied").getArray()),
                List.of((String[]) row.getArray("unread").getArray()), row.getString("forecast"),
                Columns.instant(row, "asked_at"), Columns.instant(row, "began_at"), Columns.instant(row, "ended_at"));
    }
}
