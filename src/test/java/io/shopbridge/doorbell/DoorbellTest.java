package io.shopbridge.doorbell;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionSynchronizationUtils;

class DoorbellTest {

    private final Doorbell doorbell = new Doorbell();

    @Test
    void ringsAtOnceWhereThereIsNoTransaction() throws InterruptedException {
        doorbell.ring("inbox");
        assertThat(hasRung()).isTrue();
    }

    /** Whoever is woken before the commit sees nothing, and sleeps on. */
    @Test
    void ringsWhenTheTransactionIsCommitted() throws InterruptedException {
        TransactionSynchronizationManager.initSynchronization();
        try {
            doorbell.ring("inbox");
            assertThat(hasRung()).isFalse();
            TransactionSynchronizationUtils.triggerAfterCommit();
            assertThat(hasRung()).isTrue();
        } finally {
            TransactionSynchronizationManager.clearSynchronization();
        }
    }

    /** One thread looks and finds all of it; the others would find nothing. */
    @Test
    void oneLookIsEnoughForAllRingsBeforeIt() throws InterruptedException {
        doorbell.ring("inbox");
        doorbell.ring("inbox");
        assertThat(hasRung()).isTrue();
        assertThat(hasRung()).isFalse();
    }

    private boolean hasRung() throws InterruptedException {
        return doorbell.await("inbox", Duration.ZERO);
    }
}
