package io.shopbridge.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.stereotype.Component;

/**
 * Says in the log when the database does not answer: at the beginning, once a minute, and at the end. Not for each webhook,
 * batch and job that fails because of it, of which there are hundreds a minute.
 */
@Component("databaseOutages")
public class DatabaseOutages {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseOutages.class);
    private static final Duration SAID_AGAIN = Duration.ofMinutes(1);
    private static final int PATIENCE = 2;      // seconds

    private final DataSource database;
    private final InstantSource clock;
    private final ReentrantLock looking = new ReentrantLock();
    /** Null: there is none. */
    private volatile Instant since;
    private Instant said;

    @Autowired
    DatabaseOutages(DataSource database) {
        this(database, InstantSource.system());
    }

    DatabaseOutages(DataSource database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Whether a failure is that the database did not answer. A deadlock is an answer. */
    public boolean isBehind(Exception failure) {
        return DatabaseOutage.isBehind(failure)
                && ExceptionUtils.throwableOfType(failure, PessimisticLockingFailureException.class) == null;
    }

    /** Something failed because of it. One call alone may fail, such as one that was cancelled: that is no outage. */
    public void noticed(Exception failure) {
        // Whoever comes meanwhile has failed for the same reason.
        if (since != null || !looking.tryLock()) {
            return;
        }
        try {
            if (since != null) {
                return;
            }
            if (answers()) {
                LOG.warn("A call of the database failed, and it answers again. What was under way is tried again: {}",
                        failure.getMessage());
                return;
            }
            said = clock.instant();
            since = said;
            LOG.warn("The database does not answer. Until it does, no record is delivered, no job runs, and webhooks are"
                    + " answered 503, so that Shopify redelivers them. Nothing is lost.");
        } finally {
            looking.unlock();
        }
    }

    /** Looks whether an outage is over; does nothing where there is none. */
    public void look() {
        if (since == null || !looking.tryLock()) {
            return;
        }
        try {
            Duration lasted = Duration.between(since, clock.instant());
            if (answers()) {
                since = null;
                LOG.warn("The database answers again, after {}.", inWords(lasted));
            } else if (!clock.instant().isBefore(said.plus(SAID_AGAIN))) {
                said = clock.instant();
                LOG.warn("The database has not answered for {}. Look at its log, and at the network between.",
                        inWords(lasted));
            }
        } finally {
            looking.unlock();
        }
    }

    private boolean answers() {
        try (Connection connection = database.getConnection()) {
            return connection.isValid(PATIENCE);
        } catch (SQLException e) {
            return false;
        }
    }

    private static String inWords(Duration lasted) {
        return lasted.toMinutes() < 2 ? lasted.toSeconds() + " s" : lasted.toMinutes() + " min";
    }
}
