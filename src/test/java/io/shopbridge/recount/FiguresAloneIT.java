package io.shopbridge.recount;

import static io.shopbridge.RunningShopbridge.FORMS;
import static io.shopbridge.RunningShopbridge.FORMS_DOMAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.AdminOptions;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.ShopModel;
import io.shopbridge.sandbox.shop.SimulatedAdminApi;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;

/** A store whose only CRM gets no orders, but what they add to its customers' figures. */
class FiguresAloneIT {

    @Test
    void itsOrdersAreSubscribedToRefreshedAndRecounted() {
        ShopModel model = ShopModel.stepping(3, Instant.now().minus(Duration.ofMinutes(50)).truncatedTo(ChronoUnit.SECONDS),
                Duration.ofSeconds(3));
        List<ShopEvent> events = model.events(100);
        String prefix = "--shopbridge.stores." + FORMS + ".";
        try (SimulatedAdminApi shop = SimulatedAdminApi.start(0, AdminOptions.defaults().withDomain(FORMS_DOMAIN)
                .withJourneyDelay(Duration.ZERO), model);
                RunningShopbridge shopbridge = RunningShopbridge.with(prefix + "crms=figures",
                        prefix + "admin.url=" + shop.baseUrl(), prefix + "admin.access-token=" + Options.DEFAULT_TOKEN,
                        "--shopbridge.subscriptions.address=https://bridge.example.com",
                        "--shopbridge.schedules.recount-steps=* * * * * ?", prefix + "polls.order=off",
                        prefix + "polls.customer=off", prefix + "polls.company=off", prefix + "polls.checkout=off",
                        prefix + "polls.draft-order=off")) {
            assertThat(shopbridge.operator("GET", "/api/v1/stores/" + FORMS + "/subscriptions").path("faults")
                    .findValuesAsText("topic")).contains("orders/updated", "orders/delete", "refunds/create");
            assertThat(shopbridge.bean(CamelContext.class).getRoute("refresh/" + FORMS + "-order")).isNotNull();

            events.forEach(event -> assertThat(shopbridge.postTo(FORMS, FORMS_DOMAIN, event)).isEqualTo(200));
            shopbridge.settle();
            assertThat(shopbridge.count("SELECT count(*) FROM refresh WHERE store = ? AND entity = 'order'", FORMS))
                    .isPositive();

            ObjectNode order = shop.records("orders").stream().filter(one -> one.path("cancelled_at").asText("").isEmpty()
                    && one.path("financial_status").asText().equals("paid")
                    && !one.at("/customer/id").asText("").isEmpty()).findFirst().orElseThrow();
            String buyer = FORMS + ":" + order.at("/customer/id").asText();
            int before = ordersOf(shopbridge, buyer);
            assertThat(shopbridge.postTo(FORMS, FORMS_DOMAIN, "orders/create", order.put("id", 77)
                    .put("admin_graphql_api_id", "gid://shopify/Order/77").toString())).isEqualTo(200);
            shopbridge.settle();
            assertThat(ordersOf(shopbridge, buyer)).isEqualTo(before + 1);

            JsonNode recount = recount(shopbridge);
            assertThat(recount.path("differences").findValues("examples").toString()).as("%s", recount)
                    .contains("order/77");
            shopbridge.settle();
            assertThat(ordersOf(shopbridge, buyer)).isEqualTo(before);

            assertThat(shopbridge.postTo(FORMS, FORMS_DOMAIN, "app/scopes_update", """
                    {"id": 1, "shop_id": "gid://shopify/Shop/1", "previous": ["read_customers", "read_orders"],
                     "current": ["read_customers"], "updated_at": "2026-11-20T10:00:00Z"}""")).isEqualTo(200);
            shopbridge.awaitIdle();
            assertThat(shopbridge.operator("GET", "/api/v1/rejected").toString()).contains("the access scopes read_orders");
        }
    }

    private static int ordersOf(RunningShopbridge shopbridge, String customer) {
        return shopbridge.crmOne("contacts", customer).at("/fields/orders_count").asInt();
    }

    private static JsonNode recount(RunningShopbridge shopbridge) {
        String path = "/api/v1/recounts/" + shopbridge.operator("POST", "/api/v1/recounts",
                "{\"store\": \"" + FORMS + "\", \"repair\": true}").path("id").asText();
        await().until(() -> !shopbridge.operator("GET", path).path("state").asText().equals("running"));
        return shopbridge.operator("GET", path);
    }
}
