/**
 * Identity resolution (deduplication): which CRM record is this person, company or order? By the stored link, then the
 * external id, then e-mail, then phone; an unclear match is held for a person. Called by the routes of {@code
 * 3-deliver}.
 */
package io.shopbridge.identify;
