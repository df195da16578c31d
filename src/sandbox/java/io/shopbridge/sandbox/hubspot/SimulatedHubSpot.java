package io.shopbridge.sandbox.hubspot;

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
import io.shopbridge.sandbox.server.Refused;
import io.shopbridge.sandbox.server.RollingLimit;
import io.shopbridge.sandbox.server.SimulatedCrm;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * HubSpot's CRM API, dated version 2026-09, for contacts, companies, orders, line_items, carts, deals, notes and
 * tasks: single and batch calls, search, associations, GDPR deletion, the pipelines of
 * orders, and the definitions of properties. It refuses what
 * HubSpot refuses, with HubSpot's error bodies; a single bad row fails its whole batch and nothing of it is
 * written; results of a batch come back in no particular order.
 *
 * @see <a href="https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide">Contacts guide</a>
 */
public final class SimulatedHubSpot extends SimulatedCrm {

    /** The dated version that the paths carry. */
    public static final String VERSION = "2026-09";

    /** Of the account, in whose midnight a day's calls are counted anew. */
    public static final String TIME_ZONE = "America/New_York";

    private static final int MOST_INPUTS = 100;
    private static final int MOST_ASSOCIATIONS = 1_000;
    private static final Map<String, List<String>> UNIQUE = Map.of(
            "contacts", List.of("email", "shopify_customer_key"),
            "companies", List.of("shopify_company_key"),
            "orders", List.of("shopify_order_key"),
            "line_items", List.of("shopify_line_item_key"),
            "carts", List.of("shopify_cart_key"),
            "deals", List.of("shopify_order_key"),
            "notes", List.of("shopify_order_key"),
            "tasks", List.of("shopify_order_key"));
    private static final Map<String, String> BY_TYPE_ID = Map.of("0-1", "contacts", "0-2", "companies", "0-3", "deals",
            "0-123", "orders", "0-8", "line_items", "0-142", "carts", "0-46", "notes", "0-27", "tasks");
    // https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide#association-type-id-values
    private static final Map<String, Integer> ASSOCIATION_TYPES = Map.ofEntries(Map.entry("orders/contacts", 507),
            Map.entry("contacts/orders", 508), Map.entry("orders/companies", 509), Map.entry("companies/orders", 510),
            Map.entry("orders/line_items", 513), Map.entry("line_items/orders", 514),
            Map.entry("contacts/companies", 279), Map.entry("companies/contacts", 280),
            Map.entry("deals/contacts", 3), Map.entry("contacts/deals", 4), Map.entry("deals/companies", 341),
            Map.entry("companies/deals", 342), Map.entry("deals/line_items", 19), Map.entry("line_items/deals", 20),
            Map.entry("carts/contacts", 586), Map.entry("contacts/carts", 587), Map.entry("notes/contacts", 202),
            Map.entry("contacts/notes", 201), Map.entry("tasks/contacts", 204), Map.entry("contacts/tasks", 203),
            Map.entry("companies/companies", 450));
    private static final Map<String, Integer> PRIMARY_TYPES = Map.of("contacts/companies", 1, "companies/contacts", 2,
            "deals/companies", 5, "companies/deals", 6);
    private static final int CHILD_COMPANY = 13;
    private static final int PARENT_COMPANY = 14;
    /** What is on a timeline, and can't be made without its time. */
    private static final Set<String> TIMED = Set.of("notes", "tasks");
    private static final Set<String> OLD_NAMES = Set.of("contacts", "companies", "deals");

    private final RecordStore store;
    private final Properties properties = new Properties();
    private final Map<String, String> primaries = new ConcurrentHashMap<>();
    /** Of companies, by the ids of their children. */
    private final Map<String, String> parents = new ConcurrentHashMap<>();
    private final Consents consents = new Consents();
    private final Schemas schemas = new Schemas(properties, UNIQUE);
    private static final int SEARCHES = 5;
    /** Over which calls are counted: https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines. */
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private static final String MORE_EMAILS = "hs_additional_emails";
    private static final String MERGED_IDS = "hs_merged_object_ids";

    private final Map<String, String> secondEmails = new ConcurrentHashMap<>();
    private final RollingLimit limit;
    private final Options options;
    private volatile RollingLimit searchLimit;
    private final AtomicBoolean dayIsOver = new AtomicBoolean();
    private final String token;
    private final long searchLagMillis;

    private SimulatedHubSpot(int port, Options options) {
        Map<String, Shape> shapes = new HashMap<>();
        UNIQUE.forEach((object, fields) -> shapes.put(object, new Shape("", fields.stream()
                .map(field -> new Index(field, text -> text.toLowerCase(Locale.ROOT))).toList())));
        this.store = new RecordStore(options.journal(), 501, shapes);
        this.limit = new RollingLimit(options.limitOr(100), options.period(INTERVAL));
        this.options = options;
        othersSearch(0);
        this.token = options.token();
        this.searchLagMillis = options.searchLag().toMillis();
        serve("HubSpot", port, options, new HubSpotApi());
    }

    /** From now on others in the account use so many of the five searches that a second allows. */
    public void othersSearch(int requests) {
        searchLimit = new RollingLimit(limit.unlimited() ? Options.UNLIMITED : SEARCHES - requests,
                options.period(Duration.ofSeconds(1)));
    }

    /**
     * Starts it on the loopback interface.
     *
     * @param port 0 takes any free port
     * @throws IllegalStateException if the port is taken
     */
    public static SimulatedHubSpot start(int port, Options options) {
        return new SimulatedHubSpot(port, options);
    }

