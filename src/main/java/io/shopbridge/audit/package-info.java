/**
 * Audit: who did what, when and from where, and which mappings and routes were taken in with what changes. It is only
 * added to, and has no retention: the ledger says what became of records, this says what people did.
 */
package io.shopbridge.audit;
