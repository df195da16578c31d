package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shopbridge.TestDatabase;
import io.shopbridge.connect.RouteTemplates;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.AdminDouble.Reply;
import io.shopbridge.store.ShopbridgeSettings;
import io.shopbridge.store.Stores;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ClassPathBeanDefinitionScanner;
import org.springframework.jdbc.core.JdbcTemplate;

/** Calls to the Admin API through the shipped routes, with a database; each test has a store of its own. */
class AdminApiIT {

    private static final List<String> STORES = List.of("plain", "fault", "lost", "locked", "throttled",
            "costly", "rejected", "granted", "revoked",
            "newer", "counted");
    /** Which get their access token by client id and secret. */
    private static final Set<String> APPS = Set.of("granted", "revoked");
    private static final DefaultCamelContext CAMEL = new DefaultCamelContext();
    private static final MeterRegistry METRICS = new SimpleMeterRegistry();

    private static AdminDouble shops;
    private static TestDatabase database;
    private static AnnotationConfigApplicationContext beans;
    private static AdminApi api;

    @BeforeAll
    static void start() throws Exception {
        shops = new AdminDouble();
        database = TestDatabase.create();
        Flyway.configure().dataSource(database.dataSource()).load().migrate();
        Map<String, String> settings = new HashMap<>(Map.of("shopbridge.stores.main.webhook-secrets", "s"));
        for (String store : STORES) {
            String prefix = "shopbridge.stores." + store;
            settings.putAll(Map.of(prefix + ".domain", store + ".myshopify.com", prefix + ".webhook-secrets", "s",
                    prefix + ".admin.url", shops.url(store)));
            settings.putAll(APPS.contains(store)
                    ? Map.of(prefix + ".admin.client-id", "app", prefix + ".admin.client-secret", "secret-of-app")
                    : Map.of(prefix + ".admin.access-token", "token-of-" + store));
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
    void aLockedShopIsNotAskedAgainAtOnce() {
        shops.answers("locked", new Reply(423, "{\"errors\": \"Locked\"}"));

        assertThatThrownBy(() -> shop("locked")).isInstanceOf(AdminLocked.class)
                .hasMessageContaining("locked the shop of store \"locked\"");
        assertThatThrownBy(() -> shop("locked")).isInstanceOf(AdminLocked.class);
        assertThat(shops.asked("locked")).hasSize(1);
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
    }

    @Test
    void aStoreWithoutAccessSaysWhatToSet() {
        assertThatThrownBy(() -> shop("main")).isInstanceOf(AdminNotConfigured.class)
                .hasMessageContaining("set shopbridge.stores.main.admin.client-id");
        assertThatThrownBy(() -> api.query("plain", "ordres", JsonNodeFactory.instance.objectNode(), Priority.POLL))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("legal: ");
    }

    private static Reply token(String token) {
        return new Reply(200, "{\"access_token\": \"" + token + "\", \"scope\": \"read_orders,read_customers\","
                + " \"expires_in\": 86399}");
    }

    private static AdminAnswer shop(String store) {
        return api.query(store, "shop", JsonNodeFactory.instance.objectNode(), Priority.REFRESH);
    }
}
