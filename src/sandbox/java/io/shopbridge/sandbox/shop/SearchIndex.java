package io.shopbridge.sandbox.shop;

import io.shopbridge.sandbox.shop.State.Resource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The shop's records, by id as they are, and by search as they were: Shopify's index follows its records by seconds, so
 * that a search may miss a new record, and looks for a changed one under its former time.
 */
final class SearchIndex {

    /** A record as a search finds it: its fields are the present ones, the time is that of the version in the index. */
    record Hit(Resource resource, Instant updatedAt) {
    }

    private record Change(Instant at, Resource resource, Instant updatedAt) {
    }

    private final Map<String, Resource> resources = new HashMap<>();
    private final Map<String, Map<Long, Hit>> indexed = new HashMap<>();
    private final Deque<Change> pending = new ArrayDeque<>();
    private Duration lag = Duration.ZERO;
    private Clock clock = Clock.systemUTC();

    /** @param lag how long a change stays invisible to searches, by that clock */
    void behind(Duration lag, Clock clock) {
        this.lag = lag;
        this.clock = clock;
    }

    void put(Resource resource) {
        resources.put(resource.gid(), resource);
        pending.add(new Change(clock.instant(), resource,
                resource.updatedAt.truncatedTo(ChronoUnit.SECONDS)));
        catchUp();
    }

    /** A record that is gone is not found any more, however old the index is. */
    void remove(Resource resource) {
        resources.remove(resource.gid());
        of(resource.type()).remove(resource.id);
    }

    /** Null if there is none. */
    Resource get(String gid) {
        return resources.get(gid);
    }

    /** The records of a kind as they are, by no search. */
    <T extends Resource> List<T> all(Class<T> kind) {
        return resources.values().stream().filter(kind::isInstance).map(kind::cast)
                .sorted(Comparator.comparingLong(one -> one.id)).toList();
    }

    List<Hit> search(String type) {
        catchUp();
        return List.copyOf(of(type).values());
    }

    void clear() {
        resources.clear();
        indexed.clear();
        pending.clear();
    }

    private void catchUp() {
        Instant visible = clock.instant().minus(lag);
        while (!pending.isEmpty() && !pending.peek().at().isAfter(visible)) {
            Change change = pending.poll();
            if (resources.get(change.resource().gid()) == change.resource()) {
                of(change.resource().type()).put(change.resource().id,
                        new Hit(change.resource(), change.updatedAt()));
            }
        }
    }

    private Map<Long, Hit> of(String type) {
        return indexed.computeIfAbsent(type, key -> new LinkedHashMap<>());
    }
}
