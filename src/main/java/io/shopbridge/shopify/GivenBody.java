package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A body given by a person, split into bodies of webhooks: it may be a webhook's itself, an answer of the
 * GraphQL Admin API or an object out of one, or an answer of the REST Admin API.
 *
 * @param parts   in the order in which the body has them
 * @param guessed whether the topics come from the body's shape
 * @param note    what kind of body it was taken for; null for a webhook's
 */
public record GivenBody(List<PayloadPart> parts, boolean guessed, String note) {

    private static final Set<String> ANSWER = Set.of("data", "errors", "extensions");

    /**
     * Takes a body apart.
     *
     * @param topic the given topic; an answer is recognised without it
     * @throws UnreadablePayload where it is nothing of this, or an answer that says errors
     */
    public static GivenBody of(byte[] body, Optional<String> topic, Shopify shopify) {
        GraphqlTypes types = shopify.types();
        JsonNode json;
        try {
            json = Json.read(body);
        } catch (IOException e) {
            throw new UnreadablePayload("The body is not JSON: give the bytes as Shopify sent them");
        }
        Set<String> names = json.properties().stream().map(Map.Entry::getKey).collect(Collectors.toSet());
        if (json.has("errors") && ANSWER.containsAll(names)) {
            throw new UnreadablePayload("The answer has errors" + firstError(json.get("errors")) + ". The rest of it"
                    + " may be incomplete, so nothing is mapped: correct the query or the app's access, and query"
                    + " again");
        }
        if (json.has("data") && ANSWER.containsAll(names)) {
            return answer(json.get("data"), types, false);
        }
        if (topic.isEmpty() && GraphqlTypes.typeName(json).isPresent()) {
            return answer(json, types, false);
        }
        Optional<List<PayloadPart>> event = topic.isPresent() ? Optional.empty()
                : ShopifyEvent.of(json).flatMap(one -> one.parts(shopify));
        if (event.isPresent()) {
            return new GivenBody(event.get(), true, "a delivery of Shopify Events");
        }
        if (names.size() == 1) {
            String name = names.iterator().next();
            Optional<String> shape = shopify.topicOfRest(name);
            if (shape.isPresent()) {
                return rest(name, shape.get(), json.elements().next());
            }
        }
        if (!(json instanceof ObjectNode object)) {
            throw new UnreadablePayload("The body is not a JSON object, as every webhook's is");
        }
        String name = topic.or(() -> shopify.topicOf(object)).orElseThrow(() -> new UnreadablePayload(
                "The topic can't be guessed from the body: give it, as one of " + shopify.handled()));
        return new GivenBody(List.of(new PayloadPart(name, body)), topic.isEmpty(), null);
    }

    /** The topics, each once. */
    public String topics() {
        return parts.stream().map(PayloadPart::topic).distinct().collect(Collectors.joining(", "));
    }

    /**
     * Takes the data of an answer apart.
     *
     * @param complete whether an object without a field of its fragment is refused, which would be taken for empty
     */
    static GivenBody answer(JsonNode data, GraphqlTypes types, boolean complete) {
        List<PayloadPart> parts = new ArrayList<>();
        Map<String, Integer> found = new TreeMap<>();
        visit(data, types, false, object -> {
            GraphqlType type = types.of(object).orElseThrow();
            if (complete) {
                type.checkComplete(object);
            }
            parts.addAll(type.parts(object));
            found.merge(type.name(), 1, Integer::sum);
        });
        if (parts.isEmpty()) {
            String known = types.all().stream().map(GraphqlType::name).collect(Collectors.joining(", "));
            throw new UnreadablePayload("The GraphQL answer has no object of a known type (" + known + "): query"
                    + " __typename and id, best with the fragments in mappings/shopify");
        }
        return new GivenBody(List.copyOf(parts), true, "a GraphQL answer with " + found.entrySet().stream()
                .map(type -> type.getValue() + " " + type.getKey()).collect(Collectors.joining(" and ")));
    }

    /**
     * Finds the objects of known types. What is inside one is a part of it, but for the elements of its connections:
     * a customer's orders are records of their own, an order's customer is said by the order.
     */
    private static void visit(JsonNode json, GraphqlTypes types, boolean inside, Consumer<JsonNode> found) {
        boolean known = json.isObject() && types.of(json).isPresent();
        if (known) {
            found.accept(json);
        } else if (inside && GraphqlTypes.typeName(json).isPresent()) {
            return;
        }
        for (JsonNode child : json) {
            if (!known && !inside) {
                visit(child, types, false, found);
            } else if (isConnection(child)) {
                child.path("nodes").forEach(node -> visit(node, types, true, found));
                child.path("edges").forEach(edge -> visit(edge.path("node"), types, true, found));
            }
        }
    }

    private static boolean isConnection(JsonNode json) {
        return json.path("nodes").isArray() || json.path("edges").isArray();
    }

    private static GivenBody rest(String name, String topic, JsonNode content) {
        List<PayloadPart> parts = new ArrayList<>();
        for (JsonNode one : content.isArray() ? content : List.of(content)) {
            if (!(one instanceof ObjectNode)) {
                throw new UnreadablePayload("The REST answer's \"" + name + "\" is not an object: give it as Shopify"
                        + " sent"
                        + " it");
            }
            parts.add(new PayloadPart(topic, Json.write(one)));
        }
        if (parts.isEmpty()) {
            throw new UnreadablePayload("The REST answer's \"" + name + "\" is empty: there is nothing to map");
        }
        return new GivenBody(List.copyOf(parts), true, "a REST answer with " + parts.size() + " in \"" + name + "\"");
    }

    private static String firstError(JsonNode errors) {
        JsonNode first = errors.isArray() ? errors.path(0) : errors;
        String code = first.path("extensions").path("code").asText("");
        String message = first.isTextual() ? first.asText() : first.path("message").asText("");
        return (code.isEmpty() ? "" : " (" + code + ")") + (message.isEmpty() ? "" : ": " + message);
    }
}
