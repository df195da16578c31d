package io.shopbridge.receive;

import static io.shopbridge.RunningShopbridge.DOMAIN;
import static io.shopbridge.RunningShopbridge.PASSWORD;
import static io.shopbridge.RunningShopbridge.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.shop.ShopEvent;
import io.shopbridge.sandbox.shop.SimulatedShop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What anybody can send to the webhook endpoint, over sockets of its own: no HTTP client would send most of it. */
@ExtendWith(OutputCaptureExtension.class)
class WebhookFilterIT {

    private static final String PRIVATE = "jane.doe@example.com";
    /** Before the time for a whole body is over, so nobody waited for the body. */
    private static final Duration AT_ONCE = Duration.ofMillis(2900);
    /** More than the web server has threads on Java 17, twice over. */
    private static final int SLOW = 250;
    private static final Duration SHOPIFYS_PATIENCE = Duration.ofSeconds(5);

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    /** Whatever came in: nothing of a body and no stack trace is in the log. */
    @AfterEach
    void nothingPrivateWasLogged(CapturedOutput log) {
        assertThat(log.getAll()).doesNotContain(PRIVATE, "forged", "\tat ");
    }

    @Test
    void anUnknownStoreIsNotFoundBeforeItsBodyIsRead() {
        String answer = atOnce("POST /webhooks/shopify/nobody HTTP/1.1", "Content-Length: 6000000", "", "12345678");
        assertThat(answer).startsWith("HTTP/1.1 404 ").contains("Connection: close", "No store \"nobody\"");
    }

    @Test
    void aBodyWithATooLargeContentLengthIsRefusedBeforeItIsRead() {
        String answer = atOnce("POST /webhooks/shopify/main HTTP/1.1", "Content-Length: 6291456", "", "12345678");
        assertThat(answer).startsWith("HTTP/1.1 413 ").contains("Connection: close", "shopbridge.webhook.max-body");
    }

