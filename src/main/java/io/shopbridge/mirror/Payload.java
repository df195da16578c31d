package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.store.RecordKey;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One webhook body while it is being read into facet changes. Brings ids to text and times to UTC on the way. */
final class Payload {

    private static final String GID = "admin_graphql_api_id";

    private final ReceivedEvent event;
    private final ObjectNode body;
    private final List<FacetChange> changes = new ArrayList<>();

    Payload(ReceivedEvent event) {
        this.event = event;
        JsonNode read;
        try {
            read = Json.read(event.body());
        } catch (IOException e) {
            throw new UnreadablePayload("The body is not JSON: ask the app that sent it, or look at the bytes");
        }
        if (!(read instanceof ObjectNode object)) {
            throw new UnreadablePayload("The body is not a JSON object as topic " + event.topic() + " has it");
        }
        this.body = canonical(object);
    }

    ReceivedEvent event() {
        return event;
    }

    ObjectNode body() {
        return body;
    }

    List<FacetChange> changes() {
        return changes;
    }

    void add(RecordKey key, String facet, Instant at, JsonNode value) {
        add(key, facet, at, 0, value);
    }

    void add(RecordKey key, String facet, Instant at, int rank, JsonNode value) {
        byte[] bytes = Json.write(value);
        changes.add(new FacetChange(key, facet, Version.of(at, rank, event, bytes), bytes, event.id()));
    }

    /** A state of which its progress decides where its own time stays; see {@link Version#ofProgress}. */
    void addProgress(RecordKey key, String facet, Instant at, int progress, Instant seenAt, JsonNode value) {
        byte[] bytes = Json.write(value);
        changes.add(new FacetChange(key, facet, Version.ofProgress(at, progress, seenAt, event, bytes), bytes,
                event.id()));
    }

    RecordKey key(String entity, String id) {
        return new RecordKey(event.store(), entity, id);
    }

    /** Shopify's id of the object; the one in its global id where it has one, since that was never a number. */
    String id(JsonNode object) {
        String gid = object.path(GID).asText("");
        String id = gid.isEmpty() ? text(object, "id") : afterLastSlash(gid);
        if (id == null) {
            throw new UnreadablePayload("The body of topic " + event.topic() + " names no record: it has no id");
        }
        return id;
    }

    static boolean hasId(JsonNode object) {
        return text(object, GID) != null || text(object, "id") != null;
    }

    /** The id in a field that may hold a number, a text or a global id. */
    String idIn(String field) {
        String id = text(body, field);
        if (id == null) {
            throw new UnreadablePayload("The body of topic " + event.topic() + " names no record: " + field
                    + " is missing");
        }
        return afterLastSlash(id);
    }

    /** The first of these fields that is a time; else when the event was triggered, else when it came. */
    Instant time(JsonNode object, String... fields) {
        for (String field : fields) {
            Instant time = parse(object.path(field).asText(""));
            if (time != null) {
                return time;
            }
        }
        return event.triggeredAt() == null ? event.receivedAt() : event.triggeredAt();
    }

    /** The latest of these fields that are times; null where none is. */
    static Instant latest(JsonNode object, String... fields) {
        Instant latest = null;
        for (String field : fields) {
            Instant time = parse(object.path(field).asText(""));
            latest = latest == null || time != null && time.isAfter(latest) ? time : latest;
        }
        return latest;
    }

    static String text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isValueNode() && !value.isNull() && !value.asText().isBlank() ? value.asText() : null;
    }

    /** Tags are "a, b" in webhooks and a list elsewhere. */
    static ArrayNode tags(JsonNode tags) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        if (tags.isArray()) {
            tags.forEach(tag -> list.add(tag.asText()));
        } else {
            for (String tag : tags.asText("").split(",")) {
                if (!tag.isBlank()) {
                    list.add(tag.trim());
                }
            }
        }
        return list;
    }

    static String afterLastSlash(String id) {
        return id.substring(id.lastIndexOf('/') + 1);
    }

    private static Instant parse(String time) {
        // Cheap refusal first: most values that are asked are null or no time at all.
        if (time.length() < 20 || time.charAt(10) != 'T') {
            return null;
        }
        try {
            return OffsetDateTime.parse(time).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static ObjectNode canonical(ObjectNode object) {
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            JsonNode value = field.getValue();
            String name = field.getKey();
            if (value.isContainerNode()) {
                canonical(value);
            } else if (value.isIntegralNumber() && (name.equals("id") || name.endsWith("_id"))) {
                field.setValue(TextNode.valueOf(value.asText()));
            } else if (value.isTextual() && name.endsWith("_at")) {
                Instant time = parse(value.textValue());
                if (time != null) {
                    field.setValue(TextNode.valueOf(DateTimeFormatter.ISO_INSTANT.format(time)));
                }
            }
        }
        return object;
    }

    private static void canonical(JsonNode value) {
        if (value instanceof ObjectNode object) {
            canonical(object);
        } else if (value instanceof ArrayNode array) {
            array.forEach(Payload::canonical);
        }
    }
}
