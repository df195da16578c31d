package io.shopbridge.deliver;

import io.shopbridge.backfill.OrderCutoffs;
import io.shopbridge.crm.Crm;
import io.shopbridge.identify.Links;
import io.shopbridge.ledger.Ledger;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.RecordLink;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Work;
import io.shopbridge.work.WorkItem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Records that a CRM should have, does not have, and that nothing is going to write. */
@Component
public class Undelivered {

    private final CanonicalRecords canonicalRecords;
    private final Links links;
    private final Ledger ledger;
    private final Stores stores;
    private final Work work;
    private final OrderCutoffs cutoffs;

    Undelivered(CanonicalRecords canonicalRecords, Links links, Ledger ledger, Stores stores, Work work,
            OrderCutoffs cutoffs) {
        this.cutoffs = cutoffs;
        this.canonicalRecords = canonicalRecords;
        this.links = links;
        this.ledger = ledger;
        this.stores = stores;
        this.work = work;
    }

    /** Those among these records of the mirror; not those of which a person knows, or has decided. */
    public List<RecordKey> among(Crm crm, Mapping mapping, Collection<RecordKey> keys) {
        List<RecordKey> rest = new ArrayList<>(keys);
        // Work first: a delivery that ends meanwhile leaves a link before its work ends.
        Set<RecordKey> open = work.open(crm.name(), rest);
        rest.removeAll(open);
        rest.removeAll(links.of(crm.name(), rest).keySet());
        rest.removeAll(ledger.keptOut(crm.name(), rest));
        if (mapping.entity().equals(RecordKey.ORDER)) {
            rest.removeAll(cutoffs.history(rest).keySet());
        }
        List<RecordKey> undelivered = new ArrayList<>();
        canonicalRecords.groups(rest).forEach(together -> {
            Map<RecordKey, CanonicalRecord> canonical = canonicalRecords.load(together);
            Map<RecordKey, DeliveryRecord> delivered = new LinkedHashMap<>();
            together.forEach(key -> delivered(crm, mapping, canonical.get(key))
                    .ifPresent(record -> delivered.put(key, record)));
            delivered.keySet().removeAll(ofDeleted(crm, mapping, delivered.values()));
            undelivered.addAll(delivered.keySet());
        });
        return undelivered;
    }

    private Optional<DeliveryRecord> delivered(Crm crm, Mapping mapping, CanonicalRecord canonical) {
        if (!canonical.complete() || canonical.mergedInto().isPresent() || stores.find(canonical.key().store()).isEmpty()) {
            return Optional.empty();
        }
        DeliveryRecord record = new DeliveryRecord(
                WorkItem.unclaimed(crm.name(), canonical.key()),
                Loading.context(crm, stores, canonical.key().store()));
        record.load(canonical);
        boolean[] delivered = {false};
        Unusable.orRejected(record, () -> delivered[0] = mapping.skip(record.json(), record.context()).isEmpty()
                && mapping.links().stream().noneMatch(relation -> isSkippedWithout(crm, record, relation)));
        return delivered[0] ? Optional.of(record) : Optional.empty();
    }

    /** Those that the mapping skips because what they belong to was deleted before the CRM had it. */
    private Set<RecordKey> ofDeleted(Crm crm, Mapping mapping, Collection<DeliveryRecord> records) {
        Map<RecordKey, List<RecordKey>> others = new HashMap<>();
        records.forEach(record -> mapping.links().stream().filter(relation -> relation.deleted() == RecordLink.Deleted.SKIP)
                .forEach(relation -> record.related(relation).ifPresent(other ->
                        others.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(other))));
        Set<RecordKey> unlinked = others.values().stream().flatMap(List::stream).collect(Collectors.toSet());
        unlinked.removeAll(links.of(crm.name(), unlinked).keySet());
        Set<RecordKey> gone = canonicalRecords.deleted(unlinked);
        return others.keySet().stream().filter(key -> others.get(key).stream().anyMatch(gone::contains))
                .collect(Collectors.toSet());
    }

    private static boolean isSkippedWithout(Crm crm, DeliveryRecord record, RecordLink relation) {
        return relation.absent() == RecordLink.Absent.SKIP && crm.standIn(relation).isEmpty()
                && relation.recordId(record.json()).isEmpty();
    }
}
