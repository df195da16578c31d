package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.merge.Base;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.merge.Decision;
import io.shopbridge.merge.Merge;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Orders split into line items, if these are records of their own in the CRM: each is merged with its own base. */
@Component
class LineItems {

    private static final Merge MERGE = new Merge();

    private final CrmLookup lookup;
    private final Links links;
    private final Written written;
    private final Interrupted interrupted;

    LineItems(CrmLookup lookup, Links links, Written written, Interrupted interrupted) {
        this.lookup = lookup;
        this.links = links;
        this.written = written;
        this.interrupted = interrupted;
    }

    /** The known lines of a batch: their links, and the CRM's lines of an order. */
    record Known(Map<RecordKey, Link> stored, Map<String, List<Link>> byParent) {
    }

    /**
     * Looks up the lines of these orders; an order that can't be looked up now is given back.
     *
     * @throws CrmFailure where the CRM did not answer
     */
    Known known(Delivery delivery, List<DeliveryRecord> parents) {
        Known known = new Known(new HashMap<>(), new HashMap<>());
        if (delivery.mapping().children().isEmpty() || parents.isEmpty()) {
            return known;
        }
        for (Link link : links.children(delivery.crm().name(), parents.stream().map(DeliveryRecord::key).toList())) {
            known.stored().put(link.key(), link);
            known.byParent().computeIfAbsent(link.key().store() + "/" + link.parentId(), id -> new ArrayList<>())
                    .add(link);
        }
        for (ChildMapping child : delivery.mapping().children()) {
            // If lines exist only under their order, this alone shows whether a create without an answer has succeeded.
            if (!child.shared() && delivery.crm().can(Operation.CHILDREN, child.object())) {
                adopt(delivery, child, parents.stream().filter(DeliveryRecord::open).toList(), known);
            }
        }
        return known;
    }

    private void adopt(Delivery delivery, ChildMapping child, List<DeliveryRecord> parents, Known known) {
        for (int i = 0; i < parents.size(); i++) {
            DeliveryRecord parent = parents.get(i);
            try {
                Unusable.orRejected(parent, () -> adopt(delivery.crm(), child, parent, known));
            } catch (CrmBusy e) {
                if (!e.asksToWait()) {
                    throw e;
                }
                interrupted.by(e, delivery, parents.subList(i, parents.size()));
                return;
            }
        }
    }

    private void adopt(Crm crm, ChildMapping child, DeliveryRecord parent, Known known) {
        try {
            Map<String, RecordKey> unlinked = new HashMap<>();
            for (JsonNode element : child.each(parent.json(), parent.context())) {
                RecordKey key = key(child, parent, element);
                if (parent.link() == null) {
                    known.stored().remove(key);
                } else if (!known.stored().containsKey(key)) {
                    child.externalId(element, parent.context()).ifPresent(id -> unlinked.put(id, key));
                }
            }
            if (parent.link() == null) {
                known.byParent().remove(parent.key().store() + "/" + parent.key().recordId());
            } else if (!unlinked.isEmpty()) {
                String field = child.externalIdField().orElseThrow();
                for (CrmRecord line : lookup.children(crm, child, parent.link().crmId())) {
                    JsonNode id = line.values().fields().get(field);
                    RecordKey key = id == null ? null : unlinked.get(id.asText());
                    if (key != null) {
                        known.stored().put(key, new Link(key, parent.key().recordId(), child.object(), line.id(),
                                line.values().fields()));
                    }
                }
            }
        } catch (CrmGone e) {
            written.gone(crm, parent);
        }
    }

    private static RecordKey key(ChildMapping child, DeliveryRecord parent, JsonNode element) {
        return parent.related(child.entity(), element.path("id").asText());
    }

    /** Splits these orders, and finds the lines in the CRM that must be removed. */
    static void merge(Delivery delivery, List<DeliveryRecord> parents, Known known) {
        for (DeliveryRecord parent : parents) {
            Set<RecordKey> there = new HashSet<>();
            for (ChildMapping child : delivery.mapping().children()) {
                if (!child.shared()) {
                    Unusable.orRejected(parent, () -> merge(child, parent, known.stored(), there));
                }
            }
            known.byParent().getOrDefault(parent.key().store() + "/" + parent.key().recordId(), List.of()).stream()
                    .filter(link -> !there.contains(link.key())).forEach(parent.removedChildren()::add);
        }
    }

    private static void merge(ChildMapping child, DeliveryRecord parent, Map<RecordKey, Link> stored,
            Set<RecordKey> there) {
        for (JsonNode element : child.each(parent.json(), parent.context())) {
            RecordKey key = key(child, parent, element);
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
            Base base = record.link() == null ? Base.NONE : new Base(record.link().base(), List.of());
            CrmValues notRead = null;
            Decision decision = MERGE.decide(child.fields(), mapped, base, notRead, record.link() != null,
                    parent.shopifyTime());
            record.decide(decision.write(), decision.base());
        }
    }
}
