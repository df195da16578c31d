package io.shopbridge.ledger;

import java.time.Instant;

/**
 * An event that reached no record.
 *
 * @param inboxId the event
 * @param because a sentence for the person who must act; null if no one must
 * @param dueAt   until when a person must have acted; null: no date is set
 */
public record EventEntry(String store, String topic, Outcome outcome, String because, long inboxId, Instant dueAt) {

    /** One without a date. */
    public EventEntry(String store, String topic, Outcome outcome, String because, long inboxId) {
        this(store, topic, outcome, because, inboxId, null);
    }
}
