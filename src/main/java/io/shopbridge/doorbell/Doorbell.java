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
 * Rings when rows were committed that somebody may be waiting for. A ring is only a hint: who waits looks into the
 * table by itself now and then, so a lost ring costs a second and never a record.
 */
@Component("bell")
public class Doorbell {

    private final Map<String, Semaphore> bells = new ConcurrentHashMap<>();
    private final Set<Consumer<String>> neighbours = ConcurrentHashMap.newKeySet();

    /**
     * Wakes one thread that waits for this name, here and in each other process on the same database: at once, or where
     * a transaction is open, once it is committed and there is something to be seen. One look is enough for all rings
     * that came before it; whoever finds more than it can take rings again.
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
        neighbours.forEach(neighbour -> neighbour.accept(name));
    }

    void ringHere(String name) {
        Semaphore bell = bell(name);
        synchronized (bell) {
            if (bell.availablePermits() == 0) {
                bell.release();
            }
        }
    }

    /** Wakes so many, whether or not there is anything to be seen: those who wait are to end. */
    void wake(String name, int waiting) {
        bell(name).release(waiting);
    }

    void tellNeighbours(Consumer<String> neighbour) {
        neighbours.add(neighbour);
    }

    /** Waits until the bell rings, if it has not rung since somebody last came for it, or until the time is over. */
    boolean await(String name, Duration atMost) throws InterruptedException {
        return bell(name).tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Semaphore bell(String name) {
        return bells.computeIfAbsent(name, ignored -> new Semaphore(0));
    }
}
