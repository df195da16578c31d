package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.doorbell.Doorbell;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.mirror.CustomerFigures;
import io.shopbridge.mirror.CustomerMerges;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Mark;
import io.shopbridge.work.Work;
import java.time.Instant;
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
 * Customers that Shopify merged into others. The survivor takes over the contact of the one that is no more, where it
 * has none itself, and in any case the orders and figures. Where each has a contact, a person is told: merging two
 * contacts of a CRM can't be undone, and people may have written into both.
 */
@Component
class MergedCustomers {

    private final CustomerMerges merges;
    private final CustomerFigures figures;
    private final Links links;
    private final Identify identify;
    private final Work work;
    private final Doorbell doorbell;
    private final TransactionTemplate transaction;

    MergedCustomers(CustomerMerges merges, CustomerFigures figures, Links links, Identify identify, Work work,
            Doorbell doorbell, TransactionTemplate transaction) {
        this.merges = merges;
        this.figures = figures;
        this.links = links;
        this.identify = identify;
        this.work = work;
        this.doorbell = doorbell;
        this.transaction = transaction;
    }

    /**
     * The links that these customers, who have none, take over from customers merged into them. Only who delivers a
     * customer may ask for it, since nobody else may make a contact of it meanwhile.
     */
    Map<RecordKey, Link> takeOver(Crm crm, Collection<RecordKey> customers) {
        Map<RecordKey, List<RecordKey>> absorbed = merges.absorbed(customers);
        if (absorbed.isEmpty()) {
            return Map.of();
        }
        Map<RecordKey, Link> theirs = links.of(crm.name(),
                absorbed.values().stream().flatMap(List::stream).collect(Collectors.toSet()));
        Map<RecordKey, Link> taken = new HashMap<>();
        absorbed.forEach((kept, others) -> others.stream().map(theirs::get).filter(Objects::nonNull).findFirst()
                .ifPresent(link -> taken.put(kept, identify.handOver(crm, link, kept))));
        return taken;
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
        Set<RecordKey> changed = new TreeSet<>(Set.of(record.mergedInto()));
        String merged = "Shopify merged it into " + record.mergedInto();
        if (record.link() != null && kept == null) {
            record.waits(merged + ", which takes over " + crm.title() + "'s record " + record.link().crmId(),
                    Instant.now().plus(Loading.nextLook(record.item().attempts())), record.mergedInto().toString());
        } else {
            changed.addAll(figures.ordersNaming(record.key()));
            if (record.link() != null && !record.link().crmId().equals(kept.crmId())
                    && identify.isThere(crm, delivery.mapping(), record.link().crmId())) {
                record.end(Outcome.HELD, merged + ", and " + crm.title() + " has a record of each: "
                        + record.link().crmId() + " of this one, " + kept.crmId() + " of the other, which has the orders"
                        + " and figures of both from now on. Merge " + record.link().crmId() + " into " + kept.crmId()
                        + " there, or delete it, then replay this; or say that it is done if both are to stay");
            } else {
                if (record.link() != null) {
                    links.remove(crm.name(), record.key());
                    record.linkedTo(null);
                }
                record.end(Outcome.SKIPPED, merged);
            }
        }
        mark(crm, changed);
    }

    private void mark(Crm crm, Set<RecordKey> changed) {
        List<RecordKey> mapped = changed.stream().filter(key -> crm.mapping(key.entity()).isPresent()).toList();
        transaction.executeWithoutResult(status -> work.mark(
                mapped.stream().map(key -> new Mark(key, null, null)).toList(), List.of(crm.name())));
        mapped.stream().map(RecordKey::entity).distinct()
                .forEach(entity -> doorbell.ring(Work.bell(crm.name(), entity)));
    }
}
