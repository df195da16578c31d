/** A double of a Shopify shop: what happens in one, told by webhooks that are really signed. */
package io.shopbridge.sandbox.shop;
