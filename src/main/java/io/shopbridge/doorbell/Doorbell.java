package io.shopbridge.doorbell;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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

    private final Map<String, Semaphore> bells = new ConcurrentHashMap<>();
    private final Set<Consumer<String>> replicas = ConcurrentHashMap.newKeySet();

    /**
     * Wakes one thread that waits for this name, in this process and in each other one on the same database: at once, or
     * if a transaction is open, after it is committed and its rows are visible. One poll of the table is enough for all
     * signals before it. A thread that finds more than it can process signals again.
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

    public void ringHere(String name) {
        Semaphore bell = bell(name);
        synchronized (bell) {
            if (bell.availablePermits() == 0) {
                bell.release();
            }
        }
    }

    /** Wakes this many waiting threads, so that they can end. */
    void wake(String name, int waiting) {
        bell(name).release(waiting);
    }

    void forwardTo(Consumer<String> replica) {
        replicas.add(replica);
    }

    /** Waits for a signal, unless there was one since a thread last waited, or until the time is over. */
    public boolean await(String name, Duration atMost) throws InterruptedException {
        return bell(name).tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** A look begins that covers all signals until now. */
    void heard(String name) {
        bell(name).drainPermits();
    }

    private Semaphore bell(String name) {
        return bells.computeIfAbsent(name, ignored -> new Semaphore(0));
    }
}
