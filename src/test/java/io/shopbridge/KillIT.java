package io.shopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.SandboxAccounts;
import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import io.shopbridge.sandbox.shop.SimulatedShop;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.test.util.TestSocketUtils;

/**
 * {@code kill -9} of the whole process in the middle of what it does: of a burst, {@code -Dkill.webhooks=2000} long, of a
 * backfill, into a CRM and from a shop, and of a poll. All tests have one database; what starts after one test's kill is
 * killed by the next.
 */
class KillIT {

    private static final int WEBHOOKS = Integer.getInteger("kill.webhooks", 500);
    private static final int KILL_AFTER = WEBHOOKS / 2;
    private static final int BACKFILL = 400;
    private static final int POLLED_EVENTS = 120;
    private static final String MAPPINGS = "--shopbridge.mappings-dir=";
    private static final String ORG = "org";
    private static final String ORG_DOMAIN = "org.myshopify.com";
    private static final String POLLED = "polled";
    private static final String HISTORY = "history";
    private static final String HISTORY_DOMAIN = "history.myshopify.com";
    private static final int EVENTS = 400;
    private static final Instant TRIGGERED = Instant.now();
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    static Path directory;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static SimulatedHubSpot hubspot;
    private static SimulatedCrmOne crmOne;
    private static SimulatedSalesforce salesforce;
    /** Of the store that is polled. */
    private static SimulatedCrmOne polledCrm;
    private static ShopModel polledShop;
    private static SimulatedAdminApi polledApi;
    /** What the shop's history is delivered to, and nothing else. */
    private static SimulatedCrmOne past;
    private static SimulatedAdminApi shop;
    private static int firstPort;
    private static int port;
    private static List<String> settings;
    private static ShopbridgeProcess process;
    private static int starts;

    @BeforeAll
    static void begin() throws IOException {
        hubspot = SimulatedHubSpot.start(0, RunningShopbridge.options().withSearchLag(Duration.ofSeconds(3)));
        crmOne = SimulatedCrmOne.start(0, RunningShopbridge.options().withSearchLag(Duration.ZERO));
        salesforce = SimulatedSalesforce.start(0, RunningShopbridge.options());
        polledCrm = SimulatedCrmOne.start(0, RunningShopbridge.options().withSearchLag(Duration.ZERO));
        polledShop = shop(LongStream.iterate(3, seed -> seed + 1).filter(seed -> shop(seed).events(POLLED_EVENTS).stream()
                .noneMatch(event -> event.topic().matches(".*/(delete|merge)"))).findFirst().orElseThrow());
        polledApi = SimulatedAdminApi.start(0, AdminOptions.defaults().withJourneyDelay(Duration.ZERO)
                .withPoints(100_000, 10_000), polledShop);
        past = SimulatedCrmOne.start(0, RunningShopbridge.options().withSearchLag(Duration.ZERO));
        ShopModel model = ShopModel.stepping(11, Instant.now().minus(Duration.ofSeconds(20L * EVENTS * 3)),
                Duration.ofSeconds(20));
        model.events(EVENTS);
        shop = SimulatedAdminApi.start(0, AdminOptions.defaults().withDomain(HISTORY_DOMAIN)
                .withBulkTime(Duration.ofSeconds(2)), model);
        firstPort = TestSocketUtils.findAvailableTcpPort();
        port = firstPort;
        settings = settings();
        SandboxAccounts.setUp(settings);
    }

    @AfterAll
    static void leaveNothingRunning() {
        process.close();
        hubspot.close();
        crmOne.close();
        salesforce.close();
        polledCrm.close();
        polledApi.close();
        past.close();
        shop.close();
    }

    @BeforeEach
    void runs() {
        if (process == null || !process.isAlive()) {
            start();
        }
    }

