package io.shopbridge.sandbox.salesforce;

/** Record ids: 15 characters, or 18 whose last three say which of the first are capitals. */
final class Ids {

    private static final String CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private Ids() {
    }

    static String of(String prefix, long number) {
        StringBuilder digits = new StringBuilder();
        for (long rest = number; digits.length() < 9; rest /= DIGITS.length()) {
            digits.insert(0, DIGITS.charAt((int) (rest % DIGITS.length())));
        }
        return whole(prefix + "Sb0" + digits);
    }

    /** The 18 characters of an id given in 15 or 18. */
    static String whole(String id) {
        if (id.length() != 15) {
            return id;
        }
        StringBuilder check = new StringBuilder(id);
        for (int block = 0; block < 3; block++) {
            int bits = 0;
            for (int i = 0; i < 5; i++) {
                if (Character.isUpperCase(id.charAt(block * 5 + i))) {
                    bits |= 1 << i;
                }
            }
            check.append(CHECK.charAt(bits));
        }
        return check.toString();
    }
}
