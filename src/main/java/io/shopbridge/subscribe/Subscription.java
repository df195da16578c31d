package io.shopbridge.subscribe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A webhook subscription as it is registered in a shop.
 *
 * @param id     Shopify's, for changing it
 * @param topic  as webhooks say it, if it is one of topics.yaml; else as the API says it
 * @param uri    where its webhooks go
 * @param format JSON or XML
 * @param filter which changes are sent alone; empty: all
 * @param fields which fields are sent alone; empty: all
 */
public record Subscription(String id, String topic, String uri, String format, String filter, List<String> fields) {

    private static final String JSON = "JSON";

    static Subscription of(JsonNode node, String topic) {
        List<String> fields = new ArrayList<>();
        node.path("includeFields").forEach(field -> fields.add(field.asText()));
        return new Subscription(node.path("id").asText(), topic, node.path("uri").asText(),
                node.path("format").asText(), node.path("filter").asText(""), List.copyOf(fields));
    }

    boolean isJson() {
        return format.equals(JSON);
    }

    /** What of it keeps changes away; empty: nothing. */
    String lacks() {
        return !filter.isBlank() ? "it has a filter, so that some changes are not sent"
                : !fields.isEmpty() ? "it sends some fields only, so that records are incomplete" : "";
    }
}
