/**
 * Asks the shops' Admin API for single records of which something is missing that no topic brings, or whose webhook was
 * lost. The mirror notes them by the rules in {@code mappings/shopify}; the routes are
 * {@code routes/1-receive/refresh.camel.yaml}.
 */
package io.shopbridge.refresh;
