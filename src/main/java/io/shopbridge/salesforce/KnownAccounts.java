package io.shopbridge.salesforce;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.apache.camel.support.LRUCacheFactory;

/** The accounts that contacts, orders and opportunities belong to, by their ids. Users move contacts to other accounts. */
final class KnownAccounts {

    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final int REMEMBERED = 50_000;

    private record Known(String account, Instant at) {
    }

    private final InstantSource clock;
    private final Map<String, Known> known = LRUCacheFactory.newLRUCache(REMEMBERED);

    KnownAccounts(InstantSource clock) {
        this.clock = clock;
    }

    /** The account that it had when that was last known; null if it never was. */
    String last(String id) {
        Known last = known.get(id);
        return last == null ? null : last.account();
    }

    /** Whether the account was known a moment ago, so that it need not be read. */
    boolean isFresh(String id) {
        Known last = known.get(id);
        return last != null && last.at().plus(FRESH).isAfter(clock.instant());
    }

    void put(String id, String account) {
        known.put(id, new Known(account, clock.instant()));
    }

    void remove(String id) {
        known.remove(id);
    }
}
