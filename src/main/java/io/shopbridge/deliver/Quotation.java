package io.shopbridge.deliver;

/**
 * Shortens the message of an outcome. A CRM may answer with all that it was sent; the beginning is enough, and the
 * payload has the rest.
 */
final class Quotation {

    private static final int LONGEST = 500;

    private Quotation() {
    }

    /** The sentence, cut where it is longer than people read. */
    static String of(String sentence) {
        if (sentence.length() <= LONGEST) {
            return sentence;
        }
        int end = Character.isHighSurrogate(sentence.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return sentence.substring(0, end) + "… (the payload has the rest)";
    }
}
