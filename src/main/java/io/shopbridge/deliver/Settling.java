package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmMisfit;
import io.shopbridge.crm.Outages;
import io.shopbridge.database.DatabaseOutage;
import io.shopbridge.doorbell.Doorbell;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.ledger.Ledger;
import io.shopbridge.ledger.LedgerEntry;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.work.Work;
import io.shopbridge.work.WorkItem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The last step, and what the error policies call: every record of the batch gets its outcome in the ledger, and its
 * work ends or is due later, in one transaction.
 */
@Component("settling")
public class Settling {

    private static final Logger LOG = LoggerFactory.getLogger(Settling.class);
    /** After the short retries; each further wait is twice as long. */
    public static final Duration FIRST_WAIT = Duration.ofSeconds(20);
    public static final Duration LONGEST_WAIT = Duration.ofHours(1);
    /** Until the credentials are tried again. */
    public static final Duration LOCKED_OUT_WAIT = Duration.ofMinutes(2);
    /** Until a call that the CRM refused as a whole is tried again. */
    public static final Duration REFUSED_WAIT = Duration.ofMinutes(5);
    private static final Duration BREAKER_WAIT = Duration.ofSeconds(10);

    /** The exchange variable that keeps the batch, for whatever happens to the body on the way. */
    static final String DELIVERY = "delivery";

    private final Ledger ledger;
    private final Work work;
    private final Links links;
    private final TransactionTemplate transaction;
    private final JdbcTemplate jdbc;
    private final Outages outages;
    private final Apart apart;
    private final Identify identify;
    private final Interrupted interrupted;
    private final Progress progress;
    private final OpenRelations openRelations;
    private final LeftOutFields leftOut;
    private final Doorbell doorbell;

    Settling(Ledger ledger, Work work, Links links, TransactionTemplate transaction, JdbcTemplate jdbc,
            Outages outages, Apart apart, Identify identify, Interrupted interrupted, Progress progress,
            OpenRelations openRelations, LeftOutFields leftOut, Doorbell doorbell) {
        this.openRelations = openRelations;
        this.leftOut = leftOut;
        this.doorbell = doorbell;
        this.outages = outages;
        this.apart = apart;
        this.identify = identify;
        this.interrupted = interrupted;
        this.progress = progress;
        this.ledger = ledger;
        this.work = work;
        this.links = links;
        this.transaction = transaction;
        this.jdbc = jdbc;
    }

    /** All steps ran. */
    public void settle(Delivery delivery) {
        if (delivery.hasDelivered()) {
            outages.ended(delivery.crm());
        } else if (delivery.records().stream().anyMatch(DeliveryRecord::failsThere)) {
            outages.began(delivery.crm(), outages.lastFault(delivery.crm()));
        }
        end(delivery);
    }

    private void end(Delivery delivery) {
        keepUnsubscriptions(delivery);
        delivery.records().forEach(DeliveryRecord::finish);
        try {
            end(delivery.crm(), delivery.records());
        } catch (RuntimeException fault) {
            if (!Unusable.isBehind(fault)) {
                throw fault;
            }
            delivery.records().forEach(record -> endAlone(delivery.crm(), record));
        }
        forgetAnswers(delivery);
        if (delivery.records().stream().anyMatch(DeliveryRecord::isTaken)) {
            progress.taken(delivery.crm());
        }
    }

    /** Whatever its outcome holds that the database doesn't take: the record ends. */
    private void endAlone(Crm crm, DeliveryRecord record) {
        try {
            end(crm, List.of(record));
        } catch (RuntimeException fault) {
            if (!Unusable.isBehind(fault)) {
                throw fault;
            }
            WorkItem item = record.item();
            transaction.executeWithoutResult(status -> {
                ledger.record(List.of(new LedgerEntry(crm.name(), item.key(), Outcome.REJECTED,
                        List.of(Unusable.sentence(fault)), null, item.attempts(), item.markedAt(), item.inboxId())));
                work.end(crm.name(), List.of(item));
            });
        }
    }

