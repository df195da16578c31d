package io.shopbridge.sandbox.server;

import java.time.Duration;

/** At most so many requests in any period of the given length. */
public final class RollingLimit {

    private final long[] taken;
    private final long periodNanos;
    private int next;
    private long count;

    /** @param requests {@link Options#UNLIMITED} never refuses */
    public RollingLimit(int requests, Duration period) {
        taken = requests == Options.UNLIMITED ? null : new long[requests];
        periodNanos = period.toNanos();
    }

    /** Takes one request; negative when none was left, else how many are left after it. */
    public synchronized int take() {
        if (taken == null) {
            return Integer.MAX_VALUE;
        }
        long now = System.nanoTime();
        if (count >= taken.length && now - taken[next] < periodNanos) {
            return -1;
        }
        taken[next] = now;
        next = (next + 1) % taken.length;
        count++;
        return left(now);
    }

    /** Milliseconds until the next request would be taken. */
    public synchronized long waitMillis() {
        if (taken == null || count < taken.length) {
            return 0;
        }
        return Math.max(0, (periodNanos - (System.nanoTime() - taken[next])) / 1_000_000);
    }

    /** How many requests would be taken now. */
    public synchronized int left() {
        return taken == null ? Integer.MAX_VALUE : left(System.nanoTime());
    }

    public boolean unlimited() {
        return taken == null;
    }

    public int requests() {
        return taken == null ? Options.UNLIMITED : taken.length;
    }

    // The oldest entries lie at `next`, so free places are counted from there until one is inside the period.
    private int left(long now) {
        if (count < taken.length) {
            return (int) (taken.length - count);
        }
        int left = 0;
        while (left < taken.length && now - taken[(next + left) % taken.length] >= periodNanos) {
            left++;
        }
        return left;
    }
}
