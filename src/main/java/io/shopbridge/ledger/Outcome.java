package io.shopbridge.ledger;

import java.util.Locale;

/** How an attempt on a record, or an event, ended. */
public enum Outcome {
    /** The CRM has the record as Shopify has it. */
    DELIVERED,
    /** The CRM had it already; no call was made to change it. */
    UNCHANGED,
    /** A rule of the mapping skips the record, with a reason. */
    SKIPPED,
    /** It is tried again by itself. */
    WAITING,
    /** A person must decide, for example which of two contacts it is. */
    HELD,
    /** Dead letter: it can't be delivered as it is; a person must change something. */
    REJECTED,
    /** An event older than what is known: nothing to do. */
    STALE,
    /** An event of a topic that is stored but not handled. */
    NOT_HANDLED;

    /** As in the table and the API: not-handled. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
