package io.shopbridge.map;

import java.net.IDN;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * E-mail addresses in the one notation in which they are compared: lower case, without what is around or invisible in
 * them, full-width letters as plain ones, and an internationalised domain as the mail servers have it:
 * {@code info@xn--mnchen-3ya.example}.
 */
public final class EmailAddresses {

    // Plausible, not valid: only delivery proves an address. RFC 5321 allows 254 characters, and no part between dots is
    // empty.
    private static final Pattern PLAUSIBLE = Pattern.compile(
            "[^\\s@.,;:<>()\\[\\]\"]+(\\.[^\\s@.,;:<>()\\[\\]\"]+)*@[^\\s@.,;:<>()\\[\\]\"]+(\\.[^\\s@.,;:<>()\\[\\]\"]+)+");
    private static final int LONGEST = 254;
    /** What people paste around an address, and what is invisible in it: the address itself is plain. */
    private static final Pattern MENDABLE = Pattern.compile("(?i)^[\\s\\p{Z}\\p{Cf}<]*(mailto:)?[\\s\\p{Z}]*"
            + "|[\\s\\p{Z}\\p{Cf}.,;:>]+$|\\p{Cf}");
    /** Full-width letters, as an East Asian keyboard types them, are that much behind the plain ones. */
    private static final int WIDER = '\uFF01' - '!';
    private static final String FULL_STOPS = "\u3002\uFF61";
    private static final String ENCODED = "xn--";
    /**
     * Letters that Java's IDN, which is IDNA 2003, makes others of: stra\u00DFe.de is another domain than strasse.de by now.
     * https://www.unicode.org/reports/tr46/#Deviations
     */
    private static final Pattern DEVIATIONS = Pattern.compile("[\u00DF\u1E9E\u03C2]");

    private EmailAddresses() {
    }

    /** The address in that notation; empty where it is not a plausible one. */
    public static Optional<String> normal(String text) {
        String address = compared(text);
        return address.length() <= LONGEST && PLAUSIBLE.matcher(address).matches() ? Optional.of(address)
                : Optional.empty();
    }

    /** The same of any text, of which as much is brought into that notation as can be. */
    public static String compared(String text) {
        StringBuilder plain = new StringBuilder();
        text.chars().forEach(letter -> plain.append((char) narrow(letter)));
        String address = Normalizer.normalize(MENDABLE.matcher(plain).replaceAll("").toLowerCase(Locale.ROOT),
                Normalizer.Form.NFC);
        int at = address.lastIndexOf('@');
        return address.substring(0, at + 1) + encoded(address.substring(at + 1));
    }

    /** How a CRM may have an address that is in that notation. */
    static List<String> spellings(String normal) {
        int at = normal.lastIndexOf('@');
        String readable = at < 0 || normal.indexOf(ENCODED, at) < 0 ? normal
                : normal.substring(0, at + 1) + IDN.toUnicode(normal.substring(at + 1));
        return readable.equals(normal) ? List.of(normal) : List.of(normal, readable);
    }

    private static int narrow(int letter) {
        if (FULL_STOPS.indexOf(letter) >= 0) {
            return '.';
        }
        return letter >= '!' + WIDER && letter <= '~' + WIDER ? letter - WIDER : letter;
    }

    private static String encoded(String domain) {
        if (domain.chars().allMatch(letter -> letter < 128) || DEVIATIONS.matcher(domain).find()) {
            return domain;
        }
        try {
            return IDN.toASCII(domain).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return domain;                      // no domain that IDNA 2003 knows
        }
    }
}
