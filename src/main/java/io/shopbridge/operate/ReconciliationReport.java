package io.shopbridge.operate;

import io.shopbridge.reconcile.CheckedStretches.Coverage;
import io.shopbridge.reconcile.Drift;
import io.shopbridge.reconcile.Duplicates;
import io.shopbridge.reconcile.Reconciliation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a reconciliation found, as Markdown for people: never a value of a record. */
final class ReconciliationReport {

    private ReconciliationReport() {
    }

    /** @param advice what to do about duplicates */
    static String of(Reconciliation run, Drift drift, List<Reconciliation> before, Duplicates duplicates, String advice,
            Coverage coverage) {
        StringBuilder text = new StringBuilder("# Reconciliation ").append(run.id()).append(" of ").append(run.crm())
                .append("\n\n").append(run.state().word()).append(run.paused() ? ", paused" : "").append(", asked for at ")
                .append(run.askedAt()).append(run.endedAt() == null ? "" : ", ended at " + run.endedAt()).append('\n');
        if (run.because() != null) {
            text.append('\n').append(run.because()).append('\n');
        }
        text.append("\n| | records |\n|---|---:|\n| compared | ").append(run.compared()).append(" |\n| ")
                .append(run.dry() ? "would be repaired" : "repaired").append(" | ").append(run.repaired())
                .append(" |\n| in flight | ").append(run.inFlight()).append(" |\n| not delivered, so not compared | ")
                .append(run.skipped()).append(" |\n\nCalls to the CRM: ").append(run.calls()).append("\n\n");
        coverage(coverage, text);
        text.append("## Differences\n\n");
        if (drift.differences().isEmpty()) {
            text.append("None.\n");
        } else {
            differences(drift, text);
        }
        duplicates(run, duplicates, advice, text);
        text.append("\n## Trend\n\n| number | asked for at | compared | differences | repaired |\n|---:|---|---:|---:|---:|\n");
        Stream.concat(Stream.of(run), before.stream()).forEach(one -> text.append("| ").append(one.id()).append(" | ")
                .append(one.askedAt()).append(" | ").append(one.compared()).append(" | ").append(one.found()).append(" | ")
                .append(one.repaired()).append(one.dry() ? " (dry)" : "").append(" |\n"));
        return text.toString();
    }

    private static void coverage(Coverage coverage, StringBuilder text) {
        if (coverage.records() > 0) {
            text.append("Of about ").append(coverage.records()).append(" linked records of these kinds, ")
                    .append(coverage.since()).append(" (").append(coverage.percent()).append(" percent) have been compared"
                            + " since it was asked for").append(coverage.never() == 0 ? "" : ", and " + coverage.never()
                            + " never").append(". The oldest comparison of one is of ").append(coverage.oldest())
                    .append(".\n\n");
        }
    }

    private static void differences(Drift drift, StringBuilder text) {
        text.append("| record | class | field | found | repaired | left | why | examples |\n"
                + "|---|---|---|---:|---:|---:|---|---|\n");
        for (Drift.Found one : drift.differences()) {
            text.append("| ").append(one.entity()).append(" | ").append(one.kind().word()).append(" | ")
                    .append(one.field()).append(" | ").append(one.found()).append(" | ").append(one.repaired())
                    .append(" | ").append(one.left()).append(" | ").append(one.left() == 0 ? "" : one.because())
                    .append(" | ").append(String.join("<br>", one.examples())).append(" |\n");
        }
        text.append("\n## Fields that differ\n\n| record | field | compared | differ | percent that agree | target |\n"
                + "|---|---|---:|---:|---:|---:|\n");
        drift.fields().stream().filter(one -> one.differed() > 0).forEach(one -> text.append("| ").append(one.entity())
                .append(" | ").append(one.field()).append(" | ").append(one.compared()).append(" | ")
                .append(one.differed()).append(" | ").append(one.percent().toPlainString()).append(" | ")
                .append(one.target().toPlainString()).append(one.isOnTarget() ? "" : ", missed").append(" |\n"));
    }

    private static void duplicates(Reconciliation run, Duplicates duplicates, String advice, StringBuilder text) {
        text.append("\n## Contacts of the CRM that share an e-mail or phone\n\n");
        if (!duplicates.isLookedAt()) {
            text.append("Not looked at. ").append(duplicates.because()).append('\n');
        } else if (duplicates.shared().stream().allMatch(one -> one.groups() == 0)) {
            text.append("None of ").append(duplicates.contacts()).append(".\n");
        } else {
            text.append("Of ").append(duplicates.contacts()).append(" contacts. ").append(advice)
                    .append(".\n\n| they share | groups | more than before | groups with one name | contacts |"
                            + " largest group | examples |\n|---|---:|---:|---:|---:|---:|---|\n");
            duplicates.shared().forEach(one -> text.append("| ").append(one.kind()).append(" | ").append(one.groups())
                    .append(" | ").append(one.growth() == null ? "" : one.growth()).append(" | ").append(one.sameName())
                    .append(" | ").append(one.contacts()).append(" | ").append(one.largest()).append(" | ")
                    .append(one.examples().stream().map(Duplicates.Group::toString).collect(Collectors.joining("<br>")))
                    .append(" |\n"));
        }
        if (!duplicates.before().isEmpty()) {
            text.append("\n| number | asked for at | contacts | groups by e-mail | groups by phone |\n"
                    + "|---:|---|---:|---:|---:|\n");
            if (duplicates.isLookedAt()) {
                past(run.id(), run.askedAt(), duplicates.contacts(), duplicates.shared().stream()
                        .collect(Collectors.toMap(Duplicates.Shared::kind, Duplicates.Shared::groups)), text);
            }
            duplicates.before().forEach(one -> past(one.id(), one.askedAt(), one.contacts(), one.groups(), text));
        }
    }

    private static void past(long id, Instant askedAt, long contacts, Map<String, Long> groups, StringBuilder text) {
        text.append("| ").append(id).append(" | ").append(askedAt).append(" | ").append(contacts);
        Duplicates.KINDS.forEach(kind -> text.append(" | ").append(groups.containsKey(kind) ? groups.get(kind) : ""));
        text.append(" |\n");
    }
}