    private void end(Crm crm, List<DeliveryRecord> records) {
        List<DeliveryRecord> toRemember = records.stream().filter(DeliveryRecord::onlyBaseChanged).toList();
        List<LedgerEntry> entries = new ArrayList<>();
        List<WorkItem> ended = new ArrayList<>();
        List<DeliveryRecord> waiting = new ArrayList<>();
        Map<String, List<WorkItem>> back = new HashMap<>();
        Set<String> bells = new HashSet<>();
        for (DeliveryRecord record : records) {
            if (record.isGivenBack()) {
                back.computeIfAbsent(record.errors().stream().findFirst().orElse(null), because -> new ArrayList<>())
                        .add(record.item());
            } else if (record.outcome() == Outcome.WAITING && record.due() != null) {
                waiting.add(record);
            } else {
                ended.add(record.item());
            }
            if (isNews(record)) {
                entries.add(entry(crm, record));
            }
        }
        transaction.executeWithoutResult(status -> {
            // What a crash of the server forgets here is done again and found unchanged: no need to wait for the disk.
            jdbc.execute("SET LOCAL synchronous_commit = off");
            openRelations.begin(crm.name(), records);
            work.lock(crm.name(), records.stream().map(DeliveryRecord::item).toList());
            links.save(crm.name(), toRemember.stream()
                    .map(record -> new Link(record.link().key(), record.link().parentId(),
                            record.link().object(), record.link().crmId(), record.baseWithAssociations())).toList());
            ledger.record(entries);
            leftOut.remember(crm, records);
            work.end(crm.name(), ended);
            waiting.forEach(record -> work.later(record.item(), record.due(), record.errors().get(0), record.waitsFor()));
            back.forEach((because, items) -> work.giveBack(crm.name(), items, because));
            bells.addAll(openRelations.settle(crm.name(), records));
        });
        bells.forEach(entity -> doorbell.ring(Work.bell(crm.name(), entity)));
        records.forEach(DeliveryRecord::settled);
    }

    /** That a record still waits for the same thing is no news, nor that its turn has not come. */
    private static boolean isNews(DeliveryRecord record) {
        return record.outcome() != Outcome.WAITING
                || !record.errors().stream().findFirst().equals(Optional.ofNullable(record.item().because()));
    }

    /** What the CRM said of records that were given back counts when their turn comes. */
    private void forgetAnswers(Delivery delivery) {
        delivery.records().stream().filter(record -> !record.isGivenBack())
                .forEach(record -> identify.settled(delivery.crm(), record.key()));
        // What was to be created, or may have been, is asked for anew: that it was nowhere is no longer known.
        delivery.shared().values().stream()
                .filter(record -> record.link() != null || record.isCreating() || !record.open())
                .forEach(record -> identify.settled(delivery.crm(), record.key()));
    }

    /** Where they could not be said, nothing ends before they are: an unsubscription outlives its record. */
    private static void keepUnsubscriptions(Delivery delivery) {
        Set<DeliveryRecord> unsaid = delivery.unsubscriptions().stream().map(Consent::record)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        delivery.records().stream().filter(record -> Noes.areUnsaid(delivery.mapping(), record)).forEach(unsaid::add);
        for (DeliveryRecord record : unsaid) {
            if (record.leaves()) {
                record.postpone(delivery.crm().title() + " could not be told that this person unsubscribed; that goes"
                        + " first, then: " + String.join("; ", record.errors()),
                        Instant.now().plus(backOff(record.item().attempts())));
            }
        }
        if (!unsaid.isEmpty()) {
            LOG.error("{} could not be told of {} unsubscriptions. They are tried again by themselves; where that takes"
                    + " long, stop the campaigns there.", delivery.crm().title(), unsaid.size());
        }
    }

    /** The CRM did not answer, and short retries did not help: what is open waits, longer each time. */
    public void later(Exchange exchange) {
        Delivery delivery = delivery(exchange);
        String because = because(exchange);
        for (DeliveryRecord record : delivery.open()) {
            record.waits(because, Instant.now().plus(backOff(record.item().attempts())), null);
        }
        outages.began(delivery.crm(), outages.lastFault(delivery.crm()));
        end(delivery);
    }

    /** Whether the failure, or what a split wrapped in it, is a CRM that said how long to stay away. */
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

    /** The CRM said how long to stay away: nothing of it is claimed until then, by any process. */
    public void pause(Exchange exchange) {
        Delivery delivery = delivery(exchange);
        interrupted.by(ExceptionUtils.throwableOfType(failure(exchange), CrmBusy.class), delivery);
        settle(delivery);
    }

    /** The circuit breaker is open: the CRM failed too often to be asked now. */
    public void breakerOpen(Exchange exchange) {
        Delivery delivery = delivery(exchange);
        String lastFault = outages.lastFault(delivery.crm());
        outages.began(delivery.crm(), lastFault);
        pause(delivery, Instant.now().plus(BREAKER_WAIT), lastFault + ", too often: it is called again after "
                + BREAKER_WAIT.toSeconds() + " s");
    }

