package io.shopbridge.mirror;

import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Mark;
import io.shopbridge.work.Work;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * {@code .metrics.days_since_last_order} grows without any event. Customers for whom another day has passed since the
 * last run are marked, for CRMs whose mapping uses it; a customer whose mapped values are the same costs no call. The orders
 * of a merged customer are the survivor's: to deliver the merged one would hold it again, whatever a person has decided.
 */
@Component("passingDays")
public class PassingDays {

    private static final int BATCH = 1000;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final Stores stores;
    private final Interests interests;
    private final Work work;

    PassingDays(JdbcTemplate jdbc, TransactionTemplate transaction, Stores stores, Interests interests, Work work) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.stores = stores;
        this.interests = interests;
        this.work = work;
    }

    /** Marks customers for whom a day has passed since the last run; two processes that run at once take turns. */
    public void mark() {
        markAsOf(Instant.now());
    }

    void markAsOf(Instant now) {
        transaction.executeWithoutResult(status -> {
            Instant then = jdbc.queryForObject("SELECT at FROM figures_look FOR UPDATE", Timestamp.class).toInstant();
            if (!now.isAfter(then)) {
                return;
            }
            for (Store store : stores.all()) {
                List<String> crms = store.crms().stream().filter(interests::readsDaysSinceLastOrder).toList();
                if (!crms.isEmpty()) {
                    mark(store, crms, then, now);
                }
            }
            jdbc.update("UPDATE figures_look SET at = ?", Timestamp.from(now));
        });
    }

    private void mark(Store store, List<String> crms, Instant then, Instant now) {
        List<Mark> marks = jdbc.query("""
                SELECT contact FROM (
                    SELECT f.store, coalesce(m.kept, f.contact) AS contact FROM order_figures f
                    LEFT JOIN customer_merge m ON m.store = f.store AND m.absorbed = f.contact
                    WHERE f.store = ? AND f.counted AND f.contact IS NOT NULL
                    GROUP BY f.store, coalesce(m.kept, f.contact)
                    HAVING floor(extract(epoch FROM ?::timestamptz - max(ordered_at)) / 86400)
                        > floor(extract(epoch FROM ?::timestamptz - max(ordered_at)) / 86400)) c
                WHERE EXISTS (SELECT 1 FROM mirror_facet f      -- of a guest long silent only the figures are left
                              WHERE f.store = c.store AND f.entity = 'customer' AND f.record_id = contact
                                AND f.facet = 'profile')
                ORDER BY contact""",
                (row, n) -> new Mark(new RecordKey(store.name(), RecordKey.CUSTOMER, row.getString(1)), null, null),
                store.name(), Timestamp.from(now), Timestamp.from(then));
        for (int from = 0; from < marks.size(); from += BATCH) {
            work.mark(marks.subList(from, Math.min(marks.size(), from + BATCH)), crms);
        }
    }
}
