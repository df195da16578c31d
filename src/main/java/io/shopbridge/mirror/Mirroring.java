package io.shopbridge.mirror;

import io.shopbridge.doorbell.Doorbell;
import io.shopbridge.doorbell.DoorbellEndpoint;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.ledger.EventEntry;
import io.shopbridge.ledger.Ledger;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Mark;
import io.shopbridge.work.Work;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Brings waiting events into the mirror and marks the work that follows, all of a batch in one transaction. */
@Component("mirroring")
public class Mirroring {

    private static final Logger LOG = LoggerFactory.getLogger(Mirroring.class);
    private static final int BATCH = 200;

    private static final String TAKE = """
            WITH taken AS (
                DELETE FROM inbox_waiting WHERE id IN (
                    SELECT id FROM inbox_waiting ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED)
                RETURNING id)
            SELECT i.id, i.store, i.topic, i.triggered_at, i.received_at, i.body
            FROM taken LEFT JOIN inbox i USING (id) WHERE i.id IS NOT NULL ORDER BY i.id""";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final Topics topics;
    private final Mirror mirror;
    private final CustomerFigures figures;
    private final Interests interests;
    private final Work work;
    private final Ledger ledger;
    private final Stores stores;
    private final Doorbell doorbell;

    Mirroring(JdbcTemplate jdbc, TransactionTemplate transaction, Topics topics, Mirror mirror,
            CustomerFigures figures, Interests interests, Work work, Ledger ledger, Stores stores,
            Doorbell doorbell) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.topics = topics;
        this.mirror = mirror;
        this.figures = figures;
        this.interests = interests;
        this.work = work;
        this.ledger = ledger;
        this.stores = stores;
        this.doorbell = doorbell;
    }

    /** Takes one batch; the exchange is told to come again where there may be more. */
    public void takeIn(Exchange exchange) {
        int taken;
        try {
            taken = takeIn(BATCH);
        } catch (DataIntegrityViolationException e) {
            LOG.warn("A batch of events holds one that PostgreSQL refuses; they are taken one by one.");
            taken = oneByOne();
        }
        exchange.setProperty(DoorbellEndpoint.AGAIN, taken == BATCH);
    }

    private int oneByOne() {
        int taken = 0;
        while (taken < BATCH) {
            int one;
            try {
                one = takeIn(1);
            } catch (DataIntegrityViolationException e) {
                one = rejectFirst();
            }
            if (one == 0) {
                return taken;
            }
            taken++;
        }
        return taken;
    }

    private int rejectFirst() {
        return Optional.ofNullable(transaction.execute(status -> {
            List<ReceivedEvent> events = take(1);
            ledger.recordEvents(events.stream().map(event -> new EventEntry(event.store(), event.topic(),
                    Outcome.REJECTED, "The body holds text that PostgreSQL cannot store, such as a zero byte",
                    event.id())).toList());
            return events.size();
        })).orElse(0);
    }

    private int takeIn(int most) {
        Set<String> bells = new HashSet<>();
        Integer taken = transaction.execute(status -> {
            // A batch that a crash of the server forgets is still waiting in the inbox: no need to wait for the disk.
            jdbc.execute("SET LOCAL synchronous_commit = off");
            List<ReceivedEvent> events = take(most);
            Map<Long, List<FacetChange>> read = new TreeMap<>();
            List<EventEntry> aside = new ArrayList<>();
            for (ReceivedEvent event : events) {
                readInto(read, aside, event);
            }
            Set<RecordKey> changed = mirror.write(read.values().stream().flatMap(List::stream).toList());
            for (ReceivedEvent event : events) {
                List<FacetChange> changes = read.get(event.id());
                if (changes != null && changes.stream().noneMatch(change -> changed.contains(change.key()))) {
                    aside.add(new EventEntry(event.store(), event.topic(), Outcome.STALE, null, event.id()));
                }
            }
            ledger.recordEvents(aside);
            Set<RecordKey> buyers = figures.update(
                    changed.stream().filter(key -> key.entity().equals(RecordKey.ORDER)).toList());
            bells.addAll(mark(changed, buyers, read));
            return events.size();
        });
        bells.forEach(doorbell::ring);
        return taken == null ? 0 : taken;
    }

    private List<ReceivedEvent> take(int most) {
        return jdbc.query(TAKE, (row, n) -> {
            Timestamp triggered = row.getTimestamp("triggered_at");
            return new ReceivedEvent(row.getLong("id"), row.getString("store"), row.getString("topic"),
                    triggered == null ? null : triggered.toInstant(), row.getTimestamp("received_at").toInstant(),
                    row.getBytes("body"));
        }, most);
    }

    private void readInto(Map<Long, List<FacetChange>> read, List<EventEntry> aside, ReceivedEvent event) {
        try {
            Optional<List<FacetChange>> changes = topics.read(event);
            if (changes.isPresent()) {
                read.put(event.id(), changes.get());
            } else {
                aside.add(new EventEntry(event.store(), event.topic(), Outcome.NOT_HANDLED,
                        "Topic " + event.topic() + " is kept but not handled", event.id()));
            }
        } catch (UnreadablePayload e) {
            aside.add(new EventEntry(event.store(), event.topic(), Outcome.REJECTED, e.getMessage(), event.id()));
        } catch (RuntimeException e) {
            LOG.error("Event {} of topic {} could not be read; it is rejected and the next ones go on.", event.id(),
                    event.topic(), e);
            aside.add(new EventEntry(event.store(), event.topic(), Outcome.REJECTED,
                    "Shopbridge could not read the body (" + e.getClass().getSimpleName() + "); report it with the bytes",
                    event.id()));
        }
    }

    /**
     * Marks the changed records for the CRMs of their store, and for those that have figures of customers the buyers
     * whose figures changed; returns the bells to ring after the commit.
     */
    private Set<String> mark(Set<RecordKey> changed, Set<RecordKey> buyers, Map<Long, List<FacetChange>> read) {
        Map<RecordKey, Long> newestEvent = new HashMap<>();
        Map<RecordKey, String> contact = new HashMap<>();
        for (List<FacetChange> changes : read.values()) {
            for (FacetChange change : changes) {
                newestEvent.merge(change.key(), change.inboxId(), Math::max);
                if (change.facet().equals(CanonicalRecords.CONTACT)) {
                    contact.put(change.key(),
                            RecordKey.CUSTOMER + "/" + Json.readOwn(change.value()).asText());
                }
            }
        }
        Set<RecordKey> withBuyers = new TreeSet<>(changed);
        withBuyers.addAll(buyers);
        Set<String> bells = new HashSet<>();
        // Stores and CRMs always in this order, so that two processes that mark the same records don't lock each other out.
        new TreeMap<>(withBuyers.stream().collect(Collectors.groupingBy(RecordKey::store))).forEach((name, keys) ->
                stores.find(name).ifPresent(store ->
                        new TreeMap<>(keys.stream().collect(Collectors.groupingBy(RecordKey::entity))).forEach(
                                (entity, some) -> bells.addAll(mark(store, entity, some, changed, contact,
                                        newestEvent)))));
        return bells;
    }

    private Set<String> mark(Store store, String entity, List<RecordKey> keys, Set<RecordKey> changed,
            Map<RecordKey, String> contact, Map<RecordKey, Long> newestEvent) {
        boolean buyers = entity.equals(RecordKey.CUSTOMER);
        Map<Boolean, List<String>> crms = store.crms().stream().filter(crm -> interests.maps(crm, entity))
                .collect(Collectors.partitioningBy(crm -> buyers && interests.readsMetrics(crm)));
        Set<String> bells = new HashSet<>();
        crms.forEach((readMetrics, some) -> {
            List<RecordKey> toMark = readMetrics ? keys : keys.stream().filter(changed::contains).toList();
            work.mark(toMark.stream().map(key -> new Mark(key, contact.get(key), newestEvent.get(key))).toList(), some);
            if (!toMark.isEmpty()) {
                some.forEach(crm -> bells.add(Work.bell(crm, entity)));
            }
        });
        return bells;
    }
}
