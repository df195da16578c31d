package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.RecordLink;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A batch of records of one entity on their way to one CRM: the body of the routes in {@code 3-deliver}. What is still
 * to be called is asked anew each time, so a step that is repeated after a fault repeats only what did not succeed.
 */
public final class Delivery {

    private static final Set<Operation> BULK = EnumSet.of(Operation.UPSERT, Operation.UPDATE);

    private final Crm crm;
    private final Mapping mapping;
    private final List<DeliveryRecord> records;
    private final boolean bulk;
    /** What several of the records share: an order's products. */
    private final Map<RecordKey, DeliveryRecord> shared = new LinkedHashMap<>();
    private boolean isPart;
    private Throwable fault;

    /** @param bulk whether there is so much to do that upserts and updates go in the CRM's bulk way */
    Delivery(Crm crm, Mapping mapping, List<DeliveryRecord> records, boolean bulk) {
        this.crm = crm;
        this.mapping = mapping;
        this.records = records;
        this.bulk = bulk;
    }

    Crm crm() {
        return crm;
    }

    Mapping mapping() {
        return mapping;
    }

    List<DeliveryRecord> records() {
        return records;
    }

    List<DeliveryRecord> open() {
        return records.stream().filter(DeliveryRecord::open).toList();
    }

    /** Some of the records, to be delivered apart from the others. */
    Delivery part(List<DeliveryRecord> some) {
        Delivery part = new Delivery(crm, mapping, List.copyOf(some), bulk);
        part.isPart = true;
        // What is decided has been looked up and linked without a fault; the rest is collected anew.
        shared.forEach((key, record) -> {
            if (record.decided()) {
                part.shared.put(key, record);
            }
        });
        return part;
    }

    /** Whether these are records of a claim that failed as a whole. */
    boolean isPart() {
        return isPart;
    }

    /** A step failed on all of it together, and nothing of it is settled. */
    void failed(Throwable because) {
        fault = because;
    }

    /** Those whose end was not written yet. */
    Delivery unsettled() {
        return part(records.stream().filter(record -> !record.isSettled()).toList());
    }

    /** What a step failed with; null where it was settled. */
    Throwable fault() {
        return fault;
    }

    boolean hasDelivered() {
        return records.stream().anyMatch(record -> record.outcome() == Outcome.DELIVERED);
    }

    /** The records' own writes, in calls as large as the CRM allows. */
    public List<Chunk> getWrites() {
        records.stream().filter(DeliveryRecord::mustBeWritten).filter(DeliveryRecord::isCreating)
                .filter(record -> !crm.knowsRepeats()).forEach(this::lookUpFirst);
        List<DeliveryRecord> toWrite = records.stream().filter(DeliveryRecord::mustBeWritten).toList();
        return writes(toWrite, mapping.object(), mapping.externalIdField().orElse(null));
    }

    Map<RecordKey, DeliveryRecord> shared() {
        return shared;
    }

    /** The writes of what the records share. */
    public List<Chunk> getSharedWrites() {
        List<Chunk> chunks = new ArrayList<>();
        for (ChildMapping child : mapping.children()) {
            List<DeliveryRecord> toWrite = shared.values().stream()
                    .filter(record -> record.key().entity().equals(child.entity()))
                    .filter(DeliveryRecord::mustBeWritten).toList();
            toWrite.stream().filter(record -> record.isCreating() && !crm.keepsKeysUnique())
                    .forEach(this::lookUpFirst);
            chunks.addAll(writes(toWrite.stream().filter(DeliveryRecord::open).toList(), child.object(),
                    child.externalIdField().orElse(null)));
        }
        return chunks;
    }

    /** Points line items to what they share with others; without it they can't be written. */
    private void referToShared(ChildMapping child) {
        for (RecordLink relation : child.links()) {
            for (DeliveryRecord record : relation.toParent() ? List.<DeliveryRecord>of() : children(child)) {
                Unusable.orRejected(record, () -> referToShared(relation, record));
            }
        }
    }

