package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.backfill.OrderCutoffs;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.Projection.CallKind;
import io.shopbridge.deliver.Projection.Change;
import io.shopbridge.deliver.Projection.Fate;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.RecordLink;
import io.shopbridge.merge.Base;
import io.shopbridge.merge.Merge;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.mirror.CustomerMerges;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import io.shopbridge.work.WorkItem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Says what a delivery would write of many records, by mappings that need not be in use. Its steps are those of every
 * delivery; it reads the database, calls no CRM and changes nothing.
 */
@Component
public class Projecting {

    private static final Merge MERGE = new Merge();

    private final CanonicalRecords canonicalRecords;
    private final Links links;
    private final Stores stores;
    private final Persons persons;
    private final Bases bases;
    private final Clashes clashes;
    private final PresentValues presentValues;
    private final EarlyConsents earlyConsents;
    private final OrderCutoffs cutoffs;

    Projecting(CanonicalRecords canonicalRecords, Links links, Stores stores, Persons persons, Bases bases, Clashes clashes,
            PresentValues presentValues, EarlyConsents earlyConsents, OrderCutoffs cutoffs) {
        this.cutoffs = cutoffs;
        this.canonicalRecords = canonicalRecords;
        this.links = links;
        this.stores = stores;
        this.persons = persons;
        this.bases = bases;
        this.clashes = clashes;
        this.presentValues = presentValues;
        this.earlyConsents = earlyConsents;
    }

    /**
     * A projection for each of these records.
     *
     * @param mapping of the CRM, by which they are mapped
     * @param records of the mapping's entity, as the mirror has them
     */
    public Map<RecordKey, Projection> of(Crm crm, Mapping mapping, Map<RecordKey, CanonicalRecord> records) {
        return new Pass(crm, mapping).project(records);
    }

    /** The projections of several records. */
    private final class Pass {

        private final Crm crm;
        private final Mapping mapping;
        private final Placeholders placeholders = new Placeholders();
        private final Map<RecordKey, Map<String, Change>> changes = new HashMap<>();
        private final Map<RecordKey, Map<CallKind, Integer>> calls = new HashMap<>();
        private final Map<RecordKey, Set<String>> clashing = new HashMap<>();

        Pass(Crm crm, Mapping mapping) {
            this.crm = crm;
            this.mapping = mapping;
        }

        Map<RecordKey, Projection> project(Map<RecordKey, CanonicalRecord> canonical) {
            Map<RecordKey, Link> stored = links.of(crm.name(), canonical.keySet());
            List<DeliveryRecord> records = canonical.values().stream().map(one -> {
                DeliveryRecord record = new DeliveryRecord(
                        WorkItem.unclaimed(crm.name(), one.key()),
                        Loading.context(crm, stores, one.key().store()));
                record.linkedTo(stored.get(one.key()));
                Unusable.orRejected(record, () -> load(record, one));
                return record;
            }).toList();
            Loading.withoutHistory(mapping, records, cutoffs);
            Delivery delivery = new Delivery(crm, mapping, records, false);
            relate(delivery.open());
            delivery.persons(persons.of(crm, mapping.object(), records));
            persons.figures(delivery.open(), delivery.persons());
            delivery.open().forEach(record -> Unusable.orRejected(record, () -> map(record)));
            records.stream().filter(record -> !record.open() && record.link() != null && isMappable(record))
                    .forEach(record -> Unusable.orRejected(record, () -> onlyNoes(delivery, record)));
            merge(delivery);
            count(delivery);
            return records.stream().collect(Collectors.toMap(DeliveryRecord::key,
                    record -> result(record, stored.containsKey(record.key()))));
        }

        private void load(DeliveryRecord record, CanonicalRecord found) {
            record.load(found);
            if (!found.complete()) {
                record.waits("Only parts of it have arrived", null, null);
            } else if (found.mergedInto().isPresent()) {
                record.waits(CustomerMerges.because(record.key(), found.mergedInto().get()), null, null);
            } else {
                mapping.externalId(record.json(), record.context()).ifPresent(record::externalId);
                mapping.skip(record.json(), record.context())
                        .ifPresent(because -> record.end(Outcome.SKIPPED, because));
                if (Consent.isKept(crm, mapping)) {
                    Consent.of(crm, mapping, record).recall(earlyConsents);
                }
            }
        }

