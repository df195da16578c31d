package io.shopbridge.operate;

import java.util.Set;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of the list of outcomes. All are text here, so that error messages are our own. */
public record OutcomeQuery(
        @Parameter(description = "Name of a configured CRM") String crm,
        @Parameter(description = "Name of a configured store") String store,
        @Parameter(description = "customer, company, order, …") String entity,
        @Parameter(description = "Shopify's id of the record") String record,
        @Parameter(schema = @Schema(allowableValues = {
            "delivered", "unchanged", "skipped", "waiting", "held", "rejected", "stale", "not-handled"}))
        String outcome,
        @Parameter(description = "From this time on", schema = @Schema(format = "date-time")) String since,
        @Parameter(description = "Before this time", schema = @Schema(format = "date-time")) String until,
        @Parameter(description = "1 to 500, default 50") String limit,
        @Parameter(description = "next of the page before") String cursor) {

    static final Set<String> NAMES =
            Set.of("crm", "store", "entity", "record", "outcome", "since", "until", "limit", "cursor");

    /** The newest of all. */
    public static OutcomeQuery newest(int limit) {
        return new OutcomeQuery(null, null, null, null, null, null, null, Integer.toString(limit), null);
    }
}
