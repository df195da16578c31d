package io.shopbridge.inbox;

import java.time.Instant;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * One received event.
 *
 * @param store       name of the store it came from
 * @param topic       Shopify's topic, lower case with slashes: orders/create
 * @param webhookId   Shopify's id of the delivery, the same on its retries; made from the fingerprint where missing
 * @param eventId     Shopify's id of the merchant's action, shared by all deliveries of it; may be null
 * @param triggeredAt when Shopify triggered it; null where the header is missing or unreadable
 * @param fingerprint SHA-256 of topic and body: the same for a redelivery under a new webhook id
 * @param body        the bytes as received
 */
public record Event(String store, String topic, String webhookId, String eventId, Instant triggeredAt,
        byte[] fingerprint, byte[] body) {

    /**
     * Covers topic, object, time and all else of an event: object and time are in the body.
     *
     * @param what what makes two events of one body the same: the topic, and what else is not in the body
     */
    public static byte[] fingerprint(String what, byte[] body) {
        return DigestUtils.updateDigest(DigestUtils.getSha256Digest(), what + "\n").digest(body);
    }
}
