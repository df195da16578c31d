package io.shopbridge.operate;

import static io.shopbridge.operate.Backlog.time;

import io.shopbridge.audit.Audit;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shopbridge.deliver.Clashes;
import io.shopbridge.inbox.Inbox;
import io.shopbridge.ledger.Ledger;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Work;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Reads rejected and held records, and replays them after a person has fixed the cause. */
@Component
public class Rejections {

    private static final String SELECT = """
            SELECT * FROM (
                SELECT r.*, octet_length(i.body)::bigint AS size,
                       CASE WHEN r.due_at IS NOT NULL AND r.state = 'open' THEN r.at + interval '1000 years'
                            ELSE r.at END AS listed_at
                FROM rejected r LEFT JOIN inbox i ON i.id = r.inbox_id) r""";

    /** @param at its place in the order: what must be done by a date comes before all others, whatever their time */
    private record Listed(Rejection rejection, Instant at) {
    }

    private final JdbcClient database;
    private final ObjectMapper json;
    private final Audit audit;
    private final Ledger ledger;
    private final Work work;
    private final Inbox inbox;
    private final Clashes clashes;

    Rejections(JdbcClient database, ObjectMapper json, Audit audit, Ledger ledger, Work work, Inbox inbox,
            Clashes clashes) {
        this.database = database;
        this.json = json;
        this.audit = audit;
        this.ledger = ledger;
        this.work = work;
        this.inbox = inbox;
        this.clashes = clashes;
    }

    /**
     * Those that fit, newest first, but what must be done by a date before all others; the open ones unless the query
     * says another state.
     *
     * @throws Problem if a parameter is not legal; says what is
     */
    public Page<Rejection> find(RejectionQuery query) {
        int limit = Parameters.limit(query.limit());
        String state = query.state() == null ? "open" : query.state();
        List<String> states = new ArrayList<>(Rejection.STATES);
        states.add("all");
        Conditions where = new Conditions()
                .equal("crm", query.crm()).equal("store", query.store()).equal("entity", query.entity())
                .equal("record_id", query.record())
                .oneOf("outcome", "outcome", query.outcome(), List.of("rejected", "held"))
                .since(query.since()).until(query.until()).after("listed_at", query.cursor());
        if (!states.contains(state)) {
            where.oneOf("state", "state", state, states);
        } else if (!state.equals("all")) {
            where.equal("state", state);
        }
        List<Listed> rows = where.query(database, SELECT, "listed_at DESC, id DESC", limit)
                .query((row, number) -> new Listed(rejection(row, number), time(row, "listed_at"))).list();
        Page<Listed> page = Page.of(rows, limit, row -> Cursor.of(row.at(), row.rejection().id()).text());
        return new Page<>(page.items().stream().map(Listed::rejection).toList(), page.next());
    }

    /**
     * Marks a rejected record as work that is due now, or an event as waiting in the inbox.
     *
     * @throws Problem 404 if there is no such rejection; 409 if it is not open, or the event's bytes have expired
     */
    @Transactional
    public Replayed replay(long id) {
        Rejection rejection = open(id);
        if (rejection.dueAt() != null) {
            throw new Problem(HttpStatus.CONFLICT, "Work for a person", "Rejection " + id + " is work for a person."
                    + " A replay does not do it. Confirm when it is done: POST /api/v1/rejected/" + id + "/done.");
        }
        Replayed replayed = rejection.crm() == null ? replayEvent(rejection) : replayRecord(rejection);
        ledger.replayed(id);
        audit.did("replayed", "rejection " + id);
        return replayed;
    }

    /**
     * Closes a rejection without a replay, because a person has dealt with it or nothing is to be done.
     *
     * @throws Problem 404 if there is no such rejection; 409 if it is not open
     */
    @Transactional
    public Rejection done(long id) {
        open(id);
        ledger.resolved(id);
        audit.did("closed", "rejection " + id);
        return get(id);
    }

    /**
     * An open one, locked until the transaction ends.
     *
     * @throws Problem 404 if there is no such rejection; 409 if it is not open
     */
    Rejection open(long id) {
        // Locked on its own, because an outer join cannot be.
        database.sql("SELECT id FROM rejected WHERE id = ? FOR UPDATE").param(id).query(Long.class).optional()
                .orElseThrow(() -> unknown(id));
        Rejection rejection = get(id);
        if (!rejection.state().equals("open")) {
            throw new Problem(HttpStatus.CONFLICT, "Not open", "Rejection " + id + " was " + rejection.state() + " at "
                    + rejection.resolvedAt() + "; nothing is left to do.");
        }
        return rejection;
    }

    private Replayed replayRecord(Rejection rejection) {
        RecordKey key = new RecordKey(rejection.store(), rejection.entity(), rejection.record());
        // A person has dealt with it, so left-out values are tried again.
        clashes.forget(rejection.crm(), key);
        work.due(rejection.crm(), key);
        return new Replayed(rejection.id(), "record", rejection.entity() + " " + rejection.record() + " of store "
                + rejection.store() + " is due for " + rejection.crm() + " now.");
    }

    private Replayed replayEvent(Rejection rejection) {
        if (rejection.payload() == null) {
            throw expired(rejection.id());
        }
        long inboxId = rejection.payload().inboxId();
        inbox.requeue(inboxId);
        return new Replayed(rejection.id(), "event", "Event " + inboxId + " (" + rejection.topic() + ") of store "
                + rejection.store() + " waits in the inbox again.");
    }

    /**
     * The bytes that brought it: personal data.
     *
     * @throws Problem 404 if there is no such rejection, or if its bytes have expired or there never were any
     */
    byte[] payload(long id) {
        Rejection rejection = get(id);
        if (rejection.payload() == null) {
            throw new Problem(HttpStatus.NOT_FOUND, "No payload",
                    "Rejection " + id + " has no payload: it has expired, or the rejection is not from an event.");
        }
        byte[] body = database.sql("SELECT body FROM inbox WHERE id = ?").param(rejection.payload().inboxId())
                .query((row, number) -> row.getBytes(1)).optional().orElseThrow(() -> expired(id));
        audit.did("read", "the payload of rejection " + id);
        return body;
    }

    private Rejection get(long id) {
        return database.sql(SELECT + " WHERE id = ?").param(id).query(this::rejection).optional()
                .orElseThrow(() -> unknown(id));
    }

    private static Problem unknown(long id) {
        return new Problem(HttpStatus.NOT_FOUND, "Unknown rejection", "There is no rejection " + id + ".");
    }

    private static Problem expired(long id) {
        return new Problem(HttpStatus.CONFLICT, "Payload expired", "The payload of rejection " + id
                + " has expired, so it can't be processed again. A backfill or the next reconciliation fetches the"
                + " record from Shopify.");
    }

    private Rejection rejection(ResultSet row, int number) throws SQLException {
        Long size = row.getObject("size", Long.class);
        return new Rejection(row.getLong("id"), time(row, "at"), time(row, "last_at"), row.getString("crm"),
                row.getString("store"),
                row.getString("entity"), row.getString("record_id"), row.getString("topic"), row.getString("outcome"),
                errors(row.getString("errors")), row.getInt("attempts"), row.getString("state"),
                time(row, "resolved_at"), time(row, "due_at"),
                size == null ? null : new Rejection.Payload(row.getLong("inbox_id"), size),
                List.of((String[]) row.getArray("candidates").getArray()));
    }

    private List<String> errors(String text) {
        try {
            return json.readValue(text, new TypeReference<>() { });
        } catch (JsonProcessingException e) {
            return List.of(text);   // shown as it is rather than hidden
        }
    }
}
