package io.shopbridge.reconcile;

import io.shopbridge.deliver.Difference.Kind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a reconciliation found. */
public record Drift(List<Found> differences, List<Field> fields) {

    /**
     * What was found of a class.
     *
     * @param field    the CRM's name; empty: of whole records
     * @param because  why what is left was not repaired, and what to do
     * @param examples as {@code main/order/123 -> 456}
     */
    public record Found(String entity, Kind kind, String field, long found, long repaired, String because,
            List<String> examples) {

        /** How many were not repaired. */
        public long left() {
            return found - repaired;
        }
    }

    /**
     * How many of the compared records differ in a field.
     *
     * @param target percent that should agree
     */
    public record Field(String entity, String field, long compared, long differed, BigDecimal target) {

        /** How many percent agree, rounded down: only if all agree it is 100. */
        public BigDecimal percent() {
            return compared == 0 ? BigDecimal.valueOf(100) : BigDecimal.valueOf((compared - differed) * 100)
                    .divide(BigDecimal.valueOf(compared), 3, RoundingMode.DOWN);
        }

        public boolean isOnTarget() {
            return percent().compareTo(target) >= 0;
        }
    }

    /** The fields in which fewer records agree than should. */
    public List<Field> missed() {
        return fields.stream().filter(field -> !field.isOnTarget()).toList();
    }

    /** What to do about these fields, for people: what a repair mends, by the words of its classes, and what it does not. */
    String advice(Reconciliation run, List<Field> fields) {
        Map<Kind, Long> left = new EnumMap<>(Kind.class);
        long repaired = 0;
        for (Found found : differences) {
            if (fields.stream().anyMatch(field -> field.entity().equals(found.entity())
                    && field.field().equals(found.field()))) {
                repaired += run.dry() ? 0 : found.repaired();
                left.merge(found.kind(), run.dry() ? found.found() : found.left(), Long::sum);
            }
        }
        left.values().removeIf(count -> count == 0);
        List<String> mended = left.keySet().stream().filter(kind -> kind.isMended() && !kind.isOnlyByWord()).map(Kind::word)
                .toList();
        List<String> others = left.entrySet().stream().filter(one -> !mended.contains(one.getKey().word()))
                .map(one -> one.getValue() + " " + one.getKey().word()).toList();
        List<String> sentences = new ArrayList<>();
        if (repaired > 0) {
            sentences.add("This run repairs " + repaired + " of these differences");
        }
        if (!mended.isEmpty()) {
            sentences.add("Repair " + (repaired > 0 ? "the others" : "them") + " with the command reconcile --crm "
                    + run.crm() + " --repair " + String.join(",", mended));
        }
        if (!others.isEmpty()) {
            sentences.add("No usual repair mends " + String.join(" and ", others)
                    + ": the report says what a person must do");
        }
        return String.join(". ", sentences);
    }

    /** @param field empty: of whole records */
    static String because(Reconciliation run, Kind kind, String field) {
        return switch (kind) {
            case REFUSED -> "The mapping or the CRM refuses a value. GET /api/v1/rejected and /api/v1/left-out say which"
                    + " and why; correct it there or in Shopify";
            case ORPHANED -> "The mirror has no such record. If Shopify has it, a poll or a backfill brings it; if not,"
                    + " delete the record in the CRM";
            case DOUBLED -> "Two records of the CRM with one key are merged by a repair of this class, if crm.yaml says how"
                    + " and both have still the key of the record; if not, merge them there";
            case REWRITTEN -> field.isEmpty()
                    ? "Two repairs in a row made the record or line item anew, or archived the line item, and the CRM had"
                            + " undone it: a workflow or a person. End that there, or have the mapping leave such records"
                            + " out (skip). A repair of this class by its word does it again"
                    : "Two repairs in a row wrote what Shopify has, and the CRM had the same other value again; or five did,"
                            + " and it had another one each time: a workflow, a rule of the field or a person. End that"
                            + " there, or have the mapping give what the CRM keeps or leave the field to it (owner: crm)."
                            + " A repair of this class by its word writes it again";
            default -> !run.repairs().contains(kind) ? "This class was not to be repaired"
                    : run.dry() ? "A dry run repairs nothing"
                    : "It was the limit, or the record changed meanwhile; the next run looks again";
        };
    }
}
