package io.shopbridge.operate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.shopbridge.recount.Recount;
import io.shopbridge.recount.Recounts.Found;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;

/** How far a recount is, and what it found. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record RecountState(long id, String store, List<String> entities, boolean repair,
        @Schema(description = "whether the schedule started it") boolean scheduled,
        @Schema(description = "what is missing and changed before is left to a backfill") Instant since,
        @Schema(description = "what changed in the shop since then is left to webhooks and polls") Instant until,
        @Schema(description = "running; done, failed, cancelled") String state,
        @Schema(description = "what is in the way, or why it failed") String because,
        @Schema(description = "records that the shop has") long counted,
        @Schema(description = "calls to the shop") long calls,
        @Schema(description = "windows and records that are still to be looked at") long open,
        Instant askedAt, Instant endedAt,
        @Schema(description = "what differs, by kind of record and class") List<Difference> differences) {

    /** What was found of a class. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Difference(String entity, @JsonProperty("class") String kind, long found, long repaired,
            @Schema(description = "why those are left that were not repaired, and what to do") String because,
            List<String> examples) {

        static Difference of(Found one) {
            return new Difference(one.entity(), one.kind().word(), one.found(), one.repaired(),
                    one.found() == one.repaired() ? null : one.advice(), one.examples());
        }
    }

    /** @param found null: it is left out */
    static RecountState of(Recount run, List<Found> found) {
        return new RecountState(run.id(), run.store(), run.entities(), run.repair(), run.scheduled(), run.since(), run.until(),
                run.state().word(), run.because(), run.counted(), run.calls(), run.open(), run.askedAt(), run.endedAt(),
                found == null ? null : found.stream().map(Difference::of).toList());
    }
}
