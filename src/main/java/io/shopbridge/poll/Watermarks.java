package io.shopbridge.poll;

import static java.time.ZoneOffset.UTC;

import io.shopbridge.store.Columns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * How far each shop was read. A watermark is a time of the shop: no clock of ours is compared with it, which may differ.
 * It moves only when all of a window is in the inbox; a page that is there is not read again after a crash.
 */
@Component
public class Watermarks {

    /**
     * What a window reads again of the last one. Shopify's search finds a change some seconds after it was made, and the
     * times of changes are whole seconds.
     */
    static final Duration OVERLAP = Duration.ofMinutes(2);

    /** Whether what a window left unread was not brought by a backfill since; the day is that of ExtraPolls.backfill. */
    private static final String STILL_UNREAD = """
            poll.unread_from IS NOT NULL AND NOT EXISTS (SELECT 1 FROM backfill b
                WHERE b.store = poll.store AND b.entity = poll.entity AND NOT b.dry_run AND b.state = 'ended'
                    AND b.asked_at > poll.unread_at AND (b.since IS NULL
                        OR b.since <= (poll.unread_from AT TIME ZONE 'UTC')::date - 1))""";

    private final JdbcTemplate jdbc;
    private final UnreadRecords unread;

    Watermarks(JdbcTemplate jdbc, UnreadRecords unread) {
        this.unread = unread;
        this.jdbc = jdbc;
    }

    /**
     * The window that an ended process was reading, or else a new one; empty where nothing was read of this entity yet.
     */
    Optional<Window> open(String store, String entity) {
        return one("""
                UPDATE poll SET
                    window_from = CASE WHEN page_after IS NULL THEN least(watermark, again_from) - make_interval(secs => ?)
                                       ELSE window_from END,
                    began_at = CASE WHEN page_after IS NULL THEN clock_timestamp() ELSE began_at END
                WHERE store = ? AND entity = ?
                RETURNING store, entity, window_from, page_after, pages, began_at""", OVERLAP.toSeconds(), store, entity);
    }

    /** Reads from this moment on, where nothing was read yet. */
    Window start(String store, String entity, Instant from) {
        jdbc.update("INSERT INTO poll (store, entity, watermark) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", store, entity,
                time(from.plus(OVERLAP)));
        return open(store, entity).orElseThrow();
    }

    /**
     * Lets the next window read again from this moment on; within the caller's transaction. One that is being read covers
     * it where it began as early: what was missed, was missed before.
     */
    void readAgain(String store, String entity, Instant from) {
        jdbc.update("""
                INSERT INTO poll (store, entity, watermark)
                VALUES (?, ?, least(?::timestamptz, clock_timestamp() - make_interval(secs => ?)))
                ON CONFLICT (store, entity) DO UPDATE SET again_from = least(poll.again_from, ?::timestamptz)""",
                store, entity, time(from), DeltaPolls.FIRST.toSeconds(), time(from));
    }

    /**
     * A page is in the inbox.
     *
     * @param newest the latest change on it; null: it is empty
     * @param last   whether no other page follows
     * @return the window as it goes on; empty where it is over, or was ended by another process meanwhile
     */
    Optional<Window> read(Window window, Instant newest, String pageAfter, boolean last) {
        if (last) {
            // Where a page is not sorted by time, what changed while it was read may be on one before it.
            jdbc.update("""
                    UPDATE poll SET complete_at = began_at, failed_at = NULL, because = NULL,
                        watermark = greatest(watermark, greatest(newest, ?::timestamptz) - (clock_timestamp() - began_at)),
                        again_from = CASE WHEN again_from < window_from THEN again_from END,
                        window_from = NULL, page_after = NULL, pages = 0, newest = NULL, began_at = NULL
                    WHERE store = ? AND entity = ? AND began_at = ?""",
                    time(newest), window.store(), window.entity(), time(window.began()));
            return Optional.empty();
        }
        return one("""
                UPDATE poll SET page_after = ?, newest = greatest(newest, ?::timestamptz), pages = pages + 1
                WHERE store = ? AND entity = ? AND began_at = ?
                RETURNING store, entity, window_from, page_after, pages, began_at""", pageAfter, time(newest),
                window.store(), window.entity(), time(window.began()));
    }

    /**
     * A page is in the inbox, and the pages after it are to be read as a new window. Only where they are sorted by time: what
     * changed while they were read is behind them.
     *
     * @param newest the latest change on it
     * @return the new window; empty where this one was ended by another process meanwhile
     */
    Optional<Window> shorten(Window window, Instant newest) {
        int shortened = jdbc.update("""
                UPDATE poll SET watermark = greatest(watermark, ?::timestamptz),
                    again_from = least(CASE WHEN again_from < window_from THEN again_from END,
                        CASE WHEN ?::timestamptz < watermark THEN ?::timestamptz END),
                    window_from = NULL, page_after = NULL, pages = 0, newest = NULL, began_at = NULL
                WHERE store = ? AND entity = ? AND began_at = ?""",
                time(newest), time(newest), time(newest), window.store(), window.entity(), time(window.began()));
        return shortened == 0 ? Optional.empty() : open(window.store(), window.entity());
    }

