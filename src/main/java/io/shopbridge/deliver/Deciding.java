package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.CrmLookup.Answers;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.ledger.Conflicts;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Owner;
import io.shopbridge.map.RecordLink;
import io.shopbridge.merge.Base;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.merge.Decision;
import io.shopbridge.merge.Merge;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** The third step: maps the records and decides field by field what the CRM must be told. */
@Component("deciding")
public class Deciding {

    private final CrmLookup lookup;
    private final Links links;
    private final SharedRecords shared;
    private final Written written;
    private final Conflicts conflicts;
    private final Clashes clashes;
    private final Persons persons;
    private final Interrupted interrupted;
    private final Merge merge = new Merge();

    Deciding(CrmLookup lookup, Links links, SharedRecords shared, Written written, Conflicts conflicts,
            Clashes clashes, Persons persons, Interrupted interrupted) {
        this.persons = persons;
        this.clashes = clashes;
        this.interrupted = interrupted;
        this.shared = shared;
        this.lookup = lookup;
        this.links = links;
        this.written = written;
        this.conflicts = conflicts;
    }

    public void decide(Delivery delivery) {
        List<DeliveryRecord> undecided = delivery.open().stream().filter(record -> !record.decided()).toList();
        Map<String, List<Link>> siblings = siblings(delivery, delivery.records().stream()
                .filter(record -> !record.decided()).toList());
        persons.figures(undecided, siblings);
        Map<DeliveryRecord, MappedRecord> mapped = new LinkedHashMap<>();
        for (DeliveryRecord record : undecided) {
            Unusable.orRejected(record, () -> {
                MappedRecord values = delivery.mapping().map(record.json(), record.context());
                record.mapped(values);
                record.fields(delivery.mapping().fields());
                if (values.refusals().isEmpty()) {
                    mapped.put(record, values);
                } else {
                    record.end(Outcome.REJECTED, values.refusals());
                }
            });
        }
        decideNoes(delivery, siblings);
        readWhereNeeded(delivery, mapped, siblings);
        // Whatever asks the CRM comes before the first decision: if it fails, all of this step is repeated. What
        // follows fails for one record alone, since a record that is decided is not decided again.
        shared.decide(delivery, mapped.keySet());
        Lines lines = lines(delivery, mapped.keySet());
        Map<RecordKey, Map<String, Clashes.Clash>> without = clashes.of(delivery.crm(),
                mapped.keySet().stream().map(DeliveryRecord::key).toList());
        noesFirst(delivery, mapped).forEach((record, values) -> {
            if (record.open()) {
                Unusable.orRejected(record, () -> {
                    decide(delivery, record, values, siblings);
                    heed(delivery, record, siblings);
                    leaveOutClashes(delivery, record, values, without.getOrDefault(record.key(), Map.of()));
                });
            }
        });
        persons.tellWhoLeads(delivery.crm(), mapped.keySet(), siblings);
        decideChildren(delivery, mapped.keySet().stream().filter(DeliveryRecord::open).toList(), lines);
    }

    /** Of records that end here without being written: what they say no to goes all the same, and nothing else. */
    private void decideNoes(Delivery delivery, Map<String, List<Link>> siblings) {
        Map<DeliveryRecord, MappedRecord> noes = new LinkedHashMap<>();
        for (DeliveryRecord record : delivery.records()) {
            if (!record.open() && !record.isGivenBack() && !record.decided() && record.link() != null) {
                Unusable.orRejected(record, () -> {
                    MappedRecord values = Noes.of(delivery.mapping(), record);
                    record.fields(delivery.mapping().fields());
                    if (!values.fields().isEmpty()) {
                        noes.put(record, values);
                    }
                });
            }
        }
        readWhereNeeded(delivery, noes, siblings);
        noes.forEach((record, values) -> Unusable.orRejected(record, () -> {
            Decision decision = merged(delivery, record, values, base(delivery, record, siblings), siblings);
            Map<String, JsonNode> considered = new LinkedHashMap<>(decision.base());
            considered.keySet().retainAll(values.fields().keySet());
            record.sayOnlyNo(decision.write(), considered);
            heed(delivery, record, siblings);
        }));
    }

    /** Of the records of one person, those that say no are decided first, so that the others heed it. */
    private static Map<DeliveryRecord, MappedRecord> noesFirst(Delivery delivery,
            Map<DeliveryRecord, MappedRecord> mapped) {
        Map<DeliveryRecord, MappedRecord> sorted = new LinkedHashMap<>();
        mapped.forEach((record, values) -> {
            if (!Noes.in(delivery.mapping(), values.fields()).isEmpty()) {
                sorted.put(record, values);
            }
        });
        mapped.forEach(sorted::putIfAbsent);
        return sorted;
    }

