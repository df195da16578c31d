package io.shopbridge.refresh;

import io.shopbridge.shopify.admin.AdminAnswer.Denied;
import java.util.List;
import java.util.stream.Collectors;

/** Shopify denied a part of an answer. A record that is null in it may be one that the app may not read. */
public class PartDenied extends RuntimeException {

    private static final long serialVersionUID = 1;

    PartDenied(String store, List<Denied> denied) {
        super("The app may not read " + denied.stream().map(part -> part.path() + " (needs " + part.access() + ")")
                .collect(Collectors.joining(", ")) + " in the shop of store \"" + store + "\". Grant it, or take the"
                + " field out of the fragment in mappings/shopify");
    }
}
