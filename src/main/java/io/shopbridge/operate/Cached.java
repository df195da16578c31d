package io.shopbridge.operate;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * A value that is fetched anew only when it is asked for, by one caller for all. It is kept for a multiple of the time
 * that it took: what costs little is never old, and what costs much takes only a small part of the database's time.
 * A failure is kept as long as a value, so that a dozen gauges do not wait a dozen times for a database that is away.
 */
final class Cached<T> {

    private static final int TIMES_ITS_COST = 20;

    private final Supplier<T> source;
    private final long mostNanos;
    private long nanos;
    private T value;
    private RuntimeException failure;
    private long fetchedAt;

    /** @param most how old a value may be at most */
    Cached(Duration most, Supplier<T> source) {
        this.source = source;
        this.mostNanos = most.toNanos();
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
        long began = System.nanoTime();
        try {
            value = source.get();
            failure = null;
        } catch (RuntimeException e) {
            failure = e;
        }
        fetchedAt = System.nanoTime();
        nanos = Math.min(mostNanos, TIMES_ITS_COST * (fetchedAt - began));
    }
}