    @Test
    void everyAcknowledgedRecordIsInTheCrmsOnce() throws Exception {
        Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
        ExecutorService senders = Executors.newFixedThreadPool(32);
        for (int i = 0; i < WEBHOOKS; i++) {
            int number = i;
            senders.execute(() -> {
                if (post("main", RunningShopbridge.DOMAIN, order(number)) == 200) {
                    acknowledged.add(number);
                }
            });
        }
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> acknowledged.size() >= KILL_AFTER
                && !hubspot.records("orders").isEmpty() && !crmOne.records("orders").isEmpty());
        process.kill();
        senders.shutdown();
        assertThat(senders.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        Set<Integer> beforeTheKill = Set.copyOf(acknowledged);

        start();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(KillIT::nothingWaits);

        List<String> orders = new ArrayList<>();
        Set<String> buyers = ConcurrentHashMap.newKeySet();
        List<String> present = keys(crmOne.records("orders"), "fields", "external_id");
        for (int number : beforeTheKill) {
            orders.add("main:" + orderId(number));
            buyers.add(buyer(number));
        }
        assertThat(present).doesNotHaveDuplicates().containsAll(orders);
        assertThat(keys(hubspot.records("orders"), "properties", "shopify_order_key")).doesNotHaveDuplicates()
                .containsAll(orders);
        assertThat(keys(hubspot.records("line_items"), "properties", "shopify_line_item_key")).doesNotHaveDuplicates()
                .hasSize(hubspot.records("orders").size());
        assertThat(keys(crmOne.records("contacts"), "fields", "phone")).doesNotHaveDuplicates().containsAll(buyers);
        assertThat(keys(hubspot.records("contacts"), "properties", "phone")).doesNotHaveDuplicates()
                .containsAll(buyers);
    }

    /** Between a job's creation and its upload, between its start and its end, and before its results were read. */
    /** At which calls the process is killed; at all three with {@code -Dkill.all=true}, which takes minutes more. */
    static Stream<Arguments> callsOfAJob() {
        return Stream.of(Arguments.of(20000, "PATCH /services/data/v68.0/jobs/ingest/{id}"),
                Arguments.of(10000, "POST /services/data/v68.0/jobs/ingest"),
                Arguments.of(30000, "GET /services/data/v68.0/jobs/ingest/{id}/successfulResults"))
                .limit(Boolean.getBoolean("kill.all") ? 3 : 1);
    }

    @ParameterizedTest
    @MethodSource("callsOfAJob")
    void aBackfillThatIsKilledInTheMiddleOfAJobIsWrittenOnceAndNeverWithOlderValues(int first, String call)
            throws Exception {
        salesforce.clear();
        long before = calls(call);
        // While the first few are written, the others become a backfill.
        salesforce.faults().latency(Duration.ofMillis(500));
        backfill(first, "before");
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> calls(call) > before);
        process.kill();
        salesforce.faults().clear();

        start();
        backfill(first, "after");
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(KillIT::nothingWaits);