    /** What this record says no to counts at once for those of the same person that are decided after it. */
    private static void heed(Delivery delivery, DeliveryRecord record, Map<String, List<Link>> siblings) {
        Map<String, JsonNode> noes = Noes.in(delivery.mapping(), record.baseWithAssociations());
        if (record.link() != null && !noes.isEmpty()) {
            siblings.computeIfPresent(record.link().crmId(), (id, person) -> person.stream().map(link -> {
                if (!link.key().equals(record.key())) {
                    return link;
                }
                Map<String, JsonNode> base = new LinkedHashMap<>(link.base());
                base.putAll(noes);
                return new Link(link.key(), link.parentId(), link.object(), link.crmId(), base);
            }).toList());
        }
    }

    private void decide(Delivery delivery, DeliveryRecord record, MappedRecord values,
            Map<String, List<Link>> siblings) {
        Base base = base(delivery, record, siblings);
        Decision decision = merged(delivery, record, values, base, siblings);
        Map<String, JsonNode> write = new LinkedHashMap<>(decision.write());
        Map<String, JsonNode> newBase = new LinkedHashMap<>(decision.base());
        for (RecordLink relation : delivery.mapping().links()) {
            String target = record.relations().get(relation.name());
            if (relation.field() != null && target != null) {
                JsonNode value = TextNode.valueOf(target);
                newBase.put(relation.field(), value);
                if (!value.equals(base.own().get(relation.field()))) {
                    write.put(relation.field(), value);
                }
            }
        }
        if (record.link() != null) {
            persons.tookOver(record, siblings.getOrDefault(record.link().crmId(), List.of()));
        }
        record.decide(write, newBase);
        if (Consent.isKept(delivery.crm(), delivery.mapping())) {
            Consent.of(delivery.crm(), delivery.mapping(), record).yieldTo(base.siblings(), record.present(),
                    write.keySet(), delivery.mapping());
        }
    }

    private Decision merged(Delivery delivery, DeliveryRecord record, MappedRecord values, Base base,
            Map<String, List<Link>> siblings) {
        Decision decision = merge.decide(fields(delivery, record, siblings), values, base, record.present(),
                record.link() != null, record.shopifyTime());
        if (!decision.conflicts().isEmpty()) {
            conflicts.record(delivery.crm().name(), record.key(), record.link().crmId(), decision.conflicts());
        }
        return decision;
    }

    /** Takes out what another record of the CRM has, as long as it is the same value. */
    private void leaveOutClashes(Delivery delivery, DeliveryRecord record, MappedRecord values,
            Map<String, Clashes.Clash> without) {
        without.forEach((field, value) -> {
            if (value.is(values.fields().get(field))) {
                record.clashes(field, value.holder());
            } else {
                clashes.forget(delivery.crm(), record.key(), field);
            }
        });
    }

    /**
     * Which fields may be written. A guest who has an account by now, or whose contact was found, only fills what is
     * empty there: what the account says of the person counts more than what was typed at one checkout.
     */
    private static List<Field> fields(Delivery delivery, DeliveryRecord record, Map<String, List<Link>> siblings) {
        List<Field> all = delivery.mapping().fields();
        if (!record.guest() || record.link() == null || !hasAccount(record, siblings)) {
            return all;
        }
        return all.stream().filter(field -> field.owner() == Owner.SHOPIFY_ON_CREATE).toList();
    }

    private static boolean hasAccount(DeliveryRecord record, Map<String, List<Link>> siblings) {
        boolean wasThereBefore = record.link().base().containsKey(DeliveryRecord.FOUND);
        return wasThereBefore || siblings.getOrDefault(record.link().crmId(), List.of()).stream()
                .anyMatch(link -> !isGuest(link));
    }

