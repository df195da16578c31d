package io.shopbridge.deliver;

import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmMisfit;
import io.shopbridge.crm.Outages;
import io.shopbridge.database.DatabaseOutage;
import io.shopbridge.work.Work;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Variable;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Error handling of a batch for which a step failed: policy {@code delivery} of {@code errors.camel.yaml} calls it.
 */
@Component("failures")
public class Failures {

    /** The failure with all that wraps it: Camel's ExchangeException would be its innermost cause, which says less. */
    static final String CAUGHT = Exchange.EXCEPTION_CAUGHT;

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private final Recording recording;
    private final Work work;
    private final Outages outages;
    private final Bisection bisection;
    private final Interrupted interrupted;
    private final Waits waits;

    Failures(Recording recording, Work work, Outages outages, Bisection bisection, Interrupted interrupted,
            Waits waits) {
        this.recording = recording;
        this.work = work;
        this.outages = outages;
        this.bisection = bisection;
        this.interrupted = interrupted;
        this.waits = waits;
    }

    /** The CRM did not answer, and short retries did not help: open records wait, with exponential back-off. */
    public void retryLater(@Variable(Delivery.VARIABLE) Delivery delivery,
            @ExchangeProperty(CAUGHT) Exception failure) {
        for (DeliveryRecord record : delivery.open()) {
            record.waits(because(failure), waits.again(record.item().attempts()), null);
        }
        outages.began(delivery.crm(), outages.lastFault(delivery.crm()));
        recording.end(delivery);
    }

    /** Whether in the failure, or in what a split wrapped, the CRM said how long to wait. */
    public boolean askedToWait(Exception failure) {
        return CrmBusy.asksToWait(failure);
    }

    /** Whether the failure is that a CRM does not answer, or not as it should. */
    public boolean crmIsAway(Exception failure) {
        return ExceptionUtils.throwableOfType(failure, CrmBusy.class) != null || !Unusable.isBehind(failure);
    }

    /** Whether the failure passes when the database is back, or free of another transaction. */
    public boolean databaseIsAway(Exception failure) {
        return DatabaseOutage.isBehind(failure);
    }

    /** The CRM said how long to wait: until then no process claims work for it. */
    public void pause(@Variable(Delivery.VARIABLE) Delivery delivery, @ExchangeProperty(CAUGHT) Exception failure) {
        interrupted.by(ExceptionUtils.throwableOfType(failure, CrmBusy.class), delivery);
        recording.record(delivery);
    }

    /** The circuit breaker is open: the CRM failed too often to be asked now. */
    public void breakerOpen(@Variable(Delivery.VARIABLE) Delivery delivery) {
        String lastFault = outages.lastFault(delivery.crm());
        outages.began(delivery.crm(), lastFault);
        pause(delivery, Instant.now().plus(Waits.BREAKER_OPEN), lastFault + ", too often: the circuit breaker is open"
                + " for " + Waits.BREAKER_OPEN.toSeconds() + " s");
    }

    /** Our credentials are not accepted: a person must act, and the records wait. */
    public void lockedOut(@Variable(Delivery.VARIABLE) Delivery delivery, @ExchangeProperty(CAUGHT) Exception failure) {
        LOG.error("{} does not accept our credentials: {}. Check the settings under shopbridge.crms.{} and the scopes of"
                + " the app. Deliveries continue automatically within {} s of the correction.",
                delivery.crm().title(), because(failure), delivery.crm().name(), waits.lockedOut().toSeconds());
        pause(delivery, Instant.now().plus(waits.lockedOut()), because(failure));
    }

    /**
     * The CRM refuses a whole call, or gives an answer that crm.yaml does not define. If one of the records may be the
     * cause, they are delivered in halves; otherwise the mapping or crm.yaml is wrong for the CRM, and a person must
     * act.
     */
    public void callRefused(@Variable(Delivery.VARIABLE) Delivery delivery,
            @ExchangeProperty(CAUGHT) Exception failure) {
        boolean isMisfit = ExceptionUtils.throwableOfType(failure, CrmMisfit.class) != null;
        if (delivery.isPart() && !isMisfit) {
            delivery.failed(failure);
            return;
        }
        Delivery rest = isMisfit ? delivery : bisected(delivery, failure);
        if (!rest.open().isEmpty()) {
            // The CRM's message may quote a person's values, so only the ledger has it.
            LOG.error("{} refuses our calls for {}. Check that the fields of {} exist there, and that its base-url is"
                    + " right. The records wait; /api/v1/outcomes?outcome=waiting shows its answer.",
                    delivery.crm().title(), delivery.mapping().object(), delivery.mapping().file());
        }
        rest.open().forEach(record -> record.waits(because(failure), Instant.now().plus(waits.refused()), null));
        recording.end(rest);
    }

    /** Unclassified failure: the records are delivered in halves, and a record that fails alone is rejected. */
    public void failed(@Variable("crm") String crm, @Variable(Delivery.VARIABLE) Delivery delivery,
            @ExchangeProperty(CAUGHT) Exception fault) {
        if (delivery == null) {
            LOG.error("No work could be claimed for {}; this is retried: {}", crm, Unusable.where(fault));
            LOG.debug("The failure", fault);
            return;
        }
        if (delivery.isPart()) {
            delivery.failed(fault);
            return;
        }
        Delivery rest = bisected(delivery, fault);
        if (!rest.open().isEmpty()) {
            LOG.error("Delivery of {} records to {} failed and is retried.", rest.open().size(),
                    delivery.crm().title(), fault);
        }
        rest.open().forEach(record -> record.waits("Shopbridge failed (" + Unusable.where(fault)
                + "); see the log for details", waits.again(record.item().attempts()), null));
        recording.end(rest);
    }

    /** Delivers the records in halves, and rejects those that fail alone; returns what is still open after that. */
    private Delivery bisected(Delivery delivery, Exception failure) {
        if (delivery.open().size() > 1) {
            LOG.debug("A batch of {} records for {} failed and is split in halves", delivery.open().size(),
                    delivery.crm().title(), failure);
            bisection.deliver(delivery).forEach(Unusable::reject);
        } else if (Unusable.isBehind(failure)) {
            delivery.open().forEach(record -> Unusable.reject(record, failure));
        }
        return delivery.unsettled();
    }

    private void pause(Delivery delivery, Instant until, String because) {
        work.pause(delivery.crm().name(), until, because);
        for (DeliveryRecord record : delivery.open()) {
            record.waits(because, until, null);
        }
        recording.end(delivery);
    }

    private static String because(Exception failure) {
        CrmFailure ofCrm = ExceptionUtils.throwableOfType(failure, CrmFailure.class);
        return ofCrm == null ? failure.getMessage() : ofCrm.getMessage();
    }
}
