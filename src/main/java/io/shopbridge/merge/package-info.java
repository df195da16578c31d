/**
 * Decides field by field what is written to a CRM, from the field's owner, the base, the CRM's value and Shopify's.
 */
package io.shopbridge.merge;
