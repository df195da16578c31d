/**
 * The contract of Shopify's webhooks and API answers: reads {@code mappings/shopify}, which says what each topic
 * contains, and parses bodies into facets. {@code mirror} stores them; {@code crm} is the same for the CRMs.
 */
package io.shopbridge.shopify;
