package io.shopbridge.operate;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * A value that is fetched anew only when it is asked for and older than its age allows; one caller fetches for all.
 * A failure is kept as long as a value, so that a dozen gauges do not wait a dozen times for a database that is away.
 */
final class Cached<T> {

    private final Supplier<T> source;
    private final long nanos;
    private T value;
    private RuntimeException failure;
    private long fetchedAt;

    Cached(Duration age, Supplier<T> source) {
        this.source = source;
        this.nanos = age.toNanos();
    }

    synchronized T get() {
        if (value == null && failure == null || System.nanoTime() - fetchedAt >= nanos) {
            fetch();
        }
        if (failure != null) {
            throw failure;
        }
        return value;
    }

    private void fetch() {
        try {
            value = source.get();
            failure = null;
        } catch (RuntimeException e) {
            failure = e;
        }
        fetchedAt = System.nanoTime();
    }
}
