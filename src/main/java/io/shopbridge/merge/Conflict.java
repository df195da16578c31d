package io.shopbridge.merge;

import java.time.Instant;

/**
 * Both sides changed a field since they last agreed. The values themselves are personal data, so only hashes are kept:
 * the first 16 hex digits of SHA-256 over the value's text.
 */
public record Conflict(String field, Winner winner, String shopifyHash, String crmHash, Instant shopifyTime,
        Instant crmTime) {

    /** The side whose value stays. */
    public enum Winner { SHOPIFY, CRM }
}
