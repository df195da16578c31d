package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shopbridge.TestDatabase;
import io.shopbridge.connect.RouteTemplates;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.AdminDouble.Reply;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.Stores;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.commons.lang3.StringUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ClassPathBeanDefinitionScanner;
import org.springframework.jdbc.core.JdbcTemplate;

/** Calls to the Admin API through the shipped routes, with a database; each test has a store of its own. */
@ExtendWith(OutputCaptureExtension.class)
class AdminApiIT {

    private static final List<String> STORES = List.of("plain", "fault", "lost", "locked", "throttled",
            "costly", "rejected", "shielded", "granted", "revoked", "failing",
            "newer", "counted");
    /** Of the simulated shop, one with a token, the other with client id and secret. */
    private static final List<String> SIMULATED = List.of("shop", "app", "busy");
    /** Which get their access token by client id and secret. */
    private static final Set<String> APPS = Set.of("granted", "revoked");
    private static final DefaultCamelContext CAMEL = new DefaultCamelContext();
    private static final MeterRegistry METRICS = new SimpleMeterRegistry();

    private static final Map<String, SimulatedAdminApi> APIS = new HashMap<>();

    private static AdminDouble shops;
    private static TestDatabase database;
    private static AnnotationConfigApplicationContext beans;
    private static AdminApi api;

    @BeforeAll
    static void start() throws Exception {
        shops = new AdminDouble();
        database = TestDatabase.migrated();
        Map<String, String> settings = new HashMap<>(Map.of("shopbridge.stores.main.webhook-secrets", "s"));
        for (String store : STORES) {
            String prefix = "shopbridge.stores." + store;
            settings.putAll(Map.of(prefix + ".domain", store + ".myshopify.com", prefix + ".webhook-secrets", "s",
                    prefix + ".admin.url", shops.url(store)));
            settings.putAll(APPS.contains(store)
                    ? Map.of(prefix + ".admin.client-id", "app", prefix + ".admin.client-secret", "secret-of-app")
                    : Map.of(prefix + ".admin.access-token", "token-of-" + store));
        }
        for (String store : SIMULATED) {
            ShopModel model = ShopModel.stepping(3, Instant.parse("2026-11-01T08:00:00Z"), Duration.ofSeconds(20))
                    .withCartsAndCompanies();
            AdminOptions options = AdminOptions.defaults().withDomain(store + ".myshopify.com");
            SimulatedAdminApi simulated = SimulatedAdminApi.start(0,
                    store.equals("busy") ? options.withPoints(1000, 2000) : options, model);
            APIS.put(store, simulated);
            model.events(300);
            String prefix = "shopbridge.stores." + store;
            settings.putAll(Map.of(prefix + ".domain", store + ".myshopify.com", prefix + ".webhook-secrets", "s",
                    prefix + ".admin.url", simulated.baseUrl()));
            settings.putAll(store.equals("app") ? Map.of(prefix + ".admin.client-id", "app",
                    prefix + ".admin.client-secret", "sandbox-secret")
                    : Map.of(prefix + ".admin.access-token", Options.DEFAULT_TOKEN));
        }
        beans = new AnnotationConfigApplicationContext();
        beans.registerBean(ShopbridgeSettings.class, () -> new Binder(new MapConfigurationPropertySource(settings))
                .bind("shopbridge", ShopbridgeSettings.class).get());
        beans.registerBean(Stores.class);
        beans.registerBean(Shopify.class, () -> Shopify.load(Path.of("mappings")));
        beans.registerBean(JdbcTemplate.class, () -> new JdbcTemplate(database.dataSource()));
        beans.registerBean(CamelContext.class, () -> CAMEL);
        beans.registerBean(ProducerTemplate.class, () -> CAMEL.createProducerTemplate());
        new ClassPathBeanDefinitionScanner(beans).scan(AdminApi.class.getPackageName(),
                RouteTemplates.class.getPackageName());
        beans.refresh();
        CAMEL.getRegistry().bind("shopifyAdmin", beans.getBean("shopifyAdmin"));
        for (String file : List.of("errors", "4-connect/shopify")) {
            PluginHelper.getRoutesLoader(CAMEL).loadRoutes(PluginHelper.getResourceLoader(CAMEL).resolveResource(
                    "file:" + Path.of("routes", file + ".camel.yaml")));
        }
        CAMEL.getComponent("http", HttpComponent.class).setAutomaticRetriesDisabled(true);
        CAMEL.start();
        beans.getBean(AdminRoutes.class).run(null);
        api = beans.getBean(AdminApi.class);
        beans.getBeansOfType(MeterBinder.class).values().forEach(binder -> binder.bindTo(METRICS));
    }

