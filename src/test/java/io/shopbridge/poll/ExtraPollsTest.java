package io.shopbridge.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.shopbridge.schedule.Jobs;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.ArgumentCaptor;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class ExtraPollsTest {

    private final PolledEntities polled = mock(PolledEntities.class);
    private final Watermarks watermarks = mock(Watermarks.class);
    private final Jobs jobs = mock(Jobs.class);
    private final ExtraPolls polls = new ExtraPolls(mock(Stores.class), polled, watermarks, jobs);

    @Test
    void whatNoPollReachesIsLeftToABackfillAndSaid(CapturedOutput log) {
        Store store = mock(Store.class);
        when(store.name()).thenReturn("main");
        when(polled.of(store)).thenReturn(Map.of("customer", "", "company", ""));
        when(jobs.runSoon("poll", "main-customer")).thenReturn(true);
        Instant now = Instant.now();
        Instant recent = now.minus(Duration.ofDays(29));
        assertThat(polls.start(store, entity -> true, recent)).isEqualTo(Set.of("customer"));
        verify(watermarks).readAgain("main", "customer", recent);
        assertThat(ExtraPolls.beyond("main", Set.of("customer"), recent)).isEmpty();
        assertThat(log.getAll()).doesNotContain("WARN");

        Instant old = now.minus(Duration.ofDays(40));
        polls.start(store, entity -> true, old);

        ArgumentCaptor<Instant> from = ArgumentCaptor.forClass(Instant.class);
        verify(watermarks, times(2)).readAgain(eq("main"), any(), from.capture());
        assertThat(from.getValue()).isBetween(now.minus(ExtraPolls.FURTHEST), Instant.now().minus(ExtraPolls.FURTHEST));
        assertThat(log.getAll()).contains("WARN", "Store main: A poll reads 30 days back at most, so what changed from " + old,
                "Bring it by a backfill: `backfill --store main --entities customer --since "
                        + old.atOffset(ZoneOffset.UTC).toLocalDate().minusDays(1) + "`.");
    }
}
