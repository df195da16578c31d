package io.shopbridge.poll;

import static io.shopbridge.store.Columns.instant;

import io.shopbridge.shopify.Ids;
import io.shopbridge.store.Columns;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The records that polls have passed over, by their global ids: remembered until Shopify gives them or has deleted them. */
@Component
public class UnreadRecords {

    private static final Duration LONGEST_WAIT = Duration.ofHours(6);
    /** With one page of a poll, so that those on which Shopify still fails don't hold it up. */
    private static final int ASKED_AGAIN = 5;

    private final JdbcTemplate jdbc;

    UnreadRecords(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Those that are to be asked for again by now, the oldest first. */
    List<String> due(Window window) {
        return jdbc.queryForList("SELECT gid FROM poll_unread WHERE store = ? AND entity = ? AND due_at <= clock_timestamp()"
                + " ORDER BY due_at LIMIT " + ASKED_AGAIN, String.class, window.store(), window.entity());
    }

    Set<String> of(Window window) {
        return new HashSet<>(jdbc.queryForList("SELECT gid FROM poll_unread WHERE store = ? AND entity = ?", String.class,
                window.store(), window.entity()));
    }

    /** How many were passed over for the first time within the last hour. */
    int lately(Window window) {
        return jdbc.queryForObject("SELECT count(*) FROM poll_unread WHERE store = ? AND entity = ?"
                + " AND since > clock_timestamp() - interval '1 hour'", Integer.class, window.store(), window.entity());
    }

    /**
     * Shopify failed on it. It is asked for again, each time after twice as long.
     *
     * @return whether it had not been passed over before
     */
    boolean failed(Window window, String gid, String because) {
        return Boolean.TRUE.equals(jdbc.queryForObject("""
                INSERT INTO poll_unread AS u (store, entity, gid, because) VALUES (?, ?, ?, ?)
                ON CONFLICT (store, entity, gid) DO UPDATE SET failures = u.failures + 1, because = EXCLUDED.because,
                    due_at = clock_timestamp() + least(interval '1 minute' * 2 ^ least(u.failures, 20),
                        make_interval(secs => ?))
                RETURNING failures = 1""", Boolean.class, window.store(), window.entity(), gid, because,
                LONGEST_WAIT.toSeconds()));
    }

    /** They are in the inbox, or Shopify no longer has them. */
    void settled(Window window, Collection<String> gids) {
        jdbc.update("DELETE FROM poll_unread WHERE store = ? AND entity = ? AND gid = ANY (?)", window.store(),
                window.entity(), Columns.texts(gids));
    }

    /** All of them, by store and entity. */
    Map<List<String>, List<UnreadRecord>> all() {
        return jdbc.query("SELECT * FROM poll_unread ORDER BY since", (row, n) -> Map.entry(
                List.of(row.getString("store"), row.getString("entity")), new UnreadRecord(Ids.plain(row.getString("gid")),
                        instant(row, "since"), row.getInt("failures"), instant(row, "due_at"), row.getString("because"))))
                .stream().collect(Collectors.groupingBy(Map.Entry::getKey,
                        Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
    }
}
