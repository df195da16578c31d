package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
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
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.camel.Exchange;
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
    private static final Set<Outcome> TAKEN = EnumSet.of(Outcome.DELIVERED, Outcome.UNCHANGED);
    private static final Duration BREAKER_WAIT = Duration.ofSeconds(10);

    private final Ledger ledger;
    private final Work work;
    private final Links links;
    private final TransactionTemplate transaction;
    private final JdbcTemplate jdbc;
    private final Identify identify;
    private final Interrupted interrupted;
    private final Progress progress;

    Settling(Ledger ledger, Work work, Links links, TransactionTemplate transaction, JdbcTemplate jdbc,
            Identify identify, Interrupted interrupted, Progress progress) {
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
        keepUnsubscriptions(delivery);
        delivery.records().forEach(DeliveryRecord::finish);
        List<DeliveryRecord> toRemember = delivery.records().stream().filter(DeliveryRecord::onlyBaseChanged).toList();
        List<LedgerEntry> entries = new ArrayList<>();
        List<WorkItem> ended = new ArrayList<>();
        List<DeliveryRecord> waiting = new ArrayList<>();
        Map<String, List<WorkItem>> back = new HashMap<>();
        for (DeliveryRecord record : delivery.records()) {
            if (record.isGivenBack()) {
                back.computeIfAbsent(record.errors().stream().findFirst().orElse(null), because -> new ArrayList<>())
                        .add(record.item());
            } else if (record.outcome() == Outcome.WAITING && record.due() != null) {
                waiting.add(record);
            } else {
                ended.add(record.item());
            }
            if (isNews(record)) {
                entries.add(entry(delivery.crm(), record));
            }
        }
        transaction.executeWithoutResult(status -> {
            // What a crash of the server forgets here is done again and found unchanged: no need to wait for the disk.
            jdbc.execute("SET LOCAL synchronous_commit = off");
            work.lock(delivery.crm().name(), delivery.records().stream().map(DeliveryRecord::item).toList());
            links.save(delivery.crm().name(), toRemember.stream()
                    .map(record -> new Link(record.link().key(), record.link().parentId(),
                            record.link().object(), record.link().crmId(), record.baseWithAssociations())).toList());
            ledger.record(entries);
            work.end(delivery.crm().name(), ended);
            waiting.forEach(record -> work.later(record.item(), record.due(), record.errors().get(0), record.waitsFor()));
            back.forEach((because, items) -> work.giveBack(delivery.crm().name(), items, because));
        });
        forgetAnswers(delivery);
        if (delivery.records().stream().anyMatch(record -> TAKEN.contains(record.outcome()))) {
            progress.taken(delivery.crm());
        }
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
        delivery.shared().values().stream().filter(record -> record.link() != null)
                .forEach(record -> identify.settled(delivery.crm(), record.key()));
    }

    /** Where they could not be said, nothing ends before they are: an unsubscription outlives a rejected record. */
    private static void keepUnsubscriptions(Delivery delivery) {
        List<Consent> unsaid = delivery.unsubscribing();
        for (Consent consent : unsaid) {
            DeliveryRecord record = consent.record();
            if (record.outcome() == Outcome.REJECTED || record.outcome() == Outcome.HELD) {
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
        LOG.warn("{} does not answer; {} records wait and are tried again by themselves: {}", delivery.crm().title(),
                delivery.records().size(), because);
        settle(delivery);
    }

    /** Whether the failure, or what a split wrapped in it, is a CRM that said how long to stay away. */
    public boolean askedToWait(Exception failure) {
        return CrmBusy.asksToWait(failure);
    }

    /** The CRM said how long to stay away: nothing of it is claimed until then, by any process. */
    public void pause(Exchange exchange) {
        Delivery delivery = delivery(exchange);
        interrupted.by(inChain(CrmBusy.class, failure(exchange)), delivery);
        settle(delivery);
    }

    /** The circuit breaker is open: the CRM failed too often to be asked now. */
    public void breakerOpen(Exchange exchange) {
        Delivery delivery = delivery(exchange);
        pause(delivery, Instant.now().plus(BREAKER_WAIT), delivery.crm().title()
                + " failed too often; its circuit breaker is open");
    }

    /** Our credentials are not accepted: a person must act, and the records wait. */
    public void lockedOut(Exchange exchange) {
        Delivery delivery = delivery(exchange);
        LOG.error("{} does not accept our credentials: {}. Check the settings under shopbridge.crms.{} and the scopes of"
                + " the app; deliveries go on by themselves within {} s of the correction.",
                delivery.crm().title(), because(exchange), delivery.crm().name(), LOCKED_OUT_WAIT.toSeconds());
        pause(delivery, Instant.now().plus(LOCKED_OUT_WAIT), because(exchange));
    }

    /** The CRM refuses a whole call that is not about one record: the mapping or crm.yaml does not fit it. */
    public void misfit(Exchange exchange) {
        Delivery delivery = delivery(exchange);
        // The CRM's words may quote a person's values: they stand in the ledger.
        LOG.error("{} refuses our calls for {}. Check that the fields of {} exist there; records wait meanwhile, and"
                + " /api/v1/outcomes?outcome=waiting has its words.",
                delivery.crm().title(), delivery.mapping().object(), delivery.mapping().file());
        for (DeliveryRecord record : delivery.open()) {
            record.waits(because(exchange), Instant.now().plus(REFUSED_WAIT), null);
        }
        settle(delivery);
    }

    /** A fault that nobody has said the meaning of: what is open waits, and the log has the stack. */
    public void failed(Exchange exchange) {
        Delivery delivery = delivery(exchange);
        Exception fault = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        LOG.error("Delivery of {} records to {} failed and is tried again.", delivery.records().size(),
                delivery.crm().title(), fault);
        for (DeliveryRecord record : delivery.open()) {
            record.waits("Shopbridge failed (" + fault.getClass().getSimpleName() + "); the log has the details",
                    Instant.now().plus(backOff(record.item().attempts())), null);
        }
        settle(delivery);
    }

    private void pause(Delivery delivery, Instant until, String because) {
        work.pause(delivery.crm().name(), until, because);
        for (DeliveryRecord record : delivery.open()) {
            record.waits(because, until, null);
        }
        settle(delivery);
    }

    private static LedgerEntry entry(Crm crm, DeliveryRecord record) {
        WorkItem item = record.item();
        return new LedgerEntry(crm.name(), record.key(), record.outcome(), List.copyOf(record.errors()),
                record.link() == null ? null : record.link().crmId(), item.attempts(), item.markedAt(), item.inboxId());
    }

    /** Doubles with every attempt; spread, so that a thousand records don't come back in the same second. */
    private static Duration backOff(int attempts) {
        Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(Math.max(attempts - 1, 0), 10));
        Duration bounded = wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
        return bounded.plusMillis(ThreadLocalRandom.current().nextLong(bounded.toMillis() / 4 + 1));
    }

    private static Delivery delivery(Exchange exchange) {
        return exchange.getVariable(Loading.DELIVERY, Delivery.class);
    }

    private static String because(Exchange exchange) {
        Exception failure = failure(exchange);
        CrmFailure ofCrm = inChain(CrmFailure.class, failure);
        return ofCrm == null ? failure.getMessage() : ofCrm.getMessage();
    }

    /** What a split wrapped; not what was suppressed, which is how an earlier try failed. */
    private static <T extends Throwable> T inChain(Class<T> type, Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !type.isInstance(cause)) {
            cause = cause.getCause();
        }
        return type.cast(cause);
    }

    private static Exception failure(Exchange exchange) {
        return exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    }
}
