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
final class AccountLocks {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private final Set<String> taken = new HashSet<>();

    /** Waits until all of these accounts are free, and locks them. */
    void lock(Collection<String> wanted) {
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

    /** Unlocks accounts that were locked. */
    void unlock(Collection<String> locked) {
        lock.lock();
        try {
            taken.removeAll(locked);
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
