/**
 * Reconciliation: compares the records of each CRM with the mirror, every night or when told to, and says what differs and
 * how much. A repair only corrects what Shopbridge believes of the CRM, and puts the record into the backlog: deliveries
 * do the rest. A run goes on where it stopped, whatever ends the process.
 */
package io.shopbridge.reconcile;
