package io.shopbridge.work;

import io.shopbridge.store.RecordKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * This process as the others see it: a number, and an advisory lock on it that PostgreSQL releases when the process
 * dies. Claims of an instance without its lock are free.
 */
@Component
class Instance implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Instance.class);
    /** The first of the two numbers of our advisory locks; any other program's locks have another. */
    static final int LOCK_CLASS = 0x5B00;
    private static final long LOOK_EVERY_MS = 2000;
    /** Between the commit of a claim and the moment this process knows of it. */
    private static final String FRESH = "interval '10 seconds'";
    /**
     * Until a running process has its lock again that has lost it: PostgreSQL was restarted, or ended this one connection.
     * Whoever takes such a process for dead writes its records a second time.
     */
    private static final Duration UNTIL_LOCKS_ARE_BACK = Duration.ofSeconds(10);
    private static final String LIVING = "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"
            + " AND classid = " + LOCK_CLASS + " AND database = (SELECT oid FROM pg_database WHERE datname ="
            + " current_database())";

    private final DataSource dataSource;
    private final JdbcClient jdbc;
    private final Set<Claim> underWay = ConcurrentHashMap.newKeySet();
    private volatile boolean running;
    private volatile long id;
    private Thread keeper;

    Instance(DataSource dataSource, JdbcClient jdbc) {
        this.dataSource = dataSource;
        this.jdbc = jdbc;
    }

    long id() {
        return id;
    }

    /** A delivery of these records begins. */
    void begin(Collection<WorkItem> items) {
        items.forEach(item -> underWay.add(Claim.of(item)));
    }

    /** The delivery of these records has ended, whether or not its outcome could be written. */
    void over(Collection<WorkItem> items) {
        items.forEach(item -> underWay.remove(Claim.of(item)));
    }

    @Override
    public void start() {
        id = jdbc.sql("INSERT INTO instance DEFAULT VALUES RETURNING id").query(Long.class).single();
        running = true;
        keeper = new Thread(this::keepLock, "instance-lock");
        keeper.setDaemon(true);
        keeper.start();
    }

    @Override
    public void stop() {
        running = false;
        keeper.interrupt();
        try {
            keeper.join(5000);
            jdbc.sql("UPDATE work SET claimed_by = NULL WHERE claimed_by = :id").param("id", id).update();
            jdbc.sql("DELETE FROM instance WHERE id = :id").param("id", id).update();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.debug("Claims stay until the next start: the database is away", e);
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before the routes, which start last, and stopped after them. */
    @Override
    public int getPhase() {
        return 0;
    }

    /** Holds the lock on a separate connection, and frees the claims of dead instances. */
    private void keepLock() {
        while (running) {
            try (Connection connection = dataSource.getConnection(); Statement sql = connection.createStatement()) {
                sql.execute("SELECT pg_advisory_lock(" + LOCK_CLASS + ", " + id + ")");
                Map<Long, Long> missing = new HashMap<>();
                while (running) {
                    freeOwnUnusedClaims(sql);
                    freeClaimsOfTheDead(sql, missing);
                    Thread.sleep(LOOK_EVERY_MS);
                }
                sql.execute("SELECT pg_advisory_unlock_all()");
            } catch (SQLException e) {
                LOG.debug("The instance's lock is lost until the database is back: {}", e.getMessage());
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** After a database outage during a delivery: its claim, or its outcome, could not be written. */
    private void freeOwnUnusedClaims(Statement sql) throws SQLException {
        List<Claim> forgotten = new ArrayList<>();
        try (ResultSet rows = sql.executeQuery("SELECT crm, store, entity, record_id FROM work WHERE claimed_by = " + id
                + " AND claimed_at < clock_timestamp() - " + FRESH)) {
            while (rows.next()) {
                Claim claim = new Claim(rows.getString(1),
                        new RecordKey(rows.getString(2), rows.getString(3), rows.getString(4)));
                if (!underWay.contains(claim)) {
                    forgotten.add(claim);
                }
            }
        }
        try (PreparedStatement free = sql.getConnection().prepareStatement("UPDATE work SET claimed_by = NULL"
                + " WHERE crm = ? AND store = ? AND entity = ? AND record_id = ? AND claimed_by = " + id
                + " AND claimed_at < clock_timestamp() - " + FRESH)) {
            for (Claim claim : forgotten) {
                free.setString(1, claim.crm());
                free.setString(2, claim.key().store());
                free.setString(3, claim.key().entity());
                free.setString(4, claim.key().recordId());
                free.executeUpdate();
            }
        }
        logFreed(forgotten.size());
    }

    /** @param missing instances that had claims and no lock at the last look, and since when, in nanoseconds */
    private void freeClaimsOfTheDead(Statement sql, Map<Long, Long> missing) throws SQLException {
        List<Long> now = new ArrayList<>();
        try (ResultSet rows = sql.executeQuery("SELECT DISTINCT claimed_by FROM work WHERE claimed_by IS NOT NULL"
                + " AND claimed_by NOT IN (" + LIVING + ")")) {
            while (rows.next()) {
                now.add(rows.getLong(1));
            }
        }
        missing.keySet().retainAll(now);
        now.forEach(instance -> missing.putIfAbsent(instance, System.nanoTime()));
        int freed = 0;
        for (Map.Entry<Long, Long> instance : missing.entrySet()) {
            if (System.nanoTime() - instance.getValue() >= UNTIL_LOCKS_ARE_BACK.toNanos()) {
                freed += sql.executeUpdate("UPDATE work SET claimed_by = NULL, due_at = least(due_at, clock_timestamp())"
                        + " WHERE claimed_by = " + instance.getKey() + " AND claimed_by NOT IN (" + LIVING + ")");
            }
        }
        sql.executeUpdate("DELETE FROM instance WHERE started_at < now() - interval '1 hour' AND id NOT IN (" + LIVING
                + ")");
        logFreed(freed);
    }

    private static void logFreed(int freed) {
        if (freed > 0) {
            LOG.info("Freed {} claims that a process did not end.", freed);
        }
    }

    private void pause() {
        try {
            Thread.sleep(LOOK_EVERY_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Claim(String crm, RecordKey key) {
        static Claim of(WorkItem item) {
            return new Claim(item.crm(), item.key());
        }
    }
}
