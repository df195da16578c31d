package io.shopbridge.deliver;

import io.shopbridge.map.RecordLink;
import java.util.ArrayList;
import java.util.List;

/**
 * An association to create or to remove.
 *
 * @param name   the link's name in the mapping
 * @param label  the CRM's name for the kind of association; null for its usual one
 * @param from   the record's CRM object and to the other's
 * @param fromId the record's CRM id and toId the other's
 */
record Association(DeliveryRecord record, String name, String label, String from, String to, String fromId,
        String toId) {

    String pair() {
        return from + " " + to + " " + label;
    }

    static List<Association> missing(String object, List<RecordLink> links, DeliveryRecord record) {
        List<Association> missing = new ArrayList<>();
        for (RecordLink link : links) {
            String target = link.toParent()
                    ? (record.parent().link() == null ? null : record.parent().link().crmId())
                    : record.relations().get(link.name());
            if (link.associate() != null && record.link() != null && target != null
                    && !target.equals(present(record, link.name()))) {
                missing.add(new Association(record, link.name(), link.label(), object, link.associate(),
                        record.link().crmId(), target));
            }
        }
        return missing;
    }

    static List<Association> outdated(String object, List<RecordLink> links, DeliveryRecord record) {
        List<Association> outdated = new ArrayList<>();
        for (RecordLink link : links) {
            String target = record.relations().get(link.name());
            String present = record.link() == null ? null : present(record, link.name());
            boolean replaced = target != null && !target.equals(present);
            if (link.associate() != null && present != null && (replaced || record.isEnded(link))) {
                outdated.add(new Association(record, link.name(), link.label(), object, link.associate(),
                        record.link().crmId(), present));
            }
        }
        return outdated;
    }

    /** Whether it ended, and no other takes its place. */
    boolean isEnded() {
        return !record.relations().containsKey(name);
    }

    private static String present(DeliveryRecord record, String name) {
        var value = record.link().base().get(DeliveryRecord.ASSOCIATION + name);
        return value == null ? null : value.asText();
    }
}
