package io.shopbridge.doorbell;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Signals that rows were committed for which a thread may be waiting. A signal is only a hint: a waiting thread also
 * polls the table now and then, so a lost signal costs a second and never a record.
 */
@Component("bell")
public class Doorbell {

    private static final class Bell {
        private long rings;
    }

    private final Map<String, Bell> bells = new ConcurrentHashMap<>();
    private final Set<Consumer<String>> replicas = ConcurrentHashMap.newKeySet();

    /**
     * Wakes all threads that wait for this name, here and in the other processes on the same database: at once, or
     * if a transaction is open, after it is committed and its rows are visible.
     */
    public void ring(String name) {
        if (TransactionSynchronizationManager.isSynchronizationActive()) {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    ringNow(name);
                }
            });
        } else {
            ringNow(name);
        }
    }

    private void ringNow(String name) {
        ringHere(name);
        replicas.forEach(replica -> replica.accept(name));
    }

    void ringHere(String name) {
        Bell bell = bell(name);
        synchronized (bell) {
            bell.rings++;
            bell.notifyAll();
        }
    }

    void forwardTo(Consumer<String> replica) {
        replicas.add(replica);
    }

    /** The number of signals so far: to be read before the table is polled. */
    long rings(String name) {
        Bell bell = bell(name);
        synchronized (bell) {
            return bell.rings;
        }
    }

    /** Waits until there were more signals than {@code seen}, or the time is over. */
    void await(String name, long seen, Duration atMost) throws InterruptedException {
        Bell bell = bell(name);
        long end = System.nanoTime() + atMost.toNanos();
        synchronized (bell) {
            long left = end - System.nanoTime();
            while (bell.rings == seen && left > 0) {
                bell.wait(left / 1_000_000, (int) (left % 1_000_000));
                left = end - System.nanoTime();
            }
        }
    }

    private Bell bell(String name) {
        return bells.computeIfAbsent(name, ignored -> new Bell());
    }
}
