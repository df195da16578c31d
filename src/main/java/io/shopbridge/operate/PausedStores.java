package io.shopbridge.operate;

import io.shopbridge.audit.Audit;
import io.shopbridge.ledger.Ledger;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.work.StorePauses;
import java.util.List;
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
    private final Audit audit;

    PausedStores(Stores stores, StorePauses pauses, Ledger ledger, Audit audit) {
        this.stores = stores;
        this.pauses = pauses;
        this.ledger = ledger;
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
     * Ends the pause, and closes what was held because of it.
     *
     * @throws Problem 404 if no such store is configured; 409 if it is not paused
     */
    @Transactional
    public StoreState resume(String name) {
        if (stores.find(name).isEmpty()) {
            throw new Problem(HttpStatus.NOT_FOUND, "Unknown store", "No store of this name is configured. Configured: "
                    + String.join(", ", stores.all().stream().map(Store::name).toList()) + ".");
        }
        if (!pauses.resume(name)) {
            throw new Problem(HttpStatus.CONFLICT, "Not paused", "Store " + name + " is not paused; nothing is left to"
                    + " do.");
        }
        ledger.resolvedEvents(name, TOPIC);
        audit.did("resumed", "store " + name);
        return new StoreState(name, null, null);
    }
}
