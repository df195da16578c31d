package io.shopbridge.sandbox.shop;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** The points of one app in one shop: a bucket that fills again at a steady rate. */
final class Points {

    private final int most;
    private final int perSecond;
    private final Clock clock;
    private double available;
    private Instant at;
    private long spent;

    Points(int most, int perSecond, Clock clock) {
        this.most = most;
        this.perSecond = perSecond;
        this.clock = clock;
        this.available = most;
        this.at = clock.instant();
    }

    /** Whether there were so many; then they are taken. */
    synchronized boolean take(int points) {
        refill();
        if (available < points) {
            return false;
        }
        available -= points;
        spent += points;
        return true;
    }

    /** What was taken and not needed. */
    synchronized void giveBack(int points) {
        available = Math.min(most, available + points);
        spent -= points;
    }

    /** As if others had used up everything. */
    synchronized void drain() {
        refill();
        available = 0;
    }

    synchronized long spent() {
        return spent;
    }

    synchronized Map<String, Object> status() {
        refill();
        return Map.of("maximumAvailable", (double) most, "currentlyAvailable", (int) Math.floor(available),
                "restoreRate", (double) perSecond);
    }

    private void refill() {
        Instant now = clock.instant();
        if (now.isAfter(at)) {
            available = Math.min(most, available + Duration.between(at, now).toNanos() / 1e9 * perSecond);
            at = now;
        }
    }
}
