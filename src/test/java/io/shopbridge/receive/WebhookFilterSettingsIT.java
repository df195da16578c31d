package io.shopbridge.receive;

import static io.shopbridge.RunningShopbridge.DOMAIN;
import static io.shopbridge.RunningShopbridge.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.SimulatedShop;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.springframework.test.util.TestSocketUtils;

/** The door with settings of its own, and while the application starts. */
class WebhookFilterSettingsIT {

    private static final int BODY = 3_000_000;

    @Test
    void itAnswers503UntilTheRoutesAreThereAndKeepsToItsSettings() throws Exception {
        int port = TestSocketUtils.findAvailableTcpPort();
        AtomicBoolean started = new AtomicBoolean();
        CompletableFuture<Set<Integer>> answers = CompletableFuture.supplyAsync(() -> knock(port, started));
        try (RunningShopbridge shopbridge = RunningShopbridge.with("--server.port=" + port,
                "--shopbridge.stores.main.domain=https://" + DOMAIN.toUpperCase() + "/",
                "--shopbridge.webhook.body-wait=1s", "--shopbridge.webhook.body-memory=8MB")) {
            started.set(true);
            assertThat(answers.get()).isSubsetOf(503, 200).contains(200);
            assertThat(shopbridge.bean(WebhookRoute.class).open()).isPresent();
            largeBodiesShareTheirMemory(shopbridge, port);
        }
    }

    /** Five bodies that stop a byte before their end take more than is allowed; small ones pass all the same. */
    private static void largeBodiesShareTheirMemory(RunningShopbridge shopbridge, int port) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        byte[] body = new byte[BODY];
        Instant begin = Instant.now();
        try {
            for (int i = 0; i < 5; i++) {
                Socket socket = new Socket("localhost", port);
                socket.setSoTimeout(10_000);
                sockets.add(socket);
                socket.getOutputStream().write(("POST /webhooks/shopify/main HTTP/1.1\r\nHost: localhost\r\n"
                        + "Content-Length: " + (BODY + 1) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().write(body);
            }
            assertThat(shopbridge.post("customers/update", "{\"id\": 4}")).isEqualTo(200);
            List<String> answers = new ArrayList<>();
            for (Socket socket : sockets) {
                answers.add(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII));
            }
            assertThat(answers).contains("HTTP/1.1 503").containsOnly("HTTP/1.1 503", "HTTP/1.1 408");
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(5));
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        String large = "{\"id\": 5, \"note\": \"" + "x".repeat(BODY) + "\"}";
        for (int i = 0; i < 5; i++) {       // what was taken is given back
            String next = large.replace("\"id\": 5", "\"id\": 5" + i);
            await().until(() -> shopbridge.post("customers/update", next) == 200);
        }
    }

    /** Sends the same webhook again and again, and returns the statuses that it was answered. */
    private static Set<Integer> knock(int port, AtomicBoolean started) {
        ShopEvent event = new ShopEvent("customers/update", "w1", "e1", Instant.now(),
                "{\"id\": 1}".getBytes(StandardCharsets.UTF_8));
        Map<String, String> headers = SimulatedShop.headers(event, DOMAIN, SECRET);
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create("http://localhost:" + port + "/webhooks/shopify/main"))
                .POST(BodyPublishers.ofByteArray(event.body()));
        headers.forEach(request::header);
        HttpClient http = HttpClient.newHttpClient();
        Set<Integer> answers = ConcurrentHashMap.newKeySet();
        while (!answers.contains(200) || !started.get()) {
            try {
                answers.add(http.send(request.build(), BodyHandlers.discarding()).statusCode());
            } catch (IOException e) {
                LockSupport.parkNanos(1_000_000);       // the server does not listen yet
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return answers;
            }
        }
        return answers;
    }
}
