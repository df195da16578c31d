/**
 * Local copy of Shopify's records: the newest known state of each, made of facets that each have their own version.
 * Routes of {@code 2-mirror} write events into it, a batch in one transaction: take (by {@code inbox}), read, mirror,
 * figures, mark. {@code 3-deliver} reads whole canonical records.
 */
package io.shopbridge.mirror;
