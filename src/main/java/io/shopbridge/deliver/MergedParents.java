package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.RecordLink;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Relations that lead elsewhere because the CRM has merged the record that is linked: when a user merges two contacts, the
 * CRM moves their orders to the one that is left, so that these are where they belong.
 */
final class MergedParents {

    private final Crm crm;
    private final CrmReads reads;

    MergedParents(Crm crm, CrmReads reads) {
        this.crm = crm;
        this.reads = reads;
    }

    /**
     * Takes out those that are so.
     *
     * @param wrong the ids of the other records that each record is related to in the CRM
     */
    void takeOut(RecordLink relation, Map<DeliveryRecord, Set<String>> wrong) {
        String object = relation.associate() != null ? relation.associate()
                : crm.mapping(relation.to()).map(Mapping::object).orElse(null);
        Map<DeliveryRecord, String> targets = new HashMap<>();
        wrong.forEach((record, others) -> {
            if (object != null && !others.isEmpty()) {
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
    }
}
