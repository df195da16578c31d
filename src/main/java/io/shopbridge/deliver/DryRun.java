package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmRequest;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.Link;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.RecordLink;
import io.shopbridge.merge.Base;
import io.shopbridge.merge.Decision;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.WorkItem;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjIntConsumer;

/**
 * A dry run of the delivery of one record: it makes no calls and changes nothing. Its steps are those of every
 * delivery; the CRM's answers are given or, if only the CRM knows them, are {@link Placeholders placeholders}.
 */
public final class DryRun {

    private static final Set<Operation> BULK = EnumSet.of(Operation.UPSERT, Operation.UPDATE);
    /** It is created, filled and started, looked at, and its results are read: those that failed, and those that did not. */
    private static final int CALLS_OF_A_JOB = 6;

    private final Crm crm;
    private final DeliveryRecord record;
    private final Delivery delivery;
    private final Placeholders placeholders = new Placeholders();
    private final MappedRecord mapped;
    private final Decision decision;

    /** @throws ExpressionFailed where the mapping can't make anything of the record */
    public DryRun(Crm crm, Mapping mapping, CanonicalRecord canonical, MappingContext context, CrmState state) {
        this.crm = crm;
        this.record = new DeliveryRecord(WorkItem.unclaimed(crm.name(), canonical.key()),
                context);
        this.delivery = new Delivery(crm, mapping, List.of(record), false);
        record.load(canonical);
        if (state.isThere()) {
            String id = state.id() == null ? placeholders.id(record.key()) : state.id();
            record.linkedTo(new Link(record.key(), null, mapping.object(), id, state.before()));
            delivery.persons(new HashMap<>(Map.of(id, state.person())));
        }
        record.present(state.present());
        mapping.externalId(record.json(), context).ifPresent(record::externalId);
        mapping.links().forEach(relation -> relate(relation, state));
        mapped = record.values(mapping);
        record.mapped(mapped);
        record.fields(mapping.fields());
        Base base = Bases.ofLinks(delivery, record, Map.of());
        decision = Merging.merged(delivery, record, mapped, base);
        if (mapped.refusals().isEmpty()) {
            Merging.decide(delivery, record, decision, base);
            mapping.children().stream().filter(ChildMapping::shared).forEach(child -> share(child, state));
            Map<String, List<Link>> byParent = Map.of(record.key().store() + "/" + record.key().recordId(),
                    state.parts().values().stream().filter(link -> link.parentId() != null).toList());
            LineItems.merge(delivery, List.of(record), new LineItems.Known(state.parts(), byParent));
        }
    }

    private void relate(RecordLink relation, CrmState state) {
        record.related(relation).ifPresent(other -> {
            String id = state.related().containsKey(relation.name()) ? state.related().get(relation.name())
                    : placeholders.id(other);
            if (id != null) {
                record.relations().put(relation.name(), id);
            }
        });
    }

    private void share(ChildMapping child, CrmState state) {
        SharedRecords.collect(delivery, child, record);
        delivery.shared().forEach((key, other) -> {
            Link link = state.parts().get(key);
            if (link != null) {
                SharedRecords.known(other, link);
            } else if (key.entity().equals(child.entity())) {
                SharedRecords.create(child, other);
            }
        });
    }

    /** What the mapping makes of the record. */
    public MappedRecord mapped() {
        return mapped;
    }

    /** Field by field what is written. */
    public Decision decision() {
        return decision;
    }

    /**
     * What is sent, in this order; nothing where the record is refused. Ask once.
     *
     * @throws ExpressionFailed where crm.yaml makes no request of a call
     */
    public List<CrmRequest> requests() {
        List<CrmRequest> requests = new ArrayList<>();
        forEachCall((call, elements) -> requests.add(request(call)));
        return requests;
    }

    /**
     * How many calls this record's part of them is, if each carries as many records as the CRM allows; by the name of
     * the limit that counts them, empty for the usual one. Ask once, and not for {@link #requests} too.
     *
     * @param bulk whether upserts and updates go in jobs, because there are so many
     */
    public Map<String, Double> calls(boolean bulk) {
        Map<String, Double> calls = new HashMap<>();
        forEachCall((call, elements) -> {
            boolean inJob = bulk && BULK.contains(call.operation());
            double most = inJob ? (double) crm.bulkBatch() / CALLS_OF_A_JOB
                    : crm.operations().batch(call.operation(), call.object());
            calls.merge(crm.operations().limit(call.operation(), call.object()).orElse(""), elements / most, Double::sum);
        });
        return calls;
    }

    private void forEachCall(ObjIntConsumer<CrmCall> use) {
        delivery.unsubscriptions().forEach(consent -> use.accept(ConsentChunk.write(consent).call(), 1));
        for (Kind kind : Kind.values()) {
            Preparation.of(kind, delivery);
            Calls.of(kind, delivery).forEach(chunk -> send(chunk, use));
        }
    }

    private void send(Chunk chunk, ObjIntConsumer<CrmCall> use) {
        int elements = Math.max(1, chunk.records().size());
        if (chunk instanceof ConsentChunk asked && asked.operation() == Operation.READ_CONSENT) {
            asked.consent().look(List.of());
        } else if (chunk instanceof AssociateChunk labelled && labelled.label() != null) {
            ObjectNode type = JsonNodeFactory.instance.objectNode().put("label", labelled.label())
                    .put("category", "<category of " + labelled.label() + ">")
                    .put("type", "<type of " + labelled.label() + ">");
            use.accept(labelled.call(type), elements);
        } else {
            use.accept(chunk.call(), elements);
        }
        if (chunk instanceof WriteChunk write) {
            write.records().forEach(one ->
                    write.made(one, one.link() == null ? placeholders.id(one.key()) : one.link().crmId()));
        }
    }

    private CrmRequest request(CrmCall call) {
        return placeholders.in(crm.request(call));
    }
}
