package io.shopbridge.map;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Who decides a CRM field. */
public enum Owner {
    /** Always ours. */
    SHOPIFY("shopify"),
    /** Ours until the CRM has a value of its own. */
    SHOPIFY_ON_CREATE("shopify-on-create"),
    /** Ours as long as neither side had a value: written once, and never again. */
    SHOPIFY_ONCE("shopify-once"),
    /** The later of the two edits. */
    NEWEST_WINS("newest-wins"),
    /** Never ours: never in a request. */
    CRM("crm");

    private final String word;

    Owner(String word) {
        this.word = word;
    }

    /** The word used in mapping files. */
    public String word() {
        return word;
    }

    static Optional<Owner> of(String word) {
        return Arrays.stream(values()).filter(owner -> owner.word.equals(word)).findFirst();
    }

    /** The words of all, as mapping files write them. */
    public static List<String> words() {
        return Arrays.stream(values()).map(Owner::word).toList();
    }
}
