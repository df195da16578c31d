package io.shopbridge.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.AutoConfigured;
import io.shopbridge.backfill.Backfills;
import io.shopbridge.backfill.OrderCutoffs;
import io.shopbridge.backfill.Reports;
import io.shopbridge.crm.Crms;
import io.shopbridge.deliver.Clashes;
import io.shopbridge.explain.Explainer;
import io.shopbridge.identify.Decisions;
import io.shopbridge.identify.Links;
import io.shopbridge.identify.OtherCustomers;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.mirror.RefreshQueue;
import io.shopbridge.plan.Plans;
import io.shopbridge.plan.RunningMappings;
import io.shopbridge.poll.ExtraPolls;
import io.shopbridge.poll.UnreadRecords;
import io.shopbridge.poll.Watermarks;
import io.shopbridge.reconcile.CheckedStretches;
import io.shopbridge.reconcile.DuplicatesTable;
import io.shopbridge.reconcile.Reconciliations;
import io.shopbridge.recount.RecountTruth;
import io.shopbridge.recount.Recounts;
import io.shopbridge.recount.ShopRecounts;
import io.shopbridge.receive.WebhookCounts;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.subscribe.OpenFaults;
import io.shopbridge.subscribe.SubscriptionCheck;
import io.shopbridge.subscribe.Subscriptions;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT, properties = {
    "shopbridge.operator.password=s3cret",
    "management.endpoints.web.exposure.include=health,prometheus",
    "management.endpoint.health.probes.enabled=true",
    "management.endpoint.health.validate-group-membership=false",   // the inbox's is not in these packages
    "shopbridge.stores.main.webhook-secrets=s3cret",
    "shopbridge.crms.hubspot.token=t0ken",
    "camel.main.routes-include-pattern=false"})
@AutoConfigureObservability(tracing = false)
@DirtiesContext
class OperateIT {

    @SpringBootConfiguration
    @AutoConfigured
    @ConfigurationPropertiesScan({"io.shopbridge.database", "io.shopbridge.operate", "io.shopbridge.export"})
    @ComponentScan(basePackages = {"io.shopbridge.database", "io.shopbridge.operate", "io.shopbridge.console",
        "io.shopbridge.doorbell", "io.shopbridge.work", "io.shopbridge.inbox", "io.shopbridge.ledger",
        "io.shopbridge.audit", "io.shopbridge.export"},
            excludeFilters = @ComponentScan.Filter(type = FilterType.CUSTOM, classes = TypeExcludeFilter.class))
    @EnableConfigurationProperties(ShopbridgeSettings.class)
    @Import({Webhooks.class, Crms.class, Stores.class, WebhookCounts.class, Decisions.class, Links.class,
        OtherCustomers.class, Clashes.class, Watermarks.class, Backfills.class, Reports.class,
        OrderCutoffs.class, Plans.class, RunningMappings.class, Reconciliations.class, DuplicatesTable.class,
        CheckedStretches.class, Recounts.class, UnreadRecords.class})
    static class Application {
    }

    /** Stands in for the package that receives webhooks. */
    @RestController
    static class Webhooks {

        @PostMapping("/webhooks/shopify/main")
        String received() {
            return "received";
        }

        @PostMapping("/webhooks/shopify/broken")
        String broken() {
            throw new ResponseStatusException(org.springframework.http.HttpStatus.PAYLOAD_TOO_LARGE);
        }
    }

