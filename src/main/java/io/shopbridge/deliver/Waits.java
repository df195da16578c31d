package io.shopbridge.deliver;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long work waits after a failure that the short retries did not mend. */
public final class Waits {

    /** After the short retries; each further wait is twice as long. */
    public static final Duration FIRST_WAIT = Duration.ofSeconds(20);
    public static final Duration LONGEST_WAIT = Duration.ofHours(1);
    /** Until the credentials are tried again. */
    public static final Duration LOCKED_OUT_WAIT = Duration.ofMinutes(2);
    /** Until a call that the CRM refused as a whole is tried again. */
    public static final Duration REFUSED_WAIT = Duration.ofMinutes(5);
    static final Duration BREAKER_WAIT = Duration.ofSeconds(10);

    private Waits() {
    }

    /** Doubles with every attempt; spread, so that a thousand records don't come back in the same second. */
    static Duration backOff(int attempts) {
        Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(Math.max(attempts - 1, 0), 10));
        Duration bounded = wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
        return bounded.plusMillis(ThreadLocalRandom.current().nextLong(bounded.toMillis() / 4 + 1));
    }
}
