package io.shopbridge.shopify.admin;

/** Who goes first where a shop's query budget does not suffice for all; in this order. */
public enum Priority {

    /** Facets that records wait for, and what an operator asks. */
    REFRESH(0),
    /** Delta polls and the check of subscriptions. */
    POLL(0.2),
    /** A shop's history. */
    BACKFILL(0.5);

    private final double reserve;

    Priority(double reserve) {
        this.reserve = reserve;
    }

    /** What it leaves in the shop's bucket for those before it, as a share of the bucket's size. */
    double reserve() {
        return reserve;
    }
}
