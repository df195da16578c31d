package io.shopbridge.operate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.shopbridge.plan.Plan;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;

/** How far a plan is, and what it found. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record PlanState(long id, List<String> crms,
        @Schema(description = "about how many records of each kind and store are looked at; absent: all") Integer sample,
        @Schema(description = "of what the folder's mappings say") String digest,
        @Schema(description = "planning, planned, applying; applied, cancelled, failed") String state,
        boolean paused,
        @Schema(description = "what is in the way, or why it failed") String because,
        @Schema(description = "records that were looked at, once for each CRM") long lookedAt,
        @Schema(description = "of them, those that would be written, for certain or perhaps") long changes,
        @Schema(description = "of these, those that apply has marked as work") long marked,
        Instant askedAt, Instant plannedAt, Instant endedAt,
        @Schema(description = "what was found, by CRM and kind of record, with examples, which are personal data; only where"
                + " one plan is asked for") JsonNode result) {

    static PlanState of(Plan plan, JsonNode result) {
        return new PlanState(plan.id(), plan.crms(), plan.sample(), plan.digest(), plan.state().word(), plan.paused(),
                plan.because(), plan.lookedAt(), plan.changes(), plan.marked(), plan.askedAt(), plan.plannedAt(),
                plan.endedAt(), result);
    }
}
