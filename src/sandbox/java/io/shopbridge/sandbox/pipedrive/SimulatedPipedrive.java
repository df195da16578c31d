package io.shopbridge.sandbox.pipedrive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Call;
import io.shopbridge.sandbox.server.CrmServer;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.RecordStore.Stored;
import io.shopbridge.sandbox.server.Refused;
import io.shopbridge.sandbox.server.SimulatedCrm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Pipedrive's API v2 for persons, organizations, deals with their products, products and activities, with search and
 * field definitions; of v1 only what v2 lacks: notes, webhooks, merges, the user. There is no upsert, nothing is
 * unique, and bodies are taken strictly as described.
 *
 * @see <a href="https://developers.pipedrive.com/docs/api/v1">API reference</a>
 */
public final class SimulatedPipedrive extends SimulatedCrm {

    private static final int MOST = 500;
    private static final int MOST_ITEMS = 100;
    private static final Duration SESSION = Duration.ofHours(1);
    private static final Map<String, String> FIELD_PATHS = Map.of("personFields", "persons", "organizationFields",
            "organizations", "dealFields", "deals", "productFields", "products", "activityFields", "activities");
    private static final Map<String, Set<String>> FILTERS = Map.of(
            "persons", Set.of("owner_id", "org_id"),
            "organizations", Set.of("owner_id"),
            "deals", Set.of("owner_id", "person_id", "org_id", "pipeline_id", "stage_id", "status"),
            "products", Set.of("owner_id"),
            "activities", Set.of("owner_id", "deal_id", "person_id", "org_id", "done"));
    private static final Set<String> LIST = Set.of("ids", "updated_since", "updated_until", "sort_by",
            "sort_direction", "include_fields", "custom_fields", "include_option_labels", "include_labels", "limit",
            "cursor");
    private static final Set<String> SEARCH = Set.of("term", "fields", "exact_match", "organization_id", "person_id",
            "status", "include_fields", "item_types", "search_for_related_items", "limit", "cursor");

    private final Records records;
    private final Search search;
    private final Budget budget;
    private final Webhooks webhooks = new Webhooks();
    private final Map<String, Instant> sessions = new ConcurrentHashMap<>();
    private final String token;

    private SimulatedPipedrive(int port, Options options, Company company) {
        this.records = new Records(company, options.journal(), this::changed);
        this.search = records.locked(() -> new Search(records, options.searchLag().toMillis()));
        this.budget = new Budget(options, company.dailyTokens());
        this.token = options.token();
        serve("Pipedrive", port, options, new PipedriveApi());
    }

    /** As {@link #start(int, Options, Company)} with a company of the default kind. */
    public static SimulatedPipedrive start(int port, Options options) {
        return start(port, options, Company.defaults());
    }

    /**
     * Starts it on the loopback interface. The options' token is the API token, and the client secret for OAuth;
     * their requests are those that a burst of two seconds may hold (20, and 10 searches).
     *
     * @param port 0 takes any free port
     * @throws IllegalStateException if the port is taken
     */
    public static SimulatedPipedrive start(int port, Options options, Company company) {
        return new SimulatedPipedrive(port, options, company);
    }

    /** Each record that is not deleted, as the API shows it; object is persons, deals, deal_products, notes, … */
    @Override
    public List<ObjectNode> records(String object) {
        return records.locked(() -> records.all(object)
                .map(one -> records.view(object, one, null).deepCopy()).toList());
    }

    /** How many of the day's tokens are spent. */
    public int tokensSpent() {
        return budget.spent();
    }

    /** From now on other integrations use so many of the ten searches that two seconds allow. */
    public void othersSearch(int requests) {
        budget.othersSearch(requests);
    }

    /** Forgets every record, not the custom fields, and gives the day's budget back. */
    @Override
    public void clear() {
        records.locked(() -> {
            records.clear();
            search.clear();
            return null;
        });
        budget.reset();
    }

    /**
     * Adds a custom field, as a user may.
     *
     * @param type one of Pipedrive's field types, such as varchar, double, enum
     * @param options labels of an enum's or a set's options
     * @return its code: 40 hexadecimal digits, the same for the same object and name in every run
     */
    public String defineField(String object, String type, String name, String... options) {
        return records.locked(() -> records.define(object, type, name, List.of(options)).get("field_code").asText());
    }

