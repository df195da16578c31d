package io.shopbridge.work;

import static io.shopbridge.store.Columns.texts;

import io.shopbridge.doorbell.Doorbell;
import io.shopbridge.store.RecordKey;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Bulk jobs, in which CRMs write many records asynchronously, and their records. A job is committed before it is
 * started, and its records are not claimed until it has ended: if a process dies in between, the others continue.
 */
@Component
public class BulkJobs {

    /** Until another process polls a job whose poll did not end. */
    private static final Duration LEASE = Duration.ofMinutes(1);

    /** Jobs of one object run one after another, oldest first. */
    private static final String DUE = """
            UPDATE bulk_job SET look_at = clock_timestamp() + ? * interval '1 second', looks = looks + 1
            WHERE id IN (
                SELECT id FROM bulk_job j
                WHERE crm = ANY (?) AND over_at IS NULL AND look_at <= clock_timestamp()
                  AND (started_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM bulk_job b
                       WHERE b.crm = j.crm AND b.object = j.object AND b.over_at IS NULL AND b.id < j.id))
                ORDER BY id FOR UPDATE SKIP LOCKED)
            RETURNING *""";

    /** The records of a job are due since they were marked, except those of another job. */
    private static final String RELEASE = """
            WITH held AS (
                SELECT w.crm, w.store, w.entity, w.record_id FROM work w
                WHERE (w.crm, w.store, w.entity, w.record_id) IN (
                          SELECT crm, store, entity, record_id FROM bulk_row WHERE job = ?)
                  AND NOT EXISTS (%s)
                ORDER BY w.store, w.entity, w.record_id FOR UPDATE OF w)
            UPDATE work w SET due_at = w.marked_at FROM held h
            WHERE w.crm = h.crm AND w.store = h.store AND w.entity = h.entity AND w.record_id = h.record_id
            RETURNING w.entity""".formatted(inJob("w"));

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final Doorbell doorbell;

