package io.shopbridge.store;

import java.util.Locale;
import java.util.regex.Pattern;

/** The domain of a shop, as Shopify's webhooks name it: north-loom.myshopify.com. */
public final class ShopDomain {

    private static final String SHOPIFYS = ".myshopify.com";
    /** A host name of two labels or more, the last of them no number (RFC 1123). */
    private static final Pattern NAME = Pattern.compile(
            "(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern HANDLE = Pattern.compile("[a-z0-9][a-z0-9-]*");

    private ShopDomain() {
    }

    /** Whether this text is a domain and nothing else. */
    public static boolean isOne(String text) {
        return NAME.matcher(text).matches();
    }

    /** Whether Shopify gave it: webhooks name the shop by this one, whatever other domains the shop has. */
    public static boolean isShopifys(String domain) {
        return domain.endsWith(SHOPIFYS);
    }

    /**
     * The domain of a setting, in lower case and without what an address in a browser has around it: scheme, path,
     * port and the dot that may end it.
     *
     * @throws IllegalArgumentException what it is instead, and what is right
     */
    static String of(String setting) {
        String address = setting.trim().toLowerCase(Locale.ROOT).replaceFirst("^[a-z]+://", "");
        String domain = address.replaceFirst("[/?#].*$", "").replaceFirst(":\\d*$", "").replaceFirst("\\.$", "");
        if (domain.equals("admin.shopify.com")) {
            throw new IllegalArgumentException("\"" + setting + "\" is the address of Shopify's admin; set it to the"
                    + " shop's own " + "<name>" + SHOPIFYS);
        }
        if (!isOne(domain)) {
            throw new IllegalArgumentException("\"" + setting + "\" is not a domain; set it to the shop's "
                    + (HANDLE.matcher(domain).matches() ? domain : "<name>") + SHOPIFYS
                    + ", with nothing before or after it");
        }
        return domain;
    }
}
