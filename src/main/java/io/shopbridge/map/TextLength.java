package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.text.BreakIterator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;

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

    private static final Pattern LINK = Pattern.compile("(?i)https?://\\S+");

    /**
     * The value with every text in it no longer than that, also in lists and objects. A link is whole or nothing: cut
     * off, it would lead nowhere.
     *
     * @param mended is told once what had to be cut off or left out of a list
     * @throws Refused where the value is a link that does not fit
     */
    JsonNode fit(JsonNode value, Consumer<String> mended) throws Refused {
        Set<String> done = new TreeSet<>();
        JsonNode fitted = fit(value, done);
        if (fitted == null) {
            throw new Refused("is a link of more than " + longest + " characters, and a cut link does not work");
        }
        done.forEach(mended);
        return fitted;
    }

    /** Null where nothing of it fits. */
    private JsonNode fit(JsonNode value, Set<String> done) {
        if (value.isTextual()) {
            String text = value.textValue();
            if (holds(text)) {
                return value;
            }
            boolean link = LINK.matcher(text).matches();
            done.add(link ? "without a link of more than " + longest + " characters"
                    : "cut to " + longest + " characters");
            return link ? null : Values.NODES.textNode(cut(text));
        }
        if (value.isArray()) {
            ArrayNode list = Values.NODES.arrayNode(value.size());
            value.forEach(element -> {
                JsonNode fitted = fit(element, done);
                if (fitted != null) {
                    list.add(fitted);
                }
            });
            return list;
        }
        if (value.isObject()) {
            ObjectNode object = Values.NODES.objectNode();
            value.properties().forEach(field -> {
                JsonNode fitted = fit(field.getValue(), done);
                if (fitted != null) {
                    object.set(field.getKey(), fitted);
                }
            });
            return object;
        }
        return value;
    }

    boolean holds(String text) {
        // No unit counts a character of Java's as more than three
        return text.length() <= longest / 3 || unit.count(text) <= longest;
    }

    /**
     * The beginning that fits, cut between two characters as people see them: no emoji and no accent is halved. Where
     * the first of them alone is longer than that, cut between two code points.
     */
    String cut(String text) {
        if (holds(text)) {
            return text;
        }
        BreakIterator characters = BreakIterator.getCharacterInstance(Locale.ROOT);
        characters.setText(text);
        int fits = fitting(text, characters::following);
        return text.substring(0, fits == 0 ? fitting(text, from -> text.offsetByCodePoints(from, 1)) : fits);
    }

    /**
     * How many chars of Java's the whole parts have that fit, of a text that does not fit as a whole.
     *
     * @param end where the part ends that begins there
     */
    private int fitting(String text, IntUnaryOperator end) {
        int fits = 0;
        int next = end.applyAsInt(0);
        for (int length = unit.count(text.substring(0, next)); length <= longest;
                length += unit.count(text.substring(fits, next))) {
            fits = next;
            next = end.applyAsInt(fits);
        }
        return fits;
    }
}
