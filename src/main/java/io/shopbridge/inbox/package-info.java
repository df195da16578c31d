/**
 * Durable store of received webhooks, byte for byte, each once. An event is acknowledged only after it is committed
 * here, and waits until its pass into the mirror is committed. Routes of {@code 1-receive} put events in, {@code
 * 2-mirror} takes them out.
 */
package io.shopbridge.inbox;
