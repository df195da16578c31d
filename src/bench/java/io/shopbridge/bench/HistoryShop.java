package io.shopbridge.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A shop with a long history, as far as a backfill asks: the files of two bulk operations, whose lines are in no order,
 * and the orders by id of which these have only a part. An order in twenty has a refund.
 */
final class HistoryShop implements AutoCloseable {

    private static final int ONE_IN = 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Random random = new Random(1);
    private final Path directory;
    private final int orders;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final HttpServer shop;

    /**
     * Writes the files, and answers.
     *
     * @param directory for the files
     * @param orders    of half as many customers
     */
    HistoryShop(Path directory, int orders) throws IOException {
        this.directory = directory;
        this.orders = orders;
        write("customers", customers(), this::customer);
        write("orders", orders, this::order);
        shop = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        shop.setExecutor(threads);
        shop.createContext("/", this::answer);
        shop.start();
    }

    int customers() {
        return orders / 2;
    }

    String url() {
        return "http://127.0.0.1:" + shop.getAddress().getPort();
    }

    @Override
    public void close() {
        shop.stop(0);
        threads.shutdownNow();
    }

    private interface Lines {
        void add(List<String> lines, int number);
    }

    private void write(String name, int records, Lines lines) throws IOException {
        try (BufferedWriter file = Files.newBufferedWriter(directory.resolve(name))) {
            List<String> some = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                lines.add(some, i);
                if (some.size() > 5_000 || i == records - 1) {
                    Collections.shuffle(some, random);
                    for (String line : some) {
                        file.write(line);
                        file.write('\n');
                    }
                    some.clear();
                }
            }
        }
    }

    private static long customerId(int number) {
        return 7_000_000_000_000L + number;
    }

    private void customer(List<String> lines, int i) {
        lines.add(customer(i).toString());
    }

    private static ObjectNode customer(int i) {
        ObjectNode customer = JSON.createObjectNode().put("__typename", "Customer")
                .put("id", "gid://shopify/Customer/" + customerId(i)).put("firstName", "Ada").put("lastName", "L" + i)
                .put("state", "ENABLED").put("verifiedEmail", true).put("taxExempt", false)
                .put("createdAt", "2025-03-01T10:00:00Z").put("updatedAt", "2025-04-01T10:00:00Z");
        customer.putArray("tags").add("history");
        customer.putObject("defaultEmailAddress").put("emailAddress", "c" + i + "@example.com")
                .put("marketingState", "SUBSCRIBED").put("marketingOptInLevel", "SINGLE_OPT_IN")
                .put("marketingUpdatedAt", "2025-03-01T10:00:00Z");
        customer.putArray("companyContactProfiles");
        return customer;
    }

    private void order(List<String> lines, int i) {
        ObjectNode order = order(i);
        if (i % ONE_IN == 0) {
            order.putArray("refunds").addObject().put("id", "gid://shopify/Refund/" + i);
        }
        lines.add(order.toString());
        for (int line = 0; line < 3; line++) {
            lines.add(line(i, line).put("in_lineItems", "LineItem").put("__parentId", id(i)).toString());
        }
        lines.add(JSON.createObjectNode().put("in_shippingLines", "ShippingLine").put("id", "gid://shopify/ShippingLine/" + i)
                .put("title", "Standard").put("__parentId", id(i)).toString());
    }

    private static String id(int order) {
        return "gid://shopify/Order/" + (5_000_000_000_000L + order);
    }

    private static ObjectNode order(int i) {
        ObjectNode order = JSON.createObjectNode().put("__typename", "Order").put("id", id(i)).put("name", "#" + i)
                .put("number", i).put("email", "c" + i / 2 + "@example.com").put("test", false)
                .put("createdAt", "2025-05-01T10:00:00Z").put("processedAt", "2025-05-01T10:00:00Z")
                .put("updatedAt", "2025-05-02T10:00:00Z").put("currencyCode", "EUR")
                .put("presentmentCurrencyCode", "EUR").put("displayFinancialStatus", "PAID")
                .put("displayFulfillmentStatus", "FULFILLED").put("returnStatus", "NO_RETURN").put("sourceName", "web")
                .put("taxesIncluded", true);
        List.of("totalPriceSet", "currentTotalPriceSet", "originalTotalPriceSet", "totalReceivedSet", "netPaymentSet",
                "subtotalPriceSet", "totalDiscountsSet", "totalShippingPriceSet", "totalTaxSet", "totalOutstandingSet")
                .forEach(name -> order.set(name, money("60.00")));
        ObjectNode customer = customer(i / 2);
        customer.remove(List.of("tags", "companyContactProfiles", "__typename"));
        order.set("customer", customer);
        for (String address : List.of("billingAddress", "shippingAddress")) {
            order.putObject(address).put("firstName", "Ada").put("lastName", "L" + i / 2).put("address1", "Street " + i)
                    .put("city", "Berlin").put("countryCodeV2", "DE").put("country", "Germany").put("zip", "10115");
        }
        List.of("tags", "discountCodes", "paymentGatewayNames", "customAttributes", "transactions", "fulfillments",
                "refunds").forEach(order::putArray);
        List.of("confirmationNumber", "confirmed", "statusPageUrl", "phone", "note", "poNumber", "closedAt", "cancelledAt",
                "cancelReason", "sourceIdentifier", "attribution", "customerLocale", "customerAcceptsMarketing",
                "cartToken", "checkoutToken", "taxExempt", "customerJourneySummary", "risk", "purchasingEntity")
                .forEach(order::putNull);
        return order;
    }

    private static ObjectNode line(int order, int line) {
        ObjectNode item = JSON.createObjectNode().put("id", "gid://shopify/LineItem/" + (order * 10L + line))
                .put("title", "Mug").put("name", "Mug - Blue").put("sku", "MUG").put("quantity", 1)
                .put("currentQuantity", 1).put("unfulfilledQuantity", 0);
        item.set("originalUnitPriceSet", money("20.00"));
        item.set("totalDiscountSet", money("0.00"));
        return item;
    }

    private static ObjectNode money(String amount) {
        ObjectNode money = JSON.createObjectNode();
        List.of("shopMoney", "presentmentMoney").forEach(one ->
                money.putObject(one).put("amount", amount).put("currencyCode", "EUR"));
        return money;
    }

    private void answer(HttpExchange call) throws IOException {
        try (call) {
            Path file = directory.resolve(call.getRequestURI().getPath().substring(1));
            if (call.getRequestMethod().equals("GET")) {
                call.sendResponseHeaders(200, Files.size(file));
                Files.copy(file, call.getResponseBody());
                return;
            }
            JsonNode asked = JSON.readTree(call.getRequestBody());
            ObjectNode answer = JSON.createObjectNode();
            answer(asked.path("query").asText(), asked.path("variables"), answer.putObject("data"));
            answer.putObject("extensions").putObject("cost").put("requestedQueryCost", 10).put("actualQueryCost", 10)
                    .putObject("throttleStatus").put("maximumAvailable", 20000.0).put("currentlyAvailable", 20000)
                    .put("restoreRate", 1000.0);
            byte[] bytes = JSON.writeValueAsBytes(answer);
            call.getResponseHeaders().set("Content-Type", "application/json");
            call.getResponseHeaders().set("X-Shopify-API-Version", "2026-10");
            call.sendResponseHeaders(200, bytes.length);
            call.getResponseBody().write(bytes);
        }
    }

    private void answer(String query, JsonNode variables, ObjectNode data) throws IOException {
        if (query.contains("bulkOperationRunQuery")) {
            ObjectNode run = data.putObject("bulkOperationRunQuery");
            run.putObject("bulkOperation").put("status", "CREATED").put("id", "gid://shopify/BulkOperation/"
                    + (variables.path("query").asText().contains("{customers") ? "customers" : "orders"));
            run.putArray("userErrors");
        } else if (query.contains("bulkOperation(")) {
            String name = variables.path("id").asText().replaceFirst(".*/", "");
            boolean isOrders = name.equals("orders");
            data.putObject("bulkOperation").put("id", variables.path("id").asText()).put("status", "COMPLETED")
                    .put("objectCount", Integer.toString(isOrders ? orders * 5 : customers()))
                    .put("rootObjectCount", Integer.toString(isOrders ? orders : customers()))
                    .put("url", url() + "/" + name);
        } else if (query.contains("nodes(")) {
            var nodes = data.putArray("nodes");
            variables.path("ids").forEach(id -> {
                int number = (int) (Long.parseLong(id.asText().replaceFirst(".*/", "")) - 5_000_000_000_000L);
                ObjectNode order = order(number);
                var lines = order.putObject("lineItems").putArray("nodes");
                for (int line = 0; line < 3; line++) {
                    lines.add(line(number, line));
                }
                order.putObject("shippingLines").putArray("nodes");
                order.putObject("metafields").putArray("nodes");
                order.putArray("refunds").addObject().put("id", "gid://shopify/Refund/" + number)
                        .put("createdAt", "2025-05-02T10:00:00Z");
                nodes.add(order);
            });
        } else if (query.contains("Count(")) {
            data.putObject("found").put("count", query.contains("ordersCount") ? orders : customers());
        } else {
            data.putObject("currentAppInstallation").putArray("accessScopes").addObject().put("handle", "read_all_orders");
        }
    }
}
