package io.shopbridge.sandbox.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import graphql.GraphQLContext;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.DataFetchingEnvironmentImpl;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.shop.AdminOptions.ProtectedData;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedAdminApiTest {

    private static final Instant START = Instant.parse("2026-11-01T08:00:00Z");
    private static final String ORDERS = "query Changed($query: String, $after: String, $first: Int = 7) { orders("
            + "first: $first, after: $after, query: $query, sortKey: UPDATED_AT) { nodes { id updatedAt }"
            + " pageInfo { hasNextPage endCursor } } }";

    /** A clock that stands where it is put. */
    private static final class Hand extends Clock {
        private Instant now = START;

        void forward(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private final HttpClient client = HttpClient.newHttpClient();
    private final Hand clock = new Hand();
    private final ShopModel model = ShopModel.stepping(3, START, Duration.ofSeconds(20));
    private AdminOptions options = AdminOptions.defaults().withClock(clock);
    private SimulatedAdminApi api;

    @AfterEach
    void stop() {
        if (api != null) {
            api.close();
        }
    }

    @Test
    void aWindowOfTimeGivesPageByPageWhatChangedInIt() {
        start(600);
        Instant from = START.plus(Duration.ofHours(1));
        Instant to = START.plus(Duration.ofHours(2));
        String window = "updated_at:>='" + from + "' AND updated_at:<'" + to + "'";

        List<String> found = new ArrayList<>();
        List<String> times = new ArrayList<>();
        String after = null;
        do {
            JsonNode orders = query(ORDERS, variables(window, after)).at("/data/orders");
            orders.get("nodes").forEach(node -> {
                found.add(node.get("id").asText());
                times.add(node.get("updatedAt").asText());
            });
            after = orders.at("/pageInfo/hasNextPage").asBoolean() ? orders.at("/pageInfo/endCursor").asText() : null;
        } while (after != null);

        assertThat(times).isSorted().hasSizeGreaterThan(14);
        assertThat(found).containsExactlyInAnyOrderElementsOf(api.records("orders").stream().filter(order -> {
            Instant updated = OffsetDateTime.parse(order.get("updated_at").asText()).toInstant();
            return !updated.isBefore(from) && updated.isBefore(to);
        }).map(order -> order.get("admin_graphql_api_id").asText()).toList());
    }

    /** An order's refund is found by its own id, and each page costs what is on it. */
    @Test
    void ofAListTwentyFiveThousandAreGivenAndNoMore() {
        List<Integer> all = IntStream.range(0, 25_001).boxed().toList();
        assertThat((List<?>) Connections.of(all, after(24_899)).get("nodes")).hasSize(100);
        assertThatThrownBy(() -> Connections.of(all, after(24_999))).hasMessageContaining("25000 objects");
    }

    private static DataFetchingEnvironment after(int index) {
        return DataFetchingEnvironmentImpl.newDataFetchingEnvironment().graphQLContext(GraphQLContext.getDefault())
                .arguments(Map.of("first", 100, "after",
                        new Connections.Position(String.format("%09d", index), index).cursor())).build();
    }

    @Test
    void aListInsideAPartIsPagedByThePartsId() {
        start(30);
        model.largeOrder(45, 2);
        String refund = query("{ orders(first: 1, sortKey: UPDATED_AT, reverse: true) { nodes { refunds { id } } } }")
                .at("/data/orders/nodes/0/refunds/0/id").asText();
        String lines = "query ($id: ID!, $after: String) { node(id: $id) { ... on Refund { refundLineItems(first: 20, after:"
                + " $after) { pageInfo { hasNextPage endCursor } nodes { id } } } } }";
        Set<String> found = new HashSet<>();
        List<Integer> costs = new ArrayList<>();
        Map<String, Object> variables = new TreeMap<>(Map.of("id", refund));
        JsonNode page;
        do {
            JsonNode answer = query(lines, variables);
            page = answer.at("/data/node/refundLineItems");
            page.get("nodes").forEach(line -> found.add(line.get("id").asText()));
            costs.add(answer.at("/extensions/cost/actualQueryCost").asInt());
            variables.put("after", page.at("/pageInfo/endCursor").asText());
        } while (page.at("/pageInfo/hasNextPage").asBoolean());

        assertThat(found).hasSize(45);
        assertThat(costs).hasSize(3).allSatisfy(cost -> assertThat(cost).isGreaterThan(3));
        assertThat(query(lines, Map.of("id", refund, "after", "moved")).at("/errors/0/message").asText())
                .isEqualTo("Invalid cursor for current pagination sort.");
        assertThat(query(lines, Map.of("id", "gid://shopify/Refund/1")).at("/data/node").isNull()).isTrue();
    }

    @Test
    void customersAreFoundByWholeDays() {
        start(300);
        String query = "query ($query: String) { customers(first: 250, query: $query) { nodes { id updatedAt } } }";
        List<String> times = query(query, Map.of("query", "updated_at:>='" + START.plus(Duration.ofHours(1)) + "'"))
                .at("/data/customers/nodes").findValuesAsText("updatedAt");
        assertThat(times).anyMatch(time -> Instant.parse(time).isBefore(START.plus(Duration.ofHours(1))));
    }

    @Test
    void aRecordThatChangesWhileItIsPagedComesAgainAtTheEnd() {
        start(300);
        JsonNode first = query(ORDERS, variables(null, null)).at("/data/orders");
        Set<String> all = new HashSet<>();
        first.get("nodes").forEach(node -> all.add(node.get("id").asText()));
        model.events(100);
        String after = first.at("/pageInfo/endCursor").asText();
        while (after != null) {
            JsonNode page = query(ORDERS, variables(null, after)).at("/data/orders");
            page.get("nodes").forEach(node -> all.add(node.get("id").asText()));
            after = page.at("/pageInfo/hasNextPage").asBoolean() ? page.at("/pageInfo/endCursor").asText() : null;
        }
        assertThat(all).containsAll(api.records("orders").stream()
                .map(order -> order.get("admin_graphql_api_id").asText()).toList());
    }

    @Test
    void recordsAreGivenByTheirIds() {
        start(200);
        String order = api.records("orders").get(0).get("admin_graphql_api_id").asText();
        String customer = api.records("customers").get(0).get("admin_graphql_api_id").asText();
        JsonNode nodes = query("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Order { name } "
                + "... on Customer { tags } } }", Map.of("ids", List.of(order, "gid://shopify/Order/1", customer)))
                .at("/data/nodes");
        assertThat(nodes.get(0).get("__typename").asText()).isEqualTo("Order");
        assertThat(nodes.get(0).get("name").asText()).startsWith("#");
        assertThat(nodes.get(1).isNull()).isTrue();
        assertThat(nodes.get(2).get("tags").isArray()).isTrue();
        assertThat(query("{ order(id: \"" + customer + "\") { id } }").at("/errors/0/message").asText())
                .isEqualTo("Invalid id: " + customer);
    }

    @Test
    void companiesAndCartsAreListedToo() {
        model.withCartsAndCompanies();
        start(1_500);
        JsonNode data = query("{ companies(first: 250, sortKey: UPDATED_AT, query: \"updated_at:>='2026-11-01T09:00:00Z'\") {"
                + " nodes { id name contacts(first: 5) { nodes { customer { id companyContactProfiles { company { id } } } } }"
                + " } } abandonedCheckouts(first: 250, query: \"created_at:<now\") { nodes { id abandonedCheckoutUrl } }"
                + " companiesCount { count } orders(first: 250) { nodes { purchasingEntity { ... on PurchasingCompany {"
                + " company { id } } } } } }").get("data");
        JsonNode company = data.at("/companies/nodes/0");
        assertThat(company.at("/contacts/nodes/0/customer/companyContactProfiles/0/company/id"))
                .isEqualTo(company.get("id"));
        assertThat(data.at("/companiesCount/count").asInt()).isEqualTo(api.records("companies").size()).isPositive();
        assertThat(data.at("/abandonedCheckouts/nodes").size()).isEqualTo(api.records("checkouts").size()).isPositive();
        assertThat(data.at("/orders").findValues("purchasingEntity")).anyMatch(buyer -> buyer.has("company"));
    }

    @Test
    void productsAreGivenByTheirIds() {
        start(100);
        String sold = query("{ orders(first: 250) { nodes { lineItems(first: 5) { nodes { product { id } } } } } }")
                .findValue("product").get("id").asText();
        JsonNode product = query("query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { id title handle productType"
                + " vendor tags status createdAt publishedAt } } }", Map.of("ids", List.of(sold))).at("/data/nodes/0");
        assertThat(product.get("id").asText()).isEqualTo(sold);
        assertThat(product.get("vendor").asText()).isEqualTo("Demo Store");
        api.grant("read_orders");
        assertThat(query("{ orders(first: 250) { nodes { lineItems(first: 5) { nodes { product { id } } } } } }")
                .at("/errors/0/extensions/requiredAccess").asText()).contains("read_products");
    }

    @Test
    void theShopTellsWhoItIsAndWhatTheAppMayDo() {
        start(10);
        JsonNode data = query("{ shop { myshopifyDomain ianaTimezone }"
                + " currentAppInstallation { accessScopes { handle } } }").get("data");
        assertThat(data.at("/shop/myshopifyDomain").asText()).isEqualTo("sandbox.myshopify.com");
        assertThat(data.at("/currentAppInstallation/accessScopes").findValuesAsText("handle"))
                .contains("read_orders", "read_customers");
    }

    @Test
    void aWrongTokenIsRefusedAsShopifyDoes() {
        start(1);
        HttpResponse<String> answer =
                post("/admin/api/2026-10/graphql.json", "{\"query\":\"{ shop { name } }\"}", "wrong");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).isEqualTo(
                "{\"errors\":\"[API] Invalid API key or access token (unrecognized login or wrong password)\"}");
    }

    @ParameterizedTest
    @CsvSource({"2026-10, 2026-10", "2026-01, 2026-01", "2025-10, 2026-01", "2024-01, 2026-01"})
    void aVersionThatIsGoneIsAnsweredByTheOldestThatIsLeft(String asked, String served) {
        start(1);
        HttpResponse<String> answer = post("/admin/api/" + asked + "/graphql.json",
                "{\"query\":\"{ shop { name } }\"}", options.accessToken());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Shopify-API-Version")).contains(served);
    }

    @Test
    void aVersionThatNeverWasIsNotFound() {
        start(1);
        assertThat(post("/admin/api/2031-01/graphql.json", "{\"query\":\"{ shop { name } }\"}", options.accessToken())
                .statusCode()).isEqualTo(404);
    }

    @Test
    void aGrantedTokenEnds() throws IOException {
        options = options.withTokenLife(Duration.ofMinutes(1));
        start(1);
        HttpResponse<String> granted = post("/admin/oauth/access_token", "{\"grant_type\":\"client_credentials\","
                + "\"client_id\":\"app\",\"client_secret\":\"sandbox-secret\"}", null);
        assertThat(granted.statusCode()).isEqualTo(200);
        JsonNode body = Json.parse(granted.body().getBytes());
        assertThat(body.get("expires_in").asInt()).isEqualTo(59);
        assertThat(body.get("scope").asText()).contains("read_orders");
        String token = body.get("access_token").asText();
        String query = "{\"query\":\"{ shop { name } }\"}";
        assertThat(post("/admin/api/2026-10/graphql.json", query, token).statusCode()).isEqualTo(200);
        clock.forward(Duration.ofSeconds(61));
        assertThat(post("/admin/api/2026-10/graphql.json", query, token).statusCode()).isEqualTo(401);
        assertThat(post("/admin/oauth/access_token", "grant_type=client_credentials&client_id=app&client_secret=no", null)
                .statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{ shop { colour } }|undefinedField|Field 'colour' doesn't exist on type 'Shop'",
        "query Some { orders(first: 1, colour: 2) { nodes { id } } }|argumentNotAccepted|Field 'orders' doesn't accept argument 'colour'",
        "{ order { id } }|missingRequiredArguments|Field 'order' is missing required arguments: id",
        "{ shop }|selectionMismatch|Field must have selections (field 'shop' returns Shop but has no selections. Did you mean 'shop { ... }'?)",
        "{ node(id: \"1\") { ... on Nothing { id } } }|undefinedType|No such type Nothing, so it can't be a fragment condition",
        "{ orders(first: 1, sortKey: COLOUR) { nodes { id } } }|argumentLiteralsIncompatible|",
        "{ shop { name }|PARSE_ERROR|"})
    void whatTheSchemaDoesNotHaveIsRefused(String query, String code, String message) {
        start(1);
        JsonNode answer = query(query);
        assertThat(answer.at("/errors/0/extensions/code").asText()).isEqualTo(code);
        assertThat(answer.has("data")).isFalse();
        if (message != null) {
            assertThat(answer.at("/errors/0/message").asText()).isEqualTo(message);
        }
    }

    @Test
    void aListWithoutALengthOrWithTooGreatAOneIsRefused() {
        start(1);
        JsonNode answer = query("{ orders { nodes { id } } }");
        assertThat(answer.at("/errors/0/message").asText()).isEqualTo("you must provide one of first or last");
        assertThat(answer.at("/errors/0/extensions/code").asText()).isEqualTo("BAD_REQUEST");
        assertThat(answer.get("data").isNull()).isTrue();
        assertThat(query("{ orders(first: 251) { nodes { id } } }").has("errors")).isTrue();
    }

    @Test
    void aMissingScopeTakesAwayWhatItWasFor() {
        options = options.without("read_customers").without("read_companies");
        start(200);
        JsonNode customers = query("{ shop { name } customers(first: 1) { nodes { id } } }");
        assertThat(customers.at("/errors/0/message").asText())
                .isEqualTo("Access denied for customers field. Required access: `read_customers` access scope.");
        assertThat(customers.at("/errors/0/extensions/code").asText()).isEqualTo("ACCESS_DENIED");
        assertThat(customers.at("/errors/0/extensions/requiredAccess").asText())
                .isEqualTo("`read_customers` access scope.");
        assertThat(customers.get("data").isNull()).isTrue();

        JsonNode orders = query("{ orders(first: 2) { nodes { name customer { id } } } }");
        assertThat(orders.at("/data/orders/nodes/0/name").asText()).startsWith("#");
        assertThat(orders.at("/data/orders/nodes/0/customer").isNull()).isTrue();
        assertThat(orders.at("/errors/0/path").toString()).isEqualTo("[\"orders\",\"nodes\",0,\"customer\"]");

        api.grant("read_customers");
        assertThat(query("{ customers(first: 1) { nodes { id } } }").has("errors")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NULLS", "REFUSED"})
    void withoutApprovalPersonsHaveNoData(ProtectedData how) {
        options = options.withProtectedData(how);
        start(200);
        JsonNode answer = query("{ customers(first: 5) { nodes { id firstName defaultEmailAddress { emailAddress } tags"
                + " } } }");
        for (JsonNode customer : answer.at("/data/customers/nodes")) {
            assertThat(customer.get("id").isNull()).isFalse();
            assertThat(customer.get("firstName").isNull()).isTrue();
            assertThat(customer.get("defaultEmailAddress").isNull()).isTrue();
        }
        assertThat(answer.at("/errors/0/extensions/code").asText())
                .isEqualTo(how == ProtectedData.REFUSED ? "ACCESS_DENIED" : "");
    }

    @Test
    void ordersOlderThanSixtyDaysTakeAScopeOfTheirOwn() {
        options = options.without("read_all_orders");
        ShopModel years = ShopModel.stepping(3, START, Duration.ofHours(12));
        years.events(600);
        api = SimulatedAdminApi.start(0, options, years);
        JsonNode answer = query("{ ordersCount { count } orders(first: 250) { nodes { id createdAt } } }");
        int visible = answer.at("/data/ordersCount/count").asInt();
        assertThat(visible).isEqualTo(answer.at("/data/orders/nodes").size()).isPositive()
                .isLessThan(years.records("orders").size());
        api.grant("read_orders", "read_all_orders");
        assertThat(query("{ ordersCount { count } }").at("/data/ordersCount/count").asInt())
                .isEqualTo(years.records("orders").size());
    }

    @Test
    void aFilterThatDoesNotExistIsOnlyWarnedOf() {
        start(200);
        JsonNode answer = query("{ orders(first: 250, query: \"colour:red\") { nodes { id } } }");
        assertThat(answer.has("errors")).isFalse();
        assertThat(answer.at("/data/orders/nodes").size()).isEqualTo(api.records("orders").size());
        assertThat(answer.at("/extensions/search/0/warnings/0/code").asText()).isEqualTo("invalid_field");
        assertThat(answer.at("/extensions/search/0/path/0").asText()).isEqualTo("orders");
    }

    @Test
    void searchIsBehind() {
        options = options.withSearchLag(Duration.ofSeconds(30));
        api = SimulatedAdminApi.start(0, options, model);
        model.events(200);
        String id = api.records("orders").get(0).get("admin_graphql_api_id").asText();
        assertThat(query(ORDERS, variables(null, null)).at("/data/orders/nodes").size()).isZero();
        assertThat(query("{ order(id: \"" + id + "\") { id } }").at("/data/order/id").asText()).isEqualTo(id);
        clock.forward(Duration.ofSeconds(31));
        assertThat(query("{ ordersCount { count } }").at("/data/ordersCount/count").asInt())
                .isEqualTo(api.records("orders").size());
    }

    @Test
    void aBuyersJourneyIsReadyLater() {
        options = options.withJourneyDelay(Duration.ofMinutes(30));
        start(300);
        JsonNode orders = query("{ orders(first: 250, sortKey: CREATED_AT) { nodes { customerJourneySummary { ready"
                + " firstVisit { landingPage } } } } }").at("/data/orders/nodes");
        assertThat(orders.get(0).at("/customerJourneySummary/ready").asBoolean()).isTrue();
        assertThat(orders.get(0).at("/customerJourneySummary/firstVisit/landingPage").asText()).startsWith("https://");
        JsonNode newest = orders.get(orders.size() - 1).get("customerJourneySummary");
        assertThat(newest.get("ready").asBoolean()).isFalse();
        assertThat(newest.get("firstVisit").isNull()).isTrue();
    }

    @Test
    void queriesCostPointsAndPointsComeBack() {
        options = options.withPoints(200, 10);
        start(100);
        JsonNode cost = query(ORDERS, variables(null, null)).at("/extensions/cost");
        assertThat(cost.get("requestedQueryCost").asInt()).isEqualTo(5);
        assertThat(cost.at("/throttleStatus/maximumAvailable").asInt()).isEqualTo(200);
        assertThat(cost.at("/throttleStatus/restoreRate").asInt()).isEqualTo(10);

        api.drainPoints();
        JsonNode refused = query(ORDERS, variables(null, null));
        assertThat(refused.at("/errors/0/extensions/code").asText()).isEqualTo("THROTTLED");
        assertThat(refused.has("data")).isFalse();
        assertThat(refused.at("/extensions/cost/throttleStatus/currentlyAvailable").asInt()).isZero();
        clock.forward(Duration.ofSeconds(1));
        assertThat(query(ORDERS, variables(null, null)).has("errors")).isFalse();

        api.throttle(1);
        assertThat(query(ORDERS, variables(null, null)).at("/errors/0/extensions/code").asText()).isEqualTo("THROTTLED");
    }

    /** Captured from a real shop: a page grows with the logarithm of its length, and what only holds values is free. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{ shop { name } }|1",
        "{ orders(first: 1) { nodes { id } } }|3",
        "{ orders(first: 10) { nodes { id } } }|6",
        "{ orders(first: 250) { nodes { id } } }|13",
        "{ orders(first: 10) { nodes { id totalPriceSet { shopMoney { amount } } customer { id } } } }|10",
        "{ orders(first: 10) { nodes { id } edges { node { id } } } }|10",
        "{ ordersCount { count } }|10",
        "mutation { webhookSubscriptionDelete(id: 1) { deletedWebhookSubscriptionId } }|10"})
    void aQueryCostsWhatShopifyWouldAsk(String query, int cost) {
        start(1);
        assertThat(query(query).at("/extensions/cost/requestedQueryCost").asInt()).isEqualTo(cost);
    }

    @Test
    void aQueryThatMayCostMoreThanAThousandIsRefused() {
        start(1);
        JsonNode answer = query("{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { product { id } variant"
                + " { id } taxLines { title } discountAllocations { allocatedAmountSet { shopMoney { amount } } } } } shippingLines(first: 250) {"
                + " nodes { id } } metafields(first: 250) { nodes { id } } returns(first: 250) { nodes { id } } } } }");
        assertThat(answer.at("/errors/0/extensions/code").asText()).isEqualTo("MAX_COST_EXCEEDED");
        assertThat(answer.at("/errors/0/message").asText()).contains("exceeds the single query max cost limit (1000)");
    }

    private static final String CREATE = "mutation Subscribe($topic: WebhookSubscriptionTopic!, $it:"
            + " WebhookSubscriptionInput!) { webhookSubscriptionCreate(topic: $topic, webhookSubscription: $it) {"
            + " webhookSubscription { id uri topic format includeFields metafieldNamespaces filter apiVersion { handle } }"
            + " userErrors { field message } } }";

    @Test
    void subscriptionsAreMadeListedChangedAndDeleted() {
        start(1);
        JsonNode made = subscribe("ORDERS_CREATE", Map.of("uri", " https://bridge.example/webhooks/shopify/main ",
                "metafieldNamespaces", List.of("$app:settings"))).at("/data/webhookSubscriptionCreate");
        assertThat(made.at("/userErrors").size()).isZero();
        assertThat(made.at("/webhookSubscription/uri").asText()).isEqualTo("https://bridge.example/webhooks/shopify/main");
        assertThat(made.at("/webhookSubscription/includeFields").size()).isZero();
        assertThat(made.at("/webhookSubscription/metafieldNamespaces/0").asText()).isEqualTo("app--347082227713--settings");
        assertThat(made.at("/webhookSubscription/apiVersion/handle").asText()).isEqualTo("2026-10");
        subscribe("CUSTOMERS_CREATE", Map.of("uri", "https://bridge.example/webhooks/shopify/main"));
        assertThat(api.isSubscribed("orders/create")).isTrue();

        JsonNode page = query("{ webhookSubscriptions(first: 1) { nodes { id topic } pageInfo { hasNextPage endCursor } } }")
                .at("/data/webhookSubscriptions");
        assertThat(page.at("/nodes/0/topic").asText()).isEqualTo("ORDERS_CREATE");
        assertThat(page.at("/pageInfo/hasNextPage").asBoolean()).isTrue();
        assertThat(query("{ webhookSubscriptions(first: 1, after: \"" + page.at("/pageInfo/endCursor").asText()
                + "\") { nodes { topic } } }").at("/data/webhookSubscriptions/nodes/0/topic").asText())
                .isEqualTo("CUSTOMERS_CREATE");

        String id = made.at("/webhookSubscription/id").asText();
        assertThat(query("mutation { webhookSubscriptionUpdate(id: \"" + id + "\", webhookSubscription: { includeFields:"
                + " [\"id\"] }) { webhookSubscription { uri includeFields } userErrors { message } } }")
                .at("/data/webhookSubscriptionUpdate/webhookSubscription").toString()).isEqualTo(
                "{\"uri\":\"https://bridge.example/webhooks/shopify/main\",\"includeFields\":[\"id\"]}");
        assertThat(query("mutation { webhookSubscriptionDelete(id: \"" + id + "\") { deletedWebhookSubscriptionId"
                + " userErrors { message } } }").at("/data/webhookSubscriptionDelete/deletedWebhookSubscriptionId").asText())
                .isEqualTo(id);
        assertThat(query("mutation { webhookSubscriptionDelete(id: \"" + id + "\") { userErrors { message } } }")
                .at("/data/webhookSubscriptionDelete/userErrors/0/message").asText())
                .isEqualTo("Webhook subscription does not exist");

        api.deleteSubscription("customers/create");
        assertThat(query("{ webhookSubscriptions(first: 5) { nodes { id } } }").at("/data/webhookSubscriptions/nodes")
                .size()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ORDERS_CREATE|uri|http://bridge.example/x|callbackUrl|Address protocol http:// is not supported",
        "ORDERS_CREATE|uri|https://some.myshopify.com/x|callbackUrl|Address cannot be a Shopify or an internal domain",
        "ORDERS_CREATE|uri|https://|callbackUrl|Address is invalid",
        "ORDERS_CREATE|uri|' '|callbackUrl|Address can't be blank",
        "ORDERS_CREATE|uri|https://taken.example/x|callbackUrl|Address for this topic has already been taken",
        "RETURNS_APPROVE|format|XML|format|Format 'xml' is invalid for this webhook topic. Allowed formats: json",
        "ORDERS_PAID|name|a b|name|Name name field can only contain alphanumeric characters, underscores, and hyphens",
        "ORDERS_PAID|name|FIRST|name|Name already exists, no duplicate allowed",
        "ORDERS_PAID|filter|totally bogus|webhookSubscription|The specified filter is invalid, please ensure you specify the field(s) you wish to filter on."})
    void aSubscriptionThatShopifyRefusesIsRefused(String topic, String field, String value, String at, String because) {
        start(1);
        subscribe("ORDERS_CREATE", Map.of("uri", "https://taken.example/x", "name", "first"));
        Map<String, Object> input = new TreeMap<>(Map.of("uri", "https://bridge.example/x"));
        input.put(field, value);
        JsonNode made = subscribe(topic, input).at("/data/webhookSubscriptionCreate");
        assertThat(made.get("webhookSubscription").isNull()).isTrue();
        assertThat(made.at("/userErrors/0/message").asText()).isEqualTo(because);
        assertThat(made.at("/userErrors/0/field").get(made.at("/userErrors/0/field").size() - 1).asText()).isEqualTo(at);
    }

    @Test
    void aTopicThatDoesNotExistIsAnInvalidVariable() {
        start(1);
        JsonNode error = subscribe("ORDERS_EATEN", Map.of("uri", "https://bridge.example/x")).at("/errors/0");
        assertThat(error.get("message").asText())
                .isEqualTo("Variable $topic of type WebhookSubscriptionTopic! was provided invalid value");
        assertThat(error.at("/extensions/code").asText()).isEqualTo("INVALID_VARIABLE");
    }

    private JsonNode subscribe(String topic, Map<String, Object> input) {
        return query(CREATE, Map.of("topic", topic, "it", input));
    }

    private static final String RUN = "mutation ($query: String!, $grouped: Boolean! = false) { bulkOperationRunQuery("
            + "query: $query, groupObjects: $grouped) { bulkOperation { id status } userErrors { field message code } } }";
    private static final String BULK = "{ orders { edges { node { id name customer { id } lineItems { edges { node { id"
            + " __typename title } } } shippingLines { edges { node { id title } } } } } } }";

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBulkOperationLeavesAFileOfEverything(boolean grouped) throws IOException {
        options = options.withBulkTime(Duration.ofMinutes(2));
        start(2_000);
        JsonNode run = query(RUN, Map.of("query", BULK, "grouped", grouped)).at("/data/bulkOperationRunQuery");
        assertThat(run.at("/userErrors").size()).isZero();
        assertThat(run.at("/bulkOperation/status").asText()).isEqualTo("CREATED");
        String id = run.at("/bulkOperation/id").asText();
        clock.forward(Duration.ofSeconds(61));
        assertThat(operation(id).get("status").asText()).isEqualTo("RUNNING");
        clock.forward(Duration.ofMinutes(1));
        JsonNode done = finished(id);
        assertThat(done.get("status").asText()).isEqualTo("COMPLETED");

        HttpResponse<String> file = get(done.get("url").asText(), null);
        assertThat(file.headers().firstValue("Content-Type")).contains("application/jsonl");
        assertThat(file.body()).contains("gid:\\/\\/shopify\\/Order\\/").doesNotContain("gid://");
        assertThat(done.get("fileSize").asText()).isEqualTo(String.valueOf(file.body().getBytes(StandardCharsets.UTF_8).length));
        List<String> lines = file.body().lines().toList();
        assertThat(done.get("objectCount").asText()).isEqualTo(String.valueOf(lines.size()));

        Map<String, ObjectNode> orders = new TreeMap<>();
        Map<String, Integer> children = new TreeMap<>();
        int before = 0;
        for (String line : lines) {
            ObjectNode one = (ObjectNode) Json.parse(line.getBytes(StandardCharsets.UTF_8));
            if (one.has("__parentId")) {
                children.merge(one.get("__parentId").asText(), 1, Integer::sum);
                before += orders.containsKey(one.get("__parentId").asText()) ? 0 : 1;
            } else {
                orders.put(one.get("id").asText(), one);
            }
        }
        assertThat(done.get("rootObjectCount").asText()).isEqualTo(String.valueOf(orders.size()));
        if (grouped) {
            assertThat(before).isZero();
        } else {
            assertThat(before).as("children before their parents").isPositive();
        }
        List<ObjectNode> records = api.records("orders");
        assertThat(orders).hasSameSizeAs(records);
        for (ObjectNode order : records) {
            String gid = order.get("admin_graphql_api_id").asText();
            assertThat(orders.get(gid).has("lineItems")).isFalse();
            assertThat(children.getOrDefault(gid, 0))
                    .isEqualTo(order.get("line_items").size() + order.get("shipping_lines").size());
        }
        assertThat(get(done.get("url").asText(), "bytes=100-").body()).isEqualTo(file.body().substring(100));
        clock.forward(Duration.ofDays(8));
        assertThat(get(done.get("url").asText(), null).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "{ orders { nodes { id } } }|All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: 'orders { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: 'orders'.",
        "{ shop { id } }|Bulk queries must contain at least one connection.",
        "{ orders { edges { node { name lineItems { edges { node { id } } } } } } }|The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of 'ID' return type. Connection fields without 'id': orders.",
        "{ orders { edges { node { id refunds { refundLineItems { edges { node { id } } } } } } } }|Queries that contain a connection field within a list field are not currently supported.",
        "{ orders { edges { node { id lineItems { edges { node { id } } } shippingLines { edges { node { id } } } metafields { edges { node { id } } } returns { edges { node { id } } } customer { addressesV2 { edges { node { id } } } } } } } }|Bulk queries cannot contain more than 5 connections.",
        "mutation { bulkOperationCancel(id: 1) { userErrors { message } } }|Invalid operation type. Only `query` operations are supported.",
        "{ orders {|Invalid bulk query: syntax error, unexpected end of file"})
    void aBulkQueryThatShopifyRefusesIsRefused(String query, String because) {
        start(1);
        JsonNode error = query(RUN, Map.of("query", query)).at("/data/bulkOperationRunQuery/userErrors/0");
        assertThat(error.get("message").asText()).isEqualTo(because);
        assertThat(error.get("code").asText()).isEqualTo("INVALID");
        assertThat(error.get("field").toString()).isEqualTo("[\"query\"]");
    }

    @Test
    void fiveBulkOperationsRunAtOnceAndEachMayBeCancelled() {
        options = options.withBulkTime(Duration.ofMinutes(2));
        start(100);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(query(RUN, Map.of("query", BULK)).at("/data/bulkOperationRunQuery/bulkOperation/id").asText());
        }
        JsonNode sixth = query(RUN, Map.of("query", BULK)).at("/data/bulkOperationRunQuery");
        assertThat(sixth.at("/bulkOperation").isNull()).isTrue();
        assertThat(sixth.at("/userErrors/0/code").asText()).isEqualTo("OPERATION_IN_PROGRESS");
        assertThat(sixth.at("/userErrors/0/field").isNull()).isTrue();
        assertThat(sixth.at("/userErrors/0/message").asText()).startsWith("A bulk query operation for this app and shop"
                + " is already in progress: " + ids.get(0) + ", ");
        clock.forward(Duration.ofMinutes(1));
        JsonNode running = query("{ bulkOperations(first: 9, query: \"status:running operation_type:query\") { nodes { id"
                + " } } }");
        assertThat(running.at("/data/bulkOperations/nodes").findValuesAsText("id")).isEqualTo(ids);
        assertThat(query("{ bulkOperations(first: 9, query: \"type:QUERY\") { nodes { id } } }")
                .at("/extensions/search/0/warnings/0/code").asText()).isEqualTo("invalid_field");

        JsonNode cancelled = cancel(ids.get(0));
        assertThat(cancelled.at("/bulkOperation/status").asText()).isEqualTo("CANCELING");
        clock.forward(Duration.ofMinutes(2));
        assertThat(finished(ids.get(0)).get("status").asText()).isEqualTo("CANCELED");
        assertThat(finished(ids.get(1)).get("status").asText()).isEqualTo("COMPLETED");
        assertThat(cancel(ids.get(1)).at("/userErrors/0/message").asText())
                .isEqualTo("A bulk operation cannot be canceled when it is completed");
        assertThat(cancel("gid://shopify/BulkOperation/1").at("/userErrors/0/message").asText())
                .isEqualTo("Bulk operation does not exist");
    }

    @Test
    void aBulkOperationMayFailOrExpire() {
        options = options.withBulkTime(Duration.ZERO);
        start(300);
        api.failNextBulkOperation(true);
        JsonNode failed = finished(query(RUN, Map.of("query", BULK))
                .at("/data/bulkOperationRunQuery/bulkOperation/id").asText());
        assertThat(failed.get("status").asText()).isEqualTo("FAILED");
        assertThat(failed.get("errorCode").asText()).isEqualTo("TIMEOUT");
        assertThat(failed.get("url").isNull()).isTrue();
        assertThat(get(failed.get("partialDataUrl").asText(), null).body()).isNotEmpty();
        api.failNextBulkOperation(false);
        JsonNode empty = finished(query(RUN, Map.of("query", BULK))
                .at("/data/bulkOperationRunQuery/bulkOperation/id").asText());
        assertThat(empty.get("errorCode").asText()).isEqualTo("INTERNAL_SERVER_ERROR");
        assertThat(empty.get("partialDataUrl").isNull()).isTrue();
        api.expireNextBulkOperation();
        assertThat(finished(query(RUN, Map.of("query", BULK)).at("/data/bulkOperationRunQuery/bulkOperation/id").asText())
                .get("status").asText()).isEqualTo("EXPIRED");
        api.grant("read_customers");
        assertThat(finished(query(RUN, Map.of("query", BULK)).at("/data/bulkOperationRunQuery/bulkOperation/id").asText())
                .get("errorCode").asText()).isEqualTo("ACCESS_DENIED");
        api.grant("read_orders");
        JsonNode nothing = finished(query(RUN, Map.of("query", "{ orders(query: \"created_at:<2020-01-01\") { edges { node {"
                + " id } } } }")).at("/data/bulkOperationRunQuery/bulkOperation/id").asText());
        assertThat(nothing.get("status").asText()).isEqualTo("COMPLETED");
        assertThat(nothing.get("objectCount").asText()).isEqualTo("0");
        assertThat(nothing.get("url").isNull()).isTrue();
    }

    @Test
    void theOldestBulkOperationsAreForgotten() {
        options = options.withBulkTime(Duration.ZERO);
        start(50);
        String first = query(RUN, Map.of("query", BULK)).at("/data/bulkOperationRunQuery/bulkOperation/id").asText();
        String url = finished(first).get("url").asText();
        for (int i = 0; i < 50; i++) {
            finished(query(RUN, Map.of("query", BULK)).at("/data/bulkOperationRunQuery/bulkOperation/id").asText());
        }
        assertThat(operation(first).isNull()).isTrue();
        assertThat(get(url, null).statusCode()).isEqualTo(400);
        assertThat(query("{ bulkOperations(first: 250) { nodes { id } } }").at("/data/bulkOperations/nodes").size())
                .isEqualTo(50);
    }

    private JsonNode operation(String id) {
        return query("{ bulkOperation(id: \"" + id + "\") { status errorCode objectCount rootObjectCount fileSize url"
                + " partialDataUrl completedAt } }").at("/data/bulkOperation");
    }

    /** Its file is written by a thread of its own, which the clock does not know. */
    private JsonNode finished(String id) {
        return await().atMost(Duration.ofSeconds(30)).until(() -> operation(id),
                one -> !Set.of("CREATED", "RUNNING", "CANCELING").contains(one.get("status").asText()));
    }

    private JsonNode cancel(String id) {
        return query("mutation { bulkOperationCancel(id: \"" + id + "\") { bulkOperation { status } userErrors { message }"
                + " } }").at("/data/bulkOperationCancel");
    }

    private HttpResponse<String> get(String url, String range) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (range != null) {
            request.header("Range", range);
        }
        return send(request.build());
    }

    @Test
    void whatGoesWrongIsSetAtATerminalToo() {
        start(1);
        assertThat(post("/sandbox/shop", "{\"throttle\": 1, \"scopes\": [\"read_customers\"], \"versions\": [\"2026-07\"],"
                + " \"next-bulk-operation\": \"EXPIRED\"}", null).statusCode()).isEqualTo(200);
        HttpResponse<String> answer = post("/admin/api/2026-04/graphql.json",
                "{\"query\":\"{ orders(first: 1) { nodes { id } } }\"}", options.accessToken());
        assertThat(answer.headers().firstValue("X-Shopify-API-Version")).contains("2026-07");
        assertThat(answer.body()).contains("THROTTLED");
        assertThat(post("/admin/api/2026-07/graphql.json", "{\"query\":\"{ orders(first: 1) { nodes { id } } }\"}",
                options.accessToken()).body()).contains("ACCESS_DENIED");
        assertThat(post("/sandbox/shop", "{\"throtle\": 1}", null).statusCode()).isEqualTo(400);
    }

    @Test
    void aFaultIsAnsweredAsShopifyWordsIt() {
        start(1);
        api.faults().answer(430, null, 1);
        assertThat(post("/admin/api/2026-10/graphql.json", "{\"query\":\"{ shop { name } }\"}", options.accessToken())
                .statusCode()).isEqualTo(430);
    }

    private void start(int events) {
        model.events(events);
        api = SimulatedAdminApi.start(0, options, model);
    }

    private static Map<String, Object> variables(String query, String after) {
        Map<String, Object> variables = new TreeMap<>();
        variables.put("query", query);
        variables.put("after", after);
        return variables;
    }

    private JsonNode query(String query) {
        return query(query, Map.of());
    }

    private JsonNode query(String query, Map<String, ?> variables) {
        try {
            ObjectNode request = Json.object().put("query", query);
            request.set("variables", Json.MAPPER.valueToTree(variables));
            HttpResponse<String> answer =
                    post("/admin/api/2026-10/graphql.json", request.toString(), options.accessToken());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<String> post(String path, String body, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(api.baseUrl() + path))
                .header("Content-Type", body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body));
        if (token != null) {
            request.header("X-Shopify-Access-Token", token);
        }
        return send(request.build());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
