package io.shopbridge.recount;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.shopbridge.recount.Recount.State;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.AdminBusy;
import io.shopbridge.shopify.admin.AdminDenied;
import io.shopbridge.shopify.admin.AdminFailure;
import io.shopbridge.shopify.admin.AdminLocked;
import io.shopbridge.shopify.admin.Priority;
import io.shopbridge.shopify.admin.Searches;
import io.shopbridge.store.Stores;
import io.shopbridge.work.StorePauses;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * The steps of recounts. Each asks the shop once or a few times, and is committed with what it found; only records that
 * are to be taken in go to the inbox before that, as often as it takes.
 */
@Component("recounting")
public class Recounting {

    private static final Logger LOG = LoggerFactory.getLogger(Recounting.class);

    /** For how long one run of the schedule goes on; the next one begins when it has ended. */
    private static final Duration RUN = Duration.ofSeconds(50);
    private static final Duration FAILURE_AGAIN = Duration.ofMinutes(5);
    private static final Duration PAUSED_AGAIN = Duration.ofMinutes(1);

    private final Recounts recounts;
    private final ComparedWindows compared;
    private final Suspects suspects;
    private final AdminApi api;
    private final Stores stores;
    private final StorePauses pauses;

    Recounting(Recounts recounts, ComparedWindows compared, Suspects suspects, AdminApi api, Stores stores,
            StorePauses pauses) {
        this.recounts = recounts;
        this.compared = compared;
        this.suspects = suspects;
        this.api = api;
        this.stores = stores;
        this.pauses = pauses;
    }

    /** When this run of the schedule ends. */
    public Instant end() {
        return Instant.now().plus(RUN);
    }

    /** Makes a step of the recount that has waited longest. */
    public Batch next(@Body Instant end) {
        Optional<Recount> due = Instant.now().isBefore(end) ? recounts.next() : Optional.empty();
        if (due.isEmpty()) {
            return Batch.NONE;
        }
        Recount run = due.get();
        if (stores.find(run.store()).isEmpty()) {
            fail(run, "shopbridge.stores." + run.store() + " is no longer configured");
            return Batch.STORED;
        }
        if (pauses.isPaused(run.store())) {
            recounts.wait(run, PAUSED_AGAIN, "The store is paused");
            return Batch.STORED;
        }
        try {
            return step(run);
        } catch (AdminBusy e) {
            Duration wait = Duration.between(Instant.now(), e.getUntil());
            recounts.wait(run, wait.isNegative() ? Duration.ZERO : wait, e.getMessage());
        } catch (AdminLocked e) {
            recounts.wait(run, FAILURE_AGAIN, e.getMessage());
        } catch (AdminFailure e) {
            fail(run, e.getMessage());
        } catch (DataAccessException | TransactionException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.debug("The fault", e);
            fail(run, "A fault of Shopbridge (" + e.getClass().getSimpleName() + "). Report it");
        }
        return Batch.STORED;
    }

    /** Everything of the step is in the inbox. */
    public Batch done(@Body Batch batch) {
        batch.done().run();
        return batch;
    }

    private Batch step(Recount run) {
        List<Window> windows = recounts.windows(run, Searches.TOGETHER);
        for (String entity : run.entities()) {
            int together = suspects.together(run, entity);
            List<String> ids = recounts.suspects(run, entity, together);
            if (ids.size() == together || windows.isEmpty() && !ids.isEmpty()) {
                return ask(run, entity, ids);
            }
        }
        if (windows.isEmpty()) {
            end(run);
        } else {
            compare(run, windows);
        }
        return Batch.STORED;
    }

    private Batch ask(Recount run, String entity, List<String> ids) {
        try {
            return suspects.ask(run, entity, ids);
        } catch (AdminDenied e) {
            leaveOut(run, entity, e);
            return Batch.STORED;
        }
    }

    private void compare(Recount run, List<Window> windows) {
        Window first = windows.get(0);
        try {
            switch (first.step()) {
                case PLAN -> plan(run, first);
                case LIST -> compared.list(run, windows);
                case COUNT -> compared.divide(run, first);
                case PAGE -> compared.page(run, first);
            }
        } catch (AdminDenied e) {
            leaveOut(run, first.entity(), e);
        }
    }

    /** The others go on: a shop may lack one scope, or have no companies at all. */
    private void leaveOut(Recount run, String entity, AdminDenied because) {
        compared.leaveOut(run, entity, because.getMessage());
        LOG.warn("Recount {} of store {} compares no records {}: {}", run.id(), run.store(), entity, because.getMessage());
    }

    private void end(Recount run) {
        List<Recounts.Found> all = recounts.found(run);
        List<Recounts.Found> denied = all.stream().filter(one -> one.kind() == Kind.DENIED).toList();
        if (denied.size() == run.entities().size()) {
            fail(run, denied.get(0).examples().get(0));
        } else if (recounts.end(run.id(), State.DONE, null)) {
            List<Recounts.Found> found = all.stream().filter(one -> one.kind().isNews()).toList();
            if (found.isEmpty()) {
                LOG.info("Recount {} of store {} has ended: nothing differs that was brought in.", run.id(), run.store());
            } else {
                LOG.warn("Recount {} of store {} has ended: {}. GET /api/v1/recounts/{} has examples and what to do.",
                        run.id(), run.store(), found.stream().map(one -> one.found() + " records " + one.entity() + " "
                                + one.kind().word() + ", " + one.repaired() + " repaired").toList(), run.id());
            }
        }
    }

    private void fail(Recount run, String because) {
        recounts.end(run.id(), State.FAILED, because);
        LOG.error("Recount {} of store {} failed. GET /api/v1/recounts/{} says why.", run.id(), run.store(), run.id());
    }

    private void plan(Recount run, Window all) {
        if (isItsShop(run)) {
            compared.plan(run, all);
        }
    }

    /** Another shop's records would all be missing, and those of the mirror deleted. */
    private boolean isItsShop(Recount run) {
        String domain = api.query(run.store(), "shop", JsonNodeFactory.instance.objectNode(), Priority.BACKFILL).data()
                .at("/shop/myshopifyDomain").asText();
        String own = stores.find(run.store()).orElseThrow().domain();
        boolean isIt = domain.equalsIgnoreCase(own);
        if (!isIt) {
            fail(run, "The Admin API is that of " + domain + ", and the store's domain is " + own + ". Correct"
                    + " shopbridge.stores." + run.store() + ".admin or .domain");
        }
        return isIt;
    }
}
