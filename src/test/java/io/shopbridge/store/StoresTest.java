package io.shopbridge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shopbridge.LogsAsAtAnyStart;
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
@ExtendWith({OutputCaptureExtension.class, LogsAsAtAnyStart.class})
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

    private static Stores stores(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of("shopbridge.stores.main.webhook-secrets", "s",
                "shopbridge.stores.outlet.webhook-secrets", "s"));
        settings.forEach((name, value) -> all.put("shopbridge.stores." + name, value));
        return new Stores(new Binder(new MapConfigurationPropertySource(all))
                .bind("shopbridge", ShopbridgeSettings.class).get());
    }
}
