package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.store.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Unsubscriptions that were written to a CRM before it had the person. They are stored with the link as soon as there
 * is one, and here until then, so that attempts which a rate limit interrupts don't write them again.
 */
@Component
class EarlyConsents {

    private static final Duration LIFETIME = Duration.ofHours(1);
    private static final int MANY = 10_000;

    private record About(String crm, RecordKey key) {
    }

    private record Said(String change, Instant at) {
        boolean counts() {
            return at.plus(LIFETIME).isAfter(Instant.now());
        }
    }

    private final Map<About, Said> said = new ConcurrentHashMap<>();

    /** @param change the state, the address and the time of the change */
    void keep(Crm crm, RecordKey key, String change) {
        if (said.size() > MANY) {
            said.values().removeIf(one -> !one.counts());
        }
        said.put(new About(crm.name(), key), new Said(change, Instant.now()));
    }

    /** They have a link by now, which remembers it. */
    void forget(Crm crm, Collection<RecordKey> keys) {
        if (!said.isEmpty()) {
            keys.forEach(key -> said.remove(new About(crm.name(), key)));
        }
    }

    boolean has(Crm crm, RecordKey key, String change) {
        Said one = said.get(new About(crm.name(), key));
        return one != null && one.counts() && one.change().equals(change);
    }
}
