package io.shopbridge.deliver;

import io.shopbridge.crm.Crm;
import io.shopbridge.crm.Crms;
import io.shopbridge.work.WorkItem;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.springframework.stereotype.Component;

/**
 * Limits how much of the mirror is loaded for deliveries at a time. A record in memory is many times its JSON, so all
 * threads of all CRMs together load at most a sixteenth of the heap, each CRM its share, so that a slow CRM does not
 * block another. Normal records never get near the limit; records of megabytes are loaded one after another.
 */
@Component
class Memory {

    private static final long LEAST = 1L << 20;
    private static final long HEAP_SHARE = 16;

    private final int shareOfCrm;
    private final Map<String, Semaphore> free = new ConcurrentHashMap<>();

    Memory(Crms crms) {
        long all = Runtime.getRuntime().maxMemory() / HEAP_SHARE;
        this.shareOfCrm = (int) Math.min(Integer.MAX_VALUE, Math.max(LEAST, all / Math.max(1, crms.all().size())));
    }

    /** Bytes of the mirror with which a claim is full. */
    long claim() {
        return shareOfCrm / 2;
    }

    /**
     * Waits until there is room for these records; a record that is larger than the CRM's share has it alone.
     *
     * @return what gives the room back
     * @throws InterruptedException where the process stops meanwhile
     */
    Runnable take(Crm crm, List<WorkItem> items) throws InterruptedException {
        Semaphore room = free.computeIfAbsent(crm.name(), name -> new Semaphore(shareOfCrm, true));
        int bytes = (int) Math.min(shareOfCrm, items.stream().mapToLong(WorkItem::bytes).sum());
        room.acquire(bytes);
        return () -> room.release(bytes);
    }
}
