package io.shopbridge.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class ShopbridgeSettingsTest {

    @Test
    void noSecretIsPrinted() {
        ShopbridgeSettings settings = new Binder(new MapConfigurationPropertySource(Map.of(
                "shopbridge.stores.main.webhook-secrets[0]", "s3cret-a", "shopbridge.stores.main.domain", "a.myshopify.com",
                "shopbridge.stores.main.admin.access-token", "s3cret-b",
                "shopbridge.stores.main.admin.version", "2026-10",
                "shopbridge.crms.hubspot.token", "s3cret-c", "shopbridge.crms.own.anything-else", "s3cret-d")))
                .bind("shopbridge", ShopbridgeSettings.class).get();
        StoreSettings store = settings.stores().get("main");
        assertThat(store.admin().accessToken()).isEqualTo("s3cret-b");
        assertThat(settings.toString()).contains("main", "hubspot").doesNotContain("s3cret");
        assertThat(store.toString()).contains("a.myshopify.com", "2026-10").doesNotContain("s3cret");
        assertThat(store.admin().toString()).doesNotContain("s3cret");
        assertThat(new Stores(settings.ofStore("main")).get("main").toString()).doesNotContain("s3cret");
    }
}
