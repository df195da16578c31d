package io.shopbridge.poll;

import io.shopbridge.connect.RouteTemplates;
import io.shopbridge.store.InvalidSettings;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.yaml.Nearest;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.quartz.CronExpression;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/** Creates a route for each store and entity that is polled. */
@Component
class PollRoutes implements ApplicationRunner {

    private final RouteTemplates templates;
    private final Stores stores;
    private final PolledEntities polled;
    private final PollMetrics metrics;

    PollRoutes(RouteTemplates templates, Stores stores, PolledEntities polled, PollMetrics metrics) {
        this.templates = templates;
        this.stores = stores;
        this.polled = polled;
        this.metrics = metrics;
    }

    /** The name of a job, as in the template's endpoint. */
    static String job(String store, String entity) {
        return store + "-" + entity;
    }

    /** @throws InvalidSettings with everything that is wrong with when stores are polled */
    @Override
    public void run(ApplicationArguments arguments) {
        Set<String> entities = polled.all();
        List<String> problems = new ArrayList<>();
        stores.all().forEach(store -> check(store, entities, problems));
        if (!problems.isEmpty()) {
            throw new InvalidSettings(String.join("\n", problems));
        }
        stores.all().forEach(store -> polled.of(store).forEach((entity, cron) -> add(store.name(), entity, cron)));
    }

    private void check(Store store, Set<String> entities, List<String> problems) {
        String prefix = "shopbridge.stores." + store.name() + ".polls";
        store.polls().forEach((entity, cron) -> {
            if (entities.stream().noneMatch(one -> PolledEntities.isNamed(entity, one))) {
                problems.add(prefix + "." + entity + ": there is no such entity to poll; "
                        + Nearest.advice(entity, entities.stream().map(PolledEntities::setting).toList()));
            } else if (!cron.equals(PolledEntities.OFF) && fault(cron) != null) {
                problems.add(prefix + "." + entity + ": \"" + cron + "\" is no cron expression (" + fault(cron)
                        + "); write second, minute, hour, day, month and weekday, as in \"0 0/5 * * * ?\", or off");
            } else if (!cron.equals(PolledEntities.OFF) && store.admin() == null) {
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

    private void add(String store, String entity, String cron) {
        String id = "poll/" + job(store, entity);
        templates.route("poll", "asks for changes of " + entity).parameter("store", store).parameter("entity", entity)
                .parameter("cron", cron).routeId(id).prefixId(id + "/").add();
        metrics.add(store, entity);
    }
}
