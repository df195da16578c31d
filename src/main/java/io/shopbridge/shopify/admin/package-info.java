/**
 * Calls to Shopify's GraphQL Admin API, through {@code direct:call-shopify}: {@link
 * io.shopbridge.shopify.admin.AdminApi} is what other packages use. What is asked stands in {@code
 * mappings/shopify/queries}.
 */
package io.shopbridge.shopify.admin;
