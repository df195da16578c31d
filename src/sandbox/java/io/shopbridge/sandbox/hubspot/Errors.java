package io.shopbridge.sandbox.hubspot;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Refused;
import java.util.UUID;

/**
 * HubSpot's error bodies, as its guide gives them.
 *
 * @see <a href="https://developers.hubspot.com/docs/api-reference/error-handling">Error handling</a>
 */
final class Errors {

    private Errors() {
    }

    static Refused invalid(String message) {
        return new Refused(answer(400, "VALIDATION_ERROR", message));
    }

    static Refused invalidValues(ArrayNode problems) {
        return invalid("Property values were not valid: " + problems);
    }

    static Refused conflict(String label, String existingId) {
        return new Refused(answer(409, "CONFLICT", label + " already exists. Existing ID: " + existingId));
    }

    static Refused exists(String message) {
        return new Refused(answer(409, "OBJECT_ALREADY_EXISTS", message));
    }

    static Refused notFound(String message) {
        return new Refused(answer(404, "OBJECT_NOT_FOUND", message));
    }

    static Answer answer(int status, String category, String message) {
        return Answer.read(status, Json.object().put("status", "error").put("message", message)
                .put("correlationId", UUID.randomUUID().toString()).put("category", category));
    }

    static Answer tooMany(String policy, String message) {
        return Answer.read(429, Json.object().put("status", "error").put("message", message)
                .put("errorType", "RATE_LIMIT").put("correlationId", UUID.randomUUID().toString())
                .put("policyName", policy).put("category", "RATE_LIMITS"));
    }

    static Answer failure(int status, String message) {
        return switch (status) {
            case 400 -> answer(400, "VALIDATION_ERROR", message);
            case 401 -> answer(401, "INVALID_AUTHENTICATION",
                    "Authentication credentials not found or not valid. This API supports OAuth 2.0 authentication");
            case 403 -> answer(403, "MISSING_SCOPES", "This app does not have the scopes this call needs");
            case 404 -> answer(404, "OBJECT_NOT_FOUND", message);
            case 423 -> answer(423, "LOCKED", "The account is locked for a large operation; wait at least 2 seconds");
            case 429 -> tooMany("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.");
            default -> answer(status, "INTERNAL_ERROR", "There was an internal error. " + message);
        };
    }

    static void missing(ArrayNode errors, String object, Iterable<String> ids) {
        ObjectNode error = errors.addObject().put("status", "error").put("category", "OBJECT_NOT_FOUND")
                .put("message", "Could not get some " + Errors.label(object)
                        + " objects, they may be deleted or not exist. Check that ids are valid.");
        ArrayNode list = error.putObject("context").putArray("ids");
        ids.forEach(list::add);
    }

    /** The value of a unique property is another record's: https://community.hubspot.com has the words. */
    static void taken(ArrayNode errors, String id, String trace, String holder) {
        ObjectNode error = errors.addObject().put("status", "error").put("category", "VALIDATION_ERROR")
                .put("message", "Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=0-1, propertyName=email}"
                        + " on " + id + ". " + holder + " already has that value.");
        ObjectNode context = error.putObject("context");
        context.putArray("ids").add(id);
        context.putArray("objectWriteTraceId").add(trace);
    }

    static String label(String object) {
        String words = object.replace("ies", "y").replaceAll("s$", "").replace('_', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
