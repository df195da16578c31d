package io.shopbridge.sandbox.hubspot;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Call;
import io.shopbridge.sandbox.server.Json;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * HubSpot's communication preferences: who wants e-mail of which subscription. There is one subscription here.
 *
 * @see <a href="https://developers.hubspot.com/docs/api-reference/communication-preferences-v4/guide">Guide</a>
 */
final class Consents {

    static final int SUBSCRIPTION = 1001;
    private static final Set<String> STATES = Set.of("SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED");
    private static final Set<String> KNOWN = Set.of("channel", "subscriptionId", "statusState", "legalBasis",
            "legalBasisExplanation");
    private static final Set<String> BASES = Set.of("LEGITIMATE_INTEREST_PQL", "LEGITIMATE_INTEREST_CLIENT",
            "PERFORMANCE_OF_CONTRACT", "CONSENT_WITH_NOTICE", "NON_GDPR", "PROCESS_AND_STORE",
            "LEGITIMATE_INTEREST_OTHER");

    private record Status(String state, String basis, long at) {
    }

    private final Map<String, Status> byEmail = new ConcurrentHashMap<>();
    private volatile boolean basisNeeded;

    void askForLegalBasis(boolean asked) {
        basisNeeded = asked;
    }

    String state(String email) {
        Status status = byEmail.get(email.toLowerCase(Locale.ROOT));
        return status == null ? "NOT_SPECIFIED" : status.state();
    }

    String legalBasis(String email) {
        Status status = byEmail.get(email.toLowerCase(Locale.ROOT));
        return status == null ? null : status.basis();
    }

    void unsubscribes(String email) {
        byEmail.put(email.toLowerCase(Locale.ROOT), new Status("UNSUBSCRIBED", null, System.currentTimeMillis()));
    }

    void clear() {
        byEmail.clear();
        basisNeeded = false;
    }

    Answer answer(Call call, List<String> path) throws IOException {
        if (path.equals(List.of("definitions")) && call.method().equals("GET")) {
            ObjectNode body = Json.object().put("status", "COMPLETE");
            body.putArray("results").addObject().put("id", String.valueOf(SUBSCRIPTION))
                    .put("name", "Marketing Information").put("isActive", true).put("communicationMethod", "Email");
            return Answer.read(200, body);
        }
        if (path.size() != 2 || !path.get(0).equals("statuses")) {
            throw Errors.notFound("No such path");
        }
        String email = path.get(1).toLowerCase(Locale.ROOT);
        if (!email.matches("[^@%\\s]+@[^@%\\s]+")) {
            throw Errors.invalid("Invalid subscriber: " + email);
        }
        if (call.method().equals("GET")) {
            if (!"EMAIL".equals(call.query().get("channel"))) {
                throw Errors.invalid("Query parameter channel is required and must be EMAIL");
            }
            ObjectNode body = Json.object().put("status", "COMPLETE");
            body.putArray("results").add(view(email));
            return Answer.read(200, body);
        }
        if (call.method().equals("POST")) {
            set(email, call.object());
            return Answer.wrote(200, Json.object().put("status", "COMPLETE").set("results",
                    Json.array().add(view(email).put("setStatusSuccessReason", "REQUESTED_CHANGE_OCCURRED"))));
        }
        throw Errors.notFound("No such path");
    }

    private void set(String email, ObjectNode body) {
        body.fieldNames().forEachRemaining(member -> {
            if (!KNOWN.contains(member)) {
                throw Errors.invalid("Invalid input JSON: unrecognized field \"" + member + "\"");
            }
        });
        String state = body.path("statusState").asText();
        String basis = body.path("legalBasis").asText(null);
        if (!body.path("channel").asText().equals("EMAIL") || !STATES.contains(state)
                || !body.path("subscriptionId").isInt()) {
            throw Errors.invalid("channel, subscriptionId and statusState are required");
        }
        if (body.get("subscriptionId").asInt() != SUBSCRIPTION) {
            throw Errors.invalid("Subscription " + body.get("subscriptionId") + " does not exist");
        }
        if (basis != null && !BASES.contains(basis)) {
            throw Errors.invalid("legalBasis must be one of " + BASES);
        }
        boolean again = state.equals("SUBSCRIBED") && state(email).equals("UNSUBSCRIBED");
        if (state.equals("SUBSCRIBED") && basis == null && (basisNeeded || again)) {
            throw Errors.invalid("A legal basis is required to subscribe this contact");
        }
        byEmail.put(email, new Status(state, basis, System.currentTimeMillis()));
    }

    private ObjectNode view(String email) {
        Status status = byEmail.get(email);
        return Json.object().put("channel", "EMAIL").put("subscriberIdString", email)
                .put("subscriptionId", SUBSCRIPTION).put("subscriptionName", "Marketing Information")
                .put("status", state(email)).put("source", "API")
                .put("timestamp", Json.time(status == null ? 0 : status.at()));
    }
}
