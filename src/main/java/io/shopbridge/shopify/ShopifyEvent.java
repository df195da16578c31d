package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A delivery of Shopify Events, the successor of webhooks: {@code data} is the answer to the subscription's own GraphQL
 * query, so it is read as an answer of the API. Unlike a webhook's, its topic is in the signed body
 * (https://shopify.dev/docs/apps/build/events/delivery-structure).
 *
 * @param topic     the type of the record, as in Product
 * @param action    create, update or delete
 * @param handle    the name of the subscription
 * @param data      missing where the subscription has no query, as of a deletion
 * @param variables the global ids that the query was given, such as productId
 */
record ShopifyEvent(String topic, String action, String handle, JsonNode data, JsonNode variables) {

    private static final String DELETE = "delete";

    /** Empty where the bytes are something else. */
    static Optional<ShopifyEvent> of(byte[] body) {
        try {
            return of(Json.read(body));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Empty where the body is something else. */
    static Optional<ShopifyEvent> of(JsonNode body) {
        String topic = Json.text(body, "topic");
        String action = Json.text(body, "action");
        String handle = Json.text(body, "handle");
        return topic == null || action == null || handle == null ? Optional.empty()
                : Optional.of(new ShopifyEvent(topic, action, handle, body.path("data"), body.path("query_variables")));
    }

    /**
     * What webhooks would have brought; empty where records of this type are not handled.
     *
     * @throws UnreadablePayload where it has too little of the record
     */
    Optional<List<PayloadPart>> parts(Shopify shopify) {
        if (action.equalsIgnoreCase(DELETE)) {
            return shopify.topicOfDeletion(topic).map(name -> List.of(deletion(name)));
        }
        if (shopify.types().all().stream().noneMatch(type -> type.name().equals(topic))) {
            return Optional.empty();
        }
        if (!data.isObject()) {
            throw new UnreadablePayload("The event of subscription " + handle + " has no data: give the subscription a"
                    + " query with the fragment of mappings/shopify that is on " + topic);
        }
        return Optional.of(GivenBody.answer(data, shopify.types(), true).parts());
    }

    private PayloadPart deletion(String topicOfIt) {
        String variable = topic.substring(0, 1).toLowerCase(Locale.ROOT) + topic.substring(1) + "Id";
        String gid = Json.text(variables, variable);
        if (gid == null) {
            throw new UnreadablePayload("The event of subscription " + handle + " does not say what was deleted: "
                    + variable + " is missing");
        }
        return new PayloadPart(topicOfIt, Json.write(JsonNodeFactory.instance.objectNode().put(Payload.GID, gid)));
    }
}
