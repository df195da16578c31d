package io.shopbridge.shopify.admin;

import io.shopbridge.shopify.admin.AdminAnswer.Denied;
import java.util.List;
import java.util.stream.Collectors;

/** The shop does not accept our access, or the app lacks a scope: a person must act. */
public final class AdminDenied extends AdminFailure {

    private static final int MOST_SHOWN = 10;

    AdminDenied(String message) {
        super(message, null);
    }

    /** Of an answer that is of no use without these parts. */
    static AdminDenied of(String store, List<Denied> parts) {
        return new AdminDenied("The app may not read " + parts.stream().map(Denied::shown).distinct().limit(MOST_SHOWN)
                .collect(Collectors.joining(", ")) + " in the shop of store \"" + store + "\". Grant it, and let the"
                + " merchant accept it; or take the field out of the fragment in mappings/shopify");
    }
}
