package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Operation;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Mapping;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** The calls that a batch still needs, each as large as the CRM allows. Reading them changes nothing. */
final class Calls {

    private static final Set<Operation> BULK = EnumSet.of(Operation.UPSERT, Operation.UPDATE);

    private final Delivery delivery;
    private final Crm crm;
    private final Mapping mapping;

    private Calls(Delivery delivery) {
        this.delivery = delivery;
        this.crm = delivery.crm();
        this.mapping = delivery.mapping();
    }

    static List<Chunk> of(Kind kind, Delivery delivery) {
        Calls calls = new Calls(delivery);
        return switch (kind) {
            case RECORDS -> calls.records();
            case SHARED -> calls.shared();
            case LINE_ITEMS -> calls.lineItems();
            case REMOVED_LINE_ITEMS -> calls.removedLineItems();
            case ACTIVATIONS -> calls.activations();
            case OUTDATED_ASSOCIATIONS -> calls.outdatedAssociations();
            case ASSOCIATIONS -> calls.associations();
            case CONSENT_LOOKS -> calls.consentLooks();
            case CONSENTS -> calls.consents();
        };
    }

    private List<Chunk> records() {
        return writes(delivery.records().stream().filter(DeliveryRecord::mustBeWritten).toList(), mapping.object(),
                mapping.externalIdField().orElse(null));
    }

    private List<Chunk> shared() {
        List<Chunk> chunks = new ArrayList<>();
        for (ChildMapping child : mapping.children()) {
            chunks.addAll(writes(delivery.shared().values().stream()
                    .filter(record -> record.key().entity().equals(child.entity()))
                    .filter(DeliveryRecord::mustBeWritten).toList(), child.object(),
                    child.externalIdField().orElse(null)));
        }
        return chunks;
    }

    private List<Chunk> lineItems() {
        List<Chunk> chunks = new ArrayList<>();
        for (ChildMapping child : mapping.children()) {
            chunks.addAll(writes(delivery.children(child).stream().filter(DeliveryRecord::mustBeWritten)
                    .filter(record -> record.parent().link() != null).toList(), child.object(),
                    child.externalIdField().orElse(null)));
        }
        return chunks;
    }

    private List<Chunk> removedLineItems() {
        List<RemovedLineItem> removed = delivery.open().stream().flatMap(record ->
                record.removedChildren().stream().map(link -> new RemovedLineItem(record, link))).toList();
        return inBatches(removed, RemovedLineItem::object, Operation.ARCHIVE, RemovedLineItem::object,
                batch -> new ArchiveChunk(crm, batch.get(0).object(), batch));
    }

    private List<Chunk> activations() {
        String object = mapping.object();
        if (!crm.can(Operation.ACTIVATE, object) || !crm.isOn(Crm.ACTIVATE_ORDERS)) {
            return List.of();
        }
        return inBatches(delivery.open().stream()
                        .filter(record -> record.mustBeActivated(object + ".Activate")).toList(),
                record -> object, Operation.ACTIVATE, record -> object,
                batch -> new ActivateChunk(crm, object, batch));
    }

    private List<Chunk> outdatedAssociations() {
        List<Association> outdated = !crm.can(Operation.DISSOCIATE) ? List.of()
                : delivery.open().stream().flatMap(record ->
                        Association.outdated(mapping.object(), mapping.links(), record).stream()).toList();
        return inBatches(outdated, Association::pair, Operation.DISSOCIATE, pair -> "",
                batch -> new DissociateChunk(crm, batch));
    }

    private List<Chunk> associations() {
        List<Association> missing = new ArrayList<>();
        for (DeliveryRecord record : delivery.open()) {
            missing.addAll(Association.missing(mapping.object(), mapping.links(), record));
            for (ChildMapping child : mapping.children()) {
                record.children(child).forEach(lineItem ->
                        missing.addAll(Association.missing(child.object(), child.links(), lineItem)));
            }
        }
        return inBatches(missing, Association::pair, Operation.ASSOCIATE, pair -> "",
                batch -> new AssociateChunk(crm, batch));
    }

    private List<Chunk> consentLooks() {
        return delivery.consents(delivery.open()).filter(Consent::mustLook).<Chunk>map(ConsentChunk::look).toList();
    }

    private List<Chunk> consents() {
        return delivery.consents(delivery.records()).filter(Consent::maySubscribe).<Chunk>map(ConsentChunk::write)
                .toList();
    }

    private List<Chunk> writes(List<DeliveryRecord> toWrite, String object, String keyField) {
        Map<Operation, List<DeliveryRecord>> byOperation = new LinkedHashMap<>();
        toWrite.forEach(record -> byOperation.computeIfAbsent(
                crm.operations().writes(record.link() != null, record.externalId()),
                operation -> new ArrayList<>()).add(record));
        List<Chunk> chunks = new ArrayList<>();
        byOperation.forEach((operation, list) -> {
            // Only idempotent writes go in bulk: by key or id.
            boolean bulk = delivery.isBulk() && BULK.contains(operation);
            List<DeliveryRecord> inJob = list.stream().filter(record -> bulk && record.mayGoInJob()).toList();
            List<DeliveryRecord> others = list.stream().filter(record -> !(bulk && record.mayGoInJob())).toList();
            int usual = crm.operations().batch(operation, object);
            Function<List<DeliveryRecord>, Chunk> chunk =
                    batch -> new WriteChunk(crm, operation, object, keyField, batch);
            chunks.addAll(inBatches(inJob, Math.max(usual, inJob.isEmpty() ? 0 : crm.bulkBatch()), chunk));
            rounds(others).forEach(round -> chunks.addAll(inBatches(round, usual, chunk)));
        });
        return chunks;
    }

    /**
     * In each round every record of the CRM is once: several customers may be one contact, and CRMs such as HubSpot
     * refuse a whole call that names it twice.
     */
    private static Collection<List<DeliveryRecord>> rounds(List<DeliveryRecord> records) {
        Map<String, Integer> times = new HashMap<>();
        Map<Integer, List<DeliveryRecord>> rounds = new TreeMap<>();
        records.forEach(record -> rounds.computeIfAbsent(
                record.link() == null ? 1 : times.merge(record.link().crmId(), 1, Integer::sum),
                round -> new ArrayList<>()).add(record));
        return rounds.values();
    }

    private <T> List<Chunk> inBatches(List<T> all, Function<T, String> kind, Operation operation,
            Function<T, String> objectOf, Function<List<T>, Chunk> chunk) {
        Map<String, List<T>> byKind = new LinkedHashMap<>();
        all.forEach(one -> byKind.computeIfAbsent(kind.apply(one), name -> new ArrayList<>()).add(one));
        List<Chunk> chunks = new ArrayList<>();
        for (List<T> list : byKind.values()) {
            chunks.addAll(inBatches(list, crm.operations().batch(operation, objectOf.apply(list.get(0))), chunk));
        }
        return chunks;
    }

    private static <T> List<Chunk> inBatches(List<T> all, int size, Function<List<T>, Chunk> chunk) {
        List<Chunk> chunks = new ArrayList<>();
        for (int from = 0; from < all.size(); from += size) {
            chunks.add(chunk.apply(List.copyOf(all.subList(from, Math.min(all.size(), from + size)))));
        }
        return chunks;
    }
}
