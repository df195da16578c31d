package io.shopbridge.operate;

import io.shopbridge.audit.Audit;
import io.shopbridge.ledger.Ledger;
import io.shopbridge.poll.ExtraPolls;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.subscribe.SubscriptionCheck;
import io.shopbridge.work.StorePauses;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Lists the stores and resumes those that are paused. */
@Component
public class PausedStores {

    private static final String TOPIC = "app/uninstalled";

    private final Stores stores;
    private final StorePauses pauses;
    private final Ledger ledger;
    private final ExtraPolls polls;
    private final SubscriptionCheck subscriptions;
    private final Audit audit;

    PausedStores(Stores stores, StorePauses pauses, Ledger ledger, ExtraPolls polls, SubscriptionCheck subscriptions,
            Audit audit) {
        this.stores = stores;
        this.pauses = pauses;
        this.ledger = ledger;
        this.polls = polls;
        this.subscriptions = subscriptions;
        this.audit = audit;
    }

    /** Every configured store. */
    public List<StoreState> all() {
        List<StorePauses.Pause> paused = pauses.all();
        return stores.all().stream().map(Store::name).map(name -> paused.stream()
                .filter(pause -> pause.store().equals(name)).findFirst()
                .map(pause -> new StoreState(name, pause.since(), pause.because()))
                .orElse(new StoreState(name, null, null))).toList();
    }

    /** Those that are paused. */
    public List<StoreState> paused() {
        return all().stream().filter(store -> store.pausedSince() != null).toList();
    }

    /**
     * Ends the pause, and closes what was held because of it. What happened meanwhile is polled, and the subscriptions are
     * looked after, which Shopify deletes when an app is uninstalled.
     *
     * @throws Problem 404 if no such store is configured; 409 if it is not paused
     */
    @Transactional
    public StoreState resume(String name) {
        Store store = stores.find(name).orElseThrow(() -> Problem.unknownStore(stores));
        Optional<StorePauses.Pause> pause = pauses.of(name);
        if (!pauses.resume(name)) {
            throw new Problem(HttpStatus.CONFLICT, "Not paused", "Store " + name + " is not paused; nothing is left to"
                    + " do.");
        }
        ledger.resolvedEvents(name, TOPIC);
        Instant since = pause.map(StorePauses.Pause::since).orElse(null);
        Set<String> polled = polls.start(store, entity -> true, since);
        subscriptions.soon();
        audit.did("resumed", "store " + name);
        String advice = since == null ? "" : ExtraPolls.beyond(name, polled, since);
        return new StoreState(name, null, null, advice.isEmpty() ? null : advice);
    }
}
