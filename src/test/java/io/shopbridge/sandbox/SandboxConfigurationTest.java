package io.shopbridge.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.shopbridge.doctor.Doctor;
import io.shopbridge.doctor.Finding;
import io.shopbridge.doctor.Finding.Level;
import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.test.util.TestSocketUtils;

class SandboxConfigurationTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withUserConfiguration(SandboxConfiguration.class);

    @Test
    void nothingStartsOutsideTheProfile() {
        runner.run(context -> assertThat(context).doesNotHaveBean(SimulatedHubSpot.class)
                .doesNotHaveBean(SandboxShop.class));
    }

    @Test
    void theShopFindsItsStoresSecretAndEndpoint(@TempDir Path dir) throws Exception {
        HttpServer endpoint = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        endpoint.createContext("/webhooks/shopify/main", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        endpoint.start();
        try {
            sandbox(dir, "server.port=" + endpoint.getAddress().getPort(), "shopbridge.sandbox.shop.rate=50",
                    "shopbridge.stores.main.webhook-secrets[0]=s3cret").run(context -> {
                        assertThat(context).hasNotFailed();
                        SandboxShop shop = context.getBean(SandboxShop.class);
                        shop.begin();
                        await().atMost(Duration.ofSeconds(60))
                                .until(() -> shop.webhooks().orElseThrow().counts().accepted() > 3);
                        assertThat(context.getBean(SimulatedCrmOne.class).port()).isPositive();
                        assertThat(dir.resolve("hubspot.jsonl")).exists();
                        assertThat(shop.admin().records("customers")).as("the same shop").isNotEmpty();
                    });
        } finally {
            endpoint.stop(0);
        }
    }

    /** With the settings as they are shipped, but for the ports. */
    @Test
    void theDoctorFindsNothingWrongWithTheShop(@TempDir Path dir) throws IOException {
        sandbox(dir).withInitializer(new ConfigDataApplicationContextInitializer())
                .withPropertyValues("shopbridge.sandbox.shop.port=" + TestSocketUtils.findAvailableTcpPort(),
                        "shopbridge.sandbox.hubspot.port=" + TestSocketUtils.findAvailableTcpPort(),
                        "shopbridge.sandbox.crm-one.port=" + TestSocketUtils.findAvailableTcpPort()).run(context -> {
                    assertThat(context).hasNotFailed();
                    List<Finding> store = new Doctor(context.getEnvironment(), false, dir, Clock.systemUTC()).examine()
                            .stream().filter(finding -> finding.about().equals("store main")).toList();
                    assertThat(store).noneMatch(finding -> finding.level() == Level.PROBLEM)
                            .anyMatch(finding -> finding.what().contains("access token is accepted"));
                });
    }

    @Test
    void salesforceAndPipedriveRunOnlyForCrmsThatAreConfigured(@TempDir Path dir) {
        sandbox(dir).run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(SimulatedSalesforce.class)
                .doesNotHaveBean(SimulatedPipedrive.class));
        sandbox(dir, "shopbridge.crms.emea.folder=salesforce", "shopbridge.crms.pipedrive.token=x",
                "shopbridge.sandbox.salesforce.port=0", "shopbridge.sandbox.pipedrive.port=0",
                "shopbridge.sandbox.salesforce.fields[0]=Contact.Consent__c picklist subscribed,unsubscribed",
                "shopbridge.sandbox.pipedrive.fields[0]=persons varchar Shopify key").run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(SimulatedSalesforce.class).port()).isPositive();
                    assertThat(context.getBean(SimulatedPipedrive.class).port()).isPositive();
                    assertThat(dir.resolve("salesforce.jsonl")).exists();
                });
    }

    @Test
    void aTakenPortSaysWhatToDo(@TempDir Path dir) {
        try (SimulatedCrmOne other = SimulatedCrmOne.start(0, Options.defaults())) {
            sandbox(dir, "shopbridge.sandbox.crm-one.port=" + other.port()).run(context ->
                    assertThat(context).getFailure().rootCause().hasMessageContaining("in use"));
        }
    }

    @Test
    void aShopWithoutASecretSaysWhatToSet(@TempDir Path dir) {
        sandbox(dir).run(context -> assertThatThrownBy(() -> context.getBean(SandboxShop.class).begin())
                .hasMessageContaining("shopbridge.stores.main.webhook-secrets"));
    }

    private ApplicationContextRunner sandbox(Path dir, String... settings) {
        return runner.withInitializer(context -> context.getEnvironment().addActiveProfile("sandbox"))
                .withPropertyValues("shopbridge.sandbox.hubspot.port=0", "shopbridge.sandbox.crm-one.port=0",
                        "shopbridge.sandbox.shop.port=0", "shopbridge.sandbox.data-dir=" + dir)
                .withPropertyValues(settings);
    }
}
