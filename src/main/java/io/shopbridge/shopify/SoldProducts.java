package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which product each line of an order sold. Once the product or its variant is deleted, Shopify names it no more
 * ({@code product_id} in https://shopify.dev/docs/api/admin-rest/latest/resources/order), but that was what was sold.
 */
final class SoldProducts {

    /** The field of a record that has its lines. */
    static final String LINES = "line_items";
    private static final List<String> IDS = List.of("product_id", "variant_id");

    private SoldProducts() {
    }

    /** These lines, with the ids that only another state of them has. */
    static JsonNode kept(JsonNode lines, JsonNode others) {
        if (!lines.isArray() || !others.isArray() || isComplete(lines)) {
            return lines;
        }
        Map<String, JsonNode> known = new HashMap<>();
        others.forEach(line -> known.put(Json.text(line, Payload.ID), line));
        known.remove(null);
        JsonNode kept = lines.deepCopy();
        for (JsonNode line : kept) {
            JsonNode other = known.get(Json.text(line, Payload.ID));
            IDS.stream().filter(id -> other != null && other.hasNonNull(id) && !line.hasNonNull(id))
                    .forEach(id -> ((ObjectNode) line).set(id, other.get(id)));
        }
        return kept;
    }

    private static boolean isComplete(JsonNode lines) {
        for (JsonNode line : lines) {
            if (!IDS.stream().allMatch(line::hasNonNull)) {
                return false;
            }
        }
        return true;
    }
}