    /** Deletes a custom field, as a user may. */
    public void deleteField(String object, String code) {
        records.locked(() -> {
            records.forget(object, code);
            return null;
        });
    }

    /** Changes a record as a user of the CRM would: any property, without validation. */
    public void editAsUser(String object, String id, ObjectNode changes) {
        records.locked(() -> {
            records.edit(object, id, changes);
            return null;
        });
    }

    /** Merges one record into another, as a user may: the second keeps its id, the first is deleted. */
    public void merge(String object, String id, String withId) {
        records.locked(() -> records.merge(object, id, withId, false));
    }

    /** How many deals may be open at once, as the company's plan says. */
    public void limitOpenDeals(int most) {
        records.locked(() -> {
            records.limitOpenDeals(most);
            return null;
        });
    }

    /** After this, deleted and merged records are as if they had never been. */
    public void purgeDeleted() {
        records.locked(() -> {
            records.purge();
            return null;
        });
    }

    @Override
    public void close() {
        super.close();
        records.close();
    }

    private void changed(String object, ObjectNode now, ObjectNode previous, boolean byApi) {
        if (now != null) {
            search.index(object, records.any(object, now.get("id").asText()));
        }
        webhooks.send(records.all("webhooks").map(Stored::values).toList(), object, now, previous, byApi);
    }

    private final class PipedriveApi implements CrmServer.Api {

        @Override
        public String template(Call call) {
            return call.method() + " /" + String.join("/", call.segments().stream()
                    .map(one -> one.matches("\\d+") ? "{id}" : one.matches("[0-9a-f]{40}") ? "{code}"
                            : one.matches("[0-9a-f-]{36}") ? "{uuid}" : one).toList());
        }

        @Override
        public Answer failure(int status, Integer retryAfter, String message) {
            Answer answer = Errors.failure(status, message);
            return retryAfter == null ? answer : answer.with("Retry-After", retryAfter);
        }

        @Override
        public boolean knows(String object) {
            return records.knows(object);
        }

        @Override
        public Answer control(Call call) throws IOException {
            if (call.is("POST", "sandbox", "merge")) {
                ObjectNode body = call.object();
                merge(body.path("object").asText(), body.path("id").asText(), body.path("with").asText());
            } else if (call.is("POST", "sandbox", "edit")) {
                ObjectNode body = call.object();
                editAsUser(body.path("object").asText(), body.path("id").asText(), body.withObject("/changes"));
            } else if (call.is("DELETE", "sandbox", "deleted")) {
                purgeDeleted();
            } else if (call.is("DELETE", "sandbox", "sessions")) {
                sessions.clear();
            } else {
                return failure(404, null, "No such sandbox path");
            }
            return Answer.empty(204);
        }

        @Override
        public Answer answer(Call call) throws IOException {
            if (call.is("POST", "oauth", "token")) {
                return oauth(call);
            }
            if (!isKnown(call)) {
                return Errors.failure(401, "");
            }
            if (call.byPerson()) {
                return refusedOrRouted(call);
            }
            boolean searches = call.path().contains("earch");
            Answer refusal = budget.refusal(searches, !call.method().equals("GET"), cost(call));
            boolean byToken = call.headers().containsKey("x-api-token") || call.query().containsKey("api_token");
            return refusal != null ? refusal : budget.told(refusedOrRouted(call), byToken);
        }

        private Answer refusedOrRouted(Call call) throws IOException {
            try {
                return route(call);
            } catch (Refused refused) {
                return refused.answer();
            }
        }
    }

    private boolean isKnown(Call call) {
        String header = call.headers().getOrDefault("Authorization", "");
        Instant end = header.startsWith("Bearer ") ? sessions.get(header.substring(7)) : null;
        return token.equals(call.headers().get("x-api-token")) || token.equals(call.query().get("api_token"))
                || call.hasBearer(token) || end != null && Instant.now().isBefore(end);
    }

