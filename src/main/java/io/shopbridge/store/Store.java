package io.shopbridge.store;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One Shopify shop.
 *
 * @param name    the operator's name for it
 * @param domain  its myshopify.com domain, lower case; null: not configured, not checked
 * @param secrets keys of the webhook signature, any of which may have signed
 * @param region  ISO 3166-1 alpha-2 country for local phone numbers
 * @param crms    names of the CRMs it feeds
 */
public record Store(String name, String domain, List<byte[]> secrets, String region, List<String> crms) {

    /** Local numbers of what is no country would all be dropped, one by one and without a word. */
    private static String region(String store, String region) {
        String country = region.trim().toUpperCase(Locale.ROOT);
        if (!Set.of(Locale.getISOCountries()).contains(country)) {
            throw new InvalidSettings("shopbridge.stores." + store + ".region: \"" + region + "\" is no country;"
                    + " write its two letters, as in DE");
        }
        return country;
    }

    static Store of(String name, StoreSettings settings, List<String> allCrms) {
        if (settings.webhookSecrets().isEmpty() || settings.webhookSecrets().stream().anyMatch(String::isBlank)) {
            throw new InvalidSettings("shopbridge.stores." + name + ".webhook-secrets: missing or blank;"
                    + " set it to the client secret of the Shopify app that owns the webhooks");
        }
        List<String> crms = settings.crms().isEmpty() ? allCrms : settings.crms();
        for (String crm : crms) {
            if (!allCrms.contains(crm)) {
                throw new InvalidSettings("shopbridge.stores." + name + ".crms: \"" + crm
                        + "\" is not configured; configured under shopbridge.crms: " + allCrms);
            }
        }
        String domain = settings.domain() == null || settings.domain().isBlank()
                ? null : settings.domain().trim().toLowerCase();
        List<byte[]> secrets = settings.webhookSecrets().stream()
                .map(secret -> secret.getBytes(StandardCharsets.UTF_8)).toList();
        return new Store(name, domain, secrets, region(name, settings.region()), List.copyOf(crms));
    }
}
