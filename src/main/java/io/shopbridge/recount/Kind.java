package io.shopbridge.recount;

import java.util.Locale;

/** How a shop and the mirror differ. */
public enum Kind {

    /** The shop has a record that the mirror has not. */
    MISSING("It is asked for again by a recount with repair"),
    /** The mirror has an older state of it. */
    STALE("It is asked for again by a recount with repair"),
    /** The shop has it no longer. */
    DELETED("A recount with repair lets it count as deleted, as its webhook would have done"),
    /** The shop does not show it, which may have another reason. */
    NOT_SHOWN("It was deleted, or it is older than 60 days and the app lacks the scope read_all_orders. Grant the scope; if"
            + " it was deleted, remove it from the CRM by hand"),
    /** The mirror has nothing of a time in which the shop has many. */
    ABSENT("So many are brought by a backfill: the command backfill --store <store> --entities <entity> --since <day>");

    private final String advice;

    Kind(String advice) {
        this.advice = advice;
    }

    /** As the table and the API have it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Kind of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** What to do about those that were not repaired. */
    public String advice() {
        return advice;
    }

    boolean isMended() {
        return this == MISSING || this == STALE || this == DELETED;
    }
}
