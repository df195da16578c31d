package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.store.RecordKey;
import java.util.Map;

/**
 * The link from a Shopify record to its CRM record.
 *
 * @param parentId record id of the order that a line item belongs to; null for records of their own
 * @param object   the CRM's name for it
 * @param crmId    the CRM's id
 * @param base     CRM field to the value last written or considered; associations under {@code @<name>}
 */
public record Link(RecordKey key, String parentId, String object, String crmId, Map<String, JsonNode> base) {

    /** A base entry that says that the CRM had the record before us. */
    public static final String FOUND = "@found";
}
