package io.shopbridge.deliver;

import static io.shopbridge.store.Columns.texts;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Unique values that another record of the CRM has: for example an e-mail address that is another contact's second one.
 * The record is delivered without them until the value changes or a person has dealt with it. Values are stored as
 * hashes.
 */
@Component
public class Clashes {

    /**
     * A value that can't be written.
     *
     * @param holder the CRM's id of the record that has it
     */
    record Clash(String holder, String hash) {
        boolean is(JsonNode value) {
            return hash.equals(hashOf(value));
        }
    }

    private static final int LARGEST_CIRCLE = 20;

    private final JdbcTemplate jdbc;

    Clashes(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** By record, then by CRM field. */
    Map<RecordKey, Map<String, Clash>> of(Crm crm, Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        Map<RecordKey, Map<String, Clash>> all = new HashMap<>();
        if (list.isEmpty()) {
            return all;
        }
        jdbc.query("""
                SELECT w.store, w.entity, w.record_id, w.field, w.holder, w.value_hash
                FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                JOIN clashing_value w ON w.crm = ? AND w.store = k.store AND w.entity = k.entity
                    AND w.record_id = k.record_id""",
                row -> {
                    all.computeIfAbsent(new RecordKey(row.getString(1), row.getString(2), row.getString(3)),
                            key -> new HashMap<>())
                            .put(row.getString(4), new Clash(row.getString(5), row.getString(6)));
                },
                texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId), crm.name());
        return all;
    }

    /** Whether the holder of a value is another store's record, where stores are kept apart: then the clash is meant. */
    boolean isOfAnotherStore(Crm crm, String object, RecordKey key, String holder) {
        return crm.isPerStore() && Boolean.TRUE.equals(jdbc.queryForObject("SELECT EXISTS (SELECT 1 FROM link"
                + " WHERE crm = ? AND object = ? AND crm_id = ? AND store <> ?)", Boolean.class, crm.name(), object,
                holder, key.store()));
    }

    /**
     * Whether the holder of this record's value waits for what this record itself has, be it by way of others: customers
     * of one store who have exchanged their addresses. None of them can be written as long as all keep theirs.
     */
    boolean isCircle(Crm crm, String object, DeliveryRecord record, String field, String holder) {
        JsonNode own = record.link() == null ? null : record.link().base().get(field);
        return !Values.isEmpty(own) && Boolean.TRUE.equals(jdbc.queryForObject("""
                WITH RECURSIVE held (holder, value_hash, steps) AS (
                    SELECT ?::text, NULL::text, 1
                    UNION
                    SELECT c.holder, c.value_hash, h.steps + 1 FROM held h
                    JOIN link l ON l.crm = ? AND l.object = ? AND l.store = ? AND l.crm_id = h.holder
                    JOIN clashing_value c ON c.crm = l.crm AND c.store = l.store AND c.entity = l.entity
                        AND c.record_id = l.record_id AND c.field = ?
                    WHERE h.steps < ?)
                SELECT EXISTS (SELECT 1 FROM held WHERE holder = ? AND value_hash = ?)""", Boolean.class, holder,
                crm.name(), object, record.key().store(), field, LARGEST_CIRCLE, record.link().crmId(), hashOf(own)));
    }

    void keep(Crm crm, RecordKey key, String field, JsonNode value, String holder) {
        jdbc.update("""
                INSERT INTO clashing_value (crm, store, entity, record_id, field, holder, value_hash)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (crm, store, entity, record_id, field)
                DO UPDATE SET holder = EXCLUDED.holder, value_hash = EXCLUDED.value_hash""",
                crm.name(), key.store(), key.entity(), key.recordId(), field, holder, hashOf(value));
    }

    /** The value is another one by now. */
    void forget(Crm crm, RecordKey key, String field) {
        jdbc.update("DELETE FROM clashing_value WHERE crm = ? AND store = ? AND entity = ? AND record_id = ?"
                + " AND field = ?", crm.name(), key.store(), key.entity(), key.recordId(), field);
    }

    /** A person has seen to the record: all its values are tried again. */
    public void forget(String crm, RecordKey key) {
        jdbc.update("DELETE FROM clashing_value WHERE crm = ? AND store = ? AND entity = ? AND record_id = ?", crm,
                key.store(), key.entity(), key.recordId());
    }

    static Clash clash(String holder, JsonNode value) {
        return new Clash(holder, hashOf(value));
    }

    private static String hashOf(JsonNode value) {
        return DigestUtils.sha256Hex(String.valueOf(value));
    }
}
