package io.shopbridge.operate;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.OptBoolean;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.LocalDate;
import java.util.List;

/** What history is to be brought in. */
@JsonNaming(SnakeCaseStrategy.class)
record BackfillRequest(
        @Schema(description = "name of a configured store", example = "main") String store,
        @Schema(description = "kinds of record, in this order", example = "[\"customer\", \"order\"]")
        List<String> entities,
        @Schema(description = "from the beginning of this day in the shop; absent: all", example = "2025-01-01")
        @JsonFormat(lenient = OptBoolean.FALSE)     // a year alone would be a day of 1975
        LocalDate since,
        @Schema(description = "orders made before this day of the shop count only in their buyers' figures, and are not"
                + " delivered themselves; not after today; it is in force from the beginning of the export, until"
                + " another day is given or it is removed; absent: as before", example = "2024-01-01")
        @JsonFormat(lenient = OptBoolean.FALSE)
        LocalDate figuresBefore,
        @Schema(description = "only forecasts what would become of the records, and takes nothing in; absent: false")
        Boolean dryRun) {
}
