package io.shopbridge.sandbox.pipedrive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Refused;

/** Pipedrive's error bodies. */
final class Errors {

    private static final String SEE = "Please check developers.pipedrive.com for more information about Pipedrive API.";

    private Errors() {
    }

    /** A body or a query that does not agree with the API's description. */
    static Refused invalid(String message) {
        ObjectNode body = body("Validation failed: " + message, SEE);
        return new Refused(Answer.read(400, body.put("code", "ERR_SCHEMA_VALIDATION_FAILED")));
    }

    static Refused notFound() {
        return new Refused(answer(404, "Entity was not found", "Object was not found."));
    }

    /** @see <a href="https://pipedrive.readme.io/docs/core-api-concepts-responses">Responses</a> */
    static Refused tooManyOpenDeals() {
        return new Refused(Answer.read(403, body("Couldn't add the deal. Open deals limit reached.", SEE)
                .put("code", "feature_capping_deals_limit")));
    }

    /** Its status is not documented; 403 is the worst, because most others of that status are about the token. */
    static Refused archived() {
        return new Refused(Answer.read(403, body("Archived deals cannot be edited.", SEE).put("code", "ERR_DEAL_ARCHIVED")));
    }

    static Answer answer(int status, String error, String info) {
        return Answer.read(status, body(error, info));
    }

    private static ObjectNode body(String error, String info) {
        return Json.object().put("success", false).put("error", error).put("error_info", info);
    }

    static Answer failure(int status, String message) {
        return switch (status) {
            case 400 -> answer(400, message, SEE);
            case 401 -> Answer.read(401, body("unauthorized access", SEE).put("errorCode", 401));
            case 403 -> answer(403, "Forbidden", SEE);
            case 404 -> answer(404, "Entity was not found", "Object was not found.");
            case 429 -> answer(429, "request over limit", SEE);
            default -> answer(status, "Server error", SEE);
        };
    }
}
