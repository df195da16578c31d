package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;

/**
 * A whole record in canonical shape: Shopify's webhook shape, ids as text, times in UTC.
 *
 * @param complete false while no topic has brought its main facet yet: it can't be delivered
 * @param at       the newest of its facets' version times
 */
public record CanonicalRecord(RecordKey key, ObjectNode json, boolean complete, Instant at) {

    /** Whether this is a buyer without a customer account. */
    public boolean guest() {
        return json.path("guest").asBoolean(false);
    }
}
