package io.shopbridge.shopify;

/** A webhook's body as it was sent, or as it would have been. */
public record PayloadPart(String topic, byte[] body) {
}
