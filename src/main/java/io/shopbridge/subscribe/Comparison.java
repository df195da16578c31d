package io.shopbridge.subscribe;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The subscriptions of a shop beside those that are needed.
 *
 * @param endpoint where webhooks of this store go; null: not known, so that nothing can be said of what is registered
 * @param needed   topics, as webhooks say them
 */
public record Comparison(String endpoint, Set<String> needed, List<Subscription> registered, List<Fault> faults) {

    /** @param isUnderstood whether topics.yaml has the topic */
    static Comparison of(String endpoint, Set<String> needed, List<Subscription> registered,
            Predicate<String> isUnderstood) {
        if (endpoint == null) {
            return new Comparison(null, needed, registered, List.of());
        }
        List<Subscription> here = registered.stream().filter(one -> one.uri().equals(endpoint)).toList();
        List<Fault> faults = new ArrayList<>();
        Set<String> missing = new TreeSet<>(needed);
        // Of one topic there may be several with different filters
        // (https://shopify.dev/changelog/webhook-subscriptions-now-support-a-name-field-for-identification).
        Set<String> whole = here.stream().filter(one -> one.isJson() && one.lacks().isEmpty()).map(Subscription::topic)
                .collect(Collectors.toCollection(HashSet::new));
        for (Subscription one : here) {
            if (!one.isJson()) {
                faults.add(new Fault(one.topic(), "it sends XML, which can't be read", Fault.Mending.DELETE, one.id()));
            } else if (!isUnderstood.test(one.topic())) {
                faults.add(new Fault(one.topic(), "nothing is done with this topic", Fault.Mending.DELETE, one.id()));
            } else {
                missing.remove(one.topic());
                if (!one.lacks().isEmpty()) {
                    faults.add(whole.add(one.topic())
                            ? new Fault(one.topic(), one.lacks(), Fault.Mending.UPDATE, one.id())
                            : new Fault(one.topic(), "it sends again what another one sends", Fault.Mending.DELETE,
                                    one.id()));
                }
            }
        }
        missing.forEach(topic -> faults.add(new Fault(topic, "it is not subscribed to" + elsewhere(topic, registered),
                Fault.Mending.CREATE, null)));
        return new Comparison(endpoint, needed, registered, List.copyOf(faults));
    }

    private static String elsewhere(String topic, Collection<Subscription> registered) {
        return registered.stream().filter(one -> one.topic().equals(topic)).findFirst()
                .map(one -> " for this address, only for " + one.uri()).orElse("");
    }
}
