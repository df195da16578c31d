/**
 * Generates {@code FIELDS.md} of each CRM, for people who decide about data: fields, owners, tables, rules, limits. It
 * reads the same files as a delivery; {@code docs --check} reports an outdated page.
 */
package io.shopbridge.docs;