    /** Each record as {@code {id, createdAt, updatedAt, properties, associations}}; object is contacts, orders, … */
    @Override
    public List<ObjectNode> records(String object) {
        return store.locked(() -> store.all(object).stream().map(stored -> whole(object, stored)).toList());
    }

    /** Forgets every record. */
    @Override
    public void clear() {
        store.locked(() -> {
            store.clear();
            primaries.clear();
            parents.clear();
            secondEmails.clear();
            consents.clear();
            return null;
        });
    }

    /** Adds a property; type is one of text, email, number, integer, bool, date, datetime, enum, read_only. */
    public void defineProperty(String object, String name, String type, String... choices) {
        properties.define(object, name, Properties.Type.valueOf(type.toUpperCase(Locale.ROOT)),
                List.of(choices), false);
    }

    /** Adds a property of text that no two records have the same value of. */
    public void defineKey(String object, String name) {
        properties.define(object, name, Properties.Type.TEXT, List.of(), true);
    }

    /** The primary company of a contact or deal; null where it has none. */
    public String primaryCompany(String object, String id) {
        return primaries.get(object + "/" + id);
    }

    /** The parent of a company; null where it has none. */
    public String parentCompany(String id) {
        return parents.get(id);
    }

    /** Whether GDPR is switched on, so that nobody is subscribed without a legal basis. */
    public void askForLegalBasis(boolean asked) {
        consents.askForLegalBasis(asked);
    }

    /** SUBSCRIBED, UNSUBSCRIBED or NOT_SPECIFIED, of the subscription {@link Consents#SUBSCRIPTION}. */
    public String consent(String email) {
        return consents.state(email);
    }

    /** The legal basis of a subscription; null where there is none. */
    public String legalBasis(String email) {
        return consents.legalBasis(email);
    }

    /** Somebody follows the link at the end of an e-mail. */
    public void unsubscribes(String email) {
        consents.unsubscribes(email);
    }

    /** The account has these currencies, its own among them; at first it has some usual ones. */
    public void useCurrencies(String... codes) {
        properties.currencies(Set.of(codes));
    }

    /** The account has these users as owners; at first it has some. */
    public void useOwners(String... ids) {
        properties.owners(Set.of(ids));
    }

    /** Whether the day's calls are used up, so that every further one is refused. */
    public void useUpTheDay(boolean usedUp) {
        dayIsOver.set(usedUp);
    }

    /** Somebody adds a second e-mail address to a contact, which is as unique as the first. */
    public void addEmail(String contactId, String email) {
        store.locked(() -> {
            Stored contact = store.get("contacts", contactId);
            ObjectNode values = contact.values().deepCopy();
            String before = values.path(MORE_EMAILS).asText("");
            values.put(MORE_EMAILS, (before.isEmpty() ? "" : before + ";") + email.toLowerCase(Locale.ROOT));
            secondEmails.put(email.toLowerCase(Locale.ROOT), contact.id());
            return store.replace("contacts", contact, values);
        });
    }

    /** The contact that has this e-mail address as one of its further ones; null where there is none. */
    private Stored bySecondEmail(String object, String field, String email) {
        String id = object.equals("contacts") && field.equals("email")
                ? secondEmails.get(email.toLowerCase(Locale.ROOT)) : null;
        return id == null ? null : store.get(object, id);
    }

    /**
     * Merges two contacts as HubSpot does by default: a new record whose id both old ids resolve to. The primary's
     * values win.
     *
     * @return the new id
     * @throws IllegalArgumentException if either does not exist
     */
    public String mergeContacts(String primaryId, String otherId) {
        return store.locked(() -> {
            Stored primary = store.get("contacts", primaryId);
            Stored other = store.get("contacts", otherId);
            if (primary == null || other == null || primary.id().equals(other.id())) {
                throw new IllegalArgumentException("Cannot merge contacts " + primaryId + " and " + otherId
                        + ": both must exist and differ");
            }
            ObjectNode values = other.values().deepCopy();
            values.setAll(primary.values());
            values.put(MERGED_IDS, Stream.of(primary, other)
                    .flatMap(old -> Stream.of(old.values().path(MERGED_IDS).asText(""), old.id()))
                    .filter(id -> !id.isEmpty()).collect(Collectors.joining(";")));
            Map<String, Set<String>> related = new HashMap<>();
            for (Stored old : List.of(primary, other)) {
                UNIQUE.keySet().forEach(object -> related.computeIfAbsent(object, key -> new LinkedHashSet<>())
                        .addAll(store.related("contacts", old.id(), object)));
            }
            for (Stored old : List.of(primary, other)) {
                dropRelations("contacts", old.id());
                store.delete("contacts", old);
            }
            Stored merged = store.create("contacts", values);
            store.alias("contacts", primary.id(), merged.id());
            store.alias("contacts", other.id(), merged.id());
            related.forEach((object, ids) -> ids.forEach(id -> store.relate("contacts", merged.id(), object, id)));
            return merged.id();
        });
    }

    @Override
    public void close() {
        super.close();
        store.close();
    }

    private final class HubSpotApi implements CrmServer.Api {

        @Override
        public String template(Call call) {
            List<String> path = new ArrayList<>(call.segments());
            boolean objects = path.size() > 4 && path.get(1).equals("objects");
            if (objects && !Set.of("batch", "search", "merge", "gdpr-delete").contains(path.get(4))) {
                path.set(4, "{id}");
            }
            if (path.size() == 4 && path.get(0).equals("communication-preferences")) {
                path.set(3, "{id}");
            }
            if (objects && path.size() == 9 && path.get(5).equals("associations")) {
                path.set(8, "{id}");
            }
            return call.method() + " /" + String.join("/", path);
        }

