package io.shopbridge.deliver;

import io.shopbridge.crm.CrmBusy;
import io.shopbridge.identify.Identify;
import io.shopbridge.work.Work;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * A CRM asked to wait in the middle of a batch: nothing more for it is claimed until then, by any process. Records
 * whose identity is known continue, the others go back to the backlog as if they had not been claimed, and nothing that
 * was found out about them is lost.
 */
@Component
class Interrupted {

    private final Work work;
    private final Identify identify;
    private final Progress progress;

    Interrupted(Work work, Identify identify, Progress progress) {
        this.work = work;
        this.identify = identify;
        this.progress = progress;
    }

    /**
     * Gives back what could not be finished.
     *
     * @param rest records of the delivery
     */
    void by(CrmBusy busy, Delivery delivery, Collection<DeliveryRecord> rest) {
        Instant until = progress.wait(delivery.crm(), busy.getUntil(), busy.getMessage());
        work.pause(delivery.crm().name(), until, progress.described(delivery.crm(), busy.getMessage()));
        for (DeliveryRecord record : rest) {
            release(delivery, record);
            record.giveBack(busy.getMessage());
        }
    }

    /** A record that was certainly not created may be created by another attempt. */
    private void release(Delivery delivery, DeliveryRecord record) {
        if (record.isNew() && record.link() == null && !record.isCreating()) {
            identify.release(delivery.crm(), record.key());
        }
    }

    /** During the writes: completely written records are delivered. */
    void by(CrmBusy busy, Delivery delivery) {
        if (busy.isUntouched()) {
            delivery.nothingWasCreated();
        }
        delivery.shared().values().stream().filter(DeliveryRecord::open).forEach(record -> release(delivery, record));
        by(busy, delivery, unfinished(delivery));
    }

    /** The open records that still need a call. */
    private static Set<DeliveryRecord> unfinished(Delivery delivery) {
        Set<DeliveryRecord> unfinished = new LinkedHashSet<>(delivery.undecided());
        for (Kind kind : Kind.values()) {
            Preparation.of(kind, delivery);
            List<Chunk> calls = Calls.of(kind, delivery);
            if (kind == Kind.SHARED && !calls.isEmpty()) {
                // Their orders are known after they exist.
                return new LinkedHashSet<>(delivery.open());
            }
            calls.stream().flatMap(chunk -> chunk.records().stream())
                    .forEach(record -> unfinished.add(record.parent() == null ? record : record.parent()));
        }
        unfinished.removeIf(record -> !record.open());
        return unfinished;
    }
}
