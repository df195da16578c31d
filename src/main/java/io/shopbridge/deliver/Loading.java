package io.shopbridge.deliver;

import io.github.resilience4j.core.IntervalFunction;
import io.shopbridge.backfill.OrderCutoffs;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmLimits;
import io.shopbridge.crm.Crms;
import io.shopbridge.doorbell.DoorbellEndpoint;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.ledger.Ledger;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.RecordLink;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import io.shopbridge.work.BulkJobs;
import io.shopbridge.work.Work;
import io.shopbridge.work.WorkItem;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.SynchronizationAdapter;
import org.springframework.stereotype.Component;

/** The first steps: claims due work of a CRM and entity, and loads the records and their links. */
@Component("loading")
public class Loading {

    private static final IntervalFunction NEXT_LOOK =
            IntervalFunction.ofExponentialBackoff(Duration.ofSeconds(5), 2, Duration.ofMinutes(10));

    /** About a minute. */
    private static final int TRIES_FOR_OPTIONAL = 5;

    /** In the outcome, so that the reason of old values can be found. */
    private static final String WITHHELD = "Shopify sent this customer without e-mail, names, phone and address, so"
            + " the earlier values are kept. Check in Shopify whether the app may still read protected customer data,"
            + " and the subscription's includeFields. If the customer was redacted, erase the customer in the CRM";

    private final Crms crms;
    private final Work work;
    private final CanonicalRecords canonicalRecords;
    private final Links links;
    private final Stores stores;
    private final Memory memory;
    private final EarlyConsents earlyConsents;
    private final Ledger ledger;
    private final MergedCustomers mergedCustomers;
    private final Persons persons;
    private final BulkJobs jobs;
    private final JobResults jobResults;
    private final OrderCutoffs cutoffs;
    private final SearchTurns searchTurns;
    private final HistoryTurns historyTurns;
    /** The bulk batches that are being delivered: one for each CRM and entity, because more would fill the memory. */
    private final Set<String> inBulk = ConcurrentHashMap.newKeySet();

    Loading(Crms crms, Work work, CanonicalRecords canonicalRecords, Links links, Stores stores, Memory memory,
            EarlyConsents earlyConsents, Ledger ledger, MergedCustomers mergedCustomers, Persons persons,
            BulkJobs jobs, JobResults jobResults, OrderCutoffs cutoffs, SearchTurns searchTurns,
            HistoryTurns historyTurns) {
        this.historyTurns = historyTurns;
        this.searchTurns = searchTurns;
        this.cutoffs = cutoffs;
        this.jobs = jobs;
        this.jobResults = jobResults;
        this.mergedCustomers = mergedCustomers;
        this.persons = persons;
        this.earlyConsents = earlyConsents;
        this.ledger = ledger;
        this.crms = crms;
        this.work = work;
        this.canonicalRecords = canonicalRecords;
        this.links = links;
        this.stores = stores;
        this.memory = memory;
    }

    /**
     * Claims a batch; empty where nothing is due.
     *
     * @param exchange at whose end the claim ends
     * @return what is delivered together: first the records that the CRM has, which need not wait until the others were
     *         searched there
     */
    public List<Delivery> claim(@Variable("crm") String name, @Variable("entity") String entity, Exchange exchange)
            throws InterruptedException {
        Crm crm = crms.get(name);
        Mapping mapping = crm.mapping(entity).orElseThrow();
        int most = crm.claim(mapping.object());
        boolean bulk = isBulk(crm, entity);
        if (bulk && isSomeOfToday(crm, entity)) {
            List<WorkItem> today = work.claim(crm.name(), entity, most, 0, memory.claim());
            if (!today.isEmpty()) {
                DoorbellEndpoint.again(exchange);
                return deliveries(exchange, crm, mapping, today, false);
            }
        }
        if (bulk && (jobs.isUnderWay(crm.name(), entity) || !beginBulk(exchange, Work.bell(crm.name(), entity)))) {
            return List.of();
        }
        most = bulk ? Math.max(most, crm.bulkBatch()) : most;
        Optional<CrmLimits.Group> searches = searches(crm, mapping);
        Optional<SearchTurns.Turn> turn = searches.flatMap(any -> searchTurns.take(Work.bell(crm.name(), entity)));
        turn.ifPresent(mine -> atTheEnd(exchange, mine::end));
        int history = bulk ? most : historyTurns.most(crm.name(), entity, most);
        List<WorkItem> items = searches.isPresent() && turn.isEmpty()
                ? work.claimLinked(crm.name(), entity, most, history, memory.claim())
                : work.claim(crm.name(), entity, most, history, memory.claim());
        atTheEnd(exchange, historyTurns.begin(crm.name(), entity, items));
        if (items.size() == most || !items.isEmpty() && items.size() == history
                || items.stream().mapToLong(WorkItem::bytes).sum() >= memory.claim()) {
            DoorbellEndpoint.again(exchange);
        }
        List<Delivery> deliveries = deliveries(exchange, crm, mapping, items, bulk);
        turn.ifPresent(mine -> deliveries.stream().filter(Delivery::isOfNew).findFirst().ifPresentOrElse(
                searched -> searched.in(mine, searches.get().spacing()), mine::end));
        return deliveries;
    }

