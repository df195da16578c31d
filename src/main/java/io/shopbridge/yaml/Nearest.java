package io.shopbridge.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the legal name that was most likely meant. */
public final class Nearest {

    private Nearest() {
    }

    /** {@code did you mean "x"? Legal: a, b, x}. */
    public static String advice(String given, Collection<String> legal) {
        String all = legal.isEmpty() ? "there is none to choose from" : "legal: " + String.join(", ", legal);
        return to(given, legal).map(name -> "did you mean \"" + name + "\"? " + all).orElse(all);
    }

    /** The nearest of the legal names; empty where none is near. */
    public static Optional<String> to(String given, Collection<String> legal) {
        return legal.stream().filter(name -> near(given, name))
                .min(Comparator.<String>comparingInt(name -> isShortened(given, name) ? 1 : distance(given, name))
                        .thenComparing(String::length));
    }

    private static boolean near(String given, String name) {
        return isShortened(given, name) || distance(given, name) <= Math.max(2, name.length() / 3);
    }

    private static boolean isShortened(String given, String name) {
        return given.length() > 2 && name.startsWith(given);
    }

    private static int distance(String from, String to) {
        String a = from.toLowerCase(Locale.ROOT);
        String b = to.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
