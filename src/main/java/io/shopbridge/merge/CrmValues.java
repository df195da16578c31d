package io.shopbridge.merge;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;

/**
 * A CRM record as it was read.
 *
 * @param fields every field that was asked for; one that is absent is empty in the CRM
 * @param updatedAt when the CRM says the record last changed; null where it doesn't say
 */
public record CrmValues(Map<String, JsonNode> fields, Instant updatedAt) {
}
