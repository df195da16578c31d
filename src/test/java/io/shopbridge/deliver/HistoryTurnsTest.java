package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.shopbridge.store.RecordKey;
import io.shopbridge.work.WorkItem;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryTurnsTest {

    private final Clock clock = mock(Clock.class);
    private final HistoryTurns turns = new HistoryTurns(clock);

    @Test
    void oneBatchBringsHistoryWhileTodaysChangesComeIn() {
        at(0);
        Runnable first = turns.begin("hubspot", "order", List.of(item(true)));
        assertThat(turns.most("hubspot", "order", 100)).as("nothing of today comes in").isEqualTo(100);

        turns.begin("hubspot", "order", List.of(item(false))).run();
        assertThat(turns.most("hubspot", "order", 100)).isZero();
        assertThat(turns.most("hubspot", "customer", 100)).isEqualTo(HistoryTurns.BESIDE_TODAY);
        assertThat(turns.most("crm-one", "order", 100)).isEqualTo(100);

        turns.begin("hubspot", "order", List.of(item(true), item(false))).run();
        assertThat(turns.most("hubspot", "order", 100)).as("the first still has its turn").isZero();
        first.run();
        assertThat(turns.most("hubspot", "order", 100)).isEqualTo(HistoryTurns.BESIDE_TODAY);
        assertThat(turns.most("hubspot", "order", 1)).isEqualTo(1);
    }

    @Test
    void historyHasAllBatchesAgainSoonAfterTodaysChanges() {
        at(0);
        turns.begin("hubspot", "order", List.of(item(true), item(false)));
        at(HistoryTurns.TODAY.toSeconds() - 1);
        assertThat(turns.most("hubspot", "order", 100)).isZero();
        at(HistoryTurns.TODAY.toSeconds());
        assertThat(turns.most("hubspot", "order", 100)).isEqualTo(100);
    }

    private void at(long seconds) {
        when(clock.instant()).thenReturn(Instant.EPOCH.plusSeconds(seconds));
    }

    private static WorkItem item(boolean later) {
        return new WorkItem("hubspot", new RecordKey("main", "order", "1"), 1, Instant.EPOCH, 1, null, null, 0, later);
    }
}
