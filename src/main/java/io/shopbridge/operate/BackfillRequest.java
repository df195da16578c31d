package io.shopbridge.operate;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.LocalDate;
import java.util.List;

/** What history is to be brought in. */
record BackfillRequest(
        @Schema(description = "name of a configured store", example = "main") String store,
        @Schema(description = "kinds of record, in this order", example = "[\"customer\", \"order\"]")
        List<String> entities,
        @Schema(description = "from the beginning of this day in the shop; absent: all", example = "2025-01-01")
        LocalDate since) {
}
