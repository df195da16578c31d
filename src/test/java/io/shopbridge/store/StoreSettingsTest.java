package io.shopbridge.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Settings of a store that would be ignored, or believed, without a word. */
class StoreSettingsTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withUserConfiguration(ScheduleSettings.class, Stores.class, Settings.class)
            .withPropertyValues("shopbridge.stores.main.webhook-secrets=s3cret");

    @EnableConfigurationProperties(ShopbridgeSettings.class)
    static class Settings {
    }

    @Test
    void everySettingHoweverTheEnvironmentSpellsIt() {
        application.withPropertyValues("shopbridge.stores.main.webhooksecrets[0]=s3cret", "shopbridge.stores.main.region=de",
                "shopbridge.stores.main.admin.access-token=t", "shopbridge.stores.main.domain=x.myshopify.com")
                .run(context -> assertThat(context.getBean(Stores.class).get("main").region()).isEqualTo("DE"));
    }

    @Test
    void aScheduleIsACronExpression() {
        application.withPropertyValues("shopbridge.schedules.expire=every hour").run(context ->
                assertThat(context).getFailure().isInstanceOf(InvalidSettings.class)
                        .hasMessageStartingWith("shopbridge.schedules.expire: \"every hour\" is no cron expression ("));
        application.withPropertyValues("shopbridge.schedules.exports=off").run(context ->
                assertThat(context).hasFailed());
        application.withPropertyValues("shopbridge.schedules.expiremirror=0 37 3 * * ?",
                "shopbridge.schedules.poll-order=off", "shopbridge.schedules.reconcile=off").run(context ->
                        assertThat(context).hasNotFailed());
    }

    @Test
    void aTimeZoneIsOne() {
        application.withPropertyValues("shopbridge.stores.main.webhook-secrets=s3cret",
                "shopbridge.stores.main.time-zone=America/Toronto").run(context -> assertThat(
                        context.getBean(Stores.class).get("main").timeZone()).isEqualTo(ZoneId.of("America/Toronto")));
        application.withPropertyValues("shopbridge.stores.main.time-zone=Toronto").run(context ->
                assertThat(context).getFailure().rootCause().isInstanceOf(InvalidSettings.class)
                        .hasMessageContaining("shopbridge.stores.main.time-zone: \"Toronto\" is not a time zone"));
    }

    @Test
    void aRegionIsACountry() {
        application.withPropertyValues("shopbridge.stores.main.region=Germany").run(context ->
                assertThat(context).getFailure().rootCause().isInstanceOf(InvalidSettings.class)
                        .hasMessage("shopbridge.stores.main.region: \"Germany\" is not a country; write its two"
                                + " letters,"
                                + " as in DE"));
    }

    /** ISO 3166 has no code for it, and Shopify sells there. */
    @Test
    void kosovoIsOneToo() {
        application.withPropertyValues("shopbridge.stores.main.region=xk").run(context ->
                assertThat(context.getBean(Stores.class).find("main").orElseThrow().region()).isEqualTo("XK"));
    }
}
