package io.shopbridge.operate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.reconcile.CheckedStretches.Coverage;
import io.shopbridge.reconcile.Drift;
import io.shopbridge.reconcile.Duplicates;
import io.shopbridge.reconcile.Reconciliation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/** How far a reconciliation is, and what it found. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record ReconciliationState(long id, String crm, List<String> entities, Instant since,
        @Schema(description = "classes of differences that it repairs") List<String> repair, Long repairMost,
        boolean dryRun,
        @Schema(description = "whether the schedule started it") boolean scheduled,
        @Schema(description = "running; done, failed, cancelled") String state,
        boolean paused,
        @Schema(description = "what is in the way, or why it failed") String because,
        @Schema(description = "what is compared now") String at,
        @Schema(description = "records that were compared") long compared,
        @Schema(description = "records that were not, because a delivery of them is due") long inFlight,
        @Schema(description = "records that were not, because a delivery writes nothing of them") long skipped,
        @Schema(description = "differences that were found; several may be of one record") long found,
        @Schema(description = "records that were put into the backlog to be repaired; of a dry run: would have been")
        long repaired,
        @Schema(description = "calls to the CRM") long calls,
        @Schema(description = "contacts of the CRM that were looked at, to find those that share an e-mail or phone")
        long listed,
        Instant askedAt, Instant endedAt,
        @Schema(description = "what differs, by kind of record, class and field") List<FoundDifference> differences,
        @Schema(description = "in which fields records differ, and how many percent agree") List<FieldAgreement> fields,
        @Schema(description = "contacts of the CRM that share an e-mail or phone") DuplicateContacts duplicates,
        @Schema(description = "how much of the CRM's linked records of these kinds has been compared, and when")
        Checked checked,
        @Schema(description = "of an answer to a start: whether it is what was asked for; false: another one was under way")
        Boolean asAsked) {

    /** How much of the linked records has been compared; about, because they are counted when they are compared. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Checked(@Schema(description = "linked records") long records,
            @Schema(description = "compared since this run was asked for, by it or a later one") long sinceAsked,
            @Schema(description = "never compared") long never,
            @Schema(description = "when the one was compared that was compared longest ago; of one that never was, when it"
                    + " was first known") Instant oldest) {

        static Checked of(Coverage coverage) {
            return new Checked(coverage.records(), coverage.since(), coverage.never(), coverage.oldest());
        }
    }

    /** What was found of a class. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FoundDifference(String entity, @JsonProperty("class") String kind,
            @Schema(description = "the CRM's name; absent: of whole records") String field, long found, long repaired,
            @Schema(description = "found and not repaired") long left,
            @Schema(description = "why, and what to do") String because,
            @Schema(description = "record of Shopify -> id in the CRM") List<String> examples) {

        static FoundDifference of(Drift.Found one) {
            return new FoundDifference(one.entity(), one.kind().word(), one.field().isEmpty() ? null : one.field(),
                    one.found(), one.repaired(), one.left(), one.left() == 0 ? null : one.because(), one.examples());
        }
    }

    /** How many of the records that were compared in a field agree. */
    @JsonNaming(SnakeCaseStrategy.class)
    record FieldAgreement(String entity, String field, long compared, long differed, BigDecimal percent,
            @Schema(description = "whether that is the target of shopbridge.crms.<crm>.reconcile-target, or more")
            boolean onTarget) {

        static FieldAgreement of(Drift.Field one) {
            return new FieldAgreement(one.entity(), one.field(), one.compared(), one.differed(), one.percent(),
                    one.isOnTarget());
        }
    }

    /** Without what it found in detail. */
    static ReconciliationState of(Reconciliation run) {
        return of(run, null, null, null, null, null);
    }

    /** @param asAsked whether it is what was asked for */
    static ReconciliationState of(Reconciliation run, boolean asAsked) {
        return of(run, null, null, null, null, asAsked);
    }

    static ReconciliationState of(Reconciliation run, Drift drift, Duplicates duplicates, String advice,
            Coverage coverage) {
        return of(run, drift, duplicates, advice, coverage, null);
    }

    private static ReconciliationState of(Reconciliation run, Drift drift, Duplicates duplicates, String advice,
            Coverage coverage, Boolean asAsked) {
        return new ReconciliationState(run.id(), run.crm(), run.entities(), run.since(),
                run.repairs().stream().map(Kind::word).sorted().toList(), run.repairMost(), run.dry(), run.scheduled(),
                run.state().word(), run.paused(), run.because(), run.at().orElse(null), run.compared(), run.inFlight(),
                run.skipped(), run.found(), run.repaired(), run.calls(), run.listed(), run.askedAt(), run.endedAt(),
                drift == null ? null : drift.differences().stream().map(FoundDifference::of).toList(),
                drift == null ? null : drift.fields().stream().map(FieldAgreement::of).toList(),
                duplicates == null ? null : DuplicateContacts.of(duplicates, advice),
                coverage == null ? null : Checked.of(coverage), asAsked);
    }
}
