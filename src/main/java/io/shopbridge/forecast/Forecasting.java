package io.shopbridge.forecast;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.shopbridge.backfill.Backfill;
import io.shopbridge.backfill.Backfills;
import io.shopbridge.backfill.Forecasts;
import io.shopbridge.backfill.Judged;
import io.shopbridge.backfill.OrderCutoffs;
import io.shopbridge.backfill.Step;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.Crms;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Links;
import io.shopbridge.mirror.ForeseenRecords;
import io.shopbridge.mirror.ForeseenRecords.Foreseen;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** What would become of the records of one step of a backfill. */
@Component("forecasting")
public class Forecasting {

    private static final Logger LOG = LoggerFactory.getLogger(Forecasting.class);
    private static final Duration AGAIN = Duration.ofMinutes(1);
    private static final Duration AFTER_FAULT = Duration.ofMinutes(5);

    private final ForeseenRecords records;
    private final Forecasts forecasts;
    private final Backfills backfills;
    private final Stores stores;
    private final Crms crms;
    private final Links links;
    private final Identify identify;
    private final OrderCutoffs cutoffs;

    Forecasting(ForeseenRecords records, Forecasts forecasts, Backfills backfills, Stores stores, Crms crms, Links links,
            Identify identify, OrderCutoffs cutoffs) {
        this.cutoffs = cutoffs;
        this.records = records;
        this.forecasts = forecasts;
        this.backfills = backfills;
        this.stores = stores;
        this.crms = crms;
        this.links = links;
        this.identify = identify;
    }

    /** Keeps what would become of the step's events, and gives the step; or one to wait, where a CRM asks for that. */
    public Step judge(@Body Step step) {
        Backfill backfill = step.backfill();
        Optional<Store> store = stores.find(backfill.store());
        if (step.events().isEmpty() || store.isEmpty()) {
            return step;
        }
        String asked = "";
        try {
            Foreseen foreseen = records.of(step.events());
            List<Judged> judged = new ArrayList<>();
            foreseen.unreadable().forEach((event, because) -> judged.add(Judged.rejected("", new RecordKey(event.store(),
                    backfill.entity(), event.webhookId()), Reasons.withoutValues(because))));
            LocalDate presentCutoff = cutoffs.of(backfill.store()).orElse(null);
            LocalDate cutoff = backfill.figuresBefore() == null ? presentCutoff : backfill.figuresBefore();
            for (String name : store.get().crms()) {
                asked = name;
                Crm crm = crms.get(name);
                judged.addAll(new Judgement(crm, store.get(), foreseen, links, identify,
                        backfill.expectedRecords() == null ? 0 : backfill.expectedRecords(), cutoff, presentCutoff).all());
            }
            forecasts.keep(backfill, judged);
            return step;
        } catch (CrmBusy e) {
            return later(step, e.asksToWait() ? e.getUntil() : Instant.now().plus(AGAIN),
                    e.getMessage());
        } catch (CrmFailure e) {
            return later(step, Instant.now().plus(AGAIN), e.getMessage());
        } catch (CallNotPermittedException e) {
            return later(step, Instant.now().plus(AGAIN), "CRM \"" + asked + "\" failed so often that it is not called"
                    + " for some time; it is tried again every minute");
        } catch (DataAccessException e) {
            throw e;
        } catch (RuntimeException e) {
            // Those of other stores go on. The message may quote a record.
            LOG.error("The {} can't go on, and tries again every {} minutes: {} in {}. Report it, or cancel it.", backfill,
                    AFTER_FAULT.toMinutes(), e.getClass().getName(), e.getStackTrace().length == 0 ? "an unknown place"
                            : e.getStackTrace()[0]);
            return later(step, Instant.now().plus(AFTER_FAULT), "It could not go on (" + e.getClass().getSimpleName()
                    + "); report it");
        }
    }

    private Step later(Step step, Instant until, String because) {
        backfills.wait(step.backfill(), until, because);
        return step.notYet();
    }
}
