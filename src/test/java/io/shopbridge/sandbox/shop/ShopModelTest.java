package io.shopbridge.sandbox.shop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.sandbox.server.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ShopModelTest {

    private static final Instant START = Instant.parse("2026-11-01T08:00:00Z");

    private static final List<ShopEvent> EVENTS = model(1).events(3_000);

    @Test
    void theSameSeedTellsTheSameStory() {
        List<ShopEvent> one = model(7).events(300);
        List<ShopEvent> two = model(7).events(300);
        for (int i = 0; i < one.size(); i++) {
            assertThat(two.get(i).webhookId()).isEqualTo(one.get(i).webhookId());
            assertThat(two.get(i).body()).isEqualTo(one.get(i).body());
        }
        assertThat(model(8).next().webhookId()).isNotEqualTo(one.get(0).webhookId());
    }

    @Test
    void everyTopicComesUp() {
        assertThat(EVENTS.stream().map(ShopEvent::topic).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder("customers/create", "customers/update", "customers/delete",
                        "customers_email_marketing_consent/update", "customers_marketing_consent/update",
                        "customer.tags_added", "customer.tags_removed", "orders/create", "orders/updated",
                        "orders/paid", "orders/fulfilled", "orders/partially_fulfilled", "orders/edited",
                        "orders/cancelled", "orders/delete", "refunds/create", "fulfillments/create",
                        "fulfillments/update");
    }

    @Test
    void cartsAndCompaniesComeUpWhereTheyAreAskedFor() throws IOException {
        List<ShopEvent> events = model(1).withCartsAndCompanies().events(3_000);
        assertThat(events.stream().map(ShopEvent::topic).collect(Collectors.toSet()))
                .contains("checkouts/create", "checkouts/update", "checkouts/delete", "companies/create",
                        "companies/update", "company_locations/create", "company_locations/update",
                        "company_contacts/create", "orders/create", "customers/create");
        int bought = 0;
        for (ShopEvent event : events) {
            bought += event.topic().equals("orders/create") && Json.parse(event.body()).has("company") ? 1 : 0;
        }
        assertThat(bought).as("orders of companies").isPositive();
    }

    @Test
    void someWebhooksComeTwiceAndSomeLate() {
        Set<String> ids = new HashSet<>();
        Instant latest = Instant.EPOCH;
        int twice = 0;
        int late = 0;
        for (ShopEvent event : EVENTS) {
            twice += ids.add(event.webhookId()) ? 0 : 1;
            late += event.triggeredAt().isBefore(latest) ? 1 : 0;
            latest = event.triggeredAt().isAfter(latest) ? event.triggeredAt() : latest;
        }
        assertThat(twice).isBetween(10, 200);
        assertThat(late).isBetween(50, 500);
    }

    @Test
    void ordersLookLikeShopifys() throws IOException {
        int guests = 0;
        int nobody = 0;
        int huge = 0;
        long bytes = 0;
        List<ShopEvent> orders = EVENTS.stream()
                .filter(event -> event.topic().equals("orders/create")).toList();
        for (ShopEvent event : orders) {
            JsonNode order = Json.parse(event.body());
            bytes += event.body().length;
            guests += order.get("customer").isNull() && !order.get("email").isNull() ? 1 : 0;
            nobody += order.get("customer").isNull() && order.get("email").isNull() ? 1 : 0;
            huge += order.get("id").asLong() > 1L << 53 ? 1 : 0;
            assertThat(order.get("customer").has("tags")).isFalse();
            assertThat(order.has("checkout_id")).isFalse();
            assertThat(order.at("/total_price_set/shop_money/amount")).isEqualTo(order.get("total_price"));
            assertThat(order.get("admin_graphql_api_id").asText()).endsWith("/" + order.get("id").asText());
            assertThat(new BigDecimal(order.get("total_price").asText())).isPositive();
        }
        assertThat(guests).isPositive();
        assertThat(nobody).isPositive();
        assertThat(huge).isPositive();
        assertThat(bytes / orders.size()).isBetween(4_500L, 9_000L);
    }

    @Test
    void customersCarryNeitherTagsNorConsent() throws IOException {
        for (ShopEvent event : EVENTS.subList(0, 300)) {
            if (event.topic().equals("customers/create")) {
                JsonNode customer = Json.parse(event.body());
                assertThat(customer.has("tags")).isFalse();
                assertThat(customer.has("email_marketing_consent")).isFalse();
                assertThat(customer.has("addresses")).isTrue();
            }
        }
    }

    @Test
    void aRefundNeverExceedsTheOrder() throws IOException {
        for (ShopEvent event : EVENTS.subList(1_500, 3_000)) {
            if (event.topic().equals("orders/updated")) {
                JsonNode order = Json.parse(event.body());
                assertThat(new BigDecimal(order.get("current_total_price").asText())).isNotNegative();
                order.get("line_items").forEach(line ->
                        assertThat(line.get("current_quantity").asInt()).isNotNegative());
            }
        }
    }

    @Test
    void aResumedShopGoesOnWithTheSameStory() {
        ShopModel whole = model(5).withCartsAndCompanies();
        whole.events(700);
        Clock clock = Clock.fixed(START.plus(Duration.ofDays(1)), ZoneOffset.UTC);
        ShopModel resumed = ShopModel.resumed(5, clock, 700, START, START.plus(Duration.ofHours(1)));
        assertThat(resumed.position()).isEqualTo(700);
        List<ShopEvent> expected = whole.events(200);
        List<ShopEvent> actual = resumed.events(200);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i).webhookId()).isEqualTo(expected.get(i).webhookId());
            assertThat(actual.get(i).topic()).isEqualTo(expected.get(i).topic());
            assertThat(actual.get(i).body()).isNotEmpty();
        }
    }

    @Test
    void aShopWithAPastHasOnlyWhatIsAskedFor() {
        ShopModel model = model(5).keepingAll();
        model.pass(14_000);
        assertThat(model.all(State.Order.class)).hasSizeGreaterThan(1_500);
        assertThat(model.next().body()).isNotEmpty();
        ShopModel newest = model(5);
        newest.pass(14_000);
        assertThat(newest.all(State.Order.class)).hasSizeLessThanOrEqualTo(1_500);
    }

    private static ShopModel model(long seed) {
        return ShopModel.stepping(seed, START, Duration.ofSeconds(20));
    }
}
