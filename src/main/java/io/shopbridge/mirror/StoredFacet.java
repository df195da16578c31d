package io.shopbridge.mirror;

import java.time.Instant;

/**
 * A facet as the mirror holds it.
 *
 * @param name  as in {@link FacetChange#facet()}
 * @param at    Shopify's time of this state
 * @param value JSON
 */
record StoredFacet(String name, Instant at, byte[] value) {
}
