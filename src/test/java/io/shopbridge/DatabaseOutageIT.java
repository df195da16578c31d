package io.shopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A PostgreSQL of its own, as in production, which goes away in the middle of deliveries and comes back. */
@ExtendWith(OutputCaptureExtension.class)
class DatabaseOutageIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String AWAY = "The database does not answer.";

    @TempDir
    static Path directory;
    private static EmbeddedPostgres server;
    private static int port;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() throws IOException {
        server = server(0);
        port = server.getPort();
        shopbridge = RunningShopbridge.with("--spring.datasource.url=jdbc:postgresql://localhost:" + port + "/postgres",
                "--spring.datasource.username=postgres");
    }

    @AfterAll
    static void stop() throws IOException {
        shopbridge.close();
        server.close();
    }

    @Test
    void whatWasAcknowledgedIsDeliveredOnceAndTheRestIsRefused(CapturedOutput log) throws Exception {
        List<String> acknowledged = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            if (postOrder(i) == 200) {
                acknowledged.add("main:" + (5000 + i));
            }
        }
        assertThat(acknowledged).hasSize(40);
        await().atMost(PATIENCE).until(() -> !shopbridge.crmOne.records("contacts").isEmpty());

        // Deliveries are under way when the database goes, and cannot write how they end.
        shopbridge.hubspot.faults().hang(Duration.ofMillis(1500), 4);
        shopbridge.crmOne.faults().hang(Duration.ofMillis(1500), 4);
        for (int i = 40; i < 80; i++) {
            if (postOrder(i) == 200) {
                acknowledged.add("main:" + (5000 + i));
            }
        }
        await().atMost(PATIENCE).until(() -> shopbridge.count("SELECT count(*) FROM work WHERE claimed_by IS NOT NULL") > 0);
        server.close();

        for (int i = 80; i < 83; i++) {
            long began = System.nanoTime();
            assertThat(postOrder(i)).isEqualTo(503);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).as("before Shopify gives up")
                    .isLessThan(Duration.ofSeconds(5));
        }
        await().atMost(PATIENCE).until(() -> get("/actuator/health/readiness").statusCode() == 503);
        assertThat(get("/actuator/health/liveness").statusCode()).isEqualTo(200);
        await().atMost(PATIENCE).until(() -> log.getAll().contains(AWAY));

        server = server(port);
        await().atMost(PATIENCE).until(() -> get("/actuator/health/readiness").statusCode() == 200);
        for (int i = 80; i < 83; i++) {
            assertThat(postOrder(i)).isEqualTo(200);
            acknowledged.add("main:" + (5000 + i));
        }
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).ignoreExceptions()
                .until(() -> shopbridge.count("SELECT count(*) FROM inbox_waiting") == 0
                        && shopbridge.count("SELECT count(*) FROM work") == 0);

        assertThat(shopbridge.crmOne.records("orders")).extracting(order -> key(order, "fields", "external_id"))
                .containsExactlyInAnyOrderElementsOf(acknowledged);
        assertThat(shopbridge.hubspot.records("orders")).extracting(order -> key(order, "properties", "shopify_order_key"))
                .containsExactlyInAnyOrderElementsOf(acknowledged);
        assertThat(shopbridge.hubspot.records("line_items")).hasSameSizeAs(acknowledged);
        assertThat(shopbridge.hubspot.records("contacts")).hasSameSizeAs(acknowledged);
        assertThat(shopbridge.crmOne.records("contacts")).hasSameSizeAs(acknowledged);
        await().atMost(PATIENCE).until(() -> log.getAll().contains("The database answers again, after "));
        assertThat(log.getAll()).as("an outage is said in sentences").doesNotContain("\tat io.shopbridge.");
        assertThat(log.getAll().lines().filter(line -> line.contains(AWAY)).count())
                .as("and not for each batch, webhook and job").isLessThanOrEqualTo(2);
        assertThat(log.getAll()).doesNotContain("failed and will run again", "A webhook was answered 503");
    }

    /** Orders of guests: nothing but their e-mail says who they are. */
    private static int postOrder(int number) {
        int id = 5000 + number;
        return shopbridge.post("orders/create", """
                {"id": %1$d, "name": "#%1$d", "email": "guest%1$d@example.com", "currency": "EUR",
                 "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T10:00:00Z",
                 "financial_status": "paid", "total_price": "20.00", "current_total_price": "20.00",
                 "line_items": [{"id": 9%1$d, "name": "Lamp", "quantity": 1, "current_quantity": 1, "price": "20.00"}]}
                """.formatted(id));
    }

    private static HttpResponse<String> get(String path) {
        return shopbridge.send(HttpRequest.newBuilder(shopbridge.uri(path)).build());
    }

    private static String key(ObjectNode record, String fields, String name) {
        return record.path(fields).path(name).asText();
    }

    private static EmbeddedPostgres server(int port) throws IOException {
        return EmbeddedPostgres.builder().setDataDirectory(directory.resolve("data")).setCleanDataDirectory(false)
                .setPort(port).start();
    }
}
