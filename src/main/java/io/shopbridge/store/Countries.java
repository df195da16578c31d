package io.shopbridge.store;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Countries by two letters: those of ISO 3166-1, and Kosovo, which has none there: Shopify and most CRMs use XK. */
public final class Countries {

    private static final Set<String> CODES =
            Stream.concat(Stream.of(Locale.getISOCountries()), Stream.of("XK")).collect(Collectors.toUnmodifiableSet());

    private Countries() {
    }

    /** Whether these two capital letters are a country's. */
    public static boolean has(String code) {
        return CODES.contains(code);
    }
}
