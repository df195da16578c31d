package io.shopbridge.backfill;

import io.shopbridge.inbox.Event;
import java.time.Duration;
import java.util.List;

/**
 * One step of a backfill: some events for the inbox, and what is known when they are there.
 *
 * @param backfill   null where none can go on
 * @param events     for {@code direct:accept-together}; of a dry run to be judged only
 * @param atLine     the last line of the file that they come from
 * @param incomplete global ids of records that must be asked for by themselves
 * @param asked      global ids of records that were
 * @param pause      before the next step
 */
public record Step(Backfill backfill, List<Event> events, long atLine, List<String> incomplete, List<String> asked,
        Duration pause) {

    private static final Step LAST = new Step(null, List.of(), 0, List.of(), List.of(), Duration.ZERO);

    /** None can go on now. */
    static Step last() {
        return LAST;
    }

    /** Nothing for the inbox yet. */
    static Step wait(Backfill backfill, Duration pause) {
        return new Step(backfill, List.of(), 0, List.of(), List.of(), pause);
    }

    /** How the ids of all events of a backfill begin: an event that is made again is the same event. */
    static String eventIds(long backfill) {
        return "backfill:" + backfill;
    }

    /** Whether there may be more to do now. */
    public boolean isMore() {
        return backfill != null;
    }

    /** Whether nothing of it may be taken in. */
    public boolean isDryRun() {
        return backfill != null && backfill.dryRun();
    }

    /** The same step is to be made later. */
    public Step notYet() {
        return wait(backfill, Duration.ZERO);
    }

    /** Milliseconds. */
    public long pauseMillis() {
        return pause.toMillis();
    }
}
