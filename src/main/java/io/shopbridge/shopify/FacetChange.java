package io.shopbridge.shopify;

import io.shopbridge.store.RecordKey;

/**
 * What one event says of one facet of one record.
 *
 * @param facet   its name, as the record's {@link Entity} and {@link Facets} have it
 * @param byField whether it is kept as {@link FieldStates}
 * @param value   the facet as JSON, in the order that {@link FieldStates#bytes} gives the fields that are kept so
 * @param inboxId the event
 */
public record FacetChange(RecordKey key, String facet, boolean byField, Version version, byte[] value,
        long inboxId) {
}
