package io.shopbridge.operate;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/**
 * What was done.
 *
 * @param who     the operator's name; {@code shopbridge} where nobody asked for it
 * @param from    address of the caller; null where it was no request
 * @param did     replayed, closed, decided, …
 * @param what    to what
 * @param details JSON object: of mappings that were taken in their digests, and a diff to those before
 */
@JsonNaming(SnakeCaseStrategy.class)
record AuditEntry(long id, Instant at, String who, @Schema(nullable = true) String from, String did, String what,
        @JsonRawValue @Schema(type = "object") String details) {

    static AuditEntry of(ResultSet row, int number) throws SQLException {
        return new AuditEntry(row.getLong("id"), Backlog.time(row, "at"), row.getString("who"),
                row.getString("from_host"), row.getString("did"), row.getString("what"), row.getString("details"));
    }
}
