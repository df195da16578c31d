package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.map.Values;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.mirror.CustomerFigures;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import io.shopbridge.work.Work;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * People who are several customers: of several stores, or guests as well. The first linked record leads and decides the
 * contact's values; it is delivered again when another of them changes, because its figures count all together. A
 * customer that is gone no longer leads: the next one takes over what that one had written. Gone are those that Shopify
 * has deleted, and those whose store does not feed the CRM any more, of whom nothing is delivered.
 */
@Component
class Persons {

    /** The base entry with a hash of the figures of a record, to see whether they changed. */
    private static final String FIGURES = DeliveryRecord.ASSOCIATION + "figures";
    /** The base entry with the customers that are gone, from whom a record has taken over. */
    private static final String AFTER = DeliveryRecord.ASSOCIATION + "after";

    private final Links links;
    private final CanonicalRecords canonicalRecords;
    private final Stores stores;
    private final CustomerFigures figures;
    private final Work work;
    private final TransactionTemplate transaction;

    Persons(Links links, CanonicalRecords canonicalRecords, Stores stores, CustomerFigures figures, Work work,
            TransactionTemplate transaction) {
        this.stores = stores;
        this.links = links;
        this.canonicalRecords = canonicalRecords;
        this.figures = figures;
        this.work = work;
        this.transaction = transaction;
    }

    /** All links to these CRM records, by CRM id: the leading one first, customers that are gone last. */
    Map<String, List<Link>> of(Crm crm, String object, Collection<String> crmIds) {
        Map<String, List<Link>> persons = links.to(crm.name(), object, crmIds);
        Set<RecordKey> gone = gone(crm, persons.values().stream().filter(all -> all.size() > 1)
                .flatMap(List::stream).map(Link::key).toList());
        // A stable sort: the order of the others stays. Of those that are gone, one that is delivered can lead.
        persons.values().forEach(all -> all.sort(Comparator.<Link, Boolean>comparing(link -> gone.contains(link.key()))
                .thenComparing(link -> !isFed(crm, link.key()))));
        return persons;
    }

    private Set<RecordKey> gone(Crm crm, Collection<RecordKey> customers) {
        Set<RecordKey> gone = new HashSet<>(customers.isEmpty() ? Set.of() : canonicalRecords.deleted(customers));
        customers.stream().filter(key -> !isFed(crm, key)).forEach(gone::add);
        return gone;
    }

    private boolean isFed(Crm crm, RecordKey key) {
        return stores.feeds(key.store(), crm.name());
    }

    /** All links to the CRM records of these records: only customers can share a CRM record. */
    Map<String, List<Link>> of(Crm crm, String object, List<DeliveryRecord> records) {
        Set<String> ids = records.stream().filter(record -> record.key().entity().equals(RecordKey.CUSTOMER))
                .map(DeliveryRecord::link).filter(Objects::nonNull).map(Link::crmId).collect(Collectors.toSet());
        return ids.isEmpty() ? new HashMap<>() : of(crm, object, ids);
    }

    /** Marks the other customers of a person of whom one was deleted: one of them leads from now on. */
    void markOthersOfDeleted(Crm crm, String object, Collection<DeliveryRecord> records) {
        List<RecordKey> deleted = records.stream().filter(DeliveryRecord::isDeletedCustomer).map(DeliveryRecord::key)
                .toList();
        if (deleted.isEmpty()) {
            return;
        }
        List<RecordKey> others = of(crm, object, links.of(crm.name(), deleted).values().stream().map(Link::crmId)
                .toList()).values().stream().flatMap(List::stream).map(Link::key).toList();
        Set<RecordKey> gone = gone(crm, others);
        mark(crm, others.stream().filter(key -> !gone.contains(key)).toList());
    }

