package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;

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

    private static String twice(String text) {
        return Searches.query(new GraphqlQuery("a", text, false), 2).text().replaceAll("\\s+", " ");
    }
}
