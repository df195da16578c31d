package io.shopbridge.inbox;

import java.time.Duration;
import java.time.Instant;

/**
 * An event as stored in the inbox.
 *
 * @param id          its number in the inbox, to which ledger and mirror refer
 * @param triggeredAt when Shopify says it was triggered; null: not known, or not to be believed
 * @param receivedAt  when it was committed; {@link Instant#EPOCH} for a body that was not received
 * @param byHand      whether a person had it read again
 */
public record ReceivedEvent(long id, String store, String topic, Instant triggeredAt, Instant receivedAt, byte[] body,
        boolean byHand) {

    /** How the topics of events begin that a backfill makes of a shop's history. */
    public static final String HISTORY = "backfill/";

    /** What two clocks may differ by. */
    private static final Duration CLOCKS = Duration.ofMinutes(5);
    /** How far a time in a body may be ahead of its receipt: it may come from the clock of a merchant or an app. */
    private static final Duration AHEAD = Duration.ofDays(1);

    /** An event that is read for the first time. */
    public ReceivedEvent(long id, String store, String topic, Instant triggeredAt, Instant receivedAt, byte[] body) {
        this(id, store, topic, triggeredAt, receivedAt, body, false);
    }

    /** Whether it tells of the past of a shop, and can wait for what happens today. */
    public boolean isHistory() {
        return topic.startsWith(HISTORY);
    }

    /** The time of the trigger is in a header, which is not signed: a time in the future is not used. */
    public boolean isTriggeredAhead() {
        return triggeredAt != null && triggeredAt.isAfter(receivedAt.plus(CLOCKS));
    }

    /** The same event without the unsigned time. */
    public ReceivedEvent withoutTrigger() {
        return new ReceivedEvent(id, store, topic, null, receivedAt, body, byHand);
    }

    /** A part of it, as the event of another topic. */
    public ReceivedEvent as(String otherTopic, byte[] part) {
        return new ReceivedEvent(id, store, otherTopic, triggeredAt, receivedAt, part, byHand);
    }

    /** The latest accepted time in the body. */
    public Instant latest() {
        return receivedAt.equals(Instant.EPOCH) ? Instant.MAX : receivedAt.plus(AHEAD);
    }

    /** Whether it was triggered longer ago than this when it came. */
    public boolean isLate(Duration age) {
        return triggeredAt != null && triggeredAt.isBefore(receivedAt.minus(age));
    }
}
