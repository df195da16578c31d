package io.shopbridge.operate;

import static io.shopbridge.operate.Backlog.time;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * A field that Shopify and the CRM had both changed since they last agreed. Values are personal data, so only their
 * hashes are kept: SHA-256 of the value as text, in hex.
 *
 * @param at        when it was decided
 * @param field     the CRM's name for it
 * @param winner    shopify or crm: whose value stays
 * @param shopifyAt when Shopify's value changed; null: unknown
 * @param crmAt     when the CRM says the field, or else the record, changed; null: it doesn't say
 */
@JsonNaming(SnakeCaseStrategy.class)
public record FieldConflict(
        long id, Instant at, String crm, String store, String entity, String record, String crmId, String field,
        String winner, String shopifyHash, String crmHash, Instant shopifyAt, Instant crmAt) {

    static FieldConflict of(ResultSet row, int number) throws SQLException {
        return new FieldConflict(row.getLong("id"), time(row, "at"), row.getString("crm"), row.getString("store"),
                row.getString("entity"), row.getString("record_id"), row.getString("crm_id"), row.getString("field"),
                row.getString("winner"), row.getString("shopify_hash"), row.getString("crm_hash"),
                time(row, "shopify_at"), time(row, "crm_at"));
    }
}
