package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.CrmResult;
import io.shopbridge.crm.Operation;
import java.util.List;

/** One record of a write to Salesforce, and its result. */
final class Row {

    private final ObjectNode record;
    private final JsonNode given;
    private boolean completed;
    private boolean renewed;
    private CrmResult result;

    /** @param record {trace, id, key, fields} of a call */
    Row(JsonNode record) {
        this.record = JsonNodeFactory.instance.objectNode().setAll((ObjectNode) record);
        this.given = record.path("fields");
        this.record.set("fields", given.deepCopy());
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

    /** The field's value as it is written, or else as the org has it, or else as it was written last. */
    String known(String field) {
        return text(field, List.of(fields(), record.path("present"), record.path("before")));
    }

    /** The field's value before this write, as the org has it, or else as it was written last. */
    String before(String field) {
        return text(field, List.of(record.path("present"), record.path("before")));
    }

    private static String text(String field, List<JsonNode> all) {
        return all.stream().filter(fields -> fields.has(field)).findFirst()
                .map(fields -> fields.path(field).asText("")).orElse("");
    }

    /** Takes the field out and gives its value; empty where it has none. */
    String take(String field) {
        JsonNode value = fields().remove(field);
        return value == null || value.isNull() ? "" : value.asText();
    }

    /** Whether values that the mapping can't know must still be added. */
    boolean incomplete() {
        return open() && !completed;
    }

    void completed() {
        completed = true;
    }

    /** Whether it was refused because of cached values, and is sent a second time. */
    boolean renewed() {
        return renewed;
    }

    /** Resets the row to the mapping's values, to complete it again; false if that was done before. */
    boolean renew() {
        if (renewed) {
            return false;
        }
        renewed = true;
        completed = false;
        record.set("fields", given.deepCopy());
        return true;
    }

    /** The result of a job for the same row; null if there is none, or the row has changed since. */
    JsonNode answered() {
        return record.get("answered");
    }

    /** The identity of the record in Salesforce: our key if it is used to find records, else the id. */
    String name(Operation operation) {
        return operation == Operation.UPSERT ? key() : record.path("id").asText();
    }

    /** A job of this id writes it. */
    void accepted(String job) {
        result(CrmResult.accepted(job));
    }

    boolean open() {
        return result == null;
    }

    CrmResult result() {
        return result;
    }

    void result(CrmResult given) {
        result = given.at(trace());
    }

    void refuse(String because) {
        result(CrmResult.refused(because));
    }
}
