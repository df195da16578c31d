package io.shopbridge.deliver;

import static io.shopbridge.store.Columns.texts;

import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Work;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Relations that were missing at delivery: an order whose company no topic has brought yet. When that record gets into
 * the CRM, the records that point to it are put into the backlog again. All within the transaction that records a
 * batch.
 */
@Component
class OpenRelations {

    /** The first of the two numbers of the advisory locks that both sides take, so that neither misses the other. */
    private static final int LOCK_CLASS = 0x5B20;

    private static final String LINKED = """
            unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
            JOIN link l USING (store, entity, record_id)
            WHERE l.crm = ? AND o.crm = l.crm AND o.store = k.store AND o.target = k.entity || '/' || k.record_id""";

    private final JdbcTemplate jdbc;
    private final Work work;

    OpenRelations(JdbcTemplate jdbc, Work work) {
        this.jdbc = jdbc;
        this.work = work;
    }

    /**
     * Must be called before any row is locked. A transaction that leaves a relation open has an exclusive lock: one
     * that
     * links the target has either ended before, so that the link is seen here, or begins after, and sees the relation.
     */
    void begin(String crm, Collection<DeliveryRecord> records) {
        String lock = records.stream().anyMatch(record -> !record.openRelations().isEmpty())
                ? "pg_advisory_xact_lock" : "pg_advisory_xact_lock_shared";
        jdbc.execute("SELECT " + lock + "(" + LOCK_CLASS + ", " + crm.hashCode() + ")");
    }

    /** Stores the missing relations of these records, and marks records that were delivered without one of these. */
    void settle(String crm, Collection<DeliveryRecord> records) {
        List<DeliveryRecord> taken = records.stream().filter(record -> !record.isGivenBack())
                .filter(DeliveryRecord::isTaken).toList();
        if (taken.isEmpty()) {
            return;
        }
        forget(crm, taken.stream().map(DeliveryRecord::key).toList());
        taken.forEach(record -> record.openRelations().forEach(target -> jdbc.update(
                "INSERT INTO open_relation VALUES (?, ?, ?, ?, ?)", crm, record.key().store(), record.key().entity(),
                record.key().recordId(), target.toString())));
        Set<RecordKey> targets = new TreeSet<>();
        taken.forEach(record -> targets.addAll(record.openRelations()));
        taken.stream().filter(record -> record.link() != null).map(DeliveryRecord::key).forEach(targets::add);
        markThoseThatPointTo(crm, targets);
    }

    private void forget(String crm, List<RecordKey> keys) {
        jdbc.update("""
                DELETE FROM open_relation o
                USING unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                WHERE o.crm = ? AND o.store = k.store AND o.entity = k.entity AND o.record_id = k.record_id""",
                texts(keys, RecordKey::store), texts(keys, RecordKey::entity), texts(keys, RecordKey::recordId), crm);
    }

    /**
     * Only targets with a link count. The work is marked first, because the delivery of a record that points to them
     * has
     * locked its work when it comes here: in the other order, there would be deadlocks.
     */
    private void markThoseThatPointTo(String crm, Collection<RecordKey> targets) {
        List<RecordKey> linked = List.copyOf(targets);
        List<RecordKey> pointing = jdbc.query("SELECT DISTINCT o.store, o.entity, o.record_id FROM open_relation o, "
                + LINKED, (row, n) -> new RecordKey(row.getString(1), row.getString(2), row.getString(3)),
                texts(linked, RecordKey::store), texts(linked, RecordKey::entity), texts(linked, RecordKey::recordId), crm);
        if (pointing.isEmpty()) {
            return;
        }
        work.mark(crm, pointing);
        jdbc.update("DELETE FROM open_relation o USING " + LINKED, texts(linked, RecordKey::store),
                texts(linked, RecordKey::entity), texts(linked, RecordKey::recordId), crm);
    }
}
