package io.shopbridge.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.crm.Crms;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Contacts of a CRM that share an e-mail or phone are told, whoever made them; each step is made by hand. */
class DuplicatesIT {

    private static final String CUSTOMERS = "{\"crm\": \"%s\", \"entities\": [\"customer\"]}";
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() {
        shopbridge = RunningShopbridge.with("--shopbridge.schedules.reconcile-steps=0 0 0 1 1 ? 2099",
                "--shopbridge.schedules.reconcile=off", "--shopbridge.stores." + RunningShopbridge.OUTLET + ".region=GB",
                "--shopbridge.crms.crm-one.identity=per-store", "--shopbridge.crms.figures.reconcile-duplicates=off");
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
    }

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    @Test
    void thePhoneOfAnOfficeIsOneGroupOfWhichSomeAreTold() {
        List<String> notations = List.of("+15032281234", "(503) 228-1234", "503.228.1234", "1 503 228 1234");
        Set<String> office = new TreeSet<>();
        IntStream.range(0, 40).forEach(i -> office.add(contact("a" + i + "@example.com", notations.get(i % 4))));
        IntStream.range(0, 190).forEach(i -> contact("b" + i + "@example.com", "+1503228" + (2000 + i)));
        contact("c@example.com", "503-228-1234 ext. 7");
        contact(null, "none");

        long lists = lists();
        JsonNode run = run("hubspot");
        assertThat(lists() - lists).as("pages of a hundred").isEqualTo(3);
        assertThat(run.path("listed").asLong()).isEqualTo(232);
        assertThat(shared(run)).containsExactly("email 0", "phone 1");
        JsonNode phone = run.at("/duplicates/shared/1");
        assertThat(phone.path("contacts").asLong()).isEqualTo(40);
        assertThat(phone.path("largest").asLong()).isEqualTo(40);
        assertThat(phone.at("/examples/0/size").asLong()).isEqualTo(40);
        assertThat(phone.at("/examples/0/contacts").findValuesAsText("id")).hasSize(10).isSubsetOf(office);
        assertThat(run.at("/duplicates/advice").asText()).contains("Shopbridge changes none", "Manage duplicates");
        assertThat(report(run)).contains("| phone | 1 |  | 1 | 40 | 40 |", "(not linked), ",
                " and 30 more; same name |")
                .doesNotContain("example.com", "228");
        assertThat(shopbridge.count("SELECT count(*) FROM reconciliation_contact")).as("hashes").isZero();
        assertThat(shopbridge.count("SELECT count(*) FROM reconciliation WHERE hash_key IS NOT NULL")).isZero();
    }

    @Test
    void whatContactsShareIsATrendAndAMetric() {
        String first = contact("one@example.com", "+15032281111");
        String second = contact("two@example.com", "503 228 1111");
        JsonNode before = run("hubspot");
        assertThat(shared(before)).containsExactly("email 0", "phone 1");

        shopbridge.hubspot.addEmail(contact("three@example.com", null), "TWO@example.com");
        shopbridge.hubspot.addEmail(second, "more@example.com");
        JsonNode after = run("hubspot");
        assertThat(shared(after)).as("further e-mails of a contact count").containsExactly("email 1 +1", "phone 1 +0");
        assertThat(after.at("/duplicates/before")).singleElement().satisfies(past -> {
            assertThat(past.path("id")).isEqualTo(before.path("id"));
            assertThat(past.path("listed").asLong()).isEqualTo(2);
            assertThat(past.path("groups").toString()).isEqualTo("{\"email\":0,\"phone\":1}");
        });
        assertThat(report(after)).contains("| " + after.path("id").asLong() + " | ", "| 3 | 1 | 1 |", "| 2 | 0 | 1 |");
        assertThat(metric("email")).isEqualTo(1);

        shopbridge.hubspot.mergeContacts(second, first);
        assertThat(shared(run("hubspot"))).as("what was merged away does not count").containsExactly("email 1 +0",
                "phone 0 -1");
        assertThat(metric("phone")).isZero();
    }

