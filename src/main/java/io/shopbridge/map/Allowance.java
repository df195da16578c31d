package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Limits one evaluation of jq, so that an endless expression, or an unexpected record, fails alone and does not use up
 * the process's time or memory. Steps are counted instead of time: the same expression on the same record gives the
 * same result on a busy machine. An order of 1,000 lines costs a mapping some 100,000 steps; all steps together take
 * about a second, and need less than 50 MB of memory.
 */
final class Allowance {

    /** Values that are passed on, and an eighth of the size of texts, lists and objects that are made. */
    static final int STEPS = 2_000_000;
    /** Highest position in a list: jq fills the places before it. */
    static final int LONGEST_LIST = 1_000_000;
    /** Characters of the longest text. */
    static final int LONGEST_TEXT = 10_000_000;
    private static final int VALUE_OF_A_CONTAINER = 8;
    private static final int CHARACTERS_PER_STEP = 8;
    private static final ThreadLocal<Allowance> OF_THIS_THREAD = ThreadLocal.withInitial(Allowance::new);

    private int left = STEPS;

    /** That of the evaluation that runs on this thread. */
    static Allowance current() {
        return OF_THIS_THREAD.get();
    }

    /** As at the beginning of an evaluation. */
    void renew() {
        left = STEPS;
    }

    void step() {
        use(1);
    }

    /** Counts a value that is made, not merely passed on. */
    void made(JsonNode value) {
        if (value.isContainerNode()) {
            use(VALUE_OF_A_CONTAINER + (value.isObject() ? VALUE_OF_A_CONTAINER * value.size() : value.size()));
        } else if (value.isTextual()) {
            text(value.textValue().length());
            use(1 + value.textValue().length() / CHARACTERS_PER_STEP);
        } else {
            use(1);
        }
    }

    /** Counts a place where a regular expression fits, with its groups: each becomes an object. */
    void match(int groups) {
        use(3 * VALUE_OF_A_CONTAINER * (1 + groups));
    }

    /** Refuses a text of this many characters before it is made. */
    void text(double characters) {
        if (characters > LONGEST_TEXT) {
            throw exceeded("makes a text of more than " + LONGEST_TEXT + " characters");
        }
    }

    /** Refuses a position that would make a list of very many places, in a path of names and positions. */
    void position(JsonNode position) {
        if (position.isNumber() && position.asDouble() > LONGEST_LIST) {
            throw exceeded("asks for a position beyond " + LONGEST_LIST + " of a list");
        }
        if (position.isArray()) {
            position.forEach(this::position);
        }
    }

    /** Counts everything inside. A value that holds another many times over costs nothing until it is written out. */
    void wholly(JsonNode value) {
        if (value.isContainerNode()) {
            use(1 + value.size());
            value.forEach(this::wholly);
        }
    }

    Exceeded exceeded(String what) {
        return new Exceeded(what);
    }

    private void use(int steps) {
        left -= steps;
        if (left < 0) {
            throw exceeded("takes more than " + STEPS + " steps");
        }
    }

    /** No error of jq's, so that neither {@code try} nor {@code ?} can go on after it. */
    static final class Exceeded extends RuntimeException {

        private Exceeded(String message) {
            super(message, null, false, false);
        }
    }
}
