package io.shopbridge.operate;

import java.util.Set;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of the list of rejected and held records. All are text here, so that error messages are our own. */
public record RejectionQuery(
        @Parameter(description = "Name of a configured CRM") String crm,
        @Parameter(description = "Name of a configured store") String store,
        @Parameter(description = "customer, company, order, …") String entity,
        @Parameter(description = "Shopify's id of the record") String record,
        @Parameter(schema = @Schema(allowableValues = {"rejected", "held"})) String outcome,
        @Parameter(description = "Default open", schema = @Schema(
                allowableValues = {"open", "replayed", "resolved", "all"}, defaultValue = "open"))
        String state,
        @Parameter(description = "From this time on", schema = @Schema(format = "date-time")) String since,
        @Parameter(description = "Before this time", schema = @Schema(format = "date-time")) String until,
        @Parameter(description = "1 to 500, default 50") String limit,
        @Parameter(description = "next of the page before") String cursor) {

    static final Set<String> NAMES =
            Set.of("crm", "store", "entity", "record", "outcome", "state", "since", "until", "limit", "cursor");

    /** The newest that are still open. */
    public static RejectionQuery open(int limit) {
        return new RejectionQuery(null, null, null, null, null, null, null, null, Integer.toString(limit), null);
    }
}
