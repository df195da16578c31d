package io.shopbridge.sandbox.shop;

import java.time.Instant;

/**
 * One webhook as the simulated shop sends it.
 *
 * @param topic such as {@code orders/create}
 * @param webhookId the same on every attempt of one delivery
 * @param eventId the same for all webhooks that one action of the merchant or buyer causes
 * @param triggeredAt when that action happened
 * @param body the exact bytes to sign and send
 */
public record ShopEvent(String topic, String webhookId, String eventId, Instant triggeredAt, byte[] body) {
}
