package io.shopbridge.store;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One Shopify shop.
 *
 * @param name    the operator's name for it
 * @param domain  its myshopify.com domain, lower case; null: not configured, not checked
 * @param secrets keys of the webhook signature, any of which may have signed
 * @param region  ISO 3166-1 alpha-2 country for local phone numbers
 * @param timeZone in which days are told of moments that Shopify gives in UTC, as its API does
 * @param crms    names of the CRMs it feeds
 * @param admin   how its Admin API is reached; null: it isn't
 * @param polls   when each entity is polled, where that is set for this shop: a cron expression or {@code off}
 */
public record Store(String name, String domain, List<byte[]> secrets, String region, ZoneId timeZone,
        List<String> crms, AdminAccess admin, Map<String, String> polls) {

    /** @param problems what is wrong with the settings is added here, a sentence each */
    static Store of(String name, StoreSettings settings, List<String> allCrms, List<String> problems) {
        String prefix = "shopbridge.stores." + name;
        if (settings.webhookSecrets().isEmpty() || settings.webhookSecrets().stream().anyMatch(String::isBlank)) {
            problems.add(prefix + ".webhook-secrets: missing or blank;"
                    + " set it to the client secret of the Shopify app that owns the webhooks");
        }
        List<String> crms = settings.crms().isEmpty() ? allCrms : settings.crms();
        for (String crm : crms) {
            if (!allCrms.contains(crm)) {
                problems.add(prefix + ".crms: \"" + crm
                        + "\" is not configured; configured under shopbridge.crms: " + allCrms);
            }
        }
        List<byte[]> secrets = settings.webhookSecrets().stream()
                .map(secret -> secret.getBytes(StandardCharsets.UTF_8)).toList();
        String domain = domain(prefix, settings.domain(), problems);
        return new Store(name, domain, secrets, region(prefix, settings.region(), problems),
                timeZone(prefix, settings.timeZone(), problems), List.copyOf(crms),
                AdminAccess.of(prefix, settings.admin(), domain, problems), Map.copyOf(settings.polls()));
    }

    /** With an invalid country, all local numbers would be dropped silently. */
    private static String region(String prefix, String region, List<String> problems) {
        String country = region.trim().toUpperCase(Locale.ROOT);
        if (!Countries.has(country)) {
            problems.add(prefix + ".region: \"" + region + "\" is not a country; write its two letters, as in DE");
        }
        return country;
    }

    private static ZoneId timeZone(String prefix, String setting, List<String> problems) {
        try {
            return ZoneId.of(setting.trim());
        } catch (DateTimeException e) {
            problems.add(prefix + ".time-zone: \"" + setting + "\" is not a time zone; write its name, as in"
                    + " America/Toronto");
            return ZoneOffset.UTC;
        }
    }

    private static String domain(String prefix, String setting, List<String> problems) {
        try {
            return setting == null || setting.isBlank() ? null : ShopDomain.of(setting);
        } catch (IllegalArgumentException e) {
            problems.add(prefix + ".domain: " + e.getMessage());
            return null;
        }
    }

    @Override
    public String toString() {
        return "Store[" + name + "]";
    }
}