    private void referToShared(RecordLink relation, DeliveryRecord record) {
        DeliveryRecord other = relation.recordId(record.json())
                .map(id -> shared.get(new RecordKey(record.key().store(), relation.to(), id))).orElse(null);
        if (other != null && other.link() != null) {
            record.refer(relation.field(), TextNode.valueOf(other.link().crmId()));
        } else if (other != null && other.outcome() == Outcome.WAITING) {
            record.waits(other.errors().get(0), other.due(), null);
        } else if (other != null) {
            record.end(Outcome.REJECTED, other.errors());
        }
    }

    private void lookUpFirst(DeliveryRecord record) {
        record.waits(crm.title() + " may have created it without answering; it is looked up before it is created again",
                Instant.now().plus(Identify.UNTIL_SEARCH_FINDS_IT), null);
    }

    /** The writes of what the records were split into: line items. */
    public List<Chunk> getLineItems() {
        List<Chunk> chunks = new ArrayList<>();
        for (ChildMapping child : mapping.children()) {
            referToShared(child);
            children(child).stream().filter(record -> record.link() == null && record.isCreating())
                    .filter(record -> !crm.keepsKeysUnique())
                    .forEach(record -> record.waits(crm.title() + " may have created a line of it without answering;"
                            + " its lines are looked at before any is created again", Instant.now(), null));
            List<DeliveryRecord> toWrite = children(child).stream().filter(DeliveryRecord::mustBeWritten)
                    .filter(record -> record.parent().link() != null).toList();
            chunks.addAll(writes(toWrite, child.object(), child.externalIdField().orElse(null)));
        }
        return chunks;
    }

    /** Line items that an order no longer has. */
    public List<Chunk> getRemovals() {
        List<RemovedLineItem> removed = new ArrayList<>();
        for (DeliveryRecord record : open()) {
            for (Link link : record.removedChildren()) {
                removed.add(new RemovedLineItem(record, link));
            }
        }
        return inBatches(removed, RemovedLineItem::object, Operation.ARCHIVE, RemovedLineItem::object,
                batch -> new ArchiveChunk(crm, batch.get(0).object(), batch));
    }

    /** Records that the mapping calls final, now that all of them is there: orders that are to be activated. */
    public List<Chunk> getActivations() {
        String object = mapping.object();
        if (!crm.can(Operation.ACTIVATE, object)
                || !crm.isOn("activate-orders")) {
            return List.of();
        }
        return inBatches(open().stream().filter(record -> record.mustBeActivated(object + ".Activate")).toList(),
                record -> object, Operation.ACTIVATE, record -> object,
                batch -> new ActivateChunk(crm, object, batch));
    }

    /** Associations of records and line items that the CRM does not have yet. */
    public List<Chunk> getAssociations() {
        List<Association> missing = new ArrayList<>();
        for (DeliveryRecord record : open()) {
            missing.addAll(Association.missing(mapping.object(), mapping.links(), record));
            for (ChildMapping child : mapping.children()) {
                for (DeliveryRecord lineItem : children(child, record)) {
                    missing.addAll(Association.missing(child.object(), child.links(), lineItem));
                }
            }
        }
        return inBatches(missing, Association::pair, Operation.ASSOCIATE, pair -> "", batch -> new AssociateChunk(crm, batch));
    }

    /** Unsubscriptions, before anything else: they go even where the record itself may not. */
    public List<Chunk> getUnsubscriptions() {
        return unsubscribing().stream().<Chunk>map(ConsentChunk::new).toList();
    }

    /** The unsubscriptions that the CRM must still be told. */
    List<Consent> unsubscribing() {
        return Consent.isKept(crm, mapping) ? records.stream().map(record -> Consent.of(crm, mapping, record))
                .filter(Consent::mustUnsubscribe).toList() : List.of();
    }

    /** Looks at what the CRM knows of those who subscribed: nothing is raised blindly. */
    public List<Chunk> getConsentLooks() {
        return Consent.isKept(crm, mapping) ? open().stream().map(record -> Consent.of(crm, mapping, record))
                .filter(Consent::mustLook).<Chunk>map(ConsentLookChunk::new).toList() : List.of();
    }

    /** Subscriptions that the CRM doesn't know of. */
    public List<Chunk> getConsents() {
        return Consent.isKept(crm, mapping) ? records.stream().map(record -> Consent.of(crm, mapping, record))
                .filter(Consent::maySubscribe).<Chunk>map(ConsentChunk::new).toList() : List.of();
    }

