package io.shopbridge.recount;

import java.util.Locale;

/** How a shop and the mirror differ. */
public enum Kind {

    /** The shop has a record that the mirror has not. */
    MISSING("It is asked for again by a recount with repair"),
    /** The mirror has an older state of it. */
    STALE("It is asked for again by a recount with repair"),
    /** The shop has it no longer. */
    DELETED("A recount with repair lets it count as deleted, as its webhook would have done; but not where so many are that"
            + " rather something else is wrong. Then look whether these are deleted in Shopify, and repair again"),
    /** The mirror counts it as deleted, and the shop has it. */
    RESTORED("Change it in Shopify, whatever it is: with the next state it counts as there again. Until then it stays as it"
            + " is"),
    /** The shop fails whenever it is asked for it. */
    UNREAD("Look at it in Shopify's admin, and report it to Shopify's support"),
    /** The shop does not show it, which may have another reason. */
    NOT_SHOWN("It was deleted, or it is older than 60 days and the app lacks the scope read_all_orders. Grant the scope; if"
            + " it was deleted, remove it from the CRM by hand"),
    /** The app may not read records of this kind: what the mirror has of them was not compared. */
    DENIED("Grant the app what it lacks; the command doctor names it"),
    /** It is older than what Shopbridge was told of, so that it was never brought in. */
    ABSENT("It is brought by a backfill: the command backfill --store <store> --entities <entity> --since <day>");

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

    /** Whether somebody should look. */
    boolean isNews() {
        return this != ABSENT && this != NOT_SHOWN;
    }

    /** What to do about those that were not repaired. */
    public String advice() {
        return advice;
    }
}
