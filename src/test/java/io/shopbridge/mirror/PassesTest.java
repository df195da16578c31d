package io.shopbridge.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.contains;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.shopbridge.inbox.Pass;
import io.shopbridge.inbox.WaitingEvents;
import java.util.List;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

/** Which failures are the fault of events, and what is done about them. */
class PassesTest {

    private static final Exception AWAY = new DataAccessResourceFailureException("the connection is lost");
    private static final Exception BAD = new IllegalStateException("of one event");

    private final CamelContext camel = new DefaultCamelContext();
    private final WaitingEvents waiting = mock(WaitingEvents.class);
    private final Passes passes = new Passes(waiting);
    private final Pass oldest = mock(Pass.class);
    private final Pass alone = mock(Pass.class);
    private final Pass rejected = mock(Pass.class);
    private final List<Pass> halves = List.of(mock(Pass.class), mock(Pass.class));

    @BeforeEach
    void passes() {
        when(oldest.isOfOldest()).thenReturn(true);
        when(oldest.ids()).thenReturn(List.of(1L, 2L));
        when(oldest.rejection()).thenReturn(Optional.empty());
        when(oldest.halves(anyBoolean())).thenReturn(halves);
        when(alone.ids()).thenReturn(List.of(1L));
        when(alone.rejection()).thenReturn(Optional.empty());
        when(waiting.answers()).thenReturn(true);
    }

    @Test
    void eventsThatFailAreHalvedAndOneAloneIsRejected() throws Exception {
        when(alone.rejected(contains("IllegalStateException"))).thenReturn(rejected);
        assertThat(passes.failed(oldest, BAD)).isEqualTo(halves);
        assertThat(passes.failed(alone, BAD)).containsExactly(rejected);
    }

    @Test
    void aStackThatIsTooDeepIsTheEventsFaultToo() throws Exception {
        when(alone.rejected(contains("StackOverflowError"))).thenReturn(rejected);
        Exchange exchange = new DefaultExchange(camel);
        exchange.setException(new StackOverflowError());
        assertThat(exchange.getException()).isInstanceOf(CamelExecutionException.class);
        assertThat(passes.failed(alone, exchange.getException())).containsExactly(rejected);
    }

    @Test
    void noEventIsToBlameWhereNoneWasTakenOrItsRejectionFails() {
        when(oldest.ids()).thenReturn(List.of());
        when(alone.rejection()).thenReturn(Optional.of("it ended processes"));
        assertThatThrownBy(() -> passes.failed(oldest, BAD)).isSameAs(BAD);
        assertThatThrownBy(() -> passes.failed(alone, BAD)).isSameAs(BAD);
    }

    @Test
    void aDatabaseThatIsLostThreeTimesWithTheSameEventsAndAnswersOtherwiseIsNotAway() throws Exception {
        assertThatThrownBy(() -> passes.failed(oldest, AWAY)).isSameAs(AWAY);
        assertThatThrownBy(() -> passes.failed(oldest, AWAY)).isSameAs(AWAY);
        assertThat(passes.failed(oldest, AWAY)).isEqualTo(halves);
        verify(oldest).halves(true);
        when(alone.lossCounts()).thenReturn(true);
        when(alone.rejected(contains("DataAccessResourceFailureException"))).thenReturn(rejected);
        assertThat(passes.failed(alone, AWAY)).containsExactly(rejected);
        when(waiting.answers()).thenReturn(false);
        assertThatThrownBy(() -> passes.failed(alone, AWAY)).isSameAs(AWAY);
    }

    @Test
    void aSuspectOrAHalfOfOtherFailuresThatMeetsALostDatabaseIsTriedAgain() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(catchThrowable(() -> passes.failed(oldest, AWAY))).isIn(AWAY, null);
        }
        assertThatThrownBy(() -> passes.failed(alone, AWAY)).isSameAs(AWAY);
        passes.failed(oldest, BAD);
        verify(oldest).halves(false);
    }

    @Test
    void aPassThatEndsWellForgetsThoseThatLostTheDatabase() {
        assertThatThrownBy(() -> passes.failed(oldest, AWAY)).isSameAs(AWAY);
        assertThatThrownBy(() -> passes.failed(oldest, AWAY)).isSameAs(AWAY);
        passes.ended(oldest, new DefaultExchange(camel));
        assertThatThrownBy(() -> passes.failed(oldest, AWAY)).isSameAs(AWAY);
    }
}
