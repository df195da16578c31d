package io.shopbridge.mirror;

import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.FieldStates;
import io.shopbridge.shopify.Version;
import java.time.Instant;

/**
 * A facet as the mirror holds it.
 *
 * @param name    as in {@link FacetChange#facet()}
 * @param version of this state; of one with {@link FieldStates} that of its newest field
 * @param value   JSON
 */
record StoredFacet(String name, Version version, byte[] value) {

    /** Shopify's time of this state. */
    Instant at() {
        return version.at();
    }
}
