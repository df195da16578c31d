package io.shopbridge.plan;

import static io.shopbridge.plan.Planner.copy;
import static io.shopbridge.plan.Planner.path;
import static io.shopbridge.plan.Planner.zip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.RecordingProxy.Recorded;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.server.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is changed in a mappings folder: apply writes the records and fields that the plan has named, and no others. The
 * shop has records in all states: linked, edited in the CRM, skipped, held, refused, older than the cutoff, of a company.
 */
class PlanOfEveryChangeIT {

    private static final Instant FIRST = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(3600);
    private static final int CUSTOMERS = 12;
    private static final Map<String, String> ENTITIES = Map.of("contacts", "customer", "companies", "company", "orders",
            "order", "line_items", "line_item", "carts", "checkout", "0-142", "checkout");
    private static final Map<String, String> RELATIONS = Map.of("contacts", "contact", "companies", "company", "orders",
            "order");
    private static final String HUBSPOT_CONTACT = "hubspot/customer-to-contact.yaml";
    private static final String HUBSPOT_ORDER = "hubspot/order-to-order.yaml";
    private static final String ONE_CONTACT = "crm-one/customer-to-contact.yaml";
    private static final String ONE_ORDER = "crm-one/order-to-order.yaml";

    private static TwoRecordedCrms crms;
    private static RunningShopbridge shopbridge;
    private static Planner planner;

    @BeforeAll
    static void start() {
        crms = new TwoRecordedCrms(folder -> { });
        shopbridge = crms.shopbridge;
        planner = crms.planner;
    }

    @AfterAll
    static void stop() {
        crms.close();
    }

    /**
     * A change of the folder.
     *
     * @param before what the folder is before it; the shipped one after this
     */
    private record Change(String name, Consumer<Path> before, Consumer<Path> change) {

