package io.shopbridge.receive;

import io.shopbridge.store.Store;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A webhook whose body was read and not yet checked: the body of its route.
 *
 * @param store   that the path names
 * @param headers Shopify's, by name in small letters; of others, parameters and types that a sender claims none is used
 * @param body    the bytes as they came
 */
record ReceivedWebhook(Store store, Map<String, String> headers, byte[] body) {

    private static final String PREFIX = "x-";
    private static final String SHOPIFY = "shopify-";

    static ReceivedWebhook of(HttpServletRequest request, Store store, byte[] body) {
        Map<String, String> headers = new TreeMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            String lower = name.toLowerCase(Locale.ROOT);
            String value = request.getHeader(name);
            if (isShopifys(lower) && !hasControlCharacter(value)) {
                headers.put(lower, value);
            }
        }
        return new ReceivedWebhook(store, headers, body);
    }

    /**
     * The header of this name, {@code X-Shopify-Topic} of webhooks or {@code Shopify-Topic} of Shopify Events; null:
     * neither.
     *
     * @param name without those beginnings, in small letters
     */
    String header(String name) {
        String value = headers.get(PREFIX + SHOPIFY + name);
        return value == null ? headers.get(SHOPIFY + name) : value;
    }

    private static boolean isShopifys(String name) {
        return name.startsWith(SHOPIFY) || name.startsWith(PREFIX + SHOPIFY);
    }

    /** A value with control characters is dropped: Shopify sends none. */
    private static boolean hasControlCharacter(String value) {
        return value.chars().anyMatch(Character::isISOControl);
    }
}
