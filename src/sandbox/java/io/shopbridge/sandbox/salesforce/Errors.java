package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Refused;

/**
 * Salesforce's error bodies: an array, whatever the status.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm">Status
 *     codes</a>
 */
final class Errors {

    private Errors() {
    }

    static Refused refused(int status, String code, String message) {
        return new Refused(answer(status, code, message));
    }

    static Refused notFound() {
        return refused(404, "NOT_FOUND", "The requested resource does not exist");
    }

    static Refused malformedQuery(String message) {
        return refused(400, "MALFORMED_QUERY", message);
    }

    /** The JSON cannot be read into the fields' types, which fails the whole request. */
    static Refused wrongType(String type, String given) {
        return refused(400, "JSON_PARSER_ERROR", "Cannot deserialize instance of " + type + " from " + given
                + " or request may be missing a required field");
    }

    static Answer answer(int status, String code, String message) {
        return Answer.read(status, Json.array().add(Json.object().put("message", message).put("errorCode", code)));
    }

    /** What a call for one record says of its refusal. */
    static Answer single(RowRefused refused) {
        ObjectNode error = refused.single();
        int status = switch (refused.code()) {
            case "ENTITY_IS_DELETED", "NOT_FOUND" -> 404;
            default -> 400;
        };
        return Answer.read(status, Json.array().add(error));
    }

    static Answer failure(int status, String message) {
        return switch (status) {
            case 400 -> answer(400, "JSON_PARSER_ERROR", message);
            case 401 -> answer(401, "INVALID_SESSION_ID", "Session expired or invalid");
            case 403 -> answer(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
            case 404 -> answer(404, "NOT_FOUND", "The requested resource does not exist");
            case 503 -> answer(503, "SERVER_UNAVAILABLE", "Server is unavailable, please try again later");
            default -> answer(status, "UNKNOWN_EXCEPTION", "An unexpected error occurred. " + message);
        };
    }
}
