/**
 * Runs the test cases of the {@code *.test.yaml} files: what a mapping makes of a record, given the CRM's values and
 * those last written, and what an answer of Shopify's API is converted to.
 */
package io.shopbridge.cases;
