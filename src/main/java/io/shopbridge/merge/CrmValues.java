package io.shopbridge.merge;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Map;

/**
 * A CRM record as it was read.
 *
 * @param fields every field that was asked for; one that is absent is empty in the CRM
 * @param updatedAt when the CRM says the record last changed; null where it doesn't say
 * @param times when single fields last changed, where the CRM says so
 */
public record CrmValues(Map<String, JsonNode> fields, Instant updatedAt, Map<String, Instant> times) {

    /** Of a CRM that knows no times of single fields. */
    public CrmValues(Map<String, JsonNode> fields, Instant updatedAt) {
        this(fields, updatedAt, Map.of());
    }

    /** When the field last changed, as closely as the CRM says; null where it doesn't. */
    Instant changedAt(String field) {
        return times.getOrDefault(field, updatedAt);
    }
}
