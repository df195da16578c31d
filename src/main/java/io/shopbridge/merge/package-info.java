/**
 * Three-way merge: decides field by field what is written to a CRM, from the field's owner, the base (values last
 * written), the CRM's value and Shopify's.
 */
package io.shopbridge.merge;
