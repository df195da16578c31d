package io.shopbridge.deliver;

/** A record names another one by something that is no id of Shopify's; the message quotes it. */
final class NotAnId extends IllegalArgumentException {

    NotAnId(String message) {
        super(message);
    }
}
