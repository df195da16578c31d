package io.shopbridge.fuzz;

import static org.awaitility.Awaitility.await;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.ShopbridgeProcess;
import io.shopbridge.sandbox.SandboxAccounts;
import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.pipedrive.Company;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.SimulatedCrm;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.SimulatedShop;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.util.TestSocketUtils;

/**
 * Shopbridge as a process of its own with the memory that a container gives it, which an error of memory ends. Store
 * {@code main} feeds HubSpot, CRM One and Salesforce, store {@code slow} feeds Pipedrive, whose published limits allow a
 * few records a second; all four keep their limits.
 */
final class FuzzedProcess implements AutoCloseable {

    static final String MAIN = "main";
    static final String SLOW = "slow";
    private static final Map<String, String> DOMAINS = Map.of(MAIN, "main.myshopify.com", SLOW, "slow.myshopify.com");
    private static final Pattern USED = Pattern.compile("(\\d+)M->\\d+M\\(");
    private static final Pattern RESIDENT = Pattern.compile("VmHWM:\\s+(\\d+) kB");
    private static final Duration PATIENCE = Duration.ofSeconds(300);

    final SimulatedHubSpot hubspot = SimulatedHubSpot.start(0, Options.defaults());
    final SimulatedCrmOne crmOne = SimulatedCrmOne.start(0, Options.defaults());
    final SimulatedSalesforce salesforce = SimulatedSalesforce.start(0, Options.defaults());
    final SimulatedPipedrive pipedrive = SimulatedPipedrive.start(0, Options.defaults(),
            Company.defaults());
    private final EmbeddedPostgres postgres;
    private final JdbcTemplate jdbc;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Path log;
    private final int port;
    private final ShopbridgeProcess process;

    /** What the JVM said of every collection. */
    private final Path collections;

    FuzzedProcess(Path directory) throws IOException {
        collections = directory.resolve("collections.log");
        postgres = EmbeddedPostgres.builder().setDataDirectory(directory.resolve("postgres")).start();
        jdbc = new JdbcTemplate(postgres.getPostgresDatabase());
        // Not among the temporary files: it is what a person reads after a failure.
        log = Files.createDirectories(Path.of("target/fuzz")).resolve("shopbridge.log");
        port = TestSocketUtils.findAvailableTcpPort();
        List<String> settings = List.of(
                "--server.port=" + port,
                "--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres",
                "--spring.datasource.username=postgres",
                "--shopbridge.operator.password=" + RunningShopbridge.PASSWORD,
                "--shopbridge.stores.main.domain=" + DOMAINS.get(MAIN),
                "--shopbridge.stores.main.webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores.main.crms=hubspot,crm-one,salesforce",
                "--shopbridge.stores.slow.domain=" + DOMAINS.get(SLOW),
                "--shopbridge.stores.slow.webhook-secrets=" + RunningShopbridge.SECRET,
                "--shopbridge.stores.slow.crms=pipedrive",
                "--shopbridge.crms.hubspot.base-url=" + hubspot.baseUrl(),
                "--shopbridge.crms.hubspot.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.crm-one.base-url=" + crmOne.baseUrl(),
                "--shopbridge.crms.crm-one.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.salesforce.base-url=" + salesforce.baseUrl(),
                "--shopbridge.crms.salesforce.client-id=" + SimulatedSalesforce.CLIENT_ID,
                "--shopbridge.crms.salesforce.client-secret=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.pipedrive.base-url=" + pipedrive.baseUrl(),
                "--shopbridge.crms.pipedrive.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.pipedrive.time-zone=UTC");
        SandboxAccounts.setUp(settings);
        process = ShopbridgeProcess.start(log, List.of("-Xmx512m", "-XX:+ExitOnOutOfMemoryError",
                "-Xlog:gc:file=" + collections), settings);
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() ->
                !process.isAlive() || get("/actuator/health/readiness") == 200);
        if (!process.isAlive()) {
            throw new IllegalStateException("Shopbridge did not start; why, " + log + " says");
        }
    }

    int port() {
        return port;
    }

    /** Largest heap in use before a collection so far, in MB. */
    int peakHeap() throws IOException {
        Matcher used = USED.matcher(Files.readString(collections));
        int peak = 0;
        while (used.find()) {
            peak = Math.max(peak, Integer.parseInt(used.group(1)));
        }
        return peak;
    }

    /** Largest resident memory so far, in MB; 0 where there is no /proc, or no process any more. */
    int peakMemory() throws IOException {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        if (!Files.exists(status)) {
            return 0;
        }
        Matcher peak = RESIDENT.matcher(Files.readString(status));
        return peak.find() ? Integer.parseInt(peak.group(1)) / 1024 : 0;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String log() throws IOException {
        return Files.readString(log, StandardCharsets.ISO_8859_1);
    }

    /** Signs and sends a body under a new id; 0 where there was no answer. */
    int post(String store, Body body) {
        ShopEvent event = new ShopEvent(body.topic(), body.name(), UUID.randomUUID().toString(), Instant.now(),
                body.bytes());
        HttpRequest.Builder request = HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + port + "/webhooks/shopify/" + store))
                .timeout(Duration.ofSeconds(30)).POST(HttpRequest.BodyPublishers.ofByteArray(body.bytes()));
        SimulatedShop.headers(event, DOMAINS.get(store), RunningShopbridge.SECRET).forEach(request::header);
        return status(request.build());
    }

    int get(String path) {
        return status(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build());
    }

    private int status(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    long count(String sql, Object... parameters) {
        Long count = jdbc.queryForObject(sql, Long.class, parameters);
        return count == null ? 0 : count;
    }

    List<String> texts(String sql, Object... parameters) {
        return jdbc.queryForList(sql, String.class, parameters);
    }

    @Override
    public void close() throws IOException {
        process.close();
        List.<SimulatedCrm>of(hubspot, crmOne, salesforce, pipedrive).forEach(SimulatedCrm::close);
        postgres.close();
    }
}
