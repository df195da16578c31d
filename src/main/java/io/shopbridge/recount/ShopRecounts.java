package io.shopbridge.recount;

import io.shopbridge.mirror.Span;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Starts recounts: of a store when an operator says so, and of all at night. */
@Component("shopRecounts")
public class ShopRecounts {

    /** What changed since then may still be on its way by a webhook or the next poll. */
    private static final Duration ON_ITS_WAY = Duration.ofMinutes(10);

    private final Recounts recounts;
    private final CountedEntities counted;
    private final Stores stores;

    ShopRecounts(Recounts recounts, CountedEntities counted, Stores stores) {
        this.recounts = recounts;
        this.counted = counted;
        this.stores = stores;
    }

    /** Those of its entities that can be counted; empty: none, or its Admin API is not configured. */
    public List<String> entities(Store store) {
        return counted.of(store);
    }

    /** Starts one; if one of this store is under way, that goes on as it was asked for. */
    public Recount start(Store store, List<String> entities, boolean repair) {
        return start(store, entities, repair, false);
    }

    private Recount start(Store store, List<String> entities, boolean repair, boolean scheduled) {
        Instant until = Instant.now().minus(ON_ITS_WAY).truncatedTo(ChronoUnit.SECONDS);
        Map<String, Span> spans = new TreeMap<>();
        entities.forEach(entity -> spans.put(entity, counted.all(entity, until)));
        return recounts.start(store.name(), spans, repair, scheduled, until);
    }

    /** Starts that of every store whose Admin API is configured, with repair: what it brings, polls would have brought. */
    public void startAll() {
        stores.all().forEach(store -> {
            List<String> entities = entities(store);
            if (!entities.isEmpty()) {
                start(store, entities, true, true);
            }
        });
    }
}