    private Answer oauth(Call call) {
        Map<String, String> form = call.form();
        Call.Credentials client = Call.Credentials.of(form.get("authorization"));
        if (client == null || !client.password().equals(token)) {
            return Answer.read(401, Json.object().put("success", "false").put("message", "Client authentication failed")
                    .put("error", "invalid_client"));
        }
        if (!Set.of("refresh_token", "authorization_code").contains(form.getOrDefault("grant_type", ""))) {
            return Answer.read(400, Json.object().put("success", "false").put("error", "unsupported_grant_type"));
        }
        String session = UUID.randomUUID().toString();
        sessions.put(session, Instant.now().plus(SESSION));
        return Answer.read(200, Json.object().put("access_token", session).put("token_type", "Bearer")
                .put("expires_in", SESSION.toSeconds() - 1).put("scope", "base contacts:full deals:full")
                .put("refresh_token", form.getOrDefault("refresh_token", "refresh")).put("api_domain", baseUrl()));
    }

    // As v2 is described; v1 costs twice that.
    private static int cost(Call call) {
        List<String> path = call.segments();
        boolean one = !path.isEmpty() && path.get(path.size() - 1).matches("\\d+|[0-9a-f]{40}|[0-9a-f-]{36}");
        int cost = switch (call.method()) {
            case "GET" -> call.path().contains("earch") || call.path().endsWith("/archived") ? 20 : one ? 1 : 10;
            case "DELETE" -> one ? 3 : 15;
            default -> call.path().endsWith("/bulk") ? 25 : 5;
        };
        return path.contains("v2") ? cost : 2 * cost;
    }

    private Answer route(Call call) throws IOException {
        List<String> path = call.segments();
        int from = !path.isEmpty() && path.get(0).equals("api") ? 1 : 0;
        if (path.size() < from + 2) {
            throw Errors.notFound();
        }
        List<String> rest = path.subList(from + 1, path.size());
        if (from == 1 && path.get(1).equals("v2")) {
            return v2(call, rest);
        }
        if (path.get(from).equals("v1")) {
            return v1(call, rest);
        }
        throw Errors.notFound();
    }

    private Answer v2(Call call, List<String> rest) throws IOException {
        String first = rest.get(0);
        if (FIELD_PATHS.containsKey(first)) {
            return definitions(call, FIELD_PATHS.get(first), rest);
        }
        if (first.equals("itemSearch")) {
            return rest.size() > 1 ? fieldSearch(call) : itemSearch(call);
        }
        if (first.equals("deals") && rest.size() > 1 && (rest.get(1).equals("products")
                || rest.size() > 2 && rest.get(2).equals("products"))) {
            return lines(call, rest);
        }
        if (first.equals("deals") && rest.size() > 2 && rest.get(2).equals("discounts")) {
            return discounts(call, rest);
        }
        if (first.equals("pipelines") || first.equals("stages")) {
            return settings(call, rest);
        }
        if (!Records.OBJECTS.contains(first)) {
            throw Errors.notFound();
        }
        if (rest.size() == 1) {
            return switch (call.method()) {
                case "GET" -> list(call, first, stored -> !Records.isArchived(stored));
                case "POST" -> created(first, call.object());
                default -> throw Errors.notFound();
            };
        }
        if (first.equals("deals") && rest.size() == 2 && rest.get(1).equals("archived") && call.method().equals("GET")) {
            return list(call, first, Records::isArchived);
        }
        if (rest.size() == 2 && rest.get(1).equals("search") && call.method().equals("GET")) {
            return objectSearch(call, first);
        }
        if (rest.size() != 2 || !rest.get(1).matches("\\d+")) {
            throw Errors.notFound();
        }
        return one(call, first, rest.get(1));
    }

    private Answer created(String object, ObjectNode body) {
        return records.locked(() -> {
            Stored stored = records.create(object, body);
            return Answer.wrote(object.equals("products") ? 201 : 200, data(records.view(object, stored, null)));
        });
    }

    private Answer one(Call call, String object, String id) throws IOException {
        switch (call.method()) {
            case "GET" -> {
                List<String> codes = codes(call);
                return records.locked(() -> {
                    Stored stored = records.any(object, id);
                    if (stored == null) {
                        throw Errors.notFound();
                    }
                    return Answer.read(200, data(records.view(object, stored, codes)));
                });
            }
            case "PATCH" -> {
                ObjectNode body = call.object();
                return records.locked(() -> Answer.wrote(200,
                        data(records.view(object, records.update(object, id, body), null))));
            }
            case "DELETE" -> {
                return records.locked(() -> {
                    records.delete(object, id);
                    return Answer.wrote(200, data(Json.object().put("id", Long.parseLong(id))));
                });
            }
            default -> throw Errors.notFound();
        }
    }

