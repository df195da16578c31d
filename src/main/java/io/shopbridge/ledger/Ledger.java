package io.shopbridge.ledger;

import static io.shopbridge.store.Columns.integers;
import static io.shopbridge.store.Columns.longs;
import static io.shopbridge.store.Columns.texts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.shopbridge.store.RecordKey;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Writes outcomes, opens a row in {@code rejected} for each record that needs a person, and closes it when the record
 * is delivered.
 */
@Component
public class Ledger {

    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
    private static final Set<Outcome> FOR_A_PERSON = EnumSet.of(Outcome.REJECTED, Outcome.HELD);
    private static final Set<Outcome> HEALED = EnumSet.of(Outcome.DELIVERED, Outcome.UNCHANGED, Outcome.SKIPPED);

    private final JdbcTemplate jdbc;
    private final ObjectMapper json;
    private final MeterRegistry meters;

    public Ledger(JdbcTemplate jdbc, ObjectMapper json, MeterRegistry meters) {
        this.jdbc = jdbc;
        this.json = json;
        this.meters = meters;
    }

    /** Records how these attempts ended; within the caller's transaction. All of one CRM. */
    public void record(Collection<LedgerEntry> attempts) {
        List<LedgerEntry> rows = List.copyOf(attempts);
        if (rows.isEmpty()) {
            return;
        }
        Instant now = Instant.now();
        jdbc.update("""
                INSERT INTO outcome (crm, store, entity, record_id, outcome, because, crm_id, attempt, lag_ms, inbox_id)
                SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                                     ?::int[], ?::bigint[], ?::bigint[])""",
                texts(rows, LedgerEntry::crm), texts(rows, row -> row.key().store()),
                texts(rows, row -> row.key().entity()), texts(rows, row -> row.key().recordId()),
                texts(rows, row -> row.outcome().word()), texts(rows, LedgerEntry::because),
                texts(rows, LedgerEntry::crmId), integers(rows, LedgerEntry::attempt),
                longs(rows, row -> lag(row, now)), longs(rows, LedgerEntry::inboxId));
        heal(rows.stream().filter(row -> HEALED.contains(row.outcome())).toList());
        rows.stream().filter(row -> FOR_A_PERSON.contains(row.outcome())).forEach(this::open);
        rows.forEach(row -> count(row, now));
    }

    /** Records events that reached no record; within the caller's transaction. */
    public void recordEvents(Collection<EventEntry> events) {
        for (EventEntry event : events) {
            jdbc.update("INSERT INTO outcome (store, topic, outcome, because, inbox_id) VALUES (?, ?, ?, ?, ?)",
                    event.store(), event.topic(), event.outcome().word(), event.because(), event.inboxId());
            meters.counter("shopbridge.events", "outcome", event.outcome().word()).increment();
            if (FOR_A_PERSON.contains(event.outcome())) {
                open(event);
            }
        }
    }

    private void open(EventEntry event) {
        Long number = jdbc.queryForObject("""
                INSERT INTO rejected (store, topic, outcome, errors, inbox_id, due_at) VALUES (?, ?, ?, ?, ?, ?)
                RETURNING id""", Long.class, event.store(), event.topic(), event.outcome().word(),
                json(List.of(event.because())), event.inboxId(),
                event.dueAt() == null ? null : Timestamp.from(event.dueAt()));
        LOG.error("{} an event of topic {} from store {}: {}. See /api/v1/rejected, number {}.",
                event.outcome() == Outcome.HELD ? "A person must act on" : "Rejected", event.topic(), event.store(),
                event.because(), number);
    }

    private record Opened(long number, boolean isNew) {
    }

    private void open(LedgerEntry row) {
        Opened opened = jdbc.queryForObject("""
                INSERT INTO rejected (crm, store, entity, record_id, outcome, errors, attempts, inbox_id, candidates)
                SELECT ?, ?, ?, ?, ?, ?, ?, ?, ARRAY(SELECT json_array_elements_text(?::json))
                ON CONFLICT (crm, store, entity, record_id) WHERE state = 'open' AND crm IS NOT NULL DO UPDATE
                SET last_at = clock_timestamp(), outcome = EXCLUDED.outcome, errors = EXCLUDED.errors,
                    attempts = rejected.attempts + 1, inbox_id = EXCLUDED.inbox_id,
                    candidates = EXCLUDED.candidates
                RETURNING id, xmax = 0""", (found, n) -> new Opened(found.getLong(1), found.getBoolean(2)),
                row.crm(), row.key().store(), row.key().entity(), row.key().recordId(), row.outcome().word(),
                json(row.errors()), row.attempt(), row.inboxId(), json(row.candidates()));
        // Logged only once. The reason may quote a value, so the log has only the record, and the ledger the reason.
        if (opened != null && opened.isNew()) {
            LOG.error("{} {} of store {} for {}. See /api/v1/rejected, number {}.",
                    row.outcome() == Outcome.HELD ? "Held for review:" : "Rejected",
                    row.key(), row.key().store(), row.crm(), opened.number());
        }
    }

    /** A person replayed this rejection; within the caller's transaction. */
    public void replayed(long rejection) {
        close(rejection, "replayed");
    }

