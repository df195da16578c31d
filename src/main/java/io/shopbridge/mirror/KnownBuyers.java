package io.shopbridge.mirror;

import io.shopbridge.store.RecordKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Whose customer is known of an order keeps it: a body of the order that names none (the app may have lost its approval
 * for customer data) makes no guest of the buyer, who would be a second person beside the customer.
 */
@Component
class KnownBuyers {

    private final Mirror mirror;

    KnownBuyers(Mirror mirror) {
        this.mirror = mirror;
    }

    /** Takes the guests of orders out whose customer these events or earlier ones name. */
    void keep(Map<Long, List<FacetChange>> byEvent) {
        Set<RecordKey> ofGuests = new HashSet<>();
        Set<RecordKey> ofCustomers = new HashSet<>();
        byEvent.values().forEach(changes -> changes.forEach(change -> buyer(change).ifPresent(buyer ->
                (buyer.isGuest() ? ofGuests : ofCustomers).add(change.key()))));
        if (ofGuests.isEmpty()) {
            return;
        }
        mirror.values(ofGuests, CanonicalRecords.CONTACT).forEach((key, value) -> {
            if (!buyer(key, value).isGuest()) {
                ofCustomers.add(key);
            }
        });
        byEvent.replaceAll((event, changes) -> withoutGuest(changes, ofCustomers));
    }

    private static List<FacetChange> withoutGuest(List<FacetChange> changes, Collection<RecordKey> ofCustomers) {
        Map<RecordKey, RecordKey> guests = new HashMap<>();
        changes.stream().filter(change -> ofCustomers.contains(change.key())).forEach(change ->
                buyer(change).filter(RecordKey::isGuest).ifPresent(guest -> guests.put(change.key(), guest)));
        return guests.isEmpty() ? changes : changes.stream().filter(change -> !guests.containsValue(change.key())
                && !(guests.containsKey(change.key()) && change.facet().equals(CanonicalRecords.CONTACT))).toList();
    }

    private static Optional<RecordKey> buyer(FacetChange change) {
        return change.facet().equals(CanonicalRecords.CONTACT) ? Optional.of(buyer(change.key(), change.value()))
                : Optional.empty();
    }

    private static RecordKey buyer(RecordKey order, byte[] value) {
        return new RecordKey(order.store(), RecordKey.CUSTOMER, Json.readOwn(value).asText());
    }
}
