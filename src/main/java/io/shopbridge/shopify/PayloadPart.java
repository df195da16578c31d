package io.shopbridge.shopify;

import java.util.Set;

/**
 * A webhook's body as it was sent, or as it would have been.
 *
 * @param leftOut names of fields that it does not have because the app may not read what they are made of; unlike other
 *                fields that are absent, they may have a value. Of fields inside of others with the names that lead to them
 */
public record PayloadPart(String topic, byte[] body, Set<String> leftOut) {

    /** A body that has all fields. */
    public PayloadPart(String topic, byte[] body) {
        this(topic, body, Set.of());
    }
}
