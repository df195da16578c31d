package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * What the Admin API answered.
 *
 * @param data   the {@code data} of the answer; what was denied is null in it
 * @param denied the parts that the app may not read; empty: it is all there
 * @param at     when it was given, by Shopify's clock, in whole seconds; by ours if it does not say
 */
public record AdminAnswer(JsonNode data, List<Denied> denied, Instant at) {

    AdminAnswer(JsonNode data, List<Denied> denied) {
        this(data, denied, Instant.now());
    }

    /**
     * The same answer with the time at which Shopify gave it: the times of records and webhooks are by the same clock.
     *
     * @param date header {@code Date}; null or no date: it stays as it is
     */
    AdminAnswer givenAt(String date) {
        try {
            return date == null ? this
                    : new AdminAnswer(data, denied, Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
        } catch (DateTimeException e) {
            return this;
        }
    }

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
