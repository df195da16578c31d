package io.shopbridge.operate;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A token bucket: allows a burst, and then one each time a period has passed. */
final class TokenBucket {

    private final int burst;
    private final long nanosPerToken;
    private final LongSupplier clock;
    private double tokens;
    private long filledAt;

    /** @param clock in nanoseconds, as {@link System#nanoTime()} */
    TokenBucket(int burst, Duration period, LongSupplier clock) {
        this.burst = burst;
        this.nanosPerToken = period.toNanos();
        this.clock = clock;
        this.tokens = burst;
        this.filledAt = clock.getAsLong();
    }

    synchronized boolean take() {
        fill();
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    /** What was taken was not used. */
    synchronized void giveBack() {
        tokens = Math.min(burst, tokens + 1);
    }

    private void fill() {
        long now = clock.getAsLong();
        tokens = Math.min(burst, tokens + (double) (now - filledAt) / nanosPerToken);
        filledAt = now;
    }
}
