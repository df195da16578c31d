package io.shopbridge.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.shopbridge.Shopbridge;
import io.shopbridge.store.InvalidSettings;
import io.shopbridge.store.ShopbridgeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** A setting that nothing reads would have no effect. */
class SettingFaultsTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withUserConfiguration(SettingFaults.class, Settings.class)
            .withInitializer(context -> context.addBeanFactoryPostProcessor(
                    new LazyInitializationBeanFactoryPostProcessor()));

    @ConfigurationPropertiesScan(basePackageClasses = Shopbridge.class)
    static class Settings {
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "shopbridge.stores.main.regon        | did you mean \"region\"?",
        "shopbridge.stores.main.admin.tokn   | legal: access-token, client-id",
        "shopbridge.stores.main.time.zone    | did you mean \"time-zone\"?",
        "shopbridge.store.main.domain        | legal: crms, ",
        "shopbridge.webhook.max-boddy        | did you mean \"max-body\"?",
        "shopbridge.exports.foldr            | did you mean \"folder\"?",
        "shopbridge.schedules.expires        | did you mean \"expire\"?",
        "shopbridge.recount.tagret           | did you mean \"target\"?",
        "shopbridge.mapping-dir              | did you mean \"mappings-dir\"?",
        "shopbridge.operator.password.hash   | there is none to choose from",
        "shopbridge.anything                 | legal: crms, "})
    void aMisspeltSettingRefusesTheStart(String name, String advice) {
        application.withPropertyValues(name + "=s3cret").run(context -> assertThat(context).getFailure()
                .isInstanceOf(InvalidSettings.class).hasMessageStartingWith(name + ": there is no such setting; ")
                .hasMessageContaining(advice).hasMessageNotContaining("s3cret"));
    }

    @Test
    void allAreNamedAtOnce() {
        application.withPropertyValues("shopbridge.retry.first=1s", "shopbridge.guests.keys=x").run(context ->
                assertThat(context).getFailure().hasMessageContaining("shopbridge.retry.first: ")
                        .hasMessageContaining("shopbridge.guests.keys: "));
    }

    /** Nothing would be kept for longer than a minute and a half. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "shopbridge.retention.inbox=90      | shopbridge.retention.inbox: \"90\" has no unit; write 90d for days",
        "shopbridge.exports.keep=30         | shopbridge.exports.keep: \"30\" has no unit; write 30d for days",
        "shopbridge.webhook.body-wait=3     | shopbridge.webhook.body-wait: \"3\" has no unit",
        "shopbridge.retry.first-wait=20     | shopbridge.retry.first-wait: \"20\" has no unit",
        "shopbridge.retention.orders=-1095d | shopbridge.retention.orders: \"-1095d\" is less than nothing"})
    void aTimeHasAUnit(String setting, String fault) {
        application.withPropertyValues(setting).run(context -> assertThat(context).getFailure()
                .isInstanceOf(InvalidSettings.class).hasMessageStartingWith(fault));
        application.withPropertyValues("shopbridge.retention.inbox=90d", "shopbridge.retry.first-wait=PT20S",
                "shopbridge.exports.keep=30d", "shopbridge.embedded-postgres.port=5432").run(context ->
                        assertThat(context).hasNotFailed());
    }

    /** Those of a CRM are known to its folder. */
    @ParameterizedTest
    @ValueSource(strings = {"shopbridge.stores.main.webhook-secrets[0]", "shopbridge.stores.main.polls.draft-order",
        "shopbridge.stores.main.admin.access-token", "shopbridge.crms.own.anything-else", "shopbridge.reload-mappings",
        "shopbridge.schedules.expiremirror", "shopbridge.recount.target", "shopbridge.operator.username",
        "shopbridge.exports.what[1]", "shopbridge.embedded-postgres.data-dir", "shopbridge.operator.password", "other.thing"})
    void whatIsReadIsTaken(String name) {
        application.withPropertyValues(name + "=1").run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void whatARouteReadsIsTaken(@TempDir Path routes) throws IOException {
        Files.writeString(routes.resolve("mine.camel.yaml"), "cron: \"{{shopbridge.schedules.mine}}\"");
        Files.write(routes.resolve("broken.camel.yaml"), new byte[] {(byte) 0xC3});
        Files.write(routes.resolve("picture.png"), new byte[] {(byte) 0x89});
        application.withPropertyValues("shopbridge.routes-dir=" + routes, "shopbridge.schedules.mine=0 7 * * * ?")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @ParameterizedTest
    @CsvSource({"SHOPBRIDGE_STORES_MAIN_REGON, shopbridge.stores.main.regon", "SHOPBRIDGE_RETENTION_INBX, shopbridge.retention.inbx",
        "SHOPBRIDGE_STORE_MAIN_DOMAIN, shopbridge.store.main.domain", "SHOPBRIDGE_MAPPINDIR, shopbridge.mappindir",
        "SHOPBRIDGE_STORES_MAIN_PORT, shopbridge.stores.main.port"})
    void aMisspeltVariableRefusesTheStart(String variable, String name) {
        environment(Map.of(variable, "x")).run(context -> assertThat(context).getFailure()
                .isInstanceOf(InvalidSettings.class).hasMessageStartingWith(name + ": there is no such setting; "));
    }

    /** Kubernetes gives these for services of such names, and docker/compose.yaml passes all of docker/.env. */
    @Test
    void variablesOfOthersAreLeftAlone() {
        environment(Map.of("SHOPBRIDGE_SERVICE_HOST", "10.0.0.1", "SHOPBRIDGE_PORT", "tcp://10.0.0.1:8080",
                "SHOPBRIDGE_PORT_8080_TCP_ADDR", "10.0.0.1", "SHOPBRIDGE_SERVICE_PORT_HTTP", "8080",
                "SHOPBRIDGE_WEBHOOK_SERVICE_HOST", "10.0.0.2", "SHOPBRIDGE_DATABASE_PASSWORD", "s3cret",
                "SHOPBRIDGE_LISTEN", "127.0.0.1:8080")).run(context -> assertThat(context).hasNotFailed());
    }

    /** Spring takes an underscore for a dash, too. */
    @Test
    void everySpellingThatHasAnEffectIsTaken() {
        environment(Map.of("SHOPBRIDGE_STORES_MAIN_TIME_ZONE", "America/Toronto", "SHOPBRIDGE_MAPPINGS_DIR", "elsewhere",
                "SHOPBRIDGE_STORES_MAIN_WEBHOOKSECRETS_0", "x", "SHOPBRIDGE_STORES_MAIN_POLLS_DRAFTORDER", "off",
                "SHOPBRIDGE_EMBEDDEDPOSTGRES_PORT", "0")).run(context -> {
                    ShopbridgeSettings settings = context.getBean(ShopbridgeSettings.class);
                    assertThat(settings.mappingsDir()).hasToString("elsewhere");
                    assertThat(settings.stores().get("main").timeZone()).isEqualTo("America/Toronto");
                });
    }

    private ApplicationContextRunner environment(Map<String, Object> variables) {
        return application.withInitializer(context -> context.getEnvironment().getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", new TreeMap<>(variables))));
    }
}
