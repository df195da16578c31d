package io.shopbridge.mirror;

import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.doorbell.DoorbellEndpoint;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.ledger.EventEntry;
import io.shopbridge.ledger.Ledger;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Reading;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Mark;
import io.shopbridge.work.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Brings waiting events into the mirror and marks the work that follows, all of a batch in one transaction. Where that
 * fails for anything but an outage of the database, the batch is halved until the culprit is alone: it is rejected with
 * its bytes, and the others go on in the same pass.
 */
@Component("mirroring")
public class Mirroring {

    private static final Logger LOG = LoggerFactory.getLogger(Mirroring.class);
    private static final int BATCH = 200;
    /** A body becomes many times its size while it is read. */
    private static final long BATCH_BYTES = 8L << 20;
    /** Processes that may end while they read an event before nobody reads it any more. */
    private static final int MOST_TRIES = 2;
    /** Passes in a row that lose the database before one of their events is suspected. */
    private static final int LOST_PASSES = 3;

    private final WaitingEvents waiting;
    private final TransactionTemplate transaction;
    private final Shopify shopify;
    private final Topics topics;
    private final Mirror mirror;
    private final KnownBuyers knownBuyers;
    private final CustomerFigures figures;
    private final CustomerMerges merges;
    private final Interests interests;
    private final Work work;
    private final Ledger ledger;
    private final Stores stores;
    private final Duration maxAge;
    private final MeterRegistry meters;
    private int lostPasses;
    private volatile Instant lastPass = Instant.now();

    Mirroring(WaitingEvents waiting, TransactionTemplate transaction, Shopify shopify, Topics topics, Mirror mirror,
            KnownBuyers knownBuyers, CustomerFigures figures, CustomerMerges merges, Interests interests, Work work,
            Ledger ledger, Stores stores, ShopbridgeSettings settings, MeterRegistry meters) {
        this.waiting = waiting;
        this.transaction = transaction;
        this.shopify = shopify;
        this.topics = topics;
        this.mirror = mirror;
        this.knownBuyers = knownBuyers;
        this.figures = figures;
        this.merges = merges;
        this.interests = interests;
        this.work = work;
        this.ledger = ledger;
        this.stores = stores;
        this.maxAge = settings.webhook().maxAge();
        this.meters = meters;
    }

    /** Takes one batch; the exchange is told to come again where there may be more. */
    public void takeIn(Exchange exchange) {
        boolean suspects = takeInSuspects();
        List<ReceivedEvent> taken = new ArrayList<>();
        try {
            handle(taken, () -> waiting.take(BATCH, BATCH_BYTES));
            lostPasses = 0;
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            isolate(ids(taken), e, mayBeTheEvents(e));
        }
        lastPass = Instant.now();
        if (suspects || taken.size() == BATCH
                || taken.stream().mapToLong(event -> event.body().length).sum() >= BATCH_BYTES) {
            DoorbellEndpoint.again(exchange);
        }
    }

    /** When a pass last ended well, whether or not there was anything to take. */
    Instant lastPass() {
        return lastPass;
    }

    /** Those under which a process ended, each alone; true where there were any. */
    private boolean takeInSuspects() {
        List<WaitingEvents.Suspect> suspects = waiting.suspects();
        for (WaitingEvents.Suspect suspect : suspects) {
            List<Long> alone = List.of(suspect.id());
            if (suspect.tries() >= MOST_TRIES) {
                reject(suspect.id(), "Shopbridge ended " + suspect.tries() + " times while it was reading the body, so"
                        + " it is not read again by itself; report it with the bytes");
            } else {
                takeInOrIsolate(alone, DatabaseFailure::isOutage);
            }
        }
        return !suspects.isEmpty();
    }

    /**
     * Whether failures of this pass are to be looked for in its events, and if so, which kinds are none. A database
     * that answers, but not these events, is not away.
     */
    private Predicate<Throwable> mayBeTheEvents(Throwable failure) {
        if (DatabaseFailure.isAway(failure) && ++lostPasses >= LOST_PASSES && waiting.answers()) {
            return e -> DatabaseFailure.isOutage(e) && !(DatabaseFailure.isAway(e) && waiting.answers());
        }
        return DatabaseFailure::isOutage;
    }

