/**
 * What a CRM folder's crm.yaml says, and how a call to a plain REST CRM is made and understood from it.
 * Called by the routes of {@code 4-connect}; every call of the other packages goes through {@code direct:call-crm}.
 */
package io.shopbridge.crm;
