package io.shopbridge.shopify;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The result of reading a body.
 *
 * @param changes the states it brings
 * @param mended  whether a text held what no database can, and was changed
 * @param ahead   whether a time of it is yet to come, so that its time of receipt was taken instead
 * @param withheld whether it is a customer's without any personal field, so that nothing was emptied
 * @param leftOut what of it is not what Shopify sends, and was left out
 * @param nothing why it brings none
 * @param app     what it says of the app itself
 */
public record Reading(List<FacetChange> changes, boolean mended, boolean ahead, boolean withheld, Set<String> leftOut,
        String nothing, Optional<AppNews> app) {

    /** The result of two bodies that came together. */
    Reading and(Reading other) {
        List<FacetChange> both = new ArrayList<>(changes);
        both.addAll(other.changes);
        Set<String> left = new TreeSet<>(leftOut);
        left.addAll(other.leftOut);
        return new Reading(both, mended || other.mended, ahead || other.ahead, withheld || other.withheld, left, nothing,
                app.or(other::app));
    }
}