    private void isolate(List<Long> ids, Throwable failure, Predicate<Throwable> isOutage) {
        if (ids.isEmpty() || isOutage.test(failure)) {
            throw failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
        }
        if (ids.size() == 1) {
            LOG.error("Event {} can't be brought into the mirror: {}", ids.get(0), DatabaseFailure.place(failure));
            reject(ids.get(0), "Shopbridge can't bring what the body says into the mirror ("
                    + DatabaseFailure.kind(failure) + "); report it with the bytes");
            return;
        }
        int half = ids.size() / 2;
        takeInOrIsolate(ids.subList(0, half), isOutage);
        takeInOrIsolate(ids.subList(half, ids.size()), isOutage);
    }

    private void takeInOrIsolate(List<Long> ids, Predicate<Throwable> isOutage) {
        try {
            handle(new ArrayList<>(), () -> waiting.take(ids));
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            isolate(ids, e, isOutage);
        }
    }

    private void reject(long id, String because) {
        transaction.executeWithoutResult(status -> ledger.recordEvents(waiting.take(List.of(id)).stream()
                .map(event -> aside(event, Outcome.REJECTED, because)).toList()));
    }

    private static List<Long> ids(List<ReceivedEvent> events) {
        return events.stream().map(ReceivedEvent::id).toList();
    }

    /**
     * Handles what is taken, in one transaction.
     *
     * @param taken is given the events as soon as they are known, for whoever must look for a culprit
     */
    private void handle(List<ReceivedEvent> taken, Supplier<List<ReceivedEvent>> take) {
        transaction.executeWithoutResult(status -> {
            waiting.beginPass();
            taken.addAll(take.get());
            if (!taken.isEmpty()) {
                waiting.reading(ids(taken));
                bringIn(taken);
                waiting.endPass();
            }
        });
    }

    private void bringIn(List<ReceivedEvent> events) {
        Map<Long, List<FacetChange>> read = new TreeMap<>();
        List<EventEntry> aside = new ArrayList<>();
        for (ReceivedEvent event : events) {
            readInto(read, aside, event);
        }
        knownBuyers.keep(read);
        List<FacetChange> all = read.values().stream().flatMap(List::stream).toList();
        Set<RecordKey> changed = mirror.write(all);
        changed.addAll(merges.record(all));
        changed.addAll(mirror.write(merges.noes(changed, events.get(events.size() - 1).id())));
        for (ReceivedEvent event : events) {
            List<FacetChange> changes = read.get(event.id());
            if (changes != null && changes.stream().noneMatch(change -> changed.contains(change.key()))) {
                aside.add(aside(event, Outcome.STALE, null));
            }
        }
        ledger.recordEvents(aside);
        Set<RecordKey> buyers = figures.update(
                changed.stream().filter(key -> key.entity().equals(RecordKey.ORDER)).toList());
        mark(changed, buyers, read);
    }

