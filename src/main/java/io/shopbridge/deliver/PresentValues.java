package io.shopbridge.deliver;

import io.shopbridge.crm.CrmFailure;
import io.shopbridge.identify.CrmLookup.Answers;
import io.shopbridge.identify.CrmLookup;
import io.shopbridge.identify.CrmRecord;
import io.shopbridge.map.Field;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.map.RecordLink;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.merge.Merge;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Reads the present values of CRM records whose merge depends on them. */
@Component
class PresentValues {

    private final CrmLookup lookup;
    private final Bases bases;
    private final Written written;
    private final Interrupted interrupted;
    private final Merge merge = new Merge();

    PresentValues(CrmLookup lookup, Bases bases, Written written, Interrupted interrupted) {
        this.lookup = lookup;
        this.bases = bases;
        this.written = written;
        this.interrupted = interrupted;
    }

    /**
     * Reads with one call all that is needed.
     *
     * @param records with their values
     * @return those that can be merged now: not those without an answer yet, nor those that no longer exist in the CRM
     * @throws CrmFailure where the CRM did not answer
     */
    List<DeliveryRecord> read(Delivery delivery, Map<DeliveryRecord, MappedRecord> records) {
        List<DeliveryRecord> mergeable = new ArrayList<>(records.keySet());
        List<DeliveryRecord> toRead = new ArrayList<>();
        records.forEach((record, values) -> Unusable.orRejected(record, () -> {
            if (record.link() != null && record.present() == null && isNeeded(delivery, record, values)) {
                toRead.add(record);
            }
        }));
        if (toRead.isEmpty()) {
            return mergeable;
        }
        Answers<Map<String, CrmRecord>> present = lookup.readSome(delivery.crm(), delivery.mapping().object(),
                names(delivery, toRead), toRead.stream().map(record -> record.link().crmId()).toList());
        List<DeliveryRecord> notRead = toRead.stream()
                .filter(record -> !present.asked().contains(record.link().crmId())).toList();
        present.busy().ifPresent(busy -> interrupted.by(busy, delivery, notRead));
        mergeable.removeAll(notRead);
        toRead.removeAll(notRead);
        for (DeliveryRecord record : toRead) {
            CrmRecord found = present.given().get(record.link().crmId());
            if (found == null) {
                written.gone(delivery.crm(), record);
                mergeable.remove(record);
            } else if (!found.id().equals(record.link().crmId())) {
                written.moved(delivery.crm(), record, found.id());
                mergeable.remove(record);
            } else {
                record.present(found.values());
            }
        }
        return mergeable;
    }

    boolean isNeeded(Delivery delivery, DeliveryRecord record, MappedRecord values) {
        return merge.needsCrmValues(Bases.fields(delivery, record), values, bases.of(delivery, record))
                || replacesOneOfSeveral(delivery, record, values) || isSubscription(delivery, record)
                || ended(delivery, record).findAny().isPresent();
    }

    private static Set<String> names(Delivery delivery, List<DeliveryRecord> toRead) {
        Set<String> names = new TreeSet<>(delivery.mapping().fieldNames());
        toRead.forEach(record -> ended(delivery, record).forEach(names::add));
        return names;
    }

    /** Fields that name a related record which they must name no longer, unless a user of the CRM put another there. */
    private static Stream<String> ended(Delivery delivery, DeliveryRecord record) {
        return delivery.mapping().links().stream().filter(relation -> relation.field() != null)
                .filter(record::isEnded).map(RecordLink::field);
    }

    /** Whether a subscription would be written, which must not contradict the contact's fields. */
    private static boolean isSubscription(Delivery delivery, DeliveryRecord record) {
        return delivery.consents(List.of(record)).anyMatch(Consent::mustLook);
    }

    /** Whether a field with several values in the CRM is written: the other values must be known, to keep them. */
    private boolean replacesOneOfSeveral(Delivery delivery, DeliveryRecord record, MappedRecord values) {
        List<Field> several = Bases.fields(delivery, record).stream().filter(field ->
                delivery.crm().isOneOfSeveral(delivery.mapping().object(), field.name())).toList();
        CrmValues notRead = null;
        return !several.isEmpty() && !merge.decide(several, values, bases.of(delivery, record), notRead, true,
                record.shopifyTime()).write().isEmpty();
    }
}
