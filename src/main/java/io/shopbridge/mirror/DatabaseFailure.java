package io.shopbridge.mirror;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.Set;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * What a failure is about, by the first two characters of its SQLState
 * (<a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL's error codes</a>): of Spring's
 * classes, one holds both a server that is away and an index that has no room for a text.
 */
final class DatabaseFailure {

    /** The connection is lost, resources are short, the statement or the server was stopped, or its disk fails. */
    private static final Set<String> AWAY = Set.of("08", "53", "57", "58");
    /** A deadlock, a read-only server, a refused login, or a wrong table. */
    private static final Set<String> NOT_READY = Set.of("40", "55", "25", "28", "3D", "42", "0A");

    private DatabaseFailure() {
    }

    /** Whether the written data can't be the cause, so that a retry may succeed. */
    static boolean isOutage(Throwable failure) {
        SQLException sql = ExceptionUtils.throwableOfType(failure, SQLException.class);
        return isAway(failure) || sql != null && NOT_READY.contains(classOf(sql));
    }

    /** Whether the database was down until the end. */
    static boolean isAway(Throwable failure) {
        SQLException sql = ExceptionUtils.throwableOfType(failure, SQLException.class);
        return sql == null ? failure instanceof TransactionException || failure instanceof TransientDataAccessException
                || failure instanceof DataAccessResourceFailureException : AWAY.contains(classOf(sql));
    }

    /** For the person who must act: the failure's kind, and never what it quotes of the data. */
    static String kind(Throwable failure) {
        SQLException sql = ExceptionUtils.throwableOfType(failure, SQLException.class);
        return sql == null ? failure.getClass().getSimpleName() : "PostgreSQL's error " + sql.getSQLState();
    }

    /** For the developer: the kind, and where in our code. Messages may quote the data and are left out. */
    static String place(Throwable failure) {
        return kind(failure) + Arrays.stream(failure.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("io.shopbridge.")).findFirst()
                .map(frame -> " at " + frame).orElse("");
    }

    private static String classOf(SQLException e) {
        String state = e.getSQLState();
        // A connection that can't be had has none.
        return state == null || state.length() < 2 ? "08" : state.substring(0, 2);
    }
}
