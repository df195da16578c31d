package io.shopbridge.inbox;

import java.time.Instant;

/**
 * An event as it lies in the inbox.
 *
 * @param id         its number in the inbox, to which ledger and mirror refer
 * @param receivedAt when it was committed
 */
public record ReceivedEvent(long id, String store, String topic, Instant triggeredAt, Instant receivedAt, byte[] body) {
}
