package io.shopbridge.plan;

import static io.shopbridge.plan.Planner.copy;
import static io.shopbridge.plan.Planner.path;
import static io.shopbridge.plan.Planner.replace;
import static io.shopbridge.plan.Planner.zip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RecordingProxy.Recorded;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.command.Commands;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A plan is compared with what the CRMs receive once it is applied. */
class PlanIT {

    private static final int CUSTOMERS = 150;
    private static final int ORDERS = 90;
    private static final Instant FIRST = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(3600);

    private static TwoRecordedCrms crms;
    private static RunningShopbridge shopbridge;
    private static Planner planner;

    @BeforeAll
    static void start() {
        crms = new TwoRecordedCrms(PlanIT::ownTable);
        shopbridge = crms.shopbridge;
        planner = crms.planner;
    }

    @AfterAll
    static void stop() {
        crms.close();
    }

    @BeforeEach
    void reset() {
        crms.reset();
        planner.takeIn(crms.original);
    }

    @Test
    void whatThePlanSaysIsWhatApplyWrites() throws IOException {
        aShop();
        Path changed = changed();
        int callsBefore = calls();

        JsonNode plan = planner.planned(planner.begin(zip(changed), ""));

        assertThat(calls()).as("no CRM is called").isEqualTo(callsBefore);
        Map<String, Map<String, Long>> said = new TreeMap<>();
        plan.path("result").forEach(kind -> kind.path("fields").properties().forEach(field -> {
            assertThat(field.getValue().path("perhaps").asLong()).as(field.getKey()).isZero();
            said.computeIfAbsent(name(kind), name -> new TreeMap<>())
                    .put(field.getKey(), field.getValue().path("written").asLong());
        }));
        assertThat(said).containsOnlyKeys("crm-one customer", "hubspot customer", "hubspot order");
        JsonNode contacts = kind(plan, "crm-one", "customer");
        assertThat(contacts.path("skipped").asLong()).isEqualTo(15);
        assertThat(contacts.at("/skips/somebody asked us to leave it/newly").asLong()).isEqualTo(15);
        assertThat(contacts.at("/fields/email_verified/examples/0/before").isNull()).isTrue();
        assertThat(contacts.at("/fields/email_verified/examples/0/after").isBoolean()).isTrue();
        JsonNode orders = kind(plan, "crm-one", "order");
        assertThat(orders.path("refused").asLong()).isEqualTo(9);
        assertThat(orders.path("refusals").properties()).singleElement().satisfies(refusal -> {
            assertThat(refusal.getKey()).startsWith("source: ").doesNotContain("kiosk");
            assertThat(refusal.getValue().path("newly").asLong()).isEqualTo(9);
            assertThat(refusal.getValue().at("/examples/0/after").asText()).contains("\"kiosk\"");
        });
        assertThat(kind(plan, "hubspot", "order").path("left_out").properties()).singleElement().satisfies(field ->
                assertThat(field.getValue().path("newly").asLong()).isEqualTo(9));

        long id = plan.path("id").asLong();
        assertThatThrownBy(() -> shopbridge.operator("POST", path(id) + "/apply"))
                .hasMessageContaining("The mappings that run are not those of plan " + id);
        planner.takeIn(changed);
        assertThat(shopbridge.count("SELECT count(*) FROM work")).as("taken in marks nothing").isZero();
        Set<String> records = new TreeSet<>(shopbridge.jdbc().queryForList("SELECT crm || ' ' || entity || '/' || record_id"
                + " FROM plan_record", String.class));
        int before = crms.toCrmOne.requests().size();
        int beforeHubSpot = crms.toHubSpot.requests().size();

        assertThat(shopbridge.operator("POST", path(id) + "/apply").path("state").asText()).isEqualTo("applying");
        await().until(() -> planner.find(id).path("state").asText().equals("applied"));
        shopbridge.awaitIdle();

        Map<String, Map<String, Long>> received = new TreeMap<>();
        Set<String> written = new TreeSet<>();
        received("crm-one", crms.toCrmOne.requests().subList(before, crms.toCrmOne.requests().size()), received, written);
        received("hubspot", crms.toHubSpot.requests().subList(beforeHubSpot, crms.toHubSpot.requests().size()),
                received, written);
        assertThat(received).isEqualTo(said);
        assertThat(written).isEqualTo(records);
        assertThat(planner.find(id).path("marked").asLong()).isEqualTo(records.size());
        assertThat(contacts.path("calls").asLong()).as("135 of 200 in a call").isEqualTo(1);
        assertThat(contacts.path("seconds").asLong()).isEqualTo(1);

        JsonNode again = planner.planned(planner.begin(zip(changed), ""));
        assertThat(again.path("looked_at").asLong()).isEqualTo(2 * (CUSTOMERS + ORDERS));
        assertThat(again.path("changes").asLong()).as("nothing is left: " + again).isZero();
        assertThat(shopbridge.operator("GET", "/api/v1/audit?did=applied").at("/items/0/what").asText())
                .isEqualTo("plan " + id);
    }

