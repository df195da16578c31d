/**
 * Deliveries: bring a CRM to the present state of the mirror, a batch of records at a time: load, unsubscribe,
 * identify, map, merge, write, record. Each step is a bean or a route that {@code 3-deliver} calls in this order. Steps
 * are idempotent: a repeated step continues where it was interrupted.
 */
package io.shopbridge.deliver;
