package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.doorbell.Doorbell;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SearchTurnsTest {

    private static final String CUSTOMERS = "work-hubspot-customer";
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Duration LONG = Duration.ofHours(1);

    private final Doorbell doorbell = new Doorbell();
    private final SearchTurns turns = new SearchTurns(doorbell);

    @Test
    void oneBatchHasTheTurnAndAtItsEndTheOneThatWasTurnedAwayIsWoken() throws InterruptedException {
        SearchTurns.Turn turn = turns.take(CUSTOMERS).orElseThrow();
        assertThat(turns.take(CUSTOMERS)).isEmpty();
        assertThat(turns.take("work-hubspot-company")).as("each entity has turns of its own").isPresent();
        assertThat(isRung(Duration.ZERO)).isFalse();

        turn.end();

        assertThat(isRung(PATIENCE)).isTrue();
        SearchTurns.Turn next = turns.take(CUSTOMERS).orElseThrow();
        turn.end();
        assertThat(turns.take(CUSTOMERS)).as("a turn ends once").isEmpty();
        next.end();
    }

    @Test
    void aTurnThatSearchedKeepsTheNextOneWaitingUntilASearchIsAllowed() throws InterruptedException {
        SearchTurns.Turn turn = turns.take(CUSTOMERS).orElseThrow();
        turn.searches(LONG);
        turn.end();
        assertThat(turns.take(CUSTOMERS)).isEmpty();
        assertThat(isRung(Duration.ZERO)).isFalse();
    }

    @Test
    void whoIsTurnedAwayBetweenTwoSearchesIsWokenForTheSecond() throws InterruptedException {
        SearchTurns.Turn turn = turns.take(CUSTOMERS).orElseThrow();
        turn.searches(Duration.ofSeconds(1));
        turn.end();
        assertThat(turns.take(CUSTOMERS)).isEmpty();

        assertThat(isRung(PATIENCE)).isTrue();
        assertThat(turns.take(CUSTOMERS)).isPresent();
    }

    @Test
    void nobodyIsWokenWhereNoneWasTurnedAway() throws InterruptedException {
        turns.take(CUSTOMERS).orElseThrow().end();
        assertThat(isRung(Duration.ZERO)).isFalse();
    }

    private boolean isRung(Duration atMost) throws InterruptedException {
        return doorbell.await(CUSTOMERS, atMost);
    }
}
