/**
 * Calls to Shopify's GraphQL Admin API, through {@code direct:call-shopify}: {@link
 * io.shopbridge.shopify.admin.AdminApi} is what other packages use. What is asked stands in {@code
 * mappings/shopify/queries}; what an answer has not of a record is asked for by queries that are made of its fragment.
 */
package io.shopbridge.shopify.admin;
