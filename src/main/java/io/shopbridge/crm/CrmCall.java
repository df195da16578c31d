package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * One call to a CRM, in the words of its crm.yaml. Sent to {@code direct:call-crm}; the answer is a
 * {@code List<JsonNode>} of what the operation's {@code gives} says.
 *
 * @param crm       name of the CRM
 * @param operation name of the operation
 * @param path      values for the path: object, id, from, to
 * @param input     what the operation's body expression sees
 */
public record CrmCall(String crm, String operation, Map<String, String> path, ObjectNode input) {

    /** The same call for another page. */
    CrmCall at(JsonNode page) {
        ObjectNode paged = input.deepCopy();
        paged.set("page", page);
        return new CrmCall(crm, operation, path, paged);
    }

    /** The CRM object that it is about; empty for an association, which is about two. */
    String object() {
        return path.getOrDefault("object", "");
    }
}
