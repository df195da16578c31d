/**
 * The webhook subscriptions of the shops: compares those that are registered with those that the mappings in use need,
 * and mends them. Called by the operator API, and by a route of {@code 5-watch}, since Shopify deletes a subscription
 * whose webhooks were not accepted.
 */
package io.shopbridge.subscribe;
