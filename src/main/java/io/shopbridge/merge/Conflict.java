package io.shopbridge.merge;

import java.time.Instant;

/**
 * Both sides changed a field since they last agreed. The values themselves are personal data, so only hashes are kept:
 * hex of SHA-256 over the value's text.
 *
 * @param shopifyTime version time of the facet that the value is made of; null where it isn't known
 * @param crmTime when the CRM says the field, or else the record, last changed; null where it doesn't say
 */
public record Conflict(String field, Winner winner, String shopifyHash, String crmHash, Instant shopifyTime,
        Instant crmTime) {

    /** The side whose value stays. */
    public enum Winner { SHOPIFY, CRM }
}
