package io.shopbridge.work;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * This process as the others see it: a number, and an advisory lock on it that PostgreSQL lets go the moment the
 * process dies. Claims of an instance without its lock belong to nobody.
 */
@Component
class Instance implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Instance.class);
    /** The first of the two numbers of our advisory locks; any other program's locks have another. */
    static final int LOCK_CLASS = 0x5B00;
    private static final long LOOK_EVERY_MS = 2000;
    /** No delivery takes so long: how it ended could not be written. */
    private static final String LONGEST_CLAIM = "interval '15 minutes'";

    private final DataSource dataSource;
    private final JdbcClient jdbc;
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

    /** Holds the lock on a connection of its own and, while at it, frees what dead instances had claimed. */
    private void keepLock() {
        while (running) {
            try (Connection connection = dataSource.getConnection(); Statement sql = connection.createStatement()) {
                sql.execute("SELECT pg_advisory_lock(" + LOCK_CLASS + ", " + id + ")");
                // After a loss of the database: how those deliveries ended could not be written.
                sql.executeUpdate("UPDATE work SET claimed_by = NULL WHERE claimed_by = " + id);
                while (running) {
                    freeClaimsOfTheDead(sql);
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

    private void freeClaimsOfTheDead(Statement sql) throws SQLException {
        String living = "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = "
                + LOCK_CLASS + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        int freed = sql.executeUpdate("UPDATE work SET claimed_by = NULL, due_at = least(due_at, clock_timestamp())"
                + " WHERE claimed_by IS NOT NULL AND (claimed_at < clock_timestamp() - " + LONGEST_CLAIM
                + " OR claimed_by NOT IN (" + living + "))");
        sql.executeUpdate("DELETE FROM instance WHERE started_at < now() - interval '1 hour' AND id NOT IN ("
                + living + ")");
        if (freed > 0) {
            LOG.info("Took back {} pieces of work that a process had claimed and did not end.", freed);
        }
    }

    private void pause() {
        try {
            Thread.sleep(LOOK_EVERY_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
