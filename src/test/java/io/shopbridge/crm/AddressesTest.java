package io.shopbridge.crm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shopbridge.store.SecureAddress;
import io.shopbridge.store.ShopbridgeSettings;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Addresses of CRMs as the start reads them. */
class AddressesTest {

    @Test
    void aSecretIsSentNowhereUnencrypted() {
        refused("shopbridge.crms.hubspot.base-url", Map.of("hubspot.base-url", "http://api.hubapi.com",
                "hubspot.token", "s3cret"));
        refused("shopbridge.crms.pipedrive.base-url", Map.of("pipedrive.baseurl", "http://api.pipedrive.com",
                "pipedrive.token", "s3cret"));
        refused("shopbridge.crms.salesforce.base-url", Map.of("salesforce.base-url", "http://example.my.salesforce.com",
                "salesforce.client-id", "id", "salesforce.client-secret", "s3cret"));
        refused("shopbridge.crms.other.base-url", Map.of("other.folder", "crm-one", "other.token", "s3cret",
                "other.base-url", "http://10.1.2.3:8080"));
    }

    @Test
    void thisMachineAndHttpsAreTaken() {
        assertThat(crms(Map.of("hubspot.token", "s3cret", "crm-one.token", "s3cret",
                "crm-one.base-url", "http://127.0.0.1:8182/")).all())
                .extracting(crm -> crm.addresses().get("base-url"))
                .containsExactlyInAnyOrder("https://api.hubapi.com", "http://127.0.0.1:8182");
    }

    @Test
    void aBlankSettingLeavesTheFilesAddress() {
        assertThat(crms(Map.of("hubspot.token", "s3cret", "hubspot.base-url", " ")).get("hubspot").baseUrl())
                .isEqualTo("https://api.hubapi.com");
    }

    private static void refused(String setting, Map<String, String> crms) {
        assertThatThrownBy(() -> crms(crms)).isInstanceOf(InvalidCrm.class).hasMessageStartingWith(setting + ": would")
                .hasMessageEndingWith(SecureAddress.ADVICE).hasMessageNotContaining("s3cret");
    }

    private static Crms crms(Map<String, String> settings) {
        Map<String, String> whole = new TreeMap<>();
        settings.forEach((key, value) -> whole.put("shopbridge.crms." + key, value));
        return new Crms(new Binder(new MapConfigurationPropertySource(whole))
                .bindOrCreate("shopbridge", ShopbridgeSettings.class));
    }
}