    @Test
    void aPlanStopsGoesOnAndEnds() throws IOException {
        aShop();
        Path changed = changed();
        JsonNode begun = planner.begin(zip(changed), "?crm=crm-one");
        long id = begun.path("id").asLong();
        shopbridge.operator("POST", path(id) + "/pause");
        Plans plans = shopbridge.bean(Plans.class);
        Plan before = plans.find(id).orElseThrow();
        shopbridge.operator("POST", path(id) + "/resume");
        planner.planned(begun);
        plans.found(before, before.at().after("9999"), 7, List.of(), "[]");
        assertThat(planner.find(id).path("looked_at").asLong())
                .as("a step of a process that was thought dead counts for nothing")
                .isEqualTo(CUSTOMERS + ORDERS);
        List<String> all = shopbridge.jdbc().queryForList("SELECT record_id FROM plan_record WHERE plan = ?", String.class, id);
        planner.takeIn(changed);
        shopbridge.operator("POST", path(id) + "/pause");
        await().until(() -> shopbridge.count("SELECT count(*) FROM plan_process WHERE plan = ?", id) == 1);
        shopbridge.jdbc().update("INSERT INTO plan_process VALUES (?, gen_random_uuid(), 'others', now())", id);
        assertThatThrownBy(() -> shopbridge.operator("POST", path(id) + "/apply")).hasMessageContaining("1 still ran other");
        shopbridge.jdbc().update("UPDATE plan_process SET seen_at = now() - interval '1 minute' WHERE digest = 'others'");
        shopbridge.operator("POST", path(id) + "/apply");
        await().until(() -> planner.find(id).path("state").asText().equals("applied"));
        assertThat(planner.find(id).path("marked").asLong()).isEqualTo(all.size());
        assertThatThrownBy(() -> shopbridge.operator("POST", path(id) + "/cancel")).hasMessageContaining("has ended");

        JsonNode other = planner.planned(planner.begin(zip(crms.original), "?crm=crm-one"));
        shopbridge.operator("POST", path(other.path("id").asLong()) + "/cancel");
        assertThat(shopbridge.count("SELECT count(*) FROM plan_record")).isZero();
        assertThatThrownBy(() -> shopbridge.operator("POST", path(other.path("id").asLong()) + "/apply"))
                .hasMessageContaining("is over: cancelled");
        shopbridge.awaitIdle();

        shopbridge.jdbc().update("UPDATE plan SET asked_at = now() - interval '8 days', planned_at = planned_at - interval '8 days',"
                + " ended_at = ended_at - interval '8 days' WHERE id = ?", id);
        shopbridge.runJobs("expire");
        assertThat(shopbridge.count("SELECT count(*) FROM plan")).isEqualTo(1);
    }

