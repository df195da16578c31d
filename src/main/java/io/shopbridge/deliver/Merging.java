package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.ledger.Conflicts;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.RecordLink;
import io.shopbridge.merge.Base;
import io.shopbridge.merge.Decision;
import io.shopbridge.merge.Merge;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The fourth step: decides field by field what to write, after reading the CRM's values where they matter. */
@Component("merging")
public class Merging {

    private static final Merge MERGE = new Merge();

    private final PresentValues presentValues;
    private final Bases bases;
    private final SharedRecords shared;
    private final LineItems lineItems;
    private final Conflicts conflicts;
    private final Clashes clashes;
    private final Persons persons;
    private final PersonTurns turns;

    Merging(PresentValues presentValues, Bases bases, SharedRecords shared, LineItems lineItems, Conflicts conflicts,
            Clashes clashes, Persons persons, PersonTurns turns) {
        this.turns = turns;
        this.presentValues = presentValues;
        this.bases = bases;
        this.shared = shared;
        this.lineItems = lineItems;
        this.conflicts = conflicts;
        this.clashes = clashes;
        this.persons = persons;
    }

    public void merge(Delivery delivery) {
        turns.take(delivery);
        mergeNoes(delivery);
        Map<DeliveryRecord, MappedRecord> mapped = new LinkedHashMap<>();
        delivery.undecided().forEach(record -> mapped.put(record, record.values(delivery.mapping())));
        // All calls come before the first decision: if one fails, the whole step is repeated. After that, only single
        // records fail, because a decided record is not decided again.
        List<DeliveryRecord> records = presentValues.read(delivery, mapped);
        shared.decide(delivery, records);
        LineItems.Known lines = lineItems.known(delivery, records);
        Map<RecordKey, Map<String, Clashes.Clash>> without = clashes.of(delivery.crm(),
                records.stream().map(DeliveryRecord::key).toList());
        for (DeliveryRecord record : records) {
            if (record.open()) {
                Unusable.orRejected(record, () -> {
                    merge(delivery, record, mapped.get(record));
                    leaveOutClashes(delivery, record, without.getOrDefault(record.key(), Map.of()));
                });
            }
        }
        persons.markLeaders(delivery.crm(), records, delivery.persons());
        LineItems.merge(delivery, records.stream().filter(DeliveryRecord::open).toList(), lines);
    }

    /** For records that end here without a write: only their opt-outs are written. */
    private void mergeNoes(Delivery delivery) {
        Map<DeliveryRecord, MappedRecord> noes = new LinkedHashMap<>();
        for (DeliveryRecord record : delivery.records()) {
            if (!record.open() && !record.isGivenBack() && !record.decided() && record.link() != null) {
                Unusable.orRejected(record, () -> {
                    MappedRecord values = OptOuts.of(delivery.mapping(), record);
                    record.fields(delivery.mapping().fields());
                    if (!values.fields().isEmpty()) {
                        noes.put(record, values);
                    }
                });
            }
        }
        presentValues.read(delivery, noes).forEach(record -> Unusable.orRejected(record, () -> {
            MappedRecord values = noes.get(record);
            Decision decision = decision(delivery, record, values, bases.of(delivery, record));
            Map<String, JsonNode> considered = new LinkedHashMap<>(decision.base());
            considered.keySet().retainAll(values.fields().keySet());
            record.sayOnlyNo(decision.write(), considered);
            Bases.heed(delivery, record);
        }));
    }

    /** Of the records of one person, those with an opt-out are merged first, so that the others respect it. */
    static List<DeliveryRecord> noesFirst(Delivery delivery, List<DeliveryRecord> records) {
        List<DeliveryRecord> sorted = new ArrayList<>();
        List<DeliveryRecord> others = new ArrayList<>();
        records.forEach(record -> (OptOuts.in(delivery.mapping(), record.values(delivery.mapping()).fields()).isEmpty()
                ? others : sorted).add(record));
        sorted.addAll(others);
        return sorted;
    }

    private void merge(Delivery delivery, DeliveryRecord record, MappedRecord values) {
        Base base = bases.of(delivery, record);
        Decision decision = decision(delivery, record, values, base);
        if (record.link() != null) {
            persons.tookOver(delivery.crm(), record, delivery.person(record));
        }
        decide(delivery, record, decision, base);
    }

    /** The merged fields and the related records are written. */
    static void decide(Delivery delivery, DeliveryRecord record, Decision decision, Base base) {
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
            } else if (record.isEnded(relation)) {
                end(record, relation, base, write);
            } else if (relation.field() != null && base.own().containsKey(relation.field())) {
                newBase.put(relation.field(), base.own().get(relation.field()));
            }
        }
        record.decide(write, newBase);
        delivery.consents(List.of(record)).forEach(consent ->
                consent.yieldTo(base.siblings(), record.present(), write.keySet(), delivery.mapping()));
    }

    private static void end(DeliveryRecord record, RecordLink relation, Base base, Map<String, JsonNode> write) {
        if (isOfAnother(record, relation, base)) {
            record.forget(relation);
        } else if (empties(record, relation, base)) {
            write.put(relation.field(), NullNode.getInstance());
        }
    }

    /** One that another record of the person has stays. */
    private static boolean isOfAnother(DeliveryRecord record, RecordLink relation, Base base) {
        String entry = DeliveryRecord.entry(relation);
        JsonNode ours = record.link().base().get(entry);
        return base.siblings().stream().anyMatch(sibling -> ours.equals(sibling.get(entry)));
    }

    /** Whether the field of a relation that ended is emptied: one that a user of the CRM has changed is theirs. */
    static boolean empties(DeliveryRecord record, RecordLink relation, Base base) {
        return relation.field() != null && !isOfAnother(record, relation, base) && (record.present() == null
                || record.link().base().get(relation.field()).asText()
                        .equals(Comparison.value(record.present(), relation.field()).asText()));
    }

    private Decision decision(Delivery delivery, DeliveryRecord record, MappedRecord values, Base base) {
        Decision decision = merged(delivery, record, values, base);
        if (!decision.conflicts().isEmpty()) {
            conflicts.record(delivery.crm().name(), record.key(), record.link().crmId(), decision.conflicts());
        }
        return decision;
    }

    static Decision merged(Delivery delivery, DeliveryRecord record, MappedRecord values, Base base) {
        return MERGE.decide(Bases.fields(delivery, record), values, base, record.present(), record.link() != null,
                record.shopifyTime());
    }

    /** A value that somebody else has put there since the last write is not ours to take away. */
    private boolean mustYield(Delivery delivery, DeliveryRecord record, String field, String holder) {
        boolean isOurs = record.link() != null && record.write().containsKey(field) && (record.present() == null
                || Comparison.value(record.present(), field).equals(record.link().base().get(field)));
        return isOurs && clashes.isCircle(delivery.crm(), delivery.mapping().object(), record, field, holder);
    }

    /** Removes unique values that another CRM record has, as long as they have not changed. */
    private void leaveOutClashes(Delivery delivery, DeliveryRecord record, Map<String, Clashes.Clash> without) {
        Map<String, JsonNode> fields = record.values(delivery.mapping()).fields();
        without.forEach((field, value) -> {
            if (value.is(fields.get(field)) && mustYield(delivery, record, field, value.holder())) {
                record.yields(field, value.holder());
            } else if (value.is(fields.get(field))) {
                record.clashes(field, value.holder(), clashes.isOfAnotherStore(delivery.crm(),
                        delivery.mapping().object(), record.key(), value.holder()));
            } else {
                clashes.forget(delivery.crm(), record.key(), field);
            }
        });
    }
}