        private Change(String name, Consumer<Path> change) {
            this(name, folder -> { }, change);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Change> changes() {
        return Stream.of(
                new Change("an expression", folder -> replace(folder, HUBSPOT_ORDER, "    from: .name\n",
                        "    from: '\"No. \\(.name)\"'\n")),
                new Change("a field more", folder -> replace(folder, ONE_CONTACT, "\nfields:\n",
                        "\nfields:\n  email_verified:\n    from: .verified_email\n    clean: boolean\n    owner: shopify\n")),
                new Change("a field more that a person may have filled", folder -> replace(folder, HUBSPOT_CONTACT,
                        "\nfields:\n", "\nfields:\n  website:\n    from: '\"https://example.com/\\(.id)\"'\n"
                                + "    owner: shopify-on-create\n")),
                new Change("a field less", folder -> replace(folder, HUBSPOT_ORDER, "  shopify_note:\n    from: .note\n"
                        + "    clean: trim\n    owner: shopify\n", "")),
                new Change("owner: crm to shopify", folder -> replace(folder, HUBSPOT_CONTACT,
                        "  lifecyclestage:\n    owner: crm ", "  lifecyclestage:\n    from: '\"lead\"'\n    owner: shopify ")),
                new Change("owner: shopify to crm", folder -> replace(folder, HUBSPOT_CONTACT,
                        "  shopify_tags:\n    from: .tags\n    clean: [trim, join]\n    owner: shopify\n",
                        "  shopify_tags:\n    owner: crm\n")),
                new Change("owner: shopify-on-create to shopify, of what a person edited", folder -> replace(folder,
                        HUBSPOT_CONTACT, "then .first_name else .default_address.first_name end\n"
                                + "    clean: [trim, max-length 255]\n    owner: shopify-on-create",
                        "then .first_name else .default_address.first_name end\n    clean: [trim, upper, max-length 255]\n"
                                + "    owner: shopify")),
                new Change("an on-create field with another cleaner", folder -> replace(folder, ONE_CONTACT,
                        "    from: .default_address.city\n    clean: trim\n", "    from: .default_address.city\n    clean: [trim, upper]\n")),
                new Change("newest-wins with another cleaner", folder -> replace(folder, HUBSPOT_CONTACT,
                        "    from: .note\n    clean: trim\n", "    from: .note\n    clean: [trim, upper]\n")),
                new Change("required, where some have none", folder -> replace(folder, HUBSPOT_CONTACT,
                        "  shopify_note:\n    from: .note\n    clean: trim\n",
                        "  shopify_note:\n    from: .note\n    clean: [trim, upper]\n    required: true\n")),
                new Change("something is skipped", folder -> replace(folder, HUBSPOT_CONTACT, "\nskip:\n",
                        "\nskip:\n  - when: .note == \"leave it\"\n    because: somebody asked us to leave it\n")),
                new Change("something is not skipped any more", folder -> {
                    replace(folder, HUBSPOT_CONTACT, "\nskip:\n",
                            "\nskip:\n  - when: .note == \"leave it\"\n    because: somebody asked us to leave it\n");
                    replace(folder, ONE_ORDER, "\nfields:\n",
                            "\nskip:\n  - when: .note == \"leave it\"\n    because: somebody asked us to leave it\n\nfields:\n");
                }, folder -> { }),
                new Change("the key", folder -> {
                    replace(folder, HUBSPOT_ORDER, "from: 'if .id then \"\\(.store):\\(.id)\" else null end'\n\nfields",
                            "from: 'if .id then \"\\(.store)/\\(.id)\" else null end'\n\nfields");
                    replace(folder, ONE_CONTACT, "then \"\\(.store):\\(.id)\"", "then \"\\(.store)/\\(.id)\"");
                }),
                new Change("a relation less", folder -> {
                    replace(folder, HUBSPOT_ORDER, "  company:                            # for B2B orders\n    to: company\n"
                            + "    record: .company.id\n    associate: companies\n    required: false\n", "");
                    replace(folder, ONE_ORDER, "  company:                            # for B2B orders\n    to: company\n"
                            + "    record: .company.id\n    field: company_id\n    required: false\n", "");
                }),
                new Change("a relation more", folder -> {
                    replace(folder, HUBSPOT_ORDER, "  company:                            # for B2B orders\n    to: company\n"
                            + "    record: .company.id\n    associate: companies\n    required: false\n", "");
                    replace(folder, ONE_ORDER, "  company:                            # for B2B orders\n    to: company\n"
                            + "    record: .company.id\n    field: company_id\n    required: false\n", "");
                }, folder -> { }),
                new Change("a relation to another record", folder -> replace(folder, ONE_CONTACT, "    record: .company.id\n",
                        "    record: 'if .company.id then \"4084\" else null end'\n")),
                new Change("an association to another record", folder -> replace(folder, HUBSPOT_ORDER,
                        "    record: .company.id\n", "    record: 'if .company.id then \"4084\" else null end'\n")),
                new Change("line items", folder -> {
                    replace(folder, HUBSPOT_ORDER, "        from: .sku\n        clean: trim\n",
                            "        from: .sku\n        clean: [trim, upper]\n");
                    replace(folder, ONE_ORDER, "        from: .sku\n        clean: trim\n",
                            "        from: .sku\n        clean: [trim, upper]\n");
                }),
                new Change("fewer line items", folder -> {
                    replace(folder, HUBSPOT_ORDER, "select(.sold_quantity != 0)\n    entity",
                            "select(.sold_quantity != 0 and .sku != \"gift\")\n    entity");
                    replace(folder, ONE_ORDER, "select(.sold_quantity != 0)\n    inside: lines",
                            "select(.sold_quantity != 0 and .sku != \"gift\")\n    inside: lines");
                }),
                new Change("more line items", folder -> replace(folder, HUBSPOT_ORDER, "select(.sold_quantity != 0)\n    entity",
                        "select(.sold_quantity != 0 and .sku != \"gift\")\n    entity"), folder -> { }),
                new Change("a table", folder -> replace(folder, "tables/financial-status.yaml", "  paid: paid\n",
                        "  paid: pending\n")),
                new Change("a word more in a table", folder -> replace(folder, "tables/financial-status.yaml",
                        "  voided: voided\n", ""), folder -> { }),
                new Change("a file more", folder -> delete(folder, "hubspot/checkout-to-cart.yaml",
                        "hubspot/checkout-to-cart.test.yaml"), folder -> { }),
                new Change("a file less", folder -> delete(folder, "hubspot/checkout-to-cart.yaml",
                        "hubspot/checkout-to-cart.test.yaml")),
                new Change("orders, which were figures alone", folder -> {
                    replace(folder, "crm-one/crm.yaml", "orders: object", "orders: figures");
                    replace(folder, HUBSPOT_ORDER, "\nfields:\n",
                            "\nskip:\n  - when: .id\n    because: we had no orders\n\nfields:\n");
                }, folder -> { }),
                new Change("texts of crm.yaml", folder -> replace(folder, "crm-one/crm.yaml", "texts: { usual: 255",
                        "texts: { usual: 20")));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void whatThePlanNamesIsWrittenAndNothingElse(Change change) throws IOException {
        crms.reset();
        crms.hubspot.defineProperty("contacts", "website", "text");
        Path before = copy(crms.original);
        change.before().accept(before);
        planner.takeIn(before);
        aShop();
        Path changed = copy(crms.original);
        change.change().accept(changed);

        JsonNode plan = planner.planned(planner.begin(zip(changed), ""));
        long id = plan.path("id").asLong();
        List<String> waiting = shopbridge.jdbc().queryForList("SELECT crm || ' ' || entity || '/' || record_id FROM work"
                + " WHERE waits_for IS NOT NULL", String.class);
        Set<String> planned = new TreeSet<>(shopbridge.jdbc().queryForList("SELECT crm || ' ' || entity || '/' || record_id"
                + " FROM plan_record", String.class));
        examples(plan, "before");
        assertThat(plan.path("result").findValuesAsText("unmapped").contains("true")).as("no mapping any more")
                .isEqualTo(change.name().equals("a file less"));
        planner.takeIn(changed);
        Map<String, String> linked = new TreeMap<>();
        shopbridge.jdbc().query("SELECT crm || ' ' || object || ' ' || crm_id AS there, crm || ' ' || coalesce('order/' ||"
                + " parent_id, entity || '/' || record_id) AS record FROM link", row -> {
                    linked.put(row.getString("there"), row.getString("record"));
                });
        assertThat(planned).noneMatch(waiting::contains);
        int oneBefore = crms.toCrmOne.requests().size();
        int hubspotBefore = crms.toHubSpot.requests().size();
        shopbridge.operator("POST", path(id) + "/apply");
        await().until(() -> List.of("applied", "failed").contains(planner.find(id).path("state").asText()));
        shopbridge.settle();

        Map<String, Set<String>> written = new TreeMap<>();
        crms.toCrmOne.requests().subList(oneBefore, crms.toCrmOne.requests().size()).forEach(request ->
                crmOne(request, linked, written));
        crms.toHubSpot.requests().subList(hubspotBefore, crms.toHubSpot.requests().size()).forEach(request ->
                hubspot(request, linked, written));
        // They wait for another record, or for a time, and are delivered then: a plan names what it marks.
        waiting.forEach(written::remove);
        Map<String, Long> received = new TreeMap<>();
        written.forEach((record, fields) -> fields.forEach(field ->
                received.merge(record.replaceFirst("/.*", "") + " " + field, 1L, Long::sum)));
        Map<String, Long> certain = new TreeMap<>();
        Map<String, Long> perhaps = new TreeMap<>();
        plan.path("result").forEach(kind -> kind.path("fields").properties().forEach(field -> {
            String name = kind.path("crm").asText() + " " + kind.path("entity").asText() + " " + field.getKey();
            certain.merge(name, field.getValue().path("written").asLong(), Long::sum);
            perhaps.merge(name, field.getValue().path("perhaps").asLong(), Long::sum);
        }));
        assertThat(planner.find(id).path("state").asText()).isEqualTo("applied");
        assertThat(planned).as("records").containsAll(written.keySet());
        received.forEach((name, count) -> assertThat(count).as(name).isBetween(certain.getOrDefault(name, 0L),
                certain.getOrDefault(name, 0L) + perhaps.getOrDefault(name, 0L)));
        examples(plan, "after");
        certain.forEach((name, count) -> assertThat(received.getOrDefault(name, 0L)).as(name).isGreaterThanOrEqualTo(count));
    }

    /** What an example says is what was last written then; of parts and relations that stands elsewhere. */
    private static void examples(JsonNode plan, String when) {
        plan.path("result").forEach(kind -> kind.path("fields").properties().stream()
                .filter(field -> field.getKey().matches("\\w+") && field.getValue().path("perhaps").asLong() == 0)
                .forEach(field -> field.getValue().path("examples").forEach(example -> {
                    String base = shopbridge.jdbc().queryForList("SELECT base FROM link WHERE crm = ? AND entity || '/' ||"
                            + " record_id = ?", String.class, kind.path("crm").asText(), example.path("record").asText())
                            .stream().findFirst().orElse("{}");
                    JsonNode there = shopbridge.object(base).path(field.getKey());
                    assertThat(there.isValueNode() ? there.asText() : there.toString())
                            .as(when + " " + field.getKey() + " of " + example)
                            .startsWith(example.path(when).isNull() ? "" : example.path(when).asText().replace("…", ""));
                })));
    }

    private static void aShop() {
        String company = """
                {"name": "Looms Ltd", "created_at": "2026-01-05T00:00:00Z", "updated_at": "2026-01-05T00:00:00Z",
                 "main_contact_admin_graphql_api_id": null, "admin_graphql_api_id": "gid://shopify/Company/%d"}""";
        shopbridge.post("companies/create", company.formatted(4083));
        shopbridge.post("companies/create", company.formatted(4084));
        for (int i = 0; i < CUSTOMERS; i++) {
            shopbridge.post("customers/create", """
                    {"id": %d, "email": "p%d@example.com", "first_name": "Ada", "last_name": "Imal%d", "verified_email": %s,
                     "tags": "%s", "note": %s, "created_at": "%s", "updated_at": "%s", "default_address":
                     {"address1": "Mill Lane of the long and winding road", "city": "Ottawa", "country_code": "CA",
                      "province_code": "ON"}}""".formatted(1000 + i, i, i, i % 2 == 0, i % 3 == 0 ? "VIP, linen" : "linen",
                    i == 3 ? "\"leave it\"" : i % 4 == 0 ? "null" : "\"a note\"", FIRST, FIRST));
        }
        for (int i = 0; i < 3; i++) {
            shopbridge.post("company_contacts/create", """
                    {"customer_admin_graphql_api_id": "gid://shopify/Customer/%d", "title": "Buyer", "updated_at": "%s",
                     "admin_graphql_api_id": "gid://shopify/CompanyContact/%d", "company": %s}""".formatted(1000 + i, FIRST,
                    33 + i, company.formatted(4083)));
        }
        shopbridge.awaitSettled();
        for (int i = 0; i < CUSTOMERS - 1; i++) {
            order(i, "\"customer\": {\"id\": " + (1000 + i) + "}", FIRST.toString());
        }
        order(12, "\"email\": \"guest@example.com\"", FIRST.toString());
        order(13, "\"customer\": null", FIRST.toString());
        shopbridge.awaitSettled();
        shopbridge.jdbc().update("INSERT INTO order_cutoff (store, before) VALUES ('main', '2021-01-01')");
        order(11, "\"customer\": {\"id\": 1011}", "2020-01-01T00:00:00Z");
        // Each has a contact, so this is held.
        shopbridge.post("customers/merge", """
                {"admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1009", "status": "completed",
                 "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/1010"}""");
        shopbridge.post("checkouts/create", """
                {"id": 71, "token": "t71", "cart_token": "c71", "email": "p1@example.com", "currency": "CAD",
                 "customer": {"id": 1001}, "abandoned_checkout_url": "https://test.myshopify.com/c/t71",
                 "total_price": "9.50", "created_at": "%s", "updated_at": "%s", "line_items": []}""".formatted(FIRST, FIRST));
        shopbridge.awaitSettled();
        shopbridge.jdbc().update("INSERT INTO work (crm, store, entity, record_id, due_at)"
                + " SELECT crm, 'main', 'order', '5009', clock_timestamp() + interval '1 hour'"
                + " FROM unnest(ARRAY['hubspot', 'crm-one']) AS c (crm)");
        // What people do there, which no delivery sees by itself.
        userEdits("contacts", crmId("customer", "1005"), "{\"firstname\": \"Augusta\", \"website\": \"https://augusta.example\"}");
        userEdits("contacts", crmId("customer", "1006"), "{\"lifecyclestage\": \"customer\", \"shopify_note\": \"mine\"}");
    }

    private static void order(int number, String customer, String createdAt) {
        shopbridge.post("orders/create", """
                {"id": %d, "name": "#%d", "currency": "CAD", "total_price": "9.50", "source_name": "web",
                 "financial_status": "%s", "note": %s, %s, "created_at": "%s", "updated_at": "%s",
                 "company": %s, "line_items": [
                 {"id": %d, "title": "Shirt", "sku": "shirt", "quantity": 2, "price": "4.75"},
                 {"id": %d, "title": "Wrap", "sku": "%s", "quantity": 1, "price": "0.00"}]}""".formatted(5000 + number,
                number, number == 4 ? "voided" : "paid", number == 3 ? "\"leave it\"" : "\"a note\"", customer, createdAt,
                FIRST, number < 3 ? "{\"id\": 4083}" : "null", 90_000 + 2 * number, 90_001 + 2 * number,
                number % 2 == 0 ? "gift" : "other"));
    }

    private static void userEdits(String object, String id, String properties) {
        HttpResponse<String> answer = shopbridge.send(HttpRequest.newBuilder(URI.create(crms.hubspot.baseUrl()
                + "/crm/objects/"
                        + SimulatedHubSpot.VERSION + "/" + object + "/" + id))
                .method("PATCH", BodyPublishers.ofString("{\"properties\": " + properties + "}"))
                .header("Authorization", "Bearer " + Options.DEFAULT_TOKEN).header("X-Sandbox-By-Person", "true")
                .header("Content-Type", "application/json").build());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static String crmId(String entity, String id) {
        return shopbridge.jdbc().queryForObject("SELECT crm_id FROM link WHERE crm = 'hubspot' AND entity = ?"
                + " AND record_id = ?", String.class, entity, id);
    }

    private static void crmOne(Recorded request, Map<String, String> linked, Map<String, Set<String>> written) {
        String[] path = request.uri().getPath().split("/");
        if (request.method().equals("PUT") && path[path.length - 1].equals("bulk")) {
            shopbridge.object(request.body()).path("items").forEach(item -> add("crm-one", path[path.length - 2],
                    item.path("id").asText(null), item.at("/fields/external_id").asText(), item.path("fields"), written));
        } else if (request.method().equals("DELETE")) {
            removed("crm-one " + path[path.length - 2] + " " + path[path.length - 1], linked, written);
        }
    }

    private static void hubspot(Recorded request, Map<String, String> linked, Map<String, Set<String>> written) {
        String[] path = request.uri().getPath().split("/");
        String last = path[path.length - 1];
        JsonNode inputs = shopbridge.object(request.body().isEmpty() ? "{}" : request.body()).path("inputs");
        if (request.uri().getPath().startsWith("/crm/objects/") && Set.of("create", "update", "upsert").contains(last)) {
            inputs.forEach(input -> {
                boolean byKey = input.has("idProperty");
                String key = input.path("properties").properties().stream().filter(one -> one.getKey().endsWith("_key"))
                        .map(one -> one.getValue().asText()).findFirst().orElse("");
                add("hubspot", path[path.length - 3], byKey ? null : input.path("id").asText(null),
                        byKey ? input.path("id").asText() : key, input.path("properties"), written);
            });
        } else if (request.uri().getPath().startsWith("/crm/objects/") && last.equals("archive")) {
            inputs.forEach(input -> removed("hubspot " + path[path.length - 3] + " " + input.path("id").asText(),
                    linked, written));
        } else if (request.uri().getPath().startsWith("/crm/associations/") && !last.equals("read")) {
            int from = request.uri().getPath().endsWith("default") ? path.length - 5 : path.length - 4;
            inputs.forEach(input -> {
                String[] record = record("hubspot", path[from], input.at("/from/id").asText(), "");
                written.computeIfAbsent(record[0], one -> new TreeSet<>()).add(record[1] + "@"
                        + RELATIONS.getOrDefault(path[from + 1], path[from + 1]));
            });
        }
    }

    private static void add(String crm, String object, String id, String key, JsonNode fields,
            Map<String, Set<String>> written) {
        String[] record = record(crm, object, id, key);
        fields.fieldNames().forEachRemaining(field ->
                written.computeIfAbsent(record[0], one -> new TreeSet<>()).add(record[1] + field));
    }

    /** A line item, whose link is gone with it. */
    private static void removed(String line, Map<String, String> linked, Map<String, Set<String>> written) {
        written.computeIfAbsent(linked.getOrDefault(line, line), one -> new TreeSet<>()).add("line_item removed");
    }

    /** The record that it is or is part of, and how fields of it are named. */
    private static String[] record(String crm, String object, String id, String key) {
        String entity = ENTITIES.getOrDefault(object, object);
        return shopbridge.jdbc().query("SELECT entity, record_id, parent_id FROM link WHERE crm = ? AND ("
                        + (id == null ? "entity = ? AND record_id = regexp_replace(?, '^main[:/]', '')" : "object = ? AND crm_id = ?") + ")",
                (row, n) -> row.getString(3) == null
                        ? new String[] {crm + " " + row.getString(1) + "/" + row.getString(2), ""}
                        : new String[] {crm + " order/" + row.getString(3), row.getString(1) + "."},
                crm, id == null ? entity : object, id == null ? key : id).stream().findFirst()
                .orElseGet(() -> new String[] {crm + " unknown/" + object + " " + id + " " + key, ""});
    }

    /** In a file, whose cases would expect something else and are taken away. */
    private static void replace(Path folder, String file, String from, String to) {
        try {
            Planner.replace(folder.resolve(file), from, to);
            if (!file.startsWith("tables") && !file.endsWith("crm.yaml")) {
                Files.deleteIfExists(folder.resolve(file.replace(".yaml", ".test.yaml")));
            } else {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path test : files.filter(one -> one.getParent() != null && Set.of("hubspot", "crm-one")
                            .contains(one.getParent().getFileName().toString())
                            && one.toString().endsWith(".test.yaml")).toList()) {
                        Files.delete(test);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder, String... files) {
        for (String file : files) {
            assertThat(folder.resolve(file).toFile().delete()).as(file).isTrue();
        }
    }
}
