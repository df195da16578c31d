package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.shopbridge.map.Values;
import io.shopbridge.shopify.GraphqlQuery;
import org.junit.jupiter.api.Test;

class SearchesTest {

    @Test
    void aCountIsAskedForSeveralTimesInOneQuery() {
        assertThat(twice("# a comment\nquery OrderCount($query: String!) {\n"
                + "  found: ordersCount(query: $query, limit: null) { count precision }\n}"))
                .isEqualTo("query Searches($query0: String!, $query1: String!) {"
                        + " found0: ordersCount(query: $query0, limit: null) { count precision }"
                        + " found1: ordersCount(query: $query1, limit: null) { count precision } }");
    }

    @Test
    void ofAListTheFirstPageIsAskedFor() {
        assertThat(twice("query OrderIds($query: String!, $after: String) { orders(query: $query, after: $after, first: 250)"
                + " { nodes { id } } }")).isEqualTo("query Searches($query0: String!, $query1: String!) {"
                        + " found0: orders(query: $query0, first: 250) { nodes { id } }"
                        + " found1: orders(query: $query1, first: 250) { nodes { id } } }");
    }

    /** Otherwise twenty searches would take the points of one out of the shop's budget, which all processes share. */
    @Test
    void whatSeveralCostIsNotTakenForTheCostOfOne() {
        GraphqlQuery file = new GraphqlQuery("order-ids", "query OrderIds($query: String!) { orders(query: $query,"
                + " first: 250) { nodes { id } } }", false);
        QueryCosts costs = new QueryCosts();
        costs.learn(call(file, 1), Values.parse("{\"extensions\": {\"cost\": {\"requestedQueryCost\": 13}}}"));
        costs.learn(call(file, 20), Values.parse("{\"extensions\": {\"cost\": {\"requestedQueryCost\": 260}}}"));
        assertThat(costs.expected(call(file, 1))).isEqualTo(13);
        assertThat(costs.expected(call(file, 20))).isEqualTo(260);
    }

    private static AdminCall call(GraphqlQuery file, int searches) {
        return new AdminCall("main", Searches.query(file, searches), JsonNodeFactory.instance.objectNode(), Priority.POLL);
    }

    private static String twice(String text) {
        return Searches.query(new GraphqlQuery("a", text, false), 2).text().replaceAll("\\s+", " ");
    }
}
