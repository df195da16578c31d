package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What queries cost before they run, in points: as much as when they were last answered. */
final class QueryCosts {

    /** More than any query may cost, so that the first time of each is not too early. */
    private static final double MOST = 1000;

    /** One for each query and length of a page, of which there are at most 250. */
    private final Map<String, Double> known = new ConcurrentHashMap<>();

    double expected(AdminCall call) {
        return known.getOrDefault(key(call), MOST);
    }

    /** @param answer of any kind; Shopify tells the cost of a query also where it did not run it */
    void learn(AdminCall call, JsonNode answer) {
        double asked = answer.at("/extensions/cost/requestedQueryCost").asDouble();
        if (asked > 0) {
            known.put(key(call), asked);
        }
    }

    private static String key(AdminCall call) {
        return call.query().name() + " " + call.variables().path("first").asInt();
    }
}
