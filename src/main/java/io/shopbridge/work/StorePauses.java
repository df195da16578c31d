package io.shopbridge.work;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Stores that are paused, for all processes: their records are not claimed, and whoever asks Shopify for changes leaves
 * them out. Webhooks are accepted and mirrored all the same, and their work is kept.
 */
@Component
public class StorePauses {

    /**
     * A pause.
     *
     * @param since   when Shopify says that what it is for happened
     * @param because a clause, without personal data
     */
    public record Pause(String store, Instant since, String because) {
    }

    private static final String PAUSED = "SELECT store, since, because FROM store_pause WHERE resumed_at IS NULL";

    private final JdbcTemplate jdbc;

    StorePauses(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** SQL that says whether the store of a row of this table is paused. */
    static String ofStore(String table) {
        return "EXISTS (SELECT 1 FROM store_pause s WHERE s.store = " + table + ".store AND s.resumed_at IS NULL)";
    }

    /**
     * Pauses the store; within the caller's transaction. What waits is set aside with the next looks.
     *
     * @param at when what it is for happened
     * @return false if it is paused already, or was resumed after that
     */
    public boolean pause(String store, Instant at, String because) {
        return jdbc.update("""
                INSERT INTO store_pause (store, since, because) VALUES (?, ?, ?)
                ON CONFLICT (store) DO UPDATE
                    SET since = EXCLUDED.since, because = EXCLUDED.because, resumed_at = NULL, is_set_aside = false
                    WHERE store_pause.resumed_at < EXCLUDED.since""", store, Timestamp.from(at), because) > 0;
    }

    /**
     * Ends the pause; within the caller's transaction. What was set aside returns with the next looks. False if the store
     * is not paused.
     */
    public boolean resume(String store) {
        return jdbc.update("UPDATE store_pause SET resumed_at = clock_timestamp() WHERE store = ?"
                + " AND resumed_at IS NULL", store) > 0;
    }

    /** Whether nothing may be asked of this store, or delivered of it. */
    public boolean isPaused(String store) {
        return of(store).isPresent();
    }

    public Optional<Pause> of(String store) {
        return jdbc.query(PAUSED + " AND store = ?", (row, n) -> new Pause(row.getString(1),
                row.getTimestamp(2).toInstant(), row.getString(3)), store).stream().findFirst();
    }

    public List<Pause> all() {
        return jdbc.query(PAUSED + " ORDER BY store", (row, n) -> new Pause(row.getString(1),
                row.getTimestamp(2).toInstant(), row.getString(3)));
    }
}
