package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Outages;
import io.shopbridge.identify.Identify;
import io.shopbridge.identify.Link;
import io.shopbridge.identify.Links;
import io.shopbridge.ledger.Ledger;
import io.shopbridge.ledger.LedgerEntry;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.work.Work;
import io.shopbridge.work.WorkItem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The last step: writes the outcome of every record of the batch to the ledger, and ends or postpones its work, in one
 * transaction.
 */
@Component("recording")
public class Recording {

    private static final Logger LOG = LoggerFactory.getLogger(Recording.class);

    private final Ledger ledger;
    private final Work work;
    private final Links links;
    private final TransactionTemplate transaction;
    private final JdbcTemplate jdbc;
    private final Outages outages;
    private final Identify identify;
    private final Progress progress;
    private final OpenRelations openRelations;
    private final LeftOutFields leftOut;
    private final Waits waits;

    Recording(Ledger ledger, Work work, Links links, TransactionTemplate transaction, JdbcTemplate jdbc,
            Outages outages, Identify identify, Progress progress, OpenRelations openRelations, LeftOutFields leftOut,
            Waits waits) {
        this.waits = waits;
        this.openRelations = openRelations;
        this.leftOut = leftOut;
        this.outages = outages;
        this.identify = identify;
        this.progress = progress;
        this.ledger = ledger;
        this.work = work;
        this.links = links;
        this.transaction = transaction;
        this.jdbc = jdbc;
    }

    /** All steps have run, or the CRM asked to wait during them. */
    public void record(Delivery delivery) {
        if (delivery.hasDelivered()) {
            outages.ended(delivery.crm());
        } else if (delivery.records().stream().anyMatch(DeliveryRecord::failsThere)) {
            outages.began(delivery.crm(), outages.lastFault(delivery.crm()));
        }
        end(delivery);
    }

    /** Ends this attempt for its records. */
    void end(Delivery delivery) {
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

    /** The record ends even if the database does not accept a value of its outcome. */
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
            // After a crash of the database server, lost rows are delivered again and found unchanged: no need to wait
            // for the disk.
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
            openRelations.settle(crm.name(), records);
        });
        records.forEach(DeliveryRecord::settled);
        work.freeLinked(crm.name(),
                waiting.stream().filter(record -> record.waitsFor() != null).map(DeliveryRecord::key).toList());
    }

    /** Not recorded again: a record that still waits for the same reason, or whose turn has not come. */
    private static boolean isNews(DeliveryRecord record) {
        return record.outcome() != Outcome.WAITING
                || !record.errors().stream().findFirst().equals(Optional.ofNullable(record.item().because()));
    }

    /** The CRM's answers about records that were given back are kept for their next attempt. */
    private void forgetAnswers(Delivery delivery) {
        delivery.records().stream().filter(record -> !record.isGivenBack())
                .forEach(record -> identify.settled(delivery.crm(), record.key()));
        // A record that was created, or may have been, is looked up again: that it did not exist may no longer be true.
        delivery.shared().values().stream()
                .filter(record -> record.link() != null || record.isCreating() || !record.open())
                .forEach(record -> identify.settled(delivery.crm(), record.key()));
    }

    /** If unsubscriptions could not be written, their records do not end before they are. */
    private void keepUnsubscriptions(Delivery delivery) {
        Set<DeliveryRecord> unwritten = delivery.unsubscriptions().stream().map(Consent::record)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        delivery.records().stream().filter(record -> OptOuts.areUnwritten(delivery.mapping(), record))
                .forEach(unwritten::add);
        for (DeliveryRecord record : unwritten) {
            if (record.leaves()) {
                record.postpone("This person's unsubscription could not be written to " + delivery.crm().title()
                        + "; it goes first, then: " + String.join("; ", record.errors()),
                        waits.again(record.item().attempts()));
            }
        }
        if (!unwritten.isEmpty()) {
            LOG.error("{} unsubscriptions could not be written to {}. They are retried automatically; if that takes"
                    + " long,"
                    + " stop the campaigns there.", unwritten.size(), delivery.crm().title());
        }
    }

    private static LedgerEntry entry(Crm crm, DeliveryRecord record) {
        WorkItem item = record.item();
        return new LedgerEntry(crm.name(), record.key(), record.outcome(),
                record.errors().isEmpty() ? notes(record) : List.copyOf(record.errors()),
                record.link() == null ? null : record.link().crmId(), item.attempts(), item.markedAt(), item.inboxId(),
                record.candidates());
    }

    /** All notes as one text: for a delivered record the ledger has one. */
    private static List<String> notes(DeliveryRecord record) {
        return record.notes().isEmpty() ? List.of() : List.of(Quotation.of(String.join("; ", record.notes())));
    }
}
