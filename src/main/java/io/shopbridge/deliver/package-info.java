/**
 * Brings a CRM to the mirror's present state, a batch of records at a time: load, identify, decide, write, settle.
 * Each step is a bean that the routes of {@code 3-deliver} call in this order; a step that is repeated goes on where it
 * was interrupted.
 */
package io.shopbridge.deliver;