    private void readInto(Map<Long, List<FacetChange>> read, List<EventEntry> aside, ReceivedEvent received) {
        ReceivedEvent event = received.isTriggeredAhead() ? received.withoutTrigger() : received;
        try {
            Optional<Reading> reading = topics.receive(event);
            if (reading.isEmpty()) {
                aside.add(aside(event, Outcome.NOT_HANDLED, "Topic " + event.topic() + " is kept but not handled"));
            } else if (shopify.isDuty(event.topic())) {
                aside.add(Duties.of(event));
            } else if (reading.get().changes().isEmpty()) {
                aside.add(aside(event, Outcome.NOT_HANDLED, reading.get().nothing()));
            } else if (!event.byHand() && event.isLate(maxAge) && mirror.isNews(reading.get().changes())) {
                aside.add(aside(event, Outcome.REJECTED, "It was triggered at " + event.triggeredAt() + " and came "
                        + Duration.between(event.triggeredAt(), event.receivedAt()).toDays() + " days later, while"
                        + " Shopify sends again for four hours only. Somebody may have kept it and sent it again, so"
                        + " nothing of it was taken in. If it is right, replay it;"
                        + " shopbridge.webhook.max-age says how old an event may be"));
            } else {
                read.put(event.id(), reading.get().changes());
                note(received, reading.get());
            }
        } catch (UnreadablePayload e) {
            aside.add(aside(event, Outcome.REJECTED, e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("Event {} of topic {} could not be read; it is rejected and the next ones go on: {}", event.id(),
                    event.topic(), DatabaseFailure.place(e));
            aside.add(aside(event, Outcome.REJECTED, "Shopbridge could not read the body ("
                    + e.getClass().getSimpleName() + "); report it with the bytes"));
        }
    }

    /** What was not taken as it came. No person must act, but whoever wonders must find out. */
    private void note(ReceivedEvent event, Reading reading) {
        if (reading.mended()) {
            meters.counter("shopbridge.events.adjusted", "what", "text").increment();
            LOG.info("Event {} of topic {} holds a zero byte or half a character; U+FFFD was taken instead.",
                    event.id(), event.topic());
        }
        if (!reading.leftOut().isEmpty()) {
            meters.counter("shopbridge.events.adjusted", "what", "left-out").increment();
            LOG.info("Event {} of topic {} has what Shopify doesn't send: {}. It was left out, and the rest taken in;"
                    + " ask the app that sent it.", event.id(), event.topic(), String.join(", ", reading.leftOut()));
        }
        if (reading.withheld()) {
            meters.counter("shopbridge.customers.withheld", "store", event.store()).increment();
        }
        if (reading.ahead() || event.isTriggeredAhead()) {
            meters.counter("shopbridge.events.adjusted", "what", "time").increment();
            LOG.info("Event {} of topic {} has a time that is yet to come, so that of its receipt was taken: a clock is"
                    + " wrong, Shopify's, an app's or this machine's.", event.id(), event.topic());
        }
    }

    private static EventEntry aside(ReceivedEvent event, Outcome outcome, String because) {
        return new EventEntry(event.store(), event.topic(), outcome, because, event.id());
    }

    /**
     * Marks the changed records for the CRMs of their store, and for those that have figures of customers the buyers
     * whose figures changed.
     */
    private void mark(Set<RecordKey> changed, Set<RecordKey> buyers, Map<Long, List<FacetChange>> read) {
        Map<RecordKey, Long> newestEvent = new HashMap<>();
        Map<RecordKey, String> contact = new HashMap<>();
        for (List<FacetChange> changes : read.values()) {
            for (FacetChange change : changes) {
                newestEvent.merge(change.key(), change.inboxId(), Math::max);
                if (change.facet().equals(Facets.CONTACT)) {
                    contact.put(change.key(),
                            RecordKey.CUSTOMER + "/" + Json.readOwn(change.value()).asText());
                }
            }
        }
        Set<RecordKey> withBuyers = new TreeSet<>(changed);
        withBuyers.addAll(buyers);
        // Stores and CRMs always in this order, so that two processes that mark the same records don't lock each other out.
        new TreeMap<>(withBuyers.stream().collect(Collectors.groupingBy(RecordKey::store))).forEach((name, keys) ->
                stores.find(name).ifPresent(store ->
                        new TreeMap<>(keys.stream().collect(Collectors.groupingBy(RecordKey::entity))).forEach(
                                (entity, some) -> mark(store, entity, some, changed, contact, newestEvent))));
    }

    private void mark(Store store, String entity, List<RecordKey> keys, Set<RecordKey> changed,
            Map<RecordKey, String> contact, Map<RecordKey, Long> newestEvent) {
        boolean buyers = entity.equals(RecordKey.CUSTOMER);
        Map<Boolean, List<String>> crms = store.crms().stream().filter(crm -> interests.maps(crm, entity))
                .collect(Collectors.partitioningBy(crm -> buyers && interests.readsMetrics(crm)));
        crms.forEach((readMetrics, some) -> {
            List<RecordKey> toMark = readMetrics ? keys : keys.stream().filter(changed::contains).toList();
            work.mark(toMark.stream().map(key -> new Mark(key, contact.get(key), newestEvent.get(key))).toList(), some);
        });
    }
}
