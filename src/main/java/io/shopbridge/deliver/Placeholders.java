package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.crm.CrmRequest;
import io.shopbridge.store.RecordKey;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stand-ins for ids that only the CRM knows. While a request is made they are numbers, because some CRMs' ids must be;
 * the output shows whose id belongs there.
 */
final class Placeholders {

    /** Longer than a CRM's own numbers, and exact as a double. */
    private static final long FIRST = 8_111_222_333_000_000L;

    private final Map<RecordKey, String> ids = new LinkedHashMap<>();

    /** What stands for the CRM's id of this record. */
    String id(RecordKey key) {
        return ids.computeIfAbsent(key, one -> Long.toString(FIRST + ids.size()));
    }

    /** The request as people read it. */
    CrmRequest in(CrmRequest request) {
        return new CrmRequest(request.method(), in(request.path()), request.body() == null ? null : in(request.body()));
    }

    private String in(String text) {
        String shown = text;
        for (Map.Entry<RecordKey, String> id : ids.entrySet()) {
            shown = shown.replace(id.getValue(),
                    "<CRM id of " + id.getKey().entity() + " " + id.getKey().recordId() + ">");
        }
        return shown;
    }

    private JsonNode in(JsonNode json) {
        if (json.isObject()) {
            ObjectNode shown = JsonNodeFactory.instance.objectNode();
            json.properties().forEach(one -> shown.set(one.getKey(), in(one.getValue())));
            return shown;
        } else if (json.isArray()) {
            ArrayNode shown = JsonNodeFactory.instance.arrayNode();
            json.forEach(one -> shown.add(in(one)));
            return shown;
        }
        String text = json.asText();
        String shown = in(text);
        return shown.equals(text) ? json : TextNode.valueOf(shown);
    }
}