    @Test
    void anEndlessBodyIsCutAtTheLimit() throws IOException {
        for (String store : List.of("main", "nobody")) {
            Instant begin = Instant.now();
            try (Socket socket = connect()) {
                send(socket, "POST /webhooks/shopify/" + store + " HTTP/1.1", "Transfer-Encoding: chunked", "", "");
                byte[] chunk = ("10000\r\n" + "x".repeat(65536) + "\r\n").getBytes(StandardCharsets.US_ASCII);
                while (Duration.between(begin, Instant.now()).toSeconds() < 10) {
                    socket.getOutputStream().write(chunk);
                }
            } catch (SocketException closed) {
                // This is what it waits for.
            }
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(8));
        }
        assertThat(refused("main", "too-large") + refused("main", "too-slow")).isPositive();
    }

    @Test
    void aSlowBodyIsCutOffAsAWhole() {
        double before = refused("main", "too-slow");
        Instant begin = Instant.now();
        try (Socket silent = connect(); Socket dripping = connect()) {
            for (Socket socket : List.of(silent, dripping)) {
                send(socket, "POST /webhooks/shopify/main HTTP/1.1", "Content-Length: 1000", "", "{\"" + PRIVATE);
            }
            await().atMost(Duration.ofSeconds(8)).pollInterval(Duration.ofMillis(200)).until(() -> {
                try {
                    dripping.getOutputStream().write('x');
                } catch (IOException e) {
                    return true;
                }
                return dripping.getInputStream().available() > 0;
            });
            assertThat(answer(dripping)).startsWith("HTTP/1.1 408 ").contains("shopbridge.webhook.body-wait");
            assertThat(answer(silent)).startsWith("HTTP/1.1 408 ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(Duration.between(begin, Instant.now())).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(6));
        assertThat(refused("main", "too-slow")).isEqualTo(before + 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/webhooks/shopify/main", "/webhooks/shopify/nobody", "/api/v1/status", "/", "/nowhere"})
    void slowSendersBlockNoOtherRequest(String path) throws IOException {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < SLOW; i++) {
                Socket socket = connect();
                slow.add(socket);
                send(socket, "POST " + path + " HTTP/1.1", "Content-Length: 1000", "", "{");
            }
            for (int i = 0; i < 5; i++) {
                Instant begin = Instant.now();
                assertThat(get("/actuator/health/liveness")).startsWith("HTTP/1.1 200 ");
                ShopEvent event = customer();
                assertThat(shopbridge.post(event)).isEqualTo(200);
                assertThat(Duration.between(begin, Instant.now())).isLessThan(SHOPIFYS_PATIENCE);
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void slowHeadersBlockNoOtherRequest() throws IOException {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                Socket socket = connect();
                slow.add(socket);
                socket.getOutputStream().write("POST /webhooks/shopify/main HTTP/1.1\r\nX-A".getBytes());
            }
            assertThat(shopbridge.post(customer())).isEqualTo(200);
            assertThat(slow.get(0).getInputStream().read()).isLessThan('I');    // closed, without an answer
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-www-form-urlencoded", "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-java-serialized-object", "text/plain; charset=nonsense", "nonsense",
        "application/json; charset=utf-16"})
    void noContentTypeIsActedOn(String type) {
        ShopEvent event = event(("{\"id\": 1, \"email\": \"" + PRIVATE + "\"}\nforged")
                .getBytes(StandardCharsets.UTF_8));
        assertThat(signed(event, "Content-Type: " + type)).startsWith("HTTP/1.1 200 ");
        assertThat(keptBody()).isEqualTo(event.body());
        assertThat(atOnce("POST /webhooks/shopify/nobody HTTP/1.1", "Content-Type: " + type,
                "Content-Length: " + event.body().length, "", new String(event.body(), StandardCharsets.UTF_8)))
                .startsWith("HTTP/1.1 404 ");
        assertThat(atOnce("POST /webhooks/shopify/main HTTP/1.1", "Content-Type: " + type,
                "Content-Length: " + event.body().length, "", new String(event.body(), StandardCharsets.UTF_8)))
                .startsWith("HTTP/1.1 401 ");
    }

    @Test
    void noContentEncodingIsDecoded() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 200; i++) {
                gzip.write(zeros);
            }
        }
        ShopEvent bomb = event(bytes.toByteArray());
        assertThat(signed(bomb, "Content-Encoding: gzip")).startsWith("HTTP/1.1 200 ");
        assertThat(keptBody()).isEqualTo(bomb.body());
        ShopEvent plain = event("{\"id\": 1}".getBytes(StandardCharsets.UTF_8));
        assertThat(signed(plain, "Content-Encoding: gzip")).startsWith("HTTP/1.1 200 ");
        assertThat(signed(plain, "Content-Encoding: nonsense")).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Shopify-Event-Id: \u009b", "X-Shopify-Topic: \u0080", "User-Agent: \u009f",
        "X-\u00e9: 1", "X-Shopify-Triggered-At: \u0085", "X-Forwarded-For: \u0090", "X-Forwarded-Host: a b",
        "Cookie: \u0081", "Accept: nonsense", "Content-Language: \u0099"})
    void oddHeadersAreServedOrRefusedInALine(String header) {
        assertThat(signed(customer(), header)).matches("(?s)HTTP/1.1 (200|4\\d\\d) .*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"?%00", "?%zz", "?a=%ff", "?=", "?&&&", "?X-Shopify-Topic=customers/delete",
        "?store=other", "?CamelHttpUri=x"})
    void aQueryParameterIsNotAHeader(String query) {
        ShopEvent event = customer();
        assertThat(exchange(request("/webhooks/shopify/main" + query, event,
                SimulatedShop.headers(event, DOMAIN, SECRET))))
                .startsWith("HTTP/1.1 200 ");
        assertThat(shopbridge.jdbc().queryForMap("SELECT store, topic FROM inbox"))
                .containsEntry("store", "main").containsEntry("topic", "customers/update");
    }

    @Test
    void aSignatureInTheQueryDoesNotCount() {
        ShopEvent event = customer();
        Map<String, String> headers = new LinkedHashMap<>(SimulatedShop.headers(event, DOMAIN, SECRET));
        String signature = headers.remove("X-Shopify-Hmac-Sha256").replace("+", "%2B").replace("=", "%3D");
        double before = refused("main", "not-signed");
        assertThat(exchange(request("/webhooks/shopify/main?X-Shopify-Hmac-Sha256=" + signature, event, headers)))
                .startsWith("HTTP/1.1 401 ");
        assertThat(refused("main", "not-signed")).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @CsvSource({"Content-Length: 1000, '{\"jane.doe@example.com'", "Transfer-Encoding: chunked, '5\r\n{\"jan'",
        "Transfer-Encoding: chunked, 'zz\r\njane.doe@example.com'"})
    void aBodyThatBreaksOffIsRefused(String header, String body) throws IOException {
        double before = refused("main", "broken-off");
        try (Socket polite = connect(); Socket gone = connect(); Socket reset = connect()) {
            for (Socket socket : List.of(polite, gone, reset)) {
                send(socket, "POST /webhooks/shopify/main HTTP/1.1", header, "", body);
            }
            polite.shutdownOutput();
            assertThat(answer(polite)).startsWith("HTTP/1.1 400 ").contains("The body ended before it was complete");
            gone.close();
            reset.setSoLinger(true, 0);
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> refused("main", "broken-off") == before + 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "NONSENSE"})
    void onlyAPostIsAllowed(String method, CapturedOutput log) {
        int before = log.getAll().length();
        assertThat(atOnce(method + " /webhooks/shopify/main HTTP/1.1", "Content-Length: 2", "", "{}"))
                .matches("(?s)HTTP/1.1 (400|405|501) .*");
        assertThat(log.getAll().substring(before)).doesNotContain("PlatformHttp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/webhooks", "/webhooks/", "/webhooks/shopify", "/webhooks/shopify/", 
        "/webhooks/other/main", "/webhooks/shopify/main/more", "/webhooks/shopify/main;a=b",
        "/webhooks//shopify/main", "/webhooks/shopify/main%00",
        "/webhooks/shopify/%2e%2e/main", "/webhooks/shopify/main%0aforged", "/webhooks/shopify/%F4%90%80%80"})
    void otherAddressesAreRefusedInALine(String path) {
        assertThat(atOnce("POST " + path + " HTTP/1.1", "Content-Length: 1000", "", "{\"" + PRIVATE))
                .matches("(?s)HTTP/1.1 (400|404) .*");
    }

    @Test
    void whoAsksBeforeSendingIsInvited() throws IOException {
        ShopEvent event = customer();
        List<String> head = new ArrayList<>(List.of("POST /webhooks/shopify/main HTTP/1.1", "Expect: 100-continue",
                "Content-Length: " + event.body().length, "Connection: close"));
        SimulatedShop.headers(event, DOMAIN, SECRET).forEach((name, value) -> head.add(name + ": " + value));
        try (Socket socket = connect()) {
            head.addAll(List.of("", ""));
            send(socket, head.toArray(String[]::new));
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 100");
            socket.getOutputStream().write(event.body());
            assertThat(answer(socket)).contains("HTTP/1.1 200 ");
        }
    }

    @Test
    void aRouteThatHasNotStartedIsNotAnUnknownAddress() throws Exception {
        CamelContext camel = shopbridge.bean(CamelContext.class);
        camel.getRouteController().stopRoute("receive-shopify-webhook");
        try {
            assertThat(shopbridge.post(customer())).isEqualTo(503);
        } finally {
            camel.getRouteController().startRoute("receive-shopify-webhook");
        }
        assertThat(shopbridge.post(customer())).isEqualTo(200);
    }

    @Test
    void refusalsAreCountedLoggedAndShown(CapturedOutput log) {
        ShopEvent event = customer();
        assertThat(shopbridge.post(SimulatedShop.headers(event, "Other.myshopify.com", SECRET), event.body()).body())
                .isEqualTo("The webhook is from other.myshopify.com, but store main is test.myshopify.com"
                        + " (shopbridge.stores.main.domain)");
        shopbridge.post(SimulatedShop.headers(event, "<script>.myshopify.com", SECRET), event.body());
        shopbridge.post(SimulatedShop.headers(event, DOMAIN, "of-another-app"), event.body());
        shopbridge.post("invented", SimulatedShop.headers(event, DOMAIN, SECRET), event.body());
        shopbridge.bean(WebhookCounts.class).log();
        assertThat(log.getAll()).contains("of store main: other-domain", "of store main: wrong-signature",
                "of no configured store: unknown-store");
        assertThat(shopbridge.operator("GET", "/api/v1/status").get("webhooks_refused").findValuesAsText("reason"))
                .contains("other-domain", "wrong-signature", "unknown-store");
        assertThat(shopbridge.send(HttpRequest.newBuilder(shopbridge.uri("/")).header("Authorization", "Basic "
                + Base64.getEncoder().encodeToString(("operator:" + PASSWORD).getBytes(StandardCharsets.UTF_8))).build())
                .body()).contains("Webhooks were refused", "other-domain", "the address of the subscription")
                .doesNotContain("All is well", "<script");
        assertThat(refused("main", "other-domain")).isPositive();
        assertThat(refused("none", "unknown-store")).isPositive();
        assertThat(shopbridge.bean(MeterRegistry.class).find("shopbridge.webhooks.refused").tag("store", "invented")
                .functionCounter()).isNull();
    }

    @Test
    void acceptedWebhooksAreCounted() {
        double before = accepted();
        ShopEvent event = customer();
        shopbridge.post(event);
        shopbridge.post(event);
        assertThat(accepted()).isEqualTo(before + 2);
    }

    private double accepted() {
        return shopbridge.bean(MeterRegistry.class).get("shopbridge.webhooks.accepted").tag("store", "main")
                .functionCounter().count();
    }

    private double refused(String store, String reason) {
        return shopbridge.bean(MeterRegistry.class).get("shopbridge.webhooks.refused")
                .tags("store", store, "reason", reason).functionCounter().count();
    }

    private byte[] keptBody() {
        return shopbridge.jdbc().queryForObject("SELECT body FROM inbox", byte[].class);
    }

    private String get(String path) {
        return exchange(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    }

    /** Sends the lines, and returns the answer that must have come while the connection was still open. */
    private String atOnce(String... lines) {
        try (Socket socket = connect()) {
            Instant begin = Instant.now();
            send(socket, lines);
            byte[] answer = new byte[2000];
            int length = socket.getInputStream().read(answer);
            assertThat(Duration.between(begin, Instant.now())).isLessThan(AT_ONCE);
            return new String(answer, 0, Math.max(0, length), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String signed(ShopEvent event, String header) {
        Map<String, String> headers = new LinkedHashMap<>(SimulatedShop.headers(event, DOMAIN, SECRET));
        headers.remove("Content-Type");
        int colon = header.indexOf(':');
        headers.put(header.substring(0, colon), header.substring(colon + 2));
        return exchange(request("/webhooks/shopify/main", event, headers));
    }

    private static byte[] request(String path, ShopEvent event, Map<String, String> headers) {
        StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Length: " + event.body().length + "\r\n");
        headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        byte[] begin = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = Arrays.copyOf(begin, begin.length + event.body().length);
        System.arraycopy(event.body(), 0, all, begin.length, event.body().length);
        return all;
    }

    private String exchange(byte[] request) {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request);
            return answer(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("localhost", shopbridge.port());
        socket.setSoTimeout(15_000);
        return socket;
    }

    private static void send(Socket socket, String... lines) throws IOException {
        String text = lines[0] + "\r\nHost: localhost\r\n"
                + String.join("\r\n", Arrays.copyOfRange(lines, 1, lines.length));
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String answer(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private static ShopEvent customer() {
        String id = Long.toString(System.nanoTime());
        return event(("{\"id\": " + id + ", \"last_name\": \"Lovelace\", \"updated_at\": \"2026-11-01T10:00:00Z\"}")
                .getBytes(StandardCharsets.UTF_8));
    }

    private static ShopEvent event(byte[] body) {
        return new ShopEvent("customers/update", UUID.randomUUID().toString(), UUID.randomUUID().toString(),
                Instant.now(), body);
    }
}
