package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.RecordLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A CRM record that a write points to.
 *
 * @param name   what it is to the record: the link's name in the mapping
 * @param object the CRM's name for what it is
 * @param fields what the mapping knows of such records, which is what a read asks for
 * @param crmId  the CRM's id
 */
record Target(String name, String object, Set<String> fields, String crmId) {

    /** What the fields that are to be written point to. */
    static List<Target> of(Crm crm, DeliveryRecord record) {
        String entity = (record.parent() == null ? record : record.parent()).key().entity();
        Optional<Mapping> mapping = crm.mapping(entity);
        List<RecordLink> links = record.parent() == null ? mapping.map(Mapping::links).orElse(List.of())
                : mapping.stream().flatMap(one -> one.children().stream())
                        .filter(child -> child.entity().equals(record.key().entity()))
                        .flatMap(child -> child.links().stream()).toList();
        List<Target> targets = new ArrayList<>();
        for (RecordLink link : links) {
            if (link.field() != null && record.write().containsKey(link.field())) {
                of(crm, mapping.orElseThrow(), link, record.write().get(link.field()).asText()).ifPresent(targets::add);
            }
        }
        return targets;
    }

    /** A record of an object that one of the mappings writes. */
    static Target of(Crm crm, String name, String object, String crmId) {
        return new Target(name, object, crm.mappings().stream().filter(mapping -> mapping.object().equals(object))
                .findFirst().map(Mapping::fieldNames).orElse(Set.of()), crmId);
    }

    /** What a link of this mapping points to; empty for a line item's own order. */
    private static Optional<Target> of(Crm crm, Mapping mapping, RecordLink link, String crmId) {
        Optional<ChildMapping> shared = mapping.children().stream()
                .filter(child -> child.shared() && child.entity().equals(link.to())).findFirst();
        return shared.map(child -> new Target(link.name(), child.object(), child.fieldNames(), crmId))
                .or(() -> crm.mapping(link.to())
                        .map(other -> new Target(link.name(), other.object(), other.fieldNames(), crmId)));
    }
}
