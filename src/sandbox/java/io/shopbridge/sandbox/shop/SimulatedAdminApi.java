package io.shopbridge.sandbox.shop;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Call;
import io.shopbridge.sandbox.server.CrmServer;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.Refused;
import io.shopbridge.sandbox.server.SimulatedCrm;
import io.shopbridge.sandbox.shop.BulkOperations.End;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The Admin GraphQL API of the shop that a {@link ShopModel} plays, with its token endpoint, over HTTP. What
 * {@code admin.graphqls} does not have is refused, as Shopify refuses what its schema does not have.
 *
 * @see <a href="https://shopify.dev/docs/api/admin-graphql">GraphQL Admin API</a>
 */
public final class SimulatedAdminApi extends SimulatedCrm {

    private static final TypeReference<Map<String, Object>> VARIABLES = new TypeReference<>() {
    };

    /** An app that renews its token once a day has two. */
    private static final int MOST_TOKENS = 1_000;

    /** What Google's storage says where the time of a signed URL is over. */
    private static final byte[] EXPIRED = ("<?xml version='1.0' encoding='UTF-8'?><Error><Code>ExpiredToken</Code>"
            + "<Message>Invalid argument.</Message></Error>").getBytes(StandardCharsets.UTF_8);

    private final ShopModel model;
    private final AdminOptions options;
    private final Access access;
    private final Points points;
    private final Subscriptions subscriptions = new Subscriptions();
    private final AdminGraphql graphql;
    private final Map<String, Instant> tokens = new ConcurrentHashMap<>();
    private final AtomicInteger throttled = new AtomicInteger();
    private volatile List<String> versions;

    private SimulatedAdminApi(int port, AdminOptions options, ShopModel model) {
        this.model = model;
        this.options = options;
        this.versions = options.versions();
        this.access = new Access(options.scopes(), options.protectedData());
        this.points = new Points(options.bucket(), options.restoreRate(), options.clock());
        synchronized (model) {
            model.index().behind(options.searchLag(), options.clock());
        }
        this.graphql = new AdminGraphql(model, options, access, points, subscriptions);
        serve("shop", port, Options.defaults(), new AdminApi());
        graphql.bulk().baseUrl(baseUrl());
    }

    /**
     * Starts it on the loopback interface.
     *
     * @param port 0 takes any free port
     * @param model the shop; what happens in it is seen at once, but by searches after their lag
     * @throws IllegalStateException if the port is taken
     */
    public static SimulatedAdminApi start(int port, AdminOptions options, ShopModel model) {
        return new SimulatedAdminApi(port, options, model);
    }

    /** The merchant grants these scopes, and no others, from now on. */
    public void grant(String... scopes) {
        access.scopes(Set.of(scopes));
    }

    /** Ends every token of the client-credentials grant, as after a rotation of the secret. */
    public void endTokens() {
        tokens.clear();
    }

    /** The versions that the API has from now on, oldest first. */
    public void versions(String... oldestFirst) {
        versions = List.of(oldestFirst);
    }

    /** The next queries are refused as if all points were spent. */
    public void throttle(int queries) {
        throttled.set(queries);
    }

    /** From now on, every query fails that asks for more than id and time of one of these records. */
    public void failOn(String... gids) {
        graphql.broken(Set.of(gids));
    }

    /** From now on, every query fails that asks for a further page of a list inside of these records. */
    public void failOnPartsOf(String... gids) {
        graphql.brokenParts(Set.of(gids));
    }

    /** A query that costs more is refused; Shopify's limit is 1,000. */
    public void limitQueries(int points) {
        graphql.mostPoints(points);
    }

    /** Other users of this app spend all points. */
    public void drainPoints() {
        points.drain();
    }

    /** Points spent so far, what was given back not counted. */
    public long pointsSpent() {
        return points.spent();
    }

    /** Whether the app has subscribed to a topic by the API; a topic as in webhooks, such as orders/create. */
    public boolean isSubscribed(String topic) {
        synchronized (model) {
            return subscriptions.has(enumOf(topic));
        }
    }

