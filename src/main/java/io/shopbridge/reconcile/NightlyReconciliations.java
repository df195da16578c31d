package io.shopbridge.reconcile;

import io.shopbridge.connect.RouteTemplates;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.map.Mapping;
import io.shopbridge.reconcile.Reconciliations.Request;
import io.shopbridge.schedule.CronTimes;
import io.shopbridge.store.InvalidSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Creates a route for each CRM that starts its reconciliation, unless that is switched off. */
@Component("nightlyReconciliations")
public class NightlyReconciliations implements ApplicationRunner {

    private static final Logger LOG = LoggerFactory.getLogger(NightlyReconciliations.class);
    private static final String USUAL = "shopbridge.schedules.reconcile";

    private final RouteTemplates templates;
    private final Crms crms;
    private final Reconciliations reconciliations;
    private final Environment environment;
    private final Instant started = Instant.now();

    NightlyReconciliations(RouteTemplates templates, Crms crms, Reconciliations reconciliations,
            Environment environment) {
        this.templates = templates;
        this.crms = crms;
        this.reconciliations = reconciliations;
        this.environment = environment;
    }

    /** @throws InvalidSettings where one of a CRM can't be read */
    @Override
    public void run(ApplicationArguments arguments) {
        for (Crm crm : crms.all()) {
            String cron = settings(crm).cron();
            if (!cron.equals(ReconcileSettings.OFF)) {
                String id = "reconcile-nightly/" + crm.name();
                templates.route("reconcile-nightly", "compares a CRM with the mirror").parameter("crm", crm.name())
                        .parameter("cron", cron).routeId(id).prefixId(id + "/").add();
            }
        }
    }

    /** What is set for this CRM. */
    public ReconcileSettings settings(Crm crm) {
        return ReconcileSettings.of(crm, environment.getProperty(USUAL, ReconcileSettings.OFF));
    }

    /**
     * Starts the reconciliation of all that this CRM has; one that is under way goes on. One that has compared everything
     * goes no further, unless it was to take several nights.
     */
    public void start(String name) {
        Crm crm = crms.get(name);
        List<String> entities = entities(crm);
        if (!entities.isEmpty()) {
            if (settings(crm).calls() == null) {
                reconciliations.endListing(name);
            }
            reconciliations.nightBegins(name);
            reconciliations.start(new Request(name, entities, null, settings(crm).repairs(), null, false, true));
        }
    }

    /** When this run goes on, which has made the calls of this night; empty: it may go on now. */
    Optional<Instant> nextNight(Reconciliation run, Crm crm) {
        ReconcileSettings settings = settings(crm);
        return !isByNights(run, settings) || run.nightCalls() < settings.calls() ? Optional.empty()
                : Optional.of(CronTimes.after(settings.cron(), Instant.now()));
    }

    /** Whether it may take several nights. */
    boolean isByNights(Reconciliation run, Crm crm) {
        return isByNights(run, settings(crm));
    }

    private static boolean isByNights(Reconciliation run, ReconcileSettings settings) {
        return run.scheduled() && settings.calls() != null && !settings.cron().equals(ReconcileSettings.OFF);
    }

    /** The CRMs of which an entity was not compared to the end a day after that was due, and when that was. */
    Map<String, Instant> overdue() {
        Instant aDayAgo = Instant.now().minus(Duration.ofDays(1));
        Map<String, Map<String, Instant>> lastBegan = reconciliations.lastBegan();
        Set<String> underWay = reconciliations.underWay(aDayAgo);
        Map<String, Instant> overdue = new TreeMap<>();
        for (Crm crm : crms.all()) {
            String cron = settings(crm).cron();
            if (!cron.equals(ReconcileSettings.OFF) && !underWay.contains(crm.name())) {
                Map<String, Instant> began = lastBegan.getOrDefault(crm.name(), Map.of());
                // An entity that is mapped since lately is due with the others.
                Instant due = CronTimes.after(cron, entities(crm).stream().filter(began::containsKey).map(began::get)
                        .min(Comparator.naturalOrder()).orElse(started));
                if (due.isBefore(aDayAgo)) {
                    overdue.put(crm.name(), due);
                }
            }
        }
        return overdue;
    }

    /** Logs an error of each that is overdue. */
    public void watch() {
        overdue().forEach((crm, due) -> LOG.error("The reconciliation of {} that was due at {} is not complete, so nobody"
                + " knows whether {} is true to Shopify. GET /api/v1/reconciliations says what is in the way.", crm, due,
                crm));
    }

    /** The kinds of records that the CRM has, those that others point to first. */
    public static List<String> entities(Crm crm) {
        List<String> first = List.of("company", "customer");
        return crm.mappings().stream().map(Mapping::entity)
                .sorted(Comparator.comparing((String entity) -> first.contains(entity) ? first.indexOf(entity)
                        : first.size()).thenComparing(entity -> entity)).toList();
    }
}
