/**
 * Runs the cases in the {@code *.test.yaml} files: what a mapping makes of a record, beside what the CRM has and what
 * was written last, and what an answer of Shopify's API becomes.
 */
package io.shopbridge.cases;
