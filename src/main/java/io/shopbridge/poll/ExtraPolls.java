package io.shopbridge.poll;

import io.shopbridge.schedule.Jobs;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Polls out of turn: where changes may have been missed, or when an operator does not want to wait. */
@Component
public class ExtraPolls {

    private static final Logger LOG = LoggerFactory.getLogger(ExtraPolls.class);
    /** How far back a poll reads. What is older is the backfill's, which costs the shop's budget far less. */
    public static final Duration FURTHEST = Duration.ofDays(30);

    private final Stores stores;
    private final PolledEntities polled;
    private final Watermarks watermarks;
    private final Jobs jobs;

    ExtraPolls(Stores stores, PolledEntities polled, Watermarks watermarks, Jobs jobs) {
        this.stores = stores;
        this.polled = polled;
        this.watermarks = watermarks;
        this.jobs = jobs;
    }

    /** The entities of a store that are polled. */
    public Set<String> of(String store) {
        return stores.find(store).map(one -> polled.of(one).keySet()).orElse(Set.of());
    }

    /** From when on a poll reads that is asked to read from a moment on: not from longer than {@link #FURTHEST} ago. */
    public static Instant reach(Instant since) {
        Instant furthest = Instant.now().minus(FURTHEST);
        return since.isBefore(furthest) ? furthest : since;
    }

    /** Says that a poll does not reach back to what is asked for, and what to do; empty where it does. */
    public static String beyond(String store, Collection<String> entities, Instant since) {
        Instant reached = reach(since);
        return !reached.isAfter(since) || entities.isEmpty() ? "" : "A poll reads " + FURTHEST.toDays() + " days back at"
                + " most, so what changed from " + since + " to " + reached + " is not polled. Bring it by a backfill: "
                + backfill(store, entities, since) + ".";
    }

    /** The command for what changed from a moment on: since a day that has begun by then wherever the shop is. */
    static String backfill(String store, Collection<String> entities, Instant from) {
        return "`backfill --store " + store + " --entities " + String.join(",", entities) + " --since "
                + from.atOffset(ZoneOffset.UTC).toLocalDate().minusDays(1) + "`"
                + (entities.contains(RecordKey.ORDER) ? " (orders are taken by the day on which they were made: an earlier"
                        + " day brings the changes of older ones too)" : "");
    }

    /**
     * Lets a store be polled soon, once the caller's transaction is committed.
     *
     * @param entities which of those that are polled
     * @param since    the shop's time from which changes are read again, as far as polls {@link #reach}; null: only what
     *                 the next poll would read anyway
     * @return those that are polled for this
     */
    @Transactional
    public Set<String> start(Store store, Predicate<String> entities, Instant since) {
        Set<String> started = new TreeSet<>();
        for (String entity : polled.of(store).keySet()) {
            if (entities.test(entity) && jobs.runSoon("poll", PollRoutes.job(store.name(), entity))) {
                started.add(entity);
                if (since != null) {
                    watermarks.readAgain(store.name(), entity, reach(since));
                }
            }
        }
        String beyond = since == null ? "" : beyond(store.name(), started, since);
        if (!beyond.isEmpty()) {
            LOG.warn("Store {}: {}", store.name(), beyond);
        }
        return started;
    }
}
