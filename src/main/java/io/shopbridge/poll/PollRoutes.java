package io.shopbridge.poll;

import io.shopbridge.connect.RouteTemplates;
import io.shopbridge.mirror.Interests;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.InvalidSettings;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.yaml.Nearest;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.quartz.CronExpression;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Creates a route for each store and entity that is polled: of stores whose Admin API is configured, the entities that a
 * CRM of the store uses and that {@code mappings/shopify/queries} can ask for by time, as in {@code order-updated}.
 */
@Component
class PollRoutes implements ApplicationRunner {

    private static final String OFF = "off";
    private static final String BY_TIME = "-updated";

    private final RouteTemplates templates;
    private final Stores stores;
    private final Shopify shopify;
    private final Interests interests;
    private final PollMetrics metrics;
    private final Environment environment;

    PollRoutes(RouteTemplates templates, Stores stores, Shopify shopify, Interests interests, PollMetrics metrics,
            Environment environment) {
        this.templates = templates;
        this.stores = stores;
        this.shopify = shopify;
        this.interests = interests;
        this.metrics = metrics;
        this.environment = environment;
    }

    /** @throws InvalidSettings with everything that is wrong with when stores are polled */
    @Override
    public void run(ApplicationArguments arguments) {
        Set<String> entities = shopify.queries().all().stream().map(GraphqlQuery::name)
                .filter(name -> name.endsWith(BY_TIME)).map(name -> name.substring(0, name.length() - BY_TIME.length()))
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> problems = new ArrayList<>();
        stores.all().forEach(store -> check(store, entities, problems));
        if (!problems.isEmpty()) {
            throw new InvalidSettings(String.join("\n", problems));
        }
        stores.all().stream().filter(store -> store.admin() != null).forEach(store -> entities.stream()
                .filter(entity -> isUsed(store, entity)).forEach(entity -> add(store, entity)));
    }

    private void check(Store store, Set<String> entities, List<String> problems) {
        String prefix = "shopbridge.stores." + store.name() + ".polls";
        store.polls().forEach((entity, cron) -> {
            if (!entities.contains(entity)) {
                problems.add(prefix + "." + entity + ": there is no such entity to poll; "
                        + Nearest.advice(entity, entities));
            } else if (!cron.equals(OFF) && fault(cron) != null) {
                problems.add(prefix + "." + entity + ": \"" + cron + "\" is no cron expression (" + fault(cron)
                        + "); write second, minute, hour, day, month and weekday, as in \"0 0/5 * * * ?\", or off");
            } else if (!cron.equals(OFF) && store.admin() == null) {
                problems.add(prefix + "." + entity + ": polls ask the Admin API; set shopbridge.stores." + store.name()
                        + ".admin too");
            }
        });
    }

    private static String fault(String cron) {
        try {
            CronExpression.validateExpression(cron);
            return null;
        } catch (ParseException e) {
            return e.getMessage();
        }
    }

    private boolean isUsed(Store store, String entity) {
        return store.crms().stream().anyMatch(crm -> interests.maps(crm, entity)
                || entity.equals(RecordKey.ORDER) && interests.readsMetrics(crm));
    }

    private void add(Store store, String entity) {
        String cron = store.polls().getOrDefault(entity,
                environment.getProperty("shopbridge.schedules.poll-" + entity, OFF));
        if (!cron.equals(OFF)) {
            String id = "poll/" + store.name() + "-" + entity;
            templates.route("poll", "asks for changes of " + entity).parameter("store", store.name())
                    .parameter("entity", entity).parameter("cron", cron).routeId(id).prefixId(id + "/").add();
            metrics.add(store.name(), entity);
        }
    }
}
