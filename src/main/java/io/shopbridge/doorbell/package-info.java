/**
 * Wakes those who wait for rows of a table, in this process at once and in the others through PostgreSQL's NOTIFY.
 * Routes that take from the inbox or from the work begin with {@code doorbell:}, so a commit is seen within
 * milliseconds and not at the next tick of a poll.
 */
package io.shopbridge.doorbell;
