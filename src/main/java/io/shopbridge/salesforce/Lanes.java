package io.shopbridge.salesforce;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks by account: one call at a time for each, because Salesforce locks the account for every child that is written,
 * and refuses a writer that waits longer than ten seconds. Other processes are not seen here; their lock is met and
 * waited for.
 */
final class Lanes {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private final Set<String> taken = new HashSet<>();

    /** Waits until all of these lanes are free, and takes them. */
    void enter(Collection<String> wanted) {
        lock.lock();
        try {
            while (wanted.stream().anyMatch(taken::contains)) {
                freed.awaitUninterruptibly();
            }
            taken.addAll(wanted);
        } finally {
            lock.unlock();
        }
    }

    /** Frees lanes that were entered. */
    void leave(Collection<String> entered) {
        lock.lock();
        try {
            taken.removeAll(entered);
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
