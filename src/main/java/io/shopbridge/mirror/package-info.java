/**
 * The newest known state of every Shopify record, made of facets that each carry their own version. {@code 2-mirror}
 * brings events in, a batch in one transaction: take (by {@code inbox}), read, mirror, figures, mark. {@code 3-deliver}
 * reads whole canonical records out.
 */
package io.shopbridge.mirror;
