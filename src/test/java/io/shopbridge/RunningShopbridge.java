package io.shopbridge;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.SandboxAccounts;
import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.SimulatedShop;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.AdminFailure;
import io.shopbridge.shopify.admin.Priority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.impl.matchers.GroupMatcher;
import org.quartz.listeners.JobListenerSupport;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The whole application as users have it: a real PostgreSQL, the shipped routes and mappings, and strict simulated CRMs.
 * The {@link #shared} one, with its embedded database, is started once for all tests of a JVM; an instance of a class's
 * own has a database of its own on the JVM's server. Every test begins with {@link #reset()}.
 */
public final class RunningShopbridge implements AutoCloseable {

    public static final String SECRET = "test-secret";
    public static final String OLD_SECRET = "test-secret-before-rotation";
    public static final String DOMAIN = "test.myshopify.com";
    /** A store whose CRMs take orders in other forms: accounts deals, activities and figures. */
    public static final String FORMS = "forms";
    public static final String FORMS_DOMAIN = "forms.myshopify.com";
    /** A second store that feeds the CRMs of the first. */
    public static final String OUTLET = "outlet";
    public static final String OUTLET_DOMAIN = "outlet.myshopify.com";
    public static final String PASSWORD = "test-password";
    /** How many times faster than in life periods of limits and waits before repeats pass, here and in the simulators. */
    public static final int SPEED = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Pattern PERIOD = Pattern.compile("\\b(period|wait-for): ([0-9]+)(ms|s)\\b");
    private static final Pattern REPEAT = Pattern.compile("\\bredeliveryDelay: \"([0-9]+)\"");
    private static final Path FAST_ROUTES = fastRoutes();

    /** What becomes of records, and of what a person asks for. */
    private static final List<String> TABLES = List.of(
            "inbox", "inbox_waiting", "mirror_facet", "work", "link", "identity_claim", "crm_pause", "store_pause",
            "subscription_fault", "subscription_check", "outcome", "rejected", "order_figures", "conflict", "left_out",
            "open_relation", "identity_decision", "clashing_value", "customer_merge", "record_alias",
            "ordered_cart", "poll", "poll_unread", "admin_budget", "refresh", "bulk_job", "bulk_row", "backfill",
            "backfill_line", "backfill_rest", "backfill_forecast", "order_cutoff", "plan", "plan_record", "plan_process",
            "reconciliation", "reconciliation_difference", "reconciliation_field", "reconciliation_contact",
            "reconciliation_duplicates", "reconciliation_stretch", "reconciliation_repeat", "recount",
            "recount_window", "recount_suspect", "recount_difference", "recount_counted");

    private static RunningShopbridge shared;

    static {
        // Of tests that wait without saying how long: a machine that is busy with others is slow, and no fault.
        Awaitility.setDefaultTimeout(PATIENCE);
    }

    public final SimulatedHubSpot hubspot;
    public final SimulatedCrmOne crmOne;
    private final ConfigurableApplicationContext context;
    private final List<String> arguments;
    /** Null where the settings name one. */
    private final TestDatabase database;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    private RunningShopbridge(boolean usual, TestDatabase database, String... settings) {
        this.database = database;
        Options options = options().withSearchLag(Duration.ZERO);
        hubspot = SimulatedHubSpot.start(0, options);
        crmOne = SimulatedCrmOne.start(0, options);
        arguments = usual ? arguments(0, hubspot, crmOne) : instance(0);
        if (database != null) {
            arguments.add(database.setting());
        }
        arguments.addAll(List.of(settings));
        context = new SpringApplicationBuilder(Shopbridge.class, SandboxAccounts.class)
                .run(ShopbridgeProcess.laterCounts(arguments).toArray(String[]::new));
    }

    /** Simulators with the CRMs' own limits, whose periods pass {@link #SPEED} times faster. */
    public static Options options() {
        return Options.defaults().withSpeed(SPEED);
    }

    /** The settings of an instance that delivers to these simulators. */
    static List<String> arguments(int port, SimulatedHubSpot hubspot, SimulatedCrmOne crmOne) {
        List<String> arguments = instance(port);
        arguments.addAll(List.of(
                "--shopbridge.mappings-dir=" + fastMappings(),
                "--shopbridge.stores.main.crms=hubspot,crm-one",
                "--shopbridge.stores." + FORMS + ".domain=" + FORMS_DOMAIN,
                "--shopbridge.stores." + FORMS + ".webhook-secrets=" + SECRET,
                "--shopbridge.stores." + FORMS + ".crms=deals,activities,figures",
                "--shopbridge.stores." + OUTLET + ".domain=" + OUTLET_DOMAIN,
                "--shopbridge.stores." + OUTLET + ".webhook-secrets=" + SECRET,
                "--shopbridge.stores." + OUTLET + ".region=CA",
                "--shopbridge.stores." + OUTLET + ".crms=hubspot,crm-one",
                "--shopbridge.crms.deals.folder=hubspot",
                "--shopbridge.crms.deals.orders=deal",
                "--shopbridge.crms.deals.base-url=" + hubspot.baseUrl(),
                "--shopbridge.crms.deals.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.activities.folder=hubspot",
                "--shopbridge.crms.activities.orders=activity",
                "--shopbridge.crms.activities.draft-orders=true",
                "--shopbridge.crms.activities.company-locations=true",
                "--shopbridge.crms.activities.base-url=" + hubspot.baseUrl(),
                "--shopbridge.crms.activities.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.figures.folder=crm-one",
                "--shopbridge.crms.figures.orders=figures",
                "--shopbridge.crms.figures.draft-orders=true",
                "--shopbridge.crms.figures.base-url=" + crmOne.baseUrl(),
                "--shopbridge.crms.figures.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.hubspot.base-url=" + hubspot.baseUrl(),
                "--shopbridge.crms.hubspot.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.crm-one.base-url=" + crmOne.baseUrl(),
                "--shopbridge.crms.crm-one.token=" + Options.DEFAULT_TOKEN));
        return arguments;
    }

    /** The settings of an instance with store main alone, and no CRM. */
    private static List<String> instance(int port) {
        return new ArrayList<>(List.of(
                "--server.port=" + port,
                // In one process Quartz keeps data sources by the scheduler's name.
                "--spring.quartz.scheduler-name=" + UUID.randomUUID(),
                "--shopbridge.routes-dir=" + FAST_ROUTES,
                "--shopbridge.stores.main.domain=" + DOMAIN,
                "--shopbridge.stores.main.webhook-secrets=" + SECRET + "," + OLD_SECRET,
                "--shopbridge.stores.main.region=US",
                // Only when a test says so: a test that counts calls to a shop may take longer than half a minute.
                "--shopbridge.schedules.refresh=0 0 0 1 1 ? 2099",
                "--shopbridge.schedules.reconcile=off",
                "--shopbridge.operator.username=operator",
                "--shopbridge.operator.password=" + PASSWORD));
    }

    /** An instance of its own, with settings beside or instead of the usual ones; stop it with {@link #close()}. */
    public static RunningShopbridge with(String... settings) {
        return new RunningShopbridge(true, database(settings), settings);
    }

    /** An instance of its own with store main and the CRMs that these settings name, and no others. */
    public static RunningShopbridge only(String... settings) {
        return new RunningShopbridge(false, database(settings), settings);
    }

    private static TestDatabase database(String... settings) {
        boolean named = Stream.of(settings).anyMatch(setting -> setting.startsWith("--spring.datasource.url=")
                || setting.startsWith("--shopbridge.embedded-postgres."));
        return named ? null : TestDatabase.create();
    }

    /** Another process with this one's database and CRMs, and these settings instead; it can be killed. */
    public ShopbridgeProcess replica(Path log, String... settings) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(settings));
        return ShopbridgeProcess.start(log, List.of("-Xmx512m"), all);
    }

    @Override
    public void close() {
        context.close();
        hubspot.close();
        crmOne.close();
        if (database != null) {
            database.close();
        }
    }

    /** The instance that all tests share. */
    public static synchronized RunningShopbridge shared() {
        if (shared == null) {
            shared = new RunningShopbridge(true, null, "--shopbridge.embedded-postgres.data-dir="
                    + temporaryDirectory().resolve("postgres"));
        } else {
            shared.logAgain();
        }
        return shared;
    }

    /** A command that ran in this JVM since it started has silenced the log. */
    private void logAgain() {
        LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
        logging.beforeInitialize();
        logging.initialize(new LoggingInitializationContext(context.getEnvironment()), null, null);
        Binder.get(context.getEnvironment()).bind("logging.level", Bindable.mapOf(String.class, LogLevel.class)).get()
                .forEach(logging::setLogLevel);
    }

    /** Forgets everything: no records, no faults, nothing waiting. */
    public void reset() {
        hubspot.faults().clear();
        crmOne.faults().clear();
        try {
            // Events that are being read would be told of in the next test.
            await().atMost(Duration.ofSeconds(10)).until(() -> count("SELECT count(*) FROM inbox_waiting") == 0);
        } catch (ConditionTimeoutException e) {
            // What a test has stopped for good is thrown away.
        }
        // What is being delivered would reach the CRMs after they were emptied. What waits must not be claimed meanwhile.
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            jdbc().update("DELETE FROM work WHERE ctid = ANY (ARRAY(SELECT ctid FROM work WHERE claimed_by IS NULL"
                    + " FOR UPDATE SKIP LOCKED))");
            return count("SELECT count(*) FROM work") == 0;
        });
        // A look at several of these tables that is under way may hold one and want another. Not DELETE, after which
        // PostgreSQL keeps plans and figures of other tests' tables, and a claim of a thousand records takes minutes.
        await().atMost(PATIENCE).ignoreException(PessimisticLockingFailureException.class).untilAsserted(this::truncate);
        hubspot.clear();
        crmOne.clear();
    }

    /** Only what was written to: of all, it takes PostgreSQL 33 ms, because each has indexes and files of its own. */
    private void truncate() {
        List<String> used = jdbc().queryForList("SELECT name FROM unnest(string_to_array(?, ',')) AS name"
                + " WHERE pg_relation_size(name::regclass) > 0", String.class, String.join(",", TABLES));
        if (!used.isEmpty()) {
            jdbc().execute("TRUNCATE " + String.join(", ", used) + " CASCADE");
        }
    }

    public int port() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    public URI uri(String path) {
        return URI.create("http://localhost:" + port() + path);
    }

    /** Runs the scheduled jobs of a group, as the clock does, and waits for their end. */
    public void runJobs(String group) {
        Scheduler scheduler = bean(Scheduler.class);
        Set<JobKey> waiting = ConcurrentHashMap.newKeySet();
        try {
            waiting.addAll(scheduler.getJobKeys(GroupMatcher.jobGroupEquals(group)));
            scheduler.getListenerManager().addJobListener(new JobListenerSupport() {
                @Override
                public String getName() {
                    return group;
                }

                @Override
                public void jobWasExecuted(JobExecutionContext run, JobExecutionException failure) {
                    waiting.remove(run.getJobDetail().getKey());
                }
            }, GroupMatcher.jobGroupEquals(group));
            for (JobKey job : Set.copyOf(waiting)) {
                scheduler.triggerJob(job);
            }
            await().until(waiting::isEmpty);
            scheduler.getListenerManager().removeJobListener(group);
        } catch (SchedulerException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Asks a simulated shop that took the port of another one, until it answers. So no test begins with the connections and
     * the token of the shop before, which are several failures of which a call makes up for three.
     */
    public void askAnotherShop() {
        await().ignoreExceptionsInstanceOf(AdminFailure.class).until(() -> bean(AdminApi.class).query("main", "shop",
                JsonNodeFactory.instance.objectNode(), Priority.REFRESH) != null);
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public JdbcTemplate jdbc() {
        return bean(JdbcTemplate.class);
    }

    public long count(String sql, Object... parameters) {
        Long count = jdbc().queryForObject(sql, Long.class, parameters);
        return count == null ? 0 : count;
    }

    /** Posts a signed webhook under a new id and returns the status. */
    public int post(String topic, String body) {
        return post(new ShopEvent(topic, UUID.randomUUID().toString(), UUID.randomUUID().toString(), Instant.now(),
                body.getBytes(StandardCharsets.UTF_8)));
    }

    public int post(String topic, ObjectNode body) {
        return post(topic, body.toString());
    }

    /** Posts a signed webhook and returns the status. */
    public int post(ShopEvent event) {
        return post(SimulatedShop.headers(event, DOMAIN, SECRET), event.body()).statusCode();
    }

    /** Posts these bytes with these headers to the webhook endpoint of store main. */
    public HttpResponse<String> post(Map<String, String> headers, byte[] body) {
        return post("main", headers, body);
    }

    /** Posts a signed webhook of another store under a new id and returns the status. */
    public int postTo(String store, String domain, String topic, String body) {
        return postTo(store, domain, new ShopEvent(topic, UUID.randomUUID().toString(), UUID.randomUUID().toString(),
                Instant.now(), body.getBytes(StandardCharsets.UTF_8)));
    }

    /** Posts a signed webhook of another store and returns the status. */
    public int postTo(String store, String domain, ShopEvent event) {
        return post(store, SimulatedShop.headers(event, domain, SECRET), event.body()).statusCode();
    }

    public HttpResponse<String> post(String store, Map<String, String> headers, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("/webhooks/shopify/" + store))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return send(request.build());
    }

    public HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Waits until every event is in the mirror and no work is due: whatever still waits, waits for something else. */
    public void awaitIdle() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() ->
                count("SELECT count(*) FROM inbox_waiting") == 0 && count("SELECT count(*) FROM work") == 0);
    }

    /** Waits until nothing is under way and nothing is due: what is left waits for a time, or for another record. */
    public void awaitSettled() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() ->
                count("SELECT count(*) FROM inbox_waiting") == 0 && count("SELECT count(*) FROM work WHERE claimed_by"
                        + " IS NOT NULL OR due_at <= clock_timestamp() + interval '3 seconds'") == 0);
    }

    /** Makes all waiting work due, as if its time had come. */
    public void letTimePass() {
        jdbc().update("DELETE FROM crm_pause");
        // What somebody holds is being seen to: waiting for it in no order would be a deadlock.
        jdbc().update("UPDATE work SET due_at = clock_timestamp() WHERE ctid = ANY (ARRAY(SELECT ctid FROM work"
                + " WHERE claimed_by IS NULL FOR UPDATE SKIP LOCKED))");
    }

    /** Ends a pause that a CRM asked for, once the work that met it has been given back: it waits as long. */
    public void endThePause() {
        await().until(() -> count("SELECT count(*) FROM work WHERE claimed_by IS NOT NULL") == 0);
        letTimePass();
    }

    /** Lets all waits pass until there is nothing left to do. */
    public void settle() {
        await().pollInterval(Duration.ofMillis(300)).atMost(PATIENCE).until(() -> {
            letTimePass();
            return count("SELECT count(*) FROM work") == 0 && count("SELECT count(*) FROM inbox_waiting") == 0;
        });
    }

    /** Calls that each CRM has answered so far. */
    public Map<String, Long> calls() {
        Map<String, Long> calls = new TreeMap<>();
        hubspot.calls().forEach((call, count) -> calls.put("hubspot " + call, count));
        crmOne.calls().forEach((call, count) -> calls.put("crm-one " + call, count));
        return calls;
    }

    /** Adds a record to HubSpot as its user would, and returns its id. */
    public String hubspotHas(String object, String properties) {
        ObjectNode body = object("{\"associations\": []}");
        body.set("properties", object(properties));
        return crm("POST", hubspot.baseUrl() + "/crm/objects/" + SimulatedHubSpot.VERSION + "/" + object, body)
                .path("id").asText();
    }

    /** Adds a record to CRM One as its user would, and returns its id. */
    public String crmOneHas(String object, String fields) {
        ObjectNode body = object("{}");
        body.withArray("items").addObject().set("fields", object(fields));
        return crm("PUT", crmOne.baseUrl() + "/v1/" + object + "/bulk", body).at("/results/0/id").asText();
    }

    /** Changes properties in HubSpot as its user would. */
    public void hubspotUserEdits(String object, String id, String properties) {
        ObjectNode body = object("{}");
        body.set("properties", object(properties));
        crm("PATCH", hubspot.baseUrl() + "/crm/objects/" + SimulatedHubSpot.VERSION + "/" + object + "/" + id, body);
    }

    public void hubspotUserDeletes(String object, String id) {
        crm("DELETE", hubspot.baseUrl() + "/crm/objects/" + SimulatedHubSpot.VERSION + "/" + object + "/" + id, null);
    }

    /** Relates an order in HubSpot to another record there, as its user would. */
    public void hubspotUserRelates(String order, String object, String id) {
        relation(object, "associate/default", order, "{\"id\": \"" + id + "\"}");
    }

    /** Ends that relation. */
    public void hubspotUserUnrelates(String order, String object, String id) {
        relation(object, "archive", order, "[{\"id\": \"" + id + "\"}]");
    }

    private void relation(String object, String how, String order, String to) {
        crm("POST", hubspot.baseUrl() + "/crm/associations/" + SimulatedHubSpot.VERSION + "/orders/" + object + "/batch/"
                + how, object("{\"inputs\": [{\"from\": {\"id\": \"" + order + "\"}, \"to\": " + to + "}]}"));
    }

    public void crmOneUserDeletes(String object, String id) {
        crm("DELETE", crmOne.baseUrl() + "/v1/" + object + "/" + id, null);
    }

    /** Asks the operator API. */
    public JsonNode operator(String method, String path) {
        return operator(method, path, "");
    }

    /** The same with a body. */
    public JsonNode operator(String method, String path, String body) {
        String credentials = Base64.getEncoder().encodeToString(("operator:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> answer = send(HttpRequest.newBuilder(uri(path))
                .method(method, body.isEmpty() ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json")
                .header("Authorization", "Basic " + credentials).build());
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException(method + " " + path + " was answered " + answer.statusCode() + ": "
                    + answer.body());
        }
        try {
            return json.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode crm(String method, String uri, ObjectNode body) {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(uri))
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body.toString()))
                .header("Authorization", "Bearer " + Options.DEFAULT_TOKEN)
                .header("X-Sandbox-By-Person", "true")
                .header("Content-Type", "application/json").build());
        if (answer.statusCode() >= 300 || answer.body().contains("\"status\":\"error\"")) {
            throw new IllegalStateException(method + " " + uri + " was answered " + answer.statusCode() + ": "
                    + answer.body());
        }
        return answer.body().isEmpty() ? object("{}") : object(answer.body());
    }

    /** The CRM One contact or order with this external id; null where there is none. */
    public ObjectNode crmOne(String object, String externalId) {
        return crmOne.records(object).stream()
                .filter(record -> record.path("fields").path("external_id").asText().equals(externalId))
                .findFirst().orElse(null);
    }

    /** The HubSpot record whose property has this value; null where there is none. */
    public ObjectNode hubspot(String object, String property, String value) {
        return hubspot.records(object).stream()
                .filter(record -> record.path("properties").path(property).asText().equals(value))
                .findFirst().orElse(null);
    }

    public ObjectNode object(String text) {
        try {
            return (ObjectNode) json.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A copy of the shipped mappings and of more folders like them, in which time passes {@link #SPEED} times faster:
     * limits allow as many calls as they do in life, in shorter periods.
     */
    public static Path fastMappings(Path... more) {
        Path copy = temporaryDirectory();
        copyMappings(Path.of("mappings"), copy);
        for (Path mappings : more) {
            copyMappings(mappings, copy);
        }
        return copy;
    }

    private static void copyMappings(Path mappings, Path copy) {
        copy(mappings, copy, (file, text) -> file.endsWith("crm.yaml") ? fast(text) : text);
    }

    /**
     * A copy of the shipped routes, which repeat a failed call as often as in life, and {@link #SPEED} times sooner. How
     * long they wait in life, ErrorPoliciesIT and AdminApiIT say.
     */
    private static Path fastRoutes() {
        Path copy = temporaryDirectory();
        copy(Path.of("routes"), copy, (file, text) -> REPEAT.matcher(text).replaceAll(repeat ->
                "redeliveryDelay: \"" + Integer.parseInt(repeat.group(1)) / SPEED + "\""));
        return copy;
    }

    private static void copy(Path folder, Path copy, BiFunction<Path, String, String> change) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(folder.relativize(file));
                Files.createDirectories(target.getParent());
                Files.writeString(target, change.apply(file, Files.readString(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String fast(String crm) {
        return PERIOD.matcher(crm).replaceAll(period -> {
            int millis = Integer.parseInt(period.group(2)) * (period.group(3).equals("s") ? 1000 : 1);
            return period.group(1) + ": " + Math.max(1, millis / SPEED) + "ms";
        }).replaceAll("(?m)^  gather: .*", "  gather: 20ms");
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("shopbridge-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