        @Override
        public Answer failure(int status, Integer retryAfter, String message) {
            Answer answer = Errors.failure(status, message);
            return retryAfter == null ? answer : answer.with("Retry-After", retryAfter);
        }

        @Override
        public boolean knows(String object) {
            return store.knows(object);
        }

        @Override
        public Answer answer(Call call) throws IOException {
            if (!call.hasBearer(token)) {
                return Errors.failure(401, "");
            }
            if (call.byPerson()) {
                return refusedOrRouted(call);
            }
            boolean search = call.is("POST", "crm", "objects", VERSION, "*", "search");
            if (search && searchLimit.take() < 0) {
                return Errors.tooMany("SECONDLY", "You have reached your secondly limit.");
            }
            if (dayIsOver.get()) {
                return Errors.tooMany("DAILY", "You have reached your daily limit.")
                        .with("X-HubSpot-RateLimit-Daily", 250_000).with("X-HubSpot-RateLimit-Daily-Remaining", 0);
            }
            int left = limit.take();
            Answer answer = left < 0
                    ? Errors.tooMany("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.")
                    : refusedOrRouted(call);
            if (search || limit.unlimited()) {
                return answer;
            }
            return answer.with("X-HubSpot-RateLimit-Max", limit.requests())
                    .with("X-HubSpot-RateLimit-Remaining", Math.max(0, left))
                    .with("X-HubSpot-RateLimit-Interval-Milliseconds", INTERVAL.toMillis());
        }

        private Answer refusedOrRouted(Call call) throws IOException {
            try {
                return route(dated(call));
            } catch (Refused refused) {
                return refused.answer();
            }
        }
    }

    // The names that the same calls had before versions were dates.
    private static Call dated(Call call) {
        List<String> path = new ArrayList<>(call.segments());
        if (path.size() > 2 && path.get(0).equals("crm") && path.get(1).matches("v[34]")
                && path.get(1).equals(path.get(2).equals("associations") ? "v4" : "v3")) {
            path.set(1, path.get(2));
            path.set(2, VERSION);
        } else if (path.size() > 2 && (path.get(0) + "/" + path.get(1)).matches(
                "communication-preferences/v4|account-info/v3")) {
            path.set(1, VERSION);
        }
        return new Call(call.method(), call.path(), path, call.query(), call.headers(), call.body());
    }

    private Answer route(Call call) throws IOException {
        List<String> path = call.segments();
        if (path.size() >= 4 && path.get(0).equals("crm") && path.get(2).equals(VERSION)) {
            if (path.get(1).equals("objects")) {
                return objects(call, object(path.get(3)));
            }
            if (path.get(1).equals("pipelines") && path.size() == 4 && call.method().equals("GET")) {
                return pipelines(object(path.get(3)));
            }
            if (path.get(1).equals("properties")) {
                return schemas.answer(call, object(path.get(3)), path.subList(4, path.size()));
            }
            if (path.get(1).equals("associations") && path.size() >= 7 && path.get(5).equals("batch")
                    && call.method().equals("POST")) {
                return associations(call, object(path.get(3)), object(path.get(4)),
                        String.join("/", path.subList(6, path.size())));
            }
            if (path.get(1).equals("associations") && path.size() == 6 && path.get(5).equals("labels")
                    && call.method().equals("GET")) {
                return labels(object(path.get(3)), object(path.get(4)));
            }
        }
        if (path.size() > 2 && path.get(0).equals("communication-preferences") && path.get(1).equals(VERSION)) {
            return consents.answer(call, path.subList(2, path.size()));
        }
        if (call.is("GET", "account-info", VERSION, "details")) {
            return Answer.read(200, Json.object().put("portalId", 1_234_567).put("accountType", "STANDARD")
                    .put("timeZone", TIME_ZONE).put("companyCurrency", "USD").put("utcOffset", "-05:00")
                    .put("utcOffsetMilliseconds", -18_000_000).put("uiDomain", "app.hubspot.com")
                    .put("dataHostingLocation", "na1").set("additionalCurrencies", Json.array()));
        }
        return noSuchPath();
    }

    /** https://developers.hubspot.com/docs/api-reference/crm-pipelines-v3/guide; the ids are the account's own. */
    private static Answer pipelines(String object) {
        ObjectNode answer = Json.object();
        ArrayNode results = answer.putArray("results");
        if (object.equals("orders")) {
            ObjectNode pipeline = results.addObject().put("id", Properties.ORDER_PIPELINE)
                    .put("label", "Order pipeline").put("displayOrder", 0).put("archived", false);
            ArrayNode stages = pipeline.putArray("stages");
            Properties.ORDER_STAGES.forEach((id, label) -> stages.addObject().put("id", id).put("label", label)
                    .put("displayOrder", stages.size() - 1).put("archived", false));
        }
        return Answer.read(200, answer);
    }

    private Answer objects(Call call, String object) throws IOException {
        List<String> path = call.segments();
        String method = call.method();
        if (path.size() == 6 && path.get(4).equals("batch") && method.equals("POST")) {
            return batch(object, path.get(5), call.object());
        }
        if (path.size() == 9 && path.get(5).equals("associations") && path.get(6).equals("default")
                && method.equals("PUT")) {
            return associateOne(object, path.get(4), object(path.get(7)), path.get(8));
        }
        if (path.size() == 4) {
            return switch (method) {
                case "POST" -> createOne(object, call.object());
                case "GET" -> list(object, call);
                default -> noSuchPath();
            };
        }
        if (path.size() != 5) {
            return noSuchPath();
        }
        if (method.equals("POST")) {
            return switch (path.get(4)) {
                case "search" -> search(object, call.object());
                case "gdpr-delete" -> gdprDelete(object, call.object());
                case "merge" -> merge(object, call.object());
                default -> noSuchPath();
            };
        }
        String id = path.get(4);
        String idProperty = call.query().get("idProperty");
        return switch (method) {
            case "GET" -> readOne(object, id, idProperty, call.query().get("properties"));
            case "PATCH" -> updateOne(object, id, idProperty, call.object());
            case "DELETE" -> archive(object, List.of(id));
            default -> noSuchPath();
        };
    }

