/**
 * The newest known state of every Shopify record, made of facets that each carry their own version. Routes of
 * {@code 2-mirror} bring events in; {@code 3-deliver} reads whole canonical records out.
 */
package io.shopbridge.mirror;
