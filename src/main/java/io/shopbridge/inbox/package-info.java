/**
 * Received events, byte for byte. An event is acknowledged only after it is committed here;
 * routes of {@code 1-receive} put events in, {@code 2-mirror} takes them out.
 */
package io.shopbridge.inbox;
