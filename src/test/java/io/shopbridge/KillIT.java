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
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.SimulatedShop;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A burst, {@code -Dkill.webhooks=2000} long, and {@code kill -9} of the whole process in the middle of it. */
class KillIT {

    private static final int WEBHOOKS = Integer.getInteger("kill.webhooks", 1000);
    private static final int KILL_AFTER = WEBHOOKS / 2;
    private static final int BACKFILL = 400;
    private static final Instant TRIGGERED = Instant.now();
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    Path directory;
    private final SimulatedHubSpot hubspot =
            SimulatedHubSpot.start(0, RunningShopbridge.options().withSearchLag(Duration.ofSeconds(3)));
    private final SimulatedCrmOne crmOne =
            SimulatedCrmOne.start(0, RunningShopbridge.options().withSearchLag(Duration.ZERO));
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private int port;
    private Process process;

    @AfterEach
    void leaveNothingRunning() throws InterruptedException {
        // SIGTERM: the process stops its database, which a killed one can't.
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        hubspot.close();
        crmOne.close();
    }

    @Test
    void everyAcknowledgedRecordIsInTheCrmsOnce() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        start("before");
        Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
        ExecutorService senders = Executors.newFixedThreadPool(32);
        for (int i = 0; i < WEBHOOKS; i++) {
            int number = i;
            senders.execute(() -> {
                if (post(order(number)) == 200) {
                    acknowledged.add(number);
                }
            });
        }
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> acknowledged.size() >= KILL_AFTER
                && !hubspot.records("orders").isEmpty() && !crmOne.records("orders").isEmpty());
        process.destroyForcibly().waitFor();
        senders.shutdown();
        assertThat(senders.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        Set<Integer> beforeTheKill = Set.copyOf(acknowledged);

        start("after");
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(this::nothingWaits);

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
    @ParameterizedTest
    @ValueSource(strings = {"POST /services/data/v68.0/jobs/ingest", "PATCH /services/data/v68.0/jobs/ingest/{id}",
        "GET /services/data/v68.0/jobs/ingest/{id}/successfulResults"})
    void aBackfillThatIsKilledInTheMiddleOfAJobIsWrittenOnceAndNeverWithOlderValues(String call) throws Exception {
        try (ServerSocket free = new ServerSocket(0);
                SimulatedSalesforce salesforce = SimulatedSalesforce.start(0, RunningShopbridge.options())) {
            port = free.getLocalPort();
            free.close();
            String[] settings = {
                "--shopbridge.stores.main.crms=salesforce",
                "--shopbridge.crms.salesforce.bulk-above=10",
                "--shopbridge.crms.salesforce.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.salesforce.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.salesforce.client-secret=" + Options.DEFAULT_TOKEN};
            start("before", settings);
            // While the first few are written, the others become a backfill.
            salesforce.faults().latency(Duration.ofMillis(500));
            IntStream.range(0, BACKFILL).parallel().forEach(number ->
                    assertThat(post(customer(number, "before"))).isEqualTo(200));
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() ->
                    salesforce.calls().containsKey(call));
            process.destroyForcibly().waitFor();
            salesforce.faults().clear();

            start("after", settings);
            IntStream.range(0, BACKFILL).parallel().forEach(number ->
                    assertThat(post(customer(number, "after"))).isEqualTo(200));
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(this::nothingWaits);

            assertThat(salesforce.records("Contact")).extracting(contact -> contact.path("Shopbridge_Key__c").asText())
                    .doesNotHaveDuplicates().hasSize(BACKFILL);
            assertThat(salesforce.records("Contact")).extracting(contact -> contact.path("Email").asText())
                    .allMatch(email -> email.endsWith("@after.example.com"));
            assertThat(salesforce.records("Account")).hasSize(BACKFILL);
        }
    }

    /** The address is a field of which Shopify's value always counts. */
    private static ShopEvent customer(int number, String when) {
        String body = """
                {"id": %1$d, "email": "buyer%1$d@%2$s.example.com", "last_name": "Buyer%1$d",
                 "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T1%3$d:00:00Z"}
                """.formatted(7000 + number, when, when.equals("before") ? 0 : 1);
        return new ShopEvent("customers/update", when + number, when + number, Instant.now(),
                body.getBytes(StandardCharsets.UTF_8));
    }

    private void start(String name, String... settings) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Shopbridge.class.getName()));
        // Spring joins what is given twice; here the later counts.
        Map<String, String> byName = new LinkedHashMap<>();
        Stream.concat(RunningShopbridge.arguments(port, directory.resolve("postgres"), hubspot, crmOne).stream(),
                Stream.of(settings)).forEach(setting -> byName.put(setting.substring(0, setting.indexOf('=')), setting));
        command.addAll(byName.values());
        SandboxAccounts.setUp(byName.values());
        process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile()).start();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() ->
                process.isAlive() && get("/actuator/health/readiness") != null);
    }

    private boolean nothingWaits() throws IOException {
        JsonNode status = json.readTree(get("/api/v1/status"));
        long waiting = status.required("inbox_waiting").asLong();
        for (JsonNode crm : status.required("crms")) {
            waiting += crm.required("work_waiting").asLong();
            assertThat(crm.required("rejected_open").asLong()).as("rejected: %s", crm).isZero();
        }
        return waiting == 0;
    }

    private String get(String path) {
        String credentials = Base64.getEncoder().encodeToString(
                ("operator:" + RunningShopbridge.PASSWORD).getBytes(StandardCharsets.UTF_8));
        try {
            var answer = http.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                    .header("Authorization", "Basic " + credentials).build(), BodyHandlers.ofString());
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

    private int post(ShopEvent event) {
        HttpRequest.Builder request = HttpRequest
                .newBuilder(URI.create("http://localhost:" + port + "/webhooks/shopify/main"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(event.body()));
        SimulatedShop.headers(event, RunningShopbridge.DOMAIN, RunningShopbridge.SECRET).forEach(request::header);
        try {
            return http.send(request.build(), BodyHandlers.discarding()).statusCode();
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
