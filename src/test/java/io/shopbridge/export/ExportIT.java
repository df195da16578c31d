package io.shopbridge.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.spy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.audit.Audit;
import io.shopbridge.command.Commands;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.store.RecordKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.transaction.PlatformTransactionManager;

class ExportIT {

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void twoOrders() {
        shopbridge.reset();
        shopbridge.post("customers/create", """
                {"id": 7, "email": "f@example.com", "first_name": "=1+1", "last_name": "O\\"Neil, \\nJr", "phone": "+16135550142",
                 "note": "x", "tags": "vip, -2 years", "updated_at": "2026-11-18T10:00:00-05:00", "default_address":
                 {"company": "@SUM(A1)", "city": "Zürich", "country_code": "CH"}}""");
        order(1, "2026-11-18T10:00:00-05:00", "-3.00");
        order(2, "2026-11-19T10:00:00-05:00", "5.00");
        shopbridge.awaitIdle();
    }

    private void order(int id, String at, String price) {
        shopbridge.post("orders/create", """
                {"id": %d, "name": "#%d", "email": "f@example.com", "currency": "EUR", "total_price": "9.50",
                 "created_at": "%s", "updated_at": "%s", "customer": {"id": 7}, "line_items": [
                 {"id": %d1, "title": "\\t=HYPERLINK(\\"x\\")", "quantity": 2, "price": "%s", "sku": "S"},
                 {"id": %d2, "title": "Plain", "quantity": 1, "price": "1.00", "total_discount": "0.00",
                  "discount_allocations": [{"amount": "0.25"}]}]}"""
                .formatted(id, id, at, at, id, price, id));
    }

    @Test
    void aSpreadsheetTakesNoCellForAFormulaAndGetsEveryValue() throws IOException {
        List<Map<String, String>> customers = csv("customers");
        assertThat(customers).singleElement().satisfies(customer -> assertThat(customer)
                .containsEntry("store", "main").containsEntry("id", "7").containsEntry("first_name", "'=1+1")
                .containsEntry("last_name", "O\"Neil, \nJr").containsEntry("company", "'@SUM(A1)")
                .containsEntry("phone", "+16135550142").containsEntry("city", "Zürich")
                .containsEntry("tags", "'-2 years, vip").containsEntry("orders_count", "2")
                .containsEntry("deleted_at", ""));
        assertThat(csv("line-items")).extracting(row -> row.get("id")).containsExactly("11", "12", "21", "22");
        assertThat(csv("line-items").get(0)).containsEntry("title", "'\t'=HYPERLINK(\"x\")").containsEntry("price", "-3.00")
                .containsEntry("order_name", "#1").containsEntry("currency", "EUR");
        assertThat(csv("line-items").get(1)).as("its part of the order's").containsEntry("discounts", "0.25");
        assertThat(get("orders", "").body()).as("RFC 4180").startsWith("store,id,name,").contains("\r\n").endsWith("\r\n");
    }

    @Test
    void jsonLinesHaveAllThatIsKnownAsItIs() throws IOException {
        List<JsonNode> customers = lines("customers", "");
        assertThat(customers).singleElement().satisfies(customer -> {
            assertThat(customer.path("first_name").asText()).isEqualTo("=1+1");
            assertThat(customer.at("/default_address/city").asText()).isEqualTo("Zürich");
            assertThat(customer.path("store").asText()).isEqualTo("main");
            assertThat(customer.has("settings")).as("what expressions see besides it").isFalse();
        });
        assertThat(lines("line-items", "")).extracting(line -> line.path("order_id").asText())
                .containsExactly("1", "1", "2", "2");
        assertThat(lines("links", "&crm=hubspot")).extracting(link -> link.path("entity").asText())
                .containsExactlyInAnyOrder("customer", "order", "order", "line_item", "line_item", "line_item", "line_item");
        assertThat(lines("outcomes", "&crm=crm-one")).isNotEmpty().allSatisfy(outcome ->
                assertThat(outcome.path("crm").asText()).isEqualTo("crm-one"));
        assertThat(lines("audit", "")).anySatisfy(entry ->
                assertThat(entry.path("what").asText()).isEqualTo("customers as jsonl"));
    }

