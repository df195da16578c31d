package io.shopbridge.store;

import java.util.List;
import java.util.regex.Pattern;

/**
 * How the Admin API of a shop is reached. Either an access token is configured, or an app whose client id and secret get
 * one.
 *
 * @param url          where it begins, without a slash at the end: https://north-loom.myshopify.com
 * @param version      the quarterly version that is asked for
 * @param accessToken  of the app's installation; null where a token is got by client id and secret
 * @param clientId     of the app; null where a token is configured
 * @param clientSecret of the app; null where a token is configured
 * @see <a href="https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant">
 *      Client credentials grant</a>
 */
public record AdminAccess(String url, String version, String accessToken, String clientId, String clientSecret) {

    /** The newest version that this release of Shopbridge is tested with. */
    static final String VERSION = "2026-10";
    private static final Pattern QUARTER = Pattern.compile("20\\d\\d-(01|04|07|10)");

    /** @param problems what is wrong with the settings is added here; null is given then, and where nothing is set */
    static AdminAccess of(String prefix, StoreSettings.Admin settings, String domain, List<String> problems) {
        if (settings == null) {
            return null;
        }
        int before = problems.size();
        String token = trimmed(settings.accessToken());
        String id = trimmed(settings.clientId());
        String secret = trimmed(settings.clientSecret());
        if (token == null && id == null && secret == null) {
            problems.add(prefix + ".admin: has no credentials; set admin.client-id and admin.client-secret of the"
                    + " Shopify app, or admin.access-token, or remove the other settings of admin");
        } else if (token != null && (id != null || secret != null)) {
            problems.add(prefix + ".admin: has an access-token and a client-id or client-secret; keep one of the two,"
                    + " since only one is used");
        } else if (token == null && (id == null || secret == null)) {
            problems.add(prefix + ".admin." + (id == null ? "client-id" : "client-secret") + ": missing or blank; set it"
                    + " to that of the Shopify app, beside the other of the two");
        }
        String version = settings.version().trim();
        if (!QUARTER.matcher(version).matches()) {
            problems.add(prefix + ".admin.version: \"" + version + "\" is no quarterly version; write one as in "
                    + VERSION);
        }
        String url = url(prefix, trimmed(settings.url()), domain, problems);
        return problems.size() > before ? null : new AdminAccess(url, version, token, id, secret);
    }

    private static String url(String prefix, String setting, String domain, List<String> problems) {
        if (setting != null) {
            SecureAddress.fault(setting).ifPresent(fault -> problems.add(prefix + ".admin.url: " + fault + "; "
                    + SecureAddress.ADVICE));
            return setting.replaceFirst("/+$", "");
        }
        if (domain == null || !ShopDomain.isShopifys(domain)) {
            problems.add(prefix + ".admin: the Admin API is reached by the shop's myshopify.com domain; set " + prefix
                    + ".domain to it, or admin.url");
        }
        return "https://" + domain;
    }

    private static String trimmed(String setting) {
        return setting == null || setting.isBlank() ? null : setting.trim();
    }

    @Override
    public String toString() {
        return "AdminAccess[url=" + url + ", version=" + version + "]";
    }
}
