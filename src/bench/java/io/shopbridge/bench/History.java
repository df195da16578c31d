package io.shopbridge.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.shopbridge.ShopbridgeProcess;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A shop's history, from the file of a bulk operation into the mirror: {@code mvn -P bench test -Dtest=History}, with
 * {@code -Dhistory.orders=200000}, half as many customers, and {@code -Dhistory.kills=2}: that often the process and its
 * PostgreSQL are killed at a random moment, and started again. The store feeds no CRM. The file has its lines in no
 * order, and an order in twenty has a refund, which is asked for by itself.
 */
class History {

    private static final int ORDERS = Integer.getInteger("history.orders", 200_000);
    private static final int KILLS = Integer.getInteger("history.kills", 2);
    /** As the container image has them: with all compilers, which tests do without. */
    private static final List<String> OPTIONS = List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4");
    private static final int ONE_IN = 20;
    private static final String PASSWORD = "bench-password";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Random RANDOM = new Random(1);

    @TempDir
    private Path directory;
    private final HttpClient http = HttpClient.newHttpClient();
    private HttpServer shop;
    private ShopbridgeProcess process;
    private int port;

    @BeforeEach
    void start() throws IOException {
        write("customers", ORDERS / 2, this::customer);
        write("orders", ORDERS, this::order);
        shop = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        shop.setExecutor(Executors.newFixedThreadPool(4));
        shop.createContext("/", this::answer);
        shop.start();
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        process = process();
    }

    @AfterEach
    void stop() {
        process.close();
        shop.stop(0);
    }

    @Test
    void theWholeHistoryIsInTheMirror() throws Exception {
        for (String entity : List.of("customer", "order")) {
            backfill(entity);
        }
        assertThat(mirrored("customer")).isEqualTo(ORDERS / 2);
        assertThat(mirrored("order")).isEqualTo(ORDERS);
    }

    private void backfill(String entity) throws Exception {
        JsonNode started = ask("POST", "/api/v1/backfills",
                "{\"store\": \"main\", \"entities\": [\"" + entity + "\"]}");
        long id = started.get(0).path("id").asLong();
        long records = entity.equals("order") ? ORDERS : ORDERS / 2;
        List<Long> killAt = RANDOM.longs(entity.equals("order") ? KILLS : 0, records / 10, records).sorted().boxed().toList();
        Instant began = Instant.now();
        Instant imports = null;
        ThreadTimes threads = ThreadTimes.of(process.pid());
        PostgresProcesses postgres = new PostgresProcesses(directory.resolve("postgres"));
        Duration postgresBefore = postgres.cpu();
        long most = 0;
        for (JsonNode now = started.get(0); !now.has("ended_at"); now = progress(id)) {
            if (imports == null && now.path("state").asText().equals("importing")) {
                imports = Instant.now();
                say("%s: %d lines in %d s", entity, now.path("lines").asLong(), seconds(began));
            }
            most = Math.max(most, residentMegabytes());
            if (!killAt.isEmpty() && now.path("records").asLong() > killAt.get(0)) {
                killAt = killAt.subList(1, killAt.size());
                say("killed at %d records", now.path("records").asLong());
                kill();
            }
            Thread.sleep(250);
        }
        JsonNode end = ask("GET", "/api/v1/backfills/" + id, "");
        assertThat(end.path("state").asText()).as(end.toString()).isEqualTo("ended");
        while (waiting() > 0) {
            Thread.sleep(100);
        }
        say("%s: %d records in the mirror in %d s after its file, %.0f a second; resident %d MB at most", entity, records,
                seconds(imports), records * 1000.0 / Duration.between(imports, Instant.now()).toMillis(), most);
        if (KILLS == 0) {
            // With the file, whose lines are stored before.
            ThreadTimes since = ThreadTimes.of(process.pid()).since(threads);
            say("%s: processor time of a record, in ms: JVM %.2f (%s), PostgreSQL %.2f", entity, since.all() / records,
                    since.perWebhook((int) records), postgres.cpu().minus(postgresBefore).toMillis() / (double) records);
        }
    }

