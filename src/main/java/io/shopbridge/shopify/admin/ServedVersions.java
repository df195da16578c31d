package io.shopbridge.shopify.admin;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.shopbridge.store.AdminAccess;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Which version of its Admin API a shop answers by. Where Shopify has no longer the one that is asked for, it answers by
 * the oldest that it still has, and does not say so but in a header: fields may then be missing or mean something else.
 *
 * @see <a href="https://shopify.dev/docs/api/usage/versioning">API versioning</a>
 */
@Component
class ServedVersions implements MeterBinder {

    static final String HEADER = "X-Shopify-API-Version";
    private static final Logger LOG = LoggerFactory.getLogger(ServedVersions.class);
    private static final Duration SAID_AGAIN = Duration.ofDays(1);

    private final Stores stores;
    private final InstantSource clock;
    /** When it was said of a store last; absent: it answers by the version that is asked for. */
    private final Map<String, Instant> differ = new ConcurrentHashMap<>();

    @Autowired
    ServedVersions(Stores stores) {
        this(stores, InstantSource.system());
    }

    ServedVersions(Stores stores, InstantSource clock) {
        this.stores = stores;
        this.clock = clock;
    }

    /** @param served as the header of an answer says; null where it has none */
    void answered(String store, String served) {
        AdminAccess access = stores.get(store).admin();
        if (served == null || served.equals(access.version())) {
            if (served != null) {
                differ.remove(store);
            }
            return;
        }
        differ.compute(store, (name, said) -> {
            Instant now = clock.instant();
            if (said != null && said.plus(SAID_AGAIN).isAfter(now)) {
                return said;
            }
            LOG.warn("The shop of store {} answers by version {} of the Admin API instead of {}. Fields may be missing"
                    + " or mean something else. Set shopbridge.stores.{}.admin.version to one that Shopify has and that"
                    + " this release is tested with ({})", name, served, access.version(), name, AdminAccess.VERSION);
            return now;
        });
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        stores.all().stream().filter(store -> store.admin() != null).map(Store::name).forEach(name ->
                Gauge.builder("shopbridge.shopify.version.differs", differ, said -> said.containsKey(name) ? 1 : 0)
                        .tag("store", name).description("1 while a shop answers by another version of the Admin API"
                                + " than it is asked for").register(registry));
    }
}
