package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.CrmCall.Pair;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmResult;
import io.shopbridge.identify.Link;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes associations between records of the same two objects. */
record AssociateChunk(Crm crm, List<Association> associations) implements Chunk {

    @Override
    public CrmCall call() {
        return CrmCall.associate(crm, from(), to(), pairs(associations));
    }

    /** The label of all of them; null for the CRM's usual association. */
    String label() {
        return associations.get(0).label();
    }

    String from() {
        return associations.get(0).from();
    }

    String to() {
        return associations.get(0).to();
    }

    /** The call that makes associations of this type, which is what the CRM says that the label means. */
    CrmCall call(JsonNode type) {
        return CrmCall.associateAs(crm, from(), to(), type, pairs(associations));
    }

    static List<Pair> pairs(List<Association> associations) {
        return associations.stream().map(one -> new Pair(one.fromId(), one.toId())).toList();
    }

    @Override
    public List<DeliveryRecord> records() {
        return associations.stream().map(Association::record).toList();
    }

    @Override
    public List<Chunk> halves() {
        return Chunk.halves(associations).stream().<Chunk>map(half -> new AssociateChunk(crm, half)).toList();
    }

    @Override
    public void applied(List<JsonNode> results, Written written) {
        Map<Association, String> refused = new LinkedHashMap<>();
        for (Association association : associations) {
            results.stream().map(CrmResult::of)
                    .filter(result -> result.because() != null && isAbout(result, association)).findFirst()
                    .ifPresent(result -> refused.put(association, result.because()));
        }
        List<DeliveryRecord> linked = new ArrayList<>();
        for (Association association : associations) {
            if (!refused.containsKey(association)) {
                remember(association);
                linked.add(association.record());
            }
        }
        written.remembered(crm, linked);
        refused(refused, written);
    }

    /** A fault that names no record is everybody's. */
    private static boolean isAbout(CrmResult fault, Association association) {
        List<String> ids = fault.ids();
        return ids.isEmpty() || ids.contains(association.fromId()) || ids.contains(association.toId());
    }

    private static void remember(Association association) {
        Link link = association.record().link();
        Map<String, JsonNode> base = new LinkedHashMap<>(link.base());
        base.put(DeliveryRecord.ASSOCIATION + association.name(), TextNode.valueOf(association.toId()));
        association.record().linkedTo(new Link(link.key(), link.parentId(), link.object(), link.crmId(), base));
        association.record().changed();
    }

    @Override
    public void refused(CrmFailure failure, Written written) {
        refused(Map.of(associations.get(0), failure.getMessage()), written);
    }

    private void refused(Map<Association, String> refused, Written written) {
        Map<DeliveryRecord, String> because = new LinkedHashMap<>();
        Map<DeliveryRecord, List<Target>> pointing = new LinkedHashMap<>();
        refused.forEach((association, reason) -> {
            DeliveryRecord record = association.record();
            because.merge(record, "association with " + association.to() + " " + association.toId() + ": " + reason,
                    (one, other) -> one + "; " + other);
            pointing.computeIfAbsent(record, key -> new ArrayList<>()).addAll(List.of(
                    Target.of(crm, association.name(), association.to(), association.toId()),
                    Target.of(crm, record.key().entity(), association.from(), association.fromId())));
        });
        written.refused(crm, because, pointing);
    }
}