    private Answer list(Call call, String object, Predicate<Stored> which) {
        Map<String, String> query = call.query();
        query.keySet().forEach(name -> {
            if (!LIST.contains(name) && !FILTERS.get(object).contains(name) && !name.equals("api_token")) {
                throw Errors.invalid("query parameter " + name + " is not known");
            }
        });
        Predicate<Stored> filter = which;
        for (String name : FILTERS.get(object)) {
            if (query.containsKey(name)) {
                filter = filter.and(stored -> query.get(name).equals(String.valueOf(stored.text(name)))
                        || name.equals("owner_id") && query.get(name).equals("1")
                        || name.equals("done") && query.get(name).equals("false") && stored.text(name) == null);
            }
        }
        if (query.containsKey("ids")) {
            List<String> ids = List.of(query.get("ids").split(","));
            if (ids.size() > 100) {
                throw Errors.invalid("ids: at most 100 ids can be given");
            }
            filter = filter.and(stored -> ids.contains(stored.id()));
        }
        long since = time(query, "updated_since", 0);
        long until = time(query, "updated_until", Long.MAX_VALUE);
        Predicate<Stored> wanted = filter.and(stored -> seconds(stored.updatedAt()) >= since
                && seconds(stored.updatedAt()) < until);
        List<String> codes = codes(call);
        return records.locked(() -> page(call, records.all(object).filter(wanted), MOST,
                stored -> records.view(object, stored, codes)));
    }

    private static long seconds(long millis) {
        return millis / 1_000 * 1_000;
    }

    private static long time(Map<String, String> query, String name, long otherwise) {
        String text = query.get(name);
        if (text == null) {
            return otherwise;
        }
        if (!Fields.isTime(text)) {
            throw Errors.invalid(name + ": " + text + " is not a valid datetime");
        }
        return OffsetDateTime.parse(text).toInstant().toEpochMilli();
    }

    private static List<String> codes(Call call) {
        String given = call.query().get("custom_fields");
        List<String> codes = given == null ? null : List.of(given.split(","));
        if (codes != null && codes.size() > 15) {
            throw Errors.invalid("custom_fields: at most 15 keys can be given");
        }
        return codes;
    }

    private interface View {
        JsonNode of(Stored stored);
    }

    // The cursor holds where the page ended, so that what is written meanwhile neither doubles nor hides a record.
    private static Answer page(Call call, Stream<Stored> found, int most, View view) {
        Map<String, String> query = call.query();
        String sortBy = query.getOrDefault("sort_by", "id");
        String direction = query.getOrDefault("sort_direction", "asc");
        if (!Set.of("id", "update_time", "add_time").contains(sortBy) || !Set.of("asc", "desc").contains(direction)) {
            throw Errors.invalid("sort_by must be id, update_time or add_time, sort_direction asc or desc");
        }
        int limit = limit(query, most);
        boolean byId = sortBy.equals("id");
        Comparator<long[]> order = Comparator.<long[]>comparingLong(at -> at[0]).thenComparingLong(at -> at[1]);
        Comparator<long[]> wanted = direction.equals("desc") ? order.reversed() : order;
        long[] after = cursor(query);
        List<Stored> rest = found.filter(one -> after == null || wanted.compare(at(one, sortBy, byId), after) > 0)
                .sorted((a, b) -> wanted.compare(at(a, sortBy, byId), at(b, sortBy, byId))).limit(limit + 1L).toList();
        ArrayNode data = Json.array();
        rest.stream().limit(limit).forEach(one -> data.add(view.of(one)));
        ObjectNode body = data(data);
        ObjectNode more = body.putObject("additional_data");
        if (rest.size() > limit) {
            long[] at = at(rest.get(limit - 1), sortBy, byId);
            more.put("next_cursor", encoded(at[0] + ":" + at[1]));
        } else {
            more.putNull("next_cursor");
        }
        return Answer.read(200, body);
    }

    private static long[] at(Stored stored, String sortBy, boolean byId) {
        long first = byId ? 0 : seconds(sortBy.equals("add_time") ? stored.createdAt() : stored.updatedAt());
        return new long[] {first, stored.number()};
    }

