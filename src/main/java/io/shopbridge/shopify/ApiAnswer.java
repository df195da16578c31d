package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.Event;
import io.shopbridge.inbox.ReceivedEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A record as the GraphQL Admin API answered it, when it is an event: the body is the object, with all fields of the
 * fragment of its {@link GraphqlType}, and the topic says that it came from the API.
 */
public final class ApiAnswer {

    private static final String TOPIC = "api/";
    /** Two underscores at the beginning of a name are GraphQL's own, so no query has it. */
    private static final String DENIED = "__denied";
    private static final String EXPORTED = "__exportedAfter";
    private static final int HASH = 16;
    /**
     * What is said to be answered at a time may be read that much earlier: the time is that of the end, in whole seconds,
     * and Shopify may read it where the latest changes are not known yet.
     */
    private static final Duration READING = Duration.ofMinutes(1);

    /** @param after a time after which Shopify read the record, by its own clock; null: not known */
    record Source(Instant after) {
    }

    /** What webhooks would have brought, and of what answer it is made. */
    record Parts(List<GraphqlType.Shaped> all, Source source) {
    }

    private ApiAnswer() {
    }

    /** The topic of records of this entity: {@code api/order}. */
    public static String topic(String entity) {
        return TOPIC + entity;
    }

    /** The same of records that a backfill brings, or lets be asked for: {@code backfill/order}. */
    public static String historyTopic(String entity) {
        return ReceivedEvent.HISTORY + entity;
    }

    /**
     * Writes into an object what of it the app may not read, beside what is written there already. That such a part is
     * null does not mean that the shop has no value.
     *
     * @param paths names that lead to these parts, as in {@code lineItems.product}, without {@code nodes}
     */
    public static void deny(ObjectNode object, Collection<String> paths) {
        Set<String> all = new TreeSet<>(denied(object));
        all.addAll(paths);
        if (!all.isEmpty()) {
            ArrayNode written = object.putArray(DENIED);
            all.forEach(written::add);
        }
    }

    /**
     * Writes into an object of an export, which is read hours later, when the export was begun.
     *
     * @param begun not later than Shopify began to write it, by its own clock
     */
    public static void exportedAfter(ObjectNode object, Instant begun) {
        object.put(EXPORTED, begun.toString());
    }

    /** What of an object the app may not read. */
    public static Set<String> denied(JsonNode object) {
        Set<String> denied = new TreeSet<>();
        object.path(DENIED).forEach(path -> denied.add(path.asText()));
        return denied;
    }

    /** Whether an event of this topic has all that the Admin API tells of a record. */
    public static boolean is(String topic) {
        return topic.startsWith(TOPIC) || topic.startsWith(ReceivedEvent.HISTORY);
    }

    /**
     * The event of a record that was read. The same state of a record is the same event, whenever it is read: but for one
     * that is read in the very second in which it changed. A webhook of that second may be of a later state, or of an
     * earlier one; what is read after it is certain, and has the last word. Triggers of webhooks, changes and answers are
     * all timed by Shopify's clock.
     *
     * @param read when Shopify answered, by its own clock
     */
    public static Event event(String store, String entity, JsonNode record, Instant read) {
        return event(store, entity, record, read, false);
    }

    /**
     * The same; one of history is another event, so that a later answer that is of today is not taken for it.
     *
     * @param history whether only a backfill wants the record
     */
    public static Event event(String store, String entity, JsonNode record, Instant read, boolean history) {
        byte[] body = Json.write(record);
        String topic = history ? historyTopic(entity) : topic(entity);
        Instant updated = Json.instant(record.path("updatedAt").asText(""));
        boolean isOver = updated == null || read.truncatedTo(ChronoUnit.SECONDS).isAfter(updated);
        byte[] fingerprint = Event.fingerprint(isOver ? topic : topic + " early", body);
        String key = topic + ":" + record.path("id").asText() + ":" + record.path("updatedAt").asText() + ":"
                + HexFormat.of().formatHex(fingerprint).substring(0, HASH);
        return new Event(store, topic, key, null, read, fingerprint, body);
    }

    /**
     * The event as one of its own in this minute, where it has a list of all parts: that is true of when it was read, and
     * the inbox may have the same of earlier.
     *
     * @param said what it says of records
     */
    public static Event ofItsTime(Event event, Collection<FacetChange> said) {
        if (said.stream().noneMatch(change -> change.facet().equals(Facets.LISTED))) {
            return event;
        }
        String minute = " " + event.triggeredAt().truncatedTo(ChronoUnit.MINUTES);
        return new Event(event.store(), event.topic(), event.webhookId() + minute, event.eventId(), event.triggeredAt(),
                Event.fingerprint(event.topic() + minute, event.body()), event.body());
    }

    static Parts parts(ReceivedEvent event, Shopify shopify) {
        try {
            JsonNode object = Json.read(event.body());
            GraphqlType type = shopify.types().of(object).orElseThrow(() -> new UnreadablePayload("The body is no object"
                    + " of the Admin API, as topic " + event.topic() + " requires, or of a type that no file of"
                    + " mappings/shopify describes"));
            type.checkComplete(object);
            return new Parts(type.shaped(object), new Source(after(event, object)));
        } catch (IOException | NumberFormatException e) {
            throw new UnreadablePayload("The body is not JSON, as topic " + event.topic() + " requires");
        }
    }

    private static Instant after(ReceivedEvent event, JsonNode object) {
        Instant exported = Json.instant(object.path(EXPORTED).asText(""));
        return exported != null || event.triggeredAt() == null ? exported : event.triggeredAt().minus(READING);
    }
}
