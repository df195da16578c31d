package io.shopbridge.work;

import io.shopbridge.store.RecordKey;

/**
 * Puts a record into the backlog: it changed.
 *
 * @param waitsFor the record of the same store, as {@code customer/123}, that the CRM must have first; null: none
 * @param inboxId  the event that changed it; may be null
 * @param later    whether all that is not so comes first: a backfill must not be in the way of today's changes
 */
public record Mark(RecordKey key, String waitsFor, Long inboxId, boolean later) {

    /** A change of today. */
    public Mark(RecordKey key, String waitsFor, Long inboxId) {
        this(key, waitsFor, inboxId, false);
    }
}
