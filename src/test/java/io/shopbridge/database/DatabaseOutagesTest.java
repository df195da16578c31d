package io.shopbridge.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessResourceFailureException;

@ExtendWith(OutputCaptureExtension.class)
class DatabaseOutagesTest {

    private static final Exception FAILURE = new DataAccessResourceFailureException("no connection");

    private final DataSource database = mock(DataSource.class);
    private final Connection connection = mock(Connection.class);
    private Instant now = Instant.parse("2026-11-28T03:00:00Z");
    private boolean answers;
    private final DatabaseOutages outages = new DatabaseOutages(database, () -> now);

    @BeforeEach
    void database() throws SQLException {
        when(connection.isValid(anyInt())).thenReturn(true);
        when(database.getConnection()).thenAnswer(call -> {
            if (answers) {
                return connection;
            }
            throw new SQLException("no connection", "08001");
        });
    }

    @Test
    void anOutageIsLoggedAtItsBeginningOnceAMinuteAndAtItsEnd(CapturedOutput log) {
        for (int second = 0; second < 150; second++) {
            outages.noticed(FAILURE);
            outages.look();
            now = now.plusSeconds(1);
        }
        answers = true;
        outages.look();
        outages.look();
        assertThat(log.getAll().lines().filter(line -> line.contains("The database ")).map(line ->
                line.replaceFirst(".*(The database )", "$1"))).hasSize(4).satisfiesExactly(
                        line -> assertThat(line).startsWith("The database does not answer."),
                        line -> assertThat(line).startsWith("The database has not answered for 60 s."),
                        line -> assertThat(line).startsWith("The database has not answered for 2 min."),
                        line -> assertThat(line).isEqualTo("The database answers again, after 2 min."));
    }

    @Test
    void aCallThatFailedAloneIsNoOutage(CapturedOutput log) {
        answers = true;
        outages.noticed(FAILURE);
        now = now.plus(Duration.ofMinutes(2));
        outages.look();
        assertThat(log).contains("A call of the database failed").contains("no connection")
                .doesNotContain("does not answer", "The database answers again");
    }

    @Test
    void aDeadlockIsNone() {
        assertThat(outages.isBehind(FAILURE)).isTrue();
        assertThat(outages.isBehind(new IllegalStateException(new CannotAcquireLockException("deadlock",
                new SQLException("deadlock detected", "40P01"))))).isFalse();
        assertThat(outages.isBehind(new DataAccessResourceFailureException("too long for an index",
                new SQLException("index row size 2720 exceeds maximum 2704", "54000")))).isFalse();
    }
}
