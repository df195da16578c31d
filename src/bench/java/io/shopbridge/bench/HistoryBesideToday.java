package io.shopbridge.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RunningShopbridge;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fifty webhooks a second come in while a shop's history is brought into the mirror, and is delivered to HubSpot and CRM
 * One besides: {@code mvn test -Dtest=HistoryBesideToday}, with {@code -Dhistory.orders=20000}. Prints how long
 * the webhooks took from their receipt to the delivery, and the records of history a second. Shop, CRMs and Shopbridge
 * share the processors, and with the first compiler alone.
 */
class HistoryBesideToday {

    private static final int ORDERS = Integer.getInteger("history.orders", 20_000);
    private static final int OF_TODAY = 500;
    private static final long FIRST_ORDER = 6_000_000_000_000L;
    private static final Duration PATIENCE = Duration.ofMinutes(40);

    @TempDir
    private Path directory;

    @Test
    void todaysWebhooksAreDeliveredWithinASecond() throws Exception {
        try (HistoryShop shop = new HistoryShop(directory, ORDERS);
                RunningShopbridge shopbridge = RunningShopbridge.with("--shopbridge.stores.main.admin.url=" + shop.url(),
                        "--shopbridge.stores.main.admin.access-token=bench", "--shopbridge.schedules.backfill=* * * * * ?",
                        "--shopbridge.stores.main.polls.order=off", "--shopbridge.stores.main.polls.customer=off")) {
            for (int number = 0; number < OF_TODAY; number++) {
                order(shopbridge, number, 0);
            }
            shopbridge.awaitIdle();
            Today today = new Today(shopbridge, number -> order(shopbridge, number % OF_TODAY, number));
            Instant began = Instant.now();
            try {
                JsonNode end = backfill(shopbridge);
                assertThat(end.path("state").asText()).as(end.toString()).isEqualTo("ended");
            } finally {
                today.stop();
            }
            System.out.println(String.format(Locale.ROOT, "%d orders of history in the mirror, %.0f a second with their file",
                    ORDERS, ORDERS * 1000.0 / Duration.between(began, Instant.now()).toMillis()));
            today.end();
        }
    }

    private static JsonNode backfill(RunningShopbridge shopbridge) {
        long id = shopbridge.operator("POST", "/api/v1/backfills", "{\"store\": \"main\", \"entities\": [\"order\"]}")
                .path(0).path("id").asLong();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> shopbridge.count(
                "SELECT count(*) FROM backfill WHERE id = " + id + " AND ended_at IS NOT NULL") == 1
                && shopbridge.count("SELECT count(*) FROM inbox_waiting w JOIN inbox i USING (id)"
                        + " WHERE starts_with(i.topic, 'backfill/')") == 0);
        return shopbridge.operator("GET", "/api/v1/backfills/" + id);
    }

    /** @param change seconds, and a tip in cents, since the order was made */
    private static void order(RunningShopbridge shopbridge, int number, int change) {
        long id = FIRST_ORDER + number;
        Instant madeAt = Instant.parse("2026-03-01T11:00:00Z");
        String total = String.format(Locale.ROOT, "%.2f", 20 + change / 100.0);
        shopbridge.post("orders/updated", ("{'id': " + id + ", 'name': '#" + id + "', 'currency': 'EUR', 'total_price': '"
                + total + "', 'current_total_price': '" + total + "', 'financial_status': 'paid', 'created_at': '" + madeAt
                + "', 'processed_at': '" + madeAt + "', 'updated_at': '" + madeAt.plusSeconds(change) + "', 'customer':"
                + " {'id': " + id + ", 'email': 'today" + number + "@example.com', 'first_name': 'Today', 'last_name':"
                + " 'Number" + number + "', 'updated_at': '" + madeAt + "'}, 'line_items': [{'id': " + id + "1, 'name':"
                + " 'Mug', 'title': 'Mug', 'price': '20.00', 'quantity': 1, 'current_quantity': 1}]}").replace('\'', '"'));
    }
}
