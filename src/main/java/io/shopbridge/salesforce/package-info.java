/**
 * What Salesforce needs beyond its crm.yaml: authentication and transport by camel-salesforce, parents and price book
 * entries that must stand before a row does, rows that meet a lock, bulk jobs, and the org's daily limit of calls.
 * Called by the routes of {@code 4-connect/salesforce} and {@code 5-watch/bulk-jobs}.
 */
package io.shopbridge.salesforce;