    /**
     * Ends the window although pages of it are not read, because Shopify gives no more of a list. The next one begins with
     * what changed since this one began: sorted otherwise than by time, its newest change says nothing of the rest.
     *
     * @param now the shop's time
     * @return since when a backfill is needed; empty where this window was ended by another process meanwhile
     */
    Optional<Instant> endUnread(Window window, Instant now) {
        return jdbc.query("UPDATE poll SET complete_at = began_at, failed_at = NULL, because = NULL, unread_from ="
                + " CASE WHEN " + STILL_UNREAD + " THEN least(unread_from, window_from) ELSE window_from END, unread_at ="
                + " clock_timestamp(), watermark = greatest(watermark, ?::timestamptz - (clock_timestamp() - began_at)),"
                + " again_from = CASE WHEN again_from < window_from THEN again_from END,"
                + " window_from = NULL, page_after = NULL, pages = 0, newest = NULL, began_at = NULL"
                + " WHERE store = ? AND entity = ? AND began_at = ? RETURNING unread_from", (row, n) -> instant(row, 1),
                time(now), window.store(), window.entity(), time(window.began())).stream().findFirst();
    }

    /** Gives the window up, to be read from its beginning: Shopify no longer takes its cursor. */
    void giveUp(Window window) {
        jdbc.update("""
                UPDATE poll SET window_from = NULL, page_after = NULL, pages = 0, newest = NULL, began_at = NULL
                WHERE store = ? AND entity = ? AND began_at = ?""",
                window.store(), window.entity(), time(window.began()));
    }

    /** Remembers that a poll failed; whether the one before it had not. */
    boolean failed(String store, String entity, String because) {
        return Boolean.TRUE.equals(jdbc.queryForObject("""
                WITH before AS (SELECT failed_at FROM poll WHERE store = ? AND entity = ? FOR UPDATE)
                UPDATE poll p SET failed_at = coalesce(p.failed_at, clock_timestamp()), because = ? FROM before
                WHERE p.store = ? AND p.entity = ? RETURNING before.failed_at IS NULL""",
                Boolean.class, store, entity, because, store, entity));
    }

    /**
     * Remembers what of these records the app may not read, for a day.
     *
     * @param parts each with what it needs
     * @return whether one of them is new
     */
    boolean denied(String store, String entity, List<String> parts) {
        return jdbc.query("""
                WITH before AS (SELECT CASE WHEN denied_at > clock_timestamp() - interval '1 day' THEN denied
                                            ELSE '{}' END AS parts
                                FROM poll WHERE store = ? AND entity = ? FOR UPDATE)
                UPDATE poll p SET denied_at = clock_timestamp(),
                    denied = ARRAY(SELECT DISTINCT unnest(before.parts || ?::text[]) ORDER BY 1)
                FROM before WHERE p.store = ? AND p.entity = ? RETURNING p.denied <> before.parts""",
                (row, n) -> row.getBoolean(1), store, entity, Columns.texts(parts), store, entity).contains(true);
    }

    /** Since when polls of this entity failed until now; empty where the last one did not. */
    Optional<Instant> failingSince(String store, String entity) {
        return jdbc.query("SELECT failed_at FROM poll WHERE store = ? AND entity = ? AND failed_at IS NOT NULL",
                (row, n) -> row.getTimestamp(1).toInstant(), store, entity).stream().findFirst();
    }

    /** How far every store and entity is that was ever polled. */
    public List<Progress> all() {
        Map<List<String>, List<UnreadRecord>> passedOver = unread.all();
        return jdbc.query("SELECT store, entity, watermark, complete_at, failed_at, because,"
                + " extract(epoch FROM clock_timestamp() - complete_at) AS age, CASE WHEN denied_at >"
                + " clock_timestamp() - interval '1 day' THEN denied ELSE '{}' END AS denied,"
                + " CASE WHEN " + STILL_UNREAD + " THEN unread_from END FROM poll ORDER BY store, entity",
                (row, n) -> new Progress(row.getString(1), row.getString(2), instant(row, 3), instant(row, 4),
                        instant(row, 5), because(row.getString(1), row.getString(2), row.getString(6), instant(row, 9)),
                        row.getDouble(7), List.of((String[]) row.getArray(8).getArray()),
                        passedOver.getOrDefault(List.of(row.getString(1), row.getString(2)), List.of())));
    }

    private static String because(String store, String entity, String failure, Instant unread) {
        return unread == null ? failure : (failure == null ? "" : failure + " And: ")
                + Progress.tooMany(store, entity, unread);
    }

    private Optional<Window> one(String sql, Object... parameters) {
        return jdbc.query(sql, (row, n) -> new Window(row.getString(1), row.getString(2), instant(row, 3),
                row.getString(4), row.getInt(5), instant(row, 6)), parameters).stream().findFirst();
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }

    private static OffsetDateTime time(Instant instant) {
        return instant == null ? null : instant.atOffset(UTC);
    }
}
