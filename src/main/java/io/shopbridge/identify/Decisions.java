package io.shopbridge.identify;

import static io.shopbridge.store.Columns.texts;

import io.shopbridge.store.RecordKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Decisions of people about the identity of records: stored permanently, and applied by every identification. */
@Component
public class Decisions {

    private static final String SAME = "same";
    private static final String NEVER = "never";
    private static final String LOST = "lost";

    /**
     * Those about some records.
     *
     * @param same  the CRM record that each is
     * @param never the CRM records that each is not
     * @param lost  those whose CRM record was deleted or merged into another
     */
    record Made(Map<RecordKey, String> same, Map<RecordKey, Set<String>> never, Set<RecordKey> lost) {

        static final Made NONE = new Made(Map.of(), Map.of(), Set.of());

        Optional<String> same(RecordKey key) {
            return Optional.ofNullable(same.get(key));
        }

        boolean isNever(RecordKey key, String crmId) {
            return never.getOrDefault(key, Set.of()).contains(crmId);
        }
    }

    private final JdbcTemplate jdbc;

    Decisions(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    Made of(String crm, Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        Map<RecordKey, String> same = new HashMap<>();
        Map<RecordKey, Set<String>> never = new HashMap<>();
        Set<RecordKey> lost = new HashSet<>();
        if (list.isEmpty()) {
            return Made.NONE;
        }
        jdbc.query("""
                SELECT d.store, d.entity, d.record_id, d.crm_id, d.decision
                FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                JOIN identity_decision d ON d.crm = ? AND d.store = k.store AND d.entity = k.entity
                    AND d.record_id = k.record_id""",
                row -> {
                    RecordKey key = new RecordKey(row.getString(1), row.getString(2), row.getString(3));
                    if (row.getString(5).equals(SAME)) {
                        same.put(key, row.getString(4));
                    } else if (row.getString(5).equals(LOST)) {
                        lost.add(key);
                    } else {
                        never.computeIfAbsent(key, any -> new HashSet<>()).add(row.getString(4));
                    }
                },
                texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId), crm);
        return new Made(same, never, lost);
    }

    /** The records of the same store and kind that a person said to be this CRM record, and that are no other one. */
    List<RecordKey> sameAs(String crm, RecordKey like, String crmId) {
        return jdbc.query("""
                SELECT d.record_id FROM identity_decision d
                WHERE d.crm = ? AND d.store = ? AND d.entity = ? AND d.crm_id = ? AND d.decision = 'same'
                    AND NOT EXISTS (SELECT 1 FROM link l WHERE l.crm = d.crm AND l.store = d.store
                        AND l.entity = d.entity AND l.record_id = d.record_id AND l.crm_id <> d.crm_id)
                ORDER BY d.decided_at""",
                (row, n) -> new RecordKey(like.store(), like.entity(), row.getString(1)),
                crm, like.store(), like.entity(), crmId);
    }

    /** Stores that this record is that CRM record. */
    public void same(String crm, RecordKey key, String crmId) {
        jdbc.update("DELETE FROM identity_decision WHERE crm = ? AND store = ? AND entity = ? AND record_id = ?"
                + " AND decision = '" + SAME + "'", crm, key.store(), key.entity(), key.recordId());
        decide(crm, key, crmId, SAME);
    }

    /** Stores that this record is none of these CRM records. */
    public void never(String crm, RecordKey key, Collection<String> crmIds) {
        crmIds.stream().sorted().forEach(crmId -> decide(crm, key, crmId, NEVER));
    }

    /** The CRM record no longer exists; decisions that it is not the same stay. */
    void lost(String crm, RecordKey key, String crmId) {
        jdbc.update("""
                INSERT INTO identity_decision (crm, store, entity, record_id, crm_id, decision)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (crm, store, entity, record_id, crm_id)
                DO UPDATE SET decision = EXCLUDED.decision WHERE identity_decision.decision = 'same'""",
                crm, key.store(), key.entity(), key.recordId(), crmId, LOST);
    }

    private void decide(String crm, RecordKey key, String crmId, String decision) {
        jdbc.update("""
                INSERT INTO identity_decision (crm, store, entity, record_id, crm_id, decision)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (crm, store, entity, record_id, crm_id)
                DO UPDATE SET decision = EXCLUDED.decision, decided_at = clock_timestamp()""",
                crm, key.store(), key.entity(), key.recordId(), crmId, decision);
    }
}
