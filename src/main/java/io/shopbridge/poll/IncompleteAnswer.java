package io.shopbridge.poll;

import io.shopbridge.shopify.admin.AdminAnswer.Denied;
import java.util.List;
import java.util.stream.Collectors;

/** Shopify denied a part of an answer. In what is left, that can't be told from what is empty. */
public class IncompleteAnswer extends RuntimeException {

    IncompleteAnswer(String store, List<Denied> denied) {
        super("The app may not read " + denied.stream().map(part -> part.path() + " (needs " + part.access() + ")")
                .collect(Collectors.joining(", ")) + " in the shop of store \"" + store + "\". Grant it, or take the"
                + " field out of the fragment in mappings/shopify. Until then nothing of such an answer is taken in,"
                + " because it would seem empty");
    }
}
