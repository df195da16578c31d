package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The query budget of each shop, which all processes share by a row of {@code admin_budget}. Shopify keeps a bucket of
 * points for each app and shop: a query takes its requested cost out of it before it runs, gets back what it did not
 * use, and the bucket fills at a constant rate.
 *
 * <p>How large the bucket is, and how much is in it, is read from every answer. Between answers it is reckoned on, always
 * to the lower side: a call takes its points before it is sent, and of what an answer says and what is reckoned, the
 * lower counts. A call that is lost, with its process too, therefore costs no more than its points, which come back with
 * time.
 *
 * @see <a href="https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits">Rate limits</a>
 */
@Component
class AdminBudget {

    /** What is in the bucket now. */
    private static final String POINTS = "least(admin_budget.maximum, admin_budget.available"
            + " + admin_budget.restore_rate * extract(epoch FROM clock_timestamp() - admin_budget.measured_at))";
    /** A query may cost more than the bucket of a small shop holds: it goes when the bucket is full. */
    private static final String NEEDED = "least(maximum, ? + maximum * ?)";

    private final JdbcTemplate jdbc;

    AdminBudget(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * What came of an attempt to take points.
     *
     * @param delay  how long to wait before the next attempt; zero: the points are taken
     * @param status the HTTP status for which the shop is closed until then; null: the bucket has too few points
     */
    record Attempt(Duration delay, Integer status) {

        private static final Attempt TAKEN = new Attempt(Duration.ZERO, null);

        boolean isTaken() {
            return delay.isZero();
        }
    }

    /**
     * Takes the points of a query out of the budget, if there are enough. What one priority leaves in the bucket, the
     * ones above it find there.
     *
     * @throws IllegalStateException inside of a transaction, which would keep other processes from asking this shop
     */
    Attempt take(String store, double cost, Priority priority) {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("Shopify is asked inside of a database transaction");
        }
        int taken = jdbc.update("UPDATE admin_budget SET available = greatest(0, " + POINTS + " - ?),"
                + " measured_at = clock_timestamp() WHERE store = ? AND " + POINTS + " >= " + NEEDED
                + " AND (closed_until IS NULL OR closed_until <= clock_timestamp())",
                cost, store, cost, priority.reserve());
        if (taken > 0) {
            return Attempt.TAKEN;
        }
        List<Attempt> attempts = jdbc.query("SELECT closed_status, extract(epoch FROM closed_until - clock_timestamp())"
                + " AS closed, (" + NEEDED + " - " + POINTS + ") / restore_rate AS wait FROM admin_budget"
                + " WHERE store = ?", (row, number) -> attempt(row), cost, priority.reserve(), store);
        // Without a row, or with one that only closed the shop, nothing is known: the answer will say it.
        return attempts.isEmpty() ? Attempt.TAKEN : attempts.get(0);
    }

    private static Attempt attempt(ResultSet row) throws SQLException {
        double closed = row.getDouble("closed");
        if (closed > 0) {
            return new Attempt(seconds(closed), row.getInt("closed_status"));
        }
        double wait = row.getDouble("wait");
        return row.wasNull() ? Attempt.TAKEN : new Attempt(seconds(wait), null);
    }

    /** Never zero: between two statements, points may have come back. */
    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.max(1, (long) Math.ceil(seconds * 1000)));
    }

    /**
     * Corrects the budget by what an answer says.
     *
     * @param taken  the points that were taken for the call
     * @param answer of any kind; one without costs was refused before it ran
     */
    void settle(String store, double taken, JsonNode answer) {
        JsonNode status = answer.at("/extensions/cost/throttleStatus");
        double rate = status.path("restoreRate").asDouble();
        double unused = taken - answer.at("/extensions/cost/actualQueryCost").asDouble();
        if (rate <= 0) {
            jdbc.update("UPDATE admin_budget SET available = least(maximum, " + POINTS + " + ?),"
                    + " measured_at = clock_timestamp() WHERE store = ? AND available IS NOT NULL", unused, store);
            return;
        }
        jdbc.update("INSERT INTO admin_budget (store, available, maximum, restore_rate, measured_at)"
                + " VALUES (?, ?, ?, ?, clock_timestamp()) ON CONFLICT (store) DO UPDATE SET"
                + " available = least(excluded.available, " + POINTS + " + ?), maximum = excluded.maximum,"
                + " restore_rate = excluded.restore_rate, measured_at = clock_timestamp()", store,
                status.path("currentlyAvailable").asDouble(), status.path("maximumAvailable").asDouble(), rate, unused);
    }

    /** Nobody asks this shop for so long; of two calls in flight that were refused, the one that closes it longer counts. */
    void close(String store, int httpStatus, Duration howLong) {
        jdbc.update("INSERT INTO admin_budget (store, closed_until, closed_status)"
                + " VALUES (?, clock_timestamp() + make_interval(secs => ?), ?) ON CONFLICT (store)"
                + " DO UPDATE SET closed_until = excluded.closed_until, closed_status = excluded.closed_status"
                + " WHERE admin_budget.closed_until IS NULL OR admin_budget.closed_until < excluded.closed_until",
                store, howLong.toMillis() / 1000.0, httpStatus);
    }
}