    private Base base(Delivery delivery, DeliveryRecord record, Map<String, List<Link>> siblings) {
        if (record.link() == null) {
            return Base.NONE;
        }
        List<Link> person = siblings.getOrDefault(record.link().crmId(), List.of());
        List<Link> others = person.stream().filter(link -> !link.key().equals(record.key())).toList();
        List<Map<String, JsonNode>> theirs = others.stream().map(Link::base).toList();
        boolean follows = Persons.follows(record, person);
        if (record.guest()) {
            return new Base(record.link().base(), theirs, follows);
        }
        // An account takes over what only Shopify writes of the same person as a guest, and clears what it lacks.
        Map<String, JsonNode> own = new LinkedHashMap<>();
        others.stream().filter(link -> link.key().store().equals(record.key().store()) && isGuest(link))
                .forEach(link -> own.putAll(link.base()));
        own.keySet().retainAll(delivery.mapping().fields().stream().filter(field -> field.owner() == Owner.SHOPIFY)
                .map(Field::name).toList());
        own.putAll(record.link().base());
        own.putAll(persons.takenOver(record, person));
        return new Base(own, theirs, follows);
    }

    private static Base base(Link link) {
        return link == null ? Base.NONE : new Base(link.base(), List.of());
    }

    private static boolean isGuest(Link link) {
        return link.key().isGuest();
    }

    /** All links to the same CRM records; only people can be one CRM record in several ways. */
    private Map<String, List<Link>> siblings(Delivery delivery, List<DeliveryRecord> records) {
        boolean people = records.stream().anyMatch(record -> record.key().entity().equals(RecordKey.CUSTOMER));
        Set<String> ids = records.stream().filter(record -> record.link() != null)
                .map(record -> record.link().crmId()).collect(Collectors.toCollection(HashSet::new));
        return people ? persons.of(delivery.crm(), delivery.mapping().object(), ids) : Map.of();
    }

    /**
     * One call for all records whose decision depends on what the CRM holds now; those that can't be decided for want of
     * it are taken out.
     */
    private void readWhereNeeded(Delivery delivery, Map<DeliveryRecord, MappedRecord> mapped,
            Map<String, List<Link>> siblings) {
        List<DeliveryRecord> toRead = new ArrayList<>();
        mapped.forEach((record, values) -> Unusable.orRejected(record, () -> {
            if (record.link() != null && record.present() == null
                    && (merge.needsCrmValues(fields(delivery, record, siblings), values,
                            base(delivery, record, siblings)) || replacesOneOfSeveral(delivery, record, values,
                                    siblings) || isSubscription(delivery, record))) {
                toRead.add(record);
            }
        }));
        if (toRead.isEmpty()) {
            return;
        }
        Answers<Map<String, CrmRecord>> present = lookup.readSome(delivery.crm(), delivery.mapping().object(),
                delivery.mapping().fieldNames(), toRead.stream().map(record -> record.link().crmId()).toList());
        List<DeliveryRecord> notRead = toRead.stream()
                .filter(record -> !present.asked().contains(record.link().crmId())).toList();
        present.busy().ifPresent(busy -> interrupted.by(busy, delivery, notRead));
        mapped.keySet().removeAll(notRead);
        for (DeliveryRecord record : toRead.stream().filter(mapped::containsKey).toList()) {
            CrmRecord found = present.given().get(record.link().crmId());
            if (found == null) {
                written.gone(delivery.crm(), record);
                mapped.remove(record);
            } else if (!found.id().equals(record.link().crmId())) {
                written.moved(delivery.crm(), record, found.id());
                mapped.remove(record);
            } else {
                record.present(found.values());
            }
        }
    }

    /** Whether the CRM's own consents would be raised, which must not contradict the contact's fields. */
    private static boolean isSubscription(Delivery delivery, DeliveryRecord record) {
        return Consent.isKept(delivery.crm(), delivery.mapping())
                && Consent.of(delivery.crm(), delivery.mapping(), record).mustLook();
    }

    /** Whether a field is to be written that is one value of several in the CRM, which must be known to stay. */
    private boolean replacesOneOfSeveral(Delivery delivery, DeliveryRecord record, MappedRecord values,
            Map<String, List<Link>> siblings) {
        List<Field> several = fields(delivery, record, siblings).stream().filter(field ->
                delivery.crm().isOneOfSeveral(delivery.mapping().object(), field.name())).toList();
        CrmValues notRead = null;
        return !several.isEmpty() && !merge.decide(several, values, base(delivery, record, siblings), notRead, true,
                record.shopifyTime()).write().isEmpty();
    }

    /** What is known of the lines of a batch: their links, and what the CRM has under an order. */
    private record Lines(Map<RecordKey, Link> stored, Map<String, List<Link>> byParent) {
    }

