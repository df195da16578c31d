package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;

import graphql.parser.Parser;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.Shopify;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ListedIdsTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));

    @Test
    void aPageIsAskedForWithoutWhatItsRecordsHave() {
        String text = ListedIds.query(SHOPIFY.queries().get("customer-updated")).text().replaceAll("\\s+", " ");

        assertThat(text).startsWith("query CustomersUpdated($query: String!, $after: String, $first: Int! = 100) {")
                .contains("customers(query: $query, after: $after, first: $first, sortKey: UPDATED_AT, reverse: true)",
                        "pageInfo { hasNextPage endCursor }", "nodes { id updatedAt }").doesNotContain("fragment", "...");
    }

    @Test
    void everyListThatIsPolledCanBeAskedForSo() {
        Set<String> polled = SHOPIFY.asked(Shopify.UPDATED);
        assertThat(polled).contains("checkout", "company", "customer", "draft_order", "order");
        assertThat(polled).allSatisfy(entity -> {
            GraphqlQuery whole = SHOPIFY.queries().get(Shopify.query(entity, Shopify.UPDATED));
            assertThat(new Parser().parseDocument(ListedIds.query(whole).text()).getDefinitions()).hasSize(1);
            assertThat(SHOPIFY.asks(entity, Shopify.BY_ID)).as("to be read in parts").isTrue();
        });
    }
}
