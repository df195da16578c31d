package io.shopbridge.crm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shopbridge.store.ShopbridgeSettings;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Settings of a CRM that nothing reads would have no effect. */
class CrmSettingNamesTest {

    @Test
    void aMisspeltSettingIsRefused() {
        assertThatThrownBy(() -> crms(Map.of("hubspot.token", "s3cret", "hubspot.draft-oders", "true", "hubspot.xyz", "1")))
                .isInstanceOf(InvalidCrm.class).hasMessageContaining("shopbridge.crms.hubspot.draft-oders: there is no such"
                        + " setting; did you mean draft-orders (in the environment"
                        + " SHOPBRIDGE_CRMS_HUBSPOT_DRAFTORDERS)? There are anonymous-contact, api-version, ")
                .hasMessageContaining("shopbridge.crms.hubspot.xyz: there is no such setting. There are ");
        // As the environment gives SHOPBRIDGE_CRMS_HUBSPOT_BASE_URL.
        assertThatThrownBy(() -> crms(Map.of("hubspot.token", "s3cret", "hubspot.base.url", "https://example.com")))
                .hasMessageContaining("did you mean base-url (in the environment SHOPBRIDGE_CRMS_HUBSPOT_BASEURL)?");
    }

    /** What another CRM reads has no effect here. */
    @Test
    void eachFolderSaysWhatItReads() {
        assertThatThrownBy(() -> crms(Map.of("pipedrive.token", "s3cret", "pipedrive.client-id", "id")))
                .hasMessageContaining("shopbridge.crms.pipedrive.client-id: there is no such setting");
        assertThat(crms(Map.of("hubspot.token", "s3cret", "hubspot.orderstageopen", "1", "hubspot.subscription-id", "9",
                "salesforce.base-url", "https://example.my.salesforce.com", "salesforce.keystore", "k.p12",
                "salesforce.activate-orders", "true", "salesforce.apiuser", "005", "pipedrive.token", "s3cret",
                "pipedrive.time-zone", "Europe/Berlin")).all()).hasSize(3);
    }

    /** A yes would count as a no. */
    @Test
    void aSwitchIsTrueOrFalse() {
        assertThatThrownBy(() -> crms(Map.of("hubspot.token", "s3cret", "hubspot.draft-orders", "yes")))
                .isInstanceOf(InvalidCrm.class).hasMessage("shopbridge.crms.hubspot.draft-orders: \"yes\" is neither true nor"
                        + " false; write one of the two");
        assertThatThrownBy(() -> crms(Map.of("salesforce.base-url", "https://example.my.salesforce.com",
                "salesforce.activate-orders", "on"))).hasMessageContaining("neither true nor false");
        assertThat(crms(Map.of("hubspot.token", "s3cret", "hubspot.draft-orders", " TRUE ")).get("hubspot")
                .mapping("draft_order")).isPresent();
        assertThat(crms(Map.of("hubspot.token", "s3cret", "hubspot.draft-orders", " ")).get("hubspot")
                .mapping("draft_order")).isEmpty();
    }

    @Test
    void aTimeHasAUnit() {
        for (String timeout : new String[] {"60", "+60", "0s", "soon", "-5s", "PT0S"}) {
            assertThatThrownBy(() -> crms(Map.of("hubspot.token", "s3cret", "hubspot.timeout", timeout))).as(timeout)
                    .isInstanceOf(InvalidCrm.class).hasMessage("shopbridge.crms.hubspot.timeout: \"" + timeout + "\" is no"
                            + " time with its unit; write one, as in 30s");
        }
        for (String timeout : new String[] {"60s", "1m", "PT60S", "60000ms"}) {
            assertThat(crms(Map.of("hubspot.token", "s3cret", "hubspot.timeout", timeout)).get("hubspot").timeout())
                    .as(timeout).hasSeconds(60);
        }
    }

    private static Crms crms(Map<String, String> settings) {
        Map<String, String> whole = new TreeMap<>();
        settings.forEach((key, value) -> whole.put("shopbridge.crms." + key, value));
        return new Crms(new Binder(new MapConfigurationPropertySource(whole))
                .bindOrCreate("shopbridge", ShopbridgeSettings.class));
    }
}
