package io.shopbridge.poll;

import io.shopbridge.inbox.Event;
import java.time.Instant;
import java.util.List;

/**
 * A page of a window: the body of the poll route.
 *
 * @param window null: there is nothing to read, or nothing more
 * @param events the records on it that the mirror does not know so
 * @param newest the latest change on it, by the shop's clock; null: it is empty
 * @param after  Shopify's cursor at its end
 * @param last   whether no other page follows
 */
record Page(Window window, List<Event> events, Instant newest, String after, boolean last) {

    /** Before the first page, or after the last one. */
    static Page none(Window window) {
        return new Page(window, List.of(), null, null, false);
    }

    /** Whether there is a page to be asked for. */
    public boolean isOpen() {
        return window != null;
    }

    /** For the route; not named as the part itself, of which Camel could not tell it. */
    public List<Event> getNews() {
        return events;
    }
}
