package io.shopbridge.operate;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * A cached value that one caller refreshes for all, when it is read. It is kept for a multiple of the time that it
 * took: a cheap value is never old, and an expensive one takes only a small part of the database's time. A failure is
 * cached like a value, so that a dozen gauges do not wait a dozen times for a database that is down.
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
