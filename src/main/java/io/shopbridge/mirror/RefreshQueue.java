package io.shopbridge.mirror;

import static io.shopbridge.store.Columns.booleans;
import static io.shopbridge.store.Columns.integers;
import static io.shopbridge.store.Columns.texts;

import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.RefreshRule;
import io.shopbridge.store.Columns;
import io.shopbridge.store.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The records that are to be asked for, one row for each record and rule. */
@Component
public class RefreshQueue {

    private static final Duration LONGEST_WAIT = Duration.ofHours(6);

    private final JdbcTemplate jdbc;
    private final Mirror mirror;

    RefreshQueue(JdbcTemplate jdbc, Mirror mirror) {
        this.jdbc = jdbc;
        this.mirror = mirror;
    }

    /** A record that may lack what the rule names. */
    record Wanted(RecordKey key, RefreshRule rule, boolean later) {
    }

    /**
     * A record to be asked for now.
     *
     * @param rule     name of the rule
     * @param answers  in which what is missing was still missing
     * @param later    whether only a backfill wants it
     * @param failures in a row
     * @param failing  whether the last call for it failed, for whatever reason
     */
    public record Due(RecordKey key, String rule, int answers, boolean later, int failures, boolean failing) {
    }

    /**
     * What waits of one kind of record.
     *
     * @param due    records whose time has come
     * @param age    seconds since the time of the oldest of these; 0: there is none
     * @param asking records that will be asked for, with those that are due
     * @param over   records that are not asked for any more, although something is missing; of the last 30 days
     * @param because why the last call for one of them failed; null: none did
     */
    public record Waiting(String store, String entity, String rule, long due, double age, long asking, long over,
            String because) {
    }

    /** Notes those that lack it, if they are not noted yet; what only a backfill wanted may be wanted today. */
    void note(Collection<Wanted> wanted) {
        // Always in this order, so that two processes that note the same records don't lock each other out.
        Map<List<String>, Wanted> once = new LinkedHashMap<>();
        wanted.stream().sorted(Comparator.comparing(Wanted::key).thenComparing(row -> row.rule().name())
                .thenComparing(Wanted::later)).forEach(row ->
                once.putIfAbsent(List.of(row.key().toString(), row.rule().name()), row));
        Collection<Wanted> rows = once.values();
        if (rows.isEmpty()) {
            return;
        }
        jdbc.update("""
                INSERT INTO refresh AS r (store, entity, record_id, rule, later, due_at)
                SELECT w.store, w.entity, w.record_id, w.rule, w.later, clock_timestamp() + make_interval(secs => w.after)
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::int[], ?::text[], ?::boolean[])
                    AS w (store, entity, record_id, rule, later, after, facet, list)
                WHERE NOT EXISTS (SELECT 1 FROM mirror_facet f WHERE f.store = w.store AND f.entity = w.entity
                    AND f.record_id = w.record_id AND (f.facet IN ('deleted', 'merged_into')
                        OR CASE WHEN w.list THEN starts_with(f.facet, w.facet) ELSE f.facet = w.facet END))
                ON CONFLICT (store, entity, record_id, rule) DO UPDATE SET later = false
                WHERE r.later AND NOT EXCLUDED.later AND NOT r.over""",
                texts(rows, row -> row.key().store()), texts(rows, row -> row.key().entity()),
                texts(rows, row -> row.key().recordId()), texts(rows, row -> row.rule().name()),
                booleans(rows, Wanted::later), integers(rows, row -> (int) row.rule().after().get(0).toSeconds()),
                texts(rows, row -> row.rule().facet()), booleans(rows, row -> row.rule().isList()));
    }

    /**
     * Those whose time has come, today's first. What has got what was missing meanwhile, or was deleted, is taken out.
     *
     * @param rules of this kind of record
     */
    public List<Due> due(String store, String entity, Map<String, RefreshRule> rules, int most) {
        while (true) {
            List<Due> rows = jdbc.query("SELECT record_id, rule, answers, later, failures, because IS NOT NULL FROM refresh"
                    + " WHERE store = ? AND entity = ? AND NOT over AND due_at <= clock_timestamp() ORDER BY later, due_at"
                    + " LIMIT ?", (row, n) -> new Due(new RecordKey(store, entity, row.getString(1)), row.getString(2),
                    row.getInt(3), row.getBoolean(4), row.getInt(5), row.getBoolean(6)), store, entity, most);
            Map<RecordKey, Map<String, Instant>> known = mirror.times(rows.stream().map(Due::key)
                    .collect(Collectors.toSet()));
            List<Due> missing = rows.stream().filter(row -> isMissing(rules.get(row.rule()),
                    known.getOrDefault(row.key(), Map.of()).keySet())).toList();
            remove(rows.stream().filter(row -> !missing.contains(row)).toList());
            if (!missing.isEmpty() || rows.isEmpty()) {
                return missing;
            }
        }
    }