    @Test
    void itGoesOnWhereItStoppedWhateverEndsTheProcess() {
        IntStream.range(0, 230).forEach(i -> contact(i + "@example.com", "+1503228" + (2000 + i % 200)));
        JsonNode undisturbed = run("hubspot");
        assertThat(shared(undisturbed)).containsExactly("email 0", "phone 30");

        long id = start(CUSTOMERS.formatted("hubspot"));
        stepUntilListed(id);
        assertThat(find(id).path("at").asText()).isEqualTo("contacts of the CRM that share an e-mail or phone");
        assertThat(shopbridge.count("SELECT count(*) FROM reconciliation_contact")).isPositive();
        shopbridge.hubspot.faults().answer(500, null, 4, "/contacts");
        step();
        assertThat(find(id).path("because").asText()).contains("500");
        assertThat(find(id).path("listed").asLong()).isEqualTo(100);
        while (isRunning(id)) {
            due();
            Stream.of(1, 2, 3).parallel().forEach(process -> shopbridge.bean(Reconciling.class).next(Instant.now()));
        }
        JsonNode disturbed = find(id);
        assertThat(disturbed.path("listed")).isEqualTo(undisturbed.path("listed"));
        assertThat(disturbed.path("calls")).isEqualTo(undisturbed.path("calls"));
        for (String figure : List.of("groups", "contacts", "largest", "examples")) {
            assertThat(disturbed.at("/duplicates/shared/1/" + figure)).as(figure)
                    .isEqualTo(undisturbed.at("/duplicates/shared/1/" + figure));
        }
    }

    @Test
    void aContactThatChangesWhileContactsAreListedHasItsLastValues() {
        String moved = shopbridge.crmOneHas("contacts", "{\"last_name\": \"One\", \"phone\": \"+15032281111\"}");
        IntStream.range(0, 200).forEach(i -> shopbridge.crmOneHas("contacts", "{\"last_name\": \"Other\"}"));
        shopbridge.crmOneHas("contacts", "{\"last_name\": \"Two\", \"phone\": \"+15032281111\"}");
        long id = start(CUSTOMERS.formatted("crm-one"));
        stepUntilListed(id);
        shopbridge.crmOne.editAsUser("contacts", moved, JsonNodeFactory.instance.objectNode().put("phone", "+15032282222"));
        assertThat(shared(ended(id))).containsExactly("email 0", "phone 0");
    }

    @Test
    void whatWasNotLookedAtIsNotToldAsNone() {
        contact("one@example.com", "+15032281111");
        contact("two@example.com", "+15032281111");
        assertThat(because("{\"crm\": \"hubspot\", \"entities\": [\"order\"]}"))
                .isEqualTo("Customers were not among what it compared");
        assertThat(because("{\"crm\": \"hubspot\", \"since\": \"2026-01-01T00:00:00Z\"}"))
                .isEqualTo("It compared only what was synchronised since 2026-01-01T00:00:00Z");
        assertThat(because("{\"crm\": \"figures\"}")).isEqualTo("shopbridge.crms.figures.reconcile-duplicates is off");

        long id = start(CUSTOMERS.formatted("hubspot"));
        assertThat(find(id).at("/duplicates/because").asText()).isEqualTo("The contacts of the CRM are looked at last");
        shopbridge.operator("POST", "/api/v1/reconciliations/" + id + "/cancel");
        assertThat(find(id).at("/duplicates/because").asText())
                .isEqualTo("It ended before it came to the contacts of the CRM");
    }

    @Test
    void aListThatTheCrmRefusesLeavesWhatWasComparedAsItIs() {
        shopbridge.hubspotHas("contacts", "{\"email\": \"orphan@example.com\", \"shopify_customer_key\": \"main:1\"}");
        long id = start(CUSTOMERS.formatted("hubspot"));
        while (!find(id).path("at").asText().startsWith("contacts")) {
            step();
        }
        step();
        shopbridge.hubspot.faults().answer(400, null, 1, "/contacts");
        JsonNode run = ended(id);
        assertThat(run.path("state").asText()).isEqualTo("done");
        assertThat(run.path("differences").findValuesAsText("class")).containsExactly("orphaned");
        assertThat(run.at("/duplicates/looked_at").asBoolean()).isFalse();
        assertThat(run.at("/duplicates/because").asText()).isNotBlank();
    }

    @Test
    void theNextNightGoesBeforeContactsThatAreStillListed() {
        IntStream.range(0, 101).forEach(i -> contact(i + "@example.com", null));
        NightlyReconciliations nightly = shopbridge.bean(NightlyReconciliations.class);
        nightly.start("hubspot");
        long first = latest();
        stepUntilListed(first);
        shopbridge.bean(DriftMetrics.class).refresh();
        assertThat(shopbridge.bean(MeterRegistry.class).get("shopbridge.drift.missed").tags("crm", "hubspot").gauge()
                .value()).as("what was compared is known before the contacts are").isZero();

        shopbridge.operator("POST", "/api/v1/reconciliations/" + first + "/pause");
        nightly.start("hubspot");
        assertThat(latest()).as("an operator has paused it").isEqualTo(first);
        shopbridge.operator("POST", "/api/v1/reconciliations/" + first + "/resume");
        nightly.start("hubspot");
        assertThat(latest()).isGreaterThan(first);
        assertThat(find(first).path("state").asText()).isEqualTo("done");
        assertThat(find(first).at("/duplicates/because").asText()).contains("was due",
                "shopbridge.crms.hubspot.reconcile-share");
        assertThat(shopbridge.count("SELECT count(*) FROM reconciliation_contact")).isZero();
    }

