package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.identify.Link;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.ChildMapping;
import io.shopbridge.map.Mapping;
import io.shopbridge.store.RecordKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A batch of records of one entity for one CRM: the body and the variable {@code delivery} of the routes in {@code
 * 3-deliver}.
 */
public final class Delivery {

    /** The exchange variable with the batch, because the body changes on the way. */
    static final String VARIABLE = "delivery";

    private final Crm crm;
    private final Mapping mapping;
    private final List<DeliveryRecord> records;
    private final boolean bulk;
    /** Records that several of them share: the products of orders. */
    private final Map<RecordKey, DeliveryRecord> shared = new LinkedHashMap<>();
    private Map<String, List<Link>> persons = new HashMap<>();
    private boolean isPart;
    private boolean ofNew;
    /** Null where it needs none. */
    private SearchTurns.Turn turn;
    private Throwable fault;

    /** @param bulk whether upserts and updates use the CRM's bulk API, because there are so many */
    Delivery(Crm crm, Mapping mapping, List<DeliveryRecord> records, boolean bulk) {
        this.crm = crm;
        this.mapping = mapping;
        this.records = records;
        this.bulk = bulk;
    }

    /** Of records that are still to be looked for in the CRM. */
    Delivery ofNew() {
        ofNew = true;
        return this;
    }

    boolean isOfNew() {
        return ofNew;
    }

    /** @param untilNext after which the CRM allows the next search */
    void in(SearchTurns.Turn searchTurn, Duration untilNext) {
        turn = searchTurn;
        turn.searches(untilNext);
    }

    /** All searches for it are made, so that those of the next batch may begin. */
    void searched() {
        if (turn != null) {
            turn.end();
        }
    }

    Crm crm() {
        return crm;
    }

    boolean isBulk() {
        return bulk;
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

    /** The open records of which it is not decided yet what to write. */
    List<DeliveryRecord> undecided() {
        return records.stream().filter(DeliveryRecord::open).filter(record -> !record.decided()).toList();
    }

    /** @param links all links to the CRM records that its records are, by CRM id; the leading one first */
    void persons(Map<String, List<Link>> links) {
        persons = links;
    }

    Map<String, List<Link>> persons() {
        return persons;
    }

    /** The links of the record's person, itself among them; empty where it is not linked. */
    List<Link> person(DeliveryRecord record) {
        return record.link() == null ? List.of() : persons.getOrDefault(record.link().crmId(), List.of());
    }

    /** Some of the records, to be delivered apart from the others. */
    Delivery part(List<DeliveryRecord> some) {
        Delivery part = new Delivery(crm, mapping, List.copyOf(some), bulk);
        part.isPart = true;
        // Decided records have been looked up and linked without a failure; the others start again.
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

    /** A step failed for all of it, and nothing of it has an outcome. */
    void failed(Throwable because) {
        fault = because;
    }

    /** The records without a recorded outcome. */
    Delivery unsettled() {
        return part(records.stream().filter(record -> !record.isSettled()).toList());
    }

    /** The failure of a step; null if there was none. */
    Throwable fault() {
        return fault;
    }

    boolean hasDelivered() {
        return records.stream().anyMatch(record -> record.outcome() == Outcome.DELIVERED);
    }

    Map<RecordKey, DeliveryRecord> shared() {
        return shared;
    }

    /** The unsubscriptions that must still be written, whatever the outcome of the records themselves. */
    List<Consent> unsubscriptions() {
        return consents(records).filter(Consent::mustUnsubscribe).toList();
    }

    /** The consents of some of its records; none if the CRM has them only in fields. */
    Stream<Consent> consents(List<DeliveryRecord> some) {
        return Consent.isKept(crm, mapping) ? some.stream().map(record -> Consent.of(crm, mapping, record))
                : Stream.empty();
    }

    /** The records to be created were certainly not created, so the next attempt may create them. */
    void nothingWasCreated() {
        Stream.concat(shared.values().stream(), open().stream().flatMap(record ->
                Stream.concat(Stream.of(record), record.children().stream())))
                .filter(record -> record.link() == null).forEach(DeliveryRecord::notCreated);
    }

    /** The child records of its open records, by this part of the mapping. */
    List<DeliveryRecord> children(ChildMapping child) {
        return open().stream().flatMap(record -> record.children(child).stream()).toList();
    }
}