    /**
     * The values that a leading record takes over from customers that are gone since: fields that they wrote and for which
     * it has a value, as if it had written them itself.
     */
    Map<String, JsonNode> takenOver(Crm crm, DeliveryRecord record, List<Link> person) {
        Map<String, JsonNode> taken = new HashMap<>();
        if (follows(record, person)) {
            return taken;
        }
        Map<String, JsonNode> own = record.link().base();
        String known = after(own);
        goneBefore(crm, record, person).stream().filter(link -> !known.contains(name(link))).forEach(link ->
                link.base().forEach((field, value) -> {
                    if (!field.startsWith(DeliveryRecord.ASSOCIATION) && !Values.isEmpty(value)
                            && !Values.isEmpty(own.get(field))) {
                        taken.put(field, value);
                    }
                }));
        return taken;
    }

    /** Remembers from whom the record has taken over, so that it does so only once. */
    void tookOver(Crm crm, DeliveryRecord record, List<Link> person) {
        List<Link> gone = follows(record, person) ? List.of() : goneBefore(crm, record, person);
        if (!gone.isEmpty()) {
            record.remember(AFTER, gone.stream().map(Persons::name).sorted().collect(Collectors.joining()));
        }
    }

    private List<Link> goneBefore(Crm crm, DeliveryRecord record, List<Link> person) {
        Set<RecordKey> gone = gone(crm, person.stream().map(Link::key).filter(key -> !key.equals(record.key())).toList());
        return person.stream().filter(link -> gone.contains(link.key())).toList();
    }

    private static String after(Map<String, JsonNode> base) {
        JsonNode known = base.get(AFTER);
        return known == null ? "" : known.asText();
    }

    private static String name(Link link) {
        return "[" + link.key().store() + " " + link.key() + "]";
    }

    /** Whether another record of the person leads. */
    static boolean follows(DeliveryRecord record, List<Link> person) {
        return !person.isEmpty() && !person.get(0).key().equals(record.key());
    }

    /**
     * Adds the figures of the whole person to each record that shares its CRM record.
     *
     * @param persons all links to the CRM's records, by their ids; the leading one first
     */
    void figures(Collection<DeliveryRecord> records, Map<String, List<Link>> persons) {
        Map<RecordKey, List<RecordKey>> all = new HashMap<>();
        Map<RecordKey, DeliveryRecord> whose = new HashMap<>();
        for (DeliveryRecord record : records) {
            List<Link> person = person(record, persons);
            if (person.size() > 1 && record.json().isObject()) {
                all.put(record.key(), person.stream().map(Link::key).toList());
                whose.put(record.key(), record);
            }
        }
        if (!all.isEmpty()) {
            figures.metrics(all, Instant.now()).forEach((key, metrics) -> whose.get(key).metrics(metrics));
        }
    }

    /** If the figures of a following record changed, the leading record is marked, because it writes them. */
    void markLeaders(Crm crm, Collection<DeliveryRecord> records, Map<String, List<Link>> persons) {
        Set<RecordKey> leading = new HashSet<>();
        for (DeliveryRecord record : records) {
            List<Link> person = person(record, persons);
            if (record.open() && record.decided() && follows(record, person) && hasOtherFigures(record)) {
                leading.add(person.get(0).key());
            }
        }
        mark(crm, leading);
    }

    private void mark(Crm crm, Collection<RecordKey> customers) {
        customers.stream().filter(key -> isFed(crm, key))
                .collect(Collectors.groupingBy(RecordKey::store, TreeMap::new, Collectors.toSet())).values()
                .forEach(ofStore -> transaction.executeWithoutResult(status -> work.mark(crm.name(), ofStore)));
    }

    private static boolean hasOtherFigures(DeliveryRecord record) {
        if (!(record.json().get("metrics") instanceof ObjectNode metrics)) {
            return false;
        }
        ObjectNode own = metrics.deepCopy();
        own.remove(List.of("together", "stores", "days_since_last_order"));
        String now = DigestUtils.sha256Hex(own.toString());
        record.remember(FIGURES, now);
        JsonNode before = record.link().base().get(FIGURES);
        return before == null ? own.path("orders_count").asLong() > 0 : !before.asText().equals(now);
    }

    private static List<Link> person(DeliveryRecord record, Map<String, List<Link>> persons) {
        return record.link() == null ? List.of() : persons.getOrDefault(record.link().crmId(), List.of());
    }
}