    private Answer batch(String object, String operation, ObjectNode body) {
        List<ObjectNode> inputs = inputs(body, MOST_INPUTS);
        return switch (operation) {
            case "read" -> batchRead(object, inputs, body);
            case "create" -> batchCreate(object, inputs);
            case "update" -> batchUpdate(object, inputs);
            case "upsert" -> batchUpsert(object, inputs);
            case "archive" -> archive(object, ids(inputs));
            default -> noSuchPath();
        };
    }

    private Answer batchRead(String object, List<ObjectNode> inputs, ObjectNode body) {
        require(body, "properties", "propertiesWithHistory");
        List<String> wanted = texts(body.get("properties"));
        String idProperty = body.path("idProperty").asText("");
        if (!idProperty.isEmpty()) {
            requireUnique(object, idProperty);
        }
        List<String> ids = ids(inputs);
        refuseDoubles(ids);
        return store.locked(() -> {
            Results results = new Results();
            List<String> missing = new ArrayList<>();
            for (String id : ids) {
                Stored stored = resolve(object, id, idProperty);
                if (stored == null) {
                    missing.add(id);
                } else {
                    results.found.add(view(object, stored, wanted));
                }
            }
            results.missing(object, missing);
            return results.answer(200, false);
        });
    }

    private Answer batchCreate(String object, List<ObjectNode> inputs) {
        List<Row> rows = new ArrayList<>();
        for (ObjectNode input : inputs) {
            require(input, "associations", "properties");
            rows.add(row(input));
        }
        normalise(object, rows);
        return store.locked(() -> {
            checkUnique(object, rows);
            rows.forEach(row -> checkTargets(object, row.input.get("associations")));
            Results results = new Results();
            rows.forEach(row -> results.found.add(write(object, row)));
            return results.answer(201, true);
        });
    }

    private Answer batchUpdate(String object, List<ObjectNode> inputs) {
        List<Row> rows = new ArrayList<>();
        inputs.forEach(input -> {
            require(input, "id", "properties");
            String idProperty = input.path("idProperty").asText("");
            if (!idProperty.isEmpty()) {
                requireUpsertable(object, idProperty);
            }
            rows.add(row(input));
        });
        refuseDoubles(ids(inputs));
        normalise(object, rows);
        return store.locked(() -> {
            List<String> missing = new ArrayList<>();
            rows.forEach(row -> row.old = resolve(object, row.id, row.input.path("idProperty").asText("")));
            rows.stream().filter(row -> row.old == null).forEach(row -> missing.add(row.id));
            List<Row> known = rows.stream().filter(row -> row.old != null).toList();
            checkUnique(object, known);
            Results results = new Results();
            known.stream().filter(row -> !results.isTaken(object, row))
                    .forEach(row -> results.found.add(write(object, row)));
            results.missing(object, missing);
            return results.answer(200, true);
        });
    }

    private Answer batchUpsert(String object, List<ObjectNode> inputs) {
        List<Row> rows = new ArrayList<>();
        inputs.forEach(input -> {
            require(input, "id", "idProperty", "properties");
            requireUpsertable(object, input.get("idProperty").asText());
            rows.add(row(input));
        });
        refuseDoubles(inputs.stream().map(input -> input.get("id").asText().toLowerCase(Locale.ROOT)).toList());
        rows.forEach(row -> ((ObjectNode) row.input.get("properties"))
                .put(row.input.get("idProperty").asText(), row.id));
        normalise(object, rows);
        return store.locked(() -> {
            rows.forEach(row -> row.old = resolve(object, row.id, row.input.get("idProperty").asText()));
            checkUnique(object, rows);
            Results results = new Results();
            rows.stream().filter(row -> !results.isTaken(object, row)).forEach(row -> {
                boolean isNew = row.old == null;
                results.found.add(write(object, row).put("new", isNew));
            });
            return results.answer(200, true);
        });
    }

    private Answer createOne(String object, ObjectNode body) {
        require(body, "associations", "properties");
        Row row = row(body);
        normalise(object, List.of(row));
        return store.locked(() -> {
            checkUnique(object, List.of(row));
            checkTargets(object, body.get("associations"));
            return Answer.wrote(201, write(object, row));
        });
    }

    private Answer readOne(String object, String id, String idProperty, String wanted) {
        if (idProperty != null) {
            requireUnique(object, idProperty);
        }
        return store.locked(() -> {
            Stored stored = resolve(object, id, idProperty);
            if (stored == null) {
                throw Errors.notFound("Object not found. objectId are usually numeric.");
            }
            return Answer.read(200, view(object, stored,
                    wanted == null ? List.of() : List.of(wanted.split(","))));
        });
    }

    private Answer updateOne(String object, String id, String idProperty, ObjectNode body) {
        require(body, "properties");
        if (idProperty != null) {
            requireUnique(object, idProperty);
        }
        Row row = row(body);
        normalise(object, List.of(row));
        return store.locked(() -> {
            row.old = resolve(object, id, idProperty);
            if (row.old == null) {
                throw Errors.notFound("Object not found. objectId are usually numeric.");
            }
            checkUnique(object, List.of(row));
            return Answer.wrote(200, write(object, row));
        });
    }

