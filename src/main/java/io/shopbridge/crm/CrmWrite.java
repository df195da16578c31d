package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * A record that a call creates, upserts or updates. What is not known is null.
 *
 * @param id      the CRM's
 * @param parent  the CRM's id of the record that it is a line of
 * @param key     ours
 * @param attempt tells a write that is repeated from one that only looks the same
 * @param present the fields that the CRM has now; null where it was not asked
 * @param before  what was written last; null of a new record
 * @param fields  what is written now
 */
public record CrmWrite(String id, String parent, String key, String attempt, Map<String, JsonNode> present,
        Map<String, JsonNode> before, Map<String, JsonNode> fields) {

    void into(ObjectNode element) {
        element.put("id", id).put("parent", parent).put("key", key).put("attempt", attempt);
        put(element, "present", present);
        put(element, "before", before);
        put(element, "fields", fields);
    }

    private static void put(ObjectNode element, String name, Map<String, JsonNode> values) {
        if (values == null) {
            element.putNull(name);
        } else {
            element.putObject(name).setAll(values);
        }
    }
}