    @Test
    void rowsAreChosenByTheTimeOfTheirLastChangeAndByStore() throws IOException {
        assertThat(lines("orders", "&since=2026-11-19T00:00:00Z")).extracting(order -> order.path("id").asText())
                .containsExactly("2");
        assertThat(lines("orders", "&until=2026-11-19T00:00:00Z")).extracting(order -> order.path("id").asText())
                .containsExactly("1");
        assertThat(lines("orders", "&store=outlet")).isEmpty();
        assertThat(lines("audit", "")).as("whose data left").anySatisfy(entry ->
                assertThat(entry.path("details").toString()).isEqualTo("{\"store\":\"outlet\"}"));
        assertThat(get("orders", "&store=outlett")).satisfies(answer -> {
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("There is no store \\\"outlett\\\"", "main");
        });
        assertThat(get("links", "&crm=hubspt").body()).contains("There is no CRM \\\"hubspt\\\"", "hubspot");
        for (String notChosen : List.of("orders", "audit")) {
            HttpResponse<String> answer = get(notChosen, "&crm=hubspot");
            assertThat(answer.statusCode()).as(notChosen).isEqualTo(400);
            assertThat(answer.body()).contains("The rows of " + notChosen + " are of no crm in particular. Leave crm out.");
        }
        assertThat(get("audit", "&store=main").statusCode()).isEqualTo(400);
        assertThat(get("orders", "&format=xml").statusCode()).isEqualTo(400);
        assertThat(get("refunds", "").body()).contains("There is no export of this name; there are customers, line-items,");
    }

