package io.shopbridge.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.deliver.Comparison;
import io.shopbridge.deliver.Difference;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.map.Mapping;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Work;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Judges records of the CRM that have our key: those that are linked are ours, the others are nobody's or doubled. */
@Component
class KeyedRecords {

    private final Links links;
    private final CrmLookup lookup;
    private final CanonicalRecords canonicalRecords;
    private final Stores stores;
    private final Work work;
    private final Comparison comparison;

    KeyedRecords(Links links, CrmLookup lookup, CanonicalRecords canonicalRecords, Stores stores, Work work,
            Comparison comparison) {
        this.comparison = comparison;
        this.links = links;
        this.lookup = lookup;
        this.canonicalRecords = canonicalRecords;
        this.stores = stores;
        this.work = work;
    }

    List<Difference> judge(Crm crm, Mapping mapping, List<JsonNode> elements) {
        String field = mapping.externalIdField().orElseThrow();
        OurKeys keys = OurKeys.of(crm, field, stores);
        Map<String, OurKeys.Key> unlinked = new LinkedHashMap<>();
        elements.stream().map(CrmRecord::of).forEach(record ->
                keys.read(mapping.entity(), record.values().fields().get(field)).ifPresent(key ->
                        unlinked.put(record.id(), key)));
        // Of any object: a person may be kept as an account, and linked as a contact.
        crm.mappings().stream().map(Mapping::object).distinct().forEach(object ->
                links.to(crm.name(), object, unlinked.keySet()).forEach((id, all) -> {
                    if (object.equals(mapping.object())
                            || all.stream().anyMatch(link -> isKey(link, field, unlinked.get(id)))) {
                        unlinked.remove(id);
                    }
                }));
        if (unlinked.isEmpty()) {
            return List.of();
        }
        List<RecordKey> records = unlinked.values().stream().map(OurKeys.Key::record).toList();
        Set<RecordKey> open = work.open(crm.name(), records);
        Set<RecordKey> known = canonicalRecords.known(unlinked.values().stream().flatMap(key -> key.all().stream())
                .toList());
        Map<RecordKey, Link> elsewhere = links.of(crm.name(), records);
        Map<String, CrmRecord> there = elsewhere.isEmpty() ? Map.of()
                : lookup.read(crm, mapping, elsewhere.values().stream().map(Link::crmId).toList());
        Set<String> shared = comparison.doubled(crm, mapping, there.keySet());
        List<Difference> differences = new ArrayList<>();
        unlinked.forEach((id, key) -> {
            RecordKey record = key.record();
            // A record that is there and not linked is one that the mirror's part finds, or one that is being written.
            if (elsewhere.containsKey(record)) {
                // Where that is gone, was merged into this one, or is another's, the part of linked records has said so.
                CrmRecord other = there.get(elsewhere.get(record).crmId());
                if (other != null && !other.id().equals(id)) {
                    JsonNode itsKey = other.values().fields().get(field);
                    if (key.isSure() && itsKey != null && itsKey.asText().equals(key.text())) {
                        differences.add(Difference.ofSecond(elsewhere.get(record), id));
                    } else if (!shared.contains(other.id())) {
                        differences.add(Difference.ofUnlinked(Kind.DOUBLED, record, id));
                    }
                }
            } else if (!open.contains(record) && key.all().stream().noneMatch(known::contains)) {
                differences.add(Difference.ofUnlinked(Kind.ORPHANED, record, id));
            }
        });
        return differences;
    }

    private static boolean isKey(Link link, String field, OurKeys.Key key) {
        JsonNode written = link.base().get(field);
        return written != null && written.asText().equals(key.text());
    }
}
