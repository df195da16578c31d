package io.shopbridge.operate;

import io.shopbridge.audit.Audit;
import io.shopbridge.backfill.Backfill;
import io.shopbridge.backfill.BackfillScope;
import io.shopbridge.backfill.Backfills;
import io.shopbridge.backfill.OrderCutoffs;
import io.shopbridge.backfill.Reports;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.commons.lang3.StringUtils;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Starts backfills, and stops them. */
@Component
class HistoryBackfills {

    private final Backfills backfills;
    private final OrderCutoffs cutoffs;
    private final Reports reports;
    private final Stores stores;
    private final AdminApi api;
    private final Shopify shopify;
    private final Audit audit;

    HistoryBackfills(Backfills backfills, OrderCutoffs cutoffs, Reports reports, Stores stores, AdminApi api,
            Shopify shopify, Audit audit) {
        this.backfills = backfills;
        this.cutoffs = cutoffs;
        this.reports = reports;
        this.stores = stores;
        this.api = api;
        this.shopify = shopify;
        this.audit = audit;
    }

    /**
     * Starts them; one that is under way already stays as it is.
     *
     * @throws Problem 400 where a kind of record can't be exported, or a day is in the future; 404 if no such store
     *     is configured; 409 if it has no access to the Admin API, or one is under way with other days
     */
    List<BackfillState> start(BackfillRequest request) {
        if (request.store() == null || stores.find(request.store()).isEmpty()) {
            throw Problem.unknownStore(stores);
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
        LocalDate today = LocalDate.now(stores.find(request.store()).map(Store::timeZone).orElse(ZoneOffset.UTC));
        check("figures_before", request.figuresBefore(), today, "new orders would reach no CRM");
        check("since", request.since(), today, "nothing would be brought in");
        long last = backfills.all().stream().mapToLong(Backfill::id).max().orElse(0);
        List<Backfill> started = ask(request);
        started.forEach(one -> audit.did(one.id() > last ? "started" : "asked again for", one.toString()));
        return started.stream().map(this::state).toList();
    }

    private static void check(String name, LocalDate day, LocalDate today, String because) {
        if (day != null && day.isAfter(today)) {
            throw Problem.badParameter(name + " " + day + " is in the future: " + because + ". Give a day that is not after"
                    + " today in the shop, " + today + ".");
        } else if (day != null && day.getYear() < 1) {
            throw Problem.badParameter(name + " is " + day + "; the first year is 1.");
        }
    }

    private List<Backfill> ask(BackfillRequest request) {
        try {
            return backfills.ask(request.store(), request.entities().stream().distinct().toList(),
                    new BackfillScope(request.since(), request.figuresBefore(), Boolean.TRUE.equals(request.dryRun())));
        } catch (Backfills.Otherwise e) {
            Backfill open = e.getUnderWay();
            throw new Problem(HttpStatus.CONFLICT, "Under way", "Nothing was started: " + open + " is under way with since "
                    + (open.since() == null ? "not given" : open.since()) + " and figures_before "
                    + (open.figuresBefore() == null ? "not given" : open.figuresBefore()) + ". Wait until it has ended, or"
                    + " cancel it, and ask again.");
        }
    }

    /**
     * Removes the day before which orders of a store only count in figures; what it kept back is delivered.
     *
     * @throws Problem 404 if no such store is configured or it has no such day; 409 if a backfill will set one
     */
    void removeCutoff(String store) {
        if (stores.find(store).isEmpty()) {
            throw Problem.unknownStore(stores);
        }
        backfills.all().stream().filter(one -> one.store().equals(store) && one.endedAt() == null && one.beganAt() == null
                && one.figuresBefore() != null && !one.dryRun()).findFirst().ifPresent(one -> {
                    throw new Problem(HttpStatus.CONFLICT, "Not yet", capital(one) + " sets figures_before "
                            + one.figuresBefore() + " when its export begins. Cancel it first, or wait until it has begun.");
                });
        LocalDate day = cutoffs.remove(store).orElseThrow(() -> new Problem(HttpStatus.NOT_FOUND, "No such day", "Store "
                + store + " has no figures_before: all its orders are delivered."));
        audit.did("removed", "figures_before " + day + " of store " + store);
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

    private static String capital(Backfill backfill) {
        return StringUtils.capitalize(backfill.toString());
    }

    private BackfillState state(Backfill backfill) {
        return BackfillState.of(backfill, reports.of(backfill));
    }
}
