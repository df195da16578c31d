package io.shopbridge.database;

import java.sql.SQLException;
import java.util.Set;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Tells an outage of the database or a deadlock from a refused value: a zero byte, a key that is too long for an index.
 * The first passes by itself, the second is the fault of one record.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL's error codes</a>
 */
public final class DatabaseOutage {

    /** Connections, rollbacks, resources, locks, an operator's stop, the server's own system. */
    private static final Set<String> PASSING = Set.of("08", "40", "53", "55", "57", "58");

    private DatabaseOutage() {
    }

    /** Whether this failure, or one that it wraps, passes without a change of a record. */
    public static boolean isBehind(Throwable failure) {
        boolean away = false;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null && sql.getSQLState().length() == 5) {
                return PASSING.contains(sql.getSQLState().substring(0, 2));
            }
            away |= cause instanceof DataAccessResourceFailureException || cause instanceof TransientDataAccessException
                    || cause instanceof RecoverableDataAccessException || cause instanceof TransactionException;
        }
        return away;
    }
}
