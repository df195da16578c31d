package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.GraphqlType;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.AdminAnswer.Denied;
import io.shopbridge.shopify.admin.Connections.Cut;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Asks for what an answer has not of a record: the other pages of its connections, such as the lines of an order that
 * has more than the query asked for. A record that can't be made whole stays as it is and says why, so that it alone is
 * rejected and those beside it go on.
 */
@Component
public class WholeRecords {

    /** Far more than any order has lines. */
    private static final int MOST_PARTS = 5_000;
    private static final int MOST_BYTES = 8 << 20;
    /** So often is a record read from the beginning that changes while it is read. */
    private static final int MOST_READINGS = 3;
    private static final String UPDATED_AT = "updatedAt";
    private static final String RECORD = "record";

    private final AdminApi api;
    private final Shopify shopify;
    private final Map<String, Connections> connections = new ConcurrentHashMap<>();

    WholeRecords(AdminApi api, Shopify shopify) {
        this.api = api;
        this.shopify = shopify;
    }

    /**
     * Makes a record whole.
     *
     * @param record   an object of an answer, by the fragment of its type; what the app may not read of it is written
     *                 into it, also of its other pages
     * @param priority of who asked for it
     * @return the record, which is the one given or a newer one; empty: it was deleted meanwhile
     * @throws AdminFailure where the shop can't be asked now, or not at all
     */
    public Optional<JsonNode> whole(String store, JsonNode record, Priority priority) {
        GraphqlType type = shopify.types().of(record).orElse(null);
        if (type == null || !(record instanceof ObjectNode object)) {
            return Optional.of(record);
        }
        Optional<ObjectNode> whole = new Reading(store, priority,
                connections.computeIfAbsent(type.name(), name -> Connections.of(type))).whole(object);
        whole.ifPresent(Connections::forgetPages);
        return whole.map(JsonNode.class::cast);
    }

    /** What is asked for one record. */
    private final class Reading {

        private final String store;
        private final Priority priority;
        private final Connections connections;
        private int parts;
        private long bytes;

        Reading(String store, Priority priority, Connections connections) {
            this.store = store;
            this.priority = priority;
            this.connections = connections;
        }

        Optional<ObjectNode> whole(ObjectNode first) {
            ObjectNode record = first;
            for (int readings = 1; !isReadToItsEnd(record); readings++) {
                record = again(record);
                if (record == null) {
                    return Optional.empty();
                }
                if (readings == MOST_READINGS) {
                    // Its change is found by the next poll.
                    connections.cut(record).ifPresent(cut -> cut.giveUp("it changed " + MOST_READINGS
                            + " times while its pages were asked for"));
                    break;
                }
            }
            return Optional.of(record);
        }

        /** Adds page after page; false: the record has changed since it was read. */
        private boolean isReadToItsEnd(ObjectNode record) {
            for (Cut cut = cut(record); cut != null; cut = cut(record)) {
                if (!next(record, cut)) {
                    return false;
                }
            }
            return true;
        }

        private Cut cut(ObjectNode record) {
            return connections.cut(record).orElse(null);
        }

        /** The record from its beginning; null: it is gone. */
        private ObjectNode again(ObjectNode record) {
            parts = 0;
            bytes = 0;
            AdminAnswer answer = ask(connections.again(), variables(record));
            if (answer.data().path(RECORD) instanceof ObjectNode newer) {
                ApiAnswer.deny(newer, ApiAnswer.denied(record));
                deny(newer, answer.inside(RECORD), "");
                return newer;
            }
            answer.requireWhole(store);
            return null;
        }

        /** Adds one page; false: the record has changed since it was read. */
        private boolean next(ObjectNode record, Cut cut) {
            String after = cut.after();
            if (after == null) {
                cut.giveUp("Shopify does not say where its next page begins");
                return true;
            }
            AdminAnswer answer = ask(connections.nextPage(cut.path(), cut.owner()),
                    variables(record).put("owner", cut.owner()).put("after", after));
            JsonNode data = answer.data();
            JsonNode page = connections.page(cut.path(), data);
            if (!page.path("nodes").isArray()) {
                answer.requireWhole(store);
            }
            if (!page.path("nodes").isArray() || !data.path(RECORD).path(UPDATED_AT).equals(record.path(UPDATED_AT))) {
                return false;
            }
            parts += Math.max(1, page.path("nodes").size());
            bytes += Json.write(page).length;
            if (parts > MOST_PARTS || bytes > MOST_BYTES) {
                cut.giveUp("it has more than " + MOST_PARTS + " parts or " + (MOST_BYTES >> 20) + " MB, which is too much"
                        + " for one record");
                return true;
            }
            cut.add(page);
            deny(record, answer.inside("owner"), cut.path().substring(0, cut.path().lastIndexOf('.') + 1));
            if (after.equals(cut.after())) {
                cut.giveUp("Shopify gives the same page again");
            }
            return true;
        }

        private AdminAnswer ask(GraphqlQuery query, ObjectNode variables) {
            return api.query(store, query, variables, priority);
        }

        private static void deny(ObjectNode record, List<Denied> parts, String inside) {
            ApiAnswer.deny(record, parts.stream().map(part -> inside + part.path()).toList());
        }

        private static ObjectNode variables(JsonNode record) {
            return JsonNodeFactory.instance.objectNode().put(RECORD, record.path("id").asText());
        }
    }
}
