package io.shopbridge.recount;

import io.shopbridge.mirror.Span;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Starts recounts: of a store when an operator says so, and of all at night. */
@Component("shopRecounts")
public class ShopRecounts {

    private static final Logger LOG = LoggerFactory.getLogger(ShopRecounts.class);

    /** What changed since then may still be on its way by a webhook or the next poll. */
    private static final Duration ON_ITS_WAY = Duration.ofMinutes(10);
    /** So that the next one of the schedule begins anew. */
    private static final Duration LONGEST = Duration.ofHours(20);
    /** What changed before is not in the mirror on purpose. */
    private static final String RETENTION = "shopbridge.retention.orders";

    private final Recounts recounts;
    private final CountedEntities counted;
    private final Stores stores;
    private final JdbcTemplate jdbc;
    private final Environment environment;

    ShopRecounts(Recounts recounts, CountedEntities counted, Stores stores, JdbcTemplate jdbc, Environment environment) {
        this.jdbc = jdbc;
        this.environment = environment;
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
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant until = now.minus(ON_ITS_WAY);
        Instant kept = now.minus(environment.getRequiredProperty(RETENTION, Duration.class));
        Map<String, Span> spans = new TreeMap<>();
        entities.forEach(entity -> spans.put(entity,
                counted.all(entity, entity.equals(RecordKey.ORDER) ? kept : Instant.EPOCH, until)));
        return recounts.start(store.name(), spans, repair, scheduled, scheduled ? firstEvent(store).orElse(now) : kept, until);
    }

    /** Since when Shopbridge has been told of this store, as far as the inbox is kept. */
    private Optional<Instant> firstEvent(Store store) {
        return jdbc.query("SELECT min(received_at) FROM inbox WHERE store = ?",
                (row, n) -> Optional.ofNullable(row.getTimestamp(1)).map(Timestamp::toInstant), store.name()).get(0);
    }

    /**
     * Starts that of every store whose Admin API is configured. It repairs what webhooks and polls would have brought: what
     * was never brought in is left to a backfill.
     */
    public void startAll() {
        recounts.giveUp(Instant.now().minus(LONGEST)).forEach(run -> LOG.error("Recount {} of store {} did not come to its"
                + " end within {} hours. GET /api/v1/recounts/{} says what was in the way.", run.id(), run.store(),
                LONGEST.toHours(), run.id()));
        stores.all().forEach(store -> {
            List<String> entities = entities(store);
            if (!entities.isEmpty()) {
                start(store, entities, true, true);
            }
        });
    }
}
