/**
 * Which CRM record is this person or order? Stored link, then external id, then e-mail, then phone; never a silent
 * guess. Called by the routes of {@code 3-deliver}.
 */
package io.shopbridge.identify;
