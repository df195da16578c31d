package io.shopbridge.explain;

import io.shopbridge.explain.Explanation.EventThen;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.mirror.Origins.Origin;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Reading;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.store.RecordKey;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Finds the events that brought what the mirror knows of a record, by reading their bodies again: the mirror itself keeps
 * of a facet only the last event that changed it.
 */
@Component
class Events {

    private static final String SIZES = "SELECT id, octet_length(body) AS bytes FROM inbox";
    private static final String EVENT =
            "SELECT id, store, topic, webhook_id, triggered_at, received_at, body FROM inbox WHERE id = ?";
    /** Of the newest; a record with more events than this is explained with the newest of them. */
    private static final int MOST = 200;
    /** Bodies together, for the same reason. */
    private static final long MOST_BYTES = 32L << 20;

    private final JdbcTemplate jdbc;
    private final Topics topics;

    Events(JdbcTemplate jdbc, Topics topics) {
        this.jdbc = jdbc;
        this.topics = topics;
    }

    private record Read(EventThen event, List<FacetChange> changes) {
    }

    /** By what they brought; what has expired, or can't be told, is left out. */
    Map<Origin, EventThen> of(RecordKey key, List<Origin> origins) {
        Map<Long, Read> read = new LinkedHashMap<>();
        Set<Long> named = new TreeSet<>();
        origins.forEach(origin -> {
            if (origin.inboxId() != null) {
                named.add(origin.inboxId());
            }
        });
        jdbc.queryForList("SELECT DISTINCT inbox_id FROM outcome WHERE store = ? AND entity = ? AND record_id = ?"
                + " AND inbox_id IS NOT NULL ORDER BY inbox_id DESC LIMIT " + MOST, Long.class, key.store(), key.entity(),
                key.recordId()).forEach(named::add);
        read(read, SIZES + " WHERE id = ANY (?) ORDER BY id DESC", (Object) named.toArray(Long[]::new));
        Map<Origin, EventThen> found = new LinkedHashMap<>();
        origins.forEach(origin -> put(found, origin, key, read));
        // Of several events that came together, the ledger names the last one.
        origins.stream().filter(origin -> !found.containsKey(origin) && origin.at() != null).map(Origin::at).distinct().forEach(at ->
                read(read, SIZES + " WHERE store = ? AND received_at BETWEEN ? AND ? AND position(? IN body) > 0"
                        + " ORDER BY id DESC LIMIT "
                        + MOST, key.store(), time(at.minusSeconds(60)), time(at.plusSeconds(300)),
                        key.recordId().getBytes(StandardCharsets.UTF_8)));
        origins.stream().filter(origin -> !found.containsKey(origin)).forEach(origin -> put(found, origin, key, read));
        return found;
    }

    private static Object time(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }

    /** The last of those that say it: earlier ones may have said the same. */
    private static void put(Map<Origin, EventThen> found, Origin origin, RecordKey key, Map<Long, Read> read) {
        read.values().stream().filter(one -> one.changes().stream().anyMatch(change ->
                        change.key().equals(key) && origin.isOf(change.facet(), change.byField(), change.version(),
                                change.value())))
                .map(Read::event).max(Comparator.comparing(EventThen::inboxId))
                .ifPresent(event -> found.put(origin, event));
    }

    private void read(Map<Long, Read> read, String sql, Object... parameters) {
        Map<Long, Long> sizes = new LinkedHashMap<>();
        jdbc.query(sql, row -> {
            sizes.put(row.getLong("id"), row.getLong("bytes"));
        }, parameters);
        long bytes = 0;
        for (Map.Entry<Long, Long> size : sizes.entrySet()) {
            bytes += size.getValue();
            if (bytes > MOST_BYTES) {
                return;
            }
            // One by one: only what it says is kept, and not its body.
            if (!read.containsKey(size.getKey())) {
                jdbc.query(EVENT, row -> {
                    read.put(row.getLong("id"), read(row));
                }, size.getKey());
            }
        }
    }

    private Read read(ResultSet row) throws SQLException {
        ReceivedEvent event = new ReceivedEvent(row.getLong("id"), row.getString("store"), row.getString("topic"),
                time(row, "triggered_at"), time(row, "received_at"), row.getBytes("body"));
        EventThen then = new EventThen(event.id(), event.topic(), row.getString("webhook_id"), event.triggeredAt(),
                event.receivedAt());
        try {
            ReceivedEvent believed = event.isTriggeredAhead() ? event.withoutTrigger() : event;
            return new Read(then, topics.receive(believed).map(Reading::changes).orElse(List.of()));
        } catch (UnreadablePayload e) {
            return new Read(then, List.of());       // it brought nothing
        }
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
