package io.shopbridge.sandbox.salesforce;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Which request holds which account; writing a child locks its account for the whole request, as Salesforce does. */
final class AccountLocks {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private final Map<String, Object> holders = new HashMap<>();
    private int refused;

    /** Takes all of the accounts or, when one stays held by another request for too long, none. */
    boolean take(Collection<String> accounts, Object request, Duration patience) {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (accounts.stream().anyMatch(one -> holders.getOrDefault(one, request) != request)) {
                if (left <= 0) {
                    refused++;
                    return false;
                }
                left = freed.awaitNanos(left);
            }
            accounts.forEach(one -> holders.put(one, request));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** How often an account stayed held for too long. */
    int refused() {
        lock.lock();
        try {
            return refused;
        } finally {
            lock.unlock();
        }
    }

    void release(Object request) {
        lock.lock();
        try {
            holders.values().removeIf(holder -> holder == request);
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