    private Answer list(String object, Call call) {
        int limit = number(call.query().getOrDefault("limit", "10"), "limit");
        if (limit < 1 || limit > 100) {
            throw Errors.invalid("limit must be between 1 and 100");
        }
        long after = number(call.query().getOrDefault("after", "0"), "after");
        String wanted = call.query().getOrDefault("properties", "");
        return store.locked(() -> {
            List<Stored> rest = store.all(object).stream().filter(stored -> stored.number() > after)
                    .sorted(Comparator.comparingLong(Stored::number)).limit(limit + 1L).toList();
            ObjectNode body = Json.object();
            ArrayNode results = body.putArray("results");
            rest.stream().limit(limit).forEach(stored ->
                    results.add(view(object, stored, wanted.isEmpty() ? List.of() : List.of(wanted.split(",")))));
            if (rest.size() > limit) {
                body.putObject("paging").putObject("next").put("after", rest.get(limit - 1).id());
            }
            return Answer.read(200, body);
        });
    }

    private Answer search(String object, ObjectNode body) {
        Search search = new Search(object, properties, (stored, name) -> value(object, stored, name));
        return store.locked(() -> {
            long horizon = System.currentTimeMillis() - searchLagMillis;
            List<Stored> visible = new ArrayList<>();
            for (Stored stored : store.all(object)) {
                Stored seen = stored.updatedAt() <= horizon ? stored : stored.previous();
                if (seen != null && seen.updatedAt() <= horizon) {
                    visible.add(seen);
                }
            }
            Search.Page page = search.search(body, visible);
            ObjectNode answer = Json.object().put("total", page.total());
            ArrayNode results = answer.putArray("results");
            List<String> wanted = texts(body.get("properties"));
            page.hits().forEach(stored -> results.add(view(object, stored, wanted)));
            if (page.after() != null) {
                answer.putObject("paging").putObject("next").put("after", String.valueOf(page.after()));
            }
            return Answer.read(200, answer);
        });
    }

    private Answer archive(String object, List<String> ids) {
        refuseDoubles(ids);
        return store.locked(() -> {
            ids.forEach(id -> remove(object, store.get(object, id)));
            return Answer.wroteNothingToSay();
        });
    }

    private Answer gdprDelete(String object, ObjectNode body) {
        if (!object.equals("contacts")) {
            return noSuchPath();
        }
        require(body, "objectId");
        String idProperty = body.path("idProperty").asText("");
        if (!idProperty.isEmpty()) {
            requireUnique(object, idProperty);
        }
        return store.locked(() -> {
            Stored stored = resolve(object, body.get("objectId").asText(), idProperty);
            if (stored == null && !idProperty.equals("email")) {
                throw Errors.notFound("Object not found. objectId are usually numeric.");
            }
            remove(object, stored);
            return Answer.wroteNothingToSay();
        });
    }

    private Answer merge(String object, ObjectNode body) {
        require(body, "primaryObjectId", "objectIdToMerge");
        if (!object.equals("contacts")) {
            return noSuchPath();
        }
        try {
            String id = mergeContacts(body.get("primaryObjectId").asText(), body.get("objectIdToMerge").asText());
            return store.locked(() -> Answer.wrote(200, view(object, store.get(object, id), List.of("email"))));
        } catch (IllegalArgumentException e) {
            throw Errors.invalid(e.getMessage());
        }
    }

    private Answer associations(Call call, String from, String to, String operation) throws IOException {
        ObjectNode body = call.object();
        List<ObjectNode> inputs = inputs(body, MOST_ASSOCIATIONS);
        return switch (operation) {
            case "associate/default" -> associate(from, to, inputs);
            case "create" -> associateAs(from, to, inputs);
            case "archive" -> dissociate(from, to, inputs);
            case "read" -> readAssociations(from, to, inputs);
            default -> noSuchPath();
        };
    }

    private Answer associate(String from, String to, List<ObjectNode> inputs) {
        int type = associationType(from, to);
        inputs.forEach(input -> require(input, "from", "to"));
        return store.locked(() -> {
            Results results = new Results();
            for (ObjectNode input : inputs) {
                Stored left = store.get(from, input.at("/from/id").asText());
                Stored right = store.get(to, input.at("/to/id").asText());
                if (left == null) {
                    results.missing(from, List.of(input.at("/from/id").asText()));
                } else if (right == null) {
                    results.missing(to, List.of(input.at("/to/id").asText()));
                } else {
                    store.relate(from, left.id(), to, right.id());
                    results.found.add(association(left.id(), right.id(), type));
                    results.found.add(association(right.id(), left.id(), associationType(to, from)));
                }
            }
            return results.answer(200, true);
        });
    }

    private Answer labels(String from, String to) {
        associationType(from, to);
        ObjectNode body = Json.object();
        ArrayNode results = body.putArray("results");
        Integer primary = PRIMARY_TYPES.get(from + "/" + to);
        if (primary != null) {
            results.addObject().put("category", "HUBSPOT_DEFINED").put("typeId", primary).put("label", "Primary");
        }
        if (isHierarchy(from, to)) {
            results.addObject().put("category", "HUBSPOT_DEFINED").put("typeId", CHILD_COMPANY)
                    .put("label", "Child Company");
            results.addObject().put("category", "HUBSPOT_DEFINED").put("typeId", PARENT_COMPANY)
                    .put("label", "Parent Company");
        }
        results.addObject().put("category", "HUBSPOT_DEFINED").put("typeId", associationType(from, to))
                .putNull("label");
        return Answer.read(200, body);
    }

