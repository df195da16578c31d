/**
 * The operators' API under {@code /api/v1}, its authentication, and the metrics of the backlog. It reads the tables and
 * puts records into the backlog; it delivers nothing itself, and no route calls it.
 */
package io.shopbridge.operate;
