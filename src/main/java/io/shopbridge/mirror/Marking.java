package io.shopbridge.mirror;

import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.Json;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Mark;
import io.shopbridge.work.Work;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.springframework.stereotype.Component;

/** The fifth step: what changed is work for the CRMs that want it, whose deliveries are woken after the commit. */
@Component("marking")
public class Marking {

    private final Stores stores;
    private final Interests interests;
    private final Work work;

    Marking(Stores stores, Interests interests, Work work) {
        this.stores = stores;
        this.interests = interests;
        this.work = work;
    }

    /**
     * Marks the changed records for the CRMs of their store, and for those that have figures of customers the buyers
     * whose figures changed.
     */
    public void mark(@Body Batch batch) {
        Map<RecordKey, Long> newestEvent = new HashMap<>();
        Map<RecordKey, String> contact = new HashMap<>();
        for (FacetChange change : batch.allChanges()) {
            newestEvent.merge(change.key(), change.inboxId(), Math::max);
            if (change.facet().equals(Facets.CONTACT) && Json.readOwn(change.value()).isTextual()) {
                contact.put(change.key(), RecordKey.CUSTOMER + "/" + Json.readOwn(change.value()).asText());
            }
        }
        Set<Long> history = batch.events().stream().filter(ReceivedEvent::isHistory).map(ReceivedEvent::id)
                .collect(Collectors.toSet());
        Set<RecordKey> today = batch.allChanges().stream().filter(change -> !history.contains(change.inboxId()))
                .map(FacetChange::key).collect(Collectors.toSet());
        // Of a buyer of whom no event tells, only figures changed.
        boolean onlyHistory = history.size() == batch.events().size();
        Predicate<RecordKey> later = key -> newestEvent.containsKey(key) ? !today.contains(key) : onlyHistory;
        Set<RecordKey> withBuyers = new TreeSet<>(batch.changed());
        withBuyers.addAll(batch.buyers());
        // Stores and CRMs always in this order, so that two processes that mark the same records don't lock each other out.
        new TreeMap<>(withBuyers.stream().collect(Collectors.groupingBy(RecordKey::store))).forEach((name, keys) ->
                stores.find(name).ifPresent(store ->
                        new TreeMap<>(keys.stream().collect(Collectors.groupingBy(RecordKey::entity))).forEach(
                                (entity, some) -> mark(store, entity, some, batch.changed(), contact, newestEvent,
                                        later))));
    }

    private void mark(Store store, String entity, List<RecordKey> keys, Set<RecordKey> changed,
            Map<RecordKey, String> contact, Map<RecordKey, Long> newestEvent, Predicate<RecordKey> later) {
        boolean buyers = entity.equals(RecordKey.CUSTOMER);
        Map<Boolean, List<String>> crms = store.crms().stream().filter(crm -> interests.maps(crm, entity))
                .collect(Collectors.partitioningBy(crm -> buyers && interests.readsMetrics(crm)));
        crms.forEach((readMetrics, some) -> {
            List<RecordKey> toMark = readMetrics ? keys : keys.stream().filter(changed::contains).toList();
            work.mark(toMark.stream().map(key -> new Mark(key, contact.get(key), newestEvent.get(key),
                    later.test(key))).toList(), some);
        });
    }
}
