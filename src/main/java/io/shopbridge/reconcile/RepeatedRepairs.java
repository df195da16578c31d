package io.shopbridge.reconcile;

import static io.shopbridge.store.Columns.texts;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.deliver.Compared;
import io.shopbridge.deliver.Compared.State;
import io.shopbridge.deliver.Difference;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.store.RecordKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Values that repairs write and the CRM does not keep: a workflow, a rule of the field or a person puts the same other
 * value there each time, and repairs would write it every night for ever. After {@link #MOST} in a row a person decides.
 */
@Component
class RepeatedRepairs {

    /** So often a value is written; the first time may have been somebody's edit, the second one is a proof. */
    static final int MOST = 2;

    private final JdbcTemplate jdbc;

    RepeatedRepairs(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * What repairs have written in vain is {@link Kind#REWRITTEN}. What is no longer so is forgotten: the CRM has kept the
     * value, or either side has another one.
     */
    List<Compared> judge(String crm, List<Compared> records) {
        Map<RecordKey, Map<String, Integer>> known = known(crm, records.stream().map(Compared::key).toList());
        if (known.isEmpty()) {
            return records;
        }
        return records.stream().map(record -> known.containsKey(record.key()) && record.state() != State.IN_FLIGHT
                ? judge(crm, record, known.get(record.key())) : record).toList();
    }

    private Compared judge(String crm, Compared record, Map<String, Integer> known) {
        Set<String> over = new HashSet<>(known.keySet());
        List<Difference> judged = record.differences().stream().map(difference -> {
            String hash = hash(difference).orElse("");
            over.remove(hash);
            return known.getOrDefault(hash, 0) < MOST ? difference : difference.as(Kind.REWRITTEN);
        }).toList();
        if (!over.isEmpty()) {
            jdbc.update("DELETE FROM reconciliation_repeat WHERE crm = ? AND store = ? AND entity = ? AND record_id = ?"
                    + " AND difference = ANY (?)", crm, record.key().store(), record.key().entity(),
                    record.key().recordId(), texts(over));
        }
        return new Compared(record.key(), record.state(), record.fields(), judged);
    }

    private Map<RecordKey, Map<String, Integer>> known(String crm, List<RecordKey> keys) {
        Map<RecordKey, Map<String, Integer>> known = new HashMap<>();
        jdbc.query("""
                SELECT r.* FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                JOIN reconciliation_repeat r ON r.crm = ? AND r.store = k.store AND r.entity = k.entity
                    AND r.record_id = k.record_id""",
                row -> {
                    known.computeIfAbsent(new RecordKey(row.getString("store"), row.getString("entity"),
                            row.getString("record_id")), key -> new HashMap<>())
                            .put(row.getString("difference"), row.getInt("times"));
                },
                texts(keys, RecordKey::store), texts(keys, RecordKey::entity), texts(keys, RecordKey::recordId), crm);
        return known;
    }

    /** These are being repaired; within the caller's transaction. */
    void count(String crm, Collection<Difference> differences) {
        List<Difference> written = differences.stream().filter(difference -> hash(difference).isPresent()).toList();
        if (!written.isEmpty()) {
            jdbc.update("""
                    INSERT INTO reconciliation_repeat AS r (crm, store, entity, record_id, difference, times)
                    SELECT DISTINCT ?, n.*, 1 FROM unnest(?::text[], ?::text[], ?::text[], ?::text[])
                        AS n (store, entity, record_id, difference)
                    ON CONFLICT (crm, store, entity, record_id, difference) DO UPDATE SET times = r.times + 1, at = now()""",
                    crm, texts(written, one -> one.record().store()), texts(written, one -> one.record().entity()),
                    texts(written, one -> one.record().recordId()), texts(written, one -> hash(one).orElseThrow()));
        }
    }

    /** Only where a value was written before, and the CRM has another one. */
    private static Optional<String> hash(Difference difference) {
        if (difference.link() == null || difference.entry() == null || difference.kind() == Kind.REFUSED) {
            return Optional.empty();
        }
        JsonNode written = difference.link().base().get(difference.entry());
        return written == null || written.equals(difference.there()) ? Optional.empty()
                : Optional.of(DigestUtils.sha256Hex(String.join("\n", difference.link().key().toString(),
                        difference.link().crmId(), difference.entry(), written.toString(),
                        String.valueOf(difference.there()))));
    }
}
