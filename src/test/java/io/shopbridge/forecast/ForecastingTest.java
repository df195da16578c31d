package io.shopbridge.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.ArgumentMatchers.contains;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.shopbridge.backfill.Backfill;
import io.shopbridge.backfill.Backfills;
import io.shopbridge.backfill.Forecasts;
import io.shopbridge.backfill.OrderCutoffs;
import io.shopbridge.backfill.Step;
import io.shopbridge.crm.Crms;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Links;
import io.shopbridge.inbox.Event;
import io.shopbridge.mirror.ForeseenRecords;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

/** A dry run that can't go on must not keep those of other stores from going on. */
class ForecastingTest {

    private final ForeseenRecords records = mock(ForeseenRecords.class);
    private final Backfills backfills = mock(Backfills.class);
    private final Stores stores = mock(Stores.class);
    private final Forecasting forecasting = new Forecasting(records, mock(Forecasts.class), backfills, stores,
            mock(Crms.class), mock(Links.class), mock(Identify.class), mock(OrderCutoffs.class));
    private final Backfill backfill = new Backfill(7, "main", "customer", null, null, true, Backfill.State.IMPORTING, false,
            null, null, 1L, 1L, 1, 0, 0, null, 0, null, List.of(), List.of(), null, Instant.EPOCH, Instant.EPOCH, null);
    private final Step step = new Step(backfill, List.of(new Event("main", "backfill/customer", "backfill:7:1", null, null,
            new byte[0], new byte[0])), 1, List.of(), List.of(), Duration.ZERO);

    @Test
    void itWaitsWhileTheCircuitBreakerOfACrmIsOpen() {
        failsWith(CallNotPermittedException.createCallNotPermittedException(CircuitBreaker.ofDefaults("hubspot")));
        assertThat(forecasting.judge(step).events()).isEmpty();
        verify(backfills).wait(eq(backfill), argThat(until -> until.isAfter(Instant.now().plusSeconds(30))),
                contains("failed so often"));
    }

    @Test
    void afterAFaultItWaitsSoThatOthersGoOn() {
        failsWith(new IllegalStateException("ada@example.com"));
        assertThat(forecasting.judge(step).events()).isEmpty();
        verify(backfills).wait(eq(backfill), argThat(until -> until.isAfter(Instant.now().plusSeconds(200))),
                eq("It could not go on (IllegalStateException); report it"));
    }

    @Test
    void aDatabaseThatDoesNotAnswerIsNoFaultOfTheDryRun() {
        failsWith(new DataAccessResourceFailureException("down"));
        assertThatThrownBy(() -> forecasting.judge(step)).isInstanceOf(DataAccessResourceFailureException.class);
    }

    private void failsWith(RuntimeException fault) {
        when(stores.find("main")).thenReturn(Optional.of(mock(Store.class)));
        when(records.of(any())).thenThrow(fault);
    }
}
