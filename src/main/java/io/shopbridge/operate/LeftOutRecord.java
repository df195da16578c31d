package io.shopbridge.operate;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * A record that was delivered without some of its fields.
 *
 * @param at      when it was last delivered so
 * @param fields  the CRM's names for them; of a line item with its entity before a dot
 * @param because why, of each; may quote a value
 */
@JsonNaming(SnakeCaseStrategy.class)
public record LeftOutRecord(long id, Instant at, String crm, String store, String entity, String record,
        List<String> fields, String because) {

    static LeftOutRecord of(ResultSet row, int number) throws SQLException {
        return new LeftOutRecord(row.getLong("id"), Backlog.time(row, "at"), row.getString("crm"),
                row.getString("store"), row.getString("entity"), row.getString("record_id"),
                List.of((String[]) row.getArray("fields").getArray()), row.getString("because"));
    }
}