        private static boolean isMappable(DeliveryRecord record) {
            return record.outcome() == Outcome.SKIPPED || record.outcome() == Outcome.REJECTED;
        }

        /** What they point to: the CRM's ids, or placeholders of records that the CRM is going to get. */
        private void relate(List<DeliveryRecord> records) {
            Map<DeliveryRecord, Map<RecordLink, RecordKey>> related = new LinkedHashMap<>();
            for (DeliveryRecord record : records) {
                for (RecordLink relation : mapping.links()) {
                    record.related(relation).ifPresent(other ->
                            related.computeIfAbsent(record, one -> new HashMap<>()).put(relation, other));
                }
            }
            Set<RecordKey> others = related.values().stream().flatMap(all -> all.values().stream())
                    .collect(Collectors.toSet());
            Map<RecordKey, Link> stored = links.of(crm.name(), others);
            others.removeAll(stored.keySet());
            Set<RecordKey> present = canonicalRecords.present(others);
            Set<RecordKey> gone = canonicalRecords.deleted(others);
            for (DeliveryRecord record : records) {
                for (RecordLink relation : mapping.links()) {
                    RecordKey other = related.getOrDefault(record, Map.of()).get(relation);
                    if (other == null) {
                        without(record, relation);
                    } else if (stored.containsKey(other)) {
                        record.relations().put(relation.name(), stored.get(other).crmId());
                    } else if (present.contains(other) && crm.mapping(other.entity()).isPresent()) {
                        record.relations().put(relation.name(), placeholders.id(other));
                    } else if (gone.contains(other)) {
                        withoutDeleted(record, relation, other);
                    } else if (relation.required()) {
                        record.waits("Its " + relation.name() + " is not in " + crm.title(), null, null);
                    }
                }
            }
        }

        private void without(DeliveryRecord record, RecordLink relation) {
            Optional<String> standIn = crm.standIn(relation);
            standIn.ifPresent(id -> record.relations().put(relation.name(), id));
            if (standIn.isEmpty() && relation.absent() == RecordLink.Absent.SKIP && record.link() == null
                    && record.open()) {
                record.end(Outcome.SKIPPED, "It has no " + relation.name());
            }
        }

        private static void withoutDeleted(DeliveryRecord record, RecordLink relation, RecordKey other) {
            if (record.link() != null || relation.deleted() == RecordLink.Deleted.DELIVER) {
                return;
            }
            if (relation.deleted() == RecordLink.Deleted.SKIP) {
                record.end(Outcome.SKIPPED, "Its " + relation.name() + " was deleted in Shopify");
            } else {
                record.waits("Its " + relation.name() + ", " + other + ", was deleted in Shopify", null, null);
            }
        }

        private void map(DeliveryRecord record) {
            MappedRecord values = record.values(mapping);
            record.mapped(values);
            record.fields(mapping.fields());
            if (!values.refusals().isEmpty()) {
                record.end(Outcome.REJECTED, values.refusals());
            }
        }

        private void onlyNoes(Delivery delivery, DeliveryRecord record) {
            MappedRecord values = OptOuts.of(mapping, record);
            record.fields(mapping.fields());
            if (!values.fields().isEmpty()) {
                Base base = bases.of(delivery, record);
                record.sayOnlyNo(Merging.merged(delivery, record, values, base).write(), Map.of());
            }
        }

        private void merge(Delivery delivery) {
            List<DeliveryRecord> records = delivery.open();
            Map<RecordKey, Map<String, Clashes.Clash>> known =
                    clashes.of(crm, records.stream().map(DeliveryRecord::key).toList());
            for (DeliveryRecord record : Merging.noesFirst(delivery, records)) {
                Unusable.orRejected(record, () -> {
                    Base base = bases.of(delivery, record);
                    perhaps(delivery, record, base);
                    Merging.decide(delivery, record, Merging.merged(delivery, record, record.values(mapping), base), base);
                    Bases.heed(delivery, record);
                    clash(record, known.getOrDefault(record.key(), Map.of()));
                });
            }
            List<DeliveryRecord> merged = delivery.open();
            mapping.children().stream().filter(ChildMapping::shared).forEach(child -> share(delivery, child, merged));
            LineItems.merge(delivery, merged, lines(merged));
        }

