package io.shopbridge;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.Options;
import io.shopbridge.sandbox.ShopEvent;
import io.shopbridge.sandbox.SimulatedCrmOne;
import io.shopbridge.sandbox.SimulatedHubSpot;
import io.shopbridge.sandbox.SimulatedShop;
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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The whole application as users have it: real embedded PostgreSQL, the shipped routes and mappings, and strict
 * simulated CRMs. Started once for all tests of a JVM; every test begins with {@link #reset()}.
 */
public final class RunningShopbridge {

    public static final String SECRET = "test-secret";
    public static final String OLD_SECRET = "test-secret-before-rotation";
    public static final String DOMAIN = "test.myshopify.com";
    /** A store whose CRMs take orders in other forms: accounts deals, activities and figures. */
    public static final String FORMS = "forms";
    public static final String FORMS_DOMAIN = "forms.myshopify.com";
    public static final String PASSWORD = "test-password";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static RunningShopbridge shared;

    public final SimulatedHubSpot hubspot;
    public final SimulatedCrmOne crmOne;
    private final ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    private RunningShopbridge(String... settings) {
        Options options = Options.defaults().unlimited().withSearchLag(Duration.ZERO);
        hubspot = SimulatedHubSpot.start(0, options);
        crmOne = SimulatedCrmOne.start(0, options);
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--shopbridge.embedded-postgres.data-dir=" + temporaryDirectory().resolve("postgres"),
                "--shopbridge.stores.main.domain=" + DOMAIN,
                "--shopbridge.stores.main.webhook-secrets=" + SECRET + "," + OLD_SECRET,
                "--shopbridge.stores.main.region=US",
                "--shopbridge.stores.main.crms=hubspot,crm-one",
                "--shopbridge.stores." + FORMS + ".domain=" + FORMS_DOMAIN,
                "--shopbridge.stores." + FORMS + ".webhook-secrets=" + SECRET,
                "--shopbridge.stores." + FORMS + ".crms=deals,activities,figures",
                "--shopbridge.crms.deals.folder=hubspot",
                "--shopbridge.crms.deals.orders=deal",
                "--shopbridge.crms.deals.base-url=" + hubspot.baseUrl(),
                "--shopbridge.crms.deals.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.activities.folder=hubspot",
                "--shopbridge.crms.activities.orders=activity",
                "--shopbridge.crms.activities.base-url=" + hubspot.baseUrl(),
                "--shopbridge.crms.activities.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.figures.folder=crm-one",
                "--shopbridge.crms.figures.orders=figures",
                "--shopbridge.crms.figures.base-url=" + crmOne.baseUrl(),
                "--shopbridge.crms.figures.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.hubspot.base-url=" + hubspot.baseUrl(),
                "--shopbridge.crms.hubspot.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.crms.crm-one.base-url=" + crmOne.baseUrl(),
                "--shopbridge.crms.crm-one.token=" + Options.DEFAULT_TOKEN,
                "--shopbridge.operator.username=operator",
                "--shopbridge.operator.password=" + PASSWORD));
        arguments.addAll(List.of(settings));
        context = new SpringApplicationBuilder(Shopbridge.class).run(arguments.toArray(String[]::new));
    }

    /** The instance that all tests share. */
    public static synchronized RunningShopbridge shared() {
        if (shared == null) {
            shared = new RunningShopbridge();
        }
        return shared;
    }

    /** Forgets everything: no records, no faults, nothing waiting. */
    public void reset() {
        hubspot.faults().clear();
        crmOne.faults().clear();
        await().atMost(PATIENCE).until(() -> count("SELECT count(*) FROM work WHERE claimed_by IS NOT NULL") == 0);
        jdbc().execute("TRUNCATE inbox, inbox_waiting, mirror_facet, work, link, identity_claim, crm_pause, outcome,"
                + " rejected, order_figures, conflict");
        hubspot.clear();
        crmOne.clear();
    }

    public int port() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    public URI uri(String path) {
        return URI.create("http://localhost:" + port() + path);
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
        ShopEvent event = new ShopEvent(topic, UUID.randomUUID().toString(), UUID.randomUUID().toString(),
                Instant.now(), body.getBytes(StandardCharsets.UTF_8));
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

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("shopbridge-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