    private static boolean isMissing(RefreshRule rule, Set<String> facets) {
        return rule != null && (rule.other() != null || !facets.isEmpty()) && !facets.contains(Facets.DELETED)
                && !facets.contains(Facets.MERGED_INTO) && rule.isMissing(facets.stream());
    }

    /** They have what was missing, or Shopify does not have them. */
    public void remove(Collection<Due> rows) {
        if (!rows.isEmpty()) {
            jdbc.update("DELETE FROM refresh r USING " + ROWS + " WHERE " + SAME, columns(rows));
        }
    }

    /** It is still missing: they are asked for again after this time. */
    public void again(Collection<Due> rows, Duration after) {
        if (!rows.isEmpty()) {
            jdbc.update("UPDATE refresh r SET answers = r.answers + 1, failures = 0, because = NULL, due_at ="
                    + " clock_timestamp() + make_interval(secs => " + after.toSeconds() + ") FROM " + ROWS + " WHERE "
                    + SAME, columns(rows));
        }
    }

    /** They are not asked for any more. */
    public void giveUp(Collection<Due> rows) {
        if (!rows.isEmpty()) {
            jdbc.update("UPDATE refresh r SET answers = r.answers + 1, failures = 0, because = NULL, over = true FROM "
                    + ROWS + " WHERE " + SAME, columns(rows));
        }
    }

    /** Keeps why they could not be asked for; their time stays. */
    public void because(Collection<Due> rows, String because) {
        if (!rows.isEmpty()) {
            Object[] keys = columns(rows);
            jdbc.update("UPDATE refresh r SET because = ? FROM " + ROWS + " WHERE " + SAME, because, keys[0], keys[1],
                    keys[2], keys[3]);
        }
    }

    /** Whether one of these records could not be asked for, the last time. */
    public boolean isFailing(String store, String entity) {
        return Boolean.TRUE.equals(jdbc.queryForObject("SELECT EXISTS (SELECT 1 FROM refresh WHERE store = ? AND entity = ?"
                + " AND because IS NOT NULL)", Boolean.class, store, entity));
    }

    /** The call failed: they wait, each time twice as long, with all that is due of the same records. */
    public void failed(Collection<Due> rows, String because) {
        if (!rows.isEmpty()) {
            Object[] keys = columns(rows);
            jdbc.update("UPDATE refresh r SET failures = r.failures + 1, because = ?, due_at = clock_timestamp()"
                    + " + least(interval '1 minute' * 2 ^ least(r.failures, 20), make_interval(secs => "
                    + LONGEST_WAIT.toSeconds() + ")) FROM " + ROWS + " WHERE r.store = k.store AND r.entity = k.entity"
                    + " AND r.record_id = k.record_id AND NOT r.over AND (r.rule = k.rule OR r.due_at <= clock_timestamp())",
                    because, keys[0], keys[1], keys[2], keys[3]);
        }
    }

    private static final String ROWS = "unnest(?::text[], ?::text[], ?::text[], ?::text[])"
            + " AS k (store, entity, record_id, rule)";
    private static final String SAME = "r.store = k.store AND r.entity = k.entity AND r.record_id = k.record_id"
            + " AND r.rule = k.rule";

    private static Object[] columns(Collection<Due> rows) {
        return new Object[] {texts(rows, row -> row.key().store()), texts(rows, row -> row.key().entity()),
            texts(rows, row -> row.key().recordId()), texts(rows, Due::rule)};
    }

    /** What waits, by store, kind of record and rule. Reads the whole table. */
    public List<Waiting> waiting() {
        return jdbc.query("""
                SELECT store, entity, rule, count(*) FILTER (WHERE NOT over AND due_at <= clock_timestamp()),
                    coalesce(extract(epoch FROM clock_timestamp() - min(due_at) FILTER (WHERE NOT over
                        AND due_at <= clock_timestamp())), 0),
                    count(*) FILTER (WHERE NOT over), count(*) FILTER (WHERE over), max(because)
                FROM refresh GROUP BY store, entity, rule ORDER BY store, entity, rule""",
                (row, n) -> new Waiting(row.getString(1), row.getString(2), row.getString(3), row.getLong(4),
                        row.getDouble(5), row.getLong(6), row.getLong(7), row.getString(8)));
    }
}
