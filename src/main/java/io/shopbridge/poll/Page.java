package io.shopbridge.poll;

import io.shopbridge.inbox.Event;
import java.util.List;

/**
 * A page of a window, or as much of it as is taken in at once: the body of the poll route.
 *
 * @param window null: there is nothing to read, or nothing more
 * @param events the records on it that the mirror does not know so
 * @param answer what Shopify answered; null: it is not asked yet
 */
record Page(Window window, List<Event> events, Answer answer) {

    /** Before the first page, or after the last one. */
    static Page none(Window window) {
        return new Page(window, List.of(), null);
    }

    /** Whether there is a page to be asked for. */
    public boolean isOpen() {
        return window != null;
    }

    /** Whether records of the answer are left. */
    boolean hasRest() {
        return answer != null && !answer.rest().isEmpty();
    }

    /** For the route; not named as the part itself, of which Camel could not tell it. */
    public List<Event> getNews() {
        return events;
    }

    /** Not what was answered, which is personal. */
    @Override
    public String toString() {
        return events.size() + " records of " + window;
    }
}
