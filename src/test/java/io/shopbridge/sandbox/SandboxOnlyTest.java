package io.shopbridge.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shopbridge.Shopbridge;
import io.shopbridge.store.InvalidSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The sandbox beside settings that are real, whichever way they come in. */
@ExtendWith(OutputCaptureExtension.class)
class SandboxOnlyTest {

    private final ApplicationContextRunner sandbox = withProfiles("sandbox");

    /** The shipped settings, and only what guards them: the simulators don't start. */
    private static ApplicationContextRunner withProfiles(String profiles) {
        return new ApplicationContextRunner().withUserConfiguration(SandboxOnly.class)
                .withSystemProperties("spring.profiles.active=" + profiles)
                .withInitializer(new ConfigDataApplicationContextInitializer());
    }

    @Test
    void theShippedSandboxStartsAndSaysThatItIsOne(CapturedOutput log) {
        sandbox.run(app -> {
            assertThat(app).hasNotFailed();
            assertThat(app.getEnvironment().getProperty("server.address")).isEqualTo("127.0.0.1");
        });
        assertThat(log.getAll()).contains("WARN").contains("This is a SANDBOX");
        withProfiles("sandbox,every-crm").run(app -> assertThat(app).hasNotFailed());
        withProfiles("every-crm").run(app -> assertThat(app).doesNotHaveBean(SandboxOnly.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "server.address=0.0.0.0", "server.address=::", "server.address=192.0.2.1", "server.address=",
        "shopbridge.stores.main.webhook-secrets=shpss_0123", "shopbridge.stores.main.webhook-secrets[0]=real",
        "shopbridge.stores.other.webhook-secrets[0]=real",
        "shopbridge.stores.main.admin.access-token=shpat_0123", "shopbridge.stores.main.admin.url=",
        "shopbridge.stores.main.admin.client-secret=0123",
        "shopbridge.stores.main.admin.url=https://real.myshopify.com",
        "shopbridge.crms.hubspot.token=pat-eu1-0123", "shopbridge.crms.hubspot.base-url=https://api.hubapi.com",
        "shopbridge.crms.hubspot.base-url=https://localhost.example.com", "shopbridge.crms.hubspot.base-url=",
        "shopbridge.crms.crm-one.base-url=http://192.0.2.1",
        "spring.datasource.url=jdbc:postgresql://db.example.com/shopbridge",
        "spring.datasource.url=jdbc:postgresql://localhost:5432,db.example.com:5432/shopbridge",
        "spring.datasource.url=jdbc:postgresql://192.0.2.1/shopbridge", "spring.datasource.url=jdbc:other:x",
        "spring.datasource.hikari.jdbc-url=jdbc:postgresql://db.example.com/shopbridge",
        "spring.flyway.url=jdbc:postgresql://db.example.com/shopbridge",
        "shopbridge.sandbox.shop.secret=real", "shopbridge.sandbox.token=real",
        "shopbridge.sandbox.shop.endpoint=https://real.example.com/webhooks/shopify/main"})
    void whatIsRealIsRefused(String setting) {
        sandbox.withPropertyValues(setting).run(app -> assertThat(app).getFailure()
                .isInstanceOf(InvalidSettings.class)
                .hasMessageContaining(setting.substring(0, setting.indexOf('=')).replace("[0]", ""))
                .hasMessageNotContaining("0123").hasMessageContaining("SPRING_PROFILES_ACTIVE"));
    }

    @Test
    void aManagementPortOfItsOwnIsLoopbackToo() {
        sandbox.withPropertyValues("management.server.port=9090")
                .run(app -> assertThat(app).getFailure().hasMessageContaining("management.server.address is empty"));
        sandbox.withPropertyValues("management.server.port=9090", "management.server.address=127.0.0.1")
                .run(app -> assertThat(app).hasNotFailed());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "server.address=localhost", "server.address=::1", "shopbridge.stores.main.webhook-secrets[0]=sandbox-other",
        "spring.datasource.url=jdbc:postgresql://localhost:5432/shopbridge",
        "spring.datasource.url=jdbc:postgresql:shopbridge", "spring.datasource.url=jdbc:postgresql://[::1]:5432/x",
        "shopbridge.crms.hubspot.base-url=http://127.0.0.1:1"})
    void whatIsOfThisMachineIsTaken(String setting) {
        sandbox.withPropertyValues(setting).run(app -> assertThat(app).hasNotFailed());
    }

    @Test
    void theEnvironmentCountsAndEverythingIsListedAtOnce() {
        sandbox.withInitializer(app -> app.getEnvironment().getPropertySources().addFirst(
                new SystemEnvironmentPropertySource("test-systemEnvironment", Map.of(
                        "SERVER_ADDRESS", "0.0.0.0",
                        "SHOPBRIDGE_STORES_MAIN_WEBHOOKSECRETS", "real-one,sandbox-two",
                        "SHOPBRIDGE_CRMS_HUBSPOT_BASEURL", "https://api.hubapi.com",
                        "SHOPBRIDGE_CRMS_HUBSPOT_TOKEN", "pat-real",
                        "SHOPBRIDGE_CRMS_SALESFORCE_CLIENTSECRET", "real-three",
                        "SPRING_DATASOURCE_URL", "jdbc:postgresql://db/shopbridge"))))
                .run(app -> assertThat(app).getFailure().hasMessageContainingAll(
                        "server.address is 0.0.0.0", "shopbridge.stores.main.webhook-secrets looks real",
                        "shopbridge.crms.hubspot.base-url is not of this machine", "shopbridge.crms.hubspot.token",
                        "shopbridge.crms.salesforce.clientsecret looks real", "spring.datasource.url is not")
                        .hasMessageNotContainingAny("real-one", "pat-real", "real-three"));
    }

    @Test
    void theApplicationItselfDoesNotStart(@TempDir Path folder, CapturedOutput log) throws Exception {
        Files.writeString(folder.resolve("application-local.yaml"), """
                shopbridge:
                  stores:
                    main:
                      webhook-secrets: [real-secret]
                """);
        Path data = folder.resolve("data");
        assertThatThrownBy(() -> new SpringApplicationBuilder(Shopbridge.class).run(
                "--spring.profiles.active=sandbox,local", "--spring.config.additional-location=" + folder + "/",
                "--server.port=0", "--shopbridge.embedded-postgres.data-dir=" + data))
                .isInstanceOf(InvalidSettings.class);
        assertThat(log.getAll()).contains("shopbridge.stores.main.webhook-secrets looks real")
                .doesNotContain("real-secret", "\tat ");
        assertThat(data).as("nothing was started").doesNotExist();
    }
}
