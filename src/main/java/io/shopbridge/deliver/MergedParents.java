package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.identify.Links;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.RecordLink;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Relations that lead elsewhere because the CRM has merged the record that is linked: when a user merges two contacts, the
 * CRM moves their orders to the one that is left, so that these are where they belong.
 */
final class MergedParents {

    private final Crm crm;
    private final Links links;
    private final CrmReads reads;

    MergedParents(Crm crm, Links links, CrmReads reads) {
        this.crm = crm;
        this.links = links;
        this.reads = reads;
    }

    /**
     * Takes out those that are so. The CRM is asked only about records that are related to one that nobody has linked: one
     * that is linked is another person's.
     *
     * @param wrong the ids of the other records that each record is related to in the CRM
     * @return the ids in {@code wrong} that are linked to a record of Shopify's
     */
    Set<String> takeOut(RecordLink relation, Map<DeliveryRecord, Set<String>> wrong) {
        String object = relation.associate() != null ? relation.associate()
                : crm.mapping(relation.to()).map(Mapping::object).orElse(null);
        if (object == null || wrong.isEmpty()) {
            return Set.of();
        }
        Set<String> others = new HashSet<>();
        wrong.values().forEach(others::addAll);
        Set<String> linked = links.to(crm.name(), object, others).keySet();
        Map<DeliveryRecord, String> targets = new HashMap<>();
        wrong.forEach((record, its) -> {
            if (!linked.containsAll(its)) {
                targets.put(record, record.relations().get(relation.name()));
            }
        });
        if (!targets.isEmpty()) {
            Map<String, CrmRecord> now = reads.read(object, Set.of(), targets.values());
            targets.forEach((record, target) -> {
                if (now.containsKey(target) && wrong.get(record).contains(now.get(target).id())) {
                    wrong.remove(record);
                }
            });
        }
        return linked;
    }
}
