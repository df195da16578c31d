package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.identify.Link;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.RecordLink;
import io.shopbridge.merge.Base;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.merge.Decision;
import io.shopbridge.merge.Merge;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.work.Work;
import io.shopbridge.work.WorkItem;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Looks at one record as a delivery would that knows what the CRM has in every field, and decides the same. It reads from
 * the CRM and changes nothing.
 */
@Component
public class Examination {

    private static final Merge MERGE = new Merge();

    private final CrmLookup lookup;
    private final Work work;
    private final Persons persons;
    private final Bases bases;

    Examination(CrmLookup lookup, Persons persons, Bases bases, Work work) {
        this.work = work;
        this.lookup = lookup;
        this.persons = persons;
        this.bases = bases;
    }

    /**
     * What was seen.
     *
     * @param seen     the record as the mapping sees it
     * @param mapped   what the mapping makes of it
     * @param base     what was last written
     * @param present  what the CRM has; null: it has no record of it, or was not read
     * @param notRead  why the CRM was not read, for people; null: it was, or there was nothing to read
     * @param movedTo  the CRM's id of the record that the linked one was merged into; null: it was not
     * @param gone     whether the linked record is no longer in the CRM
     * @param decision what a delivery would write that knows all that the CRM has: what differs
     * @param now      what the next delivery would write: it reads the CRM only where Shopify has something new
     * @param fields   the fields that a delivery of this record may write
     * @param person   all links to the same CRM record, itself among them; the leading one first
     * @param ended    the fields of relations that were written and that Shopify has ended, and whether a delivery would
     *                 empty them
     * @param standIns the CRM's ids of what takes the place of related records that it does not name, by the relations'
     *                 names
     */
    public record Examined(JsonNode seen, MappedRecord mapped, Base base, CrmValues present, String notRead, String movedTo,
            boolean gone, Decision decision, Decision now, Set<String> fields, List<Link> person,
            Map<String, Boolean> ended, Map<String, String> standIns) {

        /** The same for what explains a decision. */
        public CrmState state(Link link) {
            return new CrmState(link != null && !gone, link == null ? null : link.crmId(), present, base.own(), Map.of(),
                    Map.of(), person);
        }
    }

    private record Read(CrmRecord record, String failure) {
    }

    /**
     * Looks at a record of its own.
     *
     * @param link null: the CRM has none of it
     * @throws io.shopbridge.map.ExpressionFailed where the mapping can't make anything of it
     */
    public Examined examine(Crm crm, Mapping mapping, CanonicalRecord canonical, MappingContext context, Link link) {
        DeliveryRecord record = new DeliveryRecord(
                WorkItem.unclaimed(crm.name(), canonical.key()), context);
        record.load(canonical);
        record.linkedTo(link);
        mapping.externalId(record.json(), context).ifPresent(record::externalId);
        Delivery delivery = new Delivery(crm, mapping, List.of(record), false);
        delivery.persons(persons.of(crm, mapping.object(), List.of(record)));
        persons.figures(List.of(record), delivery.persons());
        MappedRecord mapped = record.values(mapping);
        Read read = read(crm, mapping.object(), mapping.fieldNames(), mapping.fields(), mapping.links(), link);
        CrmRecord found = read.record();
        boolean moved = found != null && !found.id().equals(link.crmId());
        record.present(found == null || moved ? null : found.values());
        Base base = bases.of(delivery, record);
        CrmValues present = record.present();
        mapping.links().stream().filter(relation -> record.related(relation).isEmpty() && record.open())
                .forEach(relation -> crm.standIn(relation).ifPresent(id -> record.relations().put(relation.name(), id)));
        Map<String, Boolean> ended = mapping.links().stream()
                .filter(relation -> relation.field() != null && record.isEnded(relation))
                .collect(Collectors.toMap(RecordLink::field, relation -> Merging.empties(record, relation, base)));
        Decision decision = Merging.merged(delivery, record, mapped, base);
        Decision now = decision;
        if (link != null && !MERGE.needsCrmValues(Bases.fields(delivery, record), mapped, base)) {
            record.present(null);
            now = Merging.merged(delivery, record, mapped, base);
        }
        return new Examined(context.seen(record.json()), mapped, base, present, read.failure(),
                moved ? found.id() : null, isGone(read, link), decision, now,
                Bases.fields(delivery, record).stream().map(Field::name).collect(Collectors.toSet()),
                delivery.person(record), ended, record.relations());
    }

