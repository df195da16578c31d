package io.shopbridge.ledger;

import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.ShopbridgeSettings.Retention;
import java.time.Duration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lets go of what is no longer needed: personal data is on loan. Deletes in small steps, so that it never holds up what
 * is being received; two processes that do it at once only share the work.
 */
@Component("expiry")
public class Expiry {

    private static final int STEP = 2000;
    private static final String OLDER = " < now() - ? * interval '1 second'";
    /** Of the advisory lock under which one process looks through the mirror. */
    private static final int MIRROR_LOCK = 0x5B0E;

    /** A person has to answer these by law, and needs what stands in them. */
    private static final String COMPLIANCE = "topic IN ('customers/redact', 'customers/data_request', 'shop/redact')";

    /** What a link is besides the values last written: associations and how it came about, under names with an @. */
    private static final String BASE_WITHOUT_VALUES = "coalesce((SELECT json_object_agg(key, value)"
            + " FROM json_each(base::json) WHERE key LIKE '@%'), '{}')::text";

    /**
     * Of these records everything but that they are deleted or merged into others; it and the mirror's writers never wait
     * for each other.
     */
    private static final String LET_GO = """
            WITH gone AS MATERIALIZED (
                SELECT m.store, m.entity, m.record_id FROM mirror_facet m
                WHERE %1$s AND m.version_at < now() - ? * interval '1 second'
                  AND NOT EXISTS (SELECT 1 FROM work w WHERE w.store = m.store AND w.entity = m.entity
                                  AND w.record_id = m.record_id)
                LIMIT ? FOR UPDATE OF m SKIP LOCKED),
            held AS MATERIALIZED (
                SELECT f.ctid FROM mirror_facet f JOIN gone USING (store, entity, record_id)
                WHERE f.facet NOT IN ('deleted', 'merged_into') FOR UPDATE OF f SKIP LOCKED),
            removed AS (DELETE FROM mirror_facet WHERE ctid = ANY (ARRAY(SELECT ctid FROM held)) RETURNING 1),
            bases AS (UPDATE link l SET base = %2$s FROM gone g
                      WHERE l.store = g.store AND l.entity = g.entity AND l.record_id = g.record_id),
            lines AS (UPDATE link l SET base = %2$s FROM gone g
                      WHERE g.entity = 'order' AND l.store = g.store AND l.parent_id = g.record_id),
            open AS (DELETE FROM open_relation o USING gone g
                     WHERE o.store = g.store AND o.entity = g.entity AND o.record_id = g.record_id),
            figures AS (UPDATE order_figures o SET contact = NULL, counted = false FROM gone g
                        WHERE %3$s AND g.entity = 'customer' AND o.store = g.store AND o.contact = g.record_id
                          AND o.counted AND NOT EXISTS (SELECT 1 FROM customer_merge c WHERE c.store = g.store
                                                        AND c.absorbed = g.record_id))
            SELECT count(*) FROM removed""";

    private static final String WORDS_GONE = "[\"What was wrong has expired. Replay it to be told again\"]";

    private static final String SAME_RECORD = " EXISTS (SELECT 1 FROM mirror_facet f WHERE f.store = m.store"
            + " AND f.entity = m.entity AND f.record_id = m.record_id AND ";

    /** A record whose state is later than its deletion lives: the mirror says so too, see its CanonicalRecords. */
    private static final String DELETED = "m.facet IN ('deleted', 'merged_into') AND" + SAME_RECORD
            + "f.facet NOT IN ('deleted', 'merged_into')) AND NOT (m.facet = 'deleted' AND" + SAME_RECORD
            + "f.facet = CASE m.entity WHEN 'customer' THEN 'profile' ELSE m.entity END"
            + " AND f.version_at > m.version_at))";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final Retention retention;

    public Expiry(JdbcTemplate jdbc, TransactionTemplate transaction, ShopbridgeSettings settings) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.retention = settings.retention();
    }

    /**
     * Deletes received events, outcomes, conflicts, settled rejections and identity claims that are past their time, and
     * the words of old open rejections and left-out fields. What the law wants answered stays until it is.
     */
    public void expire() {
        delete("inbox", "received_at" + OLDER + " AND NOT EXISTS (SELECT 1 FROM inbox_waiting w WHERE w.id = t.id)"
                + " AND NOT EXISTS (SELECT 1 FROM rejected r WHERE r.inbox_id = t.id AND r.state = 'open' AND r."
                + COMPLIANCE + ")", retention.inbox());
        delete("outcome", "at" + OLDER, retention.outcomes());
        delete("conflict", "at" + OLDER, retention.conflicts());
        delete("rejected", "state <> 'open' AND last_at" + OLDER, retention.outcomes());
        delete("identity_claim", "claimed_at" + OLDER, retention.identityClaims());
        jdbc.update("UPDATE rejected SET errors = ? WHERE state = 'open' AND last_at" + OLDER + " AND errors <> ?"
                + " AND (topic IS NULL OR NOT " + COMPLIANCE + ")", WORDS_GONE, retention.rejections().toSeconds(),
                WORDS_GONE);
        jdbc.update("UPDATE left_out SET because = NULL WHERE because IS NOT NULL AND at" + OLDER,
                retention.rejections().toSeconds());
    }

    /**
     * Lets go of deleted records, silent guests, old checkouts and orders, and of values last written long ago. That a
     * Shopify record is a CRM record stays known, and so does what an order added to its buyer's figures: whoever comes
     * back is the same contact with the same totals.
     */
    public void expireMirror() {
        letGo(DELETED, true, retention.deleted());
        letGo("m.entity = 'checkout' AND m.facet = 'checkout'", false, retention.checkouts());
        letGo("m.entity = 'customer' AND m.facet = 'profile' AND m.record_id LIKE 'guest:%'", false,
                retention.guests());
        letGo("m.entity = 'order' AND m.facet = 'order'", false, retention.orders());
        inSteps("UPDATE link SET synced_at = 'infinity', base = " + BASE_WITHOUT_VALUES + " WHERE ctid = ANY (ARRAY("
                + "SELECT ctid FROM link WHERE synced_at" + OLDER + " LIMIT " + STEP + " FOR UPDATE SKIP LOCKED))",
                retention.baseValues());
    }

    private void letGo(String which, boolean figures, Duration age) {
        String sql = LET_GO.formatted(which, BASE_WITHOUT_VALUES, figures);
        Long removed;
        do {
            removed = transaction.execute(status -> mine() ? jdbc.queryForObject(sql, Long.class, age.toSeconds(), STEP)
                    : Long.valueOf(0));
        } while (removed != null && removed >= STEP);
    }

    /** One process is enough: each look goes through the whole table. */
    private boolean mine() {
        return Boolean.TRUE.equals(jdbc.queryForObject("SELECT pg_try_advisory_xact_lock(" + MIRROR_LOCK + ", 0)",
                Boolean.class));
    }

    private void delete(String table, String condition, Duration age) {
        inSteps("DELETE FROM " + table + " WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM " + table + " t WHERE "
                + condition + " LIMIT " + STEP + " FOR UPDATE SKIP LOCKED))", age);
    }

    private void inSteps(String sql, Duration age) {
        int done;
        do {
            done = jdbc.update(sql, age.toSeconds());
        } while (done == STEP);
    }
}
