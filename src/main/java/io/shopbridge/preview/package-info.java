/**
 * Shows what would become of a webhook's body: the canonical record, each field's value with its origin and whether it
 * would be sent, and the CRM request. Nothing is written and no CRM is asked; the command {@code map} and the operator
 * API answer with it.
 */
package io.shopbridge.preview;
