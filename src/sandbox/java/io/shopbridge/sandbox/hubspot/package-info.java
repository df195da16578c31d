/** A double of HubSpot: its CRM objects, properties, associations, search and subscription statuses. */
package io.shopbridge.sandbox.hubspot;
