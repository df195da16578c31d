package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How an operation is called.
 *
 * @param method which of get, post, put, patch and delete gives the path, in capitals
 * @param path   what {@link Operation} says is filled into it
 * @param batch  how many records one call may carry
 * @param query  jq that makes an object of query parameters from the same; what is null is left out; may be null
 * @param body   jq that makes the request's body from what {@link Operation} says; may be null
 * @param gives  jq on the answer's body that gives each element: a record, or a {@link CrmResult} of a write; may be
 *               null
 * @param paging how an answer goes on that doesn't fit into one; null: it always fits
 * @param limit  the group of {@code limits.groups} by which the CRM counts it too; null: none
 */
record Endpoint(String method, String path, int batch, Expression query, Expression body, Expression gives,
        Paging paging, String limit) {

    private static final String PAGE = "page";

    /**
     * The request that a call becomes.
     *
     * @param address the path, as the version of the API that is used has it
     * @throws ExpressionFailed where the body expression doesn't give exactly one body
     */
    CrmRequest request(CrmCall call, String address) {
        if (paging != null && !call.input().has(PAGE)) {
            return request(call.at(paging.first()), address);
        }
        String filled = address;
        for (Map.Entry<String, String> value : call.path().entrySet()) {
            filled = filled.replace("{" + value.getKey() + "}", encoded(value.getValue()));
        }
        return new CrmRequest(method, filled + query(call), body == null ? null : body.one(call.input()));
    }

    private String query(CrmCall call) {
        if (query == null) {
            return "";
        }
        String text = query.one(call.input()).properties().stream()
                .filter(parameter -> !parameter.getValue().isNull())
                .map(parameter -> encoded(parameter.getKey()) + "=" + encoded(parameter.getValue().asText()))
                .collect(Collectors.joining("&"));
        return text.isEmpty() ? "" : "?" + text;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** @throws ExpressionFailed where the body isn't in the shape that crm.yaml says */
    List<JsonNode> elements(JsonNode answer) {
        return gives == null ? List.of() : gives.all(answer);
    }

    /** What the call for the next page must name; null where this answer, of so many elements, was the last. */
    JsonNode next(CrmCall call, JsonNode answer, int elements) {
        return paging == null ? null
                : paging.after(call.input().has(PAGE) ? call.input().get(PAGE) : paging.first(), answer, elements);
    }
}
