package io.shopbridge.merge;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * The values last written to a CRM record.
 *
 * @param own by this store's record; a field that is absent has never been considered, JSON null means that Shopify
 *     had no value
 * @param siblings by the other records of Shopify that are linked to the same CRM record
 * @param follows whether one of these leads: then this record only says what none of them says
 */
public record Base(Map<String, JsonNode> own, List<Map<String, JsonNode>> siblings, boolean follows) {

    /** Of a record that leads. */
    public Base(Map<String, JsonNode> own, List<Map<String, JsonNode>> siblings) {
        this(own, siblings, false);
    }

    /** Nothing was ever written. */
    public static final Base NONE = new Base(Map.of(), List.of());
}
