/**
 * Wake-ups between threads and processes, by PostgreSQL's LISTEN/NOTIFY: a route that begins with {@code
 * doorbell:<name>} runs within milliseconds after rows were committed for it, in this process or another, and does not
 * wait for its next poll.
 */
package io.shopbridge.doorbell;
