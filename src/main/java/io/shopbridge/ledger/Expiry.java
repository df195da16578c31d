package io.shopbridge.ledger;

import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.ShopbridgeSettings.Retention;
import java.time.Duration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Lets go of what is no longer needed: personal data is on loan. Deletes in small steps, so that it never holds up what
 * is being received; two processes that do it at once only share the work.
 */
@Component("expiry")
public class Expiry {

    private static final int STEP = 2000;
    /** By then every CRM's search finds what was created, which is what a claim is kept for. */
    private static final Duration IDENTITY_CLAIMS = Duration.ofDays(1);

    private final JdbcTemplate jdbc;
    private final Retention retention;

    public Expiry(JdbcTemplate jdbc, ShopbridgeSettings settings) {
        this.jdbc = jdbc;
        this.retention = settings.retention();
    }

    /** Deletes received events, outcomes, conflicts, settled rejections and identity claims that are past their time. */
    public void expire() {
        delete("inbox", "received_at < now() - ? * interval '1 second'"
                + " AND NOT EXISTS (SELECT 1 FROM inbox_waiting w WHERE w.id = t.id)"
                // Whom privacy law is about stands nowhere else.
                + " AND NOT EXISTS (SELECT 1 FROM rejected r WHERE r.inbox_id = t.id AND r.state = 'open'"
                + " AND r.due_at IS NOT NULL)", retention.inbox());
        delete("outcome", "at < now() - ? * interval '1 second'", retention.outcomes());
        delete("conflict", "at < now() - ? * interval '1 second'", retention.outcomes());
        delete("rejected", "state <> 'open' AND at < now() - ? * interval '1 second'", retention.outcomes());
        delete("identity_claim", "claimed_at < now() - ? * interval '1 second'", IDENTITY_CLAIMS);
    }

    private void delete(String table, String condition, Duration age) {
        int deleted;
        do {
            deleted = jdbc.update("DELETE FROM " + table + " WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM " + table
                    + " t WHERE " + condition + " LIMIT " + STEP + " FOR UPDATE SKIP LOCKED))", age.toSeconds());
        } while (deleted == STEP);
    }
}
