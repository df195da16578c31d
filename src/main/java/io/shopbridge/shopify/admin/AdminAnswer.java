package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.ApiAnswer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

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

    /** Without it, nobody knows of which record and of which moment the rest is. */
    private static final Set<String> IDENTITY = Set.of("__typename", "id", "updatedAt");
    private static final Pattern LISTS = Pattern.compile("\\.(nodes|edges\\.node)(?=\\.|$)");

    /**
     * A part of an answer that was not given. That it is null does not mean that the shop has no value.
     *
     * @param path   to the part, without positions in lists: {@code orders.nodes.customer}
     * @param access what is missing, in Shopify's words: {@code `read_customers` access scope.}
     */
    public record Denied(String path, String access) {

        /** For people: {@code customer (needs `read_customers` access scope.)}. */
        public String shown() {
            return path + " (needs " + access + ")";
        }
    }

    /**
     * What the app may not read of the records of this answer. It is written into each of them, since a record goes its
     * own way from here.
     *
     * @param records the path to the list of them, such as {@code orders.nodes}
     * @throws AdminDenied where the records themselves are denied, or what says which they are
     */
    public List<Denied> deniedOf(String store, String records) {
        List<Denied> parts = inside(records);
        JsonNode list = data.at("/" + records.replace('.', '/'));
        if (!outside(records).isEmpty() || parts.stream().map(Denied::path).anyMatch(IDENTITY::contains)) {
            throw AdminDenied.of(store, denied);
        }
        List<String> paths = parts.stream().map(Denied::path).toList();
        list.forEach(record -> {
            if (record instanceof ObjectNode object) {
                ApiAnswer.deny(object, paths);
            }
        });
        return parts;
    }

    /** @throws AdminDenied where a part was denied */
    public void requireWhole(String store) {
        if (!denied.isEmpty()) {
            throw AdminDenied.of(store, denied);
        }
    }

    /**
     * What was denied inside of certain objects, with the names that lead there from each of them, without those of
     * lists: {@code orders.nodes.lineItems.nodes.product} is {@code lineItems.product}.
     *
     * @param objects the path to them, such as {@code orders.nodes}
     */
    List<Denied> inside(String objects) {
        return denied.stream().filter(one -> one.path().startsWith(objects + ".")).map(one -> new Denied(LISTS.matcher(
                one.path().substring(objects.length() + 1)).replaceAll(""), one.access())).distinct().toList();
    }

    /** What was denied elsewhere: these objects themselves, or what contains them. */
    List<Denied> outside(String objects) {
        return denied.stream().filter(one -> !one.path().startsWith(objects + ".")).toList();
    }

    /** Not its data, which is personal. */
    @Override
    public String toString() {
        return "AdminAnswer[denied=" + denied + "]";
    }
}
