package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A named normaliser. It is never given null or a blank text: both mean "no value" and pass as null.
 *
 * <p>A value that isn't what the cleaner wants is refused, and with it the record, because nothing is dropped in
 * silence. Where a mapping would rather lose the value than the record, it says so: {@code phone or-none} gives null,
 * {@code phone or-as-is} the text as it was typed. For an identity a refused value is no key.
 */
@FunctionalInterface
interface Cleaner {

    JsonNode clean(JsonNode value, MappingContext context) throws Refused;
}
