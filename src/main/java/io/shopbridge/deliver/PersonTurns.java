package io.shopbridge.deliver;

import io.github.resilience4j.core.IntervalFunction;
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

    /** A batch takes a second or two, a bulk job minutes. */
    private static final IntervalFunction NEXT_TURN =
            IntervalFunction.ofExponentialBackoff(Duration.ofSeconds(1), 2, Duration.ofSeconds(30));

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
        several.stream().filter(record -> !first.contains(record)).forEach(record -> {
            if (OptOuts.in(delivery.mapping(), record.values(delivery.mapping()).fields()).isEmpty()) {
                record.giveBack();
            } else {
                // A no is told at once, as of every record that waits.
                waits(delivery, record, Instant.now());
            }
        });
        first.stream().filter(record -> after.contains(record.key())).forEach(record ->
                waits(delivery, record, Instant.now().plusMillis(NEXT_TURN.apply(record.item().attempts()))));
    }

    private static void waits(Delivery delivery, DeliveryRecord record, Instant until) {
        record.waits("Another customer or guest who is the same person in " + delivery.crm().title() + " is delivered first",
                until, null);
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
