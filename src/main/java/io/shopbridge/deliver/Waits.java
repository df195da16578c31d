package io.shopbridge.deliver;

import io.github.resilience4j.core.IntervalFunction;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.ShopbridgeSettings.Retry;
import java.time.Duration;
import java.time.Instant;
import org.springframework.stereotype.Component;

/**
 * How long work waits after a failure that the short retries did not solve (exponential back-off), as {@code
 * shopbridge.retry} defines.
 */
@Component
class Waits {

    /** As long as the breakers of {@code 4-connect} stay open. */
    static final Duration BREAKER_OPEN = Duration.ofSeconds(10);

    private static final double TWICE_AS_LONG = 2;
    /** A thousand records don't come back in the same second. */
    private static final double SPREAD = 0.2;

    private final Retry retry;
    private final IntervalFunction backOff;

    Waits(ShopbridgeSettings settings) {
        retry = settings.retry();
        backOff = IntervalFunction.ofExponentialRandomBackoff(retry.firstWait(), TWICE_AS_LONG, SPREAD,
                retry.longestWait());
    }

    /** When a record is tried again after so many attempts: later each time. */
    Instant again(int attempts) {
        return Instant.now().plusMillis(backOff.apply(Math.max(attempts, 1)));
    }

    /** Until the credentials are tried again. */
    Duration lockedOut() {
        return retry.lockedOut();
    }

    /** Until a call that the CRM refused as a whole is tried again. */
    Duration refused() {
        return retry.refused();
    }
}
