package io.shopbridge.mirror;

import static io.shopbridge.store.Columns.bytes;
import static io.shopbridge.store.Columns.longs;
import static io.shopbridge.store.Columns.texts;

import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.FieldStates;
import io.shopbridge.shopify.Version;
import io.shopbridge.store.Columns;
import io.shopbridge.store.RecordKey;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The table of facets and the version rule: a state replaces only an older one. */
@Component
class Mirror {

    /** Bytes of facets. */
    private static final long READ_TOGETHER = 8L << 20;

    private static final String ROWS = """
            unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::text[], ?::bytea[], ?::bigint[])
            """;

    private static final String INSERT = """
            INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value, inbox_id)
            SELECT * FROM
            """ + ROWS;

    private static final String WRITE = INSERT + """
            ON CONFLICT (store, entity, record_id, facet) DO UPDATE
                SET version_at = EXCLUDED.version_at, version_tie = EXCLUDED.version_tie, value = EXCLUDED.value,
                    inbox_id = EXCLUDED.inbox_id
                WHERE (mirror_facet.version_at, mirror_facet.version_tie)
                    < (EXCLUDED.version_at, EXCLUDED.version_tie)
            RETURNING store, entity, record_id""";

    private static final String CREATE =
            INSERT + "ON CONFLICT DO NOTHING RETURNING store, entity, record_id, facet";

    private static final String LOCK = """
            SELECT f.store, f.entity, f.record_id, f.facet, octet_length(f.value) AS bytes
            FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id, facet)
            JOIN mirror_facet f USING (store, entity, record_id, facet)
            ORDER BY 1, 2, 3, 4 FOR UPDATE OF f""";

    private static final String READ = """
            SELECT f.store, f.entity, f.record_id, f.facet, f.version_at, f.version_tie, f.value
            FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id, facet)
            JOIN mirror_facet f USING (store, entity, record_id, facet)""";

    private static final String ALL = """
            SELECT f.store, f.entity, f.record_id, f.facet, f.version_at, f.version_tie, f.value
            FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
            JOIN mirror_facet f USING (store, entity, record_id)""";

    private static final String UPDATE = """
            UPDATE mirror_facet f SET version_at = n.version_at, version_tie = n.version_tie, value = n.value,
                inbox_id = n.inbox_id
            FROM
            """ + ROWS + """
                AS n (store, entity, record_id, facet, version_at, version_tie, value, inbox_id)
            WHERE f.store = n.store AND f.entity = n.entity AND f.record_id = n.record_id AND f.facet = n.facet
            RETURNING f.store, f.entity, f.record_id""";

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

    /** The ids of a store's records that have this facet, in order, from the one after this id. */
    List<String> after(String store, String entity, String facet, String recordId, int most) {
        return jdbc.queryForList("SELECT record_id FROM mirror_facet WHERE store = ? AND entity = ? AND facet = ?"
                + " AND record_id > ? ORDER BY record_id LIMIT ?", String.class, store, entity, facet, recordId, most);
    }

    /**
     * Writes the newest of these states where it is newer than what is known, of facets with {@link FieldStates} field
     * by field; returns the records that changed.
     */
    Set<RecordKey> write(Collection<FacetChange> changes) {
        Map<FacetKey, FacetChange> whole = new TreeMap<>();
        Map<FacetKey, FacetChange> byField = new TreeMap<>();
        newest(changes).forEach(change -> (change.byField() ? byField : whole)
                .put(new FacetKey(change.key(), change.facet()), change));
        Set<RecordKey> changed = new TreeSet<>();
        if (!whole.isEmpty()) {
            changed.addAll(run(WRITE, List.copyOf(whole.values())));
        }
        if (!byField.isEmpty()) {
            changed.addAll(writeByField(byField));
        }
        return changed;
    }

    /** What these say together: one of each facet. Sorted, so that two processes lock the same rows in one order. */
    static List<FacetChange> newest(Collection<FacetChange> changes) {
        Map<FacetKey, List<FacetChange>> all = new TreeMap<>();
        changes.forEach(change -> all.computeIfAbsent(new FacetKey(change.key(), change.facet()),
                key -> new ArrayList<>()).add(change));
        return all.values().stream().map(of -> of.size() > 1 && of.get(0).byField() ? merged(null, of)
                : of.stream().max(Comparator.comparing(FacetChange::version)).orElseThrow()).toList();
    }