    /** More than a page of records, of which each comes once. */
    @Test
    void everyRecordComesOnceHoweverManyThereAre() throws IOException {
        shopbridge.jdbc().update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " SELECT 'main', 'customer', 'n' || n, f, now(), '', convert_to('{}', 'UTF8')"
                + " FROM generate_series(1, 1200) n, unnest(ARRAY['profile', 'email_marketing_consent']) f");
        assertThat(lines("customers", "")).hasSize(1201).extracting(customer -> customer.path("id").asText())
                .doesNotHaveDuplicates();
    }

    /** Nobody waits for what they did not ask for: here it can't even be read. */
    @Test
    void whatIsNotAskedForIsNotLoaded() {
        shopbridge.jdbc().update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " VALUES ('main', 'order', '3', 'order', '2026-11-17T00:00:00Z', '', 'no JSON')");
        assertThat(lines("orders", "&since=2026-11-19T00:00:00Z")).extracting(order -> order.path("id").asText())
                .containsExactly("2");
    }

    @Test
    void recordsAreLoadedInGroupsThatFitIntoTheMemory() {
        shopbridge.jdbc().update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " SELECT 'main', 'order', n, 'order', now(), '', convert_to('\"' || repeat('x', m << 20) || '\"', 'UTF8')"
                + " FROM (VALUES ('a', 1), ('b', 2), ('c', 2), ('d', 9), ('e', 1)) v (n, m)");
        List<RecordKey> keys = Stream.of("a", "b", "c", "d", "e", "none").map(id -> new RecordKey("main", "order", id))
                .toList();
        assertThat(shopbridge.bean(CanonicalRecords.class).groups(keys)).containsExactly(keys.subList(0, 2),
                keys.subList(2, 3), keys.subList(3, 4), keys.subList(4, 6));
    }

    /** Whoever waits sees that rows come; the command waits two minutes for the first byte. */
    @Test
    void rowsComePageByPage() throws IOException {
        shopbridge.jdbc().update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " SELECT 'main', 'customer', 'n' || n, 'profile', now(), '', convert_to('{}', 'UTF8')"
                + " FROM generate_series(1, 600) n");
        for (ExportRequest.Format format : ExportRequest.Format.values()) {
            List<Integer> flushed = new ArrayList<>();
            ByteArrayOutputStream out = new ByteArrayOutputStream() {
                @Override
                public void flush() {
                    flushed.add(size());
                }
            };
            shopbridge.bean(Exports.class).write(new ExportRequest("customers", format, "main", null, null, null), out);
            assertThat(flushed.get(0)).as("before anything is read").isZero();
            assertThat(flushed.get(1)).as("after the first page").isPositive().isLessThan(out.size());
        }
    }

    @Test
    void theCommandSaysThatItsOutputIsNotWhole() {
        System.setProperty("shopbridge.operator.password", RunningShopbridge.PASSWORD);
        PrintStream before = System.out;
        System.setOut(new PrintStream(new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException("No space left on device");
            }
        }));
        try {
            assertThat(Commands.run("export", "--what", "orders", "--at", shopbridge.uri("/").toString())).isEqualTo(1);
        } finally {
            System.setOut(before);
        }
    }

    @Test
    void theCommandWritesAFileThatIsThereWhenItIsWhole(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("orders.csv");
        System.setProperty("shopbridge.operator.password", RunningShopbridge.PASSWORD);
        assertThat(Commands.run("export", "--what", "orders", "--to", file.toString(), "--at",
                shopbridge.uri("/").toString())).isZero();
        assertThat(Files.readString(file)).contains("#1", "#2");
        assertThat(Commands.run("export", "--what", "nothing", "--to", folder.resolve("x").toString(), "--at",
                shopbridge.uri("/").toString())).isEqualTo(1);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    /** What comes while one file is written is in none of them, and what the database refuses of one spoils no other. */
    @Test
    void theFilesOfANightAreOfOneMoment(@TempDir Path folder) throws IOException {
        Exports exports = spy(shopbridge.bean(Exports.class));
        doAnswer(call -> {
            String what = call.<ExportRequest>getArgument(0).what();
            if (what.equals("line-items")) {
                shopbridge.jdbc().queryForObject("SELECT 1 / 0", Integer.class);
            } else if (what.equals("orders")) {
                // In a thread of its own, as a webhook comes: this one has the snapshot.
                CompletableFuture.runAsync(() -> {
                    order(3, "2026-11-20T10:00:00-05:00", "7.00");
                    shopbridge.post("customers/update", """
                            {"id": 7, "email": "later@example.com", "updated_at": "2026-11-20T10:00:00-05:00"}""");
                    shopbridge.awaitIdle();
                }).join();
            }
            return call.callRealMethod();
        }).when(exports).write(any(), any());
        String day = "-" + LocalDate.now() + ".jsonl";

        scheduled(exports, folder).write();
        assertThat(Files.readString(folder.resolve("customers" + day))).contains("f@example.com");
        assertThat(Files.readString(folder.resolve("orders" + day))).contains("\"#1\"", "\"#2\"").doesNotContain("\"#3\"");
        assertThat(Files.readString(folder.resolve("links" + day))).contains("\"record_id\":\"2\"")
                .doesNotContain("\"record_id\":\"3\"");
        assertThat(folder.resolve("line-items" + day)).doesNotExist();
        assertThat(shopbridge.jdbc().queryForList("SELECT what FROM audit WHERE did = 'exported' AND what LIKE ?"
                + " ORDER BY id", String.class, "%" + folder + "%")).hasSize(3).first().asString().startsWith("1 rows of customers");

        scheduled(shopbridge.bean(Exports.class), folder).write();
        assertThat(Files.readString(folder.resolve("customers" + day))).contains("later@example.com");
        for (String file : List.of("orders", "line-items", "links")) {
            assertThat(Files.readString(folder.resolve(file + day))).as(file).contains("\"3");
        }
    }

    /** What changes after its first page is in none of the others. */
    @Test
    void anExportThatSomebodyAsksForIsOfOneMoment() throws IOException {
        shopbridge.jdbc().update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " SELECT 'main', 'order', n, 'order', '2026-11-18T00:00:00Z', '', convert_to('{}', 'UTF8')"
                + " FROM generate_series(10001, 10600) n");
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            private boolean changed;

            @Override
            public void flush() {
                if (size() > 0 && !changed) {
                    changed = true;
                    // In a thread of its own, as a webhook comes: this one has the snapshot.
                    CompletableFuture.runAsync(() -> {
                        order(2, "2026-11-20T10:00:00-05:00", "7.00");
                        order(3, "2026-11-20T10:00:00-05:00", "7.00");
                        shopbridge.awaitIdle();
                    }).join();
                }
            }
        };
        ExportRequest request = new ExportRequest("orders", ExportRequest.Format.JSONL, null, null, null, null);
        assertThat(shopbridge.bean(SnapshotExports.class).write(request, out)).isEqualTo(602);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("\"#2\"", "\"5.00\"").doesNotContain("\"#3\"", "\"7.00\"");
        assertThat(lines("orders", "")).hasSize(603);
    }

    /** A slow reader would keep a connection and old rows for ever. */
    @Test
    void anExportThatTakesTooLongIsCutOff() {
        Duration longest = Duration.ofSeconds(1);
        SnapshotExports exports = new SnapshotExports(shopbridge.bean(Exports.class), settings(Path.of("."), longest),
                shopbridge.bean(PlatformTransactionManager.class));
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public void flush() {
                long since = System.nanoTime();
                await().until(() -> System.nanoTime() - since > longest.toNanos());
            }
        };
        assertThatThrownBy(() -> exports.write(new ExportRequest("orders", ExportRequest.Format.CSV, null, null, null, null),
                out)).isInstanceOf(SnapshotExports.TookTooLong.class).hasMessageContaining("shopbridge.exports.longest");
        assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain("#1");
    }

    /** Two who ask and never read would keep all others out. */
    @Test
    void whoStopsReadingGivesThePlaceBack() throws IOException {
        shopbridge.jdbc().update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " SELECT 'main', 'order', n, 'order', now(), '', convert_to(json_build_object('note',"
                + " repeat('x', 5000000))::text, 'UTF8') FROM generate_series(1001, 1010) n");
        try (Socket one = new Socket("localhost", shopbridge.port());
                Socket other = new Socket("localhost", shopbridge.port())) {
            for (Socket socket : List.of(one, other)) {
                socket.getOutputStream().write(("GET /api/v1/exports/orders?format=jsonl HTTP/1.1\r\nHost: localhost\r\n"
                        + "Authorization: " + login() + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                        .isEqualTo("HTTP/1.1 200");
            }
            await().until(() -> get("links", "").statusCode() == 200);
        }
    }

    /** Its reader sees only that the answer ends too early; the operator learns which one and why. */
    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void anExportThatIsCutOffIsLogged(CapturedOutput log) {
        shopbridge.jdbc().update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " VALUES ('main', 'order', '3', 'order', '2026-11-17T00:00:00Z', '', 'no JSON')");
        catchThrowable(() -> get("orders", ""));
        await().untilAsserted(() -> assertThat(log).contains("The export of orders was cut off by"));
        assertThat(log).doesNotContain("no JSON");
    }

    private ScheduledExports scheduled(Exports exports, Path folder) {
        return new ScheduledExports(exports, settings(folder, Duration.ofHours(1)), shopbridge.bean(Audit.class),
                shopbridge.bean(PlatformTransactionManager.class));
    }

    private static ExportSettings settings(Path folder, Duration longest) {
        return new ExportSettings(folder, List.of("customers", "line-items", "orders", "links"), ExportRequest.Format.JSONL,
                Duration.ofDays(30), longest);
    }

    private List<Map<String, String>> csv(String what) throws IOException {
        try (MappingIterator<Map<String, String>> rows = new CsvMapper().readerForMapOf(String.class)
                .with(CsvSchema.emptySchema().withHeader()).readValues(get(what, "").body())) {
            return rows.readAll();
        }
    }

    private List<JsonNode> lines(String what, String query) {
        return get(what, "&format=jsonl" + query).body().lines().map(ExportIT::json).toList();
    }

    private static String login() {
        return "Basic " + Base64.getEncoder().encodeToString(
                ("operator:" + RunningShopbridge.PASSWORD).getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> get(String what, String query) {
        String parameters = query.isEmpty() ? "" : "?" + query.substring(1);
        return shopbridge.send(HttpRequest.newBuilder(shopbridge.uri("/api/v1/exports/" + what + parameters))
                .header("Authorization", login()).build());
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
