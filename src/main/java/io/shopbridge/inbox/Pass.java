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
    private final String rejection;
    private List<Long> ids;
    private boolean isFull;

    private Pass(boolean ofOldest, List<Long> ids, String rejection) {
        this.ofOldest = ofOldest;
        this.ids = ids;
        this.rejection = rejection;
    }

    static Pass ofOldest() {
        return new Pass(true, List.of(), null);
    }

    /** One event apart from all others. */
    static Pass alone(long id) {
        return new Pass(false, List.of(id), null);
    }

    /** Whether it takes what has waited longest, and not events that are known. */
    public boolean isOfOldest() {
        return ofOldest;
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

    /** Its events in two passes of their own. */
    public List<Pass> halves() {
        int half = ids.size() / 2;
        return List.of(new Pass(false, ids.subList(0, half), null),
                new Pass(false, ids.subList(half, ids.size()), null));
    }

    /**
     * The same events, which nobody reads any more.
     *
     * @param because a sentence for the person who must act
     */
    public Pass rejected(String because) {
        return new Pass(false, ids, because);
    }

    void took(List<Long> taken, boolean full) {
        ids = taken;
        isFull = full;
    }
}
