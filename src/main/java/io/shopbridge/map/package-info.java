/**
 * Mappings: turn a canonical Shopify record into the fields of a CRM object, as the YAML files under {@code mappings/}
 * define. The package uses no CRM, database or framework, so that the command line checks a mapping in a moment.
 */
package io.shopbridge.map;