    private List<Delivery> deliveries(Exchange exchange, Crm crm, Mapping mapping, List<WorkItem> items, boolean bulk)
            throws InterruptedException {
        if (items.isEmpty()) {
            return List.of();
        }
        atTheEnd(exchange, () -> work.over(items));
        atTheEnd(exchange, memory.take(crm, items));
        List<DeliveryRecord> records =
                items.stream().map(item -> new DeliveryRecord(item, context(crm, item))).toList();
        return parts(crm, mapping, records, bulk);
    }

    private List<Delivery> parts(Crm crm, Mapping mapping, List<DeliveryRecord> records, boolean bulk) {
        if (bulk || mapping.matchSources().isEmpty()) {
            return List.of(new Delivery(crm, mapping, records, bulk));
        }
        Set<RecordKey> linked = links.of(crm.name(), records.stream().map(DeliveryRecord::key).toList()).keySet();
        Map<Boolean, List<DeliveryRecord>> parts =
                records.stream().collect(Collectors.partitioningBy(record -> linked.contains(record.key())));
        return Stream.of(new Delivery(crm, mapping, parts.get(true), false),
                        new Delivery(crm, mapping, parts.get(false), false).ofNew())
                .filter(part -> !part.records().isEmpty()).toList();
    }

    private static void atTheEnd(Exchange exchange, Runnable what) {
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                what.run();
            }
        });
    }

    /** A few changes of today don't wait for the jobs of a backfill. */
    private boolean isSomeOfToday(Crm crm, String entity) {
        int due = work.dueToday(crm.name(), entity, bulkAbove(crm) + 1);
        return due > 0 && due <= bulkAbove(crm);
    }

    private static int bulkAbove(Crm crm) {
        return Math.min(crm.bulkAbove().getAsInt(), crm.bulkBatch() - 1);
    }

    /** Or as many as a bulk job writes: after it has ended, as many records are due. */
    private boolean isBulk(Crm crm, String entity) {
        return crm.bulkAbove().isPresent() && work.isDueAbove(crm.name(), entity, bulkAbove(crm));
    }

    private MappingContext context(Crm crm, WorkItem item) {
        return context(crm, stores, item.key().store());
    }

    /** What mappings see besides the record, for records of this store. */
    static MappingContext context(Crm crm, Stores stores, String name) {
        return MappingContext.of(name, stores.find(name), crm.mappingSettings());
    }

    /** False if another thread does it, which comes back for the rest. */
    private boolean beginBulk(Exchange exchange, String name) {
        boolean free = inBulk.add(name);
        if (free) {
            atTheEnd(exchange, () -> inBulk.remove(name));
        }
        return free;
    }

    /** How the CRM limits the searches for such records; empty where it doesn't, or they are listed or not looked for. */
    private static Optional<CrmLimits.Group> searches(Crm crm, Mapping mapping) {
        return mapping.matchSources().isEmpty() || crm.listed(mapping.object()).isPresent() ? Optional.empty()
                : crm.searches(mapping.object());
    }

    /** Loads the records that are not loaded yet: the halves of a batch that failed come here again. */
    public void load(Delivery delivery) {
        List<DeliveryRecord> records = delivery.open().stream().filter(record -> !record.isLoaded()).toList();
        if (delivery.crm().hasBulk()) {
            jobResults.take(delivery.crm(), records);
        }
        Map<RecordKey, CanonicalRecord> canonical =
                canonicalRecords.load(records.stream().map(DeliveryRecord::key).toList());
        records.forEach(record -> Unusable.orRejected(record,
                () -> load(delivery.mapping(), record, canonical.get(record.key()))));
        link(delivery, records);
        persons.markOthersOfDeleted(delivery.crm(), delivery.mapping().object(), records);
        if (Consent.isKept(delivery.crm(), delivery.mapping())) {
            records.forEach(record ->
                    Consent.of(delivery.crm(), delivery.mapping(), record).recall(earlyConsents));
        }
    }

    private void load(Mapping mapping, DeliveryRecord record, CanonicalRecord found) {
        record.load(found);
        String store = record.key().store();
        if (stores.find(store).isEmpty()) {
            record.end(Outcome.REJECTED, "Its store is no longer configured. Add shopbridge.stores." + store
                    + " again, then replay");
        } else if (found.complete() && found.mergedInto().isEmpty()) {
            mapping.skip(record.json(), record.context())
                    .ifPresent(because -> record.end(Outcome.SKIPPED, because));
            mapping.externalId(record.json(), record.context()).ifPresent(record::externalId);
            if (found.withheld()) {
                record.note(WITHHELD);
            }
        } else if (found.mergedInto().isPresent()) {
            mapping.externalId(record.json(), record.context()).ifPresent(record::externalId);
        } else {
            record.waits("Only parts of the " + record.key().entity() + " have arrived; it waits for the "
                    + record.key().entity() + " itself", null, null);
        }
    }

    /** Stored links of all the records, and of the records that they point to. */
    private void link(Delivery delivery, List<DeliveryRecord> records) {
        Map<DeliveryRecord, Map<RecordLink, RecordKey>> relations = new HashMap<>();
        Set<RecordKey> wanted = new HashSet<>();
        for (DeliveryRecord record : records) {
            for (RecordLink relation : delivery.mapping().links()) {
                relatedTo(record, relation).ifPresent(other ->
                        relations.computeIfAbsent(record, r -> new HashMap<>()).put(relation, other));
            }
            wanted.add(record.key());
            if (record.open()) {
                wanted.addAll(relations.getOrDefault(record, Map.of()).values());
            }
        }
        Map<RecordKey, Link> stored = links.of(delivery.crm().name(), wanted);
        stored.putAll(mergedCustomers.takeOver(delivery.crm(), records.stream().filter(DeliveryRecord::open)
                .map(DeliveryRecord::key).filter(key -> !stored.containsKey(key)).toList()));
        stored.putAll(mergedCustomers.toBeTakenOver(delivery.crm(), relations.values().stream()
                .flatMap(of -> of.values().stream()).filter(key -> !stored.containsKey(key)).distinct()
                .toList()));
        Set<RecordKey> coming = coming(delivery.crm(), relations.values(), stored.keySet());
        Map<RecordKey, String> stuck = ledger.openFor(delivery.crm().name(),
                wanted.stream().filter(key -> !stored.containsKey(key)).toList());
        records.forEach(record -> record.linkedTo(stored.get(record.key())));
        withoutHistory(delivery.mapping(), records, cutoffs);
        Set<RecordKey> gone = canonicalRecords.deleted(relations.values().stream().flatMap(of -> of.values().stream())
                .filter(key -> !stored.containsKey(key)).collect(Collectors.toSet()));
        for (DeliveryRecord record : records.stream().filter(DeliveryRecord::open).toList()) {
            if (record.mergedInto() != null) {
                record.loaded();
                continue;
            }
            for (RecordLink relation : delivery.mapping().links()) {
                RecordKey other = relations.getOrDefault(record, Map.of()).get(relation);
                if (gone.contains(other)) {
                    withoutDeleted(delivery, record, relation, other);
                    continue;
                }
                relate(delivery.crm(), record, relation, other, other == null ? null : stored.get(other),
                        other != null && coming.contains(other), stuck.get(other));
            }
            record.loaded();
        }
    }

    /** Orders of before the store's cutoff that the CRM does not have. */
    static void withoutHistory(Mapping mapping, List<DeliveryRecord> records, OrderCutoffs cutoffs) {
        if (!mapping.entity().equals(RecordKey.ORDER)) {
            return;
        }
        Map<RecordKey, LocalDate> history = cutoffs.history(records.stream().filter(DeliveryRecord::open)
                .filter(record -> record.link() == null).map(DeliveryRecord::key).toList());
        records.stream().filter(record -> history.containsKey(record.key())).forEach(record ->
                record.end(Outcome.SKIPPED, "It was made before " + history.get(record.key()) + " and counts only in its"
                        + " buyer's figures. To deliver it, start a backfill of orders with an earlier figures-before,"
                        + " or remove the day: DELETE /api/v1/backfills/cutoff/<store>"));
    }

    /** The related record; empty if there is none, or if the record is rejected because of it. */
    private static Optional<RecordKey> relatedTo(DeliveryRecord record, RecordLink relation) {
        return record.open() && record.mergedInto() == null ? record.related(relation) : Optional.empty();
    }

    /** The related records that are not required, but that the mirror has and the CRM will get. */
    private Set<RecordKey> coming(Crm crm, Collection<Map<RecordLink, RecordKey>> relations, Set<RecordKey> linked) {
        Set<RecordKey> asked = new HashSet<>();
        relations.forEach(ofOne -> ofOne.forEach((relation, other) -> {
            if (!relation.required() && !linked.contains(other) && crm.mapping(other.entity()).isPresent()) {
                asked.add(other);
            }
        }));
        return asked.isEmpty() ? Set.of() : canonicalRecords.present(asked);
    }

    private static void relate(Crm crm, DeliveryRecord record, RecordLink relation, RecordKey other, Link link,
            boolean coming, String stuck) {
        // An optional related record is waited for only while it is probably on its way, and not for a person.
        boolean worthWaiting = coming && stuck == null && record.item().attempts() < TRIES_FOR_OPTIONAL;
        if (link != null) {
            record.relations().put(relation.name(), link.crmId());
        } else if (other != null && (relation.required() || worthWaiting)) {
            record.waits("Its " + relation.name() + ", " + other + ", is not in " + crm.title() + " yet"
                    + (stuck == null ? "" : ": " + stuck),
                    Instant.now().plusMillis(NEXT_LOOK.apply(record.item().attempts() + 1)), other.toString());
        } else if (other != null) {
            record.openRelations().add(other);
        } else {
            Optional<String> standIn = crm.standIn(relation);
            if (standIn.isPresent()) {
                record.relations().put(relation.name(), standIn.get());
            } else if (record.open()) {
                without(crm, record, relation);
            }
        }
    }

    /** A related record that was deleted before the CRM had it never arrives. */
    private static void withoutDeleted(Delivery delivery, DeliveryRecord record, RecordLink relation, RecordKey other) {
        String because = "Its " + relation.name() + ", " + other + ", was deleted in Shopify before "
                + delivery.crm().title() + " had it";
        if (record.link() != null || relation.deleted() == RecordLink.Deleted.DELIVER) {
            // What the CRM has stays up to date: a refund must not wait for a person who may never come.
            record.note(because);
        } else if (relation.deleted() == RecordLink.Deleted.SKIP) {
            record.end(Outcome.SKIPPED, because + "; the mapping skips it then");
        } else {
            record.end(Outcome.HELD, because + ", so it would be nobody's. Write `deleted: deliver` or `deleted: skip`"
                    + " at the link " + relation.name() + " of " + delivery.mapping().file().getFileName() + ", then replay this; or"
                    + " mark it as done to leave it out");
        }
    }

    /** What the CRM has already stays up to date: a merchant may take the customer off an order. */
    private static void without(Crm crm, DeliveryRecord record, RecordLink relation) {
        if (relation.absent() == RecordLink.Absent.SKIP && record.link() == null) {
            record.end(Outcome.SKIPPED, relation.to().equals(RecordKey.CUSTOMER)
                    ? "It has no customer, e-mail or phone, and the mapping skips it without a " + relation.name()
                            + ". To deliver such records, set a contact for them in shopbridge.crms." + crm.name()
                            + ".anonymous-contact"
                    : "It has no " + relation.name() + ", and the mapping skips it without one");
        }
    }
}
