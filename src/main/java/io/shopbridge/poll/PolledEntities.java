package io.shopbridge.poll;

import io.shopbridge.mirror.Interests;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.Store;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * What is polled: of stores whose Admin API is configured, the entities that a CRM of the store uses and that
 * {@code mappings/shopify/queries} can ask for by time, as in {@code order-updated}.
 */
@Component
class PolledEntities {

    static final String OFF = "off";

    private final Shopify shopify;
    private final Interests interests;
    private final Environment environment;

    PolledEntities(Shopify shopify, Interests interests, Environment environment) {
        this.shopify = shopify;
        this.interests = interests;
        this.environment = environment;
    }

    /** The name of the query that asks for changes of an entity. */
    static String query(String entity) {
        return Shopify.query(entity, Shopify.UPDATED);
    }

    /** Whether records of an entity can be asked for by their ids, too. */
    boolean isAskedById(String entity) {
        return shopify.asks(entity, Shopify.BY_ID);
    }

    /** Those that can be polled. */
    Set<String> all() {
        return shopify.asked(Shopify.UPDATED);
    }

    /** Those of a store, and the cron expression that says when. */
    Map<String, String> of(Store store) {
        Map<String, String> crons = new TreeMap<>();
        if (store.admin() != null) {
            all().stream().filter(entity -> interests.uses(store, entity)).forEach(entity -> crons.put(entity,
                    store.polls().entrySet().stream().filter(set -> isNamed(set.getKey(), entity)).map(Map.Entry::getValue)
                            .findFirst().orElseGet(() -> environment.getProperty("shopbridge.schedules.poll-"
                                    + setting(entity), OFF))));
        }
        crons.values().removeIf(OFF::equals);
        return crons;
    }

    /** An entity as settings name it, which have no underscores. */
    static String setting(String entity) {
        return entity.replace('_', '-');
    }

    /** Whether a setting means this entity. From the environment it comes without hyphens. */
    static boolean isNamed(String setting, String entity) {
        return setting.replaceAll("[-_]", "").equals(entity.replace("_", ""));
    }

    /** Whether the pages of an entity come in the order of its changes, the first one first. */
    boolean isOldestFirst(String entity) {
        return isByTime(entity) && !isReversed(entity);
    }

    /** Whether they come in that order, the last one first. */
    boolean isNewestFirst(String entity) {
        return isByTime(entity) && isReversed(entity);
    }

    private boolean isByTime(String entity) {
        return shopify.queries().get(query(entity)).text().contains("sortKey: UPDATED_AT");
    }

    private boolean isReversed(String entity) {
        return shopify.queries().get(query(entity)).text().contains("reverse: true");
    }
}
