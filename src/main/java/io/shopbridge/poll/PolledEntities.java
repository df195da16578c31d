package io.shopbridge.poll;

import io.shopbridge.mirror.Interests;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * What is polled: of stores whose Admin API is configured, the entities that a CRM of the store uses and that
 * {@code mappings/shopify/queries} can ask for by time, as in {@code order-updated}.
 */
@Component
class PolledEntities {

    static final String OFF = "off";
    private static final String BY_TIME = "-updated";

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
        return entity + BY_TIME;
    }

    /** Those that can be polled. */
    Set<String> all() {
        return shopify.queries().all().stream().map(GraphqlQuery::name).filter(name -> name.endsWith(BY_TIME))
                .map(name -> name.substring(0, name.length() - BY_TIME.length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Those of a store, and the cron expression that says when. */
    Map<String, String> of(Store store) {
        Map<String, String> crons = new TreeMap<>();
        if (store.admin() != null) {
            all().stream().filter(entity -> isUsed(store, entity)).forEach(entity -> crons.put(entity,
                    store.polls().getOrDefault(entity,
                            environment.getProperty("shopbridge.schedules.poll-" + entity, OFF))));
        }
        crons.values().removeIf(OFF::equals);
        return crons;
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

    private boolean isUsed(Store store, String entity) {
        return store.crms().stream().anyMatch(crm -> interests.maps(crm, entity)
                || entity.equals(RecordKey.ORDER) && interests.readsMetrics(crm));
    }
}
