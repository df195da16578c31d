/**
 * One outcome per record and attempt, and what a person must look at. Nothing ends without a row here.
 */
package io.shopbridge.ledger;
