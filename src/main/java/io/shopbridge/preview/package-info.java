/**
 * Dry run: shows what would become of a webhook's body: the canonical record, each field's value with its origin and
 * whether it would be sent, and the CRM request. Nothing is written and no CRM is called. Used by the command {@code
 * map} and the operators' API.
 */
package io.shopbridge.preview;
