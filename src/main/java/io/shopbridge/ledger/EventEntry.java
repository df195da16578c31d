package io.shopbridge.ledger;

/**
 * An event that reached no record.
 *
 * @param inboxId the event
 * @param because a sentence for the person who must act; null where nobody must
 */
public record EventEntry(String store, String topic, Outcome outcome, String because, long inboxId) {
}
