package io.shopbridge.identify;

import static io.shopbridge.store.Columns.texts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The table of links. */
@Component
public class Links {

    private static final TypeReference<LinkedHashMap<String, JsonNode>> BASE = new TypeReference<>() {
    };
    private static final String COLUMNS =
            "l.store, l.entity, l.record_id, l.parent_id, l.object, l.crm_id, l.base";

    private final JdbcTemplate jdbc;

    Links(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** The stored links of these records. */
    public Map<RecordKey, Link> of(String crm, Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        Map<RecordKey, Link> links = new HashMap<>();
        if (!list.isEmpty()) {
            jdbc.query("SELECT " + COLUMNS + """
                     FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                    JOIN link l ON l.crm = ? AND l.store = k.store AND l.entity = k.entity
                        AND l.record_id = k.record_id""",
                    row -> {
                        Link link = link(row);
                        links.put(link.key(), link);
                    },
                    texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId),
                    crm);
        }
        return links;
    }

    /**
     * All links to these CRM records, by CRM id: more than one where several Shopify records are one person. They are
     * in the order in which they were linked, those with an account first.
     */
    public Map<String, List<Link>> to(String crm, String object, Collection<String> crmIds) {
        Map<String, List<Link>> links = new HashMap<>();
        if (!crmIds.isEmpty()) {
            jdbc.query("SELECT " + COLUMNS + " FROM link l WHERE l.crm = ? AND l.object = ? AND l.crm_id = ANY (?)"
                            + " ORDER BY l.record_id LIKE 'guest:%', l.linked_at, l.store, l.record_id",
                    row -> {
                        Link link = link(row);
                        links.computeIfAbsent(link.crmId(), id -> new ArrayList<>()).add(link);
                    },
                    crm, object, texts(crmIds));
        }
        return links;
    }

    /** The links of everything that belongs to these records: their line items. */
    public List<Link> children(String crm, Collection<RecordKey> parents) {
        List<RecordKey> list = List.copyOf(parents);
        return jdbc.query("SELECT " + COLUMNS + """
                 FROM unnest(?::text[], ?::text[]) AS k (store, parent_id)
                JOIN link l ON l.crm = ? AND l.store = k.store AND l.parent_id = k.parent_id""",
                (row, n) -> link(row), texts(list, RecordKey::store), texts(list, RecordKey::recordId), crm);
    }

    /**
     * The links of a store's records of this entity in the order of their ids, from the one after this id.
     *
     * @param since only those that were written or considered since then
     */
    public List<Link> after(String crm, String store, String entity, String recordId, Instant since, int most) {
        return jdbc.query("SELECT " + COLUMNS + " FROM link l WHERE l.crm = ? AND l.store = ? AND l.entity = ?"
                        + " AND l.record_id > ? AND l.synced_at >= ? ORDER BY l.record_id LIMIT ?",
                (row, n) -> link(row), crm, store, entity, recordId, Timestamp.from(since), most);
    }

    /**
     * The links of a store's records of this entity in the order of their ids, from the one after an id up to another.
     *
     * @param upTo null: there is no end
     */
    public List<Link> between(String crm, String store, String entity, String after, String upTo, int most) {
        return jdbc.query("SELECT " + COLUMNS + " FROM link l WHERE l.crm = ? AND l.store = ? AND l.entity = ?"
                        + " AND l.record_id > ?" + (upTo == null ? "" : " AND l.record_id <= ?")
                        + " ORDER BY l.record_id LIMIT ?",
                (row, n) -> link(row), Stream.of(crm, store, entity, after, upTo, most).filter(Objects::nonNull).toArray());
    }

    /** The stored links of these records, locked for the caller's transaction in the order of their keys. */
    public Map<RecordKey, Link> locked(String crm, Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        Map<RecordKey, Link> links = new HashMap<>();
        jdbc.query("SELECT " + COLUMNS + """
                 FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                JOIN link l ON l.crm = ? AND l.store = k.store AND l.entity = k.entity AND l.record_id = k.record_id
                ORDER BY l.store, l.entity, l.record_id FOR UPDATE OF l""",
                row -> {
                    Link link = link(row);
                    links.put(link.key(), link);
                },
                texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId), crm);
        return links;
    }

    /** Stores these links; one that is there already takes the new CRM id and base. */
    public void save(String crm, Collection<Link> links) {
        if (links.isEmpty()) {
            return;
        }
        // Sorted, against deadlocks between processes, and one row for each record.
        Map<RecordKey, Link> sorted = new TreeMap<>();
        links.forEach(link -> sorted.put(link.key(), link));
        List<Link> rows = List.copyOf(sorted.values());
        jdbc.update("""
                INSERT INTO link (crm, store, entity, record_id, parent_id, object, crm_id, base)
                SELECT ?, n.* FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                    AS n (store, entity, record_id, parent_id, object, crm_id, base)
                ORDER BY n.store, n.entity, n.record_id
                ON CONFLICT (crm, store, entity, record_id) DO UPDATE
                SET parent_id = EXCLUDED.parent_id, object = EXCLUDED.object, crm_id = EXCLUDED.crm_id,
                    base = EXCLUDED.base, synced_at = now(), linked_at =
                        CASE WHEN link.crm_id = EXCLUDED.crm_id THEN link.linked_at ELSE clock_timestamp() END""",
                crm, texts(rows, link -> link.key().store()), texts(rows, link -> link.key().entity()),
                texts(rows, link -> link.key().recordId()), texts(rows, Link::parentId), texts(rows, Link::object),
                texts(rows, Link::crmId), texts(rows, Links::base));
    }

    /** Moves a record's link to another record, which has none. */
    void handOver(String crm, RecordKey from, RecordKey to) {
        jdbc.update("UPDATE link SET store = ?, entity = ?, record_id = ? WHERE crm = ? AND store = ? AND entity = ?"
                + " AND record_id = ?", to.store(), to.entity(), to.recordId(), crm, from.store(), from.entity(),
                from.recordId());
    }

    /** Removes the link: the CRM record no longer exists, or the line item was removed. */
    public void remove(String crm, RecordKey key) {
        jdbc.update("DELETE FROM link WHERE crm = ? AND store = ? AND entity = ? AND record_id = ?",
                crm, key.store(), key.entity(), key.recordId());
    }

    private static Link link(ResultSet row) throws SQLException {
        try {
            return new Link(new RecordKey(row.getString("store"), row.getString("entity"), row.getString("record_id")),
                    row.getString("parent_id"), row.getString("object"), row.getString("crm_id"),
                    Values.JSON.readValue(row.getString("base"), BASE));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The base of a link is not a JSON object", e);
        }
    }

    private static String base(Link link) {
        try {
            return Values.JSON.writeValueAsString(link.base());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A map of JSON values is always JSON", e);
        }
    }
}
