package io.shopbridge.operate;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Counts what waits and what was done, and remembers it for some seconds, however many ask. */
@Component
public class Status {

    private final JdbcClient database;
    private final Cached<Backlog> backlog = new Cached<>(Duration.ofSeconds(5), this::countBacklog);
    /** A busy ledger has millions of rows a day, and nobody sees the difference that half a minute makes. */
    private final Cached<List<OutcomeCount>> outcomes = new Cached<>(Duration.ofSeconds(30), this::countOutcomes);

    private final Cached<OutcomeCount> conflicts = new Cached<>(Duration.ofSeconds(30), this::countConflicts);

    Status(JdbcClient database) {
        this.database = database;
    }

    /** What waits, at most five seconds old. */
    public Backlog backlog() {
        return backlog.get();
    }

    /** Every outcome with its counts, zero or not, at most thirty seconds old. */
    public List<OutcomeCount> outcomes() {
        return outcomes.get();
    }

    /** Fields that both sides had changed, at most thirty seconds old. */
    public OutcomeCount conflicts() {
        return conflicts.get();
    }

    private OutcomeCount countConflicts() {
        return database.sql("""
                SELECT count(*) FILTER (WHERE at > now() - interval '1 hour') AS hour, count(*) AS day
                FROM conflict WHERE at > now() - interval '24 hours'""")
                .query((row, number) -> new OutcomeCount("conflicts", row.getLong("hour"), row.getLong("day")))
                .single();
    }

    private Backlog countBacklog() {
        record Row(long inbox, String crm, long rejected, Backlog.Crm state) {
        }
        List<Row> rows = database.sql("""
                SELECT inbox.waiting AS inbox, c.*
                FROM (SELECT count(*) AS waiting FROM inbox_waiting) inbox
                LEFT JOIN (
                    SELECT crm, w.waiting, w.due, w.oldest, w.lag_ms, p.until, p.because, r.open
                    FROM (SELECT crm, count(*) AS waiting,
                                 count(*) FILTER (WHERE due_at <= clock_timestamp() AND waits_for IS NULL) AS due,
                                 min(marked_at) AS oldest,
                                 (1000 * extract(epoch FROM clock_timestamp() - min(marked_at)))::bigint AS lag_ms
                          FROM work GROUP BY crm) w
                    FULL JOIN (SELECT crm, until, because FROM crm_pause WHERE until > now()) p USING (crm)
                    FULL JOIN (SELECT crm, count(*) AS open FROM rejected WHERE state = 'open' GROUP BY crm) r
                        USING (crm)) c ON true
                ORDER BY c.crm""")
                .query((row, number) -> new Row(row.getLong("inbox"), row.getString("crm"), row.getLong("open"),
                        crm(row))).list();
        List<Backlog.Crm> crms = new ArrayList<>();
        long events = 0;
        for (Row row : rows) {
            if (row.crm() == null) {
                events += row.rejected();
            } else {
                crms.add(row.state());
            }
        }
        return new Backlog(Instant.now(), rows.get(0).inbox(), events, crms);
    }

    private static Backlog.Crm crm(ResultSet row) throws SQLException {
        return new Backlog.Crm(row.getString("crm"), row.getLong("waiting"), row.getLong("due"),
                Backlog.instant(row.getObject("oldest", OffsetDateTime.class)), Math.max(0, row.getLong("lag_ms")),
                Backlog.instant(row.getObject("until", OffsetDateTime.class)), row.getString("because"),
                row.getLong("open"));
    }

    private List<OutcomeCount> countOutcomes() {
        Map<String, OutcomeCount> counted = database.sql("""
                SELECT outcome, count(*) FILTER (WHERE at > now() - interval '1 hour') AS hour, count(*) AS day
                FROM outcome WHERE at > now() - interval '24 hours' GROUP BY outcome""")
                .query((row, number) ->
                        new OutcomeCount(row.getString("outcome"), row.getLong("hour"), row.getLong("day")))
                .list().stream().collect(Collectors.toMap(OutcomeCount::outcome, Function.identity()));
        return Outcome.NAMES.stream()
                .map(name -> counted.getOrDefault(name, new OutcomeCount(name, 0, 0))).toList();
    }
}
