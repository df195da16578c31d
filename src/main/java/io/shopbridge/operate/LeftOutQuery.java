package io.shopbridge.operate;

import java.util.Set;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;

/** Parameters of the list of left-out fields. All are text here, so that error messages are our own. */
public record LeftOutQuery(
        @Parameter(description = "Name of a configured CRM") String crm,
        @Parameter(description = "Name of a configured store") String store,
        @Parameter(description = "customer, company, order, …") String entity,
        @Parameter(description = "Shopify's id of the record") String record,
        @Parameter(description = "The CRM's name of the field") String field,
        @Parameter(description = "From this time on", schema = @Schema(format = "date-time")) String since,
        @Parameter(description = "Before this time", schema = @Schema(format = "date-time")) String until,
        @Parameter(description = "1 to 500, default 50") String limit,
        @Parameter(description = "next of the page before") String cursor) {

    static final Set<String> NAMES =
            Set.of("crm", "store", "entity", "record", "field", "since", "until", "limit", "cursor");
}
