package io.shopbridge.shopify;

/** The body is not what its topic claims. The message says what is wrong, without quoting the body. */
public class UnreadablePayload extends RuntimeException {

    public UnreadablePayload(String message) {
        super(message, null, false, false);
    }
}
