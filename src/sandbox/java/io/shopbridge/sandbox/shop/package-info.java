/**
 * A double of a Shopify shop. {@link io.shopbridge.sandbox.shop.ShopModel} decides what happens in it;
 * {@link io.shopbridge.sandbox.shop.SimulatedShop} tells it by webhooks that are really signed, and
 * {@link io.shopbridge.sandbox.shop.SimulatedAdminApi} answers what is asked of the same records.
 */
package io.shopbridge.sandbox.shop;
