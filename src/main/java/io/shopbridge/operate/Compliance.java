package io.shopbridge.operate;

import static io.shopbridge.operate.Backlog.time;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.time.Instant;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Privacy requests (GDPR) that a person has not done yet; counted again every few seconds, for all callers together.
 */
@Component
class Compliance implements MeterBinder {

    /**
     * Requests that are open.
     *
     * @param open  how many
     * @param dueAt until when the first of them must be done; null: there is none
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record Requests(long open, Instant dueAt) {
    }

    private final JdbcClient database;
    private final Cached<Requests> requests = new Cached<>(Duration.ofSeconds(5), this::count);

    Compliance(JdbcClient database) {
        this.database = database;
    }

    Requests requests() {
        return requests.get();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("shopbridge.compliance.open", () -> requests().open())
                .description("Privacy requests (GDPR) that a person has not done yet").register(registry);
        Gauge.builder("shopbridge.compliance.due.seconds", this::secondsLeft)
                .description("Seconds until the first privacy request must be done; negative:"
                        + " overdue").register(registry);
    }

    private double secondsLeft() {
        Instant due = requests().dueAt();
        return due == null ? Double.NaN : Duration.between(Instant.now(), due).toSeconds();
    }

    private Requests count() {
        return database.sql("SELECT count(*) AS open, min(due_at) AS due FROM rejected"
                        + " WHERE due_at IS NOT NULL AND state = 'open'")
                .query((row, number) -> new Requests(row.getLong("open"),
                        time(row, "due"))).single();
    }
}
