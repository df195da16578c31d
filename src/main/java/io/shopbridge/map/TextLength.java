package io.shopbridge.map;

import java.text.BreakIterator;
import java.util.Locale;
import java.util.Optional;

/**
 * How long a text of a field may be.
 *
 * @param unit what counts as one
 * @param longest how many at most
 */
record TextLength(Unit unit, int longest) {

    enum Unit {
        /** Unicode code points: an emoji is one, or several where it is composed. */
        CHARACTERS,
        /** As Java and JavaScript count: what lies beyond the first 65,536 characters of Unicode is two. */
        UTF_16,
        /** As stored. */
        BYTES;

        static Optional<Unit> of(String word) {
            for (Unit unit : values()) {
                if (unit.word().equals(word)) {
                    return Optional.of(unit);
                }
            }
            return Optional.empty();
        }

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        int count(String text) {
            return switch (this) {
                case CHARACTERS -> text.codePointCount(0, text.length());
                case UTF_16 -> text.length();
                case BYTES -> bytes(text);
            };
        }

        private static int bytes(String text) {
            return text.codePoints().map(point -> point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4).sum();
        }
    }

    boolean holds(String text) {
        // No unit counts a character of Java's as more than three
        return text.length() <= longest / 3 || unit.count(text) <= longest;
    }

    /** The beginning that fits, cut between two characters as people see them: no emoji and no accent is halved. */
    String cut(String text) {
        if (holds(text)) {
            return text;
        }
        BreakIterator characters = BreakIterator.getCharacterInstance(Locale.ROOT);
        characters.setText(text);
        int fits = 0;
        int length = 0;
        for (int next = characters.next(); next != BreakIterator.DONE; next = characters.next()) {
            length += unit.count(text.substring(fits, next));
            if (length > longest) {
                break;
            }
            fits = next;
        }
        return text.substring(0, fits);
    }
}
