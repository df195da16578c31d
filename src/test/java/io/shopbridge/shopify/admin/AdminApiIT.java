package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.shopify.admin.AdminDouble.Reply;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls to the Admin API through the shipped route; each test has a store of its own. */
class AdminApiIT {

    private static final List<String> STORES = List.of("plain", "fault", "lost", "locked");
    private static AdminDouble shops;
    private static RunningShopbridge shopbridge;
    private static AdminApi api;

    @BeforeAll
    static void start() {
        shops = new AdminDouble();
        List<String> settings = new ArrayList<>();
        for (String store : STORES) {
            String prefix = "--shopbridge.stores." + store;
            settings.addAll(List.of(prefix + ".domain=" + store + ".myshopify.com", prefix + ".webhook-secrets=s",
                    prefix + ".admin.url=" + shops.url(store), prefix + ".admin.access-token=token-of-" + store));
        }
        shopbridge = RunningShopbridge.only(settings.toArray(String[]::new));
        api = shopbridge.bean(AdminApi.class);
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
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
        assertThat(shops.asked("locked")).hasSize(1);
    }

    @Test
    void aStoreWithoutAccessSaysWhatToSet() {
        assertThatThrownBy(() -> shop("main")).isInstanceOf(AdminNotConfigured.class)
                .hasMessageContaining("set shopbridge.stores.main.admin.client-id");
        assertThatThrownBy(() -> api.query("plain", "ordres", JsonNodeFactory.instance.objectNode(), Priority.POLL))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("legal: ");
    }

    private static AdminAnswer shop(String store) {
        return api.query(store, "shop", JsonNodeFactory.instance.objectNode(), Priority.REFRESH);
    }
}
