/**
 * What Shopify says: which topic brings what of which record, as {@code mappings/shopify} has it, and how a body is read
 * into facets. {@code mirror} keeps them; a CRM's side of the same is {@code crm}.
 */
package io.shopbridge.shopify;
