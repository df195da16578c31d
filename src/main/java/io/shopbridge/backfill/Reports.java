package io.shopbridge.backfill;

import io.shopbridge.shopify.Facets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Reads what became of the records of backfills. It reads all that was received since one began, so it is for reports and
 * not for progress; payloads and outcomes expire, and the report with them.
 */
@Component
public class Reports {

    private static final int MOST_REASONS = 10;
    /** Buyers without an account, whom the shop does not count. */
    private static final String NO_GUEST = " record_id NOT LIKE 'guest:%'";

    /** The last outcome of each record, unless it is still to be delivered; of an event that reaches no CRM the only one. */
    private static final String NOW = """
            WITH event AS MATERIALIZED (
                SELECT i.id FROM backfill b JOIN inbox i ON i.store = b.store AND i.received_at >= b.began_at
                    AND starts_with(i.webhook_id, ?)
                WHERE b.id = ?),
            open AS MATERIALIZED (
                SELECT w.crm, w.store, w.entity, w.record_id, w.because FROM event e JOIN work w ON w.inbox_id = e.id),
            ended AS (
                SELECT DISTINCT ON (o.crm, o.store, o.entity, o.record_id, CASE WHEN o.crm IS NULL THEN o.id END)
                    o.crm, o.store, o.entity, o.record_id, o.outcome, o.because
                FROM event e JOIN outcome o ON o.inbox_id = e.id
                ORDER BY o.crm, o.store, o.entity, o.record_id, CASE WHEN o.crm IS NULL THEN o.id END, o.id DESC),
            now AS (
                SELECT crm, 'waiting' AS outcome, because FROM open
                UNION ALL
                SELECT crm, outcome, because FROM ended WHERE NOT EXISTS (
                    SELECT 1 FROM open w WHERE w.crm = ended.crm AND w.store = ended.store AND w.entity = ended.entity
                        AND w.record_id = ended.record_id))
            """;

    private final JdbcTemplate jdbc;

    Reports(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    public Report of(Backfill backfill) {
        Map<String, Map<String, Long>> outcomes = new HashMap<>();
        Map<String, Map<String, Map<String, Long>>> because = new HashMap<>();
        jdbc.query(NOW + """
                SELECT coalesce(crm, '') AS crm, outcome, CASE WHEN outcome IN ('waiting', 'held', 'rejected') THEN
                    regexp_replace(regexp_replace(split_part(because, E'\\n', 1), '"[^"]*"', '"…"', 'g'),
                        '[0-9]{4,}', '…', 'g') END AS why, count(*) AS records
                FROM now GROUP BY 1, 2, 3 ORDER BY 4 DESC, 3""", row -> {
                    String crm = row.getString("crm");
                    String outcome = row.getString("outcome");
                    outcomes.computeIfAbsent(crm, name -> new TreeMap<>())
                            .merge(outcome, row.getLong("records"), Long::sum);
                    String why = row.getString("why");
                    Map<String, Long> reasons = why == null ? Map.of() : because
                            .computeIfAbsent(crm, name -> new TreeMap<>()).computeIfAbsent(outcome, name -> new TreeMap<>());
                    if (why != null && reasons.size() < MOST_REASONS) {
                        reasons.put(why, row.getLong("records"));
                    }
                }, Step.eventIds(backfill.id()) + ":", backfill.id());
        Map<String, Long> linked = new TreeMap<>();
        jdbc.query("SELECT crm, count(*) FROM link WHERE store = ? AND entity = ? AND" + NO_GUEST + " GROUP BY 1", row -> {
            linked.put(row.getString(1), row.getLong(2));
        }, backfill.store(), backfill.entity());
        // The main facet has the name of the entity; that of a customer is the profile.
        Long mirrored = jdbc.queryForObject("SELECT count(*) FROM mirror_facet WHERE store = ? AND entity = ?"
                + " AND facet IN (?, ?) AND" + NO_GUEST, Long.class, backfill.store(), backfill.entity(),
                backfill.entity(), Facets.PROFILE);
        return new Report(outcomes.getOrDefault("", Map.of()).getOrDefault("stale", 0L), outcomes, because, linked,
                mirrored == null ? 0 : mirrored);
    }
}
