package io.shopbridge.map;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Normalises people's names for comparison: Zoë Marsh is ZOE  MARSH. */
public final class Names {

    /**
     * What may be left out without making another name of it: accents, and the vowel points of Hebrew and Arabic. In other
     * scripts a mark is as much as a letter: Karan and Kiran differ in nothing else in Hindi.
     */
    private static final Pattern MARKS = Pattern.compile("[\\u0300-\\u036F\\u0591-\\u05BD\\u05BF-\\u05C7\\u0610-\\u061A"
            + "\\u064B-\\u0652\\u0670\\u06D6-\\u06ED]+");
    private static final Pattern INVISIBLE = Pattern.compile("\\p{Cf}");
    private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Z}]+");

    private Names() {
    }

    /**
     * Without accents, case, what is invisible and what blanks there are too many, full-width and half-width letters as
     * plain ones; empty where nothing is left.
     */
    public static String compared(String name) {
        String seen = INVISIBLE.matcher(name).replaceAll("");
        String bare = MARKS.matcher(Normalizer.normalize(seen, Normalizer.Form.NFKD)).replaceAll("");
        return BLANKS.matcher(Normalizer.normalize(bare, Normalizer.Form.NFC)).replaceAll(" ").strip()
                .toLowerCase(Locale.ROOT);
    }

    /** Whether one of these is the other with words left out, as {@code ann} is of {@code ann smith}; both compared. */
    public static boolean isPart(String one, String other) {
        List<String> ones = Arrays.asList(one.split(" "));
        List<String> others = Arrays.asList(other.split(" "));
        return !one.equals(other) && (others.containsAll(ones) || ones.containsAll(others));
    }
}
