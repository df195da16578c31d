package io.shopbridge.doorbell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionSynchronizationUtils;

class DoorbellTest {

    private final Doorbell doorbell = new Doorbell();

    @Test
    void ringsAtOnceWhereThereIsNoTransaction() {
        doorbell.ring("inbox");
        assertThat(doorbell.rings("inbox")).isEqualTo(1);
    }

    /** Whoever is woken before the commit sees nothing, and sleeps on. */
    @Test
    void ringsWhenTheTransactionIsCommitted() {
        TransactionSynchronizationManager.initSynchronization();
        try {
            doorbell.ring("inbox");
            assertThat(doorbell.rings("inbox")).isZero();
            TransactionSynchronizationUtils.triggerAfterCommit();
            assertThat(doorbell.rings("inbox")).isEqualTo(1);
        } finally {
            TransactionSynchronizationManager.clearSynchronization();
        }
    }
}