    BulkJobs(JdbcTemplate jdbc, TransactionTemplate transaction, Doorbell doorbell) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.doorbell = doorbell;
    }

    /**
     * A query for rows of running jobs, whose records must not be claimed.
     *
     * @param table with the record's crm, store, entity and record_id
     */
    public static String inJob(String table) {
        return rows(table) + " AND NOT b.is_over";
    }

    /** A query for results of a record that were not taken over. */
    static String results(String table) {
        return rows(table) + " AND b.is_over";
    }

    private static String rows(String table) {
        return "SELECT 1 FROM bulk_row b WHERE b.crm = %1$s.crm AND b.store = %1$s.store AND b.entity = %1$s.entity"
                .formatted(table) + " AND b.record_id = " + table + ".record_id";
    }

    /** Stores a job that is open in the CRM. After the commit all processes know it, and do not claim its records. */
    public void begin(String crm, String object, String operation, String id, List<BulkRow> rows) {
        transaction.executeWithoutResult(status -> {
            Long job = jdbc.queryForObject("INSERT INTO bulk_job (crm, object, operation, job_id) VALUES (?, ?, ?, ?)"
                    + " RETURNING id", Long.class, crm, object, operation, id);
            jdbc.batchUpdate("INSERT INTO bulk_row (job, crm, store, entity, record_id, part_entity, part_id, row_key, sent,"
                    + " base) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows, rows.size(), (statement, row) -> {
                        statement.setLong(1, job);
                        statement.setString(2, crm);
                        key(statement, 3, row.of());
                        statement.setString(6, row.part().entity());
                        statement.setString(7, row.part().recordId());
                        statement.setString(8, row.name());
                        statement.setString(9, row.sent());
                        statement.setString(10, row.base());
                    });
        });
    }

    /** Whether a job has records of this entity. */
    public boolean isUnderWay(String crm, String entity) {
        return Boolean.TRUE.equals(jdbc.queryForObject("SELECT EXISTS (SELECT 1 FROM bulk_row WHERE crm = ? AND entity = ?"
                + " AND NOT is_over)", Boolean.class, crm, entity));
    }

    /** The jobs of these CRMs that are to be polled now; no other process polls them meanwhile. */
    public List<BulkJob> due(Collection<String> crms) {
        return jdbc.query(DUE, (row, number) -> job(row), LEASE.toSeconds(), texts(crms));
    }

    /** The names of the rows that it writes. */
    public List<String> names(BulkJob job) {
        return jdbc.queryForList("SELECT row_key FROM bulk_row WHERE job = ? AND row_key IS NOT NULL", String.class,
                job.number());
    }

    /** The job was started in the CRM. */
    public void started(BulkJob job, Instant lookAt) {
        jdbc.update("UPDATE bulk_job SET started_at = coalesce(started_at, clock_timestamp()), looks = 0, look_at = ?"
                + " WHERE id = ?", Timestamp.from(lookAt), job.number());
    }

    /** It has not ended: poll it again at this time. */
    public void lookAgain(BulkJob job, Instant at) {
        jdbc.update("UPDATE bulk_job SET look_at = ? WHERE id = ?", Timestamp.from(at), job.number());
    }

    /**
     * The job has ended, and its records are due: their next delivery takes over the results.
     *
     * @param written the CRM's ids of what it wrote, by the names of the rows
     * @param refused its messages about refused rows; rows in neither were not processed
     */
    public void over(BulkJob job, Map<String, String> written, Map<String, String> refused) {
        List<String> entities = transaction.execute(status -> {
            if (jdbc.update("UPDATE bulk_job SET over_at = clock_timestamp() WHERE id = ? AND over_at IS NULL",
                    job.number()) == 0) {
                return List.<String>of();
            }
            results("crm_id", job, written);
            results("answer", job, refused);
            jdbc.update("UPDATE bulk_row SET is_over = true WHERE job = ?", job.number());
            return jdbc.queryForList(RELEASE, String.class, job.number());
        });
        entities.stream().distinct().forEach(entity -> doorbell.ring(Work.bell(job.crm(), entity)));
    }

    private void results(String column, BulkJob job, Map<String, String> byName) {
        List<Map.Entry<String, String>> results = List.copyOf(byName.entrySet());
        jdbc.update("UPDATE bulk_row r SET " + column + " = n.result FROM unnest(?::text[], ?::text[]) AS n (name, result)"
                + " WHERE r.job = ? AND r.row_key = n.name", texts(results, Map.Entry::getKey),
                texts(results, Map.Entry::getValue), job.number());
    }

    /**
     * Removes and returns the results of ended jobs for these records and their lines; within the caller's transaction.
     */
    public List<BulkRow> take(String crm, Collection<RecordKey> keys) {
        return jdbc.query("""
                DELETE FROM bulk_row r USING unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id), bulk_job j
                WHERE r.crm = ? AND r.store = k.store AND r.entity = k.entity AND r.record_id = k.record_id AND r.is_over
                  AND j.id = r.job
                RETURNING r.*, j.object""", (row, number) -> row(row), texts(keys, RecordKey::store),
                texts(keys, RecordKey::entity), texts(keys, RecordKey::recordId), crm);
    }

    private static void key(PreparedStatement statement, int first, RecordKey key) throws SQLException {
        statement.setString(first, key.store());
        statement.setString(first + 1, key.entity());
        statement.setString(first + 2, key.recordId());
    }

    private static BulkJob job(ResultSet row) throws SQLException {
        Timestamp started = row.getTimestamp("started_at");
        return new BulkJob(row.getLong("id"), row.getString("crm"), row.getString("object"), row.getString("operation"),
                row.getString("job_id"), started == null ? null : started.toInstant(), row.getInt("looks"));
    }

    private static BulkRow row(ResultSet row) throws SQLException {
        String store = row.getString("store");
        return new BulkRow(new RecordKey(store, row.getString("entity"), row.getString("record_id")),
                new RecordKey(store, row.getString("part_entity"), row.getString("part_id")), row.getString("object"),
                row.getString("row_key"), row.getString("sent"), row.getString("base"), row.getString("crm_id"),
                row.getString("answer"));
    }
}
