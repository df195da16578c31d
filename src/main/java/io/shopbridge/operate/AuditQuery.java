package io.shopbridge.operate;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Set;

/** Parameters of the audit. All are text here, so that error messages are our own. */
record AuditQuery(
        @Parameter(description = "The operator's name; shopbridge: what nobody asked for") String who,
        @Parameter(description = "replayed, closed, decided, started, …") String did,
        @Parameter(description = "From this time on", schema = @Schema(format = "date-time")) String since,
        @Parameter(description = "Before this time", schema = @Schema(format = "date-time")) String until,
        @Parameter(description = "1 to 500, default 50") String limit,
        @Parameter(description = "next of the page before") String cursor) {

    static final Set<String> NAMES = Set.of("who", "did", "since", "until", "limit", "cursor");
}
