package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * How a field's value is made: {@code from}, {@code clean}, {@code table}, and where that gives nothing
 * {@code default}.
 *
 * @param otherwise the default; null where there is none
 */
record Rule(Expression from, CleanerChain clean, ValueTable table, boolean required, JsonNode otherwise) {

    /** The value, JSON null where there is none, or {@link ValueTable#LEAVE}. */
    JsonNode value(JsonNode record, MappingContext context) throws Refused {
        JsonNode value;
        try {
            value = clean.clean(from.one(record), context);
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
        return value;
    }
}
