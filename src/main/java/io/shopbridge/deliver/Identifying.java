package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.shopbridge.identify.Identification;
import io.shopbridge.identify.Identified;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Unidentified;
import io.shopbridge.map.Field;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MatchKey;
import io.shopbridge.map.Owner;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The second step: finds the CRM records of records without a link, and stores each link as soon as it is known. */
@Component("identifying")
public class Identifying {

    private final Identify identify;
    private final Written written;
    private final Interrupted interrupted;
    private final Progress progress;
    private final MergedCustomers mergedCustomers;

    Identifying(Identify identify, Written written, Interrupted interrupted, Progress progress,
            MergedCustomers mergedCustomers) {
        this.identify = identify;
        this.written = written;
        this.interrupted = interrupted;
        this.progress = progress;
        this.mergedCustomers = mergedCustomers;
    }

    public void identify(Delivery delivery) {
        identifyUnlinked(delivery);
        delivery.searched();
        mergedCustomers.settle(delivery);
    }

    private void identifyUnlinked(Delivery delivery) {
        Mapping mapping = delivery.mapping();
        Map<RecordKey, DeliveryRecord> unlinked = new HashMap<>();
        List<Unidentified> unidentified = new ArrayList<>();
        for (DeliveryRecord record : delivery.open()) {
            if (record.link() == null && record.present() == null) {
                Unusable.orRejected(record, () -> {
                    // A merged customer is looked up by our key only: the answer of its create may have been lost.
                    List<MatchKey> keys = record.mergedInto() == null
                            ? mapping.matchKeys(record.json(), record.context()) : List.of();
                    // Only Shopbridge creates such records, and the upsert by our key finds an existing one.
                    if (!keys.isEmpty() || looksAtTheCrm(mapping)
                            || record.externalId() != null && !delivery.crm().keepsKeysUnique()) {
                        unidentified.add(new Unidentified(record.key(), record.externalId(), keys,
                                name(mapping, record), record.context()));
                        unlinked.put(record.key(), record);
                    }
                });
            }
        }
        if (unidentified.isEmpty()) {
            return;
        }
        List<DeliveryRecord> found = new ArrayList<>();
        Identified identified = identify.identify(delivery.crm(), mapping, unidentified);
        identified.known().forEach((key, identification) ->
                apply(delivery, unlinked.remove(key), identification, found));
        written.linked(delivery.crm(), found);
        if (!identified.known().isEmpty()) {
            progress.made(delivery.crm());
        }
        identified.busy().ifPresent(busy -> interrupted.by(busy, delivery, unlinked.values()));
        unlinked.values().stream().filter(DeliveryRecord::open).forEach(DeliveryRecord::giveBack);
    }

    private void apply(Delivery delivery, DeliveryRecord record, Identification identification,
            List<DeliveryRecord> found) {
        if (identification instanceof Identification.Found hit) {
            record.linkedTo(new Link(record.key(), null, delivery.mapping().object(), hit.crmId(),
                    Map.of(Link.FOUND, BooleanNode.TRUE)));
            record.present(hit.present());
            found.add(record);
        } else if (identification instanceof Identification.New) {
            record.foundNowhere();
        } else if (identification instanceof Identification.Held held) {
            record.asks(held.because(), held.candidates());
        } else if (identification instanceof Identification.Wait wait) {
            record.waits(wait.because(), wait.until(), wait.waitsFor());
        }
    }

    private static boolean looksAtTheCrm(Mapping mapping) {
        String key = mapping.externalIdField().orElse("");
        return mapping.fields().stream().filter(field -> !field.name().equals(key)).map(Field::owner)
                .anyMatch(owner -> owner == Owner.SHOPIFY_ON_CREATE || owner == Owner.SHOPIFY_ONCE
                        || owner == Owner.NEWEST_WINS);
    }

    private static Map<String, JsonNode> name(Mapping mapping, DeliveryRecord record) {
        Map<String, JsonNode> fields = record.values(mapping).fields();
        Map<String, JsonNode> name = new HashMap<>();
        mapping.nameFields().forEach(field -> name.put(field, fields.get(field)));
        return name;
    }
}
