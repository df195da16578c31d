package io.shopbridge.shopify;

/** The body does not match its topic. The message says what is wrong, without quoting the body. */
public class UnreadablePayload extends RuntimeException {

    public UnreadablePayload(String message) {
        super(message, null, false, false);
    }
}
