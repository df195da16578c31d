package io.shopbridge.operate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/** Which shop is to be compared with the mirror. */
@JsonNaming(SnakeCaseStrategy.class)
record RecountRequest(
        @Schema(description = "name of a configured store") String store,
        @Schema(description = "kinds of record; absent: all that can be counted", example = "[\"order\"]")
        List<String> entities,
        @Schema(description = "take in what differs; absent: only say what differs") boolean repair) {
}
