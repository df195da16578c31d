package io.shopbridge.mirror;

/**
 * Texts as every database and CRM can hold them. JSON can spell a zero byte and half of a surrogate pair; PostgreSQL's
 * text and UTF-8 can hold neither. Each becomes U+FFFD, the character that says that one was lost.
 */
final class Texts {

    private static final char REPLACEMENT = '\uFFFD';

    private Texts() {
    }

    /** The text with what can't be held replaced; the same object where there is nothing to replace. */
    static String mended(String text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isSurrogate(c)) {
                if (c != 0 && isPair(text, i)) {
                    i++;
                } else {
                    return replaced(text, i);
                }
            }
        }
        return text;
    }

    private static boolean isPair(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i)) && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
    }

    private static String replaced(String text, int from) {
        StringBuilder mended = new StringBuilder(text);
        for (int i = from; i < mended.length(); i++) {
            char c = mended.charAt(i);
            if (Character.isSurrogate(c) && isPair(text, i)) {
                i++;
            } else if (c == 0 || Character.isSurrogate(c)) {
                mended.setCharAt(i, REPLACEMENT);
            }
        }
        return mended.toString();
    }
}
