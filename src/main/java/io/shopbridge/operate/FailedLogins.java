package io.shopbridge.operate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rate limit of failed logins: from one address a few may fail at once and then one in ten seconds, from all together
 * four a second. That limits their cost, which with a hashed password is a tenth of a second of a core each. They are
 * shown by a counter and one log line a minute.
 */
final class FailedLogins implements MeterBinder {

    static final Duration OF_ONE = Duration.ofSeconds(10);
    static final int BURST_OF_ONE = 5;
    static final int BURST_OF_ALL = 20;

    private static final Logger LOG = LoggerFactory.getLogger(FailedLogins.class);
    private static final Duration OF_ALL = Duration.ofMillis(250);
    private static final int ADDRESSES = 1_000;
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final LongSupplier clock;
    private final TokenBucket all;
    private final Map<String, TokenBucket> byAddress = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
            return size() > ADDRESSES;
        }
    };
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicLong limited = new AtomicLong();
    private long loggedAt;
    private long loggedWrong;
    private long loggedLimited;

    /** @param clock in nanoseconds, as {@link System#nanoTime()} */
    FailedLogins(LongSupplier clock) {
        this.clock = clock;
        this.all = new TokenBucket(BURST_OF_ALL, OF_ALL, clock);
        this.loggedAt = clock.getAsLong() - MINUTE;
    }

    /**
     * Call before a login is checked. If it fails, its token stays used.
     *
     * @throws LoginsLimited if it must not be checked now
     */
    void begin(String address) {
        TokenBucket own = of(address);
        if (!own.take()) {
            throw limited(OF_ONE);
        }
        if (!all.take()) {
            own.giveBack();
            throw limited(Duration.ofSeconds(1));
        }
    }

    /** The login was right. */
    void succeeded(String address) {
        of(address).giveBack();
        all.giveBack();
    }

    void failed() {
        wrong.incrementAndGet();
        logOncePerMinute();
    }

    LoginsLimited limited(Duration retryAfter) {
        limited.incrementAndGet();
        logOncePerMinute();
        return new LoginsLimited(retryAfter);
    }

    private TokenBucket of(String address) {
        synchronized (byAddress) {
            return byAddress.computeIfAbsent(address, any -> new TokenBucket(BURST_OF_ONE, OF_ONE, clock));
        }
    }

    private synchronized void logOncePerMinute() {
        long now = clock.getAsLong();
        if (now - loggedAt < MINUTE) {
            return;
        }
        loggedAt = now;
        LOG.warn("Failed logins since the last message: {} with a wrong name or password, and {} answered 429 without a"
                + " check. If they are not yours, block their sender from the page and the API. Webhooks are not"
                + " affected.", wrong.get() - loggedWrong, limited.get() - loggedLimited);
        loggedWrong = wrong.get();
        loggedLimited = limited.get();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        counter(registry, "wrong", wrong);
        counter(registry, "limited", limited);
    }

    private static void counter(MeterRegistry registry, String why, AtomicLong count) {
        FunctionCounter.builder("shopbridge.logins.failed", count, AtomicLong::doubleValue).tag("why", why)
                .description("Logins with a wrong name or password, and those refused without a check after them")
                .register(registry);
    }
}
