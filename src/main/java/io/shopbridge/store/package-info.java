/**
 * Configuration: the Shopify shops (stores) that send to this process and the CRMs that they feed. All other packages
 * read settings here; nothing here uses routes or tables.
 */
package io.shopbridge.store;
