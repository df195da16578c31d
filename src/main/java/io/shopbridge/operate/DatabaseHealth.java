package io.shopbridge.operate;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.jdbc.DataSourceHealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Health check of the database, at most one query in two seconds. Everyone may read the health, so it must cost the
 * database nothing; while one caller waits for a database that does not answer, the others get the last answer at once.
 */
@Component("dbHealthIndicator")
class DatabaseHealth implements HealthIndicator {

    private static final Duration AGE = Duration.ofSeconds(2);

    private final HealthIndicator database;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile Health last;
    private volatile long askedAt;

    DatabaseHealth(DataSource dataSource) {
        this.database = new DataSourceHealthIndicator(dataSource);
    }

    @Override
    public Health health() {
        if (last == null) {
            asking.lock();
        } else if (System.nanoTime() - askedAt < AGE.toNanos() || !asking.tryLock()) {
            return last;
        }
        try {
            // A caller that waited for the first answer has it by now.
            if (last == null || System.nanoTime() - askedAt >= AGE.toNanos()) {
                last = database.health();
                askedAt = System.nanoTime();
            }
            return last;
        } finally {
            asking.unlock();
        }
    }
}