    /** New ones are written first, also before a neighbour's, so that there is a row to lock for all others. */
    private Set<RecordKey> writeByField(Map<FacetKey, FacetChange> changes) {
        List<FacetChange> rows = List.copyOf(changes.values());
        Set<FacetKey> created = new HashSet<>();
        jdbc.query(CREATE, row -> {
            created.add(facetKey(row));
        }, columnsOf(rows));
        Set<RecordKey> changed = new TreeSet<>();
        created.forEach(key -> changed.add(key.key()));
        Map<FacetKey, FacetChange> there = new TreeMap<>(changes);
        there.keySet().removeAll(created);
        if (!there.isEmpty()) {
            changed.addAll(update(there));
        }
        return changed;
    }

    /** Of large ones only some are in memory at a time: a small body may be about an order of megabytes. */
    private Set<RecordKey> update(Map<FacetKey, FacetChange> changes) {
        Map<FacetKey, Long> sizes = new TreeMap<>();
        jdbc.query(LOCK, row -> {
            sizes.put(facetKey(row), row.getLong("bytes"));
        }, columns(changes.keySet()));
        Set<RecordKey> changed = new TreeSet<>();
        List<FacetKey> together = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<FacetKey, Long> size : sizes.entrySet()) {
            if (!together.isEmpty() && bytes + size.getValue() > READ_TOGETHER) {
                changed.addAll(updateTogether(changes, together));
                together.clear();
                bytes = 0;
            }
            together.add(size.getKey());
            bytes += size.getValue();
        }
        changed.addAll(updateTogether(changes, together));
        return changed;
    }

    private Set<RecordKey> updateTogether(Map<FacetKey, FacetChange> changes, List<FacetKey> keys) {
        Map<FacetKey, FacetChange> newer = new TreeMap<>();
        jdbc.query(READ, row -> {
            FacetKey key = facetKey(row);
            byte[] known = row.getBytes("value");
            Version version = new Version(row.getObject("version_at", OffsetDateTime.class).toInstant(),
                    row.getString("version_tie"));
            FacetChange now = merged(readable(version, known), List.of(changes.get(key)));
            // Also where only the time is newer: what comes late is older than that, and changes nothing.
            if (!now.version().equals(version) || !Arrays.equals(now.value(), known)) {
                newer.put(key, now);
            }
        }, columns(keys));
        return newer.isEmpty() ? Set.of() : run(UPDATE, List.copyOf(newer.values()));
    }

    /** What is known of one record together with what these say of it: one of each facet. */
    static List<StoredFacet> with(List<StoredFacet> known, Collection<FacetChange> changes) {
        Map<String, StoredFacet> facets = new TreeMap<>();
        known.forEach(facet -> facets.put(facet.name(), facet));
        for (FacetChange change : changes) {
            StoredFacet before = facets.get(change.facet());
            if (before != null && change.byField()) {
                FacetChange now = merged(readable(before.version(), before.value()), List.of(change));
                facets.put(change.facet(), new StoredFacet(now.facet(), now.version(), now.value()));
            } else if (before == null || before.version().compareTo(change.version()) < 0) {
                facets.put(change.facet(), new StoredFacet(change.facet(), change.version(), change.value()));
            }
        }
        return List.copyOf(facets.values());
    }

    private static Object[] columns(Collection<FacetKey> keys) {
        return new Object[] {texts(keys, key -> key.key().store()), texts(keys, key -> key.key().entity()),
            texts(keys, key -> key.key().recordId()), texts(keys, FacetKey::facet)};
    }

    /** Null if it can't be read, such as one that an earlier version stored with invalid bytes: it is replaced. */
    private static FieldStates readable(Version version, byte[] known) {
        try {
            return FieldStates.of(version, known);
        } catch (UncheckedIOException | ClassCastException e) {
            return null;
        }
    }

    /** @param known null: nothing is known yet */
    private static FacetChange merged(FieldStates known, List<FacetChange> changes) {
        List<FieldStates> states = new ArrayList<>();
        if (known != null) {
            states.add(known);
        }
        changes.forEach(change -> states.add(FieldStates.of(change.version(), change.value())));
        FieldStates newest = FieldStates.newest(states);
        FacetChange last = changes.get(changes.size() - 1);
        return new FacetChange(last.key(), last.facet(), true, newest.version(), newest.bytes(), last.inboxId());
    }

    private static FacetKey facetKey(ResultSet row) throws SQLException {
        return new FacetKey(new RecordKey(row.getString("store"), row.getString("entity"), row.getString("record_id")),
                row.getString("facet"));
    }

    private Set<RecordKey> run(String sql, List<FacetChange> rows) {
        Set<RecordKey> changed = new TreeSet<>();
        jdbc.query(sql, row -> {
            changed.add(new RecordKey(row.getString(1), row.getString(2), row.getString(3)));
        }, columnsOf(rows));
        return changed;
    }

    private static Object[] columnsOf(List<FacetChange> rows) {
        return new Object[] {texts(rows, row -> row.key().store()), texts(rows, row -> row.key().entity()),
            texts(rows, row -> row.key().recordId()), texts(rows, FacetChange::facet),
            Columns.times(rows, row -> row.version().at()), texts(rows, row -> row.version().tie()),
            bytes(rows, FacetChange::value), longs(rows, FacetChange::inboxId)};
    }

    /** All facets of these records. */
    Map<RecordKey, List<StoredFacet>> read(Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        Map<RecordKey, List<StoredFacet>> facets = new HashMap<>();
        jdbc.query(ALL, row -> {
            add(facets, row);
        }, texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId));
        return facets;
    }

    private static void add(Map<RecordKey, List<StoredFacet>> facets, ResultSet row) throws SQLException {
        Version version = new Version(row.getTimestamp(5).toInstant(), row.getString(6));
        facets.computeIfAbsent(new RecordKey(row.getString(1), row.getString(2), row.getString(3)),
                key -> new ArrayList<>()).add(new StoredFacet(row.getString(4), version, row.getBytes(7)));
    }

    /**
     * The facets of these records that have one of these names, or one that begins so.
     *
     * @param like patterns of SQL
     */
    Map<RecordKey, List<StoredFacet>> read(Collection<RecordKey> keys, Collection<String> like) {
        List<RecordKey> list = List.copyOf(keys);
        Map<RecordKey, List<StoredFacet>> facets = new HashMap<>();
        jdbc.query(ALL + " WHERE f.facet LIKE ANY (?)", row -> {
            add(facets, row);
        }, texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId),
                texts(like, one -> one));
        return facets;
    }

    /** One facet of these records, where they have it. */
    Map<RecordKey, byte[]> values(Collection<RecordKey> keys, String facet) {
        List<RecordKey> list = List.copyOf(keys);
        Map<RecordKey, byte[]> values = new HashMap<>();
        jdbc.query("""
                SELECT f.store, f.entity, f.record_id, f.value
                FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                JOIN mirror_facet f USING (store, entity, record_id) WHERE f.facet = ?""",
                row -> {
                    values.put(new RecordKey(row.getString(1), row.getString(2), row.getString(3)), row.getBytes(4));
                },
                texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId), facet);
        return values;
    }

    /**
     * Hands over the facets of these records, record by record, in the order of the keys. Of large ones only some are
     * in memory at a time: two hundred small events may be about two hundred orders of megabytes.
     */
    void forEach(Collection<RecordKey> keys, BiConsumer<RecordKey, List<StoredFacet>> use) {
        groups(keys, READ_TOGETHER).forEach(together -> hand(together, use));
    }

    /** These keys in their order, in groups whose facets have at most so many bytes; a larger record is a group alone. */
    List<List<RecordKey>> groups(Collection<RecordKey> keys, long most) {
        Map<RecordKey, Long> sizes = sizes(keys);
        List<List<RecordKey>> groups = new ArrayList<>();
        long bytes = 0;
        for (RecordKey key : keys) {
            long size = sizes.getOrDefault(key, 0L);
            if (groups.isEmpty() || bytes + size > most) {
                groups.add(new ArrayList<>());
                bytes = 0;
            }
            groups.get(groups.size() - 1).add(key);
            bytes += size;
        }
        return groups;
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
        if (list.isEmpty()) {
            return times;
        }
        jdbc.query("""
                SELECT f.store, f.entity, f.record_id, f.facet, f.version_at
                FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                JOIN mirror_facet f USING (store, entity, record_id)""",
                row -> {
                    times.computeIfAbsent(new RecordKey(row.getString(1), row.getString(2), row.getString(3)),
                            key -> new HashMap<>()).put(row.getString(4), row.getTimestamp(5).toInstant());
                },
                texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId));
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
                row -> {
                    sizes.put(new RecordKey(row.getString(1), row.getString(2), row.getString(3)), row.getLong(4));
                },
                texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId));
        return sizes;
    }
}
