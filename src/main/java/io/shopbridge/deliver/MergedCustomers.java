package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.mirror.CustomerFigures;
import io.shopbridge.mirror.CustomerMerges;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Work;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Customers that Shopify merged into others. The survivor gets the orders and figures, and the contact of the merged
 * one if it has none itself. If each has a contact, the record is held: merging two contacts of a CRM can't be undone,
 * and users may have edited both.
 */
@Component
class MergedCustomers {

    private final CustomerMerges merges;
    private final CustomerFigures figures;
    private final Links links;
    private final Identify identify;
    private final Work work;
    private final TransactionTemplate transaction;

    MergedCustomers(CustomerMerges merges, CustomerFigures figures, Links links, Identify identify, Work work,
            TransactionTemplate transaction) {
        this.merges = merges;
        this.figures = figures;
        this.links = links;
        this.identify = identify;
        this.work = work;
        this.transaction = transaction;
    }

    /**
     * The links that these customers, who have none, take over from customers merged into them. Only who delivers a
     * customer may ask for it, because no other record may create a contact for it meanwhile.
     */
    Map<RecordKey, Link> takeOver(Crm crm, Collection<RecordKey> customers) {
        Map<RecordKey, Link> taken = new HashMap<>();
        toBeTakenOver(crm, customers).forEach((kept, link) -> {
            taken.put(kept, identify.handOver(crm, link, kept));
            // What was said of the others' contacts is of an earlier survivor.
            mark(crm, merges.absorbed(List.of(kept)).get(kept));
        });
        return taken;
    }

    /** The links that these customers, who have none, will take over: what points to them may go there already. */
    Map<RecordKey, Link> toBeTakenOver(Crm crm, Collection<RecordKey> customers) {
        Map<RecordKey, List<RecordKey>> absorbed = merges.absorbed(customers);
        if (absorbed.isEmpty()) {
            return Map.of();
        }
        Map<RecordKey, Link> theirs = links.of(crm.name(),
                absorbed.values().stream().flatMap(List::stream).collect(Collectors.toSet()));
        Map<RecordKey, Link> coming = new HashMap<>();
        absorbed.forEach((kept, others) -> others.stream().map(theirs::get).filter(Objects::nonNull).findFirst()
                .ifPresent(link -> coming.put(kept, link)));
        return coming;
    }

    /** Ends the records of customers that were merged into others, and has what follows from it delivered. */
    void settle(Delivery delivery) {
        List<DeliveryRecord> absorbed =
                delivery.open().stream().filter(record -> record.mergedInto() != null).toList();
        if (absorbed.isEmpty()) {
            return;
        }
        Map<RecordKey, Link> kept = links.of(delivery.crm().name(),
                absorbed.stream().map(DeliveryRecord::mergedInto).collect(Collectors.toSet()));
        absorbed.forEach(record -> settle(delivery, record, kept.get(record.mergedInto())));
    }

    private void settle(Delivery delivery, DeliveryRecord record, Link kept) {
        Crm crm = delivery.crm();
        Set<RecordKey> changed = new TreeSet<>(figures.ordersNaming(record.key()));
        changed.add(record.mergedInto());
        String merged = CustomerMerges.because(record.key(), record.mergedInto());
        if (record.link() == null) {
            record.end(Outcome.SKIPPED, merged);
        } else if (kept == null) {
            record.end(Outcome.SKIPPED, merged + ". That customer takes over record "
                    + record.link().crmId() + " of " + crm.title() + " when it is delivered");
        } else if (isHeld(delivery, record, kept)) {
            String crmId = record.link().crmId();
            record.end(Outcome.HELD, merged + ", and " + crm.title() + " has a record of each: " + crmId
                    + " of this customer, unchanged, and " + kept.crmId() + " of the other, which now has the orders"
                    + " and"
                    + " figures of both. Merge " + crmId + " into " + kept.crmId() + " there, then replay this; or mark"
                    + " it as done to keep both");
        } else {
            links.remove(crm.name(), record.key());
            record.linkedTo(null);
            record.end(Outcome.SKIPPED, merged);
        }
        mark(crm, changed);
    }

    /** Not where the two are one record there, others live on in this one's, or it is gone. */
    private boolean isHeld(Delivery delivery, DeliveryRecord record, Link kept) {
        Crm crm = delivery.crm();
        String crmId = record.link().crmId();
        boolean others = links.to(crm.name(), delivery.mapping().object(), List.of(crmId)).getOrDefault(crmId, List.of())
                .stream().anyMatch(link -> !link.key().equals(record.key()));
        return !others && !crmId.equals(kept.crmId()) && identify.isThere(crm, delivery.mapping(), crmId);
    }

    private void mark(Crm crm, Collection<RecordKey> changed) {
        List<RecordKey> mapped = changed.stream().filter(key -> crm.mapping(key.entity()).isPresent()).toList();
        transaction.executeWithoutResult(status -> work.mark(crm.name(), mapped));
    }
}
