package io.shopbridge.map;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The direction of synchronisation of a field. */
public enum Direction {
    TO_CRM("to-crm"), TO_SHOPIFY("to-shopify"), BOTH("both");

    private final String word;

    Direction(String word) {
        this.word = word;
    }

    /** The word used in mapping files. */
    public String word() {
        return word;
    }

    static Optional<Direction> of(String word) {
        return Arrays.stream(values()).filter(direction -> direction.word.equals(word)).findFirst();
    }

    static List<String> words() {
        return Arrays.stream(values()).map(Direction::word).toList();
    }
}