    @TempDir
    static Path folder;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry properties) {
        properties.add("shopbridge.embedded-postgres.data-dir", () -> folder.resolve("data"));
    }

    @Autowired
    private TestRestTemplate anybody;
    @Autowired
    private JdbcClient database;
    @Autowired
    private MeterRegistry meters;
    @Autowired
    private Stores stores;
    @Autowired
    private PausedStores pausedStores;
    /** What is missing is the mirror's. */
    @MockitoBean
    private RefreshQueue refreshQueue;
    /** Only decisions about who is who ask it. */
    @MockitoBean
    private CanonicalRecords canonicalRecords;
    /** They ask shops. */
    @MockitoBean
    private Subscriptions subscriptions;
    @MockitoBean
    private SubscriptionCheck subscriptionCheck;
    @MockitoBean
    private OpenFaults openFaults;
    @MockitoBean
    private ExtraPolls extraPolls;
    @MockitoBean
    private ShopRecounts shopRecounts;
    @MockitoBean
    private RecountTruth truth;
    @MockitoBean
    private AdminApi adminApi;
    @MockitoBean
    private Shopify shopify;
    /** It asks CRMs. */
    @MockitoBean
    private Explainer explainer;
    @Autowired
    private Crms crms;

    private TestRestTemplate operator;

    @BeforeEach
    void empty() {
        operator = anybody.withBasicAuth("operator", "s3cret");
        database.sql("TRUNCATE inbox, inbox_waiting, work, crm_pause, store_pause, outcome, rejected, conflict RESTART IDENTITY").update();
    }

    @Test
    void webhooksAndHealthAreOpenAndNothingElse() {
        assertThat(anybody.postForEntity("/webhooks/shopify/main", "{}", String.class).getStatusCode().value())
                .isEqualTo(200);
        assertThat(anybody.getForEntity("/actuator/health/liveness", String.class).getStatusCode().value())
                .isEqualTo(200);
        assertThat(anybody.postForEntity("/webhooks/shopify/main", "{}", String.class).getHeaders())
                .as("no security filter").doesNotContainKeys("X-Content-Type-Options", "Set-Cookie");
        for (String path : List.of("/", "/api/v1/status", "/api/v1/outcomes", "/actuator/prometheus", "/v3/api-docs",
                "/actuator", "/webhooksx", "/rejected/1/replay", "/error", "/actuator/healthx")) {
            assertThat(anybody.getForEntity(path, String.class).getStatusCode().value()).as(path).isEqualTo(401);
        }
        assertThat(anybody.withBasicAuth("operator", "wrong").getForEntity("/", String.class)
                .getStatusCode().value()).isEqualTo(401);
        for (String path : List.of("/", "/api/v1/status", "/actuator/prometheus", "/v3/api-docs")) {
            ResponseEntity<String> answer = operator.getForEntity(path, String.class);
            assertThat(answer.getStatusCode().value()).as(path).isEqualTo(200);
            assertThat(answer.getHeaders()).as("no session").doesNotContainKey("Set-Cookie");
        }
    }

    /** Also where no method of the API takes the request. */
    @Test
    void everyRefusalIsASentence() {
        ResponseEntity<JsonNode> method = operator.exchange("/api/v1/status", HttpMethod.DELETE, null, JsonNode.class);
        assertThat(method.getStatusCode().value()).isEqualTo(405);
        assertThat(method.getHeaders().getAllow()).contains(HttpMethod.GET);
        assertThat(method.getBody().path("detail").asText()).isEqualTo("Method 'DELETE' is not supported.");
        ResponseEntity<JsonNode> nothing = operator.getForEntity("/api/v1/order", JsonNode.class);
        assertThat(nothing.getStatusCode().value()).isEqualTo(404);
        assertThat(nothing.getHeaders().getContentType()).hasToString("application/problem+json");
        assertThat(nothing.getBody().path("detail").asText()).contains("/v3/api-docs lists what there is");
    }

    @Test
    void thePageOfErrorsIsNoneByItself() {
        for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE)) {
            ResponseEntity<String> answer = operator.exchange("/error", method, null, String.class);
            assertThat(answer.getStatusCode().value()).as(method.name()).isEqualTo(404);
            assertThat(answer.getBody()).contains("\"status\":404", "\"path\":\"/error\"");
        }
    }

    @Test
    void aFailedWebhookKeepsItsStatus() {
        assertThat(anybody.postForEntity("/webhooks/shopify/broken", "{}", String.class).getStatusCode().value())
                .isEqualTo(413);
    }

    @Test
    void whatAnotherSiteSendsIsRefused() {
        long id = rejectRecord();
        String replay = "/rejected/" + id + "/replay";
        String api = "/api/v1/rejected/" + id + "/replay";
        assertThat(send(replay, Map.of("Sec-Fetch-Site", "cross-site")).getStatusCode().value()).isEqualTo(403);
        assertThat(send(api, Map.of("Sec-Fetch-Site", "same-site")).getStatusCode().value()).isEqualTo(403);
        assertThat(send(api, Map.of("Origin", "https://evil.example")).getStatusCode().value()).isEqualTo(403);
        assertThat(send(api, Map.of("Origin", "null")).getStatusCode().value()).isEqualTo(403);
        assertThat(state(id)).isEqualTo("open");
        assertThat(send(replay, Map.of("Sec-Fetch-Site", "same-origin")).getStatusCode().value()).isEqualTo(302);
        assertThat(state(id)).isEqualTo("replayed");
    }

    @Test
    void outcomesComeNewestFirstInPages() {
        for (int i = 1; i <= 7; i++) {
            database.sql("INSERT INTO outcome (at, crm, store, entity, record_id, outcome, lag_ms) VALUES"
                    + " ('2026-11-20T10:00:00Z', 'hubspot', 'main', 'customer', ?, 'delivered', 12)")
                    .param(Integer.toString(i)).update();
        }
        JsonNode first = json("/api/v1/outcomes?limit=5");
        assertThat(first.at("/items").findValuesAsText("record")).containsExactly("7", "6", "5", "4", "3");
        assertThat(first.at("/items/0/lag_ms").asInt()).isEqualTo(12);
        JsonNode second = json("/api/v1/outcomes?limit=5&cursor=" + first.get("next").asText());
        assertThat(second.at("/items").findValuesAsText("record")).containsExactly("2", "1");
        assertThat(second.get("next").isNull()).isTrue();

        assertThat(json("/api/v1/outcomes?record=3&entity=customer&store=main&crm=hubspot&outcome=delivered")
                .at("/items")).hasSize(1);
        assertThat(json("/api/v1/outcomes?since=2026-11-20T10:00:01Z").at("/items")).isEmpty();
        assertThat(json("/api/v1/outcomes?until=2026-11-20T10:00:00Z").at("/items")).isEmpty();
        assertThat(json("/api/v1/outcomes?since=2026-11-20T12:00:00%2B02:00").at("/items")).hasSize(7);
    }

    @Test
    void badParametersGetTheLegalValues() {
        refused("/api/v1/outcomes?outcome=lost", "outcome is \"lost\"; it can be delivered, unchanged, skipped,");
        refused("/api/v1/outcomes?limit=501", "it can be 1 to 500");
        refused("/api/v1/outcomes?limit=x", "it can be 1 to 500");
        refused("/api/v1/outcomes?since=yesterday", "as in 2026-11-20T09:30:00Z");
        refused("/api/v1/outcomes?cursor=AAAA", "cursor is not one from an answer of this API");
        refused("/api/v1/outcomes?recrod=1", "There is no parameter \"recrod\"; there are crm, cursor, entity,");
        refused("/api/v1/rejected?state=closed", "it can be open, replayed, resolved, all");
        refused("/api/v1/rejected?outcome=delivered", "it can be rejected, held");
    }

    /** What starts something real has its switches in its body. */
    @Test
    void aParameterOfACallThatTakesNoneIsRefused() {
        for (String call : List.of("backfills?dry_run=true", "reconciliations?repair=missing", "recounts?repair=false",
                "plans/1/apply?dry_run=true", "rejected/1/replay?dry-run")) {
            ResponseEntity<JsonNode> answer = operator.postForEntity("/api/v1/" + call, Map.of(), JsonNode.class);
            assertThat(answer.getStatusCode().value()).as(call).isEqualTo(400);
            assertThat(answer.getBody().path("detail").asText()).as(call).startsWith("There is no parameter \"")
                    .contains("this call has none");
        }
        refused("/api/v1/backfills?store=main", "There is no parameter \"store\"");
        refused("/api/v1/status?limit=5", "There is no parameter \"limit\"");
    }

    @Test
    void aBodyWithAKeyTwiceIsRefused() {
        when(adminApi.isConfigured("main")).thenReturn(true);
        when(shopify.exported()).thenReturn(List.of("customer", "order"));
        assertThat(backfill("main", "order", ", \"dry_run\": true, \"dry_run\": false").getBody())
                .contains("\"status\":400", "The body has a key twice.");
    }

    @Test
    void timesInTheWrongOrderAreRefused() {
        for (String list : List.of("outcomes", "rejected", "conflicts", "left-out", "audit", "exports/links")) {
            refused("/api/v1/" + list + "?since=2026-11-02T00:00:00Z&until=2026-11-01T00:00:00Z", "is not before until");
        }
    }

    /** An empty list would look as if nothing were wrong there. */
    @Test
    void aMisspelledStoreOrCrmIsRefused() {
        for (String list : List.of("outcomes", "rejected", "conflicts", "left-out")) {
            refused("/api/v1/" + list + "?crm=hubspt", "There is no CRM \"hubspt\", and no row of one. Configured: ");
            refused("/api/v1/" + list + "?store=mian", "There is no store \"mian\", and no row of one. Configured: main");
            assertThat(json("/api/v1/" + list + "?crm=hubspot&store=main").at("/items").isArray()).isTrue();
        }
    }

    /** What a client could send, byte for byte; nothing of it may reach PostgreSQL. */
    @Test
    void craftedParametersAreRefusedByName() {
        String max = cursor("+1000000000-12-31T23:59:59.999999999Z 1");
        for (String list : List.of("outcomes", "rejected", "conflicts")) {
            for (String name : List.of("crm", "store", "entity", "record")) {
                refusedRaw(list + "?" + name + "=a%00b", name + " is \"a\ufffdb\"; control characters and half"
                        + " characters");
                refusedRaw(list + "?" + name + "=%0d%0a", name + " is ");
                refusedRaw(list + "?" + name + "=" + "x".repeat(3000), name + " has 3000 characters");
                refusedRaw(list + "?" + name + "=1&" + name + "=2", name + " is given 2 times");
            }
            for (String name : List.of("since", "until")) {
                for (String time : List.of("%2B999999999-12-31T23:59:59Z", "-999999999-01-01T00:00:00Z",
                        "%2B999999999-12-31T23:59:59.999999999-18:00", "%2B10000-01-01T00:00:00Z",
                        "0000-12-31T00:00:00Z", "2026-11-20", "2026-02-30T00:00:00Z", "%00", "NaN", "infinity")) {
                    refusedRaw(list + "?" + name + "=" + time, name + " is ");
                }
            }
            for (String cursor : List.of(max, cursor("-1000000000-01-01T00:00:00Z 1"), cursor("2026-11-20T10:00:00Z"),
                    cursor("2026-11-20T10:00:00Z 1 2"), cursor("2026-11-20T10:00:00Z 99999999999999999999"),
                    cursor("2026-11-20T10:00:00Z 1\u0000"), cursor(" "), "%F0%9F%98%80", "a%00", "=", "!")) {
                refusedRaw(list + "?cursor=" + cursor, "cursor ");
            }
            for (String limit : List.of("0", "-1", "501", "99999999999", "1e2", "%00", "")) {
                refusedRaw(list + "?limit=" + limit, "limit is ");
            }
            // Spring Security refuses such names before anybody looks at them.
            assertThat(operator.getForEntity(URI.create(anybody.getRootUri() + "/api/v1/" + list + "?%00=1"),
                    String.class).getStatusCode().value()).isEqualTo(400);
        }
        refusedRaw("rejected?state=%00", "state is ");
        refusedRaw("outcomes?outcome=DELIVERED", "outcome is ");
        refusedRaw("conflicts?winner=nobody", "winner is ");
        refusedRaw("conflicts?field=a%00", "field is ");
        refusedRaw("rejected/99999999999999999999/payload", "id");
        assertThat(json("/api/v1/outcomes?record=guest:0123&since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z")
                .at("/items")).isEmpty();
    }

    @Test
    void craftedBodiesAreRefused() {
        String order = "\"crm\": \"hubspot\", \"store\": \"main\", \"payload\"";
        for (String body : List.of("", "{", "[]", "5", "{\"payload\": []}", "{\"payload\": {}, \"crm\": {}}",
                "{" + order + ": {\"id\": 1}, \"topic\": \"\\u0000\"}", "{" + order + ": {\"id\": 1}, \"topic\": []}",
                "{" + order + ": {\"id\": {}}, \"topic\": \"orders/create\"}",
                "{" + order + ": {\"id\": 1, \"line_items\": [5]}, \"topic\": \"orders/create\"}",
                "{" + order + ": {\"id\": 1, \"line_items\": [{\"id\": 1, \"unit_price\": \"5\"}]},"
                        + " \"topic\": \"orders/create\"}",
                "{" + order + ": {\"id\": 1, \"email\": \"a\"}, \"topic\": \"customers/update\", \"crm_has\": [5]}",
                "{" + order + ": " + "[".repeat(5000) + "]".repeat(5000) + "}")) {
            HttpHeaders json = new HttpHeaders();
            json.setContentType(MediaType.APPLICATION_JSON);
            ResponseEntity<String> answer = operator.exchange("/api/v1/map", HttpMethod.POST,
                    new HttpEntity<>(body, json), String.class);
            assertThat(answer.getStatusCode().value()).as(body.substring(0, Math.min(200, body.length())))
                    .isIn(200, 400);
        }
    }

    @Test
    void aBodyThatIsMisspelledIsRefusedByName() {
        when(adminApi.isConfigured("main")).thenReturn(true);
        when(shopify.exported()).thenReturn(List.of("customer", "order"));
        assertThat(backfill("main", "order", ", \"dryRun\": true").getBody())
                .as("it would be a real one").contains("\"status\":400", "a key that does not exist here: \\\"dryRun\\\"."
                        + " There are dry_run, entities, figures_before, since, store.");
        assertThat(backfill("main", "order", ", \"since\": \"01/02/2026\"").getBody())
                .contains("\"status\":400", "since must be a day, as in \\\"2026-01-31\\\".").doesNotContain("01/02");
        assertThat(backfill("main", "order", ", \"dry_run\": \"perhaps\"").getBody())
                .contains("\"status\":400", "dry_run must be true or false.");
        assertThat(backfill("main", "order", ", \"since\": 2025").getBody()).contains("since must be a day, as in");
        assertThat(reconcile("{\"crm\": \"hubspot\", \"entities\": \"order\"}").getBody())
                .contains("entities must be a list.");
        assertThat(reconcile("{\"crm\": \"hubspot\", \"repair_most\": 99999999999999999999}").getBody())
                .contains("repair_most must be");
        for (String day : List.of("+999999999-12-31", "-999999999-01-01", "2062-01-01", "0000-01-01")) {
            assertThat(backfill("main", "order", ", \"since\": \"" + day + "\"").getStatusCode().value()).as(day)
                    .isEqualTo(400);
        }
        for (String since : List.of("+1000000000-12-31T23:59:59Z", "-1000000000-01-01T00:00:00Z", "2062-01-01T00:00:00Z")) {
            assertThat(reconcile("{\"crm\": \"hubspot\", \"since\": \"" + since + "\"}").getBody())
                    .contains("\"status\":400", "it must be a time that is over");
        }
        assertThat(reconcile("{\"crm\": \"hubspot\", \"repair\": [null]}").getStatusCode().value()).isEqualTo(400);
        assertThat(reconcile("{\"crm\": \"hubspot\", \"entities\": [null]}").getStatusCode().value()).isEqualTo(400);
        assertThat(reconcile("{").getBody()).contains("The body must be a JSON object");
        assertThat(database.sql("SELECT count(*) FROM backfill WHERE ended_at IS NULL").query(Long.class).single()).isZero();
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void aDatabaseThatIsAwayIsNotAFaultOfTheRequest(CapturedOutput log) {
        when(refreshQueue.waiting()).thenThrow(new CannotGetJdbcConnectionException("Failed to obtain JDBC Connection"));
        ResponseEntity<String> answer = operator.getForEntity("/api/v1/refreshes", String.class);
        assertThat(answer.getStatusCode().value()).isEqualTo(503);
        assertThat(answer.getBody()).contains("The database does not answer");
        assertThat(log).doesNotContain("CannotGetJdbcConnectionException");
    }

    private static String cursor(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private void refusedRaw(String pathAndQuery, String why) {
        ResponseEntity<JsonNode> answer =
                operator.getForEntity(URI.create(anybody.getRootUri() + "/api/v1/" + pathAndQuery), JsonNode.class);
        assertThat(answer.getStatusCode().value()).as(pathAndQuery).isEqualTo(400);
        assertThat(answer.getBody().get("detail").asText()).as(pathAndQuery).contains(why);
    }

    @Test
    void forwardedHeadersCountOnlyFromAProxyThatIsTrusted() throws SocketException {
        Map<String, String> forwarded = Map.of("X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https",
                "X-Forwarded-Port", "444", "Forwarded", "host=evil.example");
        assertThat(location("http://127.0.0.1", forwarded)).as("this machine is").startsWith("https://evil.example");

        String other = NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .map(InetAddress::getHostAddress).findFirst().orElse(null);
        assumeThat(other).as("an address of this machine beside the loopback one").isNotNull();
        assertThat(location("http://" + other, forwarded)).as("others aren't").startsWith("http://" + other);
    }

    private String location(String host, Map<String, String> headers) {
        HttpHeaders all = new HttpHeaders();
        headers.forEach(all::set);
        int port = URI.create(anybody.getRootUri()).getPort();
        ResponseEntity<String> answer = operator.withRequestFactorySettings(settings -> settings.withRedirects(
                        org.springframework.boot.http.client.ClientHttpRequestFactorySettings.Redirects.DONT_FOLLOW))
                .exchange(URI.create(host + ":" + port + "/rejected/" + rejectRecord() + "/replay"), HttpMethod.POST,
                        new HttpEntity<>(null, all), String.class);
        assertThat(answer.getStatusCode().value()).isEqualTo(302);
        return answer.getHeaders().getFirst("Location");
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void aRejectedRecordIsReplayedOnce(CapturedOutput log) {
        long id = rejectRecord();
        database.sql("INSERT INTO work"
                + " (crm, store, entity, record_id, generation, attempts, due_at, waits_for, because)"
                + " VALUES ('hubspot', 'main', 'customer', '1', 4, 9, now() + interval '1 day', 'customer/2', 'x')")
                .update();
        JsonNode listed = json("/api/v1/rejected").at("/items/0");
        assertThat(listed.at("/errors/0").asText()).isEqualTo("LastName is too long");
        assertThat(listed.get("payload").isNull()).isTrue();

        ResponseEntity<JsonNode> answer = operator.postForEntity(
                "/api/v1/rejected/" + id + "/replay", null, JsonNode.class);
        assertThat(answer.getStatusCode().value()).isEqualTo(202);
        assertThat(answer.getBody().get("done").asText())
                .isEqualTo("customer 1 of store main is due for hubspot now.");
        assertThat(database.sql("SELECT generation, attempts, due_at <= now() AS due, waits_for, because FROM work")
                .query().singleRow()).containsEntry("generation", 5L).containsEntry("attempts", 0)
                .containsEntry("due", true).containsEntry("waits_for", null).containsEntry("because", null);

        ResponseEntity<JsonNode> again = operator.postForEntity(
                "/api/v1/rejected/" + id + "/replay", null, JsonNode.class);
        assertThat(log.getAll()).containsOnlyOnce("operator replayed rejection " + id);
        assertThat(again.getStatusCode().value()).isEqualTo(409);
        assertThat(again.getHeaders().getContentType()).hasToString("application/problem+json");
        assertThat(again.getBody().get("detail").asText()).contains("was replayed at");
        assertThat(json("/api/v1/rejected").at("/items")).isEmpty();
        assertThat(json("/api/v1/rejected?state=all").at("/items")).hasSize(1);
    }

    @Test
    void whatAnOperatorDidIsInTheAudit() {
        long id = rejectRecord();
        operator.postForEntity("/api/v1/rejected/" + id + "/done", null, JsonNode.class);
        operator.postForEntity("/api/v1/rejected/" + id + "/done", null, JsonNode.class);
        JsonNode entries = json("/api/v1/audit?who=operator&did=closed&limit=500").get("items");
        assertThat(entries).filteredOn(entry -> entry.get("what").asText().equals("rejection " + id))
                .as("once: what was refused was not done").singleElement().satisfies(entry -> {
                    assertThat(entry.get("from").asText()).isEqualTo("127.0.0.1");
                    assertThat(Instant.parse(entry.get("at").asText())).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
                });
        assertThat(json("/api/v1/audit?who=shopbridge&did=took%20in").at("/items/0/details/files"))
                .as("the mappings that run").isNotEmpty();
    }

    @Test
    void aRejectedEventIsReadAgainWhileItsPayloadIsKept() {
        byte[] body = "{\"broken".getBytes(StandardCharsets.UTF_8);
        long inbox = database.sql("INSERT INTO inbox (store, topic, webhook_id, fingerprint, body)"
                + " VALUES ('main', 'orders/create', 'w1', '\\x00', ?) RETURNING id")
                .param(body).query(Long.class).single();
        long id = rejectEvent(inbox);
        assertThat(json("/api/v1/rejected").at("/items/0/payload/size").asInt()).isEqualTo(body.length);
        ResponseEntity<byte[]> payload = operator.getForEntity("/api/v1/rejected/" + id + "/payload", byte[].class);
        assertThat(payload.getBody()).isEqualTo(body);
        assertThat(payload.getHeaders().getContentType()).hasToString("application/octet-stream");
        assertThat(payload.getHeaders().getCacheControl()).isEqualTo("no-store");

        assertThat(operator.postForEntity("/api/v1/rejected/" + id + "/replay", null, JsonNode.class)
                .getBody().get("replayed").asText()).isEqualTo("event");
        assertThat(database.sql("SELECT id FROM inbox_waiting").query(Long.class).list()).containsExactly(inbox);
        assertThat(state(id)).isEqualTo("replayed");

        long expired = rejectEvent(99);
        ResponseEntity<JsonNode> refused = operator.postForEntity(
                "/api/v1/rejected/" + expired + "/replay", null, JsonNode.class);
        assertThat(refused.getStatusCode().value()).isEqualTo(409);
        assertThat(refused.getBody().get("detail").asText()).contains("has expired");
        assertThat(state(expired)).isEqualTo("open");
    }

    @Test
    void anUnknownRejectionIsNotFound() {
        assertThat(operator.postForEntity("/api/v1/rejected/404/replay", null, JsonNode.class)
                .getBody().get("detail").asText()).isEqualTo("There is no rejection 404.");
        assertThat(operator.getForEntity("/api/v1/rejected/404/payload", String.class).getStatusCode().value())
                .isEqualTo(404);
        assertThat(operator.postForEntity("/api/v1/rejected/x/replay", null, String.class).getStatusCode().value())
                .isEqualTo(400);
    }

    @Test
    void statusSaysHowFarEachCrmIsBehind() {
        seedBacklog();
        Backlog backlog = status().backlog();
        assertThat(backlog.inboxWaiting()).isEqualTo(2);
        assertThat(backlog.rejectedEvents()).isEqualTo(1);
        assertThat(backlog.stores()).containsExactly(new Backlog.Store("main", 1, 1));
        assertThat(backlog.crms()).extracting(Backlog.Crm::crm).containsExactly("hubspot", "pipedrive");
        Backlog.Crm hubspot = backlog.crms().get(0);
        assertThat(hubspot.workWaiting()).isEqualTo(2);
        assertThat(hubspot.workDue()).isEqualTo(1);
        assertThat(hubspot.workRetrying()).isEqualTo(1);
        assertThat(hubspot.lagMs()).isBetween(60_000L, 120_000L);
        assertThat(hubspot.rejectedOpen()).isEqualTo(1);
        assertThat(hubspot.heldOpen()).isZero();
        assertThat(backlog.crms().get(1).pausedBecause()).isEqualTo("it asked us to wait");
        assertThat(backlog.crms().get(1).pausedSince()).isNotNull();
        assertThat(status().outcomes()).extracting(OutcomeCount::outcome).isEqualTo(Outcome.NAMES);

        JsonNode status = json("/api/v1/status");
        assertThat(status.has("inbox_waiting")).isTrue();
        assertThat(status.get("outcomes")).hasSize(Outcome.NAMES.size());
    }

    @Test
    void gaugesFollowTheBacklog() {
        seedBacklog();
        io.micrometer.core.instrument.simple.SimpleMeterRegistry fresh =
                new io.micrometer.core.instrument.simple.SimpleMeterRegistry();
        new BacklogMetrics(status()).bindTo(fresh);
        assertThat(fresh.get("shopbridge.inbox.waiting").tag("store", "main").gauge().value()).isEqualTo(1);
        assertThat(fresh.get("shopbridge.work.waiting").tags("crm", "hubspot", "for", "turn").gauge().value())
                .isEqualTo(1);
        assertThat(fresh.get("shopbridge.work.waiting").tags("crm", "hubspot", "for", "retry").gauge().value())
                .isEqualTo(1);
        assertThat(fresh.get("shopbridge.crm.paused").tag("crm", "hubspot").gauge().value()).isZero();
        fresh.get("shopbridge.rejected.open").tag("crm", "none").gauge().value();     // pipedrive is configured no more
        assertThat(fresh.get("shopbridge.crm.paused").tag("crm", "pipedrive").gauge().value()).isEqualTo(1);
        assertThat(fresh.get("shopbridge.work.lag").tag("crm", "hubspot").gauge().value()).isGreaterThan(59);
        assertThat(fresh.get("shopbridge.rejected.open").tag("crm", "none").gauge().value()).isEqualTo(1);
        assertThat(meters.find("shopbridge.inbox.waiting").gauge()).isNotNull();
        assertThat(operator.getForObject("/actuator/prometheus", String.class)).contains("shopbridge_inbox_waiting");
    }

    @Test
    void everyConfiguredStoreAndCrmIsThereFromTheStart() {
        Backlog backlog = status().backlog();
        assertThat(backlog.stores()).containsExactly(new Backlog.Store("main", 0, 0));
        assertThat(backlog.crms()).containsExactly(Backlog.Crm.idle("hubspot"));

        untilCountedAnew(() -> {
            JsonNode hubspot = json("/api/v1/status").at("/crms/0");
            assertThat(hubspot.get("crm").asText()).isEqualTo("hubspot");
            for (String number : List.of("work_waiting", "work_due", "work_retrying", "waiting_for_record",
                    "waiting_for_person", "lag_ms", "rejected_open", "held_open")) {
                assertThat(hubspot.get(number).asLong(-1)).as(number).isZero();
            }
            assertThat(operator.getForObject("/", String.class)).contains("<span>hubspot</span>", "<span>main</span>");
            assertThat(operator.getForObject("/actuator/prometheus", String.class)).contains(
                    "shopbridge_work_lag_seconds{application=\"shopbridge\",crm=\"hubspot\"} 0.0",
                    "shopbridge_crm_paused{application=\"shopbridge\",crm=\"hubspot\"} 0.0",
                    "shopbridge_inbox_waiting{application=\"shopbridge\",store=\"main\"} 0.0",
                    "shopbridge_work_waiting{application=\"shopbridge\",crm=\"hubspot\",for=\"person\"} 0.0",
                    "shopbridge_rejected_open{application=\"shopbridge\",crm=\"hubspot\",outcome=\"held\"} 0.0");
        });
    }

    @Test
    void waitingForAPersonOrAnotherRecordDoesNotCountAsLag() {
        held("1", "3 days");
        database.sql("INSERT INTO work (crm, store, entity, record_id, marked_at, due_at, waits_for) VALUES"
                + " ('hubspot', 'main', 'order', '10', now() - interval '2 days', now(), 'customer/1'),"
                + " ('hubspot', 'main', 'refund', '11', now() - interval '1 day', now(), 'order/10'),"
                + " ('hubspot', 'main', 'order', '12', now() - interval '1 hour', now(), 'customer/2')").update();

        Backlog.Crm hubspot = status().backlog().crms().get(0);
        assertThat(hubspot.lagMs()).isZero();
        assertThat(hubspot.workDue()).isZero();
        assertThat(hubspot.waitingForRecord()).isEqualTo(1);
        assertThat(hubspot.waitingForPerson()).as("the held customer, its order and what hangs on that").isEqualTo(3);
        assertThat(hubspot.heldOpen()).isEqualTo(1);
        assertThat(Duration.between(hubspot.waitingForRecordSince(), Instant.now()).toMinutes()).isEqualTo(60);
        assertThat(Duration.between(hubspot.waitingForPersonSince(), Instant.now()).toDays()).isEqualTo(3);
        String page = operator.getForObject("/", String.class);
        assertThat(page).contains("no lag", "3 d 0 h");
    }

    @Test
    void aPausedStoreIsShownUntilSomebodyResumesIt() {
        database.sql("INSERT INTO store_pause (store, since, because) VALUES ('main', now() - interval '1 hour',"
                + " 'the app was uninstalled from the shop')").update();
        database.sql("INSERT INTO work (crm, store, entity, record_id) VALUES ('hubspot', 'main', 'customer', '1')")
                .update();
        database.sql("INSERT INTO rejected (store, topic, outcome, errors) VALUES ('main', 'app/uninstalled', 'held',"
                + " '[]'), ('main', 'customers/redact', 'held', '[]')").update();

        assertThat(json("/api/v1/stores").at("/stores/0/paused_because").asText()).isEqualTo(
                "the app was uninstalled from the shop");
        Backlog.Crm hubspot = status().backlog().crms().get(0);
        assertThat(hubspot.waitingForPerson()).isEqualTo(1);
        assertThat(hubspot.workBehind()).as("the CRM is not slow").isZero();
        assertThat(hubspot.lagMs()).isZero();
        assertThat(operator.getForObject("/", String.class)).contains("Store main is paused since 1 h",
                "action=\"/stores/main/resume\"");
        var fresh = new io.micrometer.core.instrument.simple.SimpleMeterRegistry();
        new StorePauseMetrics(stores, pausedStores).bindTo(fresh);
        assertThat(fresh.get("shopbridge.store.paused").tag("store", "main").gauge().value()).isEqualTo(1);

        assertThat(operator.postForEntity("/api/v1/stores/other/resume", null, String.class).getStatusCode().value())
                .isEqualTo(404);
        assertThat(operator.postForEntity("/api/v1/stores/main/resume", null, String.class).getStatusCode().value())
                .isEqualTo(200);
        assertThat(operator.postForEntity("/api/v1/stores/main/resume", null, String.class).getStatusCode().value())
                .isEqualTo(409);
        assertThat(database.sql("SELECT topic FROM rejected WHERE state = 'open'").query(String.class).list())
                .containsExactly("customers/redact");
        assertThat(operator.getForObject("/", String.class)).doesNotContain("is paused since");
    }

    /** Two ways to count one thing side by side would make both doubtful. */
    @Test
    void aHeldRecordCountsOnceHoweverOftenItWasTried() {
        held("1", "3 minutes");
        for (int attempt = 1; attempt <= 5; attempt++) {
            database.sql("INSERT INTO outcome (crm, store, entity, record_id, outcome, attempt) VALUES"
                    + " ('hubspot', 'main', 'customer', '1', 'held', ?)").param(attempt).update();
        }
        untilCountedAnew(() -> {
            JsonNode status = json("/api/v1/status");
            assertThat(status.at("/crms/0/held_open").asInt()).isEqualTo(1);
            assertThat(status.at("/crms/0/rejected_open").asInt()).isZero();
            JsonNode held = status.get("outcomes").get(Outcome.NAMES.indexOf("held"));
            assertThat(held.get("last_hour").asInt()).isEqualTo(1);
        });
        JsonNode listed = json("/api/v1/rejected").at("/items/0");
        assertThat(Duration.between(Instant.parse(listed.get("at").asText()), Instant.now()).toMinutes()).isEqualTo(3);
        assertThat(operator.getForObject("/", String.class)).contains("3 min ");
    }

    @Test
    void aPayloadIsMappedWithoutBeingSent() {
        Map<String, Object> customer = Map.of("id", 9007199254740993L, "email", "ADA@example.com",
                "verified_email", true);

        JsonNode answer = operator.postForObject("/api/v1/map", Map.of("payload", customer), JsonNode.class);

        assertThat(answer.at("/records/0/outcome").asText()).isEqualTo("created");
        assertThat(answer.at("/records/0/requests/0/body/inputs/0/id").asText()).isEqualTo("main:9007199254740993");
        assertThat(answer.at("/records/0/canonical/id").asText()).isEqualTo("9007199254740993");
        assertThat(database.sql("SELECT count(*) FROM inbox").query(Long.class).single()).isZero();
    }

    @Test
    void aGraphqlAnswerIsMappedToo() {
        Map<String, Object> customer = Map.of("__typename", "Customer", "id", "gid://shopify/Customer/9007199254740993",
                "lastName", "Berg", "defaultEmailAddress", Map.of("emailAddress", "ADA@example.com"));

        JsonNode answer = operator.postForObject("/api/v1/map",
                Map.of("payload", Map.of("data", Map.of("customer", customer))), JsonNode.class);

        assertThat(answer.at("/note").asText()).isEqualTo("a GraphQL answer with 1 Customer");
        assertThat(answer.at("/records/0/requests/0/body/inputs/0/id").asText()).isEqualTo("main:9007199254740993");
    }

    @Test
    void whatCannotBeMappedIsAnsweredWithASentence() {
        Map<Map<String, Object>, String> wrong = Map.of(
                Map.of(), "payload: missing",
                Map.of("payload", Map.of("id", 1)), "topic can't be guessed",
                Map.of("payload", Map.of("id", 1), "crm", "hubspto"), "hubspot",
                Map.of("payload", Map.of("errors", "Not Found")), "The answer has errors: Not Found",
                Map.of("payload", Map.of(), "topic", "customers/update"), "id is missing");
        wrong.forEach((request, detail) -> {
            ResponseEntity<JsonNode> answer = operator.postForEntity("/api/v1/map", request, JsonNode.class);
            assertThat(answer.getStatusCode().value()).isEqualTo(400);
            assertThat(answer.getBody().path("detail").asText()).contains(detail);
        });
    }

    @Test
    void conflictsComeNewestFirstInPagesAndAreFiltered() {
        for (int i = 1; i <= 3; i++) {
            database.sql("INSERT INTO conflict (at, crm, store, entity, record_id, crm_id, field, winner, shopify_hash,"
                    + " crm_hash, shopify_at) VALUES ('2026-11-20T10:00:00Z', 'hubspot', 'main', 'customer', ?, '501',"
                    + " 'phone', ?, 'aa', 'bb', '2026-11-20T09:00:00Z')")
                    .param(Integer.toString(i)).param(i == 2 ? "crm" : "shopify").update();
        }
        JsonNode first = json("/api/v1/conflicts?limit=2");
        assertThat(first.get("items").findValuesAsText("record")).containsExactly("3", "2");
        JsonNode rest = json("/api/v1/conflicts?limit=2&cursor=" + first.get("next").asText());
        assertThat(rest.get("items").findValuesAsText("record")).containsExactly("1");
        assertThat(rest.get("next").isNull()).isTrue();
        JsonNode lost = json("/api/v1/conflicts?winner=crm&field=phone&crm=hubspot").get("items");
        assertThat(lost).hasSize(1);
        assertThat(lost.get(0).get("shopify_hash").asText()).isEqualTo("aa");
        assertThat(lost.get(0).get("shopify_at").asText()).isEqualTo("2026-11-20T09:00:00Z");
        assertThat(lost.get(0).get("crm_at").isNull()).isTrue();
        assertThat(operator.getForEntity("/api/v1/conflicts?winner=nobody", String.class).getStatusCode().value())
                .isEqualTo(400);
        assertThat(operator.getForEntity("/", String.class).getBody()).contains("conflicts");
    }

    @Test
    void theApiDescribesItself() {
        JsonNode paths = json("/v3/api-docs").get("paths");
        assertThat(paths.fieldNames()).toIterable().containsExactlyInAnyOrder("/api/v1/outcomes", "/api/v1/rejected",
                "/api/v1/conflicts", "/api/v1/left-out", "/api/v1/rejected/{id}/replay", "/api/v1/rejected/{id}/done",
                "/api/v1/rejected/{id}/payload", "/api/v1/rejected/{id}/decision", "/api/v1/status", "/api/v1/map",
                "/api/v1/polls", "/api/v1/polls/{store}/{entity}", "/api/v1/refreshes", "/api/v1/stores", "/api/v1/stores/{store}/resume", "/api/v1/stores/{store}/subscriptions",
                "/api/v1/stores/{store}/subscriptions/mend", "/api/v1/backfills", "/api/v1/backfills/{id}",
                "/api/v1/backfills/{id}/pause", "/api/v1/backfills/{id}/resume", "/api/v1/backfills/{id}/cancel",
                "/api/v1/backfills/cutoff/{store}",
                "/api/v1/audit", "/api/v1/explanations", "/api/v1/exports", "/api/v1/exports/{what}",
                "/api/v1/plans", "/api/v1/plans/{id}", "/api/v1/plans/{id}/apply", "/api/v1/plans/{id}/pause",
                "/api/v1/plans/{id}/resume", "/api/v1/plans/{id}/cancel",
                "/api/v1/reconciliations", "/api/v1/reconciliations/{id}", "/api/v1/reconciliations/{id}/report",
                "/api/v1/reconciliations/{id}/pause", "/api/v1/reconciliations/{id}/resume",
                "/api/v1/reconciliations/{id}/cancel", "/api/v1/recounts", "/api/v1/recounts/{id}",
                "/api/v1/recounts/{id}/cancel");
        assertThat(paths.at("/~1api~1v1~1outcomes/get/parameters").findValuesAsText("name"))
                .containsExactlyInAnyOrderElementsOf(OutcomeQuery.NAMES);
    }

    @Test
    void aBackfillIsStartedOnceAndWhatCannotBeIsRefused() {
        when(adminApi.isConfigured("main")).thenReturn(true);
        when(shopify.exported()).thenReturn(List.of("customer", "order"));
        assertThat(backfill("elsewhere", "order").getStatusCode().value()).isEqualTo(404);
        assertThat(backfill("main", "product").getBody()).contains("entities must be some of customer, order");
        long id = read(backfill("main", "order")).path(0).path("id").asLong();
        assertThat(read(backfill("main", "order")).path(0).path("id").asLong()).isEqualTo(id);
        assertThat(read(backfill("main", "order\", \"order"))).as("what is named twice is one").hasSize(1);
        assertThat(operator.postForEntity("/api/v1/backfills/" + id + "/cancel", null, String.class).getBody())
                .contains("\"state\":\"cancelled\"", "what it brought stays");
        assertThat(operator.postForEntity("/api/v1/backfills/" + id + "/pause", null, String.class).getStatusCode()
                .value()).isEqualTo(409);
        assertThat(operator.getForEntity("/api/v1/backfills/0", String.class).getStatusCode().value()).isEqualTo(404);
        when(adminApi.isConfigured("main")).thenReturn(false);
        assertThat(backfill("main", "order").getBody()).contains("has no access to Shopify's Admin API");
    }

    /** 2062 for 2026 would keep every new order from the CRMs. */
    @Test
    void aDayOfFiguresBeforeIsNotInTheFutureNotAnotherThanThatUnderWayAndCanBeRemoved() {
        when(adminApi.isConfigured("main")).thenReturn(true);
        when(shopify.exported()).thenReturn(List.of("customer", "order"));
        assertThat(backfill("main", "order", ", \"figures_before\": \"2062-01-01\"").getBody())
                .contains("\"status\":400", "2062-01-01 is in the future");
        assertThat(database.sql("SELECT count(*) FROM backfill WHERE ended_at IS NULL").query(Long.class).single()).isZero();

        String day = ", \"figures_before\": \"2024-01-01\"";
        long id = read(backfill("main", "order", day)).path(0).path("id").asLong();
        assertThat(read(backfill("main", "order", day)).path(0).path("id").asLong()).isEqualTo(id);
        assertThat(backfill("main", "order", ", \"figures_before\": \"2023-01-01\"").getBody())
                .contains("\"status\":409", "under way with since not given and figures_before 2024-01-01");
        assertThat(backfill("main", "order", day + ", \"since\": \"2023-01-01\"").getStatusCode().value()).isEqualTo(409);
        assertThat(removeCutoff("main").getBody()).contains("\"status\":409", "sets figures_before 2024-01-01 when");
        operator.postForEntity("/api/v1/backfills/" + id + "/cancel", null, String.class);
        assertThat(removeCutoff("main").getStatusCode().value()).as("it never began").isEqualTo(404);
        assertThat(removeCutoff("elsewhere").getStatusCode().value()).isEqualTo(404);

        database.sql("INSERT INTO order_cutoff (store, before) VALUES ('main', '2024-01-01')").update();
        assertThat(removeCutoff("main").getStatusCode().value()).isEqualTo(204);
        assertThat(database.sql("SELECT count(*) FROM order_cutoff").query(Long.class).single()).isZero();
        assertThat(operator.getForObject("/api/v1/audit", String.class)).contains("figures_before 2024-01-01 of store main");
    }

    private ResponseEntity<String> removeCutoff(String store) {
        return operator.exchange("/api/v1/backfills/cutoff/" + store, HttpMethod.DELETE, null, String.class);
    }

    @Test
    void aPollIsStartedOfWhatIsPolledAndNotFromLongAgo() {
        Store main = stores.get("main");
        when(extraPolls.of("main")).thenReturn(Set.of("order"));
        when(extraPolls.start(eq(main), any(), any())).then(call -> Stream.of("order")
                .filter(call.<Predicate<String>>getArgument(1)).collect(Collectors.toSet()));
        assertThat(poll("main/order").getStatusCode().value()).isEqualTo(202);
        Instant since = Instant.now().minus(Duration.ofDays(2)).truncatedTo(ChronoUnit.SECONDS);
        assertThat(poll("main/order?since=" + since).getBody()).contains("\"since\":\"" + since + "\"");
        verify(extraPolls).start(eq(main), any(), eq(since));
        assertThat(poll("main/order?since=2026-01-01T00:00:00Z").getBody()).contains("30 days back at most");
        assertThat(poll("main/order?since=2062-01-01T00:00:00Z").getBody()).contains("\"status\":400",
                "it must be a time that is over");
        assertThat(poll("main/order?since=yesterday").getStatusCode().value()).isEqualTo(400);
        assertThat(poll("main/cart").getBody()).contains("Of store main these are polled: order.");
        assertThat(poll("elsewhere/order").getStatusCode().value()).isEqualTo(404);
        database.sql("INSERT INTO store_pause (store, since, because) VALUES ('main', now(), 'a test')").update();
        try {
            assertThat(poll("main/order").getStatusCode().value()).isEqualTo(409);
        } finally {
            database.sql("DELETE FROM store_pause").update();
        }
    }

    @Test
    void whoResumesAStoreIsToldWhatNoPollReaches() {
        when(extraPolls.start(eq(stores.get("main")), any(), any())).thenReturn(Set.of("customer"));
        database.sql("INSERT INTO store_pause (store, since, because) VALUES ('main', now() - interval '40 days', 'a test')")
                .update();
        assertThat(operator.postForEntity("/api/v1/stores/main/resume", null, String.class).getBody())
                .contains("\"advice\":\"A poll reads 30 days back at most", "backfill --store main --entities customer");
    }

    private ResponseEntity<String> poll(String what) {
        return operator.postForEntity("/api/v1/polls/" + what, null, String.class);
    }

    @Test
    void aReconciliationIsStartedOnceAndWhatCannotBeIsRefused() {
        assertThat(reconcile("{\"crm\": \"elsewhere\"}").getStatusCode().value()).isEqualTo(404);
        assertThat(reconcile("{\"crm\": \"hubspot\", \"entities\": [\"tea\"]}").getBody())
                .contains("entities must be some of company, customer");
        assertThat(reconcile("{\"crm\": \"hubspot\", \"repair\": [\"orphaned\"]}").getBody())
                .contains("there is nothing to repair by \\\"orphaned\\\"");
        JsonNode first = read(reconcile("{\"crm\": \"hubspot\", \"repair\": [\"all\"], \"repair_most\": 5}"));
        assertThat(first.path("entities").toString()).startsWith("[\"company\",\"customer\"");
        assertThat(read(reconcile("{\"crm\": \"hubspot\"}")).path("id")).isEqualTo(first.path("id"));
        String path = "/api/v1/reconciliations/" + first.path("id").asLong();
        assertThat(json(path).path("repair").toString()).contains("missing", "edited").doesNotContain("orphaned");
        assertThat(operator.getForEntity(path + "/report", String.class).getBody()).contains("# Reconciliation", "None.");
        assertThat(operator.postForEntity(path + "/cancel", null, String.class).getBody())
                .contains("\"state\":\"cancelled\"");
        assertThat(operator.postForEntity(path + "/pause", null, String.class).getStatusCode().value()).isEqualTo(409);
        assertThat(operator.getForEntity("/api/v1/reconciliations/0", String.class).getStatusCode().value()).isEqualTo(404);
    }

    private ResponseEntity<String> reconcile(String request) {
        HttpHeaders headers = new HttpHeaders();
        headers.setContentType(MediaType.APPLICATION_JSON);
        return operator.postForEntity("/api/v1/reconciliations", new HttpEntity<>(request, headers), String.class);
    }

    private static JsonNode read(ResponseEntity<String> answer) {
        try {
            return new ObjectMapper().readTree(answer.getBody());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private ResponseEntity<String> backfill(String store, String entity) {
        return backfill(store, entity, "");
    }

    private ResponseEntity<String> backfill(String store, String entity, String more) {
        HttpHeaders headers = new HttpHeaders();
        headers.setContentType(MediaType.APPLICATION_JSON);
        return operator.postForEntity("/api/v1/backfills", new HttpEntity<>("{\"store\": \"" + store
                + "\", \"entities\": [\"" + entity + "\"]" + more + "}", headers), String.class);
    }

    @Test
    void theConsoleEscapesWhatIsInTheTables() {
        seedBacklog();
        database.sql("INSERT INTO outcome (crm, store, entity, record_id, outcome, because) VALUES"
                + " ('hubspot', 'main', 'customer', '1', 'skipped', '<script>alert(1)</script>')").update();
        ResponseEntity<String> page = operator.getForEntity("/", String.class);
        assertThat(page.getBody()).contains("&lt;script&gt;", "action=\"/rejected/", "LastName is too long")
                .doesNotContain("<script");
        assertThat(page.getHeaders().getFirst("Content-Security-Policy")).startsWith("default-src 'none'");
    }

    @Test
    void theConsoleReadsWellWithoutData() {
        assertThat(operator.getForObject("/", String.class))
                .contains("No events yet", "No record is rejected");
    }

    @Test
    void theConsoleSaysWhyItCannotReplay() {
        ResponseEntity<String> page = operator.postForEntity("/rejected/12/replay", null, String.class);
        assertThat(page.getStatusCode().value()).isEqualTo(404);
        assertThat(page.getBody()).contains("There is no rejection 12.");
    }

    private void seedBacklog() {
        rejectRecord();
        rejectEvent(1);
        database.sql("INSERT INTO inbox (store, topic, webhook_id, fingerprint, body)"
                + " VALUES ('main', 'orders/create', 'w', '\\x00', '\\x00')").update();
        database.sql("INSERT INTO inbox_waiting VALUES (1), (2)").update();
        database.sql("INSERT INTO crm_pause VALUES ('pipedrive', now() + interval '1 minute', 'it asked us to wait'),"
                + " ('old', now() - interval '1 minute', 'over')").update();
        database.sql("INSERT INTO work (crm, store, entity, record_id, marked_at, due_at) VALUES"
                + " ('hubspot', 'main', 'customer', '1', now() - interval '1 minute', now()),"
                + " ('hubspot', 'main', 'customer', '2', now(), now() + interval '1 hour')").update();
    }

    private Status status() {
        return new Status(database, stores, crms);
    }

    /** Held that long ago for the first time, and met again just now. */
    /** Counts that took long are kept for as long as half a minute, so there may be some of another test. */
    private static void untilCountedAnew(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(assertion);
    }

    private void held(String customer, String age) {
        database.sql("INSERT INTO rejected (crm, store, entity, record_id, outcome, errors, at) VALUES ('hubspot',"
                + " 'main', 'customer', ?, 'held', '[\"two contacts\"]', now() - ?::interval)")
                .param(customer).param(age).update();
    }

    private long rejectRecord() {
        return database.sql("INSERT INTO rejected (crm, store, entity, record_id, outcome, errors) VALUES ('hubspot',"
                + " 'main', 'customer', '1', 'rejected', '[\"LastName is too long\"]') RETURNING id")
                .query(Long.class).single();
    }

    private long rejectEvent(long inbox) {
        return database.sql("INSERT INTO rejected (store, topic, outcome, errors, inbox_id) VALUES ('main',"
                + " 'orders/create', 'rejected', '[\"not JSON\"]', ?) RETURNING id")
                .param(inbox).query(Long.class).single();
    }

    private String state(long id) {
        return database.sql("SELECT state FROM rejected WHERE id = ?").param(id).query(String.class).single();
    }

    private JsonNode json(String path) {
        ResponseEntity<JsonNode> answer = operator.getForEntity(java.net.URI.create(
                operator.getRootUri() + path), JsonNode.class);
        assertThat(answer.getStatusCode().value()).as(path).isEqualTo(200);
        return answer.getBody();
    }

    private void refused(String path, String why) {
        ResponseEntity<JsonNode> answer = operator.getForEntity(path, JsonNode.class);
        assertThat(answer.getStatusCode().value()).as(path).isEqualTo(400);
        assertThat(answer.getHeaders().getContentType()).hasToString("application/problem+json");
        assertThat(answer.getBody().get("detail").asText()).contains(why);
    }

    private ResponseEntity<String> send(String path, Map<String, String> headers) {
        HttpHeaders all = new HttpHeaders();
        headers.forEach(all::set);
        return operator.withRequestFactorySettings(settings -> settings.withRedirects(
                        org.springframework.boot.http.client.ClientHttpRequestFactorySettings.Redirects.DONT_FOLLOW))
                .exchange(path, HttpMethod.POST, new HttpEntity<>(null, all), String.class);
    }
}
