package io.shopbridge.poll;

import io.shopbridge.schedule.Jobs;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Polls out of turn: where changes may have been missed, or when an operator does not want to wait. */
@Component
public class ExtraPolls {

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

    /**
     * Lets a store be polled soon, once the caller's transaction is committed.
     *
     * @param entities which of those that are polled
     * @param since    the shop's time from which changes are read again, at most {@link #FURTHEST} ago; null: only what
     *                 the next poll would read anyway
     * @return those that are polled for this
     */
    @Transactional
    public Set<String> start(Store store, Predicate<String> entities, Instant since) {
        Instant furthest = Instant.now().minus(FURTHEST);
        Set<String> started = new TreeSet<>();
        for (String entity : polled.of(store).keySet()) {
            if (entities.test(entity) && jobs.runSoon(PollRoutes.job(store.name(), entity))) {
                started.add(entity);
                if (since != null) {
                    watermarks.readAgain(store.name(), entity, since.isBefore(furthest) ? furthest : since);
                }
            }
        }
        return started;
    }
}
