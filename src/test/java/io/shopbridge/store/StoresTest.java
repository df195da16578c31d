package io.shopbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What is accepted under shopbridge.stores. */
@ExtendWith(OutputCaptureExtension.class)
class StoresTest {

    @ParameterizedTest
    @CsvSource({"t.myshopify.com, t.myshopify.com", "T.MyShopify.com, t.myshopify.com",
        "https://t.myshopify.com/, t.myshopify.com", "http://t.myshopify.com, t.myshopify.com",
        "https://t.myshopify.com/admin/products?x=1#y, t.myshopify.com", "t.myshopify.com/, t.myshopify.com",
        "t.myshopify.com:443, t.myshopify.com", "t.myshopify.com., t.myshopify.com",
        "'  t.myshopify.com ', t.myshopify.com", "shop.example.co.uk, shop.example.co.uk"})
    void aDomainIsReadOutOfWhatABrowserShows(String setting, String domain) {
        assertThat(stores(Map.of("main.domain", setting)).get("main").domain()).isEqualTo(domain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"north-loom", "https://", "north loom.myshopify.com", "127.0.0.1", "-a.myshopify.com",
        "a..myshopify.com", "a@b.myshopify.com", "localhost", "${SHOP_DOMAIN}", "t.myshopify.com,u.myshopify.com"})
    void whatCannotBeADomainIsRefused(String setting) {
        assertThatThrownBy(() -> stores(Map.of("main.domain", setting))).isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("shopbridge.stores.main.domain: \"" + setting + "\" is not a domain")
                .hasMessageContaining(".myshopify.com");
    }

    @Test
    void theAddressOfTheAdminIsNotAShopsDomain() {
        assertThatThrownBy(() -> stores(Map.of("main.domain", "https://admin.shopify.com/store/north-loom")))
                .hasMessageContaining("the address of Shopify's admin");
    }

    @Test
    void allProblemsOfAllStoresAreReportedAtOnce() {
        assertThatThrownBy(() -> stores(Map.of("main.domain", "north-loom", "main.crms", "hubspto",
                "outlet.domain", "x", "outlet.webhook-secrets", " ")))
                .hasMessageContainingAll("shopbridge.stores.main.domain", "north-loom.myshopify.com",
                        "shopbridge.stores.main.crms", "hubspto", "shopbridge.stores.outlet.domain",
                        "shopbridge.stores.outlet.webhook-secrets");
    }

    @Test
    void aDomainThatShopifyDidNotGiveIsWarnedOf(CapturedOutput log) {
        stores(Map.of("main.domain", "t.myshopify.com", "outlet.domain", "shop.example.com"));
        assertThat(log.getAll()).contains("shopbridge.stores.outlet.domain is shop.example.com")
                .doesNotContain("stores.main");
    }

    @Test
    void theAdminApiIsReachedByTheShopsDomainWithTheNewestVersion() {
        AdminAccess admin = stores(Map.of("main.domain", "t.myshopify.com", "main.admin.access-token", " shpat_1 "))
                .get("main").admin();
        assertThat(admin.url()).isEqualTo("https://t.myshopify.com");
        assertThat(admin.version()).isEqualTo("2026-10");
        assertThat(admin.accessToken()).isEqualTo("shpat_1");
        assertThat(admin).hasToString("AdminAccess[url=https://t.myshopify.com, version=2026-10]");
        assertThat(stores(Map.of("main.domain", "t.myshopify.com")).get("main").admin()).isNull();
        assertThat(stores(Map.of("main.admin.access-token", "", "main.admin.client-id", " ")).get("main").admin()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "main.admin.url | http://localhost:8180 | main.admin.url: is set without credentials",
        "main.admin.client-id | app | main.admin.client-secret: missing or blank",
        "main.admin.client-secret | s3cret | main.admin.client-id: missing or blank",
        "main.admin.access-token, main.admin.client-id | x | main.admin: has an access-token and a client-id",
        "main.admin.access-token, main.admin.version | 2026-11 | main.admin.version: \"2026-11\" is no quarterly version",
        "main.admin.access-token, main.admin.url | http://shop.example.com | main.admin.url: would send secrets",
        "main.admin.access-token, main.domain | shop.example.com | main.admin: the Admin API is reached by the shop's"})
    void accessThatCannotWorkIsRefused(String names, String value, String problem) {
        Map<String, String> settings = new HashMap<>(Map.of("main.domain", "t.myshopify.com"));
        for (String name : names.split(", ")) {
            settings.put(name, value);
        }
        assertThatThrownBy(() -> stores(settings)).isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("shopbridge.stores." + problem).hasMessageNotContaining("s3cret");
    }

    private static Stores stores(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of("shopbridge.stores.main.webhook-secrets", "s",
                "shopbridge.stores.outlet.webhook-secrets", "s"));
        settings.forEach((name, value) -> all.put("shopbridge.stores." + name, value));
        return new Stores(new Binder(new MapConfigurationPropertySource(all))
                .bind("shopbridge", ShopbridgeSettings.class).get());
    }
}
