/**
 * Writes for each CRM the page for people who decide about data: fields, owners, tables, rules, limits. It is
 * made from the same files that a delivery reads, so that it is never stale.
 */
package io.shopbridge.docs;
