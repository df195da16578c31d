package io.shopbridge.refresh;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.inbox.Event;
import io.shopbridge.mirror.RefreshQueue.Due;
import io.shopbridge.shopify.FacetChange;
import java.util.List;
import java.util.Map;

/**
 * Records that are asked for together: the body of the refresh route.
 *
 * @param due    what is asked for; empty: nothing, or nothing more in this run
 * @param calls  how many this run has made before
 * @param events of the records that the mirror does not know as they were answered
 * @param answer the records, by their ids
 * @param said   what the answer says of them, by their ids
 */
record Request(String store, String entity, List<Due> due, int calls, List<Event> events,
        Map<String, JsonNode> answer, Map<String, List<FacetChange>> said) {

    /** Before it is asked. */
    static Request of(String store, String entity, List<Due> due, int calls) {
        return new Request(store, entity, due, calls, List.of(), Map.of(), Map.of());
    }

    /** Whether there is something to be asked for. */
    public boolean isOpen() {
        return !due.isEmpty();
    }

    /** Whether only a backfill wants this record: what is answered of it can wait for what happens today, too. */
    boolean isLater(String recordId) {
        return due.stream().filter(one -> one.key().recordId().equals(recordId)).allMatch(Due::later);
    }

    /** For the route; not named as the part itself, of which Camel could not tell it. */
    public List<Event> getNews() {
        return events;
    }

    /** Not what was answered, which is personal. */
    @Override
    public String toString() {
        return due.size() + " " + entity + " records of store " + store;
    }
}