    /** Our credentials are not accepted: a person must act, and the records wait. */
    public void lockedOut(Exchange exchange) {
        Delivery delivery = delivery(exchange);
        LOG.error("{} does not accept our credentials: {}. Check the settings under shopbridge.crms.{} and the scopes of"
                + " the app; deliveries go on by themselves within {} s of the correction.",
                delivery.crm().title(), because(exchange), delivery.crm().name(), LOCKED_OUT_WAIT.toSeconds());
        pause(delivery, Instant.now().plus(LOCKED_OUT_WAIT), because(exchange));
    }

    /**
     * The CRM refuses a whole call, or answers what crm.yaml has no words for. Where that may be for one of the records
     * they are tried apart; else the mapping or crm.yaml does not fit the CRM, and a person must act.
     */
    public void misfit(Exchange exchange) {
        Delivery delivery = delivery(exchange);
        Exception failure = failure(exchange);
        boolean isMisfit = ExceptionUtils.throwableOfType(failure, CrmMisfit.class) != null;
        if (delivery.isPart() && !isMisfit) {
            delivery.failed(failure);
            return;
        }
        Delivery rest = isMisfit ? delivery : triedApart(delivery, failure);
        if (!rest.open().isEmpty()) {
            // The CRM's words may quote a person's values: they stand in the ledger.
            LOG.error("{} refuses our calls for {}. Check that the fields of {} exist there, and that its address is"
                    + " right; records wait meanwhile, and /api/v1/outcomes?outcome=waiting has its words.",
                    delivery.crm().title(), delivery.mapping().object(), delivery.mapping().file());
        }
        rest.open().forEach(record -> record.waits(because(exchange), Instant.now().plus(REFUSED_WAIT), null));
        end(rest);
    }

    /** A fault that nobody has said the meaning of: the records are tried apart, and what fails alone is rejected. */
    public void failed(Exchange exchange) {
        Delivery delivery = delivery(exchange);
        Exception fault = failure(exchange);
        if (delivery == null) {
            LOG.error("No work could be taken on for {}; it is tried again: {}", exchange.getVariable("crm"),
                    Unusable.where(fault));
            LOG.debug("The fault", fault);
            return;
        }
        if (delivery.isPart()) {
            delivery.failed(fault);
            return;
        }
        Delivery rest = triedApart(delivery, fault);
        if (!rest.open().isEmpty()) {
            LOG.error("Delivery of {} records to {} failed and is tried again.", rest.open().size(),
                    delivery.crm().title(), fault);
        }
        rest.open().forEach(record -> record.waits("Shopbridge failed (" + Unusable.where(fault)
                + "); the log has the details", Instant.now().plus(backOff(record.item().attempts())), null));
        end(rest);
    }

    /** Delivers the records in parts, and rejects those that fail alone; what is not settled after that is returned. */
    private Delivery triedApart(Delivery delivery, Exception failure) {
        if (delivery.open().size() > 1) {
            LOG.debug("A claim of {} records for {} failed and is tried in parts", delivery.open().size(),
                    delivery.crm().title(), failure);
            apart.deliver(delivery).forEach(Unusable::reject);
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
        end(delivery);
    }

    private static LedgerEntry entry(Crm crm, DeliveryRecord record) {
        WorkItem item = record.item();
        return new LedgerEntry(crm.name(), record.key(), record.outcome(),
                record.errors().isEmpty() ? notes(record) : List.copyOf(record.errors()),
                record.link() == null ? null : record.link().crmId(), item.attempts(), item.markedAt(), item.inboxId(),
                record.candidates());
    }

    /** One sentence of all: the ledger keeps one for what was delivered. */
    private static List<String> notes(DeliveryRecord record) {
        return record.notes().isEmpty() ? List.of() : List.of(Quotation.of(String.join("; ", record.notes())));
    }

    /** Doubles with every attempt; spread, so that a thousand records don't come back in the same second. */
    static Duration backOff(int attempts) {
        Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(Math.max(attempts - 1, 0), 10));
        Duration bounded = wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
        return bounded.plusMillis(ThreadLocalRandom.current().nextLong(bounded.toMillis() / 4 + 1));
    }

    private static Delivery delivery(Exchange exchange) {
        return exchange.getVariable(DELIVERY, Delivery.class);
    }

    private static String because(Exchange exchange) {
        Exception failure = failure(exchange);
        CrmFailure ofCrm = ExceptionUtils.throwableOfType(failure, CrmFailure.class);
        return ofCrm == null ? failure.getMessage() : ofCrm.getMessage();
    }

    private static Exception failure(Exchange exchange) {
        return exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    }
}
