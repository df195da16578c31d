package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.Operation;
import io.shopbridge.deliver.Compared.State;
import io.shopbridge.deliver.Difference.Kind;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.ledger.Ledger;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.Field;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.RecordLink;
import io.shopbridge.map.Values;
import io.shopbridge.merge.Base;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.merge.Decision;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Work;
import io.shopbridge.work.WorkItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Compares records with what the CRM has, by the map and merge of deliveries: a difference is what a delivery would
 * write that knew the CRM's present values of all fields. It reads from the CRM and changes nothing.
 *
 * <p>A delivery itself reads only where a value of Shopify's has changed, so it does not see what somebody else did to
 * the CRM's record.
 */
@Component
public class Comparison {

    /** Several of these may be one record of the CRM: in two stores, or because a user of the CRM has merged them. */
    private static final Set<String> MAY_BE_ONE = Set.of(RecordKey.CUSTOMER, RecordKey.COMPANY);

    private final CrmLookup lookup;
    private final CanonicalRecords canonicalRecords;
    private final Links links;
    private final Stores stores;
    private final Persons persons;
    private final Bases bases;
    private final Clashes clashes;
    private final LeftOutFields leftOutFields;
    private final Ledger ledger;
    private final Work work;

    Comparison(CrmLookup lookup, CanonicalRecords canonicalRecords, Links links, Stores stores, Persons persons,
            Bases bases, Clashes clashes, LeftOutFields leftOutFields, Ledger ledger, Work work) {
        this.lookup = lookup;
        this.canonicalRecords = canonicalRecords;
        this.links = links;
        this.stores = stores;
        this.persons = persons;
        this.bases = bases;
        this.clashes = clashes;
        this.leftOutFields = leftOutFields;
        this.ledger = ledger;
        this.work = work;
    }

    /**
     * What was found.
     *
     * @param records in the order of the links
     * @param calls   how often the CRM was asked
     */
    public record Result(List<Compared> records, int calls) {
    }

    /**
     * Compares these linked records, all of the mapping's entity.
     *
     * @throws CrmFailure where the CRM did not answer, or asked to wait
     */
    public Result compare(Crm crm, Mapping mapping, List<Link> some) {
        List<RecordKey> keys = some.stream().map(Link::key).toList();
        // First, so that a delivery that ends while these are read is known.
        Instant begun = ledger.now();
        Set<RecordKey> busy = work.open(crm.name(), keys);
        List<Link> idle = some.stream().filter(link -> !busy.contains(link.key())).toList();
        Pass pass = new Pass(crm, mapping, new CrmReads(crm, lookup));
        Map<RecordKey, Compared> compared = pass.compare(idle);
        Set<RecordKey> different = new HashSet<>();
        compared.forEach((key, one) -> {
            if (!one.differences().isEmpty()) {
                different.add(key);
            }
        });
        busy.addAll(work.open(crm.name(), different));
        busy.addAll(ledger.endedSince(crm.name(), different, begun));
        return new Result(keys.stream().map(key -> busy.contains(key) ? Compared.inFlight(key) : compared.get(key))
                .toList(), pass.reads.calls());
    }

    /** One comparison of several records. */
    private final class Pass {

        private final Crm crm;
        private final Mapping mapping;
        private final CrmReads reads;
        private final Map<RecordKey, Compared> results = new HashMap<>();
        private final Map<DeliveryRecord, List<Difference>> differences = new HashMap<>();
        private final Map<DeliveryRecord, Set<String>> fields = new HashMap<>();
        /** The relations that Shopify's record has. */
        private final Map<DeliveryRecord, Set<String>> named = new HashMap<>();
        private final MergedParents mergedParents;

        Pass(Crm crm, Mapping mapping, CrmReads reads) {
            this.crm = crm;
            this.mapping = mapping;
            this.reads = reads;
            mergedParents = new MergedParents(crm, reads);
        }

