package io.shopbridge.sandbox.crmone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.crmone.Fields.Problem;
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
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * CRM One, the example of a CRM with a plain REST API.
 * <ul>
 * <li>{@code POST /v1/{object}/lookup} {@code {field, values[≤200]}} gives
 *     {@code {items:[{id, updated_at, fields}]}}; e-mails compare in any case, and phones by their last seven digits,
 *     so that a hit still has to be checked.
 * <li>{@code PUT /v1/{object}/bulk} {@code {items:[{id?, fields}≤200]}} gives one result an item, in order, each
 *     judged alone: created, updated, unchanged or error.
 * <li>{@code GET /v1/{object}/{id}}, {@code DELETE /v1/{object}/{id}},
 *     {@code GET /v1/{object}?updated_since=&cursor=&limit=}.
 * </ul>
 * A repeated {@code Idempotency-Key} gets the recorded answer for ten minutes (the latest 2,000 keys are remembered).
 */
public final class SimulatedCrmOne extends SimulatedCrm {

    private static final int MOST = 200;
    private static final int MOST_KEYS = 2_000;
    private static final Duration KEYS_LAST = Duration.ofMinutes(10);
    private static final UnaryOperator<String> EXACT = UnaryOperator.identity();
    private static final UnaryOperator<String> ANY_CASE = text -> text.toLowerCase(Locale.ROOT);

    private record Recorded(long atNanos, Answer answer) {
    }

    private final RecordStore store;
    private final Fields fields = new Fields();
    private final Options options;
    private final RollingLimit limit;
    private final String token;
    private final Map<String, Recorded> byKey = new LinkedHashMap<>();

    private SimulatedCrmOne(int port, Options options) {
        List<Index> byKey = List.of(new Index("external_id", EXACT));
        this.store = new RecordStore(options.journal(), 1, Map.of(
                "contacts", new Shape("c_", List.of(new Index("external_id", EXACT), new Index("email", ANY_CASE),
                        new Index("phone", SimulatedCrmOne::lastDigits))),
                "companies", new Shape("f_", byKey), "orders", new Shape("o_", byKey), "carts", new Shape("b_", byKey),
                "deals", new Shape("d_", byKey), "activities", new Shape("a_", byKey)));
        this.options = options;
        this.limit = new RollingLimit(options.limitOr(50), options.period(Duration.ofSeconds(1)));
        this.token = options.token();
        serve("CRM One", port, options, new CrmOneApi());
    }

    /**
     * Starts it on the loopback interface.
     *
     * @param port 0 takes any free port
     * @throws IllegalStateException if the port is taken
     */
    public static SimulatedCrmOne start(int port, Options options) {
        return new SimulatedCrmOne(port, options);
    }

    /** Each record as {@code {id, updated_at, fields}}; object is contacts, companies, orders, … */
    @Override
    public List<ObjectNode> records(String object) {
        return store.locked(() -> store.all(object).stream().map(one -> view(one).deepCopy()).toList());
    }

    /** Adds an object of its own, as whoever runs a CRM does: its records have an external_id and these texts. */
    public void addObject(String object, List<String> texts) {
        store.locked(() -> {
            fields.add(object, texts);
            store.add(object, new Shape("x_", List.of(new Index("external_id", EXACT))));
            return null;
        });
    }

    /** Changes a record as a user of the CRM would: any field, read-only ones too, without validation. */
    public void editAsUser(String object, String id, ObjectNode changes) {
        store.locked(() -> {
            Stored old = store.get(object, id);
            if (old == null) {
                throw new IllegalArgumentException("CRM One has no " + object + " " + id);
            }
            return store.replace(object, old, merged(old, changes));
        });
    }

    /** Forgets every record. */
    @Override
    public void clear() {
        store.locked(() -> {
            store.clear();
            return null;
        });
        synchronized (byKey) {
            byKey.clear();
        }
    }

    @Override
    public void close() {
        super.close();
        store.close();
    }

    private final class CrmOneApi implements CrmServer.Api {

        @Override
        public String template(Call call) {
            List<String> path = new ArrayList<>(call.segments());
            if (path.size() == 3 && !Set.of("bulk", "lookup").contains(path.get(2))) {
                path.set(2, "{id}");
            }
            return call.method() + " /" + String.join("/", path);
        }

        @Override
        public Answer failure(int status, Integer retryAfter, String message) {
            String code = switch (status) {
                case 400 -> "bad_request";
                case 401 -> "unauthorized";
                case 404 -> "not_found";
                case 429 -> "too_many_requests";
                default -> "internal_error";
            };
            Answer answer = error(status, code, message);
            return retryAfter == null ? answer : answer.with("Retry-After", retryAfter);
        }

        /** {@code POST /sandbox/fields} {@code {objects: {contacts: [email, …]}}}: adds those that are not there. */
        @Override
        public Answer control(Call call) throws IOException {
            if (!call.is("POST", "sandbox", "fields")) {
                return failure(404, null, "No such sandbox path");
            }
            call.object().path("objects").properties().stream().filter(object -> store.knows(object.getKey()))
                    .forEach(object -> object.getValue().forEach(field ->
                            fields.define(object.getKey(), field.asText())));
            return Answer.empty(204);
        }

