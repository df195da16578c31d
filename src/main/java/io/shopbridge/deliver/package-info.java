/**
 * Brings a CRM to the mirror's present state, a batch of records at a time: load, unsubscribe, identify, map, merge,
 * write, record. Each step is a bean or a route that {@code 3-deliver} calls in this order; a step that is repeated goes
 * on where it was interrupted.
 */
package io.shopbridge.deliver;
