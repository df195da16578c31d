package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What the Admin API answered.
 *
 * @param data   the {@code data} of the answer; what was denied is null in it
 * @param denied the parts that the app may not read; empty: it is all there
 */
public record AdminAnswer(JsonNode data, List<Denied> denied) {

    /**
     * A part of an answer that was not given. That it is null does not mean that the shop has no value.
     *
     * @param path   to the part, without positions in lists: {@code orders.nodes.customer}
     * @param access what is missing, in Shopify's words: {@code `read_customers` access scope.}
     */
    public record Denied(String path, String access) {
    }

    /** Whether a part, or one that it is inside of, was denied. */
    public boolean isDenied(String path) {
        return denied.stream().anyMatch(one -> path.equals(one.path()) || path.startsWith(one.path() + "."));
    }

    /** Not its data, which is personal. */
    @Override
    public String toString() {
        return "AdminAnswer[denied=" + denied + "]";
    }
}
