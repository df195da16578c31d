package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.TestDatabase;
import io.shopbridge.map.Values;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The budget of a shop that several processes share: here two, with one database. */
class AdminBudgetIT {

    private static TestDatabase database;
    private static JdbcTemplate jdbc;
    private final AdminBudget one = new AdminBudget(jdbc);
    private final AdminBudget other = new AdminBudget(jdbc);

    @BeforeAll
    static void migrate() {
        database = TestDatabase.migrated();
        jdbc = new JdbcTemplate(database.dataSource());
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    @BeforeEach
    void nothingIsKnown() {
        jdbc.update("DELETE FROM admin_budget");
    }

    @Test
    void beforeTheFirstAnswerNothingIsAssumed() {
        assertThat(one.take("main", 1000, Priority.BACKFILL).isTaken()).isTrue();
        assertThat(other.take("main", 1000, Priority.BACKFILL).isTaken()).isTrue();
    }

    @Test
    void whatOneProcessTakesTheOtherDoesNotFind() {
        one.settle("main", 1000, answer(700, 700, 2000, 800, 100));

        assertThat(one.take("main", 700, Priority.REFRESH).isTaken()).isTrue();
        AdminBudget.Attempt attempt = other.take("main", 700, Priority.REFRESH);

        assertThat(attempt.isTaken()).isFalse();
        assertThat(attempt.delay()).isCloseTo(Duration.ofSeconds(6), Duration.ofSeconds(1));
        assertThat(other.take("outlet", 700, Priority.REFRESH).isTaken()).as("another shop has its own").isTrue();
        timePasses(6.5);
        assertThat(other.take("main", 700, Priority.REFRESH).isTaken()).isTrue();
    }

    @Test
    void pointsThatWereNotUsedAreThereAgain() {
        one.settle("main", 0, answer(10, 10, 2000, 1000, 100));
        assertThat(one.take("main", 900, Priority.REFRESH).isTaken()).isTrue();
        one.settle("main", 900, answer(900, 20, 2000, 980, 100));

        assertThat(other.take("main", 900, Priority.REFRESH).isTaken()).isTrue();
    }

    /** Shopify has not seen the other process's query yet when it answers the first one's. */
    @Test
    void anAnswerDoesNotGiveBackWhatAnotherCallHasTaken() {
        one.settle("main", 0, answer(10, 10, 2000, 2000, 100));
        assertThat(one.take("main", 900, Priority.REFRESH).isTaken()).isTrue();
        assertThat(other.take("main", 900, Priority.REFRESH).isTaken()).isTrue();
        one.settle("main", 900, answer(900, 900, 2000, 1100, 100));

        assertThat(available()).isCloseTo(200, within(60.0));
        other.settle("main", 900, answer(900, 1, 2000, 1099, 100));
        assertThat(available()).isCloseTo(1099, within(60.0));
    }

    @Test
    void anAnswerThatKnowsLessCountsBecauseShopifyHasOtherPriorities() {
        one.settle("main", 0, answer(10, 10, 2000, 2000, 100));
        one.settle("main", 0, answer(10, 10, 2000, 30, 100));
        assertThat(available()).isCloseTo(30, within(60.0));
    }

    @Test
    void aLowerPriorityLeavesAReserveForTheHigher() {
        one.settle("main", 0, answer(10, 10, 2000, 1400, 100));

        assertThat(one.take("main", 800, Priority.BACKFILL).isTaken()).isFalse();
        assertThat(one.take("main", 800, Priority.POLL).isTaken()).isTrue();
        assertThat(one.take("main", 400, Priority.POLL).isTaken()).isFalse();
        assertThat(one.take("main", 400, Priority.REFRESH).isTaken()).isTrue();
    }

    @Test
    void aQueryThatCostsMoreThanTheBucketOfASmallShopGoesWhenTheBucketIsFull() {
        one.settle("main", 0, answer(10, 10, 1000, 990, 50));

        assertThat(one.take("main", 900, Priority.BACKFILL).isTaken()).isFalse();
        timePasses(1);
        assertThat(one.take("main", 900, Priority.BACKFILL).isTaken()).isTrue();
    }

    @Test
    void aCallWhoseAnswerNeverCameCostsItsPointsAndNoMore() {
        one.settle("main", 0, answer(10, 10, 2000, 2000, 100));
        assertThat(one.take("main", 1000, Priority.REFRESH).isTaken()).isTrue();
        timePasses(10);
        assertThat(available()).isCloseTo(2000, within(1.0));
    }

    @Test
    void aQueryThatWasRefusedBeforeItRanCostsNothing() {
        one.settle("main", 0, answer(10, 10, 2000, 2000, 100));
        assertThat(one.take("main", 1000, Priority.REFRESH).isTaken()).isTrue();
        one.settle("main", 1000, Values.parse("{\"errors\": [{\"message\": \"no\"}]}"));
        assertThat(available()).isCloseTo(2000, within(1.0));
    }

    @Test
    void aShopThatIsClosedIsClosedForAllProcesses() {
        one.close("main", 430, Duration.ofMinutes(2));

        AdminBudget.Attempt attempt = other.take("main", 1, Priority.REFRESH);
        assertThat(attempt.status()).isEqualTo(430);
        assertThat(attempt.delay()).isCloseTo(Duration.ofMinutes(2), Duration.ofSeconds(5));
        jdbc.update("UPDATE admin_budget SET closed_until = clock_timestamp() - interval '1s'");
        assertThat(other.take("main", 1, Priority.REFRESH).isTaken()).isTrue();
        one.settle("main", 1, answer(1, 1, 2000, 1999, 100));
        assertThat(available()).isCloseTo(1999, within(1.0));
    }

    @Test
    void ofTwoClosuresTheLongerCounts() {
        one.close("main", 430, Duration.ofMinutes(2));
        other.close("main", 429, Duration.ofSeconds(2));
        AdminBudget.Attempt attempt = one.take("main", 1, Priority.REFRESH);
        assertThat(attempt.status()).isEqualTo(430);
        assertThat(attempt.delay()).isCloseTo(Duration.ofMinutes(2), Duration.ofSeconds(5));

        other.close("main", 423, Duration.ofMinutes(10));
        AdminBudget.Attempt later = one.take("main", 1, Priority.REFRESH);
        assertThat(later.status()).isEqualTo(423);
        assertThat(later.delay()).isCloseTo(Duration.ofMinutes(10), Duration.ofSeconds(5));
    }

    @Test
    void noCallKeepsTheRowWhileItIsUnderWay() {
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(database.dataSource()));
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> one.take("main", 1, Priority.REFRESH)))
                .isInstanceOf(IllegalStateException.class);
    }

    /** With a rate of nearly nothing: of a bucket of 2,000 points, twenty queries of 100 go. */
    @Test
    void manyThreadsOfTwoProcessesTakeNoMoreThanThereIs() throws Exception {
        one.settle("main", 0, answer(10, 10, 2000, 2000, 0.001));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> attempts = Stream.of(one, other).flatMap(budget -> Stream.generate(() ->
                    (Callable<Boolean>) () -> budget.take("main", 100, Priority.REFRESH).isTaken()).limit(50)).toList();
            int taken = 0;
            for (Future<Boolean> attempt : threads.invokeAll(attempts)) {
                taken += attempt.get() ? 1 : 0;
            }
            assertThat(taken).isEqualTo(20);
        } finally {
            threads.shutdown();
        }
    }

    private static JsonNode answer(int requested, int actual, int maximum, int available,
            double rate) {
        return Values.parse("""
                {"data": {}, "extensions": {"cost": {"requestedQueryCost": %s, "actualQueryCost": %s, "throttleStatus":
                  {"maximumAvailable": %s, "currentlyAvailable": %s, "restoreRate": %s}}}}"""
                .formatted(requested, actual, maximum, available, rate));
    }

    private static void timePasses(double seconds) {
        jdbc.update("UPDATE admin_budget SET measured_at = measured_at - make_interval(secs => ?)", seconds);
    }

    private static double available() {
        return jdbc.queryForObject("SELECT least(maximum, available + restore_rate"
                + " * extract(epoch FROM clock_timestamp() - measured_at)) FROM admin_budget", Double.class);
    }
}
