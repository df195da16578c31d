package io.shopbridge.mirror;

import io.shopbridge.map.EmailAddresses;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Person;
import io.shopbridge.shopify.Version;
import io.shopbridge.store.RecordKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Keeps the known customer of an order: a body of the order that may only leave the customer out (the app may have lost its
 * approval for customer data) does not make the buyer a guest, who would be a second person beside the customer. One that
 * says that the order is no customer's does, unless a later one names a customer. A cart or a draft may become another
 * person's, and belongs to the guest if its e-mail is not the customer's.
 */
@Component
class KnownBuyers {

    private static final Set<String> EMAIL_FACETS = Set.of(Facets.PROFILE, Facets.BUYER);

    /**
     * The customers that the bodies of a record name.
     *
     * @param latest of these bodies
     */
    private record Named(Set<RecordKey> customers, Version latest) {

        Named and(Named other) {
            Set<RecordKey> all = new HashSet<>(customers);
            all.addAll(other.customers);
            return new Named(all, latest.compareTo(other.latest) < 0 ? other.latest : latest);
        }
    }

    private final Mirror mirror;

    KnownBuyers(Mirror mirror) {
        this.mirror = mirror;
    }

    /** Removes guests whose order, cart or draft belongs to a known customer, by these events or earlier ones. */
    void keep(Map<Long, List<FacetChange>> byEvent) {
        Set<RecordKey> ofGuests = new HashSet<>();
        Map<RecordKey, Named> customers = new HashMap<>();
        byEvent.values().forEach(changes -> changes.forEach(change -> buyer(change).ifPresent(buyer -> {
            if (buyer.isGuest()) {
                ofGuests.add(change.key());
            } else {
                customers.merge(change.key(), new Named(Set.of(buyer), change.version()), Named::and);
            }
        })));
        if (ofGuests.isEmpty()) {
            return;
        }
        mirror.read(ofGuests, Set.of(Facets.CONTACT)).forEach((key, facets) -> facets.forEach(facet ->
                buyer(key, facet.value()).filter(buyer -> !buyer.isGuest()).ifPresent(buyer ->
                        customers.merge(key, new Named(Set.of(buyer), facet.version()), Named::and))));
        customers.keySet().retainAll(ofGuests);
        Map<RecordKey, Set<String>> emails = emails(customers, byEvent.values());
        byEvent.replaceAll((event, changes) -> withoutGuest(changes, customers, emails));
    }

    /** The e-mails of the customers of carts and drafts, as they say them and as their orders do. */
    private Map<RecordKey, Set<String>> emails(Map<RecordKey, Named> customers,
            Collection<List<FacetChange>> changes) {
        Set<RecordKey> asked = new HashSet<>();
        customers.forEach((key, of) -> {
            if (!isOrder(key)) {
                asked.addAll(of.customers());
            }
        });
        Map<RecordKey, Set<String>> emails = new HashMap<>();
        if (asked.isEmpty()) {
            return emails;
        }
        for (String facet : EMAIL_FACETS) {
            mirror.values(asked, facet).forEach((customer, value) -> addEmail(emails, customer, value));
        }
        changes.forEach(some -> some.stream().filter(change -> asked.contains(change.key())
                && EMAIL_FACETS.contains(change.facet()))
                .forEach(change -> addEmail(emails, change.key(), change.value())));
        return emails;
    }

    private static void addEmail(Map<RecordKey, Set<String>> emails, RecordKey customer, byte[] value) {
        email(value).ifPresent(email -> emails.computeIfAbsent(customer, key -> new HashSet<>()).add(email));
    }

    private static Optional<String> email(byte[] person) {
        return Optional.ofNullable(Json.text(Json.readOwn(person), Person.EMAIL)).map(EmailAddresses::compared);
    }

    private static List<FacetChange> withoutGuest(List<FacetChange> changes, Map<RecordKey, Named> customers,
            Map<RecordKey, Set<String>> emails) {
        Map<RecordKey, RecordKey> guests = new HashMap<>();
        changes.stream().filter(change -> customers.containsKey(change.key())).forEach(change ->
                buyer(change).filter(RecordKey::isGuest).filter(guest -> isOrder(change.key())
                        ? customers.get(change.key()).latest().compareTo(change.version()) > 0
                        : mayBe(guest, customers.get(change.key()).customers(), changes, emails))
                        .ifPresent(guest -> guests.put(change.key(), guest)));
        return guests.isEmpty() ? changes : changes.stream().filter(change -> !guests.containsValue(change.key())
                && !(guests.containsKey(change.key()) && change.facet().equals(Facets.CONTACT))).toList();
    }

    /** Whether a guest may be one of these customers: the e-mail of one of them is not known, or is the other's. */
    private static boolean mayBe(RecordKey guest, Set<RecordKey> customers, List<FacetChange> changes,
            Map<RecordKey, Set<String>> emails) {
        Set<String> theirs = changes.stream().filter(change -> change.key().equals(guest)
                && change.facet().equals(Facets.PROFILE)).flatMap(change -> email(change.value()).stream())
                .collect(Collectors.toSet());
        return theirs.isEmpty() || customers.stream().map(emails::get).anyMatch(known -> known == null
                || known.stream().anyMatch(theirs::contains));
    }

    private static boolean isOrder(RecordKey key) {
        return key.entity().equals(RecordKey.ORDER);
    }

    private static Optional<RecordKey> buyer(FacetChange change) {
        return change.facet().equals(Facets.CONTACT) ? buyer(change.key(), change.value()) : Optional.empty();
    }

    /** Empty: it is nobody's. */
    private static Optional<RecordKey> buyer(RecordKey order, byte[] value) {
        return Optional.ofNullable(Json.readOwn(value).textValue())
                .map(id -> new RecordKey(order.store(), RecordKey.CUSTOMER, id));
    }
}
