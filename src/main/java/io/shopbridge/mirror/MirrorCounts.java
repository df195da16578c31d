package io.shopbridge.mirror;

import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.Columns;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** How many records the mirror has, of those that Shopify has not deleted and that have an id of Shopify's. */
@Component
public class MirrorCounts {

    /** In which order records are counted. */
    public enum By {
        /** Of their last change, in seconds. */
        TIME("extract(epoch FROM m.version_at)::bigint",
                "m.version_at >= to_timestamp(w.low) AND m.version_at < to_timestamp(w.high)"),
        /** Of their ids. */
        ID(Place.NUMBER, Place.NUMBER + " >= w.low AND " + Place.NUMBER + " < w.high");

        private final String place;
        private final String within;

        By(String place, String within) {
            this.place = place;
            this.within = within;
        }
    }

    /** The parts of these queries. */
    private static final class Place {

        /** Shopify's ids are numbers; a guest's is not, and nothing but CASE keeps the cast from it. */
        static final String NUMBER = "CASE WHEN m.record_id ~ '^[0-9]{1,18}$' THEN m.record_id::bigint END";
    }

    private static final String RECORDS = """
            (SELECT * FROM mirror_facet m WHERE m.store = ? AND m.entity = ? AND m.facet = %s
             AND m.record_id ~ '^[0-9]{1,18}$' AND NOT EXISTS (
                SELECT 1 FROM mirror_facet d WHERE d.store = m.store AND d.entity = m.entity
                AND d.record_id = m.record_id AND d.facet IN ('deleted', 'merged_into')))""";

    private final JdbcTemplate jdbc;
    private final Shopify shopify;

    MirrorCounts(JdbcTemplate jdbc, Shopify shopify) {
        this.jdbc = jdbc;
        this.shopify = shopify;
    }

    /** How many records of an entity are in each of these ranges. */
    public List<Long> of(String store, String entity, By by, List<Span> spans) {
        List<Long> counts = new ArrayList<>(spans.stream().map(span -> 0L).toList());
        jdbc.query("SELECT w.n, count(*) FROM unnest(?::bigint[], ?::bigint[]) WITH ORDINALITY AS w (low, high, n) JOIN "
                        + records(entity) + " m ON " + by.within + " GROUP BY w.n",
                row -> {
                    counts.set(row.getInt(1) - 1, row.getLong(2));
                },
                Columns.longs(spans, Span::low), Columns.longs(spans, Span::high), store, entity);
        return counts;
    }

    /** Where parts of a range begin, apart from the first, that have as many records each. */
    public List<Long> bounds(String store, String entity, By by, Span span, int parts) {
        String fractions = Stream.iterate(1, n -> n < parts, n -> n + 1).map(n -> n + "::float8 / " + parts)
                .collect(Collectors.joining(", "));
        if (fractions.isEmpty()) {
            return List.of();
        }
        Long[] found = jdbc.queryForObject("SELECT percentile_disc(ARRAY[" + fractions + "]) WITHIN GROUP (ORDER BY "
                        + by.place + ") FROM unnest(?::bigint[], ?::bigint[]) AS w (low, high) JOIN " + records(entity)
                        + " m ON " + by.within, (row, n) -> row.getArray(1) == null ? new Long[0]
                                : (Long[]) row.getArray(1).getArray(),
                Columns.longs(List.of(span), Span::low), Columns.longs(List.of(span), Span::high), store, entity);
        return Arrays.stream(found).filter(bound -> bound != null).distinct().toList();
    }

    /** The records of a range, and when Shopify last changed what the mirror has of them. */
    public Map<String, Instant> in(String store, String entity, By by, Span span) {
        return versions("SELECT m.record_id, m.version_at FROM unnest(?::bigint[], ?::bigint[]) AS w (low, high) JOIN "
                + records(entity) + " m ON " + by.within, Columns.longs(List.of(span), Span::low),
                Columns.longs(List.of(span), Span::high), store, entity);
    }

    /** The same of these records, wherever they are. */
    public Map<String, Instant> versions(String store, String entity, Collection<String> ids) {
        return versions("SELECT m.record_id, m.version_at FROM " + records(entity) + " m WHERE m.record_id = ANY (?)",
                store, entity, Columns.texts(ids));
    }

    private Map<String, Instant> versions(String query, Object... arguments) {
        Map<String, Instant> versions = new HashMap<>();
        jdbc.query(query, row -> {
            versions.put(row.getString(1), row.getTimestamp(2).toInstant());
        }, arguments);
        return versions;
    }

    /** With the facet as a literal: the index of orders is one of this facet only. */
    private String records(String entity) {
        return RECORDS.formatted("'" + shopify.entity(entity).facet().replace("'", "''") + "'");
    }
}
