package io.shopbridge.cases;

import io.shopbridge.mirror.PayloadRecords;
import io.shopbridge.sandbox.shop.QueryCost;
import io.shopbridge.shopify.GivenBody;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.GraphqlType;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.shopify.admin.Connections;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import graphql.language.Document;
import graphql.parser.Parser;
import graphql.parser.ParserOptions;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLTypeUtil;
import graphql.schema.idl.SchemaParser;
import graphql.schema.idl.UnExecutableSchemaGenerator;
import graphql.validation.Validator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files of {@code mappings/shopify}: their own cases, and whether Shopify has the fields that they ask for. */
class ShippedAnswersTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final Path MAPPINGS = Path.of("mappings");
    private static final Path SCHEMA = Path.of("../shared/specs/shopify/admin_2026-10.schema.graphql");

    @TestFactory
    Stream<DynamicTest> everyCaseHolds() {
        return AnswerCases.load(MAPPINGS, SHOPIFY).stream().map(test ->
                DynamicTest.dynamicTest(MAPPINGS.relativize(test.file()) + ": " + test.name(),
                        () -> assertThat(test.differences()).as(test.file() + ":" + test.line()).isEmpty()));
    }

    @Test
    void everyEntityThatIsAskedForHasAType() {
        assertThat(SHOPIFY.types().all()).map(GraphqlType::name)
                .containsExactly("AbandonedCheckout", "Company", "Customer", "DraftOrder", "Order", "Product");
    }

    /** Also the fragments, which are nowhere else sent than inside of queries. */
    @Test
    void shopifysSchemaHasWhatTheQueriesAskFor() throws IOException {
        GraphQLSchema schema = schema();
        String all = SHOPIFY.queries().all().stream().map(GraphqlQuery::text).collect(Collectors.joining());
        assertThat(SHOPIFY.types().all()).allSatisfy(type -> assertThat(all).contains(type.fragment().strip()));
        for (GraphqlQuery query : SHOPIFY.queries().all()) {
            Document document = new Parser().parseDocument(query.text());
            assertThat(new Validator().validateDocument(schema, document, Locale.ENGLISH)).as(query.name()).isEmpty();
            assertThat(DeprecatedFields.of(document, schema))
                    .as(query.name() + " asks for what Shopify will remove").isEmpty();
        }
    }

    /** Shopify refuses a query of more than 1000 points before it runs. */
    @Test
    void everyQueryIsWithinWhatOneMayCost() throws IOException {
        Map<String, Integer> costs = new TreeMap<>();
        GraphQLSchema schema = schema();
        SHOPIFY.queries().all().forEach(query -> costs.put(query.name(),
                QueryCost.requested(new Parser().parseDocument(query.text()), schema)));

        assertThat(costs).containsEntry("order-updated", 776).containsEntry("order-by-id", 86);
        assertThat(costs.values()).allSatisfy(cost -> assertThat(cost).isLessThan(1000));
    }

    /** The other pages of each connection, asked for of the type that has it. */
    @Test
    void everyConnectionCanBeReadToItsEnd() throws IOException {
        GraphQLSchema schema = schema();
        Map<String, Integer> costs = new TreeMap<>();
        for (GraphqlType type : SHOPIFY.types().all()) {
            Connections connections = Connections.of(type);
            Stream<GraphqlQuery> pages = connections.paths().stream().map(path -> connections.nextPage(path,
                    "gid://shopify/" + owner(schema, type.name(), path) + "/1"));
            Stream.concat(pages, Stream.of(connections.again())).forEach(query -> {
                Document document = new Parser().parseDocument(query.text());
                assertThat(new Validator().validateDocument(schema, document, Locale.ENGLISH)).as(query.name()).isEmpty();
                costs.put(query.name(), QueryCost.requested(document, schema));
            });
        }

        assertThat(costs.keySet()).contains("AbandonedCheckout lineItems", "Company locations", "Customer addressesV2",
                "Order lineItems", "Order metafields", "Order refunds.refundLineItems", "Order refunds.transactions",
                "Order shippingLines", "DraftOrder lineItems", "DraftOrder metafields",
                "Customer companyContactProfiles.roleAssignments").hasSize(21);
        assertThat(costs.values()).allSatisfy(cost -> assertThat(cost).isLessThan(100));
    }

    private static String owner(GraphQLSchema schema, String type, String path) {
        GraphQLFieldsContainer owner = (GraphQLFieldsContainer) schema.getType(type);
        for (String name : path.split("\\.")) {
            GraphQLFieldsContainer of = (GraphQLFieldsContainer) GraphQLTypeUtil.unwrapAll(
                    owner.getFieldDefinition(name).getType());
            if (of.getName().endsWith("Connection")) {
                return owner.getName();
            }
            owner = of;
        }
        throw new IllegalArgumentException(path);
    }

    private static GraphQLSchema schema() throws IOException {
        Assumptions.assumeTrue(Files.exists(SCHEMA), "there is no " + SCHEMA);
        // Shopify's schema is larger than what the parser takes from strangers.
        ParserOptions.setDefaultParserOptions(ParserOptions.newParserOptions().maxCharacters(Integer.MAX_VALUE)
                .maxTokens(Integer.MAX_VALUE).maxWhitespaceTokens(Integer.MAX_VALUE).build());
        return UnExecutableSchemaGenerator.makeUnExecutableSchema(new SchemaParser().parse(Files.readString(SCHEMA)));
    }

    @Test
    void aListThatWasCutIsNotTakenForTheWhole() throws IOException {
        ObjectNode order = (ObjectNode) Json.read(Files.readAllBytes(
                MAPPINGS.resolve("shopify/samples/order-answer.json"))).at("/data/order");
        ArrayNode refunds = (ArrayNode) order.get("refunds");
        while (refunds.size() <= 100) {
            refunds.add(refunds.get(0));
        }

        assertThatThrownBy(() -> GivenBody.of(Json.write(order), Optional.empty(), SHOPIFY))
                .isInstanceOf(UnreadablePayload.class).hasMessageContaining("a list has more than 100 elements");
    }

    @Test
    void aPartOfAListIsNotTakenForTheWhole() throws IOException {
        String answer = Files.readString(MAPPINGS.resolve("shopify/samples/order-answer.json"))
                .replaceFirst("\"hasNextPage\": false", "\"hasNextPage\": true");

        assertThatThrownBy(() -> GivenBody.of(answer.getBytes(StandardCharsets.UTF_8), Optional.empty(), SHOPIFY))
                .isInstanceOf(UnreadablePayload.class).hasMessageContaining("a list has more pages than this one");
    }

    @ParameterizedTest
    @CsvSource({"25.0, CAD, 25.00", "25.5, CAD, 25.50", "25.55, CAD, 25.55", "1500.0, JPY, 1500", "1500.0, ISK, 1500",
        "1.234, KWD, 1.234", "25.0, KWD, 25.000", "1.5, BHD, 1.500", "1.25, TND, 1.250", "25, CAD, 25", "-3.0, USD, -3.00"})
    void amountsAreWrittenAsWebhooksWriteThem(String answered, String currency, String expected) throws IOException {
        String answer = """
                {"__typename": "Order", "id": "gid://shopify/Order/1",
                 "totalPriceSet": {"shopMoney": {"amount": "%s", "currencyCode": "%s"}}}"""
                .formatted(answered, currency);

        byte[] body = GivenBody.of(answer.getBytes(StandardCharsets.UTF_8), Optional.empty(), SHOPIFY).parts().get(0)
                .body();

        assertThat(Json.read(body).at("/total_price_set/shop_money/amount").asText()).isEqualTo(expected);
    }

    /** Also states that Shopify adds, such as of parcels that the carrier has fetched, since API 2025-10. */
    @ParameterizedTest
    @CsvSource({"CARRIER_PICKED_UP, carrier_picked_up", "OUT_FOR_DELIVERY, out_for_delivery", "LOST, lost",
        "MARKED_AS_FULFILLED,", "FULFILLED,", "CANCELED,"})
    void theStateOfAParcelIsItsCarriers(String displayed, String expected) throws IOException {
        String answer = """
                {"__typename": "Order", "id": "gid://shopify/Order/1", "fulfillments":
                 [{"id": "gid://shopify/Fulfillment/2", "displayStatus": "%s"}]}""".formatted(displayed);

        byte[] body = GivenBody.of(answer.getBytes(StandardCharsets.UTF_8), Optional.empty(), SHOPIFY).parts().get(0)
                .body();

        assertThat(Json.text(Json.read(body).at("/fulfillments/0"), "shipment_status")).isEqualTo(expected);
    }

    /** As the order's webhooks say it, which do not tell what holds up the rest. */
    @ParameterizedTest
    @CsvSource({"ON_HOLD, SUCCESS, partial", "SCHEDULED, SUCCESS, partial", "REQUEST_DECLINED, SUCCESS, partial",
        "IN_PROGRESS, SUCCESS, partial", "ON_HOLD, CANCELLED,", "IN_PROGRESS, PENDING,", "UNFULFILLED, CANCELLED,",
        "PARTIALLY_FULFILLED, SUCCESS, partial", "FULFILLED, SUCCESS, fulfilled", "FULFILLMENT_NOT_REQUIRED, SUCCESS,"})
    void anOrderIsShippedInPartWhateverHoldsUpTheRest(String displayed, String parcel, String expected)
            throws IOException {
        String answer = """
                {"__typename": "Order", "id": "gid://shopify/Order/1", "displayFulfillmentStatus": "%s", "fulfillments":
                 [{"id": "gid://shopify/Fulfillment/2", "status": "%s"}]}""".formatted(displayed, parcel);

        byte[] body = GivenBody.of(answer.getBytes(StandardCharsets.UTF_8), Optional.empty(), SHOPIFY).parts().get(0)
                .body();

        assertThat(Json.text(Json.read(body), "fulfillment_status")).isEqualTo(expected);
    }

    @Test
    void idsBeyondDoublePrecisionStayExact() {
        List<AnswerCase> cases = AnswerCases.load(MAPPINGS, SHOPIFY);
        List<String> ids = cases.stream().flatMap(test -> PayloadRecords.of(SHOPIFY, "main", "US",
                GivenBody.of(test.answer(), Optional.empty(), SHOPIFY).parts()).stream())
                .map(record -> record.key().recordId()).toList();

        assertThat(ids).contains("7100000000000000001", "5200000000000000017", "310000000000000007");
    }
}
