package io.shopbridge.map;

import io.shopbridge.yaml.Nearest;
import io.shopbridge.yaml.Yaml;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * How long a CRM's texts may be, by the key {@code texts} of its crm.yaml:
 *
 * <pre>
 * texts: { usual: 255, longest: 5000, counted-in: utf-16 }
 * </pre>
 *
 * @param unit what counts as one; characters by default
 * @param usual what a field takes that has no {@code max-length} in its mapping
 * @param longest what the most spacious field takes, and so the greatest {@code max-length}
 */
record TextLengths(TextLength.Unit unit, int usual, int longest) {

    /** Where crm.yaml says nothing. */
    static final TextLengths UNKNOWN = new TextLengths(TextLength.Unit.CHARACTERS, Integer.MAX_VALUE, Integer.MAX_VALUE);

    static TextLengths read(Yaml at) {
        Map<String, Yaml> entries = at.entries("usual", "longest", "counted-in");
        TextLength.Unit unit = TextLength.Unit.CHARACTERS;
        if (entries.containsKey("counted-in")) {
            Yaml word = entries.get("counted-in");
            List<String> legal = Arrays.stream(TextLength.Unit.values()).map(TextLength.Unit::word).toList();
            unit = word.text().flatMap(TextLength.Unit::of).orElse(TextLength.Unit.CHARACTERS);
            if (word.text().filter(legal::contains).isEmpty()) {
                word.fault("is not a way to count", Nearest.advice(word.text().orElse(""), legal));
            }
        }
        int longest = number(entries.get("longest"), Integer.MAX_VALUE);
        int usual = number(entries.get("usual"), longest);
        if (usual > longest) {
            entries.get("usual").fault("is more than the longest", "longest is for the field that takes the longest"
                    + " text");
        }
        return new TextLengths(unit, usual, longest);
    }

    private static int number(Yaml at, int otherwise) {
        if (at == null) {
            return otherwise;
        }
        String number = at.text().orElse("");
        if (!number.matches("[1-9]\\d{0,8}")) {
            at.fault("is not a number of characters", "write it as in `longest: 255`");
            return otherwise;
        }
        return Integer.parseInt(number);
    }

    TextLength usualLength() {
        return new TextLength(unit, usual);
    }

    /** @throws IllegalArgumentException where no field takes so many */
    TextLength of(int maxLength) {
        if (maxLength > longest) {
            throw new IllegalArgumentException("no field takes more than " + longest + ", as texts in crm.yaml says");
        }
        return new TextLength(unit, maxLength);
    }
}
