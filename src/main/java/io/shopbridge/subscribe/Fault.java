package io.shopbridge.subscribe;

/**
 * What is wrong with the subscriptions to one topic, and how it is mended.
 *
 * @param topic   as webhooks say it
 * @param because a clause
 * @param mending what must be done
 * @param id      of the subscription that is changed or deleted; null: one is created
 */
public record Fault(String topic, String because, Mending mending, String id) {

    /** What mends it. */
    public enum Mending { CREATE, UPDATE, DELETE }
}