        @Override
        public boolean knows(String object) {
            return store.knows(object);
        }

        @Override
        public Answer answer(Call call) throws IOException {
            if (!call.hasBearer(token)) {
                return error(401, "unauthorized", "The bearer token is missing or wrong");
            }
            if (!call.byPerson() && limit.take() < 0) {
                return error(429, "too_many_requests", "At most " + limit.requests() + " requests a second")
                        .with("Retry-After", options.seconds(limit.waitMillis() / 1_000.0 * options.speed()));
            }
            List<String> path = call.segments();
            if (path.size() < 2 || path.size() > 3 || !path.get(0).equals("v1") || !store.knows(path.get(1))) {
                return error(404, "not_found", "No such path");
            }
            return route(call, path.get(1));
        }
    }

    private Answer route(Call call, String object) throws IOException {
        if (call.is("POST", "v1", object, "lookup")) {
            return lookup(object, call.object());
        }
        if (call.is("PUT", "v1", object, "bulk")) {
            return once(call, () -> bulk(object, call.object()));
        }
        if (call.is("GET", "v1", object)) {
            return list(object, call.query());
        }
        if (call.is("GET", "v1", object, "*")) {
            return one(object, call.segments().get(2));
        }
        if (call.is("DELETE", "v1", object, "*")) {
            return delete(object, call.segments().get(2));
        }
        return error(405, "method_not_allowed", call.method() + " is not possible here");
    }

    private Answer lookup(String object, ObjectNode body) {
        String field = body.path("field").asText("");
        JsonNode values = body.path("values");
        if (!values.isArray() || values.isEmpty() || values.size() > MOST) {
            return error(400, "bad_request", "values must be a list of 1 to " + MOST + " texts");
        }
        if (!field.equals("id") && !fields.knows(object, field)) {
            return error(400, "unknown_field", object + " have no field \"" + field + "\"");
        }
        if (!field.equals("id") && !store.indexed(object, field)) {
            return error(400, "bad_request", object + " cannot be looked up by " + field);
        }
        return store.locked(() -> {
            Set<Stored> found = new LinkedHashSet<>();
            for (JsonNode value : values) {
                if (!field.equals("id")) {
                    found.addAll(store.find(object, field, value.asText()));
                } else if (store.get(object, value.asText()) != null) {
                    found.add(store.get(object, value.asText()));
                }
            }
            ObjectNode answer = Json.object();
            ArrayNode items = answer.putArray("items");
            found.forEach(stored -> items.add(view(stored)));
            return Answer.read(200, answer);
        });
    }

    private interface Work {
        Answer answer() throws IOException;
    }

    private Answer once(Call call, Work work) throws IOException {
        String key = call.headers().get("Idempotency-Key");
        if (key == null) {
            return work.answer();
        }
        String whole = call.path() + " " + key;
        synchronized (byKey) {
            forgetOldKeys();
            Recorded recorded = byKey.get(whole);
            if (recorded != null) {
                return recorded.answer().with("Idempotent-Replay", "true");
            }
            Answer answer = work.answer();
            if (answer.status() < 300) {
                byKey.put(whole, new Recorded(System.nanoTime(), answer));
            }
            return answer;
        }
    }

    private void forgetOldKeys() {
        Iterator<Recorded> oldestFirst = byKey.values().iterator();
        long now = System.nanoTime();
        while (oldestFirst.hasNext()) {
            Recorded oldest = oldestFirst.next();
            if (byKey.size() < MOST_KEYS && now - oldest.atNanos() < KEYS_LAST.toNanos()) {
                return;
            }
            oldestFirst.remove();
        }
    }

    private Answer bulk(String object, ObjectNode body) {
        JsonNode items = body.path("items");
        if (!items.isArray() || items.isEmpty() || items.size() > MOST) {
            return error(400, "bad_request", "items must be a list of 1 to " + MOST + " items");
        }
        return store.locked(() -> {
            ObjectNode answer = Json.object();
            ArrayNode results = answer.putArray("results");
            items.forEach(item -> results.add(write(object, item)));
            return Answer.wrote(200, answer);
        });
    }

