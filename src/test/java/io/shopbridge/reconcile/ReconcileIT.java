package io.shopbridge.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.command.Commands;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.shop.ShopModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.lang3.StringUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What is wrong in a CRM is found and repaired, and nothing else is. */
class ReconcileIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** So many that there are several pages and batches. */
    private static final int MANY = 700;
    private static final int FEW = 200;
    private static final String MAIN = "main/";
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() {
        // Once a year, so that none begins by itself, and one of two years ago is overdue.
        shopbridge = RunningShopbridge.with("--shopbridge.schedules.reconcile-steps=* * * * * ?",
                "--shopbridge.schedules.reconcile=0 0 0 1 1 ?");
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
    }

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    private static void deliver(int events) {
        Duration step = Duration.ofSeconds(20);
        ShopModel.stepping(5, Instant.now().minus(step.multipliedBy(events * 3L)), step).events(events)
                .forEach(shopbridge::post);
        shopbridge.settle();
    }

    @Test
    void damageOfEveryClassIsFoundAndRepairedInHubSpotAndNothingElse() {
        deliver(MANY);
        long before = reads();
        JsonNode clean = reconcile("hubspot", "[]");
        assertThat(found(clean)).as("what is not so is not found").isEmpty();
        long records = shopbridge.count("SELECT count(*) FROM link WHERE crm = 'hubspot'");
        assertThat(records).isGreaterThan(300);
        assertThat(clean.path("calls").asLong()).isEqualTo(reads() - before)
                .isLessThanOrEqualTo(Math.max(40, 40 * records / 1_000));

        Set<String> damage = damageHubSpot();
        JsonNode report = reconcile("hubspot", "[]");
        assertThat(found(report)).isEqualTo(damage);
        assertThat(report.path("differences").findValues("found").stream().mapToLong(JsonNode::asLong).sum())
                .as("each is counted once").isEqualTo(damage.size());
        JsonNode repaired = reconcile("hubspot", "[\"all\"]");
        assertThat(found(repaired)).isEqualTo(damage);
        shopbridge.settle();

        assertThat(found(reconcile("hubspot", "[]"))).as("only a person can say what an orphan is")
                .isEqualTo(damage.stream().filter(one -> one.contains(" orphaned ")).collect(Collectors.toSet()));
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
        assertThat(shopbridge.hubspot.records("contacts")).as("what is the CRM's stays").filteredOn(contact ->
                contact.at("/properties/hubspot_owner_id").asText().equals("77")).singleElement().satisfies(contact ->
                        assertThat(contact.at("/properties/firstname").asText()).isEqualTo("Renamed"));
    }

    @Test
    void stepsThatFailOrThatSeveralProcessesMakeAtOnceCountOnce() {
        deliver(MANY);
        Set<String> damage = damageHubSpot();
        JsonNode undisturbed = reconcile("hubspot", "[]");
        assertThat(found(undisturbed)).isEqualTo(damage);

        shopbridge.hubspot.faults().answer(500, null, 4, "orders/batch/read");
        Reconciling reconciling = shopbridge.bean(Reconciling.class);
        long id = start("{\"crm\": \"hubspot\"}");
        await().pollInterval(Duration.ofMillis(50)).until(() -> {
            shopbridge.jdbc().update("UPDATE reconciliation SET due_at = clock_timestamp() WHERE id = ?", id);
            Stream.of(1, 2, 3).parallel().forEach(process -> reconciling.next(Instant.now().plusSeconds(5)));
            return !find(id).path("state").asText().equals("running");
        });
        JsonNode disturbed = find(id);
        for (String part : List.of("differences", "fields", "compared", "skipped", "calls")) {
            assertThat(disturbed.path(part)).as(part).isEqualTo(undisturbed.path(part));
        }
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void whoAsksWhileAnotherOneIsUnderWayIsToldThatItIsNotTheirs(CapturedOutput said) {
        System.setProperty("shopbridge.operator.password", RunningShopbridge.PASSWORD);
        String[] asked = {"reconcile", "--crm", "hubspot", "--entities", "order", "--at", shopbridge.uri("/").toString()};
        for (String more : List.of("", "--repair")) {
            shopbridge.jdbc().update("INSERT INTO reconciliation (crm, entities, due_at) VALUES ('hubspot', '{order}',"
                    + " clock_timestamp() + interval '5 seconds')");
            assertThat(Commands.run(Stream.concat(Stream.of(asked), Stream.of(more).filter(one -> !one.isEmpty()))
                    .toArray(String[]::new))).isZero();
            assertThat(said.getOut().contains("One that was asked for otherwise is under way")).isEqualTo(!more.isEmpty());
        }
        shopbridge.jdbc().update("INSERT INTO reconciliation (crm, entities, repairs, due_at) VALUES ('hubspot', '{order}',"
                + " '{missing}', clock_timestamp() + interval '5 seconds')");
        assertThat(Commands.run(Stream.concat(Stream.of(asked), Stream.of("--repair", "edited")).toArray(String[]::new)))
                .isZero();
        assertThat(StringUtils.countMatches(said.getOut(), "One that was asked for otherwise is under way"))
                .as("of other classes").isEqualTo(2);
        assertThat(shopbridge.jdbc().queryForList("SELECT did FROM audit WHERE what LIKE 'reconciliation%' ORDER BY id DESC"
                + " LIMIT 2", String.class)).containsExactly("asked again for", "asked again for");
    }

    /** In memory a record is many times its JSON, and a step that takes too much would be begun again for ever. */
    @Test
    void largeOrdersAreComparedAFewAtATime() {
        long none = steps(ended(start("{\"crm\": \"hubspot\", \"entities\": [\"order\"]}")));
        shopbridge.jdbc().update("INSERT INTO mirror_facet (store, entity, record_id, facet, version_at, version_tie, value)"
                + " SELECT 'main', 'order', id, 'order', now(), '', convert_to(json_build_object('id', id, 'note',"
                + " repeat('x', 5000000))::text, 'UTF8') FROM unnest(ARRAY['large-1', 'large-2', 'large-3']) id");
        shopbridge.jdbc().update("INSERT INTO link (crm, store, entity, record_id, object, crm_id, base) SELECT 'hubspot',"
                + " 'main', 'order', id, 'orders', id, '{}' FROM unnest(ARRAY['large-1', 'large-2', 'large-3']) id");
        JsonNode report = ended(start("{\"crm\": \"hubspot\", \"entities\": [\"order\"]}"));
        assertThat(report.at("/differences/0/class").asText()).isEqualTo("missing");
        assertThat(report.at("/differences/0/found").asLong()).isEqualTo(3);
        assertThat(steps(report) - none).as("each in a step of its own, where none of them took one too").isEqualTo(2);
    }

    private static long steps(JsonNode report) {
        return shopbridge.count("SELECT steps FROM reconciliation WHERE id = " + report.path("id").asLong());
    }

    @Test
    void aRepairOfSomeClassesAndSomeRecordsLeavesTheOthersAndADryOneAll() {
        deliver(MANY);
        List<String> orders = records("order").subList(0, 4);
        orders.forEach(order -> shopbridge.hubspotUserEdits("orders", crmId("order", order),
                "{\"shopify_net_total\": \"1.11\"}"));
        shopbridge.hubspotUserDeletes("line_items", lines(records("order").get(5)).get(0));
        String request = "{\"crm\": \"hubspot\", \"entities\": [\"order\"], \"repair\": [\"edited\"], \"repair_most\": 3";
        JsonNode dry = ended(start(request + ", \"dry_run\": true}"));
        assertThat(dry.path("repaired").asLong()).isEqualTo(3);
        assertThat(audited(dry.path("id").asLong())).isEmpty();
        assertThat(shopbridge.count("SELECT count(*) FROM work")).isZero();

        JsonNode report = ended(start(request + "}"));
        shopbridge.settle();
        assertThat(report.path("repaired").asLong()).isEqualTo(3);
        assertThat(audited(report.path("id").asLong())).containsExactly("shopbridge: 3 records");
        assertThat(report.path("differences").findValuesAsText("class")).containsExactly("edited", "missing-line");
        assertThat(report.at("/differences/0/left").asLong()).isEqualTo(1);
        assertThat(report.at("/differences/0/because").asText()).contains("limit");
        assertThat(report.at("/differences/1/because").asText()).isEqualTo("This class was not to be repaired");
        assertThat(shopbridge.hubspot.records("orders").stream().filter(order ->
                order.at("/properties/shopify_net_total").asText().equals("1.11"))).hasSize(1);
        assertThat(found(reconcile("hubspot", "[]"))).hasSize(2);

        shopbridge.bean(DriftMetrics.class).refresh();
        assertThat(gauge("shopbridge.drift", "entity", "order", "field", "shopify_net_total")).isBetween(0.1, 10.0);
        assertThat(gauge("shopbridge.drift.missed")).isEqualTo(1);
        assertThat(gauge("shopbridge.reconciliation.overdue")).isZero();
    }

    @Test
    void aRunOfOneEntityLeavesWhatIsKnownOfTheOthers() {
        deliver(FEW);
        shopbridge.hubspotUserEdits("orders", crmId("order", records("order").get(0)), "{\"shopify_net_total\": \"1.11\"}");
        reconcile("hubspot", "[]");
        shopbridge.jdbc().update("UPDATE reconciliation SET asked_at = asked_at - interval '2 years'");
        ended(start("{\"crm\": \"hubspot\", \"entities\": [\"company\"]}"));
        shopbridge.bean(DriftMetrics.class).refresh();
        assertThat(gauge("shopbridge.drift.missed")).isEqualTo(1);
        assertThat(gauge("shopbridge.drift", "entity", "order", "field", "shopify_net_total")).isBetween(0.1, 10.0);
        assertThat(gauge("shopbridge.reconciliation.age")).isGreaterThan(Duration.ofDays(700).toSeconds());
        assertThat(gauge("shopbridge.reconciliation.overdue")).isEqualTo(1);

        reconcile("hubspot", "[]");
        shopbridge.bean(DriftMetrics.class).refresh();
        assertThat(gauge("shopbridge.reconciliation.age")).isLessThan(Duration.ofHours(1).toSeconds());
        assertThat(gauge("shopbridge.reconciliation.overdue")).isZero();
    }

    private static double gauge(String name, String... tags) {
        return shopbridge.bean(MeterRegistry.class).get(name).tag("crm", "hubspot").tags(tags).gauge().value();
    }

    /** It is put off each time, and so always due soon. */
    @Test
    void aRunThatMakesNoStepIsOverdue() {
        deliver(FEW);
        shopbridge.hubspot.faults().answer(503, null, 1_000, "/read");
        shopbridge.jdbc().update("INSERT INTO reconciliation (crm, entities, asked_at, stepped_at)"
                + " VALUES ('hubspot', '{order}', now() - interval '2 years', now() - interval '2 years')");
        long id = shopbridge.count("SELECT max(id) FROM reconciliation");
        await().until(() -> find(id).hasNonNull("because"));
        shopbridge.bean(DriftMetrics.class).refresh();
        assertThat(gauge("shopbridge.reconciliation.overdue")).isEqualTo(1);

        shopbridge.hubspot.faults().clear();
        shopbridge.endThePause();
        shopbridge.jdbc().update("UPDATE reconciliation SET due_at = clock_timestamp()");
        ended(id);
        shopbridge.jdbc().update("UPDATE reconciliation SET ended_at = NULL, state = 'running', part = 0, paused = false,"
                + " due_at = clock_timestamp() + interval '1 hour'");
        shopbridge.bean(DriftMetrics.class).refresh();
        assertThat(gauge("shopbridge.reconciliation.overdue")).as("it made steps now").isZero();
    }

    /** A switch of a CRM may be turned off while records of that kind are due. */
    @Test
    void dueRecordsThatTheCrmMapsNoMoreAreNotWaitedFor() {
        deliver(FEW);
        shopbridge.jdbc().update("INSERT INTO work (crm, store, entity, record_id, due_at)"
                + " VALUES ('hubspot', 'main', 'draft_order', '1', clock_timestamp() - interval '1 hour')");
        assertThat(found(reconcile("hubspot", "[]"))).isEmpty();
    }

    @Test
    void whatARunHasRepairedThatWasCancelledIsInTheAudit() {
        deliver(FEW);
        shopbridge.hubspotUserEdits("orders", crmId("order", records("order").get(0)), "{\"shopify_net_total\": \"1.11\"}");
        // After the step that repairs
        shopbridge.hubspot.faults().answer(503, null, 1_000, "orders/search");
        long id = start("{\"crm\": \"hubspot\", \"entities\": [\"order\"], \"repair\": [\"edited\"]}");
        await().until(() -> find(id).path("repaired").asLong() == 1);
        assertThat(audited(id)).isEmpty();
        shopbridge.operator("POST", "/api/v1/reconciliations/" + id + "/cancel");
        assertThat(find(id).path("state").asText()).isEqualTo("cancelled");
        assertThat(audited(id)).as("not by whoever cancelled it").containsExactly("shopbridge: 1 records");
    }

    private static List<String> audited(long id) {
        return shopbridge.jdbc().queryForList("SELECT who || ': ' || split_part(what, ',', 1) FROM audit"
                + " WHERE did = 'repaired' AND what LIKE '%, by reconciliation ' || ? || ' of hubspot'", String.class, id);
    }

    @Test
    void whatTheCrmPutsBackAfterTwoRepairsIsLeftToAPersonUntilItChanges() {
        deliver(FEW);
        String order = records("order").get(0);
        String line = lines(records("order").get(1)).get(0);
        List<Set<String>> nights = new ArrayList<>();
        JsonNode report = null;
        for (int night = 1; night <= 4; night++) {
            // A workflow of the CRM, which knows only one value.
            shopbridge.hubspotUserEdits("orders", crmId("order", order), "{\"shopify_net_total\": \"1.11\"}");
            shopbridge.hubspotUserEdits("line_items", line, "{\"name\": \"Other\"}");
            report = reconcile("hubspot", "[\"all\"]");
            shopbridge.settle();
            nights.add(new TreeSet<>(report.path("differences").findValuesAsText("class")));
            assertThat(report.path("repaired").asLong()).isEqualTo(night <= 2 ? 2 : 0);
        }
        assertThat(nights).containsExactly(Set.of("edited"), Set.of("edited"), Set.of("rewritten"), Set.of("rewritten"));
        assertThat(report.path("differences").findValuesAsText("field"))
                .containsExactlyInAnyOrder("shopify_net_total", "line_item.name");
        report.path("differences").forEach(one -> {
            assertThat(one.path("left").asLong()).isEqualTo(1);
            assertThat(one.path("because").asText()).contains("same other value", "owner: crm");
        });
        assertThat(because("order/" + order, "shopify_net_total")).contains("class rewritten", "owner: crm");
        assertThat(because("line_item/" + shopbridge.jdbc().queryForObject("SELECT record_id FROM link WHERE crm = 'hubspot'"
                + " AND crm_id = ? AND entity = 'line_item'", String.class, line), "name")).contains("class rewritten");

        assertThat(reconcile("hubspot", "[\"rewritten\"]").path("repaired").asLong()).as("a person says so")
                .isEqualTo(2);
        shopbridge.settle();
        assertThat(found(reconcile("hubspot", "[]"))).as("the CRM keeps it now").isEmpty();
        assertThat(shopbridge.count("SELECT count(*) FROM reconciliation_repeat")).isZero();
        shopbridge.hubspotUserEdits("orders", crmId("order", order), "{\"shopify_net_total\": \"1.11\"}");
        assertThat(found(reconcile("hubspot", "[\"all\"]"))).as("a new beginning")
                .containsExactly(MAIN + "order/" + order + " edited shopify_net_total");
    }

    private static String because(String record, String field) {
        return shopbridge.operator("GET", "/api/v1/explanations?crm=hubspot&record=" + record + "&field=" + field)
                .at("/fields/0/because").asText();
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void whatTheCrmDeletesOrChangesEachNightIsLeftToAPerson(CapturedOutput said) {
        deliver(FEW);
        String order = records("order").get(0);
        String withLine = records("order").get(1);
        String changed = records("order").get(2);
        List<Set<String>> nights = new ArrayList<>();
        JsonNode report = null;
        for (int night = 1; night <= 6; night++) {
            if (night <= 3) {
                shopbridge.hubspotUserDeletes("orders", crmId("order", order));
                shopbridge.hubspotUserDeletes("line_items", lines(withLine).get(0));
            }
            shopbridge.hubspotUserEdits("orders", crmId("order", changed), "{\"shopify_note\": \"night " + night + "\"}");
            report = reconcile("hubspot", "[\"all\"]");
            shopbridge.settle();
            nights.add(found(report));
        }
        String gone = MAIN + "order/" + order + " ";
        String line = MAIN + "order/" + withLine + " ";
        String other = MAIN + "order/" + changed + " ";
        assertThat(nights.subList(0, 2)).containsOnly(Set.of(gone + "missing ", line + "missing-line ",
                other + "edited shopify_note"));
        assertThat(nights.subList(2, 5)).containsOnly(Set.of(gone + "rewritten ", line + "rewritten ",
                other + "edited shopify_note"));
        assertThat(nights.get(5)).containsExactlyInAnyOrder(gone + "rewritten ", line + "rewritten ",
                other + "rewritten shopify_note");
        assertThat(report.path("repaired").asLong()).isZero();
        assertThat(report.path("differences")).allSatisfy(one -> assertThat(one.path("because").asText())
                .contains(one.hasNonNull("field") ? "owner: crm" : "skip"));
        assertThat(shopbridge.operator("GET", "/api/v1/explanations?crm=hubspot&record=order/" + order).path("standing")
                .toString()).contains("class rewritten");
        assertThat(said.getOut().lines().filter(text -> text.contains("has compared everything"))).last().asString()
                .contains("No usual repair mends 1 rewritten").doesNotContain("Repair them");

        assertThat(reconcile("hubspot", "[\"rewritten\"]").path("repaired").asLong()).as("a person says so")
                .isEqualTo(3);
        shopbridge.settle();
        assertThat(found(reconcile("hubspot", "[]"))).isEmpty();
        assertThat(shopbridge.count("SELECT count(*) FROM reconciliation_repeat")).isZero();
        shopbridge.hubspotUserEdits("orders", crmId("order", changed), "{\"shopify_note\": \"edited\"}");
        reconcile("hubspot", "[]");
        assertThat(said.getOut().lines().filter(text -> text.contains("has compared everything"))).last().asString()
                .contains("Repair them with the command reconcile --crm hubspot --repair edited.")
                .doesNotContain("No usual repair");
    }

    /** Orders of before a staged import, and carts of deleted customers: they would be found, and repaired, for ever. */
    @Test
    void whatEachDeliverySkipsIsNotMissing() {
        deliver(FEW);
        shopbridge.jdbc().update("INSERT INTO order_cutoff (store, before) VALUES ('main', '2021-01-01')");
        shopbridge.post("orders/create", """
                {"id": 1, "name": "#1", "currency": "EUR", "total_price": "9.50", "email": "old@example.com",
                 "created_at": "2020-11-18T10:00:00Z", "processed_at": "2020-11-18T10:00:00Z",
                 "updated_at": "2026-11-18T10:00:00Z", "line_items": []}""");
        shopbridge.post("customers/delete", "{\"id\": 888}");
        shopbridge.awaitSettled();
        shopbridge.post("checkouts/create", """
                {"id": 71, "token": "t71", "cart_token": "c71", "email": "gone@example.com", "currency": "EUR",
                 "customer": {"id": 888}, "abandoned_checkout_url": "https://test.myshopify.com/c/t71",
                 "total_price": "9.50", "created_at": "2026-11-18T10:00:00Z", "updated_at": "2026-11-18T10:00:00Z",
                 "line_items": []}""");
        shopbridge.settle();
        assertThat(shopbridge.jdbc().queryForList("SELECT DISTINCT entity || '/' || record_id FROM outcome"
                + " WHERE outcome = 'skipped' AND record_id IN ('1', 'c71')", String.class))
                .containsExactlyInAnyOrder("order/1", "checkout/c71");
        for (String crm : List.of("hubspot", "crm-one")) {
            JsonNode report = reconcile(crm, "[\"all\"]");
            assertThat(found(report)).as(crm).isEmpty();
        }
    }

    /** A person may type anything into a field of the CRM; a report has ids alone. */
    /** HubSpot moves them to the contact that is left. */
    @Test
    void theOrdersOfAMergedContactAreWhereTheyBelong() {
        deliver(FEW);
        String customer = records("customer").stream().filter(one -> !relatedTo(one).isEmpty()).findFirst().orElseThrow();
        Set<String> merged = shopbridge.jdbc().queryForList("SELECT record_id FROM link WHERE crm = 'hubspot'"
                + " AND object = 'contacts' AND crm_id = ?", String.class, crmId("customer", customer)).stream()
                .map(one -> MAIN + "customer/" + one + " merged ").collect(Collectors.toSet());
        assertThat(merged).as("a guest, too, who has no key in the CRM").hasSize(2);
        String other = shopbridge.hubspotHas("contacts", "{\"email\": \"somebody.else@example.com\"}");
        shopbridge.hubspot.mergeContacts(crmId("customer", customer), other);
        assertThat(found(reconcile("hubspot", "[]"))).isEqualTo(merged);
        assertThat(found(reconcile("hubspot", "[\"all\"]"))).isEqualTo(merged);
        shopbridge.settle();
        assertThat(found(reconcile("hubspot", "[]"))).isEmpty();
    }

    /** The first of them has been delivered since, so that the contact that is left is linked. */
    @Test
    void theOrdersOfTwoCustomersWhoseContactsAreMergedAreWhereTheyBelong() {
        deliver(FEW);
        List<String> customers = records("customer").stream().filter(one -> !relatedTo(one).isEmpty()).toList();
        String first = customers.get(0);
        String second = customers.stream().filter(one -> !crmId("customer", one).equals(crmId("customer", first)))
                .reduce((one, other) -> other).orElseThrow();
        shopbridge.hubspot.mergeContacts(crmId("customer", first), crmId("customer", second));
        shopbridge.post("customers/update", """
                {"id": %s, "note": "rings twice", "updated_at": "%s"}""".formatted(first, Instant.now()));
        shopbridge.settle();
        Set<String> found = found(reconcile("hubspot", "[]"));
        assertThat(found).contains(MAIN + "customer/" + second + " merged ")
                .noneMatch(one -> one.contains("wrong-parent"));
        assertThat(found(reconcile("hubspot", "[\"all\"]"))).isEqualTo(found);
        shopbridge.settle();
        assertThat(found(reconcile("hubspot", "[]"))).isEmpty();
    }

    @Test
    void whatAPersonHasLeftOutStaysOutWhenTheRejectionHasExpired() {
        shopbridge.hubspot.faults().answer(400, null, 1_000, "contacts/batch/upsert");
        shopbridge.post("customers/create", """
                {"id": 7, "email": "ada@example.com", "last_name": "L", "updated_at": "2026-11-18T10:00:00Z"}""");
        shopbridge.settle();
        shopbridge.hubspot.faults().clear();
        long rejection = shopbridge.count("SELECT id FROM rejected WHERE crm = 'hubspot' AND state = 'open'");
        shopbridge.operator("POST", "/api/v1/rejected/" + rejection + "/done");
        shopbridge.jdbc().update("UPDATE rejected SET at = at - interval '91 days', last_at = last_at - interval '91 days'");
        shopbridge.jdbc().update("UPDATE outcome SET at = at - interval '91 days'");
        shopbridge.runJobs("expire");
        assertThat(found(reconcile("hubspot", "[\"all\"]"))).isEmpty();
        assertThat(shopbridge.operator("GET", "/api/v1/rejected?state=resolved").at("/items/0/errors").toString())
                .isEqualTo("[\"The messages have expired\"]");

        shopbridge.jdbc().update("DELETE FROM mirror_facet");
        shopbridge.runJobs("expire");
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    @Test
    void whatAPersonTypedWhereOurKeyStandsIsNotQuoted() {
        deliver(FEW);
        shopbridge.hubspotHas("contacts", "{\"email\": \"typed@example.com\", \"shopify_customer_key\":"
                + " \"main:anna.private@example.com\"}");
        shopbridge.hubspotHas("contacts", "{\"email\": \"other@example.com\", \"shopify_customer_key\":"
                + " \"main:1|2\\n# 3\"}");
        String surplus = shopbridge.hubspotHas("line_items", "{\"name\": \"theirs\", \"quantity\": \"1\","
                + " \"shopify_line_item_key\": \"main: see the note\"}");
        shopbridge.hubspotUserRelates(crmId("order", records("order").get(0)), "line_items", surplus);
        assertThat(found(reconcile("hubspot", "[\"all\"]"))).isEmpty();
        shopbridge.settle();
        assertThat(shopbridge.hubspot.records("line_items")).anySatisfy(line ->
                assertThat(line.path("id").asText()).isEqualTo(surplus));
    }

    @Test
    void itWaitsWhileTheCrmIsPausedAndTheScheduleStartsNoSecondOne() {
        deliver(FEW);
        shopbridge.jdbc().update("INSERT INTO crm_pause VALUES ('hubspot', clock_timestamp() + interval '1 hour', 'a test')");
        NightlyReconciliations nightly = shopbridge.bean(NightlyReconciliations.class);
        nightly.start("hubspot");
        nightly.start("hubspot");
        long id = shopbridge.operator("GET", "/api/v1/reconciliations").path(0).path("id").asLong();
        await().until(() -> find(id).path("because").asText().contains("come first"));
        assertThat(find(id).path("calls").asLong()).isZero();
        shopbridge.jdbc().update("DELETE FROM crm_pause");
        assertThat(found(ended(id))).isEmpty();
        assertThat(find(id).path("scheduled").asBoolean()).isTrue();
        assertThat(shopbridge.count("SELECT count(*) FROM reconciliation")).isEqualTo(1);
    }

    @Test
    void aRecordThatADeliveryIsDueForIsNoDifference() {
        deliver(FEW);
        String order = records("order").get(0);
        shopbridge.hubspotUserEdits("orders", crmId("order", order), "{\"shopify_net_total\": \"1.11\"}");
        shopbridge.jdbc().update("INSERT INTO work (crm, store, entity, record_id, due_at)"
                + " VALUES ('hubspot', 'main', 'order', ?, clock_timestamp() + interval '1 hour')", order);
        JsonNode report = reconcile("hubspot", "[\"all\"]");
        assertThat(found(report)).isEmpty();
        assertThat(report.path("in_flight").asLong()).isEqualTo(1);
    }

    @Test
    void aRestCrmThatRelatesByFieldsIsComparedAndRepaired() {
        deliver(MANY);
        assertThat(found(reconcile("crm-one", "[]"))).isEmpty();
        List<ObjectNode> orders = shopbridge.crmOne.records("orders");
        String contact = shopbridge.crmOneHas("contacts", "{\"last_name\": \"Somebody\"}");
        shopbridge.crmOne.editAsUser("orders", orders.get(0).path("id").asText(), object("{\"contact_id\": \"" + contact
                + "\"}"));
        shopbridge.crmOne.editAsUser("orders", orders.get(1).path("id").asText(), object("{\"total\": \"1.11\"}"));
        shopbridge.crmOneUserDeletes("orders", orders.get(2).path("id").asText());
        Set<String> damage = new TreeSet<>(Set.of(record(orders.get(0)) + " wrong-parent contact",
                record(orders.get(1)) + " edited total", record(orders.get(2)) + " missing "));
        assertThat(found(reconcile("crm-one", "[\"all\"]"))).isEqualTo(damage);
        shopbridge.settle();
        assertThat(found(reconcile("crm-one", "[]"))).isEmpty();
    }

    @Test
    void inEveryFormOfOrdersWhatIsNotSoIsNotFound() {
        deliver(MANY);
        Duration step = Duration.ofSeconds(20);
        ShopModel.stepping(6, Instant.now().minus(step.multipliedBy(MANY)), step).events(MANY / 4).forEach(event ->
                shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, event.topic(),
                        new String(event.body(), StandardCharsets.UTF_8)));
        shopbridge.awaitSettled();
        List.of("deals", "activities", "figures").forEach(crm -> {
            JsonNode report = reconcile(crm, "[]");
            assertThat(found(report)).as(crm).isEmpty();
            assertThat(report.path("compared").asLong()).as(crm).isPositive();
        });
    }

    private static String record(ObjectNode order) {
        return MAIN + "order/" + order.at("/fields/external_id").asText().replace("main:", "");
    }

    private static ObjectNode object(String text) {
        return (ObjectNode) read(text);
    }

    /** @return what must be found: the record, the class and the field */
    private Set<String> damageHubSpot() {
        Set<String> damage = new TreeSet<>();
        List<String> customers = records("customer");
        List<String> orders = records("order");
        // Those that only one thing is wrong with
        String deleted = customers.get(0);
        shopbridge.hubspotUserDeletes("contacts", crmId("customer", deleted));
        shopbridge.jdbc().queryForList("SELECT record_id FROM link WHERE crm = 'hubspot' AND object = 'contacts'"
                + " AND crm_id = ?", String.class, crmId("customer", deleted))
                .forEach(customer -> damage.add(MAIN + "customer/" + customer + " missing "));
        relatedTo(deleted).forEach(record -> {
            damage.add(MAIN + record + " wrong-parent contact");
            orders.remove(record.replace("order/", ""));
        });

        shopbridge.hubspotUserDeletes("orders", crmId("order", orders.get(0)));
        damage.add(MAIN + "order/" + orders.get(0) + " missing ");

        shopbridge.hubspotUserEdits("orders", crmId("order", orders.get(1)), "{\"shopify_net_total\": \"1.11\"}");
        damage.add(MAIN + "order/" + orders.get(1) + " edited shopify_net_total");
        shopbridge.hubspotUserEdits("contacts", crmId("customer", customers.get(1)),
                "{\"hubspot_owner_id\": \"77\", \"firstname\": \"Renamed\"}");

        String stale = orders.get(2);
        shopbridge.hubspotUserEdits("orders", crmId("order", stale), "{\"shopify_net_total\": \"2.22\"}");
        shopbridge.jdbc().update("UPDATE link SET base = (base::jsonb || '{\"shopify_net_total\": \"2.22\"}')::text"
                + " WHERE crm = 'hubspot' AND entity = 'order' AND record_id = ?", stale);
        damage.add(MAIN + "order/" + stale + " stale shopify_net_total");

        String moved = orders.stream().skip(3).filter(order -> contact(order) != null
                && !contact(order).equals(crmId("customer", customers.get(1)))).findFirst().orElseThrow();
        shopbridge.hubspotUserUnrelates(crmId("order", moved), "contacts", contact(moved));
        shopbridge.hubspotUserRelates(crmId("order", moved), "contacts", crmId("customer", customers.get(1)));
        damage.add(MAIN + "order/" + moved + " wrong-parent contact");

        List<String> rest = new ArrayList<>(orders.subList(3, orders.size()));
        rest.remove(moved);
        shopbridge.hubspotUserDeletes("line_items", lines(rest.get(0)).get(0));
        damage.add(MAIN + "order/" + rest.get(0) + " missing-line ");

        String surplus = shopbridge.hubspotHas("line_items",
                "{\"name\": \"again\", \"quantity\": \"1\", \"shopify_line_item_key\": \"main:987654321\"}");
        shopbridge.hubspotUserRelates(crmId("order", rest.get(1)), "line_items", surplus);
        damage.add(MAIN + "order/" + rest.get(1) + " surplus-line ");

        shopbridge.hubspotUserEdits("line_items", lines(rest.get(2)).get(0), "{\"name\": \"Other\"}");
        damage.add(MAIN + "order/" + rest.get(2) + " edited line_item.name");

        String lost = rest.get(3);
        shopbridge.hubspotUserDeletes("orders", crmId("order", lost));
        shopbridge.jdbc().update("DELETE FROM link WHERE crm = 'hubspot' AND (entity = 'order' AND record_id = ?"
                + " OR parent_id = ?)", lost, lost);
        damage.add(MAIN + "order/" + lost + " never-delivered ");

        String doubled = rest.get(4);
        shopbridge.jdbc().update("UPDATE link SET crm_id = ? WHERE crm = 'hubspot' AND entity = 'order'"
                + " AND record_id = ?", crmId("order", rest.get(5)), doubled);
        damage.add(MAIN + "order/" + doubled + " doubled ");

        String merged = customers.stream().skip(2).filter(customer -> relatedTo(customer).isEmpty()).findFirst()
                .orElseThrow();
        String other = shopbridge.hubspotHas("contacts", "{\"email\": \"somebody.else@example.com\"}");
        shopbridge.hubspot.mergeContacts(crmId("customer", merged), other);
        damage.add(MAIN + "customer/" + merged + " merged ");
        shopbridge.hubspotHas("contacts", "{\"email\": \"orphan@example.com\","
                + " \"shopify_customer_key\": \"main:123456789\"}");
        damage.add(MAIN + "customer/123456789 orphaned ");
        return damage;
    }

    private static Set<String> found(JsonNode report) {
        assertThat(report.path("state").asText()).as(report.toString()).isEqualTo("done");
        Set<String> found = new TreeSet<>();
        report.path("differences").forEach(one -> one.path("examples").forEach(example -> found.add(
                example.asText().replaceFirst(" -> .*", "") + " " + one.path("class").asText() + " "
                        + one.path("field").asText(""))));
        return found;
    }

    private static JsonNode reconcile(String crm, String repair) {
        return ended(start("{\"crm\": \"" + crm + "\", \"repair\": " + repair + "}"));
    }

    private static JsonNode ended(long id) {
        await().until(() -> !find(id).path("state").asText().equals("running"));
        return find(id);
    }

    private static long start(String request) {
        return shopbridge.operator("POST", "/api/v1/reconciliations", request).path("id").asLong();
    }

    private static JsonNode find(long id) {
        return shopbridge.operator("GET", "/api/v1/reconciliations/" + id);
    }

    private static List<String> records(String entity) {
        return new ArrayList<>(shopbridge.jdbc().queryForList("SELECT record_id FROM link WHERE crm = 'hubspot'"
                + " AND entity = ? AND record_id NOT LIKE 'guest:%' ORDER BY record_id", String.class, entity));
    }

    private static String crmId(String entity, String id) {
        return shopbridge.jdbc().queryForObject("SELECT crm_id FROM link WHERE crm = 'hubspot' AND entity = ?"
                + " AND record_id = ?", String.class, entity, id);
    }

    private static List<String> lines(String order) {
        return shopbridge.jdbc().queryForList("SELECT crm_id FROM link WHERE crm = 'hubspot' AND parent_id = ?"
                + " ORDER BY record_id", String.class, order);
    }

    private static String contact(String order) {
        return shopbridge.jdbc().queryForObject("SELECT base::jsonb ->> '@contact' FROM link WHERE crm = 'hubspot'"
                + " AND entity = 'order' AND record_id = ?", String.class, order);
    }

    /** Orders and carts. */
    private static List<String> relatedTo(String customer) {
        return shopbridge.jdbc().queryForList("SELECT entity || '/' || record_id FROM link WHERE crm = 'hubspot'"
                + " AND base::jsonb ->> '@contact' = ?", String.class, crmId("customer", customer));
    }

    private static long reads() {
        return shopbridge.hubspot.calls().entrySet().stream()
                .filter(call -> call.getKey().endsWith("/read") || call.getKey().endsWith("/search")
                        || call.getKey().equals("GET /crm/objects/" + SimulatedHubSpot.VERSION + "/contacts"))
                .mapToLong(Map.Entry::getValue).sum();
    }

    private static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
