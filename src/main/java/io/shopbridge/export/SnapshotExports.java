package io.shopbridge.export;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Exports that somebody waits for, each of one moment: one transaction reads, page by page, what was committed when it
 * began. As long as it lasts it has a connection, and PostgreSQL keeps older versions of rows, so a reader who is slow
 * gets a part only.
 */
@Component
public class SnapshotExports {

    private final Exports exports;
    private final Duration longest;
    private final TransactionTemplate snapshot;

    SnapshotExports(Exports exports, ExportSettings settings, PlatformTransactionManager transactions) {
        this.exports = exports;
        this.longest = settings.longest();
        this.snapshot = new TransactionTemplate(transactions);
        this.snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        this.snapshot.setReadOnly(true);
        // Every statement is told what is left of it, and none is begun after it.
        this.snapshot.setTimeout(Math.toIntExact(longest.toSeconds()));
    }

    /** It took longer than an export may; what was written is not whole. */
    public static final class TookTooLong extends RuntimeException {

        private static final long serialVersionUID = 1L;

        TookTooLong(Duration longest, Throwable cause) {
            super("It takes longer than " + longest.toSeconds() + " s (shopbridge.exports.longest)", cause);
        }
    }

    /** Through the transaction; records that can't be read fail otherwise. */
    private static final class StreamFailed extends RuntimeException {

        private static final long serialVersionUID = 1L;
        private final transient IOException failure;

        StreamFailed(IOException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    /**
     * As {@link Exports#write}.
     *
     * @throws TookTooLong after {@code shopbridge.exports.longest}
     */
    public long write(ExportRequest request, OutputStream out) throws IOException {
        try {
            Long rows = snapshot.execute(status -> rows(request, out));
            return rows == null ? 0 : rows;
        } catch (TransactionTimedOutException | QueryTimeoutException e) {
            throw new TookTooLong(longest, e);
        } catch (StreamFailed e) {
            throw e.failure;
        }
    }

    private long rows(ExportRequest request, OutputStream out) {
        try {
            return exports.write(request, out);
        } catch (IOException e) {
            throw new StreamFailed(e);
        }
    }
}
