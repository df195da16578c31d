/**
 * Audit log of deliveries: one outcome for each record and attempt, and the dead-letter and review queue of rejected
 * and held records. Nothing ends without a row here.
 */
package io.shopbridge.ledger;
