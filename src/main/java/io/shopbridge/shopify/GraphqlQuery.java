package io.shopbridge.shopify;

/**
 * A query or mutation of Shopify's GraphQL Admin API, ready to be sent.
 *
 * @param name     of its file in {@code mappings/shopify/queries}, without the ending
 * @param text     the operation, followed by the fragments that it uses
 * @param mutation whether it changes something, so that a call whose answer was lost must not simply be repeated
 */
public record GraphqlQuery(String name, String text, boolean mutation) {
}