    /** Deletes the subscriptions to a topic, as Shopify does when their webhooks failed eight times in a row. */
    public void deleteSubscription(String topic) {
        synchronized (model) {
            subscriptions.delete(enumOf(topic));
        }
    }

    /** The next bulk operation fails; {@code withAPart} leaves the half that was ready. */
    public void failNextBulkOperation(boolean withAPart) {
        graphql.bulk().endNext(withAPart ? End.FAILED_WITH_A_PART : End.FAILED);
    }

    /** How long bulk operations take at least that are started from now on. */
    public void bulkTime(Duration time) {
        graphql.bulk().take(time);
    }

    /** How many bulk operations were started; long ago, or before the shop was cleared, does not count. */
    public int bulkOperations() {
        synchronized (model) {
            return graphql.bulk().started();
        }
    }

    /** The next bulk operation ends as those do that did not finish within ten days. */
    public void expireNextBulkOperation() {
        graphql.bulk().endNext(End.EXPIRED);
    }

    private static String enumOf(String topic) {
        return topic.replace('/', '_').replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** The records as webhooks tell them now; object is customers, orders, draft_orders, companies or checkouts. */
    @Override
    public List<ObjectNode> records(String object) {
        synchronized (model) {
            return model.records(object);
        }
    }

    /** Forgets every record and subscription; the shop goes on as one that begins anew. */
    @Override
    public void clear() {
        synchronized (model) {
            model.clear();
            subscriptions.clear();
            graphql.bulk().close();
        }
    }

    @Override
    public void close() {
        super.close();
        synchronized (model) {
            graphql.bulk().close();
        }
    }

    private final class AdminApi implements CrmServer.Api {

        /** With the name of the operation, where the query gives it one. */
        @Override
        public String template(Call call) {
            if (call.is("GET", BulkOperations.PATH, "*")) {
                return "GET /" + BulkOperations.PATH + "/{name}";
            }
            if (!isGraphql(call)) {
                return call.method() + " " + call.path();
            }
            try {
                String name = call.object().path("operationName").asText("");
                return "POST graphql" + (name.isEmpty() ? "" : " " + name);
            } catch (IOException unreadable) {
                return "POST graphql";
            }
        }

        @Override
        public Answer answer(Call call) throws IOException {
            if (call.is("POST", "admin", "oauth", "access_token")) {
                return token(call);
            }
            if (call.is("GET", BulkOperations.PATH, "*")) {
                return new Answer(400, EXPIRED, Map.of("Content-Type", "application/xml"), false);
            }
            return isGraphql(call) ? query(call) : failure(404, null, "Not Found");
        }

        /**
         * {@code POST /sandbox/shop} with any of {@code {"throttle": 3, "drain-points": true, "scopes": ["read_orders"],
         * "end-tokens": true, "versions": ["2026-07", "2026-10"], "delete-subscription": "orders/create",
         * "next-bulk-operation": "FAILED"}}, for who sits at a terminal.
         */
        @Override
        public Answer control(Call call) throws IOException {
            if (!call.is("POST", "sandbox", "shop")) {
                return failure(404, null, "");
            }
            for (Map.Entry<String, JsonNode> wanted : call.object().properties()) {
                JsonNode value = wanted.getValue();
                switch (wanted.getKey()) {
                    case "throttle" -> throttle(value.asInt());
                    case "drain-points" -> drainPoints();
                    case "scopes" -> grant(texts(value));
                    case "end-tokens" -> endTokens();
                    case "versions" -> versions(texts(value));
                    case "delete-subscription" -> deleteSubscription(value.asText());
                    case "next-bulk-operation" -> graphql.bulk().endNext(End.valueOf(value.asText()));
                    default -> {
                        return failure(400, null, "Unknown: " + wanted.getKey());
                    }
                }
            }
            return Answer.read(200, Json.object());
        }

        private static String[] texts(JsonNode list) {
            List<String> texts = new ArrayList<>();
            list.forEach(one -> texts.add(one.asText()));
            return texts.toArray(String[]::new);
        }

        /** The URL of a result is signed by itself, and takes no token. */
        @Override
        public Path file(Call call) {
            if (!call.is("GET", BulkOperations.PATH, "*")) {
                return null;
            }
            synchronized (model) {
                return graphql.bulk().result(call.segments().get(1));
            }
        }

        @Override
        public Answer failure(int status, Integer retryAfter, String message) {
            Answer answer = Answer.read(status, Json.object().put("errors", switch (status) {
                case 401 -> "[API] Invalid API key or access token (unrecognized login or wrong password)";
                case 402 -> "Unavailable Shop";
                case 404 -> "Not Found";
                case 423 -> "Unavailable Shop";
                case 430 -> "Shopify Security Rejection";
                case 500, 502, 503, 504 -> "Internal Server Error";
                default -> message;
            }));
            return retryAfter == null ? answer : answer.with("Retry-After", retryAfter);
        }

        @Override
        public boolean knows(String object) {
            return Set.of("customers", "orders", "draft_orders", "companies", "checkouts").contains(object);
        }

        private static boolean isGraphql(Call call) {
            return call.is("POST", "admin", "api", "*", "graphql.json");
        }

        /**
         * The client-credentials grant. What it says of a wrong secret is not Shopify's wording, which is not documented.
         * https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
         */
        private Answer token(Call call) throws IOException {
            boolean isJson = call.headers().getOrDefault("Content-Type", "").startsWith("application/json");
            Map<String, ?> form = isJson ? Json.MAPPER.convertValue(call.object(), VARIABLES) : call.form();
            if (!"client_credentials".equals(form.get("grant_type"))) {
                return Answer.read(400, Json.object().put("error", "unsupported_grant_type"));
            }
            if (form.get("client_id") == null || !options.clientSecret().equals(form.get("client_secret"))) {
                return Answer.read(400, Json.object().put("error", "application_cannot_be_found")
                        .put("error_description", "The application was not found, or its secret is wrong"));
            }
            String token = "sandbox-" + UUID.randomUUID();
            Instant now = options.clock().instant();
            tokens.values().removeIf(end -> !end.isAfter(now));
            if (tokens.size() >= MOST_TOKENS) {
                throw new Refused(failure(429, null, "Too many tokens"));
            }
            tokens.put(token, now.plus(options.tokenLife()));
            return Answer.read(200, Json.object().put("access_token", token)
                    .put("scope", String.join(",", access.scopes()))
                    .put("expires_in", Math.max(1, options.tokenLife().toSeconds() - 1)));
        }

        private Answer query(Call call) throws IOException {
            if (!isKnown(call.headers().get("X-Shopify-Access-Token"))) {
                return failure(401, null, "");
            }
            String served = served(call.segments().get(2));
            if (served == null) {
                return failure(404, null, "");
            }
            JsonNode request = call.object();
            if (!request.path("query").isTextual()) {
                ObjectNode body = Json.object();
                body.putObject("errors").put("query", "Required parameter missing or invalid");
                return Answer.read(400, body);
            }
            AdminGraphql.Outcome outcome;
            synchronized (model) {
                outcome = graphql.answer(request.get("query").asText(), request.path("operationName").textValue(),
                        request.path("variables").isObject()
                                ? Json.MAPPER.convertValue(request.get("variables"), VARIABLES) : Map.of(),
                        throttled.getAndUpdate(left -> Math.max(0, left - 1)) > 0);
            }
            JsonNode body = Json.MAPPER.valueToTree(outcome.body());
            return (outcome.wrote() ? Answer.wrote(200, body) : Answer.read(200, body))
                    .with("X-Shopify-API-Version", served).with("X-Request-Id", UUID.randomUUID());
        }

        private boolean isKnown(String token) {
            if (token == null) {
                return false;
            }
            Instant end = tokens.get(token);
            return token.equals(options.accessToken()) || end != null && end.isAfter(options.clock().instant());
        }

        /** A version that is gone is answered by the oldest one that is left; null if there never was such a one. */
        private String served(String version) {
            List<String> left = versions;
            if (!version.matches("\\d{4}-(01|04|07|10)") || version.compareTo(left.get(left.size() - 1)) > 0) {
                return null;
            }
            return left.contains(version) ? version : left.get(0);
        }
    }
}
