package io.shopbridge.mirror;

import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.ledger.EventEntry;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The events of a pass and what comes of them: the body of the routes in {@code 2-mirror} from the step "read" on. */
public final class Batch {

    private final List<ReceivedEvent> events;
    private final Map<Long, List<FacetChange>> changes = new TreeMap<>();
    private final List<EventEntry> outcomes = new ArrayList<>();
    private Set<RecordKey> changed = Set.of();
    private Set<RecordKey> buyers = Set.of();

    Batch(List<ReceivedEvent> events) {
        this.events = events;
    }

    List<ReceivedEvent> events() {
        return events;
    }

    /** The number of the event that came last. */
    long newest() {
        return events.get(events.size() - 1).id();
    }

    /** What the events say that were read, by their numbers. */
    Map<Long, List<FacetChange>> changes() {
        return changes;
    }

    List<FacetChange> allChanges() {
        return changes.values().stream().flatMap(List::stream).toList();
    }

    /** The event reaches no record. */
    void aside(ReceivedEvent event, Outcome outcome, String because) {
        aside(new EventEntry(event.store(), event.topic(), outcome, because, event.id()));
    }

    void aside(EventEntry entry) {
        outcomes.add(entry);
    }

    /** Of the events that reach no record; of the others the deliveries tell. */
    public List<EventEntry> outcomes() {
        return outcomes;
    }

    void changed(Set<RecordKey> records) {
        changed = records;
    }

    /** The records that are not what they were. */
    Set<RecordKey> changed() {
        return changed;
    }

    void buyers(Set<RecordKey> customers) {
        buyers = customers;
    }

    /** The customers and guests whose figures are not what they were. */
    Set<RecordKey> buyers() {
        return buyers;
    }
}
