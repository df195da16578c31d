package io.shopbridge.sandbox.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedShopTest {

    private record Received(String webhookId, String topic, String signature, byte[] body) {
    }

    // Several webhooks are under way at once, so the first to arrive need not be the first sent.
    private static final int MAY_OVERTAKE = 32;

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final AtomicInteger refusals = new AtomicInteger();
    private HttpServer endpoint;

    @BeforeEach
    void listen() throws IOException {
        endpoint = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        endpoint.createContext("/", this::receive);
        endpoint.start();
    }

    @AfterEach
    void stop() {
        endpoint.stop(0);
    }

    @Test
    void signaturesVerify() throws Exception {
        try (SimulatedShop shop = start(null)) {
            await().atMost(Duration.ofSeconds(5)).until(() -> received.size() >= 20);
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("s3cret".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        for (Received one : received) {
            assertThat(Base64.getEncoder().encodeToString(mac.doFinal(one.body()))).isEqualTo(one.signature());
            assertThat(one.topic()).isNotBlank();
        }
    }

    @Test
    void whatWasRefusedIsSentAgainUnderTheSameId() {
        refusals.set(3);
        try (SimulatedShop shop = start(null)) {
            await().atMost(Duration.ofSeconds(5)).until(() -> shop.counts().retries() == 3
                    && shop.counts().accepted() >= 5 && List.copyOf(received).subList(0, 3).stream().allMatch(refused ->
                            received.stream().filter(one -> one.webhookId().equals(refused.webhookId())).count() > 1));
            assertThat(shop.counts().givenUp()).isZero();
        }
        List<Received> first = List.copyOf(received).subList(0, 3);
        for (Received refused : first) {
            assertThat(received.stream().filter(one -> one.webhookId().equals(refused.webhookId())))
                    .hasSizeGreaterThan(1)
                    .allSatisfy(one -> assertThat(one.body()).isEqualTo(refused.body()));
        }
    }

    @Test
    void aRestartGoesOnRatherThanRepeats(@TempDir Path dir) {
        Path position = dir.resolve("shop.json");
        SimulatedShop before = start(position);
        try (before) {
            await().atMost(Duration.ofSeconds(20)).until(() -> received.size() >= 5 * MAY_OVERTAKE);
        }
        // What was under way still arrives, and may be sent again.
        await().atMost(Duration.ofSeconds(20)).until(() -> before.counts().accepted() == before.counts().sent());
        long sent = before.counts().sent();
        received.clear();
        try (SimulatedShop shop = start(position)) {
            await().atMost(Duration.ofSeconds(20)).until(() -> !received.isEmpty());
        }
        assertThat(sent).isLessThan(10_000);
        ShopModel model = ShopModel.stepping(42, Instant.EPOCH, Duration.ofSeconds(1));
        // A machine that is busy leaves more of them under way when the shop is closed.
        model.events((int) sent - 3 * MAY_OVERTAKE);
        assertThat(model.events(6 * MAY_OVERTAKE).stream().map(ShopEvent::webhookId))
                .contains(received.get(0).webhookId());
    }

    @Test
    void someWebhooksAreLostSomeLateAndSomeDoubled() {
        try (SimulatedShop shop = start(null, new Mishaps(20, 20, 20, 5))) {
            await().atMost(Duration.ofSeconds(10)).until(() -> shop.counts().accepted() >= 300);
            assertThat(shop.counts().lost()).isBetween(40L, 120L);
        }
        long ids = received.stream().map(Received::webhookId).distinct().count();
        assertThat(received.size() - ids).isBetween(30L, 120L);
    }

    @Test
    void theSameSeedLosesTheSameWebhooks() {
        List<ShopEvent> events = ShopModel.stepping(1, Instant.EPOCH, Duration.ofSeconds(1)).events(1_000);
        List<ShopEvent> arrived = new Mishaps(5, 10, 5, 7).of(events);
        assertThat(new Mishaps(5, 10, 5, 7).of(events)).isEqualTo(arrived);
        assertThat(new Mishaps(5, 10, 5, 8).of(events)).isNotEqualTo(arrived);
        assertThat(Mishaps.NONE.of(events)).isEqualTo(events);
        assertThat(events.stream().filter(event -> !arrived.contains(event)).count()).isBetween(30L, 75L);
    }

    private SimulatedShop start(Path position) {
        return start(position, Mishaps.NONE);
    }

    private SimulatedShop start(Path position, Mishaps mishaps) {
        return SimulatedShop.start(OpenShop.of(42, position), new SimulatedShop.Settings(
                URI.create("http://localhost:" + endpoint.getAddress().getPort() + "/webhooks/shopify/main"),
                "s3cret", "demo-store.myshopify.com", 200, Duration.ofMillis(20), mishaps));
    }

    private void receive(HttpExchange exchange) throws IOException {
        received.add(new Received(exchange.getRequestHeaders().getFirst("X-Shopify-Webhook-Id"),
                exchange.getRequestHeaders().getFirst("X-Shopify-Topic"),
                exchange.getRequestHeaders().getFirst("X-Shopify-Hmac-Sha256"),
                exchange.getRequestBody().readAllBytes()));
        exchange.sendResponseHeaders(refusals.getAndDecrement() > 0 ? 503 : 200, -1);
        exchange.close();
    }
}