    /** Without the report, which reads all that came in. */
    private JsonNode progress(long id) throws InterruptedException {
        for (JsonNode one : ask("GET", "/api/v1/backfills", "")) {
            if (one.path("id").asLong() == id) {
                return one;
            }
        }
        throw new AssertionError("There is no backfill " + id);
    }

    private void kill() throws Exception {
        long postgres = Long.parseLong(Files.readAllLines(directory.resolve("postgres/postmaster.pid")).get(0).strip());
        process.kill();
        ProcessHandle.of(postgres).ifPresent(ProcessHandle::destroyForcibly);
        process = process();
    }

    private ShopbridgeProcess process() {
        return ShopbridgeProcess.start(directory.resolve("log"), options(), List.of(
                "--server.port=" + port, "--shopbridge.embedded-postgres.data-dir=" + directory.resolve("postgres"),
                "--shopbridge.stores.main.domain=" + Workload.DOMAIN,
                "--shopbridge.stores.main.webhook-secrets=" + Workload.SECRET,
                "--shopbridge.stores.main.admin.url=http://127.0.0.1:" + shop.getAddress().getPort(),
                "--shopbridge.stores.main.admin.access-token=bench",
                "--shopbridge.stores.main.polls.order=off", "--shopbridge.stores.main.polls.customer=off",
                "--shopbridge.operator.password=" + PASSWORD));
    }

    private static List<String> options() {
        List<String> options = new ArrayList<>(OPTIONS);
        Stream.of(System.getProperty("history.java-options", "").split(" ")).filter(option -> !option.isEmpty())
                .forEach(options::add);
        return options;
    }

    private JsonNode ask(String method, String path, String body) throws InterruptedException {
        String login = Base64.getEncoder().encodeToString(("operator:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Basic " + login).header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build();
        while (true) {
            try {
                var answer = http.send(request, BodyHandlers.ofString());
                if (answer.statusCode() == 200) {
                    return JSON.readTree(answer.body());
                }
            } catch (IOException e) {
                // It starts.
            }
            Thread.sleep(200);
        }
    }

    private long mirrored(String entity) throws Exception {
        return database("SELECT count(DISTINCT record_id) FROM mirror_facet WHERE entity = '" + entity + "'"
                + " AND record_id NOT LIKE 'guest:%'");
    }

    private long waiting() throws Exception {
        return database("SELECT count(*) FROM inbox_waiting");
    }

    private long database(String query) throws Exception {
        List<String> lines = Files.readAllLines(directory.resolve("postgres/postmaster.pid"));
        System.setProperty("org.postgresql.pgpassfile", directory.resolve("postgres/shopbridge.pgpass").toString());
        try (var connection = DriverManager.getConnection("jdbc:postgresql://localhost:" + lines.get(3).strip()
                + "/postgres?user=shopbridge"); ResultSet row = connection.createStatement().executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private long residentMegabytes() throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        return !Files.exists(status) ? 0 : Files.readAllLines(status).stream().filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024).findFirst().orElse(0);
    }

    private static long seconds(Instant since) {
        return Duration.between(since, Instant.now()).toSeconds();
    }

    private static void say(String text, Object... what) {
        System.out.println(String.format(Locale.ROOT, text, what));
    }

    // The shop

    private interface Lines {
        void add(List<String> lines, int number);
    }

    private void write(String name, int records, Lines lines) throws IOException {
        try (BufferedWriter file = Files.newBufferedWriter(directory.resolve(name))) {
            List<String> some = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                lines.add(some, i);
                if (some.size() > 5_000 || i == records - 1) {
                    Collections.shuffle(some, RANDOM);
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
            boolean orders = name.equals("orders");
            data.putObject("bulkOperation").put("id", variables.path("id").asText()).put("status", "COMPLETED")
                    .put("objectCount", Integer.toString(orders ? ORDERS * 5 : ORDERS / 2))
                    .put("rootObjectCount", Integer.toString(orders ? ORDERS : ORDERS / 2))
                    .put("url", "http://127.0.0.1:" + shop.getAddress().getPort() + "/" + name);
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
            data.putObject("found").put("count", query.contains("ordersCount") ? ORDERS : ORDERS / 2);
        } else {
            data.putObject("currentAppInstallation").putArray("accessScopes").addObject().put("handle", "read_all_orders");
        }
    }
}