    /**
     * Looks at a line item, or what else is a part of a record.
     *
     * @param whole the CRM's id of what it is a part of; null: the CRM has none
     */
    public Examined examine(Crm crm, ChildMapping child, JsonNode element, MappingContext context, Link link, String whole,
            Instant shopifyTime) {
        MappedRecord mapped = child.map(element, context);
        Read read = crm.can(Operation.CHILDREN_OF_MANY, child.object()) ? part(crm, child, link, whole)
                : read(crm, child.object(), child.fieldNames(), child.fields(), child.links(), link);
        CrmValues present = read.record() == null ? null : read.record().values();
        Base base = link == null ? Base.NONE : new Base(link.base(), List.of());
        return new Examined(element, mapped, base, present, read.failure(), null, isGone(read, link),
                MERGE.decide(child.fields(), mapped, base, present, link != null, shopifyTime),
                // Deliveries never read line items.
                MERGE.decide(child.fields(), mapped, base, null, link != null, shopifyTime),
                child.fields().stream().map(Field::name).collect(Collectors.toSet()),
                link == null ? List.of() : List.of(link), Map.of(), Map.of());
    }

    /** Of a CRM that tells the parts only with their whole. */
    private Read part(Crm crm, ChildMapping child, Link link, String whole) {
        if (work.isPaused(crm.name())) {
            return paused(crm);
        }
        try {
            return new Read(whole == null ? null : lookup.childrenOfMany(crm, child.object(), child.fieldNames(), List.of(whole))
                    .getOrDefault(whole, List.of()).stream().filter(record -> record.id().equals(link.crmId())).findFirst()
                    .orElse(null), null);
        } catch (CrmFailure e) {
            return notRead(crm, e);
        }
    }

    private static Read paused(Crm crm) {
        return new Read(null, crm.title() + " is left alone just now, so it was not read, and what it has is not known");
    }

    private static boolean isGone(Read read, Link link) {
        return link != null && read.record() == null && read.failure() == null;
    }

    /**
     * Also the CRM's own fields and those of relations, which no delivery asks for; without them where the CRM does not
     * know one of them. A CRM that asked to be left alone is.
     */
    private Read read(Crm crm, String object, Set<String> names, List<Field> fields, List<RecordLink> relations,
            Link link) {
        if (link == null) {
            return new Read(null, null);
        } else if (work.isPaused(crm.name())) {
            return paused(crm);
        }
        Set<String> all = new HashSet<>(names);
        fields.forEach(field -> all.add(field.name()));
        relations.stream().map(RecordLink::field).filter(Objects::nonNull).forEach(all::add);
        try {
            return read(crm, object, all, link);
        } catch (CrmRefused e) {
            return readOrSay(crm, object, names, link);
        } catch (CrmFailure e) {
            return notRead(crm, e);
        }
    }

    private Read readOrSay(Crm crm, String object, Set<String> names, Link link) {
        try {
            return read(crm, object, names, link);
        } catch (CrmFailure e) {
            return notRead(crm, e);
        }
    }

    private static Read notRead(Crm crm, CrmFailure failure) {
        return new Read(null, crm.title() + " was not read, so what it has now is not known: " + failure.getMessage());
    }

    private Read read(Crm crm, String object, Set<String> names, Link link) {
        Set<String> fields = new HashSet<>(names);
        fields.removeIf(field -> !Comparison.isReadable(field));
        Map<String, CrmRecord> there = lookup.read(crm, object, fields, List.of(link.crmId()));
        // Of a record that was merged, some CRMs give the other one, and do not say whose it was.
        return new Read(there.getOrDefault(link.crmId(), there.values().stream().findFirst().orElse(null)), null);
    }
}
