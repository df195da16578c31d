package io.shopbridge.operate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;

/** What is to be compared. */
@JsonNaming(SnakeCaseStrategy.class)
record ReconciliationRequest(
        @Schema(description = "name of a configured CRM") String crm,
        @Schema(description = "kinds of record, in this order; absent: all", example = "[\"customer\", \"order\"]")
        List<String> entities,
        @Schema(description = "only records that were synchronised since then; absent: all. With it, records that are"
                + " missing on either side are not looked for", example = "2026-01-31T00:00:00Z") Instant since,
        @Schema(description = "classes of differences to repair, or all; absent: none", example = "[\"missing\"]")
        List<String> repair,
        @Schema(description = "so many records are repaired at most", example = "100") Long repairMost,
        @Schema(description = "only say what would be repaired") boolean dryRun) {
}