    private static boolean isHierarchy(String from, String to) {
        return from.equals("companies") && to.equals("companies");
    }

    private Answer associateAs(String from, String to, List<ObjectNode> inputs) {
        Integer primary = PRIMARY_TYPES.get(from + "/" + to);
        for (ObjectNode input : inputs) {
            require(input, "from", "to", "types");
            if (input.get("types").isEmpty()) {
                throw Errors.invalid("Every association needs at least one type");
            }
            for (JsonNode type : input.get("types")) {
                int id = type.path("associationTypeId").asInt();
                if (!type.path("associationCategory").asText().equals("HUBSPOT_DEFINED")
                        || id != associationType(from, to) && (primary == null || id != primary)
                        && !(isHierarchy(from, to) && (id == CHILD_COMPANY || id == PARENT_COMPANY))) {
                    throw Errors.invalid("Association type " + id + " does not go from " + from + " to " + to);
                }
            }
        }
        Answer answer = associate(from, to, inputs);
        return store.locked(() -> {
            inputs.stream().filter(input -> primary != null && input.get("types").findValuesAsText("associationTypeId")
                    .contains(String.valueOf(primary))).forEach(input -> {
                        Stored left = store.get(from, input.at("/from/id").asText());
                        Stored right = store.get(to, input.at("/to/id").asText());
                        if (left != null && right != null) {
                            primaries.put(from + "/" + left.id(), right.id());
                        }
                    });
            if (isHierarchy(from, to)) {
                inputs.forEach(this::hierarchy);
            }
            return answer;
        });
    }

    private void hierarchy(ObjectNode input) {
        List<String> types = input.get("types").findValuesAsText("associationTypeId");
        Stored left = store.get("companies", input.at("/from/id").asText());
        Stored right = store.get("companies", input.at("/to/id").asText());
        if (left != null && right != null && types.contains(String.valueOf(PARENT_COMPANY))) {
            parents.put(left.id(), right.id());
        } else if (left != null && right != null && types.contains(String.valueOf(CHILD_COMPANY))) {
            parents.put(right.id(), left.id());
        }
    }

    private Answer associateOne(String from, String fromId, String to, String toId) {
        int type = associationType(from, to);
        return store.locked(() -> {
            Stored left = store.get(from, fromId);
            Stored right = store.get(to, toId);
            if (left == null || right == null) {
                throw Errors.notFound((left == null ? Errors.label(from) + " " + fromId
                        : Errors.label(to) + " " + toId) + " does not exist");
            }
            store.relate(from, left.id(), to, right.id());
            Results results = new Results();
            results.found.add(association(left.id(), right.id(), type));
            return results.answer(200, true);
        });
    }

    private Answer dissociate(String from, String to, List<ObjectNode> inputs) {
        associationType(from, to);
        inputs.forEach(input -> require(input, "from", "to"));
        return store.locked(() -> {
            for (ObjectNode input : inputs) {
                input.get("to").forEach(target -> {
                    store.unrelate(from, input.at("/from/id").asText(), to, target.path("id").asText());
                    primaries.remove(from + "/" + input.at("/from/id").asText(), target.path("id").asText());
                    if (isHierarchy(from, to)) {
                        parents.remove(input.at("/from/id").asText(), target.path("id").asText());
                        parents.remove(target.path("id").asText(), input.at("/from/id").asText());
                    }
                });
            }
            return Answer.wroteNothingToSay();
        });
    }

    private Answer readAssociations(String from, String to, List<ObjectNode> inputs) {
        int type = associationType(from, to);
        return store.locked(() -> {
            Results results = new Results();
            for (String id : ids(inputs)) {
                Stored stored = store.get(from, id);
                Set<String> targets = stored == null ? Set.of() : store.related(from, stored.id(), to);
                if (targets.isEmpty()) {
                    ObjectNode error = results.errors.addObject().put("status", "error")
                            .put("category", "OBJECT_NOT_FOUND")
                            .put("subCategory", "crm.associations.NO_ASSOCIATIONS_FOUND")
                            .put("message", "No " + to + " are associated with " + from + " " + id + ".");
                    error.putObject("context").putArray("fromObjectId").add(id);
                    continue;
                }
                ObjectNode found = Json.object();
                found.putObject("from").put("id", id);
                ArrayNode list = found.putArray("to");
                targets.forEach(target -> list.addObject().put("toObjectId", target).putArray("associationTypes")
                        .addObject().put("category", "HUBSPOT_DEFINED").put("typeId", type).putNull("label"));
                results.found.add(found);
            }
            return results.answer(200, false);
        });
    }

    /** One input of a write. */
    private static final class Row {
        final ObjectNode input;
        final String id;
        ObjectNode values;
        Stored old;

        Row(ObjectNode input) {
            this.input = input;
            this.id = input.path("id").asText();
        }
    }

    private final class Results {
        final List<ObjectNode> found = new ArrayList<>();
        final ArrayNode errors = Json.array();
        final long startedAt = System.currentTimeMillis();

        void missing(String object, List<String> ids) {
            if (!ids.isEmpty()) {
                Errors.missing(errors, object, ids);
            }
        }

        /** Of a known contact, an address that is another one's second fails its own row alone. */
        boolean isTaken(String object, Row row) {
            String email = row.values.path("email").asText("");
            Stored other = row.old == null || email.isEmpty() ? null : bySecondEmail(object, "email", email);
            if (other == null || other.id().equals(row.old.id())) {
                return false;
            }
            Errors.taken(errors, row.old.id(), row.input.path("objectWriteTraceId").asText(), other.id());
            return true;
        }