        Map<RecordKey, Compared> compare(List<Link> some) {
            List<DeliveryRecord> records = load(some);
            Delivery delivery = new Delivery(crm, mapping, records, false);
            delivery.persons(persons.of(crm, mapping.object(), records));
            persons.figures(records, delivery.persons());
            List<DeliveryRecord> mapped = records.stream().filter(this::isMapped).toList();
            relate(mapped);
            Map<String, CrmRecord> there = reads.read(mapping.object(), names(),
                    mapped.stream().map(record -> record.link().crmId()).toList());
            List<DeliveryRecord> present = present(mapped, there);
            Map<RecordKey, Map<String, Clashes.Clash>> clashing =
                    clashes.of(crm, present.stream().map(DeliveryRecord::key).toList());
            Map<RecordKey, Set<String>> leftOut = leftOutFields.missing(crm, mapping.entity(), present);
            Set<String> doubled = doubled(present);
            List<DeliveryRecord> own = new ArrayList<>();
            for (DeliveryRecord record : present) {
                if (doubled.contains(record.link().crmId()) && !isOwnKey(record)) {
                    differ(Difference.of(Kind.DOUBLED, record), record);
                } else {
                    own.add(record);
                    fields(delivery, record, clashing.getOrDefault(record.key(), Map.of()),
                            leftOut.getOrDefault(record.key(), Set.of()));
                }
            }
            mapping.links().forEach(relation -> fieldRelation(relation, own));
            associations(own);
            new LineComparison(crm, mapping, reads, links).compare(own, leftOut)
                    .forEach((record, found) -> {
                        differences.computeIfAbsent(record, one -> new ArrayList<>()).addAll(found.differences());
                        fields.computeIfAbsent(record, one -> new HashSet<>()).addAll(found.fields());
                    });
            for (DeliveryRecord record : mapped) {
                results.put(record.key(), new Compared(record.key(), State.COMPARED,
                        fields.getOrDefault(record, Set.of()), differences.getOrDefault(record, List.of())));
            }
            return results;
        }

        /** Those that a delivery would write; the others are skipped. */
        private List<DeliveryRecord> load(List<Link> some) {
            Map<RecordKey, CanonicalRecord> canonical = canonicalRecords.load(some.stream().map(Link::key).toList());
            List<DeliveryRecord> records = new ArrayList<>();
            for (Link link : some) {
                CanonicalRecord found = canonical.get(link.key());
                DeliveryRecord record = new DeliveryRecord(
                        WorkItem.unclaimed(crm.name(), link.key()),
                        Loading.context(crm, stores, link.key().store()));
                record.load(found);
                record.linkedTo(link);
                results.put(link.key(), Compared.skipped(link.key()));
                if (stores.find(link.key().store()).isPresent() && found.complete() && found.mergedInto().isEmpty()) {
                    Unusable.orRejected(record, () -> {
                        mapping.externalId(record.json(), record.context()).ifPresent(record::externalId);
                        if (mapping.skip(record.json(), record.context()).isEmpty()) {
                            records.add(record);
                        }
                    });
                }
            }
            return records;
        }

        private boolean isMapped(DeliveryRecord record) {
            Unusable.orRejected(record, () -> {
                record.fields(mapping.fields());
                if (!record.values(mapping).refusals().isEmpty()) {
                    record.end(Outcome.REJECTED, record.values(mapping).refusals());
                }
            });
            if (!record.open()) {
                results.put(record.key(), new Compared(record.key(), State.COMPARED, Set.of(),
                        List.of(Difference.of(Kind.REFUSED, record))));
            }
            return record.open();
        }

        /** The CRM's ids of what the records point to; what the CRM does not have is left out. */
        private void relate(List<DeliveryRecord> records) {
            Map<DeliveryRecord, Map<String, RecordKey>> others = new HashMap<>();
            Set<RecordKey> wanted = new HashSet<>();
            for (DeliveryRecord record : records) {
                for (RecordLink relation : mapping.links()) {
                    Optional<RecordKey> other = record.related(relation);
                    if (other.isPresent()) {
                        named.computeIfAbsent(record, one -> new HashSet<>()).add(relation.name());
                        others.computeIfAbsent(record, one -> new HashMap<>()).put(relation.name(), other.get());
                        wanted.add(other.get());
                    } else if (record.open()) {
                        crm.standIn(relation).ifPresent(id -> record.relations().put(relation.name(), id));
                    }
                }
            }
            Map<RecordKey, Link> stored = links.of(crm.name(), wanted);
            others.forEach((record, all) -> all.forEach((name, other) ->
                    Optional.ofNullable(stored.get(other)).ifPresent(link -> record.relations().put(name, link.crmId()))));
        }

