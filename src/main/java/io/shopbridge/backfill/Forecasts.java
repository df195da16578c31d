package io.shopbridge.backfill;

import static io.shopbridge.store.Columns.booleans;
import static io.shopbridge.store.Columns.texts;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.backfill.Judged.Outcome;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmLimits;
import io.shopbridge.crm.Crms;
import io.shopbridge.map.Values;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** What dry runs have found out so far, a row for each record and CRM, and the report that is made of it. */
@Component
public class Forecasts {

    private static final int MOST_REASONS = 30;
    /** Of calls that no limit counts apart. */
    private static final String ALL = "";

    private final JdbcTemplate jdbc;
    private final Crms crms;

    Forecasts(JdbcTemplate jdbc, Crms crms) {
        this.jdbc = jdbc;
        this.crms = crms;
    }

    /** Keeps these; of a record that is judged a second time the first counts. */
    public void keep(Backfill backfill, List<Judged> judged) {
        // Locked, so that nothing is kept of one that ends at this moment.
        jdbc.update("""
                WITH open AS (SELECT id FROM backfill WHERE id = ? AND ended_at IS NULL FOR SHARE)
                INSERT INTO backfill_forecast (backfill, crm, entity, record_id, outcome, because, looked_up, found_by,
                                               keys, calls)
                SELECT b.id, n.crm, n.entity, n.record_id, n.outcome, n.because, n.looked_up, n.found_by,
                       string_to_array(n.keys, ','), n.calls::jsonb
                FROM open b, unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::text[],
                                        ?::text[], ?::text[])
                    AS n (crm, entity, record_id, outcome, because, looked_up, found_by, keys, calls)
                ON CONFLICT DO NOTHING""", backfill.id(), texts(judged, Judged::crm), texts(judged, one -> one.key().entity()),
                texts(judged, one -> one.key().recordId()), texts(judged, one -> one.outcome().word()),
                texts(judged, Judged::because), booleans(judged, Judged::lookedUp), texts(judged, Judged::foundBy),
                texts(judged, one -> String.join(",", one.keys())),
                texts(judged, one -> Values.JSON.valueToTree(one.calls()).toString()));
    }

    /** What would become of all that was read, by CRM. */
    ObjectNode report(Backfill backfill) {
        Map<String, Map<String, Kind>> kinds = new TreeMap<>();
        jdbc.query("SELECT crm, entity, outcome, count(*), count(*) FILTER (WHERE looked_up) FROM backfill_forecast"
                + " WHERE backfill = ? GROUP BY 1, 2, 3", row -> {
                    Kind kind = kind(kinds, row.getString(1), row.getString(2));
                    kind.all.put(row.getString(3), row.getLong(4));
                    kind.lookedUp.put(row.getString(3), row.getLong(5));
                }, backfill.id());
        jdbc.query("SELECT crm, entity, found_by, count(*) FROM backfill_forecast WHERE backfill = ? AND found_by IS NOT"
                + " NULL GROUP BY 1, 2, 3", row -> {
                    kind(kinds, row.getString(1), row.getString(2)).foundBy.put(row.getString(3), row.getLong(4));
                }, backfill.id());
        jdbc.query("""
                SELECT crm, entity, count(DISTINCT record_id) FROM (
                    SELECT crm, entity, record_id, count(*) OVER (PARTITION BY crm, entity, key) AS with_key
                    FROM backfill_forecast, unnest(keys) AS key WHERE backfill = ?) AS by_key
                WHERE with_key > 1 GROUP BY 1, 2""", row -> {
                    kind(kinds, row.getString(1), row.getString(2)).alike = row.getLong(3);
                }, backfill.id());
        Map<String, Map<String, Long>> rejected = new HashMap<>();
        jdbc.query("SELECT crm, because, count(*) FROM backfill_forecast WHERE backfill = ? AND outcome = 'rejected'"
                + " GROUP BY 1, 2 ORDER BY 3 DESC, 2", row -> {
                    Map<String, Long> reasons = rejected.computeIfAbsent(row.getString(1), crm -> new TreeMap<>());
                    reasons.merge(reasons.size() < MOST_REASONS ? row.getString(2) : "other reasons", row.getLong(3),
                            Long::sum);
                }, backfill.id());
        Map<String, Map<String, Double>> calls = new HashMap<>();
        jdbc.query("SELECT f.crm, c.key, sum(c.value::float8) FROM backfill_forecast f, jsonb_each_text(f.calls) AS c"
                + " WHERE f.backfill = ? GROUP BY 1, 2", row -> {
                    calls.computeIfAbsent(row.getString(1), crm -> new TreeMap<>())
                            .put(row.getString(2), row.getDouble(3));
                }, backfill.id());
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        kinds.forEach((crm, ofCrm) -> {
            ObjectNode one = report.putObject(crm);
            ObjectNode records = one.putObject("records");
            ofCrm.forEach((entity, kind) -> records.set(entity, kind.report()));
            one.set("rejected_because", Values.JSON.valueToTree(rejected.getOrDefault(crm, Map.of())));
            if (!crm.isEmpty()) {
                calls(one, crms.get(crm), calls.getOrDefault(crm, Map.of()));
            }
        });
        return report;
    }

    private static Kind kind(Map<String, Map<String, Kind>> kinds, String crm, String entity) {
        return kinds.computeIfAbsent(crm, name -> new TreeMap<>()).computeIfAbsent(entity, name -> new Kind());
    }

    /** The limit that is reached last says how long it takes. */
    private static void calls(ObjectNode report, Crm crm, Map<String, Double> calls) {
        ObjectNode all = report.putObject("calls");
        double seconds = 0;
        for (Map.Entry<String, Double> of : calls.entrySet()) {
            boolean apart = !of.getKey().equals(ALL);
            all.put(apart ? of.getKey() : "all_others", (long) Math.ceil(of.getValue()));
            CrmLimits.Group limit = apart ? crm.limits().groups().get(of.getKey())
                    : new CrmLimits.Group(crm.limits().requests(), crm.limits().period());
            seconds = Math.max(seconds, of.getValue() / limit.requests() * limit.period().toMillis() / 1000);
        }
        report.put("hours", Math.round(seconds / Duration.ofHours(1).toSeconds() * 100) / 100.0);
    }

    /** What would become of one kind of record in one CRM. */
    private static final class Kind {
        private final Map<String, Long> all = new HashMap<>();
        private final Map<String, Long> lookedUp = new HashMap<>();
        private final Map<String, Long> foundBy = new TreeMap<>();
        private long alike;

        /** Those that were not looked up are taken to be like those that were. */
        ObjectNode report() {
            ObjectNode report = JsonNodeFactory.instance.objectNode();
            long notAsked = all.getOrDefault(Outcome.NOT_LOOKED_UP.word(), 0L);
            long asked = lookedUp.values().stream().mapToLong(count -> count).sum();
            double more = asked == 0 ? 0 : (double) notAsked / asked;
            for (Outcome outcome : Outcome.values()) {
                String word = outcome.word();
                report.put(word, all.getOrDefault(word, 0L) + Math.round(lookedUp.getOrDefault(word, 0L) * more));
            }
            report.put(Outcome.NOT_LOOKED_UP.word(), notAsked).put("looked_up", asked);
            ObjectNode found = report.putObject("found_by");
            foundBy.forEach((field, count) -> found.put(field, Math.round(count * (1 + more))));
            return report.put("likely_duplicates", alike);
        }
    }
}
