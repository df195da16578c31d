package io.shopbridge.poll;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * What Shopify answered to the query for a page.
 *
 * @param at      when, by Shopify's clock
 * @param rest    the records of it that are not taken in yet. Each is taken out when its turn comes: with all its parts it
 *                may have megabytes, and a hundred of them are more than the memory holds
 * @param newest  the latest change on the page, by the shop's clock; null: it is empty
 * @param after   Shopify's cursor at its end
 * @param last    whether no other page follows
 * @param unread  records of it that are passed over, by their global ids, and why; added to while it is taken in
 * @param settled records that were passed over before, and are in {@code rest} or gone
 */
record Answer(Instant at, Queue<JsonNode> rest, Instant newest, String after, boolean last, Map<String, String> unread,
        Set<String> settled) {

    /** Of which nothing is passed over so far. */
    Answer(Instant at, Queue<JsonNode> rest, Instant newest, String after, boolean last) {
        this(at, rest, newest, after, last, new LinkedHashMap<>(), new LinkedHashSet<>());
    }

    /** Passes a record over. */
    void passOver(String gid, String because) {
        settled.remove(gid);
        unread.put(gid, because);
    }
}
