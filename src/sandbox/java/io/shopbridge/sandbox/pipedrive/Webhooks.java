package io.shopbridge.sandbox.pipedrive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/**
 * Webhooks of version 2.0: the whole record, what it was in the properties that changed, and who changed it. They are
 * not signed, and sent once only.
 *
 * @see <a href="https://pipedrive.readme.io/docs/guide-for-webhooks-v2">Guide for webhooks v2</a>
 */
final class Webhooks {

    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    void send(List<ObjectNode> subscriptions, String object, ObjectNode now, ObjectNode previous, boolean byApi) {
        String action = previous == null ? "create" : now == null ? "delete" : "change";
        String entity = object.substring(0, object.length() - 1).replace("activitie", "activity");
        for (ObjectNode subscription : subscriptions) {
            if (matches(subscription, "event_action", action) && matches(subscription, "event_object", entity)) {
                send(subscription, body(action, entity, now, previous, byApi));
            }
        }
    }

    private static boolean matches(JsonNode subscription, String name, String value) {
        String wanted = subscription.path(name).asText();
        return wanted.equals("*") || wanted.equals(value);
    }

    private static ObjectNode body(String action, String entity, ObjectNode now, ObjectNode previous, boolean byApi) {
        ObjectNode body = Json.object();
        body.set("data", now);
        if (now == null || previous == null) {
            body.set("previous", previous);
        } else {
            ObjectNode changed = body.putObject("previous");
            previous.fields().forEachRemaining(one -> {
                if (!one.getValue().equals(now.get(one.getKey()))) {
                    changed.set(one.getKey(), one.getValue());
                }
            });
        }
        ObjectNode known = now == null ? previous : now;
        body.putObject("meta").put("action", action).put("entity", entity)
                .put("entity_id", known.get("id").asText()).put("id", UUID.randomUUID().toString())
                .put("correlation_id", UUID.randomUUID().toString()).put("company_id", "1").put("user_id", "1")
                .put("timestamp", Json.time(System.currentTimeMillis())).put("version", "2.0").put("attempt", 1)
                .put("is_bulk_edit", false).put("change_source", byApi ? "api" : "app");
        return body;
    }

    private void send(ObjectNode subscription, ObjectNode body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(subscription.get("subscription_url").asText()))
                .timeout(Duration.ofSeconds(10)).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)));
        String user = subscription.path("http_auth_user").asText("");
        if (!user.isEmpty()) {
            String both = user + ":" + subscription.path("http_auth_password").asText("");
            request.header("Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
        }
        client.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
    }
}