        private Set<String> names() {
            Set<String> names = new TreeSet<>(mapping.fieldNames());
            mapping.links().stream().map(RecordLink::field).filter(field -> field != null).forEach(names::add);
            return names;
        }

        private List<DeliveryRecord> present(List<DeliveryRecord> records, Map<String, CrmRecord> there) {
            List<DeliveryRecord> present = new ArrayList<>();
            Map<String, CrmRecord> unasked = unasked(records, there);
            for (DeliveryRecord record : records) {
                CrmRecord found = there.getOrDefault(record.link().crmId(), unasked.get(record.externalId()));
                if (found == null) {
                    differ(Difference.of(Kind.MISSING, record), record);
                } else if (!found.id().equals(record.link().crmId())) {
                    differ(new Difference(Kind.MERGED, record.key(), record.link(), "", found.id(), null, null), record);
                } else {
                    record.present(found.values());
                    present.add(record);
                }
            }
            return present;
        }

        /** By our key, those that are given with another id than was asked for: what was merged into them. */
        private Map<String, CrmRecord> unasked(List<DeliveryRecord> records, Map<String, CrmRecord> there) {
            Map<String, CrmRecord> unasked = new HashMap<>(there);
            records.forEach(record -> unasked.remove(record.link().crmId()));
            Map<String, CrmRecord> byKey = new HashMap<>();
            mapping.externalIdField().ifPresent(field -> unasked.values().forEach(record ->
                    byKey.put(value(record.values(), field).asText(), record)));
            return byKey;
        }

        private Set<String> doubled(List<DeliveryRecord> records) {
            return Comparison.this.doubled(crm, mapping, records.stream().map(record -> record.link().crmId()).toList());
        }

        /** Of several records that share one of the CRM, the one whose key it has. */
        private boolean isOwnKey(DeliveryRecord record) {
            return mapping.externalIdField().map(record.present().fields()::get)
                    .map(key -> key.asText().equals(record.externalId())).orElse(false);
        }

        private void fields(Delivery delivery, DeliveryRecord record, Map<String, Clashes.Clash> clashing,
                Set<String> leftOut) {
            Map<String, JsonNode> values = record.values(mapping).fields();
            Base base = bases.of(delivery, record);
            Decision decision = Merging.merged(delivery, record, record.values(mapping), base);
            for (Field field : Bases.fields(delivery, record)) {
                String name = field.name();
                JsonNode value = values.get(name);
                if (!field.goesToCrm() || value == null || !isReadable(name)
                        || clashing.containsKey(name) && clashing.get(name).is(value)) {
                    continue;
                }
                fields.computeIfAbsent(record, one -> new LinkedHashSet<>()).add(name);
                JsonNode there = value(record.present(), name);
                if (decision.write().containsKey(name) && !reads.isRounded(mapping.object(), name, value, there)) {
                    Kind kind = leftOut.contains(name) ? Kind.REFUSED : kind(field, base.own().get(name), there);
                    differ(Difference.of(kind, record, name, name, there), record);
                }
            }
        }

        private void fieldRelation(RecordLink relation, List<DeliveryRecord> records) {
            Map<DeliveryRecord, Set<String>> wrong = new HashMap<>();
            for (DeliveryRecord record : records) {
                String target = record.relations().get(relation.name());
                if (relation.field() != null && target != null) {
                    compared(record, relation);
                    JsonNode there = value(record.present(), relation.field());
                    if (!target.equals(there.asText()) && !isTheirs(record, relation, !Values.isEmpty(there))) {
                        wrong.put(record, Values.isEmpty(there) ? Set.of() : Set.of(there.asText()));
                    }
                } else if (target == null && named.getOrDefault(record, Set.of()).contains(relation.name())
                        && record.link().base().containsKey(DeliveryRecord.entry(relation))) {
                    // The other record has lost its link, and gets another one.
                    differ(Difference.of(Kind.WRONG_PARENT, record, relation.name(), null, null), record);
                } else if (relation.field() != null && record.isEnded(relation)) {
                    compared(record, relation);
                    JsonNode there = value(record.present(), relation.field());
                    if (there.asText().equals(record.link().base().get(relation.field()).asText())) {
                        differ(Difference.of(Kind.WRONG_PARENT, record, relation.name(), relation.field(), there), record);
                    }
                }
            }
            mergedParents.takeOut(relation, wrong);
            wrong.keySet().forEach(record -> differ(Difference.of(Kind.WRONG_PARENT, record, relation.name(),
                    relation.field(), value(record.present(), relation.field())), record));
        }

