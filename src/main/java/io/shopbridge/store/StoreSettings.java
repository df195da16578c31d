package io.shopbridge.store;

import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One shop, as configured under {@code shopbridge.stores.<store>}.
 *
 * @param domain         the shop's myshopify.com domain, or an address with it; a webhook that names another is refused
 * @param webhookSecrets the app's client secrets. Two during a rotation: Shopify may sign with the old one for an hour
 *                       (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries)
 * @param region         ISO 3166-1 alpha-2 country in which local phone numbers of this shop are read
 * @param timeZone       IANA time zone of the shop, in which days are told of moments that Shopify gives in UTC
 * @param crms           names of the CRMs that this shop feeds; empty: all configured
 * @param admin          how its Admin API is reached; null: it isn't
 */
public record StoreSettings(
        String domain,
        @DefaultValue List<String> webhookSecrets,
        @DefaultValue("US") String region,
        @DefaultValue("UTC") String timeZone,
        @DefaultValue List<String> crms,
        Admin admin) {

    /**
     * What stands under {@code shopbridge.stores.<store>.admin}.
     *
     * @param url          where the Admin API begins; absent: the shop's domain
     * @param version      quarterly version, such as 2026-10
     * @param accessToken  of the app's installation
     * @param clientId     of an app of the Dev Dashboard, instead of the token
     * @param clientSecret of the same app
     */
    public record Admin(String url, @DefaultValue(AdminAccess.VERSION) String version, String accessToken,
            String clientId, String clientSecret) {

        @Override
        public String toString() {
            return "Admin[url=" + url + ", version=" + version + "]";
        }
    }

    @Override
    public String toString() {
        return "StoreSettings[domain=" + domain + ", region=" + region + ", timeZone=" + timeZone
                + ", crms=" + crms + ", admin=" + admin + "]";
    }
}
