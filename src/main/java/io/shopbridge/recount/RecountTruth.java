package io.shopbridge.recount;

import io.shopbridge.schedule.CronTimes;
import io.shopbridge.store.InvalidSettings;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.work.StorePauses;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** How true the mirror is to each shop, by the last complete recounts, and which of these did not come to their end. */
@Component("recountTruth")
public class RecountTruth {

    private static final Logger LOG = LoggerFactory.getLogger(RecountTruth.class);
    private static final String TARGET = "shopbridge.recount.target";
    private static final String CRON = "shopbridge.schedules.recount";
    /** After it was due. One that has not ended by the next night is given up, and that one may take some hours. */
    private static final Duration LATE = Duration.ofHours(26);

    private final Recounts recounts;
    private final CountedEntities counted;
    private final Stores stores;
    private final StorePauses pauses;
    private final BigDecimal target;
    private final String cron;
    private final Instant started = Instant.now();

    /** @throws InvalidSettings where the target is no percentage */
    RecountTruth(Recounts recounts, CountedEntities counted, Stores stores, StorePauses pauses, Environment environment) {
        this.recounts = recounts;
        this.counted = counted;
        this.stores = stores;
        this.pauses = pauses;
        this.target = percentage(environment.getRequiredProperty(TARGET));
        this.cron = environment.getRequiredProperty(CRON);
    }

    private static BigDecimal percentage(String text) {
        try {
            BigDecimal percent = new BigDecimal(text.strip());
            if (percent.signum() >= 0 && percent.compareTo(BigDecimal.valueOf(100)) <= 0) {
                return percent;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new InvalidSettings(TARGET + ": \"" + text + "\" is not the percentage of records that should agree; write a"
                + " number from 0 to 100, as in 99.9");
    }

    /** By store and entity, of the stores and entities that are counted now. */
    List<Truth> last() {
        Map<String, List<String>> now = entities();
        return recounts.lastComplete().stream().filter(one -> now.getOrDefault(one.store(), List.of())
                .contains(one.entity())).toList();
    }

    /** The entities that are counted, of each store that has any. */
    Map<String, List<String>> entities() {
        Map<String, List<String>> entities = stores.all().stream().collect(Collectors.toMap(Store::name, counted::of,
                (one, other) -> one, TreeMap::new));
        entities.values().removeIf(List::isEmpty);
        return entities;
    }

    boolean isMissed(Truth truth) {
        return truth.percent().compareTo(target) < 0;
    }

    /** The stores of which the recount did not come to its end long after it was due, and when that was. */
    Map<String, Instant> overdue() {
        return overdue(last());
    }

    private Map<String, Instant> overdue(List<Truth> last) {
        Instant late = Instant.now().minus(LATE);
        Map<String, Instant> first = recounts.firstAsked();
        Map<String, Instant> overdue = new TreeMap<>();
        entities().forEach((store, entities) -> {
            if (!pauses.isPaused(store)) {
                Map<String, Instant> began = last.stream().filter(one -> one.store().equals(store))
                        .collect(Collectors.toMap(Truth::entity, Truth::askedAt));
                // An entity that is counted since lately is due with the next one.
                Instant other = began.values().stream().max(Comparator.naturalOrder())
                        .orElse(first.getOrDefault(store, started));
                Instant due = CronTimes.after(cron, entities.stream().map(entity -> began.getOrDefault(entity, other))
                        .min(Comparator.naturalOrder()).orElseThrow());
                if (due.isBefore(late)) {
                    overdue.put(store, due);
                }
            }
        });
        return overdue;
    }

    /** What an operator should look at; empty: nothing. */
    public List<RecountFault> faults() {
        List<Truth> last = last();
        List<RecountFault> faults = new ArrayList<>();
        overdue(last).forEach((store, due) -> faults.add(new RecountFault(store, null, "The recount that was due at " + due
                + " is not complete, so nobody knows whether the mirror is true to the shop", "GET /api/v1/recounts says"
                + " what is in the way. Start one: recount --store " + store + " --repair")));
        Map<String, List<String>> now = entities();
        recounts.denied().stream().filter(one -> now.getOrDefault(one.store(), List.of()).contains(one.entity()))
                .forEach(one -> faults.add(new RecountFault(one.store(), one.entity(), "The recount that ended at "
                        + one.endedAt() + " did not compare all of the mirror's " + one.records() + " records, because the"
                        + " app may not read them", Kind.DENIED.advice())));
        last.stream().filter(this::isMissed).forEach(one -> faults.add(new RecountFault(one.store(), one.entity(),
                "At the recount that ended at " + one.endedAt() + ", " + one.differed() + " of " + one.compared()
                        + " records (" + one.found(Kind.MISSING) + " missing, " + one.found(Kind.STALE) + " stale, "
                        + one.found(Kind.DELETED) + " deleted) were not as in the shop: " + one.percent() + " % agreed, and "
                        + target + " % should", "GET /api/v1/recounts/" + one.recount() + " has examples and what was"
                        + " repaired. Webhooks were lost and polls did not make up for them: look at webhooks --store "
                        + one.store() + " and at GET /api/v1/polls")));
        return faults;
    }

    /** Logs an error of each that is overdue. */
    public void watch() {
        overdue().forEach((store, due) -> LOG.error("The recount of store {} that was due at {} is not complete, so nobody"
                + " knows whether the mirror is true to the shop. GET /api/v1/recounts says what is in the way.", store,
                due));
    }
}
