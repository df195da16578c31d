package io.shopbridge.operate;

import io.shopbridge.audit.Audit;
import io.shopbridge.backfill.Backfill;
import io.shopbridge.backfill.BackfillScope;
import io.shopbridge.backfill.Backfills;
import io.shopbridge.backfill.Reports;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Starts backfills, and stops them. */
@Component
class HistoryBackfills {

    private final Backfills backfills;
    private final Reports reports;
    private final Stores stores;
    private final AdminApi api;
    private final Shopify shopify;
    private final Audit audit;

    HistoryBackfills(Backfills backfills, Reports reports, Stores stores, AdminApi api, Shopify shopify, Audit audit) {
        this.backfills = backfills;
        this.reports = reports;
        this.stores = stores;
        this.api = api;
        this.shopify = shopify;
        this.audit = audit;
    }

    /**
     * Starts them; one that is under way already stays as it is.
     *
     * @throws Problem 400 where a kind of record can't be exported; 404 if no such store is configured; 409 if it has no
     *     access to the Admin API
     */
    List<BackfillState> start(BackfillRequest request) {
        if (request.store() == null || stores.find(request.store()).isEmpty()) {
            throw new Problem(HttpStatus.NOT_FOUND, "Unknown store", "No store of this name is configured. Configured: "
                    + stores.all().stream().map(Store::name).collect(Collectors.joining(", ")) + ".");
        }
        if (!api.isConfigured(request.store())) {
            throw new Problem(HttpStatus.CONFLICT, "No access", "Store " + request.store() + " has no access to Shopify's"
                    + " Admin API. Set shopbridge.stores." + request.store() + ".admin.access-token, or client-id and"
                    + " client-secret.");
        }
        List<String> known = shopify.exported();
        if (request.entities() == null || request.entities().isEmpty() || !known.containsAll(request.entities())) {
            throw Problem.badParameter("entities must be some of " + String.join(", ", known) + ".");
        }
        if (request.figuresBefore() != null && !request.entities().contains(RecordKey.ORDER)) {
            throw Problem.badParameter("figures_before is about orders, and entities has no order.");
        }
        List<Backfill> started = backfills.ask(request.store(), request.entities(),
                new BackfillScope(request.since(), request.figuresBefore(), Boolean.TRUE.equals(request.dryRun())));
        started.forEach(one -> audit.did("started", one.toString()));
        return started.stream().map(this::state).toList();
    }

    List<BackfillState> all() {
        return backfills.all().stream().map(one -> BackfillState.of(one, null)).toList();
    }

    /** @throws Problem 404 if there is none with this number */
    BackfillState find(long id) {
        return backfills.find(id).map(this::state).orElseThrow(() -> new Problem(HttpStatus.NOT_FOUND, "Unknown backfill",
                "There is no backfill " + id + "."));
    }

    /** @throws Problem 404 if there is none with this number; 409 if it has ended */
    BackfillState pause(long id, boolean paused) {
        changed(id, backfills.pause(id, paused), paused ? "paused" : "resumed");
        return find(id);
    }

    /** @throws Problem 404 if there is none with this number; 409 if it has ended */
    BackfillState cancel(long id) {
        changed(id, backfills.cancel(id), "cancelled");
        return find(id);
    }

    private void changed(long id, boolean done, String what) {
        if (!done) {
            throw new Problem(HttpStatus.CONFLICT, "Over", "Backfill " + find(id).id() + " has ended; start a new one.");
        }
        audit.did(what, "backfill " + id);
    }

    private BackfillState state(Backfill backfill) {
        return BackfillState.of(backfill, reports.of(backfill));
    }
}