        // HubSpot promises no order, and clients that rely on one break in production only; so it is broken here.
        Answer answer(int status, boolean wrote) {
            Collections.shuffle(found);
            ObjectNode body = Json.object().put("status", "COMPLETE");
            ArrayNode results = body.putArray("results");
            found.forEach(results::add);
            body.put("startedAt", Json.time(startedAt)).put("completedAt", Json.time(System.currentTimeMillis()));
            if (!errors.isEmpty()) {
                body.put("numErrors", errors.size()).set("errors", errors);
            }
            int present = errors.isEmpty() ? status : 207;
            return wrote ? Answer.wrote(present, body) : Answer.read(present, body);
        }
    }

    private static Row row(ObjectNode input) {
        JsonNode given = input.get("properties");
        if (!given.isObject()) {
            throw Errors.invalid("Invalid input JSON: properties must be an object");
        }
        given.fields().forEachRemaining(one -> {
            if (!one.getValue().isTextual() && !one.getValue().isNull()) {
                throw Errors.invalid("Invalid input JSON: the value of property \"" + one.getKey()
                        + "\" must be a string");
            }
        });
        return new Row(input);
    }

    private void normalise(String object, List<Row> rows) {
        ArrayNode problems = Json.array();
        rows.forEach(row -> row.values = properties.normalise(object, row.input.get("properties"), problems));
        if (!problems.isEmpty()) {
            throw Errors.invalidValues(problems);
        }
    }

    // https://developers.hubspot.com/docs/api-reference/crm-tasks-v3/guide and the same for notes
    private static void checkRequired(String object, List<Row> rows) {
        if (rows.stream().anyMatch(row -> row.old == null && TIMED.contains(object)
                && row.values.path("hs_timestamp").asText("").isEmpty())) {
            throw Errors.invalid("Error creating " + Errors.label(object).toUpperCase(Locale.ROOT)
                    + ". Some required properties were not set.");
        }
    }

    private void checkUnique(String object, List<Row> rows) {
        checkRequired(object, rows);
        Set<String> claimed = new HashSet<>();
        for (Row row : rows) {
            for (String field : unique(object)) {
                JsonNode value = row.values.get(field);
                if (value == null || value.isNull()) {
                    continue;
                }
                for (Stored owner : store.find(object, field, value.asText())) {
                    if (row.old == null || !row.old.id().equals(owner.id())) {
                        throw Errors.conflict(Errors.label(object), owner.id());
                    }
                }
                Stored second = bySecondEmail(object, field, value.asText());
                if (second != null && row.old == null) {
                    throw Errors.conflict(Errors.label(object), second.id());
                }
                if (!claimed.add(field + "=" + value.asText().toLowerCase(Locale.ROOT))) {
                    throw Errors.invalid("Duplicate values of the unique property " + field
                            + " in one batch");
                }
            }
        }
    }

    private ObjectNode write(String object, Row row) {
        // Two ids of one merged record may both be in a batch, so the present version is read again.
        Stored old = row.old == null ? null : store.get(object, row.old.id());
        ObjectNode values = old == null ? Json.object() : old.values().deepCopy();
        row.values.fields().forEachRemaining(one -> {
            if (one.getValue().isNull()) {
                values.remove(one.getKey());
            } else if (!one.getKey().equals("lifecyclestage") || isForward(values, one.getValue().asText())) {
                values.set(one.getKey(), one.getValue());
            }
        });
        Stored stored = old == null ? store.create(object, values) : store.replace(object, old, values);
        row.input.path("associations").forEach(association -> store.relate(object, stored.id(),
                target(object, association), association.at("/to/id").asText()));
        ObjectNode view = view(object, stored, fieldNames(row.input.get("properties")));
        JsonNode trace = row.input.get("objectWriteTraceId");
        if (trace != null) {
            view.set("objectWriteTraceId", trace);
        }
        return view;
    }

    // HubSpot ignores a step back in silence; only clearing the stage first allows one.
    private static boolean isForward(ObjectNode present, String stage) {
        String now = present.path("lifecyclestage").asText("");
        return Properties.STAGES.indexOf(stage) >= Properties.STAGES.indexOf(now);
    }

    private void checkTargets(String object, JsonNode associations) {
        if (!associations.isArray()) {
            throw Errors.invalid("Invalid input JSON: associations must be an array");
        }
        for (JsonNode association : associations) {
            String to = target(object, association);
            if (store.get(to, association.at("/to/id").asText()) == null) {
                throw Errors.invalid("The association target " + Errors.label(to) + " "
                        + association.at("/to/id").asText() + " does not exist");
            }
        }
    }

    private static String target(String object, JsonNode association) {
        int type = association.at("/types/0/associationTypeId").asInt();
        return ASSOCIATION_TYPES.entrySet().stream()
                .filter(one -> one.getValue() == type && one.getKey().startsWith(object + "/"))
                .map(one -> one.getKey().substring(object.length() + 1)).findFirst()
                .orElseThrow(() -> Errors.invalid("Association type " + type + " does not go out from "
                        + object));
    }

    private void remove(String object, Stored stored) {
        if (stored != null) {
            dropRelations(object, stored.id());
            store.delete(object, stored);
        }
    }

    private void dropRelations(String object, String id) {
        for (String other : UNIQUE.keySet()) {
            for (String otherId : List.copyOf(store.related(object, id, other))) {
                store.unrelate(object, id, other, otherId);
            }
        }
    }

    private Stored resolve(String object, String id, String idProperty) {
        if (idProperty == null || idProperty.isEmpty() || idProperty.equals("hs_object_id")) {
            return store.get(object, id);
        }
        List<Stored> found = store.find(object, idProperty, id);
        return found.isEmpty() ? bySecondEmail(object, idProperty, id) : found.get(0);
    }

