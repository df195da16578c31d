/**
 * Turns a canonical Shopify record into the fields of a CRM object, as the YAML files under {@code mappings/} say.
 * It knows no CRM, no database and no framework, so that the command line can check a mapping in a moment.
 */
package io.shopbridge.map;
