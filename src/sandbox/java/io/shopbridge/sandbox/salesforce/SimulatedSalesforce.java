package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.salesforce.Records.Operation;
import io.shopbridge.sandbox.salesforce.Records.Write;
import io.shopbridge.sandbox.salesforce.Records.Writer;
import io.shopbridge.sandbox.salesforce.Records.Written;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Call;
import io.shopbridge.sandbox.server.CrmServer;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.RecordStore.Stored;
import io.shopbridge.sandbox.server.Refused;
import io.shopbridge.sandbox.server.SimulatedCrm;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Salesforce's REST API for accounts, contacts, orders and what belongs to them: OAuth, describe, single records,
 * sObject Collections, SOQL, composite requests and graphs, Bulk API 2.0. It refuses what an org refuses, row by row,
 * with Salesforce's status codes.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest">REST API guide</a>
 */
public final class SimulatedSalesforce extends SimulatedCrm {

    /** The newest version that the paths may carry; those from 52.0 on are served. */
    public static final String VERSION = "v68.0";
    /** The client id (consumer key) that tokens are given for; the secret is {@link Options#token()}. */
    public static final String CLIENT_ID = Sessions.CLIENT_ID;
    /** The user that everything written by the API is written as. */
    public static final String USERNAME = Sessions.USERNAME;

    private static final int OLDEST = 52;
    private static final int NEWEST = 68;
    private static final int MOST_RECORDS = 200;
    private static final int MOST_CHUNKS = 10;
    private static final int MOST_CURSORS = 100;
    private static final int LONGEST_URI = 16_384;
    private static final Duration DELETIONS_KEPT = Duration.ofDays(15);
    private static final Duration CHANGES_KEPT = Duration.ofDays(30);

    private record Cursor(Soql query, List<String> ids, int pageSize) {
    }

    private record Planned(Write write, RowRefused refused) {
    }

    private record Result(Written written, RowRefused refused) {
    }

    private final Org org;
    private final Schema schema;
    private final Records records;
    private final Sessions sessions;
    private final Jobs jobs;
    private final Composite composite = new Composite(this::refusedOrRouted);
    private final AccountLocks locks = new AccountLocks();
    private final int dailyRequests;
    private final AtomicInteger tooManyAtOnce = new AtomicInteger();
    private final AtomicLong used = new AtomicLong();
    private final Map<String, Cursor> cursors = new LinkedHashMap<>();

    private SimulatedSalesforce(int port, Options options, Org org) {
        this.org = org;
        this.schema = new Schema(org);
        this.records = new Records(schema, org, options.journal());
        this.sessions = new Sessions(options.token(), org);
        this.jobs = new Jobs(schema, records, locks, org.lockPatience());
        this.dailyRequests = options.limitOr(100_000);
        serve("Salesforce", port, options, new SalesforceApi());
    }

    /** As {@link #start(int, Options, Org)} with an org of the default kind. */
    public static SimulatedSalesforce start(int port, Options options) {
        return start(port, options, Org.defaults());
    }

    /**
     * Starts it on the loopback interface. The options' token is the client secret, and good as an access token too.
     *
     * @param port 0 takes any free port
     * @throws IllegalStateException if the port is taken
     */
    public static SimulatedSalesforce start(int port, Options options, Org org) {
        return new SimulatedSalesforce(port, options, org);
    }

    /**
     * Each record that is not deleted, with its fields and {@code client}: the name that Sforce-Call-Options gave
     * with the last write, if any.
     */
    @Override
    public List<ObjectNode> records(String object) {
        return records.locked(() -> records.all(schema.object(object), false)
                .map(one -> records.whole(schema.object(object), one)).toList());
    }

    /** Other clients of the org have 25 long calls under way: so many of the next calls are refused. */
    public void tooManyAtOnce(int calls) {
        tooManyAtOnce.set(calls);
    }


    /** Forgets every record, job and cursor; users, record types and the standard price book come back anew. */
    @Override
    public void clear() {
        records.locked(() -> {
            records.clear();
            return null;
        });
        jobs.clear();
        synchronized (cursors) {
            cursors.clear();
        }
        used.set(0);
    }