    private ObjectNode write(String object, JsonNode item) {
        JsonNode given = item.path("fields");
        if (!given.isObject()) {
            return problem(new Problem("wrong_type", "fields", "fields must be an object"), null);
        }
        Optional<Problem> problem = fields.problem(object, given);
        if (problem.isPresent()) {
            return problem(problem.get(), null);
        }
        Stored old = null;
        if (item.hasNonNull("id")) {
            old = store.get(object, item.get("id").asText());
            if (old == null) {
                return problem(new Problem("not_found", "id", "There is no such record; it may have been deleted"),
                        null);
            }
        } else if (given.hasNonNull("external_id")) {
            old = store.find(object, "external_id", given.get("external_id").asText()).stream().findFirst()
                    .orElse(null);
        }
        ObjectNode values = merged(old, given);
        problem = fields.lacks(object, values);
        if (problem.isPresent()) {
            return problem(problem.get(), null);
        }
        for (String unique : List.of("external_id", "email")) {
            if (given.hasNonNull(unique)) {
                for (Stored owner : store.find(object, unique, given.get(unique).asText())) {
                    if (old == null || !owner.id().equals(old.id())) {
                        return problem(new Problem("duplicate", unique, "Another record has this " + unique),
                                owner.id());
                    }
                }
            }
        }
        if (values.hasNonNull("contact_id") && store.get("contacts", values.get("contact_id").asText()) == null) {
            return problem(new Problem("unknown_contact", "contact_id", "There is no such contact"), null);
        }
        if (values.hasNonNull("company_id") && store.get("companies", values.get("company_id").asText()) == null) {
            return problem(new Problem("unknown_company", "company_id", "There is no such company"), null);
        }
        if (old != null && old.values().equals(values)) {
            return done("unchanged", old);
        }
        return old == null ? done("created", store.create(object, values))
                : done("updated", store.replace(object, old, values));
    }

    private Answer one(String object, String id) {
        return store.locked(() -> {
            Stored stored = store.get(object, id);
            return stored == null ? error(404, "not_found", "There is no such record")
                    : Answer.read(200, view(stored));
        });
    }

    private Answer delete(String object, String id) {
        return store.locked(() -> {
            Stored stored = store.get(object, id);
            if (stored == null) {
                return error(404, "not_found", "There is no such record");
            }
            store.delete(object, stored);
            return Answer.wroteNothingToSay();
        });
    }

    private Answer list(String object, Map<String, String> query) {
        int limit;
        long after;
        long number;
        try {
            limit = Integer.parseInt(query.getOrDefault("limit", "100"));
            // "Since" includes the moment itself, so the page begins after the millisecond before it.
            after = query.containsKey("updated_since")
                    ? OffsetDateTime.parse(query.get("updated_since")).toInstant().toEpochMilli() - 1 : -1;
            number = Long.MAX_VALUE;
            if (query.containsKey("cursor")) {
                String[] at = new String(Base64.getUrlDecoder().decode(query.get("cursor")),
                        StandardCharsets.US_ASCII).split(":");
                after = Long.parseLong(at[0]);
                number = Long.parseLong(at[1]);
            }
        } catch (DateTimeException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            return error(400, "bad_request", "limit must be a number, updated_since a time with its offset, and "
                    + "cursor what the previous page gave");
        }
        if (limit < 1 || limit > MOST) {
            return error(400, "bad_request", "limit must be between 1 and " + MOST);
        }
        long fromTime = after;
        long fromNumber = number;
        return store.locked(() -> {
            ObjectNode answer = Json.object();
            ArrayNode items = answer.putArray("items");
            answer.putNull("next_cursor");
            Stored last = null;
            for (Stored stored : store.changedAfter(object, fromTime, fromNumber)) {
                if (items.size() == limit) {
                    answer.put("next_cursor", Base64.getUrlEncoder().withoutPadding().encodeToString(
                            (last.updatedAt() + ":" + last.number()).getBytes(StandardCharsets.US_ASCII)));
                    break;
                }
                items.add(view(stored));
                last = stored;
            }
            return Answer.read(200, answer);
        });
    }

    private static ObjectNode merged(Stored old, JsonNode given) {
        ObjectNode values = old == null ? Json.object() : old.values().deepCopy();
        given.fields().forEachRemaining(one -> {
            if (one.getValue().isNull()) {
                values.remove(one.getKey());
            } else {
                values.set(one.getKey(), one.getValue());
            }
        });
        return values;
    }

    private static ObjectNode view(Stored stored) {
        return Json.object().put("id", stored.id()).put("updated_at", Json.time(stored.updatedAt()))
                .set("fields", stored.values());
    }

    private static ObjectNode done(String status, Stored stored) {
        return Json.object().put("status", status).put("id", stored.id())
                .put("updated_at", Json.time(stored.updatedAt()));
    }

    private static ObjectNode problem(Problem problem, String existingId) {
        ObjectNode result = Json.object().put("status", "error");
        ObjectNode error = result.putObject("error").put("code", problem.code()).put("message", problem.message())
                .put("field", problem.field());
        if (existingId != null) {
            error.put("existing_id", existingId);
        }
        return result;
    }

    private static Answer error(int status, String code, String message) {
        ObjectNode body = Json.object();
        body.putObject("error").put("code", code).put("message", message);
        return Answer.read(status, body);
    }

    // Fuzzy on purpose, as the searches of real CRMs are.
    private static String lastDigits(String phone) {
        String digits = phone.replaceAll("\\D", "");
        return digits.length() <= 7 ? digits : digits.substring(digits.length() - 7);
    }
}
