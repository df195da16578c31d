package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.identify.Identification;
import io.shopbridge.identify.Identified;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.identify.Unidentified;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.MappedRecord;
import io.shopbridge.merge.Base;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.merge.Decision;
import io.shopbridge.merge.Merge;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Records that several records share, such as the products of orders: found or created once, then left to the CRM's
 * users. A step that is repeated after a failure continues with those that are not decided yet.
 */
@Component
class SharedRecords {

    private static final Merge MERGE = new Merge();

    private final Identify identify;
    private final Links links;
    private final Written written;
    private final Interrupted interrupted;

    SharedRecords(Identify identify, Links links, Written written, Interrupted interrupted) {
        this.interrupted = interrupted;
        this.identify = identify;
        this.links = links;
        this.written = written;
    }

    void decide(Delivery delivery, Collection<DeliveryRecord> parents) {
        for (ChildMapping child : delivery.mapping().children()) {
            if (child.shared()) {
                parents.stream().filter(DeliveryRecord::open).forEach(parent -> collect(delivery, child, parent));
                decide(delivery, child, parents.stream().filter(DeliveryRecord::open).toList());
            }
        }
    }

    /** Those that this order shares with others. */
    static void collect(Delivery delivery, ChildMapping child, DeliveryRecord parent) {
        Unusable.orRejected(parent, () -> {
            for (JsonNode element : child.each(parent.json(), parent.context())) {
                RecordKey key = key(child, parent, element);
                if (!delivery.shared().containsKey(key)) {
                    DeliveryRecord record = parent.shared(key, element);
                    child.externalId(element, parent.context()).ifPresent(record::externalId);
                    delivery.shared().put(key, record);
                }
            }
        });
    }

    private void decide(Delivery delivery, ChildMapping child, List<DeliveryRecord> parents) {
        Map<RecordKey, DeliveryRecord> open = new HashMap<>();
        delivery.shared().forEach((key, record) -> {
            if (key.entity().equals(child.entity()) && record.open() && !record.decided()) {
                open.put(key, record);
            }
        });
        links.of(delivery.crm().name(), open.keySet()).forEach((key, link) -> known(open.remove(key), link));
        if (open.isEmpty()) {
            return;
        }
        List<DeliveryRecord> found = new ArrayList<>();
        Identified identified = identify.identify(delivery.crm(), child, open.values().stream()
                .map(record -> new Unidentified(record.key(), record.externalId(), List.of(), Map.of(),
                        record.context())).toList());
        identified.known().forEach((key, identification) -> {
            DeliveryRecord record = open.remove(key);
            if (identification instanceof Identification.Found hit) {
                known(record, new Link(key, null, child.object(), hit.crmId(), hit.present().fields()));
                found.add(record);
            } else if (identification instanceof Identification.Wait wait) {
                record.waits(wait.because(), wait.until(), null);
            } else {
                record.foundNowhere();
                Unusable.orRejected(record, () -> create(child, record));
            }
        });
        written.remembered(delivery.crm(), found);
        identified.busy().ifPresent(busy -> interrupted.by(busy, delivery, parents.stream().filter(parent ->
                elements(child, parent).stream().anyMatch(open::containsKey)).toList()));
    }

    private static List<RecordKey> elements(ChildMapping child, DeliveryRecord parent) {
        return child.each(parent.json(), parent.context()).stream()
                .map(element -> key(child, parent, element)).toList();
    }

    private static RecordKey key(ChildMapping child, DeliveryRecord parent, JsonNode element) {
        return new RecordKey(parent.key().store(), child.entity(), element.path("id").asText());
    }

    static void known(DeliveryRecord record, Link link) {
        record.linkedTo(link);
        record.decide(Map.of(), link.base());
    }

    static void create(ChildMapping child, DeliveryRecord record) {
        MappedRecord mapped = child.map(record.json(), record.context());
        record.mapped(mapped);
        record.fields(child.fields());
        if (!mapped.refusals().isEmpty()) {
            record.end(Outcome.REJECTED, mapped.refusals());
            return;
        }
        CrmValues notRead = null;
        Decision decision = MERGE.decide(child.fields(), mapped, Base.NONE, notRead, false, record.shopifyTime());
        record.decide(decision.write(), decision.base());
    }
}