        /** Whether a user has related it to another one, after it was nobody's and so went to the one for such records. */
        private boolean isTheirs(DeliveryRecord record, RecordLink relation, boolean isRelated) {
            JsonNode written = record.link().base().get(DeliveryRecord.entry(relation));
            return isRelated && !named.getOrDefault(record, Set.of()).contains(relation.name()) && written != null
                    && written.asText().equals(record.relations().get(relation.name()));
        }

        private void compared(DeliveryRecord record, RecordLink relation) {
            fields.computeIfAbsent(record, one -> new LinkedHashSet<>()).add(relation.name());
        }

        private void associations(List<DeliveryRecord> present) {
            for (RecordLink relation : mapping.links()) {
                List<DeliveryRecord> related = present.stream().filter(record ->
                        relation.associate() != null && (record.relations().containsKey(relation.name())
                                || record.isEnded(relation))).toList();
                if (!related.isEmpty() && crm.can(Operation.ASSOCIATED)) {
                    associations(relation, related);
                }
            }
        }

        private void associations(RecordLink relation, List<DeliveryRecord> related) {
            Map<String, Set<String>> there = reads.associated(mapping.object(), relation.associate(),
                    related.stream().map(record -> record.link().crmId()).toList());
            Map<DeliveryRecord, Set<String>> wrong = new HashMap<>();
            for (DeliveryRecord record : related) {
                compared(record, relation);
                Set<String> others = there.getOrDefault(record.link().crmId(), Set.of());
                String target = record.relations().get(relation.name());
                if (target == null) {
                    ended(record, relation, others);
                } else if (!others.contains(target) && !isTheirs(record, relation, !others.isEmpty())) {
                    wrong.put(record, others);
                }
            }
            mergedParents.takeOut(relation, wrong);
            // One that somebody has added beside it is theirs; one that is linked to a record of Shopify's is a mistake.
            Set<String> ours = links.to(crm.name(), relation.associate(),
                    wrong.values().stream().flatMap(Set::stream).collect(Collectors.toSet())).keySet();
            wrong.forEach((record, others) -> differ(Difference.of(Kind.WRONG_PARENT, record, relation.name(),
                    DeliveryRecord.ASSOCIATION + relation.name(), others.stream().filter(ours::contains).sorted()
                            .findFirst().map(TextNode::valueOf).orElse(null)), record));
        }

        /** It was written, and Shopify has ended it since. */
        private void ended(DeliveryRecord record, RecordLink relation, Set<String> others) {
            String entry = DeliveryRecord.entry(relation);
            JsonNode written = record.link().base().get(entry);
            if (others.contains(written.asText())) {
                differ(Difference.of(Kind.WRONG_PARENT, record, relation.name(), entry, written), record);
            }
        }

        private void differ(Difference difference, DeliveryRecord record) {
            differences.computeIfAbsent(record, one -> new ArrayList<>()).add(difference);
        }
    }

    /** Those of these ids of CRM records that several records of Shopify are linked to, which may not be one. */
    public Set<String> doubled(Crm crm, Mapping mapping, Collection<String> crmIds) {
        Set<String> doubled = new HashSet<>();
        if (!MAY_BE_ONE.contains(mapping.entity())) {
            links.to(crm.name(), mapping.object(), crmIds).forEach((id, all) -> {
                if (all.size() > 1) {
                    doubled.add(id);
                }
            });
        }
        return doubled;
    }

    /** A field with a dot names a record that must exist first; it is never sent, and so never read. */
    public static boolean isReadable(String field) {
        return field.indexOf('.') < 0;
    }

    /** JSON null where the CRM has none. */
    static JsonNode value(CrmValues present, String field) {
        JsonNode value = present.fields().get(field);
        return value == null ? NullNode.getInstance() : value;
    }

    /** Whether the CRM has what was last written, or something that somebody else put there. */
    static Kind kind(Field field, JsonNode before, JsonNode there) {
        return before == null || field.sameValue(before, there) ? Kind.STALE : Kind.EDITED;
    }
}