    @Test
    void groupsOfWhichSeveralHaveOneNameComeFirst() {
        IntStream.range(0, 21).forEach(i -> List.of("Ann", "Bo").forEach(name ->
                named(name, "Smith", "+1503228" + (3000 + i))));
        String zoe = named("Zoë", "Marsh", "+15032284000");
        named("Ann", "Smith", "+15032284000");
        String same = named("ZOE ", "marsh", "+15032284000");
        named(null, null, "+15032284001");
        named(null, null, "+15032284001");
        JsonNode phone = run("hubspot").at("/duplicates/shared/1");
        assertThat(phone.path("groups").asLong()).isEqualTo(23);
        assertThat(phone.path("same_name").asLong()).as("no name is not the same one").isEqualTo(1);
        assertThat(phone.path("examples")).hasSize(20);
        assertThat(phone.at("/examples/0/same_name").asBoolean()).isTrue();
        assertThat(phone.at("/examples/0/contacts").findValuesAsText("id")).hasSize(3).contains(zoe, same);
        assertThat(phone.at("/examples/1/same_name").asBoolean()).isFalse();
    }

    @Test
    void anotherReconciliationThatIsAskedForGoesBeforeThemToo() {
        IntStream.range(0, 101).forEach(i -> contact(i + "@example.com", null));
        long first = start(CUSTOMERS.formatted("hubspot"));
        stepUntilListed(first);
        assertThat(start(CUSTOMERS.formatted("hubspot"))).as("the same one").isEqualTo(first);
        long repairs = start("{\"crm\": \"hubspot\", \"entities\": [\"customer\"], \"repair\": [\"all\"]}");
        assertThat(repairs).isGreaterThan(first);
        assertThat(find(first).at("/duplicates/because").asText()).startsWith("Another reconciliation was due");
        assertThat(shared(ended(repairs))).containsExactly("email 0", "phone 0");
    }

    @Test
    void aNationalPhoneIsReadAsInTheCountryOfTheContactsStore() {
        customer(RunningShopbridge.OUTLET, 1, "gb@example.com");
        customer("main", 2, "us@example.com");
        shopbridge.awaitIdle();
        List.of("gb", "us").forEach(country -> shopbridge.hubspotUserEdits("contacts", id(country + "@example.com"),
                "{\"phone\": \"020 7946 0958\"}"));
        String british = contact("theirs@example.com", "+44 20 7946 0958");
        JsonNode run = run("hubspot");
        assertThat(shared(run)).containsExactly("email 0", "phone 1");
        assertThat(run.at("/duplicates/shared/1/examples/0/contacts").findValuesAsText("id"))
                .containsExactlyInAnyOrder(british, id("gb@example.com"));
        assertThat(report(run)).contains(id("gb@example.com") + " (outlet/customer/1, created by Shopbridge)");
    }

    @Test
    void whereStoresAreApartAPersonInTwoOfThemIsNoDuplicate() {
        customer(RunningShopbridge.OUTLET, 1, "one@example.com");
        customer("main", 2, "two@example.com");
        shopbridge.awaitIdle();
        List<String> ours = new ArrayList<>();
        shopbridge.crmOne.records("contacts").forEach(contact -> ours.add(contact.path("id").asText()));
        assertThat(ours).hasSize(2);
        ours.forEach(id -> shopbridge.crmOne.editAsUser("contacts", id,
                JsonNodeFactory.instance.objectNode().put("email", "same@example.com")));
        assertThat(shared(run("crm-one"))).containsExactly("email 0", "phone 0");

        String theirs = shopbridge.crmOneHas("contacts", "{\"last_name\": \"Theirs\"}");
        shopbridge.crmOne.editAsUser("contacts", theirs,
                JsonNodeFactory.instance.objectNode().put("email", "SAME@Example.com"));
        JsonNode run = run("crm-one");
        assertThat(shared(run)).as("whose it is, nobody knows").containsExactly("email 2 +2", "phone 0 +0");
        assertThat(run.at("/duplicates/shared/0/contacts").asLong()).isEqualTo(3);
        assertThat(run.at("/duplicates/shared/0/largest").asLong()).isEqualTo(2);
    }

