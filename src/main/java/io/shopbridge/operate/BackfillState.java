package io.shopbridge.operate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.shopbridge.backfill.Backfill;
import io.shopbridge.backfill.Report;
import io.shopbridge.map.Values;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/** How far a backfill is, and at its end the report. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record BackfillState(long id, String store, String entity, LocalDate since,
        @Schema(description = "orders made before this day count only in their buyers' figures") LocalDate figuresBefore,
        @Schema(description = "whether it only forecasts, and takes nothing in") boolean dryRun,
        @Schema(description = "waiting, exporting, downloading, importing, completing; ended, failed, cancelled")
        String state,
        boolean paused,
        @Schema(description = "what is in the way, or why it failed") String because,
        @Schema(description = "records in Shopify's file, by Shopify's count") Long exported,
        @Schema(description = "lines of the file that are stored here") long lines,
        @Schema(description = "lines that the file has, by Shopify's count") Long expectedLines,
        @Schema(description = "records that were brought in") long records,
        @Schema(description = "records that the shop had at the end, by its own count") Long shopHas,
        Instant askedAt, Instant beganAt, Instant endedAt,
        @Schema(description = "what of the records the app may not read, each part with what it needs; what is made of"
                + " these was left out") List<String> denied,
        @Schema(description = "records on which Shopify failed each time they were asked for, with why; they were not brought"
                + " in") List<String> unread,
        @Schema(description = "of the records that were brought in, those that told something new") Long changed,
        @Schema(description = "of the records that were brought in, those that told nothing new") Long unchanged,
        @Schema(description = "how many records of this kind the mirror has by now, from wherever") Long mirrorHas,
        @Schema(description = "how many records of this kind each CRM is known to have by now, from wherever")
        Map<String, Long> crmsHave,
        @Schema(description = "what became of the records until now, by CRM and outcome; waiting: they are still to be"
                + " delivered; without a CRM: of those that changed nothing or could not be read")
        Map<String, Map<String, Long>> outcomes,
        @Schema(description = "why records wait, are held or rejected: by CRM and outcome the most frequent reasons")
        Map<String, Map<String, Map<String, Long>>> reasons,
        @Schema(description = "of a dry run that has ended: by CRM and kind of record what would become of them, the calls"
                + " that it takes and the hours at the CRM's limits") JsonNode forecast) {

    static BackfillState of(Backfill backfill, Report report) {
        boolean isReport = report != null;
        return new BackfillState(backfill.id(), backfill.store(), backfill.entity(), backfill.since(),
                backfill.figuresBefore(), backfill.dryRun(), backfill.state().word(), backfill.paused(),
                backfill.because(), backfill.expectedRecords(), backfill.lines(), backfill.expectedLines(),
                backfill.records(), backfill.shopHas(), backfill.askedAt(), backfill.beganAt(), backfill.endedAt(), backfill.denied(),
                backfill.unread(),
                isReport ? changed(backfill, report) : null, isReport ? report.unchanged() : null,
                isReport ? report.mirrored() : null, isReport ? report.linked() : null,
                isReport ? report.outcomes() : null, isReport ? report.because() : null,
                backfill.forecast() == null ? null : Values.parse(backfill.forecast()));
    }

    private static long changed(Backfill backfill, Report report) {
        long unreadable = report.outcomes().getOrDefault("", Map.of()).values().stream().mapToLong(count -> count).sum();
        return Math.max(0, backfill.records() - unreadable);
    }
}
