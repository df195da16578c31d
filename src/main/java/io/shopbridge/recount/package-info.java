/**
 * Recount: compares a shop with the mirror, every night or when told to, and says which records are missing here, are
 * older here, or are gone there. It counts in windows, divides those in which the numbers differ, and asks only for the
 * records that differ. A repair takes them in as polls do. The routes are {@code routes/5-watch/recount.camel.yaml}.
 */
package io.shopbridge.recount;