    private static int limit(Map<String, String> query, int most) {
        String given = query.getOrDefault("limit", "100");
        if (!given.matches("\\d{1,6}") || Integer.parseInt(given) < 1 || Integer.parseInt(given) > most) {
            throw Errors.invalid("limit: must be between 1 and " + most);
        }
        return Integer.parseInt(given);
    }

    private static String encoded(String cursor) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(cursor.getBytes(StandardCharsets.US_ASCII));
    }

    private static long[] cursor(Map<String, String> query) {
        if (!query.containsKey("cursor")) {
            return null;
        }
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(query.get("cursor")),
                    StandardCharsets.US_ASCII).split(":");
            return new long[] {Long.parseLong(parts[0]), Long.parseLong(parts[1])};
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw Errors.invalid("cursor: is not one that a page gave");
        }
    }

    private Answer objectSearch(Call call, String object) {
        requireSearch(call);
        List<String> fields = texts(call.query().get("fields"));
        Set<String> known = Search.FIELDS.get(object);
        if (known == null) {
            throw Errors.notFound();
        }
        if (!known.containsAll(fields)) {
            throw Errors.invalid("fields: must be some of " + known);
        }
        return found(call, List.of(object), fields, MOST);
    }

    private Answer itemSearch(Call call) {
        requireSearch(call);
        List<String> types = texts(call.query().getOrDefault("item_types", "person,organization,deal,product"));
        List<String> objects = types.stream().map(type -> type + "s").toList();
        if (!Search.FIELDS.keySet().containsAll(objects)) {
            throw Errors.invalid("item_types: must be some of person, organization, deal, product");
        }
        return found(call, objects, texts(call.query().get("fields")), MOST_ITEMS);
    }

    private static void requireSearch(Call call) {
        call.query().keySet().forEach(name -> {
            if (!SEARCH.contains(name) && !name.equals("api_token")) {
                throw Errors.invalid("query parameter " + name + " is not known");
            }
        });
        if (!Set.of("true", "false").contains(call.query().getOrDefault("exact_match", "false"))) {
            throw Errors.invalid("exact_match: must be of type boolean");
        }
    }

    private Answer found(Call call, List<String> objects, List<String> fields, int most) {
        Map<String, String> query = call.query();
        int limit = limit(query, most);
        long[] from = cursor(query);
        int first = from == null ? 0 : (int) from[0];
        boolean exact = Boolean.parseBoolean(query.get("exact_match"));
        Map<String, String> filters = Map.of("org_id", query.getOrDefault("organization_id", ""), "person_id",
                query.getOrDefault("person_id", ""), "status", query.getOrDefault("status", ""));
        return records.locked(() -> {
            List<Search.Hit> hits = search.find(objects, query.getOrDefault("term", ""), fields, exact)
                    .stream().filter(hit -> filters.entrySet().stream().allMatch(one -> one.getValue().isEmpty()
                            || one.getValue().equals(hit.stored().text(one.getKey())))).toList();
            ObjectNode data = Json.object();
            ArrayNode items = data.putArray("items");
            hits.stream().skip(first).limit(limit).forEach(hit -> items.add(search.item(hit)));
            ObjectNode body = data(data);
            boolean more = hits.size() > first + limit;
            body.putObject("additional_data").put("next_cursor", more ? encoded(first + limit + ":0") : null);
            return Answer.read(200, body);
        });
    }

    private Answer fieldSearch(Call call) {
        Map<String, String> query = call.query();
        String object = query.getOrDefault("entity_type", "") + "s";
        String match = query.getOrDefault("match", "exact");
        String field = query.getOrDefault("field", "");
        if (!Search.FIELDS.containsKey(object) || !Set.of("exact", "beginning", "middle").contains(match)) {
            throw Errors.invalid("entity_type must be person, organization, deal or product, match exact, "
                    + "beginning or middle");
        }
        boolean exact = match.equals("exact");
        String term = query.getOrDefault("term", "").toLowerCase(Locale.ROOT);
        return records.locked(() -> {
            List<String> searched = records.custom(object).containsKey(field) ? List.of("custom_fields")
                    : List.of(field);
            ArrayNode data = Json.array();
            search.find(List.of(object), term, searched, exact).forEach(hit -> {
                List<String> values = search.values(object, hit.stored(), field);
                if (values == null) {
                    throw Errors.invalid("field: " + field + " is not searchable");
                }
                values.stream().filter(value -> {
                    String text = value.toLowerCase(Locale.ROOT);
                    return exact ? text.equals(term) : match.equals("beginning") ? text.startsWith(term)
                            : text.contains(term);
                }).findFirst().ifPresent(value -> data.addObject().put("id", hit.stored().number()).put(field, value));
            });
            ObjectNode body = data(data);
            body.putObject("additional_data").putNull("next_cursor");
            return Answer.read(200, body);
        });
    }

    private static List<String> texts(String list) {
        return list == null || list.isEmpty() ? List.of() : List.of(list.split(","));
    }

    private Answer lines(Call call, List<String> rest) throws IOException {
        if (rest.get(1).equals("products")) {
            List<String> deals = texts(call.query().get("deal_ids"));
            if (!call.method().equals("GET") || deals.isEmpty() || deals.size() > 100) {
                throw Errors.invalid("deal_ids: 1 to 100 ids must be given");
            }
            return records.locked(() -> page(call, records.all("deal_products")
                    .filter(one -> deals.contains(one.text("deal_id"))), MOST, this::line));
        }
        String dealId = rest.get(1);
        JsonNode body = Set.of("POST", "PATCH").contains(call.method()) ? call.object() : Json.object();
        return records.locked(() -> {
            Stored deal = records.present("deals", dealId);
            String what = call.method() + (rest.size() > 3 ? rest.get(3).equals("bulk") ? " bulk" : " one" : "");
            Answer answer = switch (what) {
                case "GET" -> page(call, records.lines(dealId).stream(), MOST, this::line);
                case "POST" -> Answer.wrote(201, data(line(records.createLine(deal, (ObjectNode) body))));
                case "POST bulk" -> bulk(deal, body);
                case "PATCH one" -> {
                    requireLine(dealId, rest.get(3));
                    yield Answer.wrote(200, data(line(records.update("deal_products", rest.get(3),
                            (ObjectNode) body))));
                }
                case "DELETE one" -> {
                    requireLine(dealId, rest.get(3));
                    records.delete("deal_products", rest.get(3));
                    yield Answer.wrote(200, data(Json.object().put("id", Long.parseLong(rest.get(3)))));
                }
                case "DELETE" -> removed(dealId, texts(call.query().get("ids")));
                default -> throw Errors.notFound();
            };
            if (answer.wrote()) {
                records.sum(dealId);
            }
            return answer;
        });
    }

    private void requireLine(String dealId, String lineId) {
        if (!lineId.matches("\\d+") || !dealId.equals(records.present("deal_products", lineId).text("deal_id"))) {
            throw Errors.notFound();
        }
    }

    private ObjectNode line(Stored stored) {
        return records.view("deal_products", stored, null);
    }

    private Answer discounts(Call call, List<String> rest) throws IOException {
        String dealId = rest.get(1);
        ObjectNode body = Set.of("POST", "PATCH").contains(call.method()) ? call.object() : Json.object();
        return records.locked(() -> {
            Stored deal = records.present("deals", dealId);
            if (rest.size() == 3 && call.method().equals("GET")) {
                ArrayNode all = Json.array();
                records.discounts(dealId).forEach(one -> all.add(records.view("deal_discounts", one, null)));
                return Answer.read(200, data(all));
            }
            Answer answer;
            if (rest.size() == 3 && call.method().equals("POST")) {
                answer = Answer.wrote(201, data(records.view("deal_discounts", records.createDiscount(deal, body),
                        null)));
            } else {
                Stored one = records.discounts(dealId).stream().filter(found -> rest.size() == 4
                        && rest.get(3).equals(found.text("_uuid"))).findFirst().orElseThrow(Errors::notFound);
                answer = switch (call.method()) {
                    case "PATCH" -> Answer.wrote(200, data(records.view("deal_discounts",
                            records.update("deal_discounts", one.id(), body), null)));
                    case "DELETE" -> {
                        records.delete("deal_discounts", one.id());
                        yield Answer.wrote(200, data(Json.object().put("id", rest.get(3))));
                    }
                    default -> throw Errors.notFound();
                };
            }
            records.sum(dealId);
            return answer;
        });
    }

    private Answer bulk(Stored deal, JsonNode body) {
        JsonNode list = body.path("data");
        if (!list.isArray() || list.isEmpty() || list.size() > MOST_ITEMS || body.size() != 1) {
            throw Errors.invalid("data: must be a list of 1 to " + MOST_ITEMS + " products");
        }
        for (JsonNode one : list) {
            if (!one.isObject()) {
                throw Errors.invalid("data: every element must be an object");
            }
            records.checkLine((ObjectNode) one);
        }
        ArrayNode created = Json.array();
        list.forEach(one -> created.add(line(records.createLine(deal, (ObjectNode) one))));
        return Answer.wrote(201, data(created));
    }

    private Answer removed(String dealId, List<String> ids) {
        if (ids.size() > MOST_ITEMS) {
            throw Errors.invalid("ids: at most " + MOST_ITEMS + " ids can be given");
        }
        List<Stored> of = records.lines(dealId).stream().filter(one -> ids.isEmpty() || ids.contains(one.id()))
                .limit(MOST_ITEMS).toList();
        ObjectNode data = Json.object();
        ArrayNode removed = data.putArray("ids");
        of.forEach(one -> {
            records.delete("deal_products", one.id());
            removed.add(one.number());
        });
        ObjectNode body = data(data);
        body.putObject("additional_data").put("more_items_in_collection", !records.lines(dealId).isEmpty()
                && ids.isEmpty());
        return Answer.wrote(200, body);
    }

    private Answer settings(Call call, List<String> rest) {
        if (!call.method().equals("GET")) {
            throw Errors.notFound();
        }
        String table = rest.get(0);
        return records.locked(() -> rest.size() > 1
                ? Answer.read(200, data(records.view(table, records.present(table, rest.get(1)), null)))
                : page(call, records.all(table).filter(one -> !call.query().containsKey("pipeline_id")
                || call.query().get("pipeline_id").equals(one.text("pipeline_id"))), MOST,
                one -> records.view(table, one, null)));
    }

    private Answer definitions(Call call, String object, List<String> rest) throws IOException {
        if (rest.size() == 1 && call.method().equals("POST")) {
            return define(object, call.object());
        }
        if (rest.size() == 3 && rest.get(2).equals("options") && call.method().equals("POST")) {
            return addOptions(object, rest.get(1), Json.parse(call.body()));
        }
        List<ObjectNode> all = records.locked(() -> records.definitions(object));
        if (rest.size() == 1 && call.method().equals("GET")) {
            int limit = limit(call.query(), MOST);
            long[] from = cursor(call.query());
            int first = from == null ? 0 : (int) from[0];
            ArrayNode data = Json.array();
            all.stream().skip(first).limit(limit).forEach(data::add);
            ObjectNode body = data(data);
            body.putObject("additional_data").put("next_cursor",
                    all.size() > first + limit ? encoded(first + limit + ":0") : null);
            return Answer.read(200, body);
        }
        ObjectNode one = all.stream().filter(field -> rest.size() == 2
                && field.get("field_code").asText().equals(rest.get(1))).findFirst()
                .orElseThrow(Errors::notFound);
        if (call.method().equals("GET")) {
            return Answer.read(200, data(one));
        }
        if (call.method().equals("DELETE") && one.get("is_custom_field").asBoolean()) {
            records.locked(() -> {
                records.forget(object, rest.get(1));
                return null;
            });
            return Answer.wrote(200, data(one));
        }
        throw Errors.notFound();
    }

    private Answer define(String object, ObjectNode body) {
        Set<String> known = Set.of("field_name", "field_type", "options", "description", "ui_visibility",
                "important_fields", "required_fields");
        body.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw Errors.invalid("property " + name + " should not exist");
            }
        });
        String name = body.path("field_name").asText("");
        String type = body.path("field_type").asText("");
        List<String> options = new ArrayList<>();
        body.path("options").forEach(one -> options.add(one.path("label").asText()));
        if (name.isBlank() || name.length() > 255) {
            throw Errors.invalid("field_name: must have 1 to 255 characters");
        }
        if (!Fields.TYPES.contains(type)) {
            throw Errors.invalid("field_type: must be one of " + Fields.TYPES);
        }
        if (Set.of("enum", "set").contains(type) == options.isEmpty()) {
            throw Errors.invalid("options: must be given for fields of type enum and set, and only for them");
        }
        return records.locked(() -> Answer.wrote(200,
                data(records.define(object, type, name, options).deepCopy().without("object"))));
    }

    private Answer addOptions(String object, String code, JsonNode options) {
        List<String> labels = new ArrayList<>();
        for (JsonNode option : options) {
            if (option.size() != 1 || !option.path("label").isTextual() || option.get("label").asText().isBlank()) {
                throw Errors.invalid("every option must be {label}");
            }
            labels.add(option.get("label").asText());
        }
        if (!options.isArray() || labels.isEmpty()) {
            throw Errors.invalid("the body must be a list of options");
        }
        return records.locked(() -> Answer.wrote(200, data(records.addOptions(object, code, labels))));
    }

    private Answer v1(Call call, List<String> rest) throws IOException {
        String first = rest.get(0);
        if (call.method().equals("GET") && rest.equals(List.of("users", "me"))) {
            return Answer.read(200, data(Json.object().put("id", 1).put("name", "Integration")
                    .put("email", "integration@example.com").put("company_id", 1).put("company_name", "Sandbox")
                    .put("company_domain", "sandbox").put("default_currency", "USD").put("active_flag", true)));
        }
        if (call.method().equals("PUT") && rest.size() == 3 && rest.get(2).equals("merge")
                && Set.of("persons", "organizations", "deals").contains(first)) {
            ObjectNode body = call.object();
            if (body.size() != 1 || !body.path("merge_with_id").isIntegralNumber()) {
                throw new Refused(Errors.failure(400, "merge_with_id must be given"));
            }
            return records.locked(() -> {
                Stored stored = records.merge(first, rest.get(1), body.get("merge_with_id").asText(), true);
                return Answer.wrote(200, data(records.view(first, stored, null)
                        .put("merge_what_id", Long.parseLong(rest.get(1)))));
            });
        }
        if (!Set.of("notes", "webhooks").contains(first)) {
            throw Errors.notFound();
        }
        if (rest.size() == 1) {
            return call.method().equals("POST") ? v1Created(first, call.object()) : v1List(call, first);
        }
        boolean note = first.equals("notes");
        return switch (call.method()) {
            case "GET" -> records.locked(() -> Answer.read(200,
                    data(records.view(first, records.present(first, rest.get(1)), null))));
            case "PUT" -> {
                ObjectNode body = call.object();
                if (!note) {
                    throw Errors.notFound();
                }
                yield records.locked(() -> Answer.wrote(200,
                        data(records.view(first, records.update(first, rest.get(1), body), null))));
            }
            case "DELETE" -> records.locked(() -> {
                records.delete(first, rest.get(1));
                return Answer.wrote(200, note ? Json.object().put("success", true).put("data", true)
                        : Json.object().put("status", "ok").put("success", true));
            });
            default -> throw Errors.notFound();
        };
    }

    private Answer v1Created(String table, ObjectNode body) {
        return records.locked(() -> {
            ObjectNode view = records.view(table, records.create(table, body), null);
            return Answer.wrote(201, table.equals("webhooks") ? data(view).put("status", "ok") : data(view));
        });
    }

    // v1 pages by position, not by cursor.
    private Answer v1List(Call call, String table) {
        if (!call.method().equals("GET")) {
            throw Errors.notFound();
        }
        Map<String, String> query = call.query();
        int limit = limit(query, MOST);
        int start = query.getOrDefault("start", "0").matches("\\d{1,8}")
                ? Integer.parseInt(query.getOrDefault("start", "0")) : 0;
        return records.locked(() -> {
            List<Stored> all = records.all(table).filter(one -> Stream.of("person_id", "deal_id", "org_id")
                    .allMatch(name -> !query.containsKey(name) || query.get(name).equals(one.text(name)))).toList();
            ArrayNode data = Json.array();
            all.stream().skip(start).limit(limit).forEach(one -> data.add(records.view(table, one, null)));
            ObjectNode body = data(data);
            ObjectNode paging = body.putObject("additional_data").putObject("pagination").put("start", start)
                    .put("limit", limit).put("more_items_in_collection", all.size() > start + limit);
            if (all.size() > start + limit) {
                paging.put("next_start", start + limit);
            }
            return Answer.read(200, body);
        });
    }

    private static ObjectNode data(JsonNode data) {
        return Json.object().put("success", true).set("data", data);
    }
}
