/**
 * What Salesforce needs besides its crm.yaml: authentication and transport by camel-salesforce, accounts and price book
 * entries that must exist before a row, retries of rows that met a lock, bulk jobs, and the daily limit of calls.
 * Called by the routes of {@code 4-connect/salesforce} and {@code 5-watch/bulk-jobs}.
 */
package io.shopbridge.salesforce;