    @AfterAll
    static void stop() {
        CAMEL.stop();
        beans.close();
        database.close();
        shops.close();
        APIS.values().forEach(SimulatedAdminApi::close);
    }

    @AfterEach
    void everythingWasAsked() {
        shops.assertNothingLeft();
    }

    @Test
    void aQueryIsSentWithItsFragmentsToThePinnedVersion() {
        shops.answers("plain", new Reply(200, "{\"data\": {\"orders\": {\"nodes\": []}}}"));

        AdminAnswer answer = api.query("plain", "order-updated", JsonNodeFactory.instance.objectNode()
                .put("query", "updated_at:>'2026-11-26T10:00:00Z'"), Priority.POLL);

        assertThat(answer.data().at("/orders/nodes").isArray()).isTrue();
        assertThat(answer.denied()).isEmpty();
        AdminDouble.Asked asked = shops.asked("plain").get(0);
        assertThat(asked.path()).isEqualTo("/admin/api/2026-10/graphql.json");
        assertThat(asked.headers()).containsEntry("x-shopify-access-token", "token-of-plain");
        assertThat(asked.json().at("/variables/query").asText()).isEqualTo("updated_at:>'2026-11-26T10:00:00Z'");
        assertThat(asked.json().path("query").asText()).startsWith("#").contains("query OrdersUpdated(")
                .contains("fragment ShopbridgeOrder on Order").contains("fragment ShopbridgeOrderMoney on MoneyBag");
    }

    @Test
    void afterAFaultOrALostAnswerAQueryIsRepeated() {
        shops.answers("fault", new Reply(503, "<html>busy</html>"), new Reply(0, ""),
                new Reply(200, AdminDouble.SHOP));

        assertThat(shop("fault").data().at("/shop/name").asText()).isEqualTo("Test");
        assertThat(shops.asked("fault")).hasSize(3);
    }

    /** A status of 200, so that no breaker ends it. */
    @Test
    void aQueryOnWhichShopifyAlwaysFailsIsTriedFourTimesWithinSeconds() {
        for (int i = 0; i < 4; i++) {
            shops.answers("failing", new Reply(200, "{\"errors\": [{\"message\": \"Internal error\", \"extensions\":"
                    + " {\"code\": \"INTERNAL_SERVER_ERROR\"}}]}"));
        }
        Instant before = Instant.now();
        assertThatThrownBy(() -> shop("failing")).isInstanceOf(AdminBusy.class);
        assertThat(shops.asked("failing")).hasSize(4);
        assertThat(Duration.between(before, Instant.now())).as("300 ms, and then three times as long as before")
                .isGreaterThan(Duration.ofMillis(2500));
    }

