package io.shopbridge.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
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
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Judges records of the CRM that have our key: those that are linked are ours, the others are nobody's or doubled. */
@Component
class KeyedRecords {

    private final Links links;
    private final CrmLookup lookup;
    private final CanonicalRecords canonicalRecords;
    private final Stores stores;
    private final Work work;

    KeyedRecords(Links links, CrmLookup lookup, CanonicalRecords canonicalRecords, Stores stores, Work work) {
        this.links = links;
        this.lookup = lookup;
        this.canonicalRecords = canonicalRecords;
        this.stores = stores;
        this.work = work;
    }

    List<Difference> judge(Crm crm, Mapping mapping, List<JsonNode> elements) {
        String field = mapping.externalIdField().orElseThrow();
        Map<String, RecordKey> unlinked = new LinkedHashMap<>();
        elements.stream().map(CrmRecord::of).forEach(record -> {
            RecordKey key = key(mapping.entity(), record.values().fields().get(field));
            if (key != null) {
                unlinked.put(record.id(), key);
            }
        });
        // Of any object: a person may be kept as an account, and linked as a contact.
        crm.mappings().stream().map(Mapping::object).distinct().forEach(object ->
                links.to(crm.name(), object, unlinked.keySet()).forEach((id, all) -> {
                    if (object.equals(mapping.object()) || all.stream().anyMatch(link -> isKey(link, field, unlinked.get(id)))) {
                        unlinked.remove(id);
                    }
                }));
        if (unlinked.isEmpty()) {
            return List.of();
        }
        Set<RecordKey> open = work.open(crm.name(), unlinked.values());
        Set<RecordKey> known = known(crm, field, unlinked.values());
        Map<RecordKey, Link> elsewhere = links.of(crm.name(), unlinked.values());
        Map<String, CrmRecord> there = elsewhere.isEmpty() ? Map.of()
                : lookup.read(crm, mapping, elsewhere.values().stream().map(Link::crmId).toList());
        List<Difference> differences = new ArrayList<>();
        unlinked.forEach((id, key) -> {
            // A record that is there and not linked is one that the mirror's part finds, or one that is being written.
            if (elsewhere.containsKey(key)) {
                // Where that is gone, or was merged into this one, the part of linked records has said so.
                CrmRecord other = there.get(elsewhere.get(key).crmId());
                if (other != null && !other.id().equals(id)) {
                    differences.add(Difference.ofUnlinked(Kind.DOUBLED, key, id));
                }
            } else if (!known.contains(key) && !open.contains(key)) {
                differences.add(Difference.ofUnlinked(Kind.ORPHANED, key, id));
            }
        });
        return differences;
    }

    /** Those of these keys that are a record of the mirror: orders and draft orders may share an object and its field. */
    private Set<RecordKey> known(Crm crm, String field, Collection<RecordKey> keys) {
        Set<String> entities = crm.mappings().stream().filter(other -> other.externalIdField().filter(field::equals)
                .isPresent()).map(Mapping::entity).collect(Collectors.toSet());
        Set<RecordKey> mirrored = canonicalRecords.known(keys.stream().flatMap(key -> entities.stream()
                .map(entity -> new RecordKey(key.store(), entity, key.recordId()))).toList());
        return keys.stream().filter(key -> entities.stream().anyMatch(entity ->
                mirrored.contains(new RecordKey(key.store(), entity, key.recordId())))).collect(Collectors.toSet());
    }

    private static boolean isKey(Link link, String field, RecordKey key) {
        JsonNode written = link.base().get(field);
        return written != null && written.asText().equals(key.store() + ":" + key.recordId());
    }

    /** Of keys as {@code main:123}, of a store that is configured; of others nobody can say whose they are. */
    private RecordKey key(String entity, JsonNode value) {
        String text = value == null ? "" : value.asText("");
        int colon = text.indexOf(':');
        return colon < 0 || stores.find(text.substring(0, colon)).isEmpty() ? null
                : new RecordKey(text.substring(0, colon), entity, text.substring(colon + 1));
    }
}