    /** Associations that are no longer so: an order that got another contact. */
    public List<Chunk> getDissociations() {
        List<Association> outdated = new ArrayList<>();
        if (crm.can(Operation.DISSOCIATE)) {
            for (DeliveryRecord record : open()) {
                outdated.addAll(Association.outdated(mapping.object(), mapping.links(), record));
            }
        }
        return inBatches(outdated, Association::pair, Operation.DISSOCIATE, pair -> "",
                batch -> new DissociateChunk(crm, batch));
    }

    /** The open records of which something is still to be called. */
    Set<DeliveryRecord> unfinished() {
        Set<DeliveryRecord> unfinished = new LinkedHashSet<>();
        open().stream().filter(record -> !record.decided()).forEach(unfinished::add);
        List<Chunk> writes = getWrites();
        if (!getSharedWrites().isEmpty()) {
            // Which orders they belong to shows when they are there.
            unfinished.addAll(open());
            return unfinished;
        }
        Stream.of(writes, getLineItems(), getRemovals(), getActivations(), getDissociations(), getAssociations(),
                        getConsentLooks(), getConsents())
                .flatMap(List::stream).flatMap(chunk -> chunk.records().stream())
                .map(record -> record.parent() == null ? record : record.parent())
                .filter(DeliveryRecord::open).forEach(unfinished::add);
        return unfinished;
    }

    /** What was to be created certainly was not, and may be created by the next attempt. */
    void nothingWasCreated() {
        Stream.concat(shared.values().stream(), open().stream().flatMap(record ->
                Stream.concat(Stream.of(record), record.children().stream())))
                .filter(record -> record.link() == null).forEach(DeliveryRecord::notCreated);
    }

    private List<Chunk> writes(List<DeliveryRecord> toWrite, String object, String keyField) {
        Map<Operation, List<DeliveryRecord>> byOperation = new LinkedHashMap<>();
        toWrite.forEach(record -> byOperation.computeIfAbsent(crm.writes(record.link() != null, record.externalId()),
                operation -> new ArrayList<>()).add(record));
        List<Chunk> chunks = new ArrayList<>();
        byOperation.forEach((operation, list) -> chunks.addAll(inBatches(list, record -> "", operation,
                record -> object, batch -> new WriteChunk(crm, operation, object, keyField, batch))));
        return chunks;
    }

    private <T> List<Chunk> inBatches(List<T> all, Function<T, String> kind, Operation operation,
            Function<T, String> objectOf, Function<List<T>, Chunk> chunk) {
        Map<String, List<T>> byKind = new LinkedHashMap<>();
        all.forEach(one -> byKind.computeIfAbsent(kind.apply(one), name -> new ArrayList<>()).add(one));
        List<Chunk> chunks = new ArrayList<>();
        for (List<T> list : byKind.values()) {
            String object = objectOf.apply(list.get(0));
            int size = batch(operation, object);
            for (int from = 0; from < list.size(); from += size) {
                chunks.add(chunk.apply(List.copyOf(list.subList(from, Math.min(list.size(), from + size)))));
            }
        }
        return chunks;
    }

    /** Only what may be repeated blindly goes in bulk: by key or id. */
    private int batch(Operation operation, String object) {
        int usual = crm.batch(operation, object);
        return bulk && BULK.contains(operation) ? Math.max(usual, crm.bulkBatch()) : usual;
    }

    private List<DeliveryRecord> children(ChildMapping child) {
        return open().stream().flatMap(record -> children(child, record).stream()).toList();
    }

    private static List<DeliveryRecord> children(ChildMapping child, DeliveryRecord record) {
        return record.children().stream()
                .filter(lineItem -> lineItem.key().entity().equals(child.entity())).toList();
    }

    /** A line item's CRM record that must go. */
    record RemovedLineItem(DeliveryRecord order, Link link) {
        String object() {
            return link.object();
        }
    }

    /**
     * An association to make or to undo.
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
                if (link.associate() != null && present != null && target != null && !target.equals(present)) {
                    outdated.add(new Association(record, link.name(), link.label(), object, link.associate(),
                            record.link().crmId(), present));
                }
            }
            return outdated;
        }

        private static String present(DeliveryRecord record, String name) {
            var value = record.link().base().get(DeliveryRecord.ASSOCIATION + name);
            return value == null ? null : value.asText();
        }
    }
}