    private ObjectNode whole(String object, Stored stored) {
        ObjectNode view = view(object, stored, List.copyOf(fieldNames(stored.values())));
        ObjectNode related = view.putObject("associations");
        for (String other : new TreeSet<>(UNIQUE.keySet())) {
            Set<String> ids = store.related(object, stored.id(), other);
            if (!ids.isEmpty()) {
                ids.forEach(related.putArray(other)::add);
            }
        }
        return view;
    }

    private ObjectNode view(String object, Stored stored, Iterable<String> wanted) {
        ObjectNode view = Json.object().put("id", stored.id());
        ObjectNode shown = view.putObject("properties");
        for (String name : wanted) {
            if (properties.defines(object, name)) {
                shown.put(name, value(object, stored, name));
            }
        }
        shown.put("hs_object_id", stored.id());
        shown.put(createdName(object), Json.time(stored.createdAt()));
        shown.put(modifiedName(object), Json.time(stored.updatedAt()));
        return view.put("createdAt", Json.time(stored.createdAt())).put("updatedAt", Json.time(stored.updatedAt()))
                .put("archived", false);
    }

    private static String value(String object, Stored stored, String name) {
        if (name.equals("hs_object_id")) {
            return stored.id();
        }
        if (name.equals(createdName(object))) {
            return Json.time(stored.createdAt());
        }
        return name.equals(modifiedName(object)) ? Json.time(stored.updatedAt()) : stored.text(name);
    }

    // The oldest objects kept their own names for the two.
    private static String createdName(String object) {
        return OLD_NAMES.contains(object) ? "createdate" : "hs_createdate";
    }

    private static String modifiedName(String object) {
        return object.equals("contacts") ? "lastmodifieddate" : "hs_lastmodifieddate";
    }

    private String object(String name) {
        String object = BY_TYPE_ID.getOrDefault(name, name);
        if (!store.knows(object)) {
            throw Errors.invalid("Unable to infer object type from: " + name);
        }
        return object;
    }

    private void requireUnique(String object, String idProperty) {
        if (!idProperty.equals("hs_object_id") && !unique(object).contains(idProperty)) {
            throw Errors.invalid("Property " + idProperty + " is not a unique property of " + object);
        }
    }

    // Which may be unique is fixed with the indexes; which are is what the account's properties say.
    private List<String> unique(String object) {
        return UNIQUE.get(object).stream().filter(field -> properties.unique(object, field)).toList();
    }

    // "Partial upserts are not supported when using email as the idProperty", the contacts guide says.
    private void requireUpsertable(String object, String idProperty) {
        if (idProperty.equals("email") || !unique(object).contains(idProperty)) {
            throw Errors.invalid("Unable to perform update/upsert by non-unique property " + idProperty
                    + " of " + object);
        }
    }

    private static int associationType(String from, String to) {
        Integer type = ASSOCIATION_TYPES.get(from + "/" + to);
        if (type == null) {
            throw Errors.invalid("There is no default association from " + from + " to " + to);
        }
        return type;
    }

    private static ObjectNode association(String fromId, String toId, int type) {
        ObjectNode view = Json.object();
        view.putObject("from").put("id", fromId);
        view.putObject("to").put("id", toId);
        view.putObject("associationSpec").put("associationCategory", "HUBSPOT_DEFINED").put("associationTypeId", type);
        return view;
    }

    private static List<ObjectNode> inputs(ObjectNode body, int most) {
        require(body, "inputs");
        JsonNode inputs = body.get("inputs");
        if (!inputs.isArray() || inputs.isEmpty()) {
            throw Errors.invalid("inputs must be an array with at least one element");
        }
        if (inputs.size() > most) {
            throw Errors.invalid("The number of inputs in a batch may not exceed " + most + "; this one has "
                    + inputs.size());
        }
        List<ObjectNode> all = new ArrayList<>();
        for (JsonNode input : inputs) {
            if (!(input instanceof ObjectNode object)) {
                throw Errors.invalid("Every element of inputs must be an object");
            }
            all.add(object);
        }
        return all;
    }

    private static List<String> ids(List<ObjectNode> inputs) {
        return inputs.stream().map(input -> {
            if (!input.path("id").isTextual()) {
                throw Errors.invalid("Every element of inputs needs an id, as a string");
            }
            return input.get("id").asText();
        }).toList();
    }

    private static void refuseDoubles(List<String> ids) {
        Set<String> seen = new HashSet<>();
        Set<String> twice = new LinkedHashSet<>();
        ids.stream().filter(id -> !seen.add(id)).forEach(twice::add);
        if (!twice.isEmpty()) {
            throw Errors.invalid("Duplicate IDs found in batch input: " + twice + ". IDs must be unique");
        }
    }

    private static void require(ObjectNode body, String... members) {
        List<String> absent = Arrays.stream(members).filter(member -> !body.hasNonNull(member)).toList();
        if (!absent.isEmpty()) {
            throw Errors.invalid("Invalid input JSON: some required fields were not set: " + absent);
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> all = new ArrayList<>();
        array.forEach(one -> all.add(one.asText()));
        return all;
    }

    private static Set<String> fieldNames(JsonNode object) {
        Set<String> names = new LinkedHashSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static int number(String text, String name) {
        if (!text.matches("\\d{1,9}")) {
            throw Errors.invalid(name + " must be a number");
        }
        return Integer.parseInt(text);
    }

    private static Answer noSuchPath() {
        return Errors.answer(404, "OBJECT_NOT_FOUND", "No such path or method; this simulator speaks version "
                + VERSION);
    }
}
