package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Operation;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Work;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Finds out whether a record was refused because a related record no longer exists in the CRM: a user deleted the
 * person of an order, or a product. CRMs report that in different ways, so the related records are read.
 */
@Component
class MissingTargets {

    private final CrmLookup lookup;
    private final Links links;
    private final Work work;
    private final TransactionTemplate transaction;

    MissingTargets(CrmLookup lookup, Links links, Work work, TransactionTemplate transaction) {
        this.lookup = lookup;
        this.links = links;
        this.work = work;
        this.transaction = transaction;
    }

    /**
     * Removes the links to records that no longer exist, and marks these to be found or created again.
     *
     * @return by record, the related record that no longer exists
     */
    Map<DeliveryRecord, Target> forget(Crm crm, Map<DeliveryRecord, List<Target>> pointing) {
        Map<String, List<Target>> byObject = pointing.values().stream().flatMap(List::stream)
                .filter(target -> crm.can(Operation.READ, target.object())).distinct()
                .collect(Collectors.groupingBy(Target::object));
        Set<Target> lost = new HashSet<>();
        byObject.forEach((object, targets) -> {
            List<String> ids = targets.stream().map(Target::crmId).distinct().toList();
            Set<String> there = present(crm, targets.get(0), ids);
            targets.stream().filter(target -> !there.contains(target.crmId())).forEach(lost::add);
            // Its own delivery may have removed the link already.
            links.to(crm.name(), object, ids.stream().filter(id -> !there.contains(id)).toList()).values()
                    .forEach(gone -> forget(crm, gone));
        });
        Map<DeliveryRecord, Target> found = new LinkedHashMap<>();
        pointing.forEach((record, targets) -> targets.stream().filter(lost::contains).findFirst()
                .ifPresent(target -> found.put(record, target)));
        return found;
    }

    private Set<String> present(Crm crm, Target kind, Collection<String> ids) {
        try {
            return lookup.read(crm, kind.object(), kind.fields(), ids).keySet();
        } catch (CrmRefused | CrmGone e) {
            // Then the refusal is kept as it is.
            return Set.copyOf(ids);
        }
    }

    /** In one transaction: without the mark, the records that wait for it would wait for ever. */
    private void forget(Crm crm, List<Link> gone) {
        List<RecordKey> own = gone.stream().map(Link::key).filter(key -> crm.mapping(key.entity()).isPresent()).toList();
        transaction.executeWithoutResult(status -> {
            gone.forEach(link -> links.remove(crm.name(), link.key()));
            work.mark(crm.name(), own);
        });
    }
}