    /** Refuses a record as a duplicate when all of these fields equal another's. No fields: switches the rule off. */
    public void setDuplicateRule(String object, String... fields) {
        records.duplicateRule(object, List.of(fields));
    }

    /** Locks an account as another user's long transaction does, until what is given back is run. */
    public Runnable lockAccount(String id) {
        Object user = new Object();
        if (!locks.take(Set.of(id), user, Duration.ofSeconds(10))) {
            throw new IllegalStateException("Account " + id + " is locked already");
        }
        return () -> locks.release(user);
    }

    /** How many rows have met a lock and were refused. */
    public int lockedRows() {
        return locks.refused();
    }

    /** The next Bulk API job fails with this message after it has processed so many rows. */
    public void failNextJob(String message, int processed) {
        jobs.failNext(message, processed);
    }

    /**
     * Refuses records as a validation rule of an administrator does.
     *
     * @param refused regular expression; a value in which it is found is refused
     * @param message what the administrator wrote for people who meet the rule
     */
    public void addValidationRule(String object, String field, String refused, String message) {
        records.validationRule(object, field, refused, message);
    }

    /**
     * Switches state and country picklists on, with these countries and the states of each; with none, off.
     *
     * @see <a href="https://help.salesforce.com/s/articleView?id=xcloud.admin_state_country_picklists_overview.htm">
     *     State and country picklists</a>
     */
    public void listPlaces(Map<String, Set<String>> statesByCountry) {
        records.listPlaces(statesByCountry);
    }

    /** Adds a field, such as {@code Contact.Consent__c picklist subscribed,unsubscribed}; see {@link Org}. */
    public void defineField(String definition) {
        records.locked(() -> {
            schema.define(definition);
            records.followSchema();
            return null;
        });
    }

    /** Changes a record as another user of the org would: any field, without validation. */
    public void editAsUser(String object, String id, ObjectNode changes) {
        records.locked(() -> {
            records.edit(object, id, changes);
            return null;
        });
    }

    /**
     * Merges two accounts or contacts, as a user may. The other is deleted, its MasterRecordId names the master.
     *
     * @throws IllegalArgumentException if either does not exist
     */
    public void merge(String object, String masterId, String otherId) {
        records.locked(() -> {
            records.merge(object, masterId, otherId);
            return null;
        });
    }

    /** After this, deleted records are as if they had never been. */
    public void emptyRecycleBin() {
        records.locked(() -> {
            records.emptyRecycleBin();
            return null;
        });
    }

    /** The calls of the last 24 hours are counted anew. */
    public void newDay() {
        used.set(0);
    }

    /** Ends every session: all tokens are answered 401 INVALID_SESSION_ID from now on. */
    public void expireSessions() {
        sessions.expire();
    }

    @Override
    public void close() {
        super.close();
        records.close();
    }

    private final class SalesforceApi implements CrmServer.Api {

