package io.shopbridge.work;

import io.shopbridge.store.RecordKey;

/**
 * Puts a record into the backlog: it changed.
 *
 * @param waitsFor the record of the same store, as {@code customer/123}, that the CRM must have first; null: none
 * @param inboxId  the event that changed it; may be null
 */
public record Mark(RecordKey key, String waitsFor, Long inboxId) {
}
