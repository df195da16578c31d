package io.shopbridge.reconcile;

import static io.shopbridge.store.Columns.texts;

import io.shopbridge.store.Columns;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * When the linked records of a CRM were compared last, by stretches of their ids: a row for those that were compared
 * together, so that it costs one small write for 500 records. A record that was linked later counts as compared with its
 * stretch, because its delivery was newer than that.
 */
@Component
public class CheckedStretches {

    private final JdbcTemplate jdbc;

    CheckedStretches(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Records that are to be compared: those with greater ids than {@code after}, up to {@code upTo}.
     *
     * @param upTo null: all that follow
     */
    record Stretch(String store, String entity, String after, String upTo) {
    }

    private record Row(String after, long records, Timestamp notedAt, Timestamp checkedAt) {
    }

    /** Notes the records of stores and entities of which nothing is known yet, and forgets those of other stores. */
    void cover(String crm, List<String> stores, List<String> entities) {
        jdbc.update("DELETE FROM reconciliation_stretch WHERE crm = ? AND store <> ALL (?)", crm, texts(stores));
        jdbc.update("""
                INSERT INTO reconciliation_stretch (crm, store, entity, after_id, records)
                SELECT ?, s.store, e.entity, '', (SELECT count(*) FROM link l
                    WHERE l.crm = ? AND l.store = s.store AND l.entity = e.entity)
                FROM unnest(?::text[]) AS s (store), unnest(?::text[]) AS e (entity)
                WHERE NOT EXISTS (SELECT FROM reconciliation_stretch r
                    WHERE r.crm = ? AND r.store = s.store AND r.entity = e.entity)
                ON CONFLICT DO NOTHING""", crm, crm, texts(stores), texts(entities), crm);
    }

    /**
     * The records that were compared longest ago, and those that follow them up to the next that are newer than this.
     *
     * @param before only those that were not compared since then; empty: there are none
     */
    Optional<Stretch> oldest(String crm, List<String> entities, Instant before) {
        Timestamp since = Timestamp.from(before);
        return jdbc.query("""
                SELECT r.store, r.entity, r.after_id, (SELECT min(n.after_id) FROM reconciliation_stretch n
                    WHERE n.crm = r.crm AND n.store = r.store AND n.entity = r.entity AND n.after_id > r.after_id
                    AND n.checked_at >= ?) AS up_to
                FROM reconciliation_stretch r
                WHERE r.crm = ? AND r.entity = ANY (?) AND (r.checked_at IS NULL OR r.checked_at < ?)
                ORDER BY r.checked_at NULLS FIRST, array_position(?, r.entity), r.store, r.after_id LIMIT 1""",
                (row, n) -> new Stretch(row.getString("store"), row.getString("entity"), row.getString("after_id"),
                        row.getString("up_to")),
                since, crm, texts(entities), since, texts(entities)).stream().findFirst();
    }

    /**
     * These were compared now; within the caller's transaction.
     *
     * @param last    the id of the last one; null: the whole stretch
     * @param records how many
     */
    void checked(String crm, Stretch stretch, String last, long records) {
        String end = last == null ? stretch.upTo() : last;
        String compared = " FROM reconciliation_stretch WHERE crm = ? AND store = ? AND entity = ? AND after_id >= ?"
                + " AND (?::text IS NULL OR after_id < ?::text)";
        Object[] which = {crm, stretch.store(), stretch.entity(), stretch.after(), end, end};
        List<Row> before = jdbc.query("SELECT *" + compared + " ORDER BY after_id", (row, n) -> new Row(
                row.getString("after_id"), row.getLong("records"), row.getTimestamp("noted_at"),
                row.getTimestamp("checked_at")), which);
        jdbc.update("DELETE" + compared, which);
        jdbc.update("INSERT INTO reconciliation_stretch (crm, store, entity, after_id, records, checked_at)"
                + " VALUES (?, ?, ?, ?, ?, clock_timestamp())", crm, stretch.store(), stretch.entity(), stretch.after(),
                records);
        if (last != null && !before.isEmpty()) {
            // What is left of the one that ends behind the last record is as old as it was.
            Row cut = before.get(before.size() - 1);
            long left = before.stream().mapToLong(Row::records).sum() - records;
            jdbc.update("INSERT INTO reconciliation_stretch (crm, store, entity, after_id, records, noted_at, checked_at)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", crm, stretch.store(), stretch.entity(), last,
                    Math.max(0, left), cut.notedAt(), cut.checkedAt());
        }
    }

    /**
     * How much of a CRM's linked records was compared, about: records are counted when they are compared.
     *
     * @param entities of these kinds
     * @param since    when the run was asked for whose part is to be told
     */
    public Coverage coverage(String crm, List<String> entities, Instant since) {
        return jdbc.queryForObject("""
                SELECT coalesce(sum(records), 0) AS records,
                    coalesce(sum(records) FILTER (WHERE checked_at >= ?), 0) AS since,
                    coalesce(sum(records) FILTER (WHERE checked_at IS NULL), 0) AS never,
                    min(coalesce(checked_at, noted_at)) AS oldest
                FROM reconciliation_stretch WHERE crm = ? AND entity = ANY (?) AND records > 0""",
                (row, n) -> new Coverage(row.getLong("records"), row.getLong("since"), row.getLong("never"),
                        Columns.instant(row, "oldest")), Timestamp.from(since), crm, texts(entities));
    }

    /**
     * How much of the linked records was compared.
     *
     * @param records how many there are
     * @param since   of these, compared since the run was asked for
     * @param never   of these, never compared since they were first noted
     * @param oldest  when the one was compared that was compared longest ago; of one that never was, when it was noted;
     *                null: there are none
     */
    public record Coverage(long records, long since, long never, Instant oldest) {

        /** How many percent were compared since the run was asked for, rounded down. */
        public long percent() {
            return records == 0 ? 100 : since * 100 / records;
        }
    }
}
