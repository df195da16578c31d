/**
 * Decides field by field what is written to a CRM, from the field's owner, the base, the CRM's value and Shopify's.
 * It also runs the {@code *.test.yaml} files, because their cases speak of owners and bases.
 */
package io.shopbridge.merge;
