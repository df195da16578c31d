package io.shopbridge.explain;

import io.shopbridge.crm.Crm;
import io.shopbridge.explain.Explanation.Attempt;
import io.shopbridge.explain.Explanation.ConflictThen;
import io.shopbridge.store.RecordKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Reads how a record stands: what it waits for, what was refused, and what was tried. */
@Component
class Standing {

    private static final int ATTEMPTS = 20;

    private final JdbcTemplate jdbc;

    Standing(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** What keeps a record from being delivered, or what it goes without, a sentence each. */
    List<String> of(Crm crm, RecordKey key) {
        List<String> sentences = new ArrayList<>();
        Object[] record = {crm.name(), key.store(), key.entity(), key.recordId()};
        jdbc.query("SELECT since, because FROM store_pause WHERE store = ? AND resumed_at IS NULL", row -> {
            sentences.add("Store " + key.store() + " is paused since " + time(row, "since") + ": "
                    + row.getString("because"));
        }, key.store());
        jdbc.query("SELECT until, because FROM crm_pause WHERE crm = ? AND until > now()", row -> {
            sentences.add(crm.title() + " is left alone until " + time(row, "until") + ": " + row.getString("because"));
        }, crm.name());
        jdbc.query("SELECT marked_at, due_at, attempts, waits_for, because, claimed_by, later FROM work WHERE crm = ?"
                + " AND store = ? AND entity = ? AND record_id = ?", row -> {
                    sentences.add(work(row));
                }, record);
        jdbc.query("SELECT id, at, outcome, errors FROM rejected WHERE crm = ? AND store = ? AND entity = ? AND record_id = ?"
                + " AND state = 'open' ORDER BY id", row -> {
                    sentences.add("It is " + row.getString("outcome") + " since " + time(row, "at") + " (rejection "
                            + row.getLong("id") + "): " + row.getString("errors"));
                }, record);
        jdbc.query("SELECT at, array_to_string(fields, ', ') AS fields, because FROM left_out WHERE crm = ? AND store = ?"
                + " AND entity = ? AND record_id = ?", row -> {
                    sentences.add("It went without " + row.getString("fields") + " at " + time(row, "at")
                            + (row.getString("because") == null ? "" : ": " + row.getString("because")));
                }, record);
        holders(crm, key).forEach((field, holder) -> sentences.add("Its " + field + " is left out, because record " + holder
                + " of " + crm.title() + " has the value, and it may be there only once"));
        return sentences;
    }

    /** Whether a person must act before anything of it is written: its store is paused, or it is held or rejected. */
    boolean stops(Crm crm, RecordKey key) {
        return Boolean.TRUE.equals(jdbc.queryForObject("SELECT EXISTS (SELECT 1 FROM store_pause WHERE store = ?"
                + " AND resumed_at IS NULL) OR EXISTS (SELECT 1 FROM rejected WHERE crm = ? AND store = ? AND entity = ?"
                + " AND record_id = ? AND state = 'open')", Boolean.class, key.store(), crm.name(), key.store(), key.entity(),
                key.recordId()));
    }

    /** Its fields whose values another record of the CRM has, which may be there only once, with that record. */
    Map<String, String> holders(Crm crm, RecordKey key) {
        Map<String, String> holders = new HashMap<>();
        jdbc.query("SELECT field, holder FROM clashing_value WHERE crm = ? AND store = ? AND entity = ? AND record_id = ?",
                row -> {
                    holders.put(row.getString("field"), row.getString("holder"));
                }, crm.name(), key.store(), key.entity(), key.recordId());
        return holders;
    }

    private static String work(ResultSet row) throws SQLException {
        String because = row.getString("because") == null ? "" : ": " + row.getString("because");
        String waits = row.getString("waits_for") == null ? "" : ", waits for " + row.getString("waits_for");
        return "A delivery is " + (row.getObject("claimed_by") == null ? "due at " + time(row, "due_at") : "under way")
                + waits + ", after " + row.getInt("attempts") + " attempts, for a change of " + time(row, "marked_at")
                + (row.getBoolean("later") ? " that came with a backfill" : "") + because;
    }

    /** The newest first. */
    List<Attempt> attempts(Crm crm, RecordKey key) {
        return jdbc.query("SELECT at, outcome, because, attempt, inbox_id FROM outcome WHERE crm = ? AND store = ? AND entity = ?"
                        + " AND record_id = ? ORDER BY id DESC LIMIT " + ATTEMPTS,
                (row, number) -> new Attempt(time(row, "at"), row.getString("outcome"), row.getString("because"),
                        row.getInt("attempt"), row.getObject("inbox_id", Long.class)),
                crm.name(), key.store(), key.entity(), key.recordId());
    }

    /** Of a field, the newest first. */
    List<ConflictThen> conflicts(Crm crm, RecordKey key, String field) {
        return jdbc.query("SELECT at, winner, shopify_at, crm_at FROM conflict WHERE crm = ? AND store = ? AND entity = ?"
                        + " AND record_id = ? AND field = ? ORDER BY id DESC LIMIT " + ATTEMPTS,
                (row, number) -> new ConflictThen(time(row, "at"), row.getString("winner"), time(row, "shopify_at"),
                        time(row, "crm_at")),
                crm.name(), key.store(), key.entity(), key.recordId(), field);
    }

    /** When its link was made, and when its values were last written; empty where it is not linked. */
    List<Instant> linkTimes(Crm crm, RecordKey key) {
        return jdbc.query("SELECT linked_at, CASE WHEN isfinite(synced_at) THEN synced_at END AS synced_at FROM link"
                        + " WHERE crm = ? AND store = ? AND entity = ? AND record_id = ?",
                row -> {
                    List<Instant> times = new ArrayList<>();
                    if (row.next()) {
                        times.add(time(row, "linked_at"));
                        times.add(time(row, "synced_at"));
                    }
                    return times;
                }, crm.name(), key.store(), key.entity(), key.recordId());
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
