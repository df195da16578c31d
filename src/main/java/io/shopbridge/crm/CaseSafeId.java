package io.shopbridge.crm;

/**
 * A record id of Salesforce in 18 characters, as all answers of its API have them. The address bar and reports show 15,
 * in which case matters; the last three of the 18 say which of them are capitals.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/field_types.htm">
 *     Field types: ID</a>
 */
final class CaseSafeId {

    private static final int SHORT = 15;
    private static final int BLOCK = 5;
    private static final String CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    private CaseSafeId() {
    }

    /** The id in 18 characters; anything but 15 letters and digits is returned as it is. */
    static String of(String id) {
        String given = id.trim();
        if (!given.matches("[0-9A-Za-z]{" + SHORT + "}")) {
            return id;
        }
        StringBuilder whole = new StringBuilder(given);
        for (int block = 0; block < SHORT; block += BLOCK) {
            int capitals = 0;
            for (int i = 0; i < BLOCK; i++) {
                char letter = given.charAt(block + i);
                capitals |= letter >= 'A' && letter <= 'Z' ? 1 << i : 0;
            }
            whole.append(CAPITALS.charAt(capitals));
        }
        return whole.toString();
    }
}
