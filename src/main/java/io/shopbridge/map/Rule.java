package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Consumer;

/**
 * How a field's value is made: {@code from}, {@code clean}, {@code table}, and where that gives nothing
 * {@code default}.
 *
 * @param otherwise the default; null where there is none
 * @param rejects whether a refused value rejects the whole record; else the record goes without the field
 * @param longest what the CRM takes at most of a text
 */
record Rule(Expression from, CleanerChain clean, ValueTable table, boolean required, JsonNode otherwise,
        boolean rejects, TextLength longest) {

    /**
     * The value, JSON null where there is none, or {@link ValueTable#LEAVE}.
     *
     * @param mended is told what of the value had to be cut off
     */
    JsonNode value(JsonNode record, MappingContext context, Consumer<String> mended) throws Refused {
        JsonNode value;
        try {
            value = clean.clean(from.one(record), context, mended);
        } catch (ExpressionFailed e) {
            throw new Refused(e.getMessage());
        }
        if (table != null) {
            value = table.translate(value);
        }
        if (value.isNull() && otherwise != null) {
            return otherwise;
        }
        if (required && Values.isEmpty(value)) {
            throw new Refused("is required, and " + from + " gives nothing");
        }
        return longest.fit(value, mended);
    }
}
