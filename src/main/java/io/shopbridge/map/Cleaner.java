package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Consumer;

/**
 * A named normaliser. It is never given null or a blank text: both mean "no value" and pass as null.
 *
 * <p>A value whose right form is plain is mended: {@code ada@example.com.} is {@code ada@example.com}. One that isn't
 * what the cleaner wants is refused: the field, or where {@code on-refusal} says so the record, is not delivered, and
 * the outcome says why. {@code phone or-none} gives null instead, which clears the field, and {@code phone or-as-is} the
 * text as it was typed. For an identity, a refused value counts as no key.
 */
@FunctionalInterface
interface Cleaner {

    /** @param mended is told where the value is cut, since the outcome must say so */
    JsonNode clean(JsonNode value, MappingContext context, Consumer<String> mended) throws Refused;
}
