package io.shopbridge.recount;

import io.shopbridge.inbox.Event;
import java.util.List;

/**
 * One step of a recount: the body of the route.
 *
 * @param isMore whether another step may follow in this run of the schedule
 * @param events what is to be taken in before the step is done
 * @param done   stores that it is
 */
record Batch(boolean isMore, List<Event> events, Runnable done) {

    /** The run ends here. */
    static final Batch NONE = new Batch(false, List.of(), () -> { });

    /** A step that is stored already. */
    static final Batch STORED = new Batch(true, List.of(), () -> { });

    public boolean isOpen() {
        return isMore;
    }

    /** For the route; not named as the part itself, of which Camel could not tell it. */
    public List<Event> getNews() {
        return events;
    }

    /** Not what was answered, which is personal. */
    @Override
    public String toString() {
        return events.size() + " records";
    }
}
