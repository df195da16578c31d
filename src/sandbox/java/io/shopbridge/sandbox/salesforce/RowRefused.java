package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Json;
import java.util.List;

/** One record of a request is refused; the others are judged alone. */
final class RowRefused extends RuntimeException {

    private final String code;
    private final transient List<String> fields;
    private final transient ObjectNode duplicates;

    RowRefused(String code, String message, String... fields) {
        this(code, message, null, fields);
    }

    /** @param duplicates what DUPLICATES_DETECTED tells of the records found; null for every other code */
    RowRefused(String code, String message, ObjectNode duplicates, String... fields) {
        super(message, null, false, false);
        this.code = code;
        this.fields = List.of(fields);
        this.duplicates = duplicates;
    }

    String code() {
        return code;
    }

    List<String> fields() {
        return fields;
    }

    /** As an element of {@code errors} in the result of a collection call. */
    ObjectNode row() {
        return detail("statusCode");
    }

    /** As an element of the array that answers a call for a single record. */
    ObjectNode single() {
        return detail("errorCode");
    }

    private ObjectNode detail(String codeName) {
        ObjectNode error = Json.object().put(codeName, code).put("message", getMessage());
        if (duplicates != null) {
            error.set("duplicateResult", duplicates);
        }
        fields.forEach(error.putArray("fields")::add);
        return error;
    }
}
