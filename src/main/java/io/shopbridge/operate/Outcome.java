package io.shopbridge.operate;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * The outcome of one attempt on a record, or of an event that reached no record.
 *
 * @param crm     null: an event that did not get as far as a CRM
 * @param entity  null: unknown
 * @param outcome one of {@link #NAMES}
 * @param because why, where it is not plainly delivered
 * @param lagMs   milliseconds from the first change not yet delivered to this outcome
 * @param inboxId the event that caused it
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Outcome(
        long id, Instant at, String crm, String store, String entity, String record, String topic, String outcome,
        String because, String crmId, int attempt, Long lagMs, Long inboxId) {

    /** All names an outcome can have; the last three and rejected are those of events. */
    public static final List<String> NAMES = List.of(
            "delivered", "unchanged", "skipped", "waiting", "held", "rejected", "stale", "not-handled");

    static Outcome of(ResultSet row, int number) throws SQLException {
        return new Outcome(row.getLong("id"), row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getString("crm"), row.getString("store"), row.getString("entity"), row.getString("record_id"),
                row.getString("topic"), row.getString("outcome"), row.getString("because"), row.getString("crm_id"),
                row.getInt("attempt"), row.getObject("lag_ms", Long.class), row.getObject("inbox_id", Long.class));
    }
}
