package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;

import graphql.language.OperationDefinition;
import graphql.parser.Parser;
import io.shopbridge.shopify.GraphqlQuery;
import org.junit.jupiter.api.Test;

class ShopCountsTest {

    @Test
    void aCountIsAskedForSeveralTimesInOneQuery() {
        GraphqlQuery two = ShopCounts.query(new GraphqlQuery("order-count", "# a comment\nquery OrderCount($query: String!) {\n"
                + "  found: ordersCount(query: $query, limit: null) { count precision }\n}", false), 2);
        assertThat(Parser.parse(two.text()).getDefinitionsOfType(OperationDefinition.class)).hasSize(1);
        assertThat(two.text().replaceAll("\\s+", " ")).isEqualTo("query Counts($q0: String!, $q1: String!) {"
                + " c0: ordersCount(query: $q0, limit: null) { count precision }"
                + " c1: ordersCount(query: $q1, limit: null) { count precision } }");
    }
}
