package io.shopbridge.mirror;

import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.Columns;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Which records the mirror has, of those that Shopify has not deleted and that have an id of Shopify's. */
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

        /** As in the index. Shopify's ids are numbers; a guest's is not, and nothing but CASE keeps the cast from it. */
        static final String NUMBER = "(CASE WHEN m.record_id ~ '^[0-9]{1,18}$' THEN m.record_id::bigint END)";
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

    /** How many records of an entity are in this range. */
    public long of(String store, String entity, By by, Span span) {
        Long count = jdbc.queryForObject("SELECT count(*) FROM " + within(entity, by), Long.class, span.low(), span.high(),
                store, entity);
        return count == null ? 0 : count;
    }

    /** Where parts of a range begin, apart from the first, that have so many records each. */
    public List<Long> bounds(String store, String entity, By by, Span span, int records) {
        return jdbc.queryForList("SELECT place FROM (SELECT " + by.place + " AS place, row_number() OVER (ORDER BY " + by.place
                + ") AS n FROM " + within(entity, by) + ") AS all_of_it WHERE n > 1 AND n % ? = 1", Long.class, span.low(),
                span.high(), store, entity, records);
    }

    /** The ids of the records of a range. */
    public List<String> in(String store, String entity, By by, Span span) {
        return jdbc.queryForList("SELECT m.record_id FROM " + within(entity, by), String.class, span.low(), span.high(), store,
                entity);
    }

    /** When Shopify last changed what the mirror has of these records; without those that it has not. */
    public Map<String, Instant> versions(String store, String entity, Collection<String> ids) {
        Map<String, Instant> versions = new HashMap<>();
        jdbc.query("SELECT m.record_id, m.version_at FROM " + records(entity) + " m WHERE m.record_id = ANY (?)", row -> {
            versions.put(row.getString(1), row.getTimestamp(2).toInstant());
        }, store, entity, Columns.texts(ids));
        return versions;
    }

    private String within(String entity, By by) {
        return "(SELECT ?::bigint AS low, ?::bigint AS high) w JOIN " + records(entity) + " m ON " + by.within;
    }

    /** With the facet as a literal: the indexes of orders and customers are those of one facet only. */
    private String records(String entity) {
        return RECORDS.formatted("'" + shopify.entity(entity).facet().replace("'", "''") + "'");
    }
}
