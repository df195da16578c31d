package io.shopbridge.shopify.admin;

/** Who goes first where a shop's query budget does not suffice for all; in this order. */
public enum Priority {

    /** Facets that records wait for, and what an operator asks. */
    REFRESH,
    /** Delta polls and the check of subscriptions. */
    POLL,
    /** A shop's history. */
    BACKFILL
}
