package io.shopbridge.receive;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits the memory of all bodies that are being received. The first bytes of each do not count, so that large bodies
 * of an attacker can't block small ones; the server's connections limit their number.
 */
final class BodyMemory {

    /** Most webhooks are smaller than this. */
    static final int FREE = 16 * 1024;

    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    /** @param limit in bytes */
    BodyMemory(long limit) {
        this.limit = limit;
    }

    /** Whether a body of this many bytes may grow to that many; if so, they are reserved. */
    boolean grow(long from, long to) {
        long more = counted(to) - counted(from);
        if (taken.addAndGet(more) > limit && more > 0) {
            taken.addAndGet(-more);
            return false;
        }
        return true;
    }

    /** Releases the memory of a body of this many bytes. */
    void release(long size) {
        taken.addAndGet(-counted(size));
    }

    private static long counted(long size) {
        return Math.max(0, size - FREE);
    }
}
