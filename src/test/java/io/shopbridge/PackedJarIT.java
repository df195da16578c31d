package io.shopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.util.TestSocketUtils;

/**
 * The jar as it is handed out, in which the files that several libraries have under one name are merged: it starts with
 * its own database, and orders arrive in all four CRMs.
 */
class PackedJarIT {

    private static final Path JAR = Path.of("target", "shopbridge.jar");
    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    @Test
    void ordersArriveInEveryCrm() throws Exception {
        assumeTrue(isPacked(), "target/shopbridge.jar has no libraries: this build was told not to pack it");
        int port = TestSocketUtils.findAvailableTcpPort();
        int crmOne = TestSocketUtils.findAvailableTcpPort();
        int hubspot = TestSocketUtils.findAvailableTcpPort();
        int salesforce = TestSocketUtils.findAvailableTcpPort();
        int pipedrive = TestSocketUtils.findAvailableTcpPort();
        List<String> settings = new ArrayList<>(List.of("--spring.profiles.active=sandbox,every-crm",
                "--shopbridge.embedded-postgres.data-dir=" + directory.resolve("postgres"),
                "--server.port=" + port,
                "--shopbridge.sandbox.shop.port=" + TestSocketUtils.findAvailableTcpPort(),
                "--shopbridge.sandbox.hubspot.port=" + hubspot,
                "--shopbridge.sandbox.crm-one.port=" + crmOne,
                "--shopbridge.sandbox.salesforce.port=" + salesforce,
                "--shopbridge.sandbox.pipedrive.port=" + pipedrive));
        Path log = directory.resolve("log");
        try (ShopbridgeProcess process = ShopbridgeProcess.startJar(JAR, log, settings)) {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> {
                assertThat(process.isAlive()).as("log:%n%s", Files.readString(log)).isTrue();
                return found(port, "/actuator/health/readiness");
            });
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).untilAsserted(() -> {
                assertThat(records(crmOne, "orders")).as("in CRM One").isPositive();
                assertThat(records(hubspot, "orders")).as("in HubSpot").isPositive();
                assertThat(records(salesforce, "Order")).as("in Salesforce").isPositive();
                assertThat(records(pipedrive, "deals")).as("in Pipedrive").isPositive();
            });
            assertThat(found(port, "/")).as("the page").isTrue();
            assertThat(found(port, "/v3/api-docs")).as("the description of the API").isTrue();
            assertThat(found(port, "/actuator/prometheus")).as("the metrics").isTrue();
        }
    }

    private static boolean isPacked() throws IOException {
        if (!Files.isRegularFile(JAR)) {
            return false;
        }
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Manifest manifest = jar.getManifest();
            return manifest != null && manifest.getMainAttributes().getValue("Main-Class") != null
                    && jar.getEntry("org/springframework/boot/SpringApplication.class") != null;
        }
    }

    private static int records(int port, String kind) throws IOException, InterruptedException {
        return JSON.readTree(get(port, "/sandbox/records/" + kind).body()).size();
    }

    private static boolean found(int port, String path) throws InterruptedException {
        try {
            return get(port, path).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofString());
    }
}
