package io.shopbridge.shopify;

import java.util.regex.Pattern;

/**
 * Validates ids. They become keys of tables, names of facets, parts of URLs and words in the log, so ids that Shopify
 * never sends are refused at the entrance: with blanks, control characters, slashes, or thousands of characters.
 */
public final class Ids {

    private static final String GLOBAL = "gid://shopify/";
    private static final int LONGEST = 255;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9:_-]{1," + LONGEST + "}");
    private static final Pattern GLOBAL_ID =
            Pattern.compile(GLOBAL + "[A-Za-z]{1,100}/" + ID.pattern() + "(\\?\\S{0,255})?");

    private Ids() {
    }

    /** Whether it is an id as records have one here: of Shopify, or made by us for a guest or a cart. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** Whether it is an id or Shopify's global form of one, gid://shopify/Customer/7. */
    static boolean isAnyId(String text) {
        return isId(text) || GLOBAL_ID.matcher(text).matches();
    }

    /** Whether it is a global id of this type; of any where the type is null. */
    static boolean isGlobal(String text, String type) {
        return GLOBAL_ID.matcher(text).matches() && (type == null || text.startsWith(GLOBAL + type + "/"));
    }

    /** The id in a global id, and any other id as it is. */
    public static String plain(String id) {
        String last = id.substring(id.lastIndexOf('/') + 1);
        int query = last.indexOf('?');
        return query < 0 ? last : last.substring(0, query);
    }
}