        @Override
        public String template(Call call) {
            List<String> path = new ArrayList<>(call.segments());
            if (path.size() > 3 && path.get(0).equals("services")) {
                String resource = path.get(3);
                int id = switch (resource) {
                    case "sobjects" -> 5;
                    case "jobs" -> 5;
                    case "query", "queryAll" -> 4;
                    default -> -1;
                };
                Set<String> words = Set.of("describe", "updated", "deleted");
                if (id > 0 && path.size() > id && !words.contains(path.get(id))) {
                    boolean byKey = resource.equals("sobjects") && path.size() > 6;
                    path.set(byKey ? 6 : id, "{id}");
                }
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
            return schema.object(object) != null;
        }

        @Override
        public Answer control(Call call) throws IOException {
            try {
                return controlled(call);
            } catch (IllegalArgumentException e) {
                return failure(400, null, e.getMessage());
            }
        }

        @Override
        public Answer answer(Call call) throws IOException {
            if (call.path().startsWith("/services/oauth2/")) {
                return oauth(call);
            }
            if (call.is("GET", "services", "data")) {
                return versions();
            }
            if (!sessions.isOpen(call)) {
                return Errors.failure(401, "");
            }
            int uri = call.path().length();
            for (Map.Entry<String, String> one : call.query().entrySet()) {
                uri += one.getKey().length() + one.getValue().length() + 2;
            }
            if (uri > LONGEST_URI) {
                return Errors.answer(414, "URI_TOO_LONG", "The URI and headers exceed 16,384 bytes");
            }
            if (call.byPerson()) {
                return refusedOrRouted(call);
            }
            if (tooManyAtOnce.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                return Errors.answer(403, "REQUEST_LIMIT_EXCEEDED",
                        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.");
            }
            long now = used.incrementAndGet();
            Answer answer = now > dailyRequests ? Errors.failure(403, "") : refusedOrRouted(call);
            return answer.with("Sforce-Limit-Info", "api-usage=" + Math.min(now, dailyRequests) + "/" + dailyRequests);
        }
    }

    private Answer refusedOrRouted(Call call) {
        try {
            return route(call);
        } catch (Refused refused) {
            return refused.answer();
        } catch (RowRefused refused) {
            return Errors.single(refused);
        } catch (IOException notJson) {
            return Errors.failure(400, String.valueOf(notJson.getMessage()).lines().findFirst().orElse(""));
        }
    }

    private Answer controlled(Call call) throws IOException {
        if (call.is("POST", "sandbox", "merge")) {
            ObjectNode body = call.object();
            merge(body.path("object").asText(), body.path("master").asText(), body.path("other").asText());
        } else if (call.is("POST", "sandbox", "edit")) {
            ObjectNode body = call.object();
            editAsUser(body.path("object").asText(), body.path("id").asText(), body.withObject("/changes"));
        } else if (call.is("POST", "sandbox", "deploy", "*")) {
            records.locked(() -> {
                schema.deploy(call.segments().get(2), call.body());
                records.followSchema();
                return null;
            });
        } else if (call.is("POST", "sandbox", "fields")) {
            defineField(call.object().path("field").asText());
        } else if (call.is("POST", "sandbox", "duplicate-rules")) {
            List<String> fields = new ArrayList<>();
            call.object().path("fields").forEach(one -> fields.add(one.asText()));
            records.duplicateRule(call.object().path("object").asText(), fields);
        } else if (call.is("POST", "sandbox", "validation-rules")) {
            ObjectNode body = call.object();
            addValidationRule(body.path("object").asText(), body.path("field").asText(),
                    body.path("refused").asText(), body.path("message").asText());
        } else if (call.is("DELETE", "sandbox", "sessions")) {
            expireSessions();
        } else if (call.is("DELETE", "sandbox", "recycle-bin")) {
            emptyRecycleBin();
        } else {
            throw Errors.notFound();
        }
        return Answer.empty(204);
    }

    private Answer oauth(Call call) {
        if (call.is("POST", "services", "oauth2", "token")) {
            return sessions.token(call.form(), baseUrl(), records.integrationUser());
        }
        if (call.is("POST", "services", "oauth2", "revoke") || call.is("GET", "services", "oauth2", "revoke")) {
            sessions.revoke(call.query().getOrDefault("token", call.form().getOrDefault("token", "")));
            return Answer.empty(200);
        }
        if (call.is("GET", "services", "oauth2", "userinfo") && sessions.isOpen(call)) {
            return Answer.read(200, Json.object().put("user_id", records.integrationUser())
                    .put("organization_id", "00DSb0000000001MAA").put("preferred_username", USERNAME));
        }
        return Errors.failure(call.is("GET", "services", "oauth2", "userinfo") ? 403 : 404, "");
    }

    private static Answer versions() {
        ArrayNode versions = Json.array();
        for (int version = OLDEST; version <= NEWEST; version++) {
            String season = version % 3 == 2 ? "Winter" : version % 3 == 0 ? "Spring" : "Summer";
            int year = (version - 2) / 3 + 5;
            versions.addObject().put("label", season + " '" + year).put("url", "/services/data/v" + version + ".0")
                    .put("version", version + ".0");
        }
        return Answer.read(200, versions);
    }

    private Answer route(Call call) throws IOException {
        List<String> path = call.segments();
        if (path.size() < 4 || !path.get(0).equals("services") || !path.get(1).equals("data")
                || !isVersion(path.get(2))) {
            throw Errors.notFound();
        }
        List<String> rest = path.subList(4, path.size());
        return switch (path.get(3)) {
            case "query", "queryAll" -> query(call, rest, path.get(3).equals("queryAll"));
            case "sobjects" -> sobjects(call, rest);
            case "composite" -> composite(call, rest);
            case "jobs" -> {
                if (rest.isEmpty() || !rest.get(0).equals("ingest")) {
                    throw Errors.notFound();
                }
                yield jobs.answer(call, rest.subList(1, rest.size()), writer(call), path.get(2));
            }
            case "limits" -> limits(call, rest);
            default -> throw Errors.notFound();
        };
    }

    private static boolean isVersion(String text) {
        return text.matches("v\\d\\d\\.0") && Integer.parseInt(text.substring(1, 3)) >= OLDEST
                && Integer.parseInt(text.substring(1, 3)) <= NEWEST;
    }

    private static String base(Call call) {
        return "/services/data/" + call.segments().get(2);
    }

    private Answer limits(Call call, List<String> rest) {
        if (rest.equals(List.of("recordCount"))) {
            ObjectNode body = Json.object();
            ArrayNode counts = body.putArray("sObjects");
            for (String name : call.query().getOrDefault("sObjects", "").split(",")) {
                String object = schema.object(name);
                if (object != null) {
                    counts.addObject().put("count", records(object).size()).put("name", object);
                }
            }
            return Answer.read(200, body);
        }
        ObjectNode body = Json.object();
        body.putObject("DailyApiRequests").put("Max", dailyRequests)
                .put("Remaining", Math.max(0, dailyRequests - used.get()));
        return Answer.read(200, body);
    }

    private Answer query(Call call, List<String> rest, boolean deletedToo) {
        if (!call.method().equals("GET")) {
            throw Errors.refused(405, "METHOD_NOT_ALLOWED", "HTTP Method '" + call.method()
                    + "' not allowed. Allowed are GET");
        }
        if (rest.isEmpty()) {
            Soql query = new Soql(call.query().getOrDefault("q", ""), schema, records);
            List<String> ids = records.locked(() -> query.run(deletedToo).stream().map(Stored::id).toList());
            if (query.isCount()) {
                ObjectNode body = Json.object().put("totalSize", ids.size()).put("done", true);
                body.putArray("records");
                return Answer.read(200, body);
            }
            return page(call, new Cursor(query, ids, pageSize(call)), null, 0);
        }
        String[] locator = rest.get(0).split("-", 2);
        Cursor cursor;
        synchronized (cursors) {
            cursor = cursors.get(locator[0]);
        }
        if (cursor == null || locator.length < 2 || !locator[1].matches("\\d{1,9}")) {
            throw Errors.refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
        }
        return page(call, cursor, locator[0], Integer.parseInt(locator[1]));
    }

    private int pageSize(Call call) {
        Matcher wanted = Pattern.compile("batchSize=(\\d{1,5})")
                .matcher(call.headers().getOrDefault("Sforce-Query-Options", ""));
        return wanted.find() ? Math.min(org.pageSize(), Math.max(200, Integer.parseInt(wanted.group(1))))
                : org.pageSize();
    }

    // The ids are those of the first page's moment; the values are of now, as with Salesforce's own cursors.
    private Answer page(Call call, Cursor cursor, String known, int from) {
        int to = Math.min(cursor.ids().size(), from + cursor.pageSize());
        ObjectNode body = Json.object().put("totalSize", cursor.ids().size()).put("done", to == cursor.ids().size());
        if (to < cursor.ids().size()) {
            String locator = known == null ? remember(cursor) : known;
            body.put("nextRecordsUrl", base(call) + "/query/" + locator + "-" + to);
        }
        body.set("records", records.locked(() -> cursor.query().page(cursor.ids().subList(Math.min(from, to), to)
                .stream().map(id -> records.any(cursor.query().object(), id)).filter(one -> one != null).toList(),
                base(call))));
        return Answer.read(200, body);
    }

    private String remember(Cursor cursor) {
        synchronized (cursors) {
            String locator = Ids.of("01g", System.nanoTime() & 0xFFFFFFFFFFFL);
            cursors.put(locator, cursor);
            if (cursors.size() > MOST_CURSORS) {
                cursors.remove(cursors.keySet().iterator().next());
            }
            return locator;
        }
    }

    private Answer sobjects(Call call, List<String> rest) throws IOException {
        if (rest.isEmpty()) {
            ObjectNode body = Json.object().put("encoding", "UTF-8").put("maxBatchSize", MOST_RECORDS);
            ArrayNode all = body.putArray("sobjects");
            schema.objects().forEach(object -> all.add(schema.summary(object, base(call))));
            return Answer.read(200, body);
        }
        String object = object(rest.get(0));
        String method = call.method();
        if (rest.size() == 1) {
            return switch (method) {
                case "POST" -> single(call, new Write(Operation.INSERT, object, null, null, call.object()));
                case "GET" -> {
                    ObjectNode basic = Json.object();
                    basic.set("objectDescribe", schema.summary(object, base(call)));
                    basic.putArray("recentItems");
                    yield Answer.read(200, basic);
                }
                default -> throw Errors.notFound();
            };
        }
        if (rest.size() == 2 && method.equals("GET")) {
            return switch (rest.get(1)) {
                case "describe" -> Answer.read(200, schema.describe(object, base(call)));
                case "updated" -> changed(object, call, false);
                case "deleted" -> changed(object, call, true);
                default -> read(call, object, one(object, rest.get(1)));
            };
        }
        if (rest.size() == 2) {
            return switch (method) {
                case "PATCH" -> single(call, new Write(Operation.UPDATE, object, id(object, rest.get(1)), null,
                        call.object()));
                case "DELETE" -> single(call, new Write(Operation.DELETE, object, id(object, rest.get(1)), null,
                        Json.object()));
                default -> throw Errors.notFound();
            };
        }
        if (rest.size() == 3) {
            return byKey(call, object, key(object, rest.get(1)), rest.get(2));
        }
        throw Errors.notFound();
    }

    private Answer byKey(Call call, String object, Field key, String value) throws IOException {
        List<Stored> found = records.locked(() -> records.find(object, key.name(), value));
        if (found.size() > 1) {
            ArrayNode urls = Json.array();
            found.forEach(one -> urls.add(base(call) + "/sobjects/" + object + "/" + one.id()));
            return Answer.read(300, urls);
        }
        switch (call.method()) {
            case "GET" -> {
                if (found.isEmpty()) {
                    throw Errors.notFound();
                }
                return read(call, object, found.get(0));
            }
            case "DELETE" -> {
                if (found.isEmpty()) {
                    throw Errors.notFound();
                }
                return single(call, new Write(Operation.DELETE, object, found.get(0).id(), null, Json.object()));
            }
            case "PATCH" -> {
                ObjectNode given = call.object();
                if (given.has(key.name())) {
                    throw Errors.refused(400, "INVALID_FIELD", "The " + key.name()
                            + " field should not be specified in the sobject data.");
                }
                return single(call, new Write(Operation.UPSERT, object, null, key.name(),
                        given.put(key.name(), value)));
            }
            default -> throw Errors.notFound();
        }
    }

    private String id(String object, String given) {
        one(object, given);
        return given;
    }

    private Stored one(String object, String id) {
        Stored stored = records.locked(() -> records.any(object, id));
        if (stored == null) {
            throw Errors.refused(404, "NOT_FOUND", "Provided external ID field does not exist or is not "
                    + "accessible: " + id);
        }
        if (Records.isDeleted(stored)) {
            throw Errors.refused(404, "ENTITY_IS_DELETED", "entity is deleted");
        }
        return stored;
    }

    private Answer read(Call call, String object, Stored stored) {
        String wanted = call.query().getOrDefault("fields", "");
        List<String> names = wanted.isEmpty() ? schema.fields(object).stream().map(Field::name).toList()
                : List.of(wanted.split(","));
        return Answer.read(200, records.locked(() -> view(call, object, stored, names)));
    }

    private ObjectNode view(Call call, String object, Stored stored, List<String> names) {
        Soql query = new Soql("SELECT " + String.join(",", names) + " FROM " + object, schema, records);
        return query.view(stored, base(call));
    }

    private Answer changed(String object, Call call, boolean deleted) {
        Instant start;
        Instant end;
        try {
            start = Field.instant(call.query().getOrDefault("start", ""));
            end = Field.instant(call.query().getOrDefault("end", ""));
        } catch (DateTimeException e) {
            throw Errors.refused(400, "INVALID_FIELD", "start and end must be given as dateTime");
        }
        Instant now = Instant.now();
        if (start.isBefore(now.minus(deleted ? DELETIONS_KEPT : CHANGES_KEPT)) || !start.isBefore(end)) {
            throw Errors.refused(400, "INVALID_REPLICATION_DATE", "startDate before org replication "
                    + "enablement date, or not before endDate");
        }
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray(deleted ? "deletedRecords" : "ids");
        records.locked(() -> {
            records.all(object, true).filter(one -> Records.isDeleted(one) == deleted)
                    .filter(one -> one.updatedAt() >= start.toEpochMilli() && one.updatedAt() < end.toEpochMilli())
                    .forEach(one -> {
                        if (deleted) {
                            list.addObject().put("id", one.id())
                                    .put("deletedDate", Field.time(one.updatedAt()));
                        } else {
                            list.add(one.id());
                        }
                    });
            return null;
        });
        if (deleted) {
            body.put("earliestDateAvailable", Field.time(now.minus(DELETIONS_KEPT).toEpochMilli()));
        }
        return Answer.read(200, body.put("latestDateCovered",
                Field.time(Math.min(end.toEpochMilli(), now.toEpochMilli()))));
    }

    private Answer single(Call call, Write write) {
        Result result = run(List.of(new Planned(write, null)), true, writer(call)).get(0);
        if (result.refused() != null) {
            throw result.refused();
        }
        if (write.operation() == Operation.UPDATE || write.operation() == Operation.DELETE) {
            return Answer.wroteNothingToSay();
        }
        ObjectNode body = Json.object().put("id", result.written().id()).put("success", true);
        body.putArray("errors");
        if (write.operation() == Operation.UPSERT) {
            body.put("created", result.written().created());
        }
        return Answer.wrote(result.written().created() ? 201 : 200, body);
    }

    private Answer composite(Call call, List<String> rest) throws IOException {
        if (rest.isEmpty() && call.method().equals("POST")) {
            return composite.composite(call);
        }
        if (rest.equals(List.of("graph")) && call.method().equals("POST")) {
            return composite.graphs(call);
        }
        if (rest.isEmpty() || !rest.get(0).equals("sobjects")) {
            throw Errors.notFound();
        }
        if (rest.size() == 1) {
            return switch (call.method()) {
                case "POST" -> collection(call, Operation.INSERT);
                case "PATCH" -> collection(call, Operation.UPDATE);
                case "DELETE" -> deletion(call);
                default -> throw Errors.notFound();
            };
        }
        String object = object(rest.get(1));
        if (rest.size() == 2 && !call.method().equals("PATCH")) {
            return retrieve(call, object);
        }
        if (rest.size() == 3 && call.method().equals("PATCH")) {
            return upsert(call, object, rest.get(2).equals("Id") ? "Id" : key(object, rest.get(2)).name());
        }
        throw Errors.notFound();
    }

    private Answer collection(Call call, Operation operation) throws IOException {
        ObjectNode body = call.object();
        List<ObjectNode> given = given(body);
        List<Planned> planned = new ArrayList<>();
        int chunks = 0;
        String before = null;
        for (ObjectNode record : given) {
            String object = object(record.at("/attributes/type").asText());
            chunks += object.equals(before) ? 0 : 1;
            before = object;
            String id = operation == Operation.UPDATE ? removeId(record) : null;
            planned.add(new Planned(new Write(operation, object, id, null, record), null));
        }
        if (chunks > MOST_CHUNKS) {
            throw Errors.refused(400, "INVALID_INPUT", "Cannot have more than 10 chunks in a single "
                    + "operation. Please rearrange the data to reduce chunking.");
        }
        return results(run(planned, body.path("allOrNone").asBoolean(), writer(call)), false);
    }

    // In an update the id may be written in any case.
    private static String removeId(ObjectNode record) {
        for (String name : List.of("id", "Id", "ID")) {
            if (record.has(name)) {
                return record.remove(name).asText();
            }
        }
        return null;
    }

    private Answer upsert(Call call, String object, String key) throws IOException {
        ObjectNode body = call.object();
        List<Planned> planned = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (ObjectNode record : given(body)) {
            String type = record.at("/attributes/type").asText();
            if (!type.equalsIgnoreCase(object)) {
                throw Errors.refused(400, "INVALID_TYPE", "All records of an upsert must be of type " + object
                        + "; one is of type " + type);
            }
            if (!key.equals("Id") && record.has("id")) {
                throw Errors.refused(400, "INVALID_FIELD",
                        "The id field should not be specified in the sobject data.");
            }
            String value = record.path(key).asText("").strip().toLowerCase(Locale.ROOT);
            planned.add(new Planned(new Write(Operation.UPSERT, object, null, key, record),
                    value.isEmpty() || record.path(key).isNull() || seen.add(value) ? null
                    : new RowRefused("DUPLICATE_VALUE", "Duplicate external id specified: " + value, key)));
        }
        return results(run(planned, body.path("allOrNone").asBoolean(), writer(call)), true);
    }

    private Answer deletion(Call call) {
        String ids = call.query().getOrDefault("ids", "");
        List<Planned> planned = new ArrayList<>();
        for (String id : ids.split(",")) {
            String object = schema.objectOf(id);
            planned.add(object == null
                    ? new Planned(null, new RowRefused("MALFORMED_ID", "malformed id " + id))
                    : new Planned(new Write(Operation.DELETE, object, id, null, Json.object()), null));
        }
        requireFew(planned.size());
        boolean allOrNone = Boolean.parseBoolean(call.query().get("allOrNone"));
        return results(run(planned, allOrNone, writer(call)), false);
    }

    private Answer retrieve(Call call, String object) throws IOException {
        List<String> ids = new ArrayList<>();
        List<String> fields = new ArrayList<>();
        if (call.method().equals("POST")) {
            ObjectNode body = call.object();
            requireMembers(body, Set.of("ids", "fields"));
            body.path("ids").forEach(one -> ids.add(one.asText()));
            body.path("fields").forEach(one -> fields.add(one.asText()));
        } else if (call.method().equals("GET")) {
            ids.addAll(List.of(call.query().getOrDefault("ids", "").split(",")));
            fields.addAll(List.of(call.query().getOrDefault("fields", "").split(",")));
        } else {
            throw Errors.notFound();
        }
        if (ids.size() > 2_000 || ids.isEmpty() || fields.isEmpty()) {
            throw Errors.refused(400, "INVALID_INPUT", "Give 1 to 2000 ids and at least one field");
        }
        return records.locked(() -> {
            ArrayNode found = Json.array();
            for (String id : ids) {
                Stored stored = records.any(object, id);
                if (stored == null || Records.isDeleted(stored)) {
                    found.addNull();
                } else {
                    found.add(view(call, object, stored, fields));
                }
            }
            return Answer.read(200, found);
        });
    }

    private List<ObjectNode> given(ObjectNode body) {
        requireMembers(body, Set.of("allOrNone", "records"));
        JsonNode list = body.path("records");
        if (!list.isArray() || list.isEmpty()) {
            throw Errors.refused(400, "INVALID_INPUT", "records must be a list with at least one record");
        }
        requireFew(list.size());
        List<ObjectNode> given = new ArrayList<>();
        for (JsonNode record : list) {
            if (!(record instanceof ObjectNode object) || !record.at("/attributes/type").isTextual()) {
                throw Errors.refused(400, "INVALID_INPUT", "Every record needs attributes with its type");
            }
            given.add(object);
        }
        return given;
    }

    private static void requireFew(int size) {
        if (size > MOST_RECORDS) {
            throw Errors.refused(400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than "
                    + MOST_RECORDS + " records in this call");
        }
    }

    private static void requireMembers(ObjectNode body, Set<String> known) {
        body.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw Errors.refused(400, "JSON_PARSER_ERROR", "Unrecognized field \"" + name
                        + "\", not marked as ignorable");
            }
        });
    }

    private static Answer results(List<Result> results, boolean upsert) {
        ArrayNode body = Json.array();
        for (Result result : results) {
            ObjectNode row = body.addObject();
            if (result.written() != null) {
                row.put("id", result.written().id()).put("success", true);
                row.putArray("errors");
                if (upsert) {
                    row.put("created", result.written().created());
                }
            } else {
                row.put("success", false);
                row.putArray("errors").add(result.refused().row());
            }
        }
        return Answer.wrote(200, body);
    }

    /** Writes row by row while holding the accounts of all rows; what holds them too long refuses its row. */
    private List<Result> run(List<Planned> planned, boolean allOrNone, Writer writer) {
        Object request = new Object();
        try {
            List<Result> results = new ArrayList<>();
            for (Planned one : planned) {
                results.add(one.refused() != null ? new Result(null, one.refused()) : written(one, request, writer));
            }
            boolean refused = results.stream().anyMatch(result -> result.refused() != null);
            if (allOrNone && refused) {
                takeBack(writer);
                results.replaceAll(result -> result.refused() != null ? result : new Result(null,
                        new RowRefused("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not "
                                + "all records were valid and the request was using AllOrNone header")));
            }
            composite.wrote(writer.undo());
            pause(org.lockHold());
            return results;
        } catch (Refused wholeRequest) {
            takeBack(writer);
            throw wholeRequest;
        } finally {
            locks.release(request);
        }
    }

    private Result written(Planned planned, Object request, Writer writer) {
        Set<String> accounts = records.locked(() -> records.accounts(planned.write()));
        if (!locks.take(accounts, request, org.lockPatience())) {
            return new Result(null, new RowRefused("UNABLE_TO_LOCK_ROW",
                    "unable to obtain exclusive access to this record or 1 records: " + String.join(",", accounts)));
        }
        try {
            return new Result(records.locked(() -> records.apply(planned.write(), writer)), null);
        } catch (RowRefused refused) {
            return new Result(null, refused);
        }
    }

    private void takeBack(Writer writer) {
        records.locked(() -> {
            writer.undo().forEach(Runnable::run);
            writer.undo().clear();
            return null;
        });
    }

    private static void pause(Duration time) {
        if (!time.isZero()) {
            try {
                Thread.sleep(time.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Writer writer(Call call) {
        String duplicates = call.headers().getOrDefault("Sforce-Duplicate-Rule-Header", "").replace(" ", "");
        Matcher client = Pattern.compile("client=([^,;]+)")
                .matcher(call.headers().getOrDefault("Sforce-Call-Options", ""));
        return new Writer(client.find() ? client.group(1).strip() : null, records.integrationUser(),
                duplicates.contains("allowSave=true"), duplicates.contains("includeRecordDetails=true"),
                new ArrayList<>());
    }

    private Field key(String object, String name) {
        Field field = schema.field(object, name);
        if (field == null || !field.is("external-id")) {
            throw Errors.refused(404, "NOT_FOUND", "Provided external ID field does not exist or is not "
                    + "accessible: " + name);
        }
        return field;
    }

    private String object(String name) {
        String object = schema.object(name);
        if (object == null) {
            throw Errors.notFound();
        }
        return object;
    }
}
