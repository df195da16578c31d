package io.shopbridge.mirror;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Health check of the inbox: down if events wait and this process has not completed a pass for minutes. A long backlog
 * that is being processed is not a failure.
 */
@Component
class InboxHealthIndicator implements HealthIndicator {

    private static final Logger LOG = LoggerFactory.getLogger(InboxHealthIndicator.class);
    private static final Duration LONGEST_PASS = Duration.ofMinutes(2);

    private final JdbcTemplate jdbc;
    private final Passes passes;

    InboxHealthIndicator(JdbcTemplate jdbc, Passes passes, MeterRegistry meters) {
        this.jdbc = jdbc;
        this.passes = passes;
        Gauge.builder("shopbridge.inbox.pass.age.seconds",
                        () -> Duration.between(passes.lastEnd(), Instant.now()).toSeconds())
                .description("Seconds since events were last processed, or the inbox was empty").register(meters);
    }

    @Override
    public Health health() {
        Instant now = Instant.now();
        Instant last = passes.lastEnd();
        if (now.isBefore(last.plus(LONGEST_PASS))) {
            return Health.up().build();
        }
        List<Timestamp> oldest = jdbc.query("SELECT i.received_at FROM inbox_waiting w JOIN inbox i USING (id)"
                + " ORDER BY w.id LIMIT 1", (row, n) -> row.getTimestamp(1));
        if (oldest.isEmpty() || oldest.get(0).toInstant().plus(LONGEST_PASS).isAfter(now)) {
            return Health.up().build();
        }
        LOG.error("The inbox is stuck: events wait, but none was processed since {}. The log lines before this one give"
                + " the reason. Events are still received and stored.", last);
        return Health.down().withDetail("since", last).build();
    }
}