        assertThat(salesforce.records("Contact")).extracting(contact -> contact.path("Shopbridge_Key__c").asText())
                .doesNotHaveDuplicates().hasSize(BACKFILL);
        assertThat(salesforce.records("Contact")).extracting(contact -> contact.path("Email").asText())
                .allMatch(email -> email.endsWith("@after.example.com"));
        assertThat(salesforce.records("Account")).hasSize(BACKFILL);
    }

    /** The first page may be committed, the next is asked for or being taken in. */
    @Test
    void aPollThatIsKilledInTheMiddleLeavesNoGapAndNothingTwice() throws Exception {
        polledApi.faults().latency(Duration.ofMillis(500));
        polledShop.events(POLLED_EVENTS);
        int orders = polledApi.records("orders").size();
        assertThat(orders).as("two on each page").isGreaterThan(10);
        long before = polls();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> polls() >= before + 3);
        process.kill();
        polledApi.faults().clear();

        start();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() ->
                polledCrm.records("orders").size() >= orders && nothingWaits());

        assertThat(keys(polledCrm.records("orders"), "fields", "external_id")).containsExactlyInAnyOrderElementsOf(
                polledApi.records("orders").stream().map(order -> POLLED + ":" + order.path("id").asText()).toList());
        assertThat(keys(polledCrm.records("contacts"), "fields", "external_id").stream().filter(key -> !key.isEmpty()))
                .doesNotHaveDuplicates();
    }

    private static long polls() {
        return polledApi.calls().getOrDefault("POST graphql", 0L);
    }

    private static ShopModel shop(long seed) {
        return ShopModel.stepping(seed, TRIGGERED.minus(Duration.ofMinutes(50)), Duration.ofSeconds(3));
    }

    /** The first time while Shopify exports, the second time while records come in and another replica runs beside. */
    @Test
    void aShopsHistoryIsBroughtInOnceAlsoByTheReplicaThatIsLeft() throws Exception {
        ask("POST", "/api/v1/backfills", "{\"store\": \"" + HISTORY + "\", \"entities\": [\"customer\", \"order\"]}");
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> backfill("customer").equals("exporting"));
        process.kill();
        start();
        int port = TestSocketUtils.findAvailableTcpPort();
        ShopbridgeProcess replica = ShopbridgeProcess.start(directory.resolve("replica.log"), List.of(
                "-Dorg.postgresql.pgpassfile=" + directory.resolve("postgres/shopbridge.pgpass")), replica(port));
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() ->
                    !Set.of("waiting", "exporting", "downloading").contains(backfill("order")));
            process.kill();
            KillIT.port = port;
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() ->
                    get("/actuator/health/readiness") != null && backfill("order").equals("ended") && nothingWaits());
        } finally {
            KillIT.port = firstPort;
            replica.close();
        }
        List<String> orders = shop.records("orders").stream().map(order -> HISTORY + ":" + order.path("id").asText()).toList();
        assertThat(keys(past.records("orders"), "fields", "external_id")).doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(orders);
        assertThat(shop.bulkOperations()).as("exports").isEqualTo(2);
    }

    private static List<String> replica(int port) throws IOException {
        List<String> other = new ArrayList<>(settings);
        other.add("--server.port=" + port);
        other.add("--spring.datasource.url=jdbc:postgresql://localhost:"
                + Files.readAllLines(directory.resolve("postgres/postmaster.pid")).get(3).strip() + "/postgres?user=shopbridge");
        other.removeIf(setting -> setting.startsWith("--shopbridge.embedded-postgres."));
        return other;
    }

    /** Its state; of the newest. */
    private static String backfill(String entity) throws IOException {
        String all = get("/api/v1/backfills");
        if (all != null) {
            for (JsonNode one : JSON.readTree(all)) {
                if (one.path("entity").asText().equals(entity)) {
                    return one.path("state").asText();
                }
            }
        }
        return "waiting";
    }

    private static long calls(String call) {
        return salesforce.calls().getOrDefault(call, 0L);
    }

    private static void backfill(int first, String when) {
        IntStream.range(first, first + BACKFILL).parallel().forEach(number ->
                assertThat(post(ORG, ORG_DOMAIN, customer(number, when))).isEqualTo(200));
    }

    /** The address is a field of which Shopify's value always counts. */
    private static ShopEvent customer(int number, String when) {
        String body = """
                {"id": %1$d, "email": "buyer%1$d@%2$s.example.com", "last_name": "Buyer%1$d",
                 "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T1%3$d:00:00Z"}
                """.formatted(number, when, when.equals("before") ? 0 : 1);
        return new ShopEvent("customers/update", when + number, when + number, Instant.now(),
                body.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> settings() throws IOException {
        List<String> settings = new ArrayList<>(
                RunningShopbridge.arguments(port, hubspot, crmOne));
        settings.addAll(List.of(
                "--shopbridge.embedded-postgres.data-dir=" + directory.resolve("postgres"),
                "--shopbridge.stores." + ORG + ".domain=" + ORG_DOMAIN,
                "--shopbridge.stores." + ORG + ".webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores." + ORG + ".crms=salesforce",
                "--shopbridge.schedules.backfill=* * * * * ?",
                "--shopbridge.stores." + HISTORY + ".domain=" + HISTORY_DOMAIN,
                "--shopbridge.stores." + HISTORY + ".webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores." + HISTORY + ".crms=past",
                "--shopbridge.stores." + HISTORY + ".admin.url=" + shop.baseUrl(),
                "--shopbridge.stores." + HISTORY + ".admin.access-token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.stores." + HISTORY + ".polls.order=off",
                "--shopbridge.stores." + HISTORY + ".polls.customer=off",
                "--shopbridge.stores." + HISTORY + ".polls.company=off",
                "--shopbridge.stores." + HISTORY + ".polls.checkout=off",
                "--shopbridge.crms.past.folder=crm-one",
                "--shopbridge.crms.past.base-url=" + past.baseUrl(),
                "--shopbridge.crms.past.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.salesforce.bulk-above=10",
                "--shopbridge.crms.salesforce.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.salesforce.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.salesforce.client-secret=" + Options.DEFAULT_TOKEN,
                "--shopbridge.stores." + POLLED + ".domain=polled.myshopify.com",
                "--shopbridge.stores." + POLLED + ".webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores." + POLLED + ".crms=polled-crm",
                "--shopbridge.stores." + POLLED + ".admin.url=" + polledApi.baseUrl(),
                "--shopbridge.stores." + POLLED + ".admin.access-token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.stores." + POLLED + ".polls.order=* * * * * ?",
                "--shopbridge.stores." + POLLED + ".polls.customer=off",
                "--shopbridge.stores." + POLLED + ".polls.company=off",
                "--shopbridge.stores." + POLLED + ".polls.checkout=off",
                "--shopbridge.crms.polled-crm.folder=crm-one",
                "--shopbridge.crms.polled-crm.base-url=" + polledCrm.baseUrl(),
                "--shopbridge.crms.polled-crm.token=" + Options.DEFAULT_TOKEN));
        Path query = Path.of(settings.stream().filter(setting -> setting.startsWith(MAPPINGS)).findFirst().orElseThrow()
                .substring(MAPPINGS.length()), "shopify", "queries", "order-updated.graphql");
        Files.writeString(query, Files.readString(query).replace("Int! = 100", "Int! = 5"));
        return settings;
    }

    private static void start() {
        starts++;
        process = ShopbridgeProcess.start(directory.resolve(starts + ".log"), List.of(), settings);
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() ->
                process.isAlive() && get("/actuator/health/readiness") != null);
    }

    private static boolean nothingWaits() throws IOException {
        JsonNode status = JSON.readTree(get("/api/v1/status"));
        long waiting = status.required("inbox_waiting").asLong();
        for (JsonNode crm : status.required("crms")) {
            waiting += crm.required("work_waiting").asLong();
            assertThat(crm.required("rejected_open").asLong()).as("rejected: %s", crm).isZero();
        }
        return waiting == 0;
    }

    private static String get(String path) {
        return ask("GET", path, "");
    }

    private static String ask(String method, String path, String body) {
        String credentials = Base64.getEncoder().encodeToString(
                ("operator:" + RunningShopbridge.PASSWORD).getBytes(StandardCharsets.UTF_8));
        try {
            var answer = HTTP.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                    .header("Authorization", "Basic " + credentials).header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
            return answer.statusCode() == 200 ? answer.body() : null;
        } catch (IOException | InterruptedException e) {
            return null;
        }
    }

    /** Guests whom nothing but a phone identifies, two orders each: no unique property stops a second contact. */
    private static ShopEvent order(int number) {
        String body = """
                {"id": %1$d, "name": "#%1$d", "phone": "%2$s", "currency": "EUR",
                 "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T10:00:00Z",
                 "billing_address": {"first_name": "Guest", "last_name": "Number%3$s"},
                 "financial_status": "paid", "total_price": "20.00", "current_total_price": "20.00",
                 "line_items": [{"id": 9%1$d, "name": "Lamp", "quantity": 1, "current_quantity": 1, "price": "20.00"}]}
                """.formatted(orderId(number), buyer(number), buyer(number).substring(1));
        return new ShopEvent("orders/create", "webhook-" + number, "event-" + number,
                TRIGGERED, body.getBytes(StandardCharsets.UTF_8));
    }

    private static long orderId(int number) {
        return 5_000_000_000_000L + number;
    }

    private static String buyer(int number) {
        return "+1212555%04d".formatted(2000 + number / 2);
    }

    private static int post(String store, String domain, ShopEvent event) {
        HttpRequest.Builder request = HttpRequest
                .newBuilder(URI.create("http://localhost:" + port + "/webhooks/shopify/" + store))
                .POST(HttpRequest.BodyPublishers.ofByteArray(event.body()));
        SimulatedShop.headers(event, domain, RunningShopbridge.SECRET).forEach(request::header);
        try {
            return HTTP.send(request.build(), BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static List<String> keys(List<ObjectNode> records, String fields, String name) {
        return records.stream().map(record -> record.path(fields).path(name).asText()).toList();
    }
}
