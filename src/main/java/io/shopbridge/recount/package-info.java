/**
 * Recount: compares a shop with the mirror, every night or when told to, and says which records are missing here, are
 * older here, or are gone there. The shop lists ids and times of last changes in windows of one page; only the records
 * that differ are asked for. A repair takes them in as polls do. The routes are {@code
 * routes/5-watch/recount.camel.yaml}.
 */
package io.shopbridge.recount;
