package io.shopbridge.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import graphql.parser.Parser;
import graphql.parser.ParserOptions;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.SchemaParser;
import graphql.schema.idl.UnExecutableSchemaGenerator;
import graphql.validation.Validator;
import io.shopbridge.shopify.GraphqlType;
import io.shopbridge.shopify.Shopify;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class BulkQueryTest {

    private static final Path SCHEMA = Path.of("../shared/specs/shopify/admin_2026-10.schema.graphql");
    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));

    @Test
    void anOrderComesWithItsLinesAndOnlyTheIdsOfItsRefunds() {
        BulkQuery query = BulkQuery.of(type("Order"), "created_at:>='2026-01-01T00:00:00Z'");

        assertThat(query.connections()).containsExactlyInAnyOrder("lineItems", "shippingLines", "metafields");
        assertThat(query.incomplete()).containsExactly("refunds");
        assertThat(query.text())
                .contains("orders(query:\"created_at:>='2026-01-01T00:00:00Z'\"){edges{node{")
                .contains("lineItems{edges{node{in_lineItems:__typename id")
                .contains("refunds(first:101){id}")
                .doesNotContain("nodes", "pageInfo", "...Shopbridge");
    }

    /** Its own connection counts too. */
    @Test
    void noExportHasMoreConnectionsThanShopifyAllows() {
        assertThat(SHOPIFY.exported()).containsExactly("checkout", "company", "customer", "draft_order", "order");
        assertThat(exported()).allSatisfy(type -> assertThat(BulkQuery.of(type, "").connections())
                .as(type.name()).hasSizeLessThan(BulkQuery.MOST_CONNECTIONS));
    }

    @Test
    void aTypeWithTooManyConnectionsIsRefusedBeforeShopifyDoes() {
        String nodes = " { nodes { id } } ";
        GraphqlType type = new GraphqlType("Order", "fragment F on Order { id a" + nodes + "b" + nodes + "c" + nodes + "d"
                + nodes + "e" + nodes + "}", Set.of(), new GraphqlType.Bulk("orders", "created_at"), false, List.of(),
                List.of(), "shopify/order.yaml");

        assertThatThrownBy(() -> BulkQuery.of(type, "")).hasMessageContaining("with its own this has 6");
    }

    @Test
    void shopifysSchemaHasWhatTheExportsAskFor() throws IOException {
        Assumptions.assumeTrue(Files.exists(SCHEMA), "there is no " + SCHEMA);
        // Shopify's schema is larger than what the parser takes from strangers.
        ParserOptions.setDefaultParserOptions(ParserOptions.newParserOptions().maxCharacters(Integer.MAX_VALUE)
                .maxTokens(Integer.MAX_VALUE).maxWhitespaceTokens(Integer.MAX_VALUE).build());
        GraphQLSchema schema =
                UnExecutableSchemaGenerator.makeUnExecutableSchema(new SchemaParser().parse(Files.readString(SCHEMA)));
        assertThat(exported()).allSatisfy(type -> assertThat(new Validator().validateDocument(schema,
                new Parser().parseDocument(BulkQuery.of(type, "").text()), Locale.ENGLISH)).as(type.name()).isEmpty());
    }

    private static List<GraphqlType> exported() {
        return SHOPIFY.types().all().stream().filter(type -> type.bulk() != null).toList();
    }

    private static GraphqlType type(String name) {
        return SHOPIFY.types().all().stream().filter(type -> type.name().equals(name)).findFirst().orElseThrow();
    }
}
