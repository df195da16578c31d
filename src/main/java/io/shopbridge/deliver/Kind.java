package io.shopbridge.deliver;

/** The kinds of calls. Route {@code write} lists them in this order: each needs what those before it created. */
public enum Kind {
    /** The records themselves. */
    RECORDS,
    /** What several of them share: the products of orders. */
    SHARED,
    /** What they were split into: an order's line items. */
    LINE_ITEMS,
    /** Line items that an order no longer has. */
    REMOVED_LINE_ITEMS,
    /** Records that the mapping calls final, now that all of them is there: orders that are to be activated. */
    ACTIVATIONS,
    /** Associations that are no longer so: of an order that got another contact. */
    OUTDATED_ASSOCIATIONS,
    /** Associations of records and line items that the CRM does not have yet. */
    ASSOCIATIONS,
    /** What the CRM knows of those who subscribed: nothing is raised blindly. */
    CONSENT_LOOKS,
    /** Subscriptions that the CRM doesn't know of. */
    CONSENTS
}
