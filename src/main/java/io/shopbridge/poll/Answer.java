package io.shopbridge.poll;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Queue;

/**
 * What Shopify answered to the query for a page.
 *
 * @param at     when, by Shopify's clock
 * @param rest   the records of it that are not taken in yet. Each is taken out when its turn comes: with all its parts it
 *               may have megabytes, and a hundred of them are more than the memory holds
 * @param newest the latest change on the page, by the shop's clock; null: it is empty
 * @param after  Shopify's cursor at its end
 * @param last   whether no other page follows
 */
record Answer(Instant at, Queue<JsonNode> rest, Instant newest, String after, boolean last) {
}