    @Test
    void aSampleIsFewRecordsAndIsNotApplied() throws IOException {
        aShop();
        JsonNode plan = planner.planned(planner.begin(zip(changed()), "?crm=crm-one&sample=20"));
        assertThat(kind(plan, "crm-one", "customer").path("looked_at").asLong()).isBetween(5L, 45L);
        long id = plan.path("id").asLong();
        assertThatThrownBy(() -> shopbridge.operator("POST", path(id) + "/apply")).hasMessageContaining("a sample only");
        assertThat(shopbridge.count("SELECT count(*) FROM plan_record")).isZero();
    }

    @Test
    void whatCannotRunIsNotPlanned() throws IOException {
        Path broken = copy(crms.original);
        replace(broken.resolve("crm-one/customer-to-contact.yaml"), "owner: shopify\n", "owner: shopfiy\n");
        assertThatThrownBy(() -> planner.begin(zip(broken), "")).hasMessageContaining("400")
                .hasMessageContaining("crm-one/customer-to-contact.yaml:").hasMessageContaining("shopfiy");
        assertThatThrownBy(() -> planner.begin(zip(crms.original), "?crm=nowhere"))
                .hasMessageContaining("is not configured");
        assertThatThrownBy(() -> planner.begin("no zip".getBytes(StandardCharsets.UTF_8), ""))
                .hasMessageContaining("not a zip file");
        byte[] whole = zip(crms.original);
        assertThatThrownBy(() -> planner.begin(Arrays.copyOf(whole, whole.length / 2), "")).hasMessageContaining("400");
        assertThatThrownBy(() -> planner.begin(zipOf("../outside.yaml"), ""))
                .hasMessageContaining("leads out of its folder");
        assertThat(shopbridge.count("SELECT count(*) FROM plan")).isZero();
    }

    /** Each with a sentence, and none with a status 500. */
    @Test
    void anOddZipFileIsRefused() throws IOException {
        for (String[] names : List.of(new String[] {"a", "a/b"}, new String[] {"a/b/c", "a"}, new String[] {"a", "a/b/c"},
                new String[] {"hubspot/crm.yaml", "hubspot/./crm.yaml"}, new String[] {"a/b", "A/B"})) {
            assertThatThrownBy(() -> planner.begin(zipOf(names), "")).as(String.join(" ", names))
                    .hasMessageStartingWith("400: ")
                    .hasMessageContaining("beside a file or folder of the same name");
        }
        assertThatThrownBy(() -> planner.begin(zipOf("/outside.yaml"), "")).hasMessageContaining("leads out of its folder");
        assertThatThrownBy(() -> planner.begin(zipOf("hubspot/.."), "")).hasMessageContaining("leads out of its folder");
        assertThatThrownBy(() -> planner.begin(zipOf("x".repeat(300)), "")).hasMessageContaining("is too long");
        assertThatThrownBy(() -> planner.begin(zipOf("x/".repeat(3_000) + "y"), "")).hasMessageContaining("is too long");
        assertThatThrownBy(() -> planner.begin(zipOf("a\u0000b"), "")).hasMessageContaining("not one of this machine");
        assertThatThrownBy(() -> planner.begin(zipOf("only-a-folder/"), "")).hasMessageContaining("not a zip file");
        assertThatThrownBy(() -> planner.begin(zipOf("hubspot/crm.yaml/x"), "")).hasMessageStartingWith("400: ");
        byte[] encrypted = zipOf("a");
        encrypted[6] |= 1;      // the flag of the local header, APPNOTE.TXT 4.4.4
        assertThatThrownBy(() -> planner.begin(encrypted, "")).hasMessageContaining("encrypted");
        byte[] notUtf8 = zipOf("\u00e9\u00e9");
        notUtf8[31] = 'x';
        assertThatThrownBy(() -> planner.begin(notUtf8, "")).hasMessageStartingWith("400: ");
        assertThat(shopbridge.count("SELECT count(*) FROM plan")).isZero();
    }

