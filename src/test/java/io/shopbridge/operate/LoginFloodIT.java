package io.shopbridge.operate;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.RunningShopbridge;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/** Many wrong logins against a hashed password, while Shopify sends and a client polls. */
class LoginFloodIT {

    private static final int CLIENTS = 24;
    private static final Duration FLOOD = Duration.ofSeconds(5);

    @Test
    void wrongLoginsStopNeitherWebhooksNorTheOperator() throws Exception {
        String hash = "{bcrypt}" + new BCryptPasswordEncoder(10).encode(RunningShopbridge.PASSWORD);
        try (RunningShopbridge shopbridge = RunningShopbridge.with("--shopbridge.operator.password=" + hash)) {
            assertThat(status(shopbridge, "operator", RunningShopbridge.PASSWORD).statusCode()).isEqualTo(200);
            assertThat(shopbridge.post("customers/create", customer(0))).isEqualTo(200);

            Map<Integer, LongAdder> answers = new ConcurrentHashMap<>();
            AtomicBoolean going = new AtomicBoolean(true);
            ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
            for (int i = 0; i < CLIENTS; i++) {
                String name = i % 2 == 0 ? "operator" : "nobody";
                clients.submit(() -> {
                    while (going.get()) {
                        HttpResponse<String> answer = status(shopbridge, name, "guess");
                        answers.computeIfAbsent(answer.statusCode(), status -> new LongAdder()).increment();
                        if (answer.statusCode() == 429) {
                            assertThat(answer.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
                        }
                    }
                    return null;
                });
            }
            Duration slowest = Duration.ZERO;
            int sent = 0;
            for (long end = System.nanoTime() + FLOOD.toNanos(); System.nanoTime() < end; sent++) {
                long began = System.nanoTime();
                assertThat(shopbridge.post("customers/create", customer(sent + 1))).isEqualTo(200);
                Duration took = Duration.ofNanos(System.nanoTime() - began);
                slowest = took.compareTo(slowest) > 0 ? took : slowest;
                assertThat(status(shopbridge, "operator", RunningShopbridge.PASSWORD).statusCode()).isEqualTo(200);
            }
            going.set(false);
            clients.shutdown();
            assertThat(clients.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

            System.out.printf("%d webhooks during the flood, the slowest took %d ms; logins were answered %s%n",
                    sent, slowest.toMillis(), answers);
            assertThat(answers.keySet()).containsExactlyInAnyOrder(401, 429);
            assertThat(answers.get(401).sum()).as("compared").isLessThanOrEqualTo(FailedLogins.BURST_OF_ONE + 2);
            assertThat(slowest).as("before Shopify gives up").isLessThan(Duration.ofSeconds(5));
            assertThat(status(shopbridge, "operator", RunningShopbridge.PASSWORD, "/actuator/prometheus").body())
                    .contains("shopbridge_logins_failed_total{application=\"shopbridge\",why=\"limited\"}");
        }
    }

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static HttpResponse<String> status(RunningShopbridge shopbridge, String name, String password)
            throws Exception {
        return status(shopbridge, name, password, "/api/v1/status");
    }

    private static HttpResponse<String> status(RunningShopbridge shopbridge, String name, String password, String path)
            throws Exception {
        String credentials = Base64.getEncoder()
                .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
        return HTTP.send(HttpRequest.newBuilder(shopbridge.uri(path)).header("Authorization", "Basic " + credentials)
                .build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String customer(int number) {
        return "{\"id\": %d, \"email\": \"c%d@example.com\", \"updated_at\": \"2026-11-01T10:00:00Z\"}"
                .formatted(8000 + number, number);
    }
}
