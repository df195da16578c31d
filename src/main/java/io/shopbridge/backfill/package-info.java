/**
 * The history of a shop: exported by Shopify's bulk operations, and brought in as events that come after all others. A
 * backfill goes on where it stopped, whatever ends the process.
 */
package io.shopbridge.backfill;
