package io.shopbridge.sandbox.tidewater;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Call;
import io.shopbridge.sandbox.server.CrmServer;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.RecordStore;
import io.shopbridge.sandbox.server.RecordStore.Index;
import io.shopbridge.sandbox.server.RecordStore.Shape;
import io.shopbridge.sandbox.server.RecordStore.Stored;
import io.shopbridge.sandbox.server.RollingLimit;
import io.shopbridge.sandbox.server.SimulatedCrm;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A CRM of no vendor: procedures instead of resources, tokens that end, pages of {@value #PAGE} by cursor, and 200 for
 * every answer, with what went wrong in the body.
 */
public final class SimulatedTidewater extends SimulatedCrm {

    public static final String CLIENT_ID = "tidewater-client";
    public static final String CLIENT_SECRET = "tidewater-secret";
    /** Rows of one call. */
    public static final int MOST = 80;
    private static final int PAGE = 50;
    private static final int LONGEST = 2_000;
    private static final Map<String, Set<String>> ATTRIBUTES = Map.of(
            "people", Set.of("shop_key", "mail", "phone", "given_name", "family_name", "remark"),
            "purchases", Set.of("shop_key", "number", "total", "person", "lines"));

    private final RecordStore store;
    private final RollingLimit limit;
    private volatile String token;
    private volatile boolean accepts = true;

    private SimulatedTidewater(Options options) {
        limit = new RollingLimit(options.limitOr(110), options.period(Duration.ofSeconds(1)));
        Index key = new Index("shop_key", text -> text);
        store = new RecordStore(null, 1, Map.of(
                "people", new Shape("p", List.of(key, new Index("mail", text -> text.toLowerCase(Locale.ROOT)),
                        new Index("phone", text -> text))),
                "purchases", new Shape("b", List.of(key))));
        serve("Tidewater", 0, options, new Api());
    }

    public static SimulatedTidewater start(Options options) {
        return new SimulatedTidewater(options);
    }

    /** Each as {@code {ref, changed, attrs}}. */
    @Override
    public List<ObjectNode> records(String object) {
        return store.locked(() -> store.all(object).stream().map(SimulatedTidewater::view).toList());
    }

    @Override
    public void clear() {
        store.locked(() -> {
            store.clear();
            return null;
        });
    }

    /** Ends the token that was given out last; a new one is given to whoever asks. */
    public void endToken() {
        token = null;
    }

    /** Whether the client's secret is accepted; without it the present token ends too. */
    public void accept(boolean secret) {
        accepts = secret;
        if (!secret) {
            endToken();
        }
    }

    /** Adds or, with a ref, changes a record as a user would. */
    public String put(String object, String ref, ObjectNode attributes) {
        return store.locked(() -> write(object, ref, attributes).path("ref").asText());
    }

    public void delete(String object, String ref) {
        store.locked(() -> {
            store.delete(object, store.get(object, ref));
            return null;
        });
    }

    @Override
    public void close() {
        super.close();
        store.close();
    }

    private final class Api implements CrmServer.Api {

        @Override
        public String template(Call call) {
            return call.method() + " " + call.path();
        }

        @Override
        public Answer failure(int status, Integer retryAfter, String message) {
            ObjectNode body = Json.object().put("ok", false);
            ObjectNode error = body.putObject("error").put("text", message).put("code", switch (status) {
                case 401 -> "token_ended";
                case 404 -> "unknown_ref";
                case 429 -> "throttled";
                case 500 -> "broken";
                default -> "bad_call";
            });
            if (retryAfter != null) {
                error.put("retry_in", retryAfter);
            }
            return Answer.read(200, body);
        }

        @Override
        public boolean knows(String object) {
            return store.knows(object);
        }

        @Override
        public Answer answer(Call call) throws IOException {
            if (call.is("POST", "auth", "token")) {
                return token(call);
            }
            if (token == null || !call.hasBearer(token)) {
                return failure(401, null, "The access token came to its end");
            }
            if (!call.byPerson() && limit.take() < 0) {
                return failure(429, 1, "Too many calls");
            }
            String[] procedure = call.path().replaceFirst("^/call/", "").split("\\.");
            if (procedure.length != 2 || !store.knows(procedure[0])) {
                return failure(400, null, "No such procedure");
            }
            return store.locked(() -> {
                try {
                    return run(procedure[0], procedure[1], call.object());
                } catch (IOException e) {
                    return failure(400, null, "Not JSON");
                }
            });
        }

        private Answer token(Call call) {
            Map<String, String> form = call.form();
            boolean known = accepts && CLIENT_ID.equals(form.get("client_id"))
                    && CLIENT_SECRET.equals(form.get("client_secret"));
            if (!known || !"client_credentials".equals(form.get("grant_type"))) {
                return Answer.read(400, Json.object().put("error", "invalid_client"));
            }
            token = UUID.randomUUID().toString();
            return Answer.read(200, Json.object().put("access_token", token).put("token_type", "Bearer")
                    .put("expires_in", 3600));
        }

        private Answer run(String object, String action, ObjectNode body) {
            switch (action) {
                case "query": {
                    Set<Stored> found = new LinkedHashSet<>();
                    body.path("any").forEach(value ->
                            found.addAll(store.find(object, body.path("by").asText(), value.asText())));
                    return page(new ArrayList<>(found), body);
                }
                case "fetch": {
                    List<Stored> found = new ArrayList<>();
                    body.path("refs").forEach(ref -> {
                        if (store.get(object, ref.asText()) != null) {
                            found.add(store.get(object, ref.asText()));
                        }
                    });
                    return page(found, body);
                }
                case "changes":
                    return page(new ArrayList<>(store.changedAfter(object,
                            Instant.parse(body.path("since").asText()).toEpochMilli() - 1, Long.MAX_VALUE)), body);
                case "forget": {
                    Stored stored = store.get(object, body.path("ref").asText());
                    if (stored == null) {
                        return failure(404, null, "There is no such record");
                    }
                    store.delete(object, stored);
                    return Answer.wrote(200, Json.object().put("ok", true));
                }
                case "put": {
                    if (body.path("rows").isEmpty() || body.path("rows").size() > MOST) {
                        return failure(400, null, "1 to " + MOST + " rows");
                    }
                    ObjectNode answer = Json.object().put("ok", true);
                    ArrayNode data = answer.putArray("data");
                    body.path("rows").forEach(row -> data.add(
                            write(object, row.hasNonNull("ref") ? row.get("ref").asText() : null, row.path("attrs"))));
                    return Answer.wrote(200, answer);
                }
                default:
                    return failure(400, null, "No such procedure");
            }
        }

        private Answer page(List<Stored> all, ObjectNode body) {
            int from = body.path("cursor").isTextual() ? Integer.parseInt(body.get("cursor").asText().substring(1)) : 0;
            ObjectNode answer = Json.object().put("ok", true);
            ArrayNode data = answer.putArray("data");
            int to = Math.min(all.size(), from + PAGE);
            all.subList(Math.min(from, to), to).forEach(stored -> data.add(view(stored)));
            answer.put("more", to < all.size() ? "c" + to : null);
            return Answer.read(200, answer);
        }
    }

    private ObjectNode write(String object, String ref, JsonNode attributes) {
        for (var attribute : attributes.properties()) {
            if (!ATTRIBUTES.get(object).contains(attribute.getKey())) {
                return problem("bad_row", "There is no attribute " + attribute.getKey(), null);
            }
            if (attribute.getValue().asText().length() > LONGEST) {
                return problem("bad_row", attribute.getKey() + " has more than " + LONGEST + " characters", null);
            }
        }
        if (attributes.hasNonNull("person") && store.get("people", attributes.get("person").asText()) == null) {
            return problem("bad_row", "person names nobody", null);
        }
        Stored old = ref != null ? store.get(object, ref)
                : store.find(object, "shop_key", attributes.path("shop_key").asText()).stream().findFirst().orElse(null);
        if (ref != null && old == null) {
            return problem("unknown_ref", "There is no such record", null);
        }
        for (String unique : List.of("shop_key", "mail")) {
            if (attributes.hasNonNull(unique) && ATTRIBUTES.get(object).contains(unique)) {
                for (Stored other : store.find(object, unique, attributes.get(unique).asText())) {
                    if (old == null || !other.id().equals(old.id())) {
                        return problem("taken", "Another record has this " + unique, other.id());
                    }
                }
            }
        }
        ObjectNode values = old == null ? Json.object() : old.values().deepCopy();
        attributes.properties().forEach(one -> values.set(one.getKey(), one.getValue()));
        Stored stored = old == null ? store.create(object, values) : store.replace(object, old, values);
        return Json.object().put("ref", stored.id()).put("changed", Json.time(stored.updatedAt()));
    }

    private static ObjectNode problem(String code, String text, String other) {
        ObjectNode row = Json.object();
        row.putObject("problem").put("code", code).put("text", text).put("other", other);
        return row;
    }

    private static ObjectNode view(Stored stored) {
        return Json.object().put("ref", stored.id()).put("changed", Json.time(stored.updatedAt()))
                .set("attrs", stored.values());
    }
}
