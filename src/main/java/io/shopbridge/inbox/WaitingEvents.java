package io.shopbridge.inbox;

import static io.shopbridge.store.Columns.integers;
import static io.shopbridge.store.Columns.longs;

import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The events that wait for the mirror, and what is known of those under which a process ended. Before a pass reads its
 * events it commits their numbers, beside its own transaction: an event that ends the process undoes the transaction,
 * but not that.
 */
@Component("waitingEvents")
public class WaitingEvents {

    private static final Logger LOG = LoggerFactory.getLogger(WaitingEvents.class);
    private static final int BATCH = 200;
    /** Events of history in a pass that has today's too, which wait until all of the pass is read. */
    private static final int BESIDE_TODAY = 20;
    /** A body becomes many times its size while it is read. */
    private static final long BATCH_BYTES = 8L << 20;
    /** As many as one process can end under. */
    private static final int MOST_SUSPECTS = BATCH;
    /** Processes that may end while they read an event before nobody reads it any more. */
    private static final int MOST_TRIES = 2;
    /** The first of the two numbers of the advisory locks that passes hold. */
    private static final int LOCK_CLASS = 0x5B10;
    private static final String DELETE_AND_READ = """
            taken AS (DELETE FROM inbox_waiting w USING chosen c WHERE w.id = c.id RETURNING w.id, w.by_hand)
            SELECT i.id, i.store, i.topic, i.triggered_at, i.received_at, i.body, t.by_hand
            FROM taken t JOIN inbox i USING (id) ORDER BY i.id""";
    private static final String TAKE = """
            WITH oldest AS (
                SELECT id, later FROM inbox_waiting WHERE tries = 0 ORDER BY later, id LIMIT ? FOR UPDATE SKIP LOCKED),
            sized AS (
                SELECT o.id, o.later, sum(octet_length(i.body)) OVER (
                    ORDER BY o.later, o.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
                    row_number() OVER (PARTITION BY o.later ORDER BY o.id) AS n, bool_or(NOT o.later) OVER () AS today
                FROM oldest o LEFT JOIN inbox i USING (id)),
            chosen AS (SELECT id FROM sized WHERE coalesce(before, 0) < ? AND NOT (later AND today AND n > ?)),
            """ + DELETE_AND_READ;
    private static final String TAKE_THESE = """
            WITH chosen AS (SELECT id FROM inbox_waiting WHERE id = ANY (?) ORDER BY id FOR UPDATE SKIP LOCKED),
            """ + DELETE_AND_READ;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate apart;
    private final TransactionTemplate beside;
    private final int owner = new SecureRandom().nextInt();

    WaitingEvents(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.apart = new TransactionTemplate(transactions);
        apart.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.beside = new TransactionTemplate(transactions);
        beside.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
    }

    /**
     * The events under which a process ended, each alone. Where none did, it costs one look at two nearly empty tables.
     */
    public List<Pass> suspects() {
        Boolean any = jdbc.queryForObject("SELECT EXISTS (SELECT 1 FROM inbox_waiting WHERE tries > 0)"
                + " OR EXISTS (SELECT 1 FROM inbox_pass WHERE owner <> ? AND ids <> '{}')", Boolean.class, owner);
        if (!Boolean.TRUE.equals(any)) {
            return List.of();
        }
        apart.executeWithoutResult(status -> countPassesThatDidNotEnd());
        return jdbc.query("SELECT id, tries FROM inbox_waiting WHERE tries > 0 ORDER BY id LIMIT ?",
                (row, n) -> suspect(row.getLong(1), row.getInt(2)), MOST_SUSPECTS);
    }

    private static Pass suspect(long id, int tries) {
        Pass alone = Pass.alone(id);
        return tries < MOST_TRIES ? alone : alone.rejected("Shopbridge ended " + tries + " times while it was reading"
                + " the body, so it is not read again by itself; report it with the bytes");
    }

    /**
     * So many of the oldest at most, today's before history, and no more once they have so many bytes, but one in any
     * case.
     */
    public Pass oldest() {
        return Pass.ofOldest();
    }

    /**
     * Takes the events of the pass, as far as they still wait, out of the table, within the caller's transaction; says
     * before that these are read now, whatever happens then.
     */
    public List<ReceivedEvent> take(@Body Pass pass) {
        // A pass that a crash of the server forgets is made again: no need to wait for the disk.
        jdbc.execute("SET LOCAL synchronous_commit = off; SELECT pg_advisory_xact_lock(" + LOCK_CLASS + ", " + owner
                + ")");
        List<ReceivedEvent> events = pass.isOfOldest()
                ? jdbc.query(TAKE, (row, n) -> event(row), BATCH, BATCH_BYTES, BESIDE_TODAY)
                : jdbc.query(TAKE_THESE, (row, n) -> event(row), longs(pass.ids(), id -> id));
        if (!events.isEmpty()) {
            pass.took(events.stream().map(ReceivedEvent::id).toList(), isFull(events));
            beside.executeWithoutResult(none -> reading(pass.ids()));
            // Over when the caller's transaction commits.
            jdbc.update("UPDATE inbox_pass SET ids = '{}' WHERE owner = ?", owner);
        }
        return events;
    }

    private static boolean isFull(List<ReceivedEvent> events) {
        long history = events.stream().filter(ReceivedEvent::isHistory).count();
        return events.size() == BATCH || history == BESIDE_TODAY && history < events.size()
                || events.stream().mapToLong(event -> event.body().length).sum() >= BATCH_BYTES;
    }

    /** One statement that commits by itself, without waiting for the disk. */
    private void reading(List<Long> ids) {
        jdbc.queryForObject("""
                WITH unsynced AS (SELECT set_config('synchronous_commit', 'off', true))
                INSERT INTO inbox_pass (owner, ids) SELECT ?, ? FROM unsynced
                ON CONFLICT (owner) DO UPDATE SET ids = EXCLUDED.ids, began_at = now() RETURNING owner""",
                Integer.class, owner, longs(ids, id -> id));
    }

    private void countPassesThatDidNotEnd() {
        List<Long> ids = new ArrayList<>();
        List<Integer> owners = jdbc.query("SELECT owner, ids FROM inbox_pass WHERE owner <> ? AND ids <> '{}'"
                + " AND pg_try_advisory_xact_lock(" + LOCK_CLASS + ", owner) FOR UPDATE SKIP LOCKED", (row, n) -> {
                    ids.addAll(Arrays.asList((Long[]) row.getArray(2).getArray()));
                    return row.getInt(1);
                }, owner);
        if (owners.isEmpty()) {
            return;
        }
        int waiting = jdbc.update("UPDATE inbox_waiting SET tries = tries + 1 WHERE id = ANY (?)",
                longs(ids, id -> id));
        jdbc.update("DELETE FROM inbox_pass WHERE owner = ANY (?)"
                + " OR ids = '{}' AND began_at < now() - interval '1 day'", integers(owners, each -> each));
        if (waiting > 0) {
            LOG.warn("A process ended while it was reading {} events; they are read one by one.", waiting);
        }
    }

    /** Whether the database answers. */
    public boolean answers() {
        try {
            jdbc.queryForObject("SELECT 1", Integer.class);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static ReceivedEvent event(ResultSet row) throws SQLException {
        Timestamp triggered = row.getTimestamp("triggered_at");
        return new ReceivedEvent(row.getLong("id"), row.getString("store"), row.getString("topic"),
                triggered == null ? null : triggered.toInstant(), row.getTimestamp("received_at").toInstant(),
                row.getBytes("body"), row.getBoolean("by_hand"));
    }
}
