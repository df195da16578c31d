package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Call;
import io.shopbridge.sandbox.server.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Composite requests and graphs: several calls in one, where later ones may refer to the answers of earlier ones. */
final class Composite {

    private static final int MOST_SUBREQUESTS = 25;
    private static final int MOST_GRAPHS = 75;
    private static final int MOST_NODES = 500;
    private static final Pattern REFERENCE = Pattern.compile("@\\{(\\w+)\\.([\\w.\\[\\]]+)}");

    private final Function<Call, Answer> router;
    private final ThreadLocal<List<Runnable>> undo = new ThreadLocal<>();

    Composite(Function<Call, Answer> router) {
        this.router = router;
    }

    /** Tells of a write that a composite request may have to take back. */
    void wrote(List<Runnable> takesBack) {
        if (undo.get() != null) {
            undo.get().addAll(0, takesBack);
        }
    }

    Answer composite(Call call) throws IOException {
        ObjectNode body = call.object();
        return Answer.wrote(200, run(call, body.path("compositeRequest"), body.path("allOrNone").asBoolean(),
                MOST_SUBREQUESTS));
    }

    Answer graphs(Call call) throws IOException {
        JsonNode given = call.object().path("graphs");
        int nodes = 0;
        for (JsonNode graph : given) {
            nodes += graph.path("compositeRequest").size();
        }
        if (given.size() > MOST_GRAPHS || nodes > MOST_NODES) {
            throw Errors.refused(400, "LIMIT_EXCEEDED", "At most " + MOST_GRAPHS + " graphs with "
                    + MOST_NODES + " nodes in all");
        }
        ObjectNode answer = Json.object();
        ArrayNode graphs = answer.putArray("graphs");
        for (JsonNode graph : given) {
            ObjectNode response = run(call, graph.path("compositeRequest"), true, MOST_NODES);
            boolean good = true;
            for (JsonNode one : response.get("compositeResponse")) {
                good &= one.get("httpStatusCode").asInt() < 300;
            }
            graphs.addObject().put("graphId", graph.path("graphId").asText()).put("isSuccessful", good)
                    .set("graphResponse", response);
        }
        return Answer.wrote(200, answer);
    }

    private ObjectNode run(Call call, JsonNode requests, boolean allOrNone, int most) throws IOException {
        if (!requests.isArray() || requests.isEmpty() || requests.size() > most) {
            throw Errors.refused(400, "INVALID_INPUT", "Give 1 to " + most + " subrequests");
        }
        ObjectNode answer = Json.object();
        ArrayNode responses = answer.putArray("compositeResponse");
        Map<String, JsonNode> bodies = new HashMap<>();
        boolean failed = false;
        undo.set(new ArrayList<>());
        try {
            for (JsonNode request : requests) {
                ObjectNode response = failed && allOrNone ? halted(request) : one(call, request, bodies);
                failed |= response.get("httpStatusCode").asInt() >= 300;
                responses.add(response);
            }
            if (failed && allOrNone) {
                undo.get().forEach(Runnable::run);
                for (int i = 0; i < responses.size(); i++) {
                    if (responses.get(i).get("httpStatusCode").asInt() < 300) {
                        responses.set(i, halted(requests.get(i)));
                    }
                }
            }
        } finally {
            undo.remove();
        }
        return answer;
    }

    private static ObjectNode halted(JsonNode request) {
        ObjectNode response = Json.object();
        response.putArray("body").addObject().put("errorCode", "PROCESSING_HALTED")
                .put("message", "The transaction was rolled back since another operation in the same transaction "
                        + "failed.");
        response.putObject("httpHeaders");
        return response.put("httpStatusCode", 400).put("referenceId", request.path("referenceId").asText());
    }

    private ObjectNode one(Call call, JsonNode request, Map<String, JsonNode> bodies) throws IOException {
        String url = filled(request.path("url").asText(), bodies);
        String body = request.has("body") ? filled(request.get("body").toString(), bodies) : "";
        String[] pathAndQuery = url.split("\\?", 2);
        Map<String, List<String>> headers = new HashMap<>();
        call.headers().forEach((name, value) -> headers.put(name, List.of(value)));
        request.path("httpHeaders").fields().forEachRemaining(one ->
                headers.put(one.getKey(), List.of(one.getValue().asText())));
        Answer answer = router.apply(Call.of(request.path("method").asText(), pathAndQuery[0],
                pathAndQuery.length > 1 ? pathAndQuery[1] : null, headers, body.getBytes(StandardCharsets.UTF_8)));
        ObjectNode response = Json.object();
        JsonNode answered = answer.body().length == 0 ? NullNode.getInstance() : Json.parse(answer.body());
        bodies.put(request.path("referenceId").asText(), answered);
        response.set("body", answered);
        response.putObject("httpHeaders");
        return response.put("httpStatusCode", answer.status()).put("referenceId",
                request.path("referenceId").asText());
    }

    private static String filled(String text, Map<String, JsonNode> bodies) {
        return REFERENCE.matcher(text).replaceAll(found -> {
            String pointer = "/" + found.group(2).replace('.', '/').replaceAll("\\[(\\d+)]", "/$1");
            JsonNode value = bodies.getOrDefault(found.group(1), NullNode.getInstance()).at(pointer);
            return Matcher.quoteReplacement(value.isMissingNode() ? found.group() : value.asText());
        });
    }
}