    private Lines lines(Delivery delivery, Set<DeliveryRecord> parents) {
        Lines lines = new Lines(new HashMap<>(), new HashMap<>());
        if (delivery.mapping().children().isEmpty() || parents.isEmpty()) {
            return lines;
        }
        for (Link link : links.children(delivery.crm().name(), parents.stream().map(DeliveryRecord::key).toList())) {
            lines.stored().put(link.key(), link);
            lines.byParent().computeIfAbsent(link.key().store() + "/" + link.parentId(), id -> new ArrayList<>())
                    .add(link);
        }
        for (ChildMapping child : delivery.mapping().children()) {
            // Where lines live under their order, nothing else tells whether one was made by a create without answer.
            if (!child.shared() && delivery.crm().can(Operation.CHILDREN, child.object())) {
                adopt(delivery, child, parents.stream().filter(DeliveryRecord::open).toList(), lines);
            }
        }
        return lines;
    }

    private void adopt(Delivery delivery, ChildMapping child, List<DeliveryRecord> parents, Lines lines) {
        for (int i = 0; i < parents.size(); i++) {
            try {
                adopt(delivery.crm(), child, parents.get(i), lines);
            } catch (CrmBusy e) {
                if (!e.asksToWait()) {
                    throw e;
                }
                interrupted.by(e, delivery, parents.subList(i, parents.size()));
                return;
            }
        }
    }

    private void adopt(Crm crm, ChildMapping child, DeliveryRecord parent, Lines lines) {
        Unusable.orRejected(parent, () -> adoptLines(crm, child, parent, lines));
    }

    private void adoptLines(Crm crm, ChildMapping child, DeliveryRecord parent, Lines lines) {
        try {
            Map<String, RecordKey> unlinked = new HashMap<>();
            for (JsonNode element : child.each(parent.json(), parent.context())) {
                RecordKey key = childKey(child, parent, element);
                if (parent.link() == null) {
                    lines.stored().remove(key);
                } else if (!lines.stored().containsKey(key)) {
                    child.externalId(element, parent.context()).ifPresent(id -> unlinked.put(id, key));
                }
            }
            if (parent.link() == null) {
                lines.byParent().remove(parent.key().store() + "/" + parent.key().recordId());
            } else if (!unlinked.isEmpty()) {
                String field = child.externalIdField().orElseThrow();
                for (CrmRecord line : lookup.children(crm, child, parent.link().crmId())) {
                    JsonNode id = line.values().fields().get(field);
                    RecordKey key = id == null ? null : unlinked.get(id.asText());
                    if (key != null) {
                        lines.stored().put(key, new Link(key, parent.key().recordId(), child.object(), line.id(),
                                line.values().fields()));
                    }
                }
            }
        } catch (CrmGone e) {
            written.gone(crm, parent);
        }
    }

    private static RecordKey childKey(ChildMapping child, DeliveryRecord parent, JsonNode element) {
        return parent.related(child.entity(), element.path("id").asText());
    }

    /** Line items as records of their own: each is decided against its own link. */
    private void decideChildren(Delivery delivery, List<DeliveryRecord> parents, Lines lines) {
        for (DeliveryRecord parent : parents) {
            Set<RecordKey> there = new HashSet<>();
            for (ChildMapping child : delivery.mapping().children()) {
                if (!child.shared()) {
                    Unusable.orRejected(parent, () -> decideChildren(child, parent, lines.stored(), there));
                }
            }
            lines.byParent().getOrDefault(parent.key().store() + "/" + parent.key().recordId(), List.of()).stream()
                    .filter(link -> !there.contains(link.key())).forEach(parent.removedChildren()::add);
        }
    }

    private void decideChildren(ChildMapping child, DeliveryRecord parent, Map<RecordKey, Link> stored,
            Set<RecordKey> there) {
        for (JsonNode element : child.each(parent.json(), parent.context())) {
            RecordKey key = childKey(child, parent, element);
            there.add(key);
            DeliveryRecord record = parent.child(key, element);
            record.linkedTo(stored.get(key));
            child.externalId(element, parent.context()).ifPresent(record::externalId);
            child.links().stream().filter(link -> link.toParent() && link.field() != null)
                    .forEach(link -> record.parentField(link.field()));
            MappedRecord mapped = child.map(element, parent.context());
            record.mapped(mapped);
            record.fields(child.fields());
            if (!mapped.refusals().isEmpty()) {
                record.end(Outcome.REJECTED, mapped.refusals());
                continue;
            }
            Base base = base(record.link());
            CrmValues notRead = null;
            Decision decision = merge.decide(child.fields(), mapped, base, notRead, record.link() != null,
                    parent.shopifyTime());
            record.decide(decision.write(), decision.base());
        }
    }
}
