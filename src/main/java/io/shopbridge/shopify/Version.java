package io.shopbridge.shopify;

import io.shopbridge.inbox.ReceivedEvent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.lang3.StringUtils;

/**
 * The version of a state: when it was true in Shopify. Versions are totally ordered, so that any order of arrival ends
 * in the same state: first by Shopify's own time of the state, which has only whole seconds; then by rank, which lets
 * an unsubscribe win a tie; then by the time at which the webhook was triggered; last by the bytes.
 *
 * @param at  Shopify's time of this state
 * @param tie compared as bytes where the times are equal
 */
public record Version(Instant at, String tie) implements Comparable<Version> {

    private static final int NO_RANK = 0;

    static Version of(Instant at, ReceivedEvent event, byte[] value) {
        return of(at, NO_RANK, event, value);
    }

    public static Version of(Instant at, int rank, ReceivedEvent event, byte[] value) {
        Instant triggered = event.triggeredAt() == null ? Instant.EPOCH : event.triggeredAt();
        return new Version(at.truncatedTo(ChronoUnit.MICROS), rank + "." + digits(triggered) + "." + digest(value));
    }

    /**
     * Of a state whose own time may stay when it changes, but which only ever moves on.
     *
     * @param progress grows with whatever happens to it; up to 999
     * @param seenAt   when Shopify said so; between states that have come equally far
     */
    static Version ofProgress(Instant at, int progress, Instant seenAt, ReceivedEvent event, byte[] value) {
        return new Version(at.truncatedTo(ChronoUnit.MICROS), padded(Math.min(progress, 999), 3) + "."
                + digits(seenAt) + "." + of(seenAt, event, value).tie);
    }

    @Override
    public int compareTo(Version other) {
        int byTime = at.compareTo(other.at);
        return byTime != 0 ? byTime : tie.compareTo(other.tie);
    }

    /** A time as text that is ordered as times are. */
    private static String digits(Instant time) {
        return padded(Math.max(0, time.getEpochSecond()), 20) + padded(time.getNano(), 9);
    }

    private static String padded(long number, int digits) {
        return StringUtils.leftPad(Long.toString(number), digits, '0');
    }

    private static String digest(byte[] value) {
        return DigestUtils.sha256Hex(value).substring(0, 16);
    }
}
