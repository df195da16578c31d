package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.function.Consumer;

/**
 * How a field's value is made: {@code from}, {@code clean}, {@code table}, and where that gives nothing
 * {@code default}.
 *
 * @param otherwise the default; null where there is none
 * @param asEmpty gives the CRM's value that counts as none; null: only an empty one does
 * @param rejects whether a refused value rejects the whole record; else the record goes without the field
 * @param longest what the CRM takes at most of a text
 */
record Rule(Expression from, CleanerChain clean, ValueTable table, boolean required, JsonNode otherwise,
        Expression asEmpty, boolean rejects, TextLength longest) {

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

    /** The value that the CRM itself puts into an empty field; JSON null where there is none. */
    JsonNode valueAsEmpty(JsonNode record, MappingContext context) {
        try {
            return asEmpty == null ? NullNode.getInstance() : clean.clean(asEmpty.one(record), context, mended -> { });
        } catch (ExpressionFailed | Refused e) {
            return NullNode.getInstance();
        }
    }
}
