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

    static List<String> words() {
        return Arrays.stream(values()).map(Owner::word).toList();
    }
}
