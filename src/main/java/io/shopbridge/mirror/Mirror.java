package io.shopbridge.mirror;

import io.shopbridge.store.RecordKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The table of facets and the version rule: a state replaces only what is older. */
@Component
class Mirror {

    /** Bytes of facets. */
    private static final long READ_TOGETHER = 8L << 20;

    private static final String WRITE = """
            INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value, inbox_id)
            SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::text[], ?::bytea[],
                                 ?::bigint[])
            ON CONFLICT (store, entity, record_id, facet) DO UPDATE
                SET version_at = EXCLUDED.version_at, version_tie = EXCLUDED.version_tie, value = EXCLUDED.value,
                    inbox_id = EXCLUDED.inbox_id
                WHERE (mirror_facet.version_at, mirror_facet.version_tie)
                    < (EXCLUDED.version_at, EXCLUDED.version_tie)
            RETURNING store, entity, record_id""";

    private record FacetKey(RecordKey key, String facet) implements Comparable<FacetKey> {
        @Override
        public int compareTo(FacetKey other) {
            int byRecord = key.compareTo(other.key);
            return byRecord != 0 ? byRecord : facet.compareTo(other.facet);
        }
    }

    private final JdbcTemplate jdbc;

    Mirror(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Writes the newest of these states where it is newer than what is known; returns the records that changed. */
    Set<RecordKey> write(Collection<FacetChange> changes) {
        // Sorted, so that two processes that write the same rows lock them in the same order.
        Map<FacetKey, FacetChange> newest = new TreeMap<>();
        for (FacetChange change : changes) {
            newest.merge(new FacetKey(change.key(), change.facet()), change,
                    (one, other) -> one.version().compareTo(other.version()) >= 0 ? one : other);
        }
        if (newest.isEmpty()) {
            return Set.of();
        }
        List<FacetChange> rows = List.copyOf(newest.values());
        Set<RecordKey> changed = new TreeSet<>();
        jdbc.query(WRITE, statement -> {
            var connection = statement.getConnection();
            statement.setArray(1, connection.createArrayOf("text", rows.stream().map(r -> r.key().store()).toArray()));
            statement.setArray(2, connection.createArrayOf("text", rows.stream().map(r -> r.key().entity()).toArray()));
            statement.setArray(3, connection.createArrayOf("text", rows.stream().map(r -> r.key().recordId()).toArray()));
            statement.setArray(4, connection.createArrayOf("text", rows.stream().map(FacetChange::facet).toArray()));
            statement.setArray(5, connection.createArrayOf("timestamptz",
                    rows.stream().map(r -> r.version().at().toString()).toArray()));
            statement.setArray(6, connection.createArrayOf("text", rows.stream().map(r -> r.version().tie()).toArray()));
            statement.setArray(7, connection.createArrayOf("bytea",
                    rows.stream().map(FacetChange::value).toArray(byte[][]::new)));
            statement.setArray(8, connection.createArrayOf("bigint", rows.stream().map(FacetChange::inboxId).toArray()));
        }, row -> {
            changed.add(new RecordKey(row.getString(1), row.getString(2), row.getString(3)));
        });
        return changed;
    }

    /** All facets of these records. */
    Map<RecordKey, List<StoredFacet>> read(Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        Map<RecordKey, List<StoredFacet>> facets = new HashMap<>();
        jdbc.query("""
                SELECT f.store, f.entity, f.record_id, f.facet, f.version_at, f.value
                FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                JOIN mirror_facet f USING (store, entity, record_id)""",
                statement -> keys(statement, list),
                row -> {
                    Timestamp at = row.getTimestamp(5);
                    facets.computeIfAbsent(new RecordKey(row.getString(1), row.getString(2), row.getString(3)),
                            key -> new ArrayList<>())
                            .add(new StoredFacet(row.getString(4), at.toInstant(), row.getBytes(6)));
                });
        return facets;
    }

    /**
     * Hands over the facets of these records, record by record, in the order of the keys. Of large ones only some are
     * in memory at a time: two hundred small events may be about two hundred orders of megabytes.
     */
    void forEach(Collection<RecordKey> keys, BiConsumer<RecordKey, List<StoredFacet>> use) {
        Map<RecordKey, Long> sizes = sizes(keys);
        List<RecordKey> together = new ArrayList<>();
        long bytes = 0;
        for (RecordKey key : keys) {
            long size = sizes.getOrDefault(key, 0L);
            if (!together.isEmpty() && bytes + size > READ_TOGETHER) {
                hand(together, use);
                together.clear();
                bytes = 0;
            }
            together.add(key);
            bytes += size;
        }
        hand(together, use);
    }

    private void hand(List<RecordKey> keys, BiConsumer<RecordKey, List<StoredFacet>> use) {
        Map<RecordKey, List<StoredFacet>> facets = read(keys);
        keys.forEach(key -> use.accept(key, facets.getOrDefault(key, List.of())));
    }

    /** Whether any of these states is later than what is known. */
    boolean isNews(Collection<FacetChange> changes) {
        Map<RecordKey, Map<String, Instant>> known =
                times(changes.stream().map(FacetChange::key).collect(Collectors.toSet()));
        return changes.stream().anyMatch(change -> {
            Instant at = known.getOrDefault(change.key(), Map.of()).get(change.facet());
            return at == null || at.isBefore(change.version().at());
        });
    }

    /** The version times of all facets of these records, by name; without their values, which may be large. */
    Map<RecordKey, Map<String, Instant>> times(Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        Map<RecordKey, Map<String, Instant>> times = new HashMap<>();
        jdbc.query("""
                SELECT f.store, f.entity, f.record_id, f.facet, f.version_at
                FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                JOIN mirror_facet f USING (store, entity, record_id)""",
                statement -> keys(statement, list),
                row -> {
                    times.computeIfAbsent(new RecordKey(row.getString(1), row.getString(2), row.getString(3)),
                            key -> new HashMap<>()).put(row.getString(4), row.getTimestamp(5).toInstant());
                });
        return times;
    }

    /** How many bytes the facets of each of these records have. */
    Map<RecordKey, Long> sizes(Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        Map<RecordKey, Long> sizes = new HashMap<>();
        jdbc.query("""
                SELECT f.store, f.entity, f.record_id, sum(octet_length(f.value))
                FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                JOIN mirror_facet f USING (store, entity, record_id) GROUP BY 1, 2, 3""",
                statement -> keys(statement, list),
                row -> {
                    sizes.put(new RecordKey(row.getString(1), row.getString(2), row.getString(3)), row.getLong(4));
                });
        return sizes;
    }

    private static void keys(PreparedStatement statement, List<RecordKey> keys) throws SQLException {
        Connection connection = statement.getConnection();
        statement.setArray(1, connection.createArrayOf("text", keys.stream().map(RecordKey::store).toArray()));
        statement.setArray(2, connection.createArrayOf("text", keys.stream().map(RecordKey::entity).toArray()));
        statement.setArray(3, connection.createArrayOf("text", keys.stream().map(RecordKey::recordId).toArray()));
    }
}
