package io.shopbridge.inbox;

import java.util.List;
import java.util.Optional;

/**
 * Some of the waiting events on their way into the mirror: all of them get there, or none. Which they are is said
 * beforehand, or is what the oldest were when they were taken.
 */
public final class Pass {

    /** The exchange variable that keeps the pass, for whatever happens to the body on the way. */
    public static final String VARIABLE = "pass";

    private final boolean ofOldest;
    private final boolean lossCounts;
    private final String rejection;
    private List<Long> ids;
    private boolean isFull;

    private Pass(boolean ofOldest, boolean lossCounts, List<Long> ids, String rejection) {
        this.ofOldest = ofOldest;
        this.lossCounts = lossCounts;
        this.ids = ids;
        this.rejection = rejection;
    }

    static Pass ofOldest() {
        return new Pass(true, false, List.of(), null);
    }

    /** One event apart from all others. */
    static Pass alone(long id) {
        return new Pass(false, false, List.of(id), null);
    }

    /** Whether it takes what has waited longest, and not events that are known. */
    public boolean isOfOldest() {
        return ofOldest;
    }

    /** Whether one of its events may be to blame for a lost database: it is half of a pass that lost it again and again. */
    public boolean lossCounts() {
        return lossCounts;
    }

    /** The numbers of its events in the inbox; of the oldest none before they are taken. */
    public List<Long> ids() {
        return ids;
    }

    /** Why its events are rejected without being read; empty where they are read. */
    public Optional<String> rejection() {
        return Optional.ofNullable(rejection);
    }

    /** Whether it took as many events as one may, so that more may wait. */
    public boolean isFull() {
        return isFull;
    }

    /**
     * Its events in two passes of their own.
     *
     * @param lossCounts whether a lost database is the fault of one of them
     */
    public List<Pass> halves(boolean lossCounts) {
        int half = ids.size() / 2;
        return List.of(new Pass(false, lossCounts, ids.subList(0, half), null),
                new Pass(false, lossCounts, ids.subList(half, ids.size()), null));
    }

    /**
     * The same events, which nobody reads any more.
     *
     * @param because a sentence for the person who must act
     */
    public Pass rejected(String because) {
        return new Pass(false, false, ids, because);
    }

    void took(List<Long> taken, boolean full) {
        ids = taken;
        isFull = full;
    }
}
