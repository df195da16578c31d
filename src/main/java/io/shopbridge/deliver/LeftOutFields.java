package io.shopbridge.deliver;

import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.map.Mapping;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Work;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.SqlArrayValue;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Remembers which records were delivered without some of their fields, until the CRM has them or the mapping changes.
 */
@Component("leftOutFields")
public class LeftOutFields {

    private static final int AT_ONCE = 500;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final Crms crms;
    private final Work work;
    private final MeterRegistry meters;

    LeftOutFields(JdbcTemplate jdbc, TransactionTemplate transaction, Crms crms, Work work, MeterRegistry meters) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.crms = crms;
        this.work = work;
        this.meters = meters;
    }

    /** The fields left out of these records, all of one entity; within the caller's transaction. */
    void remember(Crm crm, List<DeliveryRecord> records) {
        List<DeliveryRecord> there = records.stream().filter(DeliveryRecord::isTaken).toList();
        if (there.isEmpty()) {
            return;
        }
        String entity = there.get(0).key().entity();
        Map<RecordKey, Set<String>> before = missing(crm, entity, there);
        String fingerprint = crm.mapping(entity).map(Mapping::fingerprint).orElse("");
        there.forEach(record -> {
            // A refused value is not sent again with every other change, but is still missing.
            Set<String> missing = new TreeSet<>(before.getOrDefault(record.key(), Set.of()));
            missing.removeAll(record.taken());
            missing.addAll(record.leftOut());
            if (!missing.isEmpty()) {
                keep(crm, record, missing, fingerprint);
            } else if (before.containsKey(record.key())) {
                jdbc.update("DELETE FROM left_out WHERE crm = ? AND store = ? AND entity = ? AND record_id = ?",
                        crm.name(), record.key().store(), entity, record.key().recordId());
            }
        });
    }

    /** The CRM's names of the fields that these records, all of one entity, were delivered without. */
    Map<RecordKey, Set<String>> missing(Crm crm, String entity, List<DeliveryRecord> records) {
        Map<RecordKey, Set<String>> missing = new HashMap<>();
        jdbc.query("""
                SELECT l.store, l.record_id, l.fields FROM unnest(?::text[], ?::text[]) AS k (store, record_id)
                JOIN left_out l ON l.crm = ? AND l.entity = ? AND l.store = k.store AND l.record_id = k.record_id""",
                row -> {
                    missing.put(new RecordKey(row.getString(1), entity, row.getString(2)),
                            Set.of((String[]) row.getArray(3).getArray()));
                },
                texts(records.stream().map(record -> record.key().store()).toList()),
                texts(records.stream().map(record -> record.key().recordId()).toList()), crm.name(), entity);
        return missing;
    }

    private void keep(Crm crm, DeliveryRecord record, Set<String> missing, String fingerprint) {
        RecordKey key = record.key();
        String because = record.notes().isEmpty() ? null : String.join("; ", record.notes());
        jdbc.update("""
                INSERT INTO left_out (crm, store, entity, record_id, fields, because, mapping)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (crm, store, entity, record_id) DO UPDATE SET fields = EXCLUDED.fields,
                    at = clock_timestamp(), because = coalesce(EXCLUDED.because, left_out.because),
                    mapping = EXCLUDED.mapping""",
                crm.name(), key.store(), key.entity(), key.recordId(), texts(List.copyOf(missing)), because, fingerprint);
        record.leftOut().forEach(field -> meters.counter("shopbridge.fields.left.out", "crm", crm.name(),
                "entity", key.entity(), "field", field).increment());
    }

    /** Marks records with fields that an earlier version of their mapping left out. */
    public void tryChangedMappings() {
        crms.all().forEach(crm -> crm.mappings().forEach(mapping -> tryChanged(crm, mapping)));
    }

    private void tryChanged(Crm crm, Mapping mapping) {
        transaction.executeWithoutResult(status -> work.mark(crm.name(), jdbc.query("""
                UPDATE left_out l SET mapping = ? FROM (
                    SELECT id FROM left_out WHERE crm = ? AND entity = ? AND mapping <> ?
                    ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED) c
                WHERE l.id = c.id RETURNING l.store, l.record_id""",
                (row, n) -> new RecordKey(row.getString(1), mapping.entity(), row.getString(2)),
                mapping.fingerprint(), crm.name(), mapping.entity(), mapping.fingerprint(), AT_ONCE)));
    }

    private static SqlArrayValue texts(List<String> texts) {
        return new SqlArrayValue("text", texts.toArray());
    }
}