    private static String contact(String email, String phone) {
        return shopbridge.hubspotHas("contacts", "{\"lastname\": \"Somebody\""
                + (email == null ? "" : ", \"email\": \"" + email + "\"")
                + (phone == null ? "" : ", \"phone\": \"" + phone + "\"") + "}");
    }

    private static String named(String first, String last, String phone) {
        return shopbridge.hubspotHas("contacts", "{\"phone\": \"" + phone + "\""
                + (first == null ? "" : ", \"firstname\": \"" + first + "\", \"lastname\": \"" + last + "\"") + "}");
    }

    private static String id(String email) {
        return shopbridge.hubspot.records("contacts").stream().filter(contact ->
                contact.at("/properties/email").asText().equals(email)).findFirst().orElseThrow().path("id").asText();
    }

    private static void customer(String store, int id, String email) {
        String domain = store.equals("main") ? RunningShopbridge.DOMAIN : RunningShopbridge.OUTLET_DOMAIN;
        assertThat(shopbridge.postTo(store, domain, "customers/update", "{\"id\": " + id + ", \"email\": \"" + email
                + "\", \"last_name\": \"Nr " + id + "\", \"created_at\": \"2026-11-01T10:00:00Z\","
                + " \"updated_at\": \"2026-11-01T10:00:00Z\"}")).isEqualTo(200);
    }

    private static long lists() {
        return shopbridge.hubspot.calls().getOrDefault("GET /crm/objects/2026-09/contacts", 0L);
    }

    private static List<String> shared(JsonNode run) {
        assertThat(run.at("/duplicates/looked_at").asBoolean()).as(run.path("duplicates").toString()).isTrue();
        return StreamSupport.stream(run.at("/duplicates/shared").spliterator(), false).map(one ->
                one.path("kind").asText() + " " + one.path("groups").asLong()
                        + (one.has("growth") ? " %+d".formatted(one.path("growth").asLong()) : "")).toList();
    }

    private static double metric(String kind) {
        shopbridge.bean(DriftMetrics.class).refresh();
        return shopbridge.bean(MeterRegistry.class).get("shopbridge.duplicates").tags("crm", "hubspot", "kind", kind).gauge()
                .value();
    }

    private static String because(String request) {
        JsonNode run = ended(start(request));
        assertThat(run.path("state").asText()).isEqualTo("done");
        assertThat(run.at("/duplicates/looked_at").asBoolean(true)).isFalse();
        assertThat(run.at("/duplicates/shared")).isEmpty();
        assertThat(run.path("listed").asLong()).isZero();
        assertThat(report(run)).contains("Not looked at. ");
        return run.at("/duplicates/because").asText();
    }

    private static String report(JsonNode run) {
        return shopbridge.send(HttpRequest.newBuilder(shopbridge.uri("/api/v1/reconciliations/" + run.path("id").asLong()
                + "/report")).header("Authorization", "Basic " + Base64.getEncoder().encodeToString(
                        ("operator:" + RunningShopbridge.PASSWORD).getBytes(StandardCharsets.UTF_8))).build()).body();
    }

    private static JsonNode run(String crm) {
        assertThat(shopbridge.bean(Crms.class).get(crm).mapping("customer")).isPresent();
        return ended(start(CUSTOMERS.formatted(crm)));
    }

    private static JsonNode ended(long id) {
        while (isRunning(id)) {
            step();
        }
        return find(id);
    }

    private static boolean isRunning(long id) {
        return find(id).path("state").asText().equals("running");
    }

    private static void stepUntilListed(long id) {
        while (find(id).path("listed").asLong() == 0) {
            step();
        }
    }

    private static void step() {
        due();
        shopbridge.bean(Reconciling.class).next(Instant.now());
    }

    private static void due() {
        shopbridge.jdbc().update("UPDATE reconciliation SET due_at = clock_timestamp()");
    }

    private static long start(String request) {
        return shopbridge.operator("POST", "/api/v1/reconciliations", request).path("id").asLong();
    }

    private static JsonNode find(long id) {
        return shopbridge.operator("GET", "/api/v1/reconciliations/" + id);
    }

    private static long latest() {
        return shopbridge.operator("GET", "/api/v1/reconciliations").path(0).path("id").asLong();
    }
}