    @Test
    void aZipFileIsNotUnpackedWithoutALimit() throws IOException {
        for (String name : List.of("a", "a/")) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
                zip.putNextEntry(new ZipEntry(name));
                for (int i = 0; i < 33; i++) {
                    zip.write(new byte[1024 * 1024]);
                }
            }
            assertThatThrownBy(() -> planner.begin(bytes.toByteArray(), "")).hasMessageStartingWith("413: ")
                    .hasMessageContaining("more than 32 MB");
        }
    }

    /** As curl sends a file unless it is told otherwise; its bytes would be taken for the names of parameters. */
    @Test
    void aZipFileSaysThatItIsOne() throws IOException {
        assertThatThrownBy(() -> planner.begin(zip(crms.original), "", "application/x-www-form-urlencoded"))
                .hasMessageStartingWith("415: ").hasMessageContaining("application/x-www-form-urlencoded");
    }

    @Test
    void theCommandsPlanAndApply() throws IOException {
        aShop();
        System.setProperty("shopbridge.operator.password", RunningShopbridge.PASSWORD);
        Path changed = changed();
        String at = shopbridge.uri("/").toString();
        assertThat(Commands.run("plan", "--mappings", changed.toString(), "--crm", "crm-one", "--at", at)).isZero();
        long id = shopbridge.operator("GET", "/api/v1/plans").at("/0/id").asLong();
        assertThat(Commands.run("apply", "--plan", Long.toString(id), "--at", at)).isOne();
        planner.takeIn(changed);
        assertThat(Commands.run("apply", "--plan", Long.toString(id), "--at", at)).isZero();
        shopbridge.awaitIdle();
        assertThat(crms.crmOne.records("contacts")).anySatisfy(contact ->
                assertThat(contact.at("/fields/email_verified").asBoolean()).isTrue());
    }

    /** A tenth of the customers is to be left alone, and a tenth of the orders was made at a kiosk. */
    private static void aShop() {
        for (int i = 0; i < CUSTOMERS; i++) {
            shopbridge.post("customers/create", """
                    {"id": %d, "email": "p%d@example.com", "first_name": "Ada", "last_name": "Imal", "verified_email": %s,
                     "tags": "%s", "note": "%s", "created_at": "%s", "updated_at": "%s", "default_address":
                     {"address1": "Mill Lane", "city": "Ottawa", "country_code": "CA", "province_code": "%s"}}""".formatted(
                    1000 + i, i, i % 2 == 0, i % 3 == 0 ? "VIP, linen" : "linen", i % 10 == 3 ? "leave it" : "", FIRST, FIRST,
                    i % 4 == 0 ? "ON" : "on"));
        }
        shopbridge.awaitIdle();
        for (int i = 0; i < ORDERS; i++) {
            shopbridge.post("orders/create", """
                    {"id": %d, "name": "#%d", "currency": "CAD", "total_price": "9.50", "source_name": "%s",
                     "customer": {"id": %d}, "created_at": "%s", "updated_at": "%s", "line_items": [
                     {"id": %d, "title": "Shirt", "sku": "%s", "quantity": 2, "price": "4.75"}]}""".formatted(5000 + i, i,
                    i % 10 == 7 ? "kiosk" : "web", 1000 + i, FIRST, FIRST, 90_000 + i,
                    i % 5 == 0 ? "shirt-of-linen-with-a-very-long-number-0123456789" : "shirt"));
        }
        shopbridge.awaitIdle();
    }

    /** Where an order was made, in words of this account; an order of which CRM One gets no word is refused there. */
    private static void ownTable(Path mappings) {
        replace(mappings.resolve("crm-one/order-to-order.yaml"), "    from: .attribution.source_name\n",
                "    from: .attribution.source_name\n    table: source\n    on-refusal: reject-record\n");
        replace(mappings.resolve("hubspot/order-to-order.yaml"), "    from: .source_name\n",
                "    from: .source_name\n    table: source\n");
        try {
            Files.writeString(mappings.resolve("tables/source.yaml"),
                    "description: Where an order was made.\nvalues:\n  web: web\n  kiosk: kiosk\n");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A field more, two other cleaners, one of them of line items, a word less in a table, and something skipped. */
    private static Path changed() {
        Path changed = copy(crms.original);
        Path contact = changed.resolve("crm-one/customer-to-contact.yaml");
        replace(contact, "\nfields:\n", "\nfields:\n  email_verified:\n    from: .verified_email\n    clean: boolean\n    owner: shopify\n");
        replace(contact, "\nskip:\n", "\nskip:\n  - when: .note == \"leave it\"\n    because: somebody asked us to leave it\n");
        replace(contact, "clean: [trim, upper]\n    owner: shopify\n  job_title", "clean: [trim, lower]\n    owner: shopify\n  job_title");
        Path test = changed.resolve("crm-one/customer-to-contact.test.yaml");
        replace(test, "        state_code: \"ON\"\n", "        state_code: \"on\"\n        email_verified: true\n");
        replace(test, "tests:\n", "tests:\n  - name: what we were asked to leave\n    given: { note: leave it }\n"
                + "    expect: { skip: somebody asked us to leave it }\n");
        replace(changed.resolve("tables/source.yaml"), "  kiosk: kiosk\n", "");
        replace(changed.resolve("hubspot/customer-to-contact.yaml"), "    clean: [trim, join]\n    owner: shopify\n  shopify_note",
                "    clean: [trim, lower, join]\n    owner: shopify\n  shopify_note");
        replace(changed.resolve("hubspot/order-to-order.yaml"), "        from: .sku\n        clean: trim\n",
                "        from: .sku\n        clean: [trim, max-length 40]\n");
        return changed;
    }

    private static void received(String crm, List<Recorded> requests, Map<String, Map<String, Long>> fields, Set<String> records) {
        writes(requests).forEach(request -> {
            String object = request.uri().getPath().replaceFirst(".*/(contacts|orders|line_items)/.*", "$1");
            JsonNode body = shopbridge.object(request.body());
            for (JsonNode element : body.has("items") ? body.path("items") : body.path("inputs")) {
                RecordLinkRow link = linked(crm, object, element.path("id").asText());
                records.add(crm + " " + link.whole());
                element.path(element.has("fields") ? "fields" : "properties").fieldNames().forEachRemaining(field ->
                        fields.computeIfAbsent(crm + " " + link.whole().replaceFirst("/.*", ""), name -> new TreeMap<>())
                                .merge(link.prefix() + field, 1L, Long::sum));
            }
        });
    }

    /** @param whole the record that it is, or is a part of */
    private record RecordLinkRow(String whole, String prefix) {
    }

    private static RecordLinkRow linked(String crm, String object, String id) {
        return shopbridge.jdbc().queryForObject("SELECT entity, record_id, parent_id FROM link WHERE crm = ? AND object = ?"
                + " AND crm_id = ?", (row, n) -> row.getString(3) == null
                        ? new RecordLinkRow(row.getString(1) + "/" + row.getString(2), "")
                        : new RecordLinkRow("order/" + row.getString(3), row.getString(1) + "."), crm, object, id);
    }

    private static Stream<Recorded> writes(List<Recorded> requests) {
        return requests.stream().filter(request -> request.uri().getPath().matches(".*/(bulk|batch/update|batch/upsert|batch/create)"));
    }

    private static int calls() {
        return crms.toCrmOne.requests().size() + crms.toHubSpot.requests().size();
    }

    private static String name(JsonNode kind) {
        return kind.path("crm").asText() + " " + kind.path("entity").asText();
    }

    private static JsonNode kind(JsonNode plan, String crm, String entity) {
        return Stream.iterate(0, i -> i + 1).limit(plan.path("result").size()).map(i -> plan.path("result").path(i))
                .filter(kind -> name(kind).equals(crm + " " + entity)).findFirst().orElseThrow();
    }

    private static byte[] zipOf(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write('x');
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
