package io.shopbridge.deliver;

import com.fasterxml.jackson.core.JacksonException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.database.DatabaseOutage;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.ExpressionFailed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record for which a step fails because of the record's own values: it alone is rejected, and the others of its batch
 * are delivered.
 */
public final class Unusable {

    private static final Logger LOG = LoggerFactory.getLogger(Unusable.class);
    private static final int LONGEST_QUOTE = 200;

    private Unusable() {
    }

    /** Does something with one record alone. What is wrong with the CRM or the database is thrown on. */
    static void orRejected(DeliveryRecord record, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            if (!isBehind(fault)) {
                throw fault;
            }
            reject(record, fault);
        }
    }

    /** Whether this fault is a record's, and not the CRM's, the database's or a stop's. */
    public static boolean isBehind(Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            boolean unusableJson = cause instanceof UncheckedIOException
                    || cause instanceof JacksonException;
            if (cause instanceof CrmRefused refused && refused.isTooLarge()) {
                return true;
            }
            if (cause instanceof CrmFailure || cause instanceof CallNotPermittedException
                    || cause instanceof RejectedExecutionException || cause instanceof OutOfMemoryError
                    || cause instanceof InterruptedException
                    || cause instanceof IOException && !unusableJson) {
                return false;
            }
            if (unusableJson) {
                return true;
            }
        }
        return !DatabaseOutage.isBehind(fault);
    }

    /** Ends the record; the log says where it failed without any of its values. */
    static void reject(DeliveryRecord record, Throwable fault) {
        record.end(Outcome.REJECTED, sentence(fault));
        if (Stream.of(ExpressionFailed.class, SQLException.class, CrmFailure.class)
                .allMatch(known -> ExceptionUtils.indexOfType(fault, known) < 0)) {
            LOG.warn("{} of store {} can't be processed: {}", record.key(), record.key().store(), where(fault));
            LOG.debug("The fault", fault);
        }
    }

    /** For the person who must act; it may quote values, so it belongs in the ledger and never in a log. */
    public static String sentence(Throwable fault) {
        ExpressionFailed expression = ExceptionUtils.throwableOfType(fault, ExpressionFailed.class);
        if (expression != null) {
            return expression.getMessage();
        }
        CrmFailure ofCrm = ExceptionUtils.throwableOfType(fault, CrmFailure.class);
        if (ofCrm != null) {
            return ofCrm.getMessage();
        }
        NotAnId notAnId = ExceptionUtils.throwableOfType(fault, NotAnId.class);
        if (notAnId != null) {
            return notAnId.getMessage() + ". Correct the record in Shopify, then replay";
        }
        SQLException sql = ExceptionUtils.throwableOfType(fault, SQLException.class);
        if (sql != null) {
            return "The database can't store its values: " + firstLine(sql.getMessage());
        }
        Throwable root = ExceptionUtils.getRootCause(fault);
        return "Its values can't be processed (" + where(fault) + "): " + firstLine(root.getMessage())
                + ". Correct the record in Shopify; if it is right there, report this";
    }

    /** Kind and place of a fault: {@code ClassCastException in Merging.merge}. */
    static String where(Throwable fault) {
        Throwable root = ExceptionUtils.getRootCause(fault);
        return root.getClass().getSimpleName() + Arrays.stream(root.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("io.shopbridge.")).findFirst()
                .map(frame -> " in " + frame.getClassName().substring(frame.getClassName().lastIndexOf('.') + 1) + "."
                        + frame.getMethodName()).orElse("");
    }

    private static String firstLine(String message) {
        String line = message == null ? "no reason given" : message.lines().findFirst().orElse("no reason given");
        return line.length() > LONGEST_QUOTE ? line.substring(0, LONGEST_QUOTE) + "…" : line;
    }
}
