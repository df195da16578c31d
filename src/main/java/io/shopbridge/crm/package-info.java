/**
 * The contract of {@code crm.yaml}: reads it, makes the HTTP call of each operation for a plain REST CRM, and
 * interprets the answer. Called by the routes of {@code 4-connect}; every call of other packages goes through {@code
 * direct:call-crm}.
 */
package io.shopbridge.crm;