    @Test
    void whatGoesOnFailingIsToldTheCallerAndCountedByTheBreakerOfThisShopAlone() {
        for (int i = 0; i < 10; i++) {
            shops.answers("lost", new Reply(500, ""));
        }
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> shop("lost")).isInstanceOf(AdminBusy.class);
        }
        assertThat(shops.asked("lost")).as("the breaker is open").hasSize(10);
        assertThat(shop("plain").data().at("/shop/name").asText()).isEqualTo("Test");
    }

    @Test
    void aLockedShopIsNotAskedAgainAtOnce(CapturedOutput log) {
        shops.answers("locked", new Reply(423, "{\"errors\": \"Locked\"}"));

        assertThatThrownBy(() -> shop("locked")).isInstanceOf(AdminLocked.class)
                .hasMessageContaining("locked the shop of store \"locked\"");
        assertThatThrownBy(() -> shop("locked")).isInstanceOf(AdminLocked.class);
        assertThat(shops.asked("locked")).hasSize(1);
        assertThat(StringUtils.countMatches(log.getAll(), "Shopify has locked the shop of store \"locked\"")).isOne();
    }

    @Test
    void aShopThatTakesUsForAnAttackIsLeftAlone() {
        shops.answers("rejected", new Reply(430, "{}"));

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> shop("rejected")).isInstanceOf(AdminBusy.class).satisfies(e ->
                    assertThat(((AdminBusy) e).getUntil()).isAfter(Instant.now().plusSeconds(60)));
        }
        assertThat(shops.asked("rejected")).hasSize(1);
    }

    /** It comes from a shield before Shopify, which counts calls and not points. */
    @Test
    void aShopThatSaysHowLongToWaitIsLeftAloneForSoLong() {
        shops.answers("shielded", new Reply(429, "{}", Map.of("Retry-After", "120")));

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> shop("shielded")).isInstanceOf(AdminBusy.class).satisfies(e ->
                    assertThat(((AdminBusy) e).getUntil()).isAfter(Instant.now().plusSeconds(60)));
        }
        assertThat(shops.asked("shielded")).hasSize(1);
    }

    @Test
    void aThrottledQueryIsRepeatedAsSoonAsTheBucketHasItsPoints() {
        String cost = """
                "extensions": {"cost": {"requestedQueryCost": 3, "actualQueryCost": %s, "throttleStatus":
                  {"maximumAvailable": 2000, "currentlyAvailable": %s, "restoreRate": 2}}}""";
        shops.answers("throttled", new Reply(200, "{\"errors\": [{\"message\": \"Throttled\", \"extensions\": {\"code\":"
                + " \"THROTTLED\"}}], " + cost.formatted("null", 1) + "}"), new Reply(200, "{\"data\": {\"shop\": {}}, "
                        + cost.formatted(1, 0) + "}"));

        Instant before = Instant.now();
        assertThat(shop("throttled").data().has("shop")).isTrue();
        assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofMillis(900));
        assertThat(shops.asked("throttled")).hasSize(2);

        assertThat(shop("throttled").data().has("shop")).as("waits for three points, at two a second").isTrue();
        assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofMillis(2300));
    }

    @Test
    void aQueryThatCostsTooMuchIsNeverRepeated() {
        shops.answers("costly", new Reply(200, """
                {"errors": [{"message": "Query cost is 1723, which exceeds the single query max cost limit (1000).",
                  "extensions": {"code": "MAX_COST_EXCEEDED"}}]}"""));

        assertThatThrownBy(() -> shop("costly")).isInstanceOf(AdminRefused.class)
                .hasMessageContaining("Query cost is 1723");
        assertThat(shops.asked("costly")).hasSize(1);
    }

    @Test
    void anotherVersionThanTheOneAskedForIsMeasured() {
        shops.answers("newer", new Reply(200, AdminDouble.SHOP, Map.of("X-Shopify-API-Version", "2027-01")));
        shop("newer");
        assertThat(METRICS.get("shopbridge.shopify.version.differs").tag("store", "newer").gauge().value()).isOne();
        assertThat(METRICS.get("shopbridge.shopify.version.differs").tag("store", "plain").gauge().value()).isZero();
    }

    @Test
    void callsAndPointsAreCounted() {
        shops.answers("counted", new Reply(503, ""), new Reply(200, """
                {"data": {"shop": {}}, "extensions": {"cost": {"requestedQueryCost": 3, "actualQueryCost": 2,
                  "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 1998, "restoreRate": 100}}}}"""));
        shop("counted");
        assertThat(METRICS.get("shopbridge.shopify.calls").tag("store", "counted").tag("outcome", "busy")
                .functionCounter().count()).isOne();
        assertThat(METRICS.get("shopbridge.shopify.calls").tag("store", "counted").tag("outcome", "answered")
                .functionCounter().count()).isOne();
        assertThat(METRICS.get("shopbridge.shopify.points").tag("store", "counted").functionCounter().count())
                .isEqualTo(2);
        assertThat(METRICS.get("shopbridge.shopify.points.available").tag("store", "counted").gauge().value())
                .isEqualTo(1998);
    }

    @Test
    void anAppGetsATokenAndANewOneWhenItHasExpiredInTheMiddle() {
        shops.answers("granted", token("first"), new Reply(200, AdminDouble.SHOP), new Reply(401, "{\"errors\":"
                + " \"[API] Invalid API key or access token (unrecognized login or wrong password)\"}"),
                token("second"), new Reply(200, AdminDouble.SHOP));

        shop("granted");
        assertThat(shop("granted").data().at("/shop/name").asText()).isEqualTo("Test");

        List<AdminDouble.Asked> asked = shops.asked("granted");
        assertThat(asked.get(0).path()).isEqualTo("/admin/oauth/access_token");
        assertThat(asked.get(0).body()).contains("grant_type=client_credentials", "client_id=app",
                "client_secret=secret-of-app");
        assertThat(asked).extracting(one -> one.headers().get("x-shopify-access-token"))
                .containsExactly(null, "first", "first", null, "second");
    }

    @Test
    void aTokenThatIsRefusedFromTheBeginningIsNotFetchedAgainAndAgain() {
        shops.answers("revoked", token("first"), new Reply(401, "{\"errors\": \"[API] Invalid API key or access token\"}"),
                new Reply(400, "{\"error\": \"app_not_installed\"}"));

        assertThatThrownBy(() -> shop("revoked")).isInstanceOf(AdminDenied.class)
                .hasMessageContaining("Install the app on the shop again");
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> shop("revoked")).isInstanceOf(AdminDenied.class).hasMessageStartingWith(
                    "Store \"revoked\" gave no access token; it answered 400, app_not_installed. Correct shopbridge")
                    .hasMessageNotContaining("secret-of-app");
        }
        assertThat(shops.asked("revoked")).hasSize(3);
        assertThat(METRICS.get("shopbridge.shopify.calls").tag("store", "revoked").tag("outcome", "denied")
                .functionCounter().count()).isEqualTo(4);
    }

    @Test
    void aStoreWithoutAccessSaysWhatToSet() {
        assertThatThrownBy(() -> shop("main")).isInstanceOf(AdminNotConfigured.class)
                .hasMessageContaining("set shopbridge.stores.main.admin.client-id");
        assertThatThrownBy(() -> api.query("plain", "ordres", JsonNodeFactory.instance.objectNode(), Priority.POLL))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("legal: ");
    }

    @Test
    void theSimulatedShopAnswersEveryQueryOfTheFiles() {
        Collection<GraphqlQuery> all = beans.getBean(Shopify.class).queries().all();
        Set<String> names = all.stream().map(GraphqlQuery::name).collect(Collectors.toSet());
        for (GraphqlQuery query : all) {
            ObjectNode variables = JsonNodeFactory.instance.objectNode();
            String entity = query.name().replaceFirst("-.*", "");
            if (query.name().endsWith("-updated")) {
                variables.put("query", "updated_at:>='2026-11-01T00:00:00Z'");
            } else if (query.name().endsWith("-by-id") && names.contains(entity + "-updated")) {
                AdminAnswer list = api.query("shop", entity + "-updated", JsonNodeFactory.instance.objectNode()
                        .put("query", ""), Priority.REFRESH);
                variables.putArray("ids").add(list.data().elements().next().at("/nodes/0/id").asText());
            } else if (!query.name().equals("shop")) {
                continue;       // a test of its own
            }
            AdminAnswer answer = api.query("shop", query.name(), variables, Priority.REFRESH);
            assertThat(answer.denied()).as(query.name()).isEmpty();
            assertThat(answer.data().elements().next()).as(query.name()).isNotEmpty();
        }
    }

    @Test
    void aSearchThatShopifyDoesNotUnderstandGivesNothingInsteadOfEverything() {
        assertThatThrownBy(() -> api.query("shop", "order-updated", JsonNodeFactory.instance.objectNode()
                .put("query", "updated_on:>='2026-11-01T00:00:00Z'"), Priority.POLL)).isInstanceOf(AdminRefused.class)
                .hasMessage("Shopify left a condition out of the search of order-updated of store shop: updated_on,"
                        + " invalid_field");
    }

    @Test
    void aMissingScopeLeavesTheRestAndIsNamed() {
        APIS.get("shop").grant("read_orders", "read_products");
        try {
            AdminAnswer answer = api.query("shop", "order-updated",
                    JsonNodeFactory.instance.objectNode().put("query", ""), Priority.POLL);
            assertThat(answer.data().at("/orders/nodes/0/id").asText()).isNotEmpty();
            assertThat(answer.inside("orders.nodes")).extracting(AdminAnswer.Denied::path).contains("customer");
            assertThat(answer.denied()).extracting(AdminAnswer.Denied::access)
                    .contains("`read_customers` access scope.");
            assertThatThrownBy(() -> api.query("shop", "customer-updated",
                    JsonNodeFactory.instance.objectNode().put("query", ""), Priority.POLL))
                    .isInstanceOf(AdminDenied.class).hasMessageContaining("read_customers");
        } finally {
            APIS.get("shop").grant("read_orders", "read_customers", "read_products", "read_companies");
        }
    }

    @Test
    void tokensThatEndInTheMiddleOfAPollAreRenewed() {
        double before = answered("app");
        for (int page = 0; page < 3; page++) {
            assertThat(shop("app").data().at("/shop/myshopifyDomain").asText()).isEqualTo("app.myshopify.com");
            APIS.get("app").endTokens();
        }
        assertThat(answered("app") - before).isEqualTo(3);
    }

    @Test
    void aStormOfThrottledQueriesEnds() {
        APIS.get("app").throttle(3);
        assertThat(shop("app").data().at("/shop/myshopifyDomain").asText()).isEqualTo("app.myshopify.com");
        assertThat(METRICS.get("shopbridge.shopify.calls").tag("store", "app").tag("outcome", "throttled")
                .functionCounter().count()).isEqualTo(3);
    }

    /** A page of orders costs more than half of the bucket: without a budget, seven of eight would be throttled. */
    @Test
    void manyCallersShareOneBudget() throws Exception {
        api.query("busy", "order-updated", JsonNodeFactory.instance.objectNode().put("query", ""), Priority.REFRESH);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<AdminAnswer>> calls = Stream.generate(() -> (Callable<AdminAnswer>) () -> api.query("busy",
                    "order-updated", JsonNodeFactory.instance.objectNode().put("query", ""), Priority.BACKFILL))
                    .limit(12).toList();
            for (Future<AdminAnswer> call : threads.invokeAll(calls)) {
                assertThat(call.get().data().at("/orders/nodes")).isNotEmpty();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(METRICS.get("shopbridge.shopify.calls").tag("store", "busy").tag("outcome", "throttled")
                .functionCounter().count()).isLessThan(5);
    }

    private static double answered(String store) {
        return METRICS.get("shopbridge.shopify.calls").tag("store", store).tag("outcome", "answered").functionCounter()
                .count();
    }

    private static Reply token(String token) {
        return new Reply(200, "{\"access_token\": \"" + token + "\", \"scope\": \"read_orders,read_customers\","
                + " \"expires_in\": 86399}");
    }

    private static AdminAnswer shop(String store) {
        return api.query(store, "shop", JsonNodeFactory.instance.objectNode(), Priority.REFRESH);
    }
}
