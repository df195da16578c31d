package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A record on its way to Salesforce, and what became of it. */
final class Row {

    private final ObjectNode record;
    private JsonNode result;

    /** @param record {trace, id, key, fields} of a call */
    Row(JsonNode record) {
        this.record = record.deepCopy();
    }

    ObjectNode record() {
        return record;
    }

    ObjectNode fields() {
        return (ObjectNode) record.get("fields");
    }

    String trace() {
        return record.path("trace").asText();
    }

    /** Our key; null of a guest, who has none. */
    String key() {
        return record.path("key").asText(null);
    }

    /** The field's value; empty where it has none. */
    String text(String field) {
        return fields().path(field).asText("");
    }

    /** Takes the field out and gives its value; empty where it has none. */
    String take(String field) {
        JsonNode value = fields().remove(field);
        return value == null || value.isNull() ? "" : value.asText();
    }

    boolean open() {
        return result == null;
    }

    JsonNode result() {
        return result;
    }

    void result(JsonNode given) {
        result = ((ObjectNode) given.deepCopy()).put("trace", trace());
    }

    void refuse(String because) {
        result = JsonNodeFactory.instance.objectNode().put("trace", trace()).put("means", "refused")
                .put("because", because);
    }
}
