package io.shopbridge.deliver;

import io.shopbridge.identify.Link;
import io.shopbridge.store.RecordKey;
import io.shopbridge.work.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Lets the records of one person go one after another: two that were decided by the same values of the CRM would both
 * fill an empty field, and the one that is written last would win.
 */
@Component
class PersonTurns {

    private static final Duration TURN = Duration.ofSeconds(1);

    private final Work work;

    PersonTurns(Work work) {
        this.work = work;
    }

    /** Those whose turn it is not wait. */
    void take(Delivery delivery) {
        List<DeliveryRecord> several = delivery.undecided().stream()
                .filter(record -> delivery.person(record).size() > 1).toList();
        if (several.isEmpty()) {
            return;
        }
        Set<DeliveryRecord> first = first(delivery, several);
        Set<RecordKey> here = delivery.records().stream().map(DeliveryRecord::key).collect(Collectors.toSet());
        Set<RecordKey> after = work.after(delivery.crm().name(), first.stream().collect(Collectors.toMap(
                DeliveryRecord::key, record -> delivery.person(record).stream().map(Link::key)
                        .filter(key -> !here.contains(key)).toList())));
        // These are free again when this batch is over.
        several.stream().filter(record -> !first.contains(record)).forEach(DeliveryRecord::giveBack);
        first.stream().filter(record -> after.contains(record.key()))
                .forEach(record -> record.waits("Another customer or guest who is the same person in "
                        + delivery.crm().title() + " is delivered first", Instant.now().plus(TURN), null));
    }

    /** Of each person one: one that is decided already, or with a no to a consent, or who leads. */
    private static Set<DeliveryRecord> first(Delivery delivery, Collection<DeliveryRecord> several) {
        Map<String, DeliveryRecord> first = new HashMap<>();
        Stream.concat(delivery.open().stream().filter(record -> record.decided() && record.link() != null),
                Merging.noesFirst(delivery, several.stream().sorted(Comparator.comparing(
                        record -> Persons.follows(record, delivery.person(record)))).toList()).stream())
                .forEach(record -> first.putIfAbsent(record.link().crmId(), record));
        return new HashSet<>(first.values());
    }
}
