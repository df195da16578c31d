package io.shopbridge.deliver;

import io.shopbridge.work.Work;
import io.shopbridge.work.WorkItem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * While changes of today come in, one batch at a time of each CRM and entity brings what a backfill brought, and the others
 * bring today's alone: calls wait in one line for what a CRM allows, and those of several batches of history would be before
 * each call for today.
 */
@Component
class HistoryTurns {

    /** For so long after a change of today the next one is expected. */
    static final Duration TODAY = Duration.ofSeconds(5);
    /** In one batch: the fewer, the sooner the next one begins, which has what came in meanwhile. */
    static final int BESIDE_TODAY = 25;
    private static final Runnable NOTHING = () -> { };

    private final Clock clock;
    /** By CRM. */
    private final Map<String, Instant> today = new ConcurrentHashMap<>();
    /** Of a CRM and entity. */
    private final Set<String> taken = ConcurrentHashMap.newKeySet();

    @Autowired
    HistoryTurns() {
        this(Clock.systemUTC());
    }

    HistoryTurns(Clock clock) {
        this.clock = clock;
    }

    /** Up to how many records a batch is filled with history; 0: it is of today's changes alone. */
    int most(String crm, String entity, int batch) {
        Instant last = today.get(crm);
        if (last == null || !last.plus(TODAY).isAfter(clock.instant())) {
            return batch;
        }
        return taken.contains(Work.bell(crm, entity)) ? 0 : Math.min(batch, BESIDE_TODAY);
    }

    /**
     * A batch was claimed.
     *
     * @return what ends its turn
     */
    Runnable begin(String crm, String entity, List<WorkItem> items) {
        if (items.stream().anyMatch(item -> !item.later())) {
            today.put(crm, clock.instant());
        }
        String turn = Work.bell(crm, entity);
        return items.stream().anyMatch(WorkItem::later) && taken.add(turn) ? () -> taken.remove(turn) : NOTHING;
    }
}
