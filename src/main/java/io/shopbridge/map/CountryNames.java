package io.shopbridge.map;

import io.shopbridge.store.Countries;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Countries by the words that addresses name them with: the names of the Unicode CLDR in English, which Java has, ISO's
 * three letters, and what Shopify calls otherwise.
 *
 * @see <a href="https://github.com/Shopify/worldwide/tree/main/data/regions">Shopify's names</a>
 */
public final class CountryNames {

    private static final Pattern MARKS = Pattern.compile("\\p{M}+");
    /** "Bosnia And Herzegovina", "Bosnia & Herzegovina"; "Moldova, Republic of", "Moldova"; "St. Lucia". */
    private static final Pattern SAINT = Pattern.compile("\\bst\\b");
    private static final Pattern ADDITIONS = Pattern.compile("\\([^)]*\\)|,.*| sar china$|\\b(the|of)\\b");
    private static final Pattern NO_LETTERS = Pattern.compile("\\P{L}+");

    /** Shopify's names, where they are others than Java's, and names that newer Javas have changed. */
    private static final Map<String, String> OTHERS = Map.ofEntries(
            Map.entry("Congo", "CG"),
            Map.entry("Czech Republic", "CZ"),
            Map.entry("Democratic Republic of the Congo", "CD"),
            Map.entry("Great Britain", "GB"),
            Map.entry("Heard Island And Mcdonald Islands", "HM"),
            Map.entry("Holy See", "VA"),
            Map.entry("Kosovo", "XK"),
            Map.entry("Lao People's Democratic Republic", "LA"),
            Map.entry("Libyan Arab Jamahiriya", "LY"),
            Map.entry("Palestinian Territory", "PS"),
            Map.entry("Pitcairn", "PN"),
            Map.entry("Republic of Cameroon", "CM"),
            Map.entry("St. Vincent", "VC"),
            Map.entry("Turkey", "TR"),
            Map.entry("Türkiye", "TR"),
            Map.entry("UK", "GB"),
            Map.entry("United States Minor Outlying Islands", "UM"),
            Map.entry("United States of America", "US"));
    /** What stands behind a comma says which of two it is. */
    private static final Map<String, String> WITH_COMMA = Map.of(
            "congo, the democratic republic of the", "CD",
            "korea, democratic people's republic of", "KP",
            "korea, republic of", "KR",
            "virgin islands, british", "VG",
            "virgin islands, u.s.", "VI");

    private static final Map<String, String> CODES = codes();

    private CountryNames() {
    }

    /** The ISO 3166-1 alpha-2 code of the country of this name; empty where none is called so. */
    public static Optional<String> code(String name) {
        String comma = WITH_COMMA.get(name.strip().toLowerCase(Locale.ROOT));
        return Optional.ofNullable(comma != null ? comma : CODES.get(compared(name)));
    }

    /** The English name of the country of this code, in capitals; empty where no country has it. */
    public static Optional<String> name(String code) {
        return Optional.of(code).filter(Countries::has)
                .map(known -> new Locale.Builder().setRegion(known).build().getDisplayCountry(Locale.ENGLISH));
    }

    private static Map<String, String> codes() {
        Map<String, String> codes = new HashMap<>();
        for (String code : Locale.getISOCountries()) {
            Locale country = new Locale.Builder().setRegion(code).build();
            codes.put(compared(country.getDisplayCountry(Locale.ENGLISH)), code);
            codes.put(compared(country.getISO3Country()), code);
        }
        OTHERS.forEach((name, code) -> codes.put(compared(name), code));
        codes.remove("");
        return codes;
    }

    private static String compared(String name) {
        String bare = MARKS.matcher(Normalizer.normalize(name, Normalizer.Form.NFD)).replaceAll("")
                .toLowerCase(Locale.ROOT).replace("&", " and ");
        String plain = ADDITIONS.matcher(SAINT.matcher(bare).replaceAll("saint")).replaceAll(" ");
        return NO_LETTERS.matcher(plain).replaceAll(" ").strip();
    }
}
