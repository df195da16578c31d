package io.shopbridge.mirror;

import io.shopbridge.inbox.Event;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.shopify.Entity;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.Reading;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** The records that the mirror would hold after some events, read and joined by the same rules. Nothing is written. */
@Component
public class ForeseenRecords {

    private final Shopify shopify;
    private final Topics topics;
    private final Mirror mirror;
    private final KnownBuyers knownBuyers;
    private final CanonicalRecords records;
    private final CustomerFigures figures;

    ForeseenRecords(Shopify shopify, Topics topics, Mirror mirror, KnownBuyers knownBuyers, CanonicalRecords records,
            CustomerFigures figures) {
        this.shopify = shopify;
        this.topics = topics;
        this.mirror = mirror;
        this.knownBuyers = knownBuyers;
        this.records = records;
        this.figures = figures;
    }

    /**
     * What some events would bring.
     *
     * @param records    all that the events tell of, and the buyers
     * @param changed    those that would not be what they are
     * @param buyers     the customers and guests whose figures would change
     * @param orderedOn  the days of the shop on which the orders among them were made
     * @param unreadable the events that would be rejected, and why; the sentence may quote the body
     */
    public record Foreseen(Map<RecordKey, CanonicalRecord> records, Set<RecordKey> changed, Set<RecordKey> buyers,
            Map<RecordKey, LocalDate> orderedOn, Map<Event, String> unreadable) {
    }

    public Foreseen of(List<Event> events) {
        Map<Long, List<FacetChange>> byEvent = new TreeMap<>();
        Map<Event, String> unreadable = new HashMap<>();
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            try {
                Optional<Reading> reading = topics.receive(new ReceivedEvent(i, event.store(), event.topic(), null,
                        Instant.now(), event.body()));
                byEvent.put((long) i, reading.map(Reading::changes).orElse(List.of()));
            } catch (UnreadablePayload e) {
                unreadable.put(event, e.getMessage());
            } catch (RuntimeException e) {
                unreadable.put(event, "Shopbridge could not read the body (" + e.getClass().getSimpleName() + ")");
            }
        }
        knownBuyers.keep(byEvent);
        Map<RecordKey, List<FacetChange>> changes = Mirror.newest(byEvent.values().stream().flatMap(List::stream).toList())
                .stream().collect(Collectors.groupingBy(FacetChange::key));
        Map<RecordKey, List<StoredFacet>> known = mirror.read(changes.keySet());
        Map<RecordKey, List<StoredFacet>> facets = new HashMap<>();
        Set<RecordKey> changed = new TreeSet<>();
        changes.forEach((key, of) -> {
            List<StoredFacet> before = known.getOrDefault(key, List.of());
            List<StoredFacet> after = Mirror.with(before, of);
            facets.put(key, after);
            Entity entity = shopify.entity(key.entity());
            if (!versions(after).equals(versions(before))
                    || !PartsOver.of(entity, after).keySet().equals(PartsOver.of(entity, before).keySet())) {
                changed.add(key);
            }
        });
        Map<RecordKey, CanonicalRecord> all = records.of(new ArrayList<>(facets.keySet()), facets);
        CustomerFigures.Foreseen orders = figures.foresee(all.values().stream()
                .filter(record -> record.key().entity().equals(RecordKey.ORDER)).toList());
        // Who loses an order need not be named by any event.
        all.putAll(records.load(orders.buyers().stream().filter(buyer -> !all.containsKey(buyer)).toList()));
        return new Foreseen(all, changed, orders.buyers(), orders.days(), unreadable);
    }

    /** A list of all parts is newer in each answer, and only what it has not any more changes the record. */
    private static Map<String, Object> versions(List<StoredFacet> facets) {
        return facets.stream().filter(facet -> !facet.name().equals(Facets.LISTED))
                .collect(Collectors.toMap(StoredFacet::name, StoredFacet::version));
    }
}