    /** A person closed this rejection without a replay; within the caller's transaction. */
    public void resolved(long rejection) {
        close(rejection, "resolved");
    }

    /** What a topic of this store had a person do is done; within the caller's transaction. */
    public void resolvedEvents(String store, String topic) {
        jdbc.update("UPDATE rejected SET state = 'resolved', resolved_at = clock_timestamp() WHERE state = 'open'"
                + " AND crm IS NULL AND store = ? AND topic = ?", store, topic);
    }

    private void close(long rejection, String state) {
        jdbc.update("UPDATE rejected SET state = ?, resolved_at = clock_timestamp() WHERE id = ?", state, rejection);
    }

    private void heal(List<LedgerEntry> rows) {
        if (rows.isEmpty()) {
            return;
        }
        jdbc.update("""
                UPDATE rejected r SET state = 'resolved', resolved_at = clock_timestamp()
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS k (crm, store, entity, record_id)
                WHERE r.state = 'open' AND r.crm = k.crm AND r.store = k.store AND r.entity = k.entity
                  AND r.record_id = k.record_id""",
                texts(rows, LedgerEntry::crm), texts(rows, row -> row.key().store()),
                texts(rows, row -> row.key().entity()), texts(rows, row -> row.key().recordId()));
    }

    /** By the database's clock. */
    public Instant now() {
        return jdbc.queryForObject("SELECT clock_timestamp()", Timestamp.class).toInstant();
    }

    /** Those of these records of which an attempt to deliver them to this CRM has ended since then. */
    public Set<RecordKey> endedSince(String crm, Collection<RecordKey> keys, Instant since) {
        List<RecordKey> list = List.copyOf(keys);
        Set<RecordKey> ended = new HashSet<>();
        jdbc.query("""
                SELECT o.store, o.entity, o.record_id FROM unnest(?::text[], ?::text[], ?::text[])
                    AS k (store, entity, record_id)
                JOIN outcome o ON o.store = k.store AND o.entity = k.entity AND o.record_id = k.record_id
                WHERE o.crm = ? AND o.at >= ?""",
                row -> {
                    ended.add(new RecordKey(row.getString(1), row.getString(2), row.getString(3)));
                },
                texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId), crm,
                Timestamp.from(since));
        return ended;
    }

    /** Those of these records that are rejected or held for this CRM, or that a person has left out of it since. */
    public Set<RecordKey> keptOut(String crm, Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        Set<RecordKey> rejected = new HashSet<>();
        jdbc.query("""
                SELECT DISTINCT r.store, r.entity, r.record_id
                FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                JOIN rejected r ON r.crm = ? AND r.store = k.store AND r.entity = k.entity
                    AND r.record_id = k.record_id
                WHERE r.state = 'open' OR r.state = 'resolved' AND NOT EXISTS (
                    SELECT 1 FROM outcome o WHERE o.store = r.store AND o.entity = r.entity AND o.record_id = r.record_id
                    AND o.crm = r.crm AND o.at >= r.at AND o.outcome IN ('delivered', 'unchanged'))""",
                row -> {
                    rejected.add(new RecordKey(row.getString(1), row.getString(2), row.getString(3)));
                },
                texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId), crm);
        return rejected;
    }

    /**
     * Those of these records that need a person before this CRM gets them, each with a clause: "that record is held,
     * number 17 of /api/v1/rejected".
     */
    public Map<RecordKey, String> openFor(String crm, Collection<RecordKey> keys) {
        List<RecordKey> list = List.copyOf(keys);
        Map<RecordKey, String> open = new HashMap<>();
        if (!list.isEmpty()) {
            jdbc.query("""
                    SELECT r.store, r.entity, r.record_id, r.outcome, r.id
                    FROM unnest(?::text[], ?::text[], ?::text[]) AS k (store, entity, record_id)
                    JOIN rejected r ON r.state = 'open' AND r.crm = ? AND r.store = k.store AND r.entity = k.entity
                        AND r.record_id = k.record_id""",
                    row -> {
                        open.put(new RecordKey(row.getString(1), row.getString(2), row.getString(3)), "that record is "
                                + row.getString(4) + ", number " + row.getLong(5) + " of /api/v1/rejected");
                    },
                    texts(list, RecordKey::store), texts(list, RecordKey::entity), texts(list, RecordKey::recordId),
                    crm);
        }
        return open;
    }

    private void count(LedgerEntry row, Instant now) {
        meters.counter("shopbridge.outcomes", "crm", row.crm(), "entity", row.key().entity(), "outcome",
                row.outcome().word()).increment();
        Long lag = lag(row, now);
        if (lag != null && row.outcome() == Outcome.DELIVERED) {
            Timer.builder("shopbridge.lag").description("From a change in the mirror to its delivery")
                    .tag("crm", row.crm()).publishPercentileHistogram().register(meters).record(Duration.ofMillis(lag));
        }
    }

    private static Long lag(LedgerEntry row, Instant now) {
        return row.markedAt() == null ? null : Math.max(0, Duration.between(row.markedAt(), now).toMillis());
    }

    private String json(List<String> list) {
        try {
            return json.writeValueAsString(list);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A list of texts is always JSON", e);
        }
    }
}
