/**
 * What the configuration says: the Shopify shops (stores) that send to this process and the CRMs they feed.
 * Everything else asks here; nothing here knows of routes or tables.
 */
package io.shopbridge.store;