        /** Fields of which the CRM's value decides. */
        private void perhaps(Delivery delivery, DeliveryRecord record, Base base) {
            if (record.link() == null) {
                return;
            }
            MappedRecord values = record.values(mapping);
            Bases.fields(delivery, record).stream()
                    .filter(field -> MERGE.needsCrmValues(List.of(field), values, base))
                    .forEach(field -> change(record, field.name(), field, base.own().get(field.name()),
                            values.fields().get(field.name()), false));
            if (presentValues.isNeeded(delivery, record, values)) {
                call(record, Operation.READ, mapping.object());
            }
        }

        /** A unique value that another record has is not written as long as it stays the same. */
        private void clash(DeliveryRecord record, Map<String, Clashes.Clash> known) {
            known.forEach((field, clash) -> {
                if (clash.is(record.values(mapping).fields().get(field))) {
                    record.clashes(field, clash.holder(), false);
                    clashing.computeIfAbsent(record.key(), key -> new TreeSet<>()).add(field);
                }
            });
        }

        private void share(Delivery delivery, ChildMapping child, List<DeliveryRecord> parents) {
            parents.forEach(parent -> SharedRecords.collect(delivery, child, parent));
            Map<RecordKey, DeliveryRecord> shared = new LinkedHashMap<>();
            delivery.shared().forEach((key, record) -> {
                if (key.entity().equals(child.entity()) && !record.decided()) {
                    shared.put(key, record);
                }
            });
            Map<RecordKey, Link> stored = links.of(crm.name(), shared.keySet());
            shared.forEach((key, record) -> {
                if (stored.containsKey(key)) {
                    SharedRecords.known(record, stored.get(key));
                } else {
                    Unusable.orRejected(record, () -> SharedRecords.create(child, record));
                }
            });
        }

        private LineItems.Known lines(Collection<DeliveryRecord> parents) {
            LineItems.Known known = new LineItems.Known(new HashMap<>(), new HashMap<>());
            List<RecordKey> linked = parents.stream().filter(record -> record.link() != null).map(DeliveryRecord::key)
                    .toList();
            if (!mapping.children().isEmpty() && !linked.isEmpty()) {
                links.children(crm.name(), linked).forEach(link -> {
                    known.stored().put(link.key(), link);
                    known.byParent().computeIfAbsent(link.key().store() + "/" + link.parentId(), id -> new ArrayList<>())
                            .add(link);
                });
            }
            return known;
        }

        /** The calls that are still needed say what is written. */
        private void count(Delivery delivery) {
            delivery.open().stream().filter(record -> record.link() == null).forEach(this::search);
            delivery.unsubscriptions().forEach(consent ->
                    written(consent.record(), "@subscription", TextNode.valueOf(consent.state()), Operation.WRITE_CONSENT));
            for (Kind kind : Kind.values()) {
                Preparation.of(kind, delivery);
                Calls.of(kind, delivery).forEach(this::count);
            }
        }

        /** By our key, and by what else the mapping names. */
        private void search(DeliveryRecord record) {
            if (crm.can(Operation.FIND, mapping.object())) {
                Stream.concat(mapping.externalIdField().stream(), mapping.matchSources().keySet().stream())
                        .forEach(field -> call(record, Operation.FIND, mapping.object()));
            }
        }

