package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.shopbridge.identify.Link;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.store.RecordKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of a record in the CRM without a call to it.
 *
 * @param isThere whether the CRM has the record
 * @param id      the CRM's; null if unknown
 * @param present what it holds now; null if they were not read
 * @param before  what was last written there
 * @param related by the mapping's names of links, the CRM's ids of what the record points to: null where the CRM has
 *                none; ids of others are unknown
 * @param parts   links of line items, and of what they share with others
 * @param person  all links to the same record of the CRM; who leads first
 */
public record CrmState(boolean isThere, String id, CrmValues present, Map<String, JsonNode> before,
        Map<String, String> related, Map<RecordKey, Link> parts, List<Link> person) {

    /** The CRM has none. */
    public static final CrmState NONE = new CrmState(false, null, null, Map.of(), Map.of(), Map.of(), List.of());

    /** A record that we never wrote, found there. */
    public static CrmState found(String id, CrmValues present, Map<String, String> related, Map<RecordKey, Link> parts) {
        return new CrmState(true, id, present, Map.of(Link.FOUND, BooleanNode.TRUE), related, parts, List.of());
    }

    /**
     * From the record's fields, or {@code {id, fields, updated_at, before, links}}.
     *
     * @throws IllegalArgumentException where a time can't be read
     */
    public static CrmState of(JsonNode crmHas) {
        boolean isWhole = crmHas.path("fields").isObject() || crmHas.path("before").isObject();
        JsonNode fields = isWhole ? crmHas.path("fields") : crmHas;
        CrmValues present = fields.isMissingNode() ? null
                : new CrmValues(values(fields), time(crmHas.path("updated_at").asText("")));
        // A record that we never wrote was found.
        Map<String, JsonNode> before = crmHas.path("before").isObject() && isWhole ? values(crmHas.get("before"))
                : Map.of(Link.FOUND, BooleanNode.TRUE);
        Map<String, String> related = new HashMap<>();
        if (isWhole) {
            crmHas.path("links").properties().forEach(link ->
                    related.put(link.getKey(), link.getValue().isNull() ? null : link.getValue().asText()));
        }
        return new CrmState(true, crmHas.path("id").asText(null), present, before, related, Map.of(), List.of());
    }

    /** What it holds, for all that is known. */
    public Map<String, JsonNode> holds() {
        return present == null ? before : present.fields();
    }

    private static Map<String, JsonNode> values(JsonNode fields) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        fields.properties().forEach(field -> values.put(field.getKey(), field.getValue()));
        return values;
    }

    private static Instant time(String text) {
        try {
            return text.isEmpty() ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("updated_at of what the CRM has is \"" + text
                    + "\"; write it as 2026-01-31T10:00:00Z");
        }
    }
}