        private void count(Chunk chunk) {
            if (chunk instanceof WriteChunk write) {
                write.records().forEach(record -> {
                    write(record);
                    call(record, write.operation(), write.object());
                    write.made(record, record.link() == null ? placeholders.id(record.key()) : record.link().crmId());
                });
            } else if (chunk instanceof AssociateChunk associate) {
                associate.associations().forEach(one -> written(one.record(), DeliveryRecord.ASSOCIATION + one.name(),
                        TextNode.valueOf(one.toId()), Operation.ASSOCIATE));
            } else if (chunk instanceof DissociateChunk dissociate) {
                dissociate.records().forEach(record -> call(record, Operation.DISSOCIATE, ""));
            } else if (chunk instanceof ArchiveChunk archive) {
                archive.items().forEach(item -> {
                    RecordKey part = item.link().key();
                    change(item.order(), part.entity() + " removed", null, TextNode.valueOf(part.recordId()),
                            NullNode.getInstance(), true);
                    call(item.order(), Operation.ARCHIVE, item.object());
                });
            } else if (chunk instanceof ActivateChunk activate) {
                activate.records().forEach(record -> written(record, DeliveryRecord.ASSOCIATION + "activated", BooleanNode.TRUE,
                        Operation.ACTIVATE));
            } else if (chunk instanceof ConsentChunk asked && asked.operation() == Operation.READ_CONSENT) {
                // What the CRM knows of it decides whether it is written.
                DeliveryRecord record = asked.consent().record();
                change(record, "@subscription", null, null, TextNode.valueOf(asked.consent().state()), false);
                call(record, Operation.READ_CONSENT, "");
            }
        }

        private void write(DeliveryRecord record) {
            boolean isSharedNew = record.parent() == null && !record.key().equals(record.item().key());
            boolean mayBeFound = record.link() == null && (isSharedNew
                    || record.parent() == null && !mapping.matchSources().isEmpty());
            Map<String, Field> fields = fields(record);
            Map<String, JsonNode> before = record.link() == null ? Map.of() : record.link().base();
            record.write().forEach((name, value) ->
                    change(record, name, fields.get(name), before.get(name), value, !mayBeFound));
        }

        private Map<String, Field> fields(DeliveryRecord record) {
            return (record.key().equals(record.item().key()) ? mapping.fields().stream()
                    : mapping.children().stream().filter(child -> record.key().entity().equals(child.entity()))
                            .flatMap(child -> child.fields().stream()))
                    .collect(Collectors.toMap(Field::name, field -> field, (one, other) -> one));
        }

        private void written(DeliveryRecord record, String name, JsonNode value, Operation operation) {
            change(record, name, null, record.link() == null ? null : record.link().base().get(name), value, true);
            call(record, operation, operation == Operation.ACTIVATE ? mapping.object() : "");
        }

        /** What depends on the CRM was said before, and stays so. */
        private void change(DeliveryRecord record, String name, Field field, JsonNode before, JsonNode after, boolean certain) {
            RecordKey whole = record.item().key();
            String named = record.key().equals(whole) ? name : record.key().entity() + "." + name;
            changes.computeIfAbsent(whole, key -> new TreeMap<>()).merge(named,
                    new Change(named, field == null ? null : field.owner().word(), before, after, certain),
                    (one, other) -> one);
        }

        private void call(DeliveryRecord record, Operation operation, String object) {
            CallKind kind = new CallKind(operation, object, crm.operations().batch(operation, object),
                    crm.operations().limit(operation, object).orElse(""));
            calls.computeIfAbsent(record.item().key(), key -> new HashMap<>()).merge(kind, 1, Integer::sum);
        }

        private Projection result(DeliveryRecord record, boolean linked) {
            Fate fate = record.open() ? Fate.DELIVERED : switch (record.outcome()) {
                case SKIPPED -> Fate.SKIPPED;
                case REJECTED -> Fate.REFUSED;
                default -> Fate.WAITING;
            };
            Map<String, Change> found = changes.getOrDefault(record.key(), Map.of());
            // A record that turned out not to be delivered, such as an order with a line that is refused, writes nothing.
            boolean nothing = fate != Fate.DELIVERED && !record.saysOnlyNo();
            return new Projection(record.key(), linked, fate, List.copyOf(record.errors()),
                    nothing ? List.of() : List.copyOf(found.values()), new HashSet<>(record.leftOut()),
                    clashing.getOrDefault(record.key(), Set.of()),
                    nothing ? Map.of() : calls.getOrDefault(record.key(), Map.of()));
        }
    }
}
