package io.shopbridge.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.sandbox.pipedrive.Company;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.server.Options;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records that were made twice of one of Shopify's, in a CRM that does not keep our key unique. */
class DoubledIT {

    private static final String TIME = "'2026-11-01T10:00:00Z'";

    private static SimulatedPipedrive pipedrive;
    private static RunningShopbridge shopbridge;

    @BeforeAll
    static void start() {
        pipedrive = SimulatedPipedrive.start(0, RunningShopbridge.options().withSearchLag(Duration.ZERO),
                Company.defaults());
        shopbridge = RunningShopbridge.only("--shopbridge.mappings-dir=" + RunningShopbridge.fastMappings(),
                "--shopbridge.schedules.reconcile-steps=* * * * * ?", "--shopbridge.stores.main.crms=pipedrive",
                "--shopbridge.crms.pipedrive.draft-orders=true", "--shopbridge.crms.pipedrive.time-zone=UTC",
                "--shopbridge.crms.pipedrive.base-url=" + pipedrive.baseUrl(),
                "--shopbridge.crms.pipedrive.token=" + Options.DEFAULT_TOKEN);
    }

    @AfterAll
    static void stop() {
        shopbridge.close();
        pipedrive.close();
    }

    @BeforeEach
    void reset() {
        pipedrive.faults().clear();
        shopbridge.reset();
        pipedrive.clear();
    }

    @Test
    void aSecondRecordOfEachKindIsToldAsWhatItIs() {
        deliver();
        assertThat(found(reconcile("[]"))).isEmpty();

        String person = again("persons", "{'name': 'Ada'}", "Shopify customer key", "main:7001");
        String order = again("deals", "{'title': 'again'}", "Shopify order key", "main:5001");
        String draft = again("deals", "{'title': 'again'}", "Shopify order key", "main:draft-51");
        again("deals", "{'title': 'nobody'}", "Shopify order key", "main:draft-52");
        again("deals", "{'title': 'a store that is not here'}", "Shopify order key", "elsewhere:draft-53");
        again("deals", "{'title': 'somebody else'}", "Shopify order key", "main:");
        JsonNode report = reconcile("[]");
        assertThat(found(report)).containsExactly("main/customer/7001 doubled", "main/draft_order/51 doubled",
                "main/draft_order/52 orphaned", "main/order/5001 doubled");
        assertThat(report.path("differences").findValues("examples").toString()).contains(
                "main/customer/7001 -> " + person, "main/order/5001 -> " + order, "main/draft_order/51 -> " + draft);
    }

    @Test
    void whatWasMadeTwiceIsMergedIntoWhatIsLinkedWithinTheLimitsOfARepair() {
        deliver();
        JsonNode line = pipedrive.records("deal_products").get(0);
        List<String> before = ids();
        again("persons", "{'name': 'Ada'}", "Shopify customer key", "main:7001");
        again("deals", "{'title': 'again'}", "Shopify order key", "main:draft-51");
        again("deals", "{'title': 'again'}", "Shopify order key", "main:draft-51");
        String order = again("deals", "{'title': 'again'}", "Shopify order key", "main:5001");
        call("POST", "/api/v2/deals/" + order + "/products", "{\"product_id\": " + line.path("product_id").asText()
                + ", \"item_price\": 20, \"quantity\": 1, \"comments\": \"" + line.path("comments").asText() + "\"}");
        List<String> all = ids();

        JsonNode dry = reconcile("[\"doubled\"], \"dry_run\": true");
        assertThat(dry.path("repaired").asLong()).isEqualTo(3);
        assertThat(dry.path("differences").findValues("examples").toString()).contains("-> " + order + " beside ");
        assertThat(ids()).isEqualTo(all);
        JsonNode other = reconcile("[\"missing\"]");
        assertThat(other.path("repaired").asLong()).isZero();
        assertThat(reconcile("[\"doubled\"], \"repair_most\": 1").path("repaired").asLong()).isEqualTo(1);
        assertThat(ids()).as("the first kind of record").hasSize(all.size() - 1);

        // The answer of one is lost, which does not make it less merged.
        pipedrive.faults().loseAnswers(1, "/merge");
        JsonNode report = reconcile("[\"doubled\"]");
        shopbridge.settle();
        assertThat(report.path("repaired").asLong()).isEqualTo(2);
        assertThat(report.path("differences").findValuesAsText("found")).containsExactly("2", "1");
        assertThat(report.path("differences").findValuesAsText("left")).containsExactly("0", "0");
        assertThat(report.path("differences").findValues("examples").toString()).contains("main/order/5001 -> " + order
                + ", merged into ").doesNotContain("beside");
        assertThat(ids()).as("those that were linked stay").containsExactlyInAnyOrderElementsOf(before);
        assertThat(pipedrive.records("deal_products")).as("of both orders").hasSize(1);
        assertThat(found(reconcile("[]"))).isEmpty();
        assertThat(shopbridge.jdbc().queryForList("SELECT what FROM audit WHERE did = 'merged' AND what LIKE 'deals '"
                + " || ? || ' into %'", String.class, order)).singleElement().asString().contains("main/order/5001");
    }

    /** Somebody else's key, or none any more: nobody knows which of the two is right. */
    @Test
    void aRecordIsNotMergedIntoOneThatHasAnotherKey() {
        deliver();
        String linked = shopbridge.jdbc().queryForObject("SELECT crm_id FROM link WHERE entity = 'order'", String.class);
        again("deals", "{'title': 'again'}", "Shopify order key", "main:5001");
        ObjectNode changes = shopbridge.object("{}");
        changes.putObject("custom_fields").put(code("deals", "Shopify order key"), "main:5002");
        pipedrive.editAsUser("deals", linked, changes);
        JsonNode report = reconcile("[\"doubled\"]");
        assertThat(report.path("repaired").asLong()).isZero();
        assertThat(found(report)).contains("main/order/5001 doubled");
        assertThat(pipedrive.records("deals")).hasSize(3);
    }

    @Test
    void aLineThatAUserAddedIsTheirsWhateverItsCommentLooksLike() {
        deliver();
        JsonNode line = pipedrive.records("deal_products").get(0);
        call("POST", "/api/v2/deals/" + line.path("deal_id").asText() + "/products", "{\"product_id\": "
                + line.path("product_id").asText() + ", \"item_price\": 1, \"quantity\": 1, \"comments\": \"PO:4711\"}");
        assertThat(found(reconcile("[\"surplus-line\"]"))).isEmpty();
        shopbridge.settle();
        assertThat(pipedrive.records("deal_products")).hasSize(2);
    }

    private static List<String> ids() {
        return Stream.of("persons", "deals").flatMap(object -> pipedrive.records(object).stream().map(record ->
                object + " " + record.path("id").asText())).toList();
    }

    /** A customer, an order and a draft of theirs. */
    private static void deliver() {
        String buyer = "'customer': {'id': 7001, 'email': 'ada@example.com', 'first_name': 'Ada', 'created_at': " + TIME
                + ", 'updated_at': " + TIME + "}";
        post("orders/updated", "{'id': 5001, 'name': '#1', 'currency': 'EUR', 'total_price': '20.00',"
                + " 'current_total_price': '20.00', 'financial_status': 'paid', 'created_at': " + TIME + ", 'updated_at': "
                + TIME + ", 'line_items': [{'id': 1, 'variant_id': 91, 'name': 'Mug', 'price': '20.00', 'quantity': 1,"
                + " 'current_quantity': 1}], " + buyer + "}");
        post("draft_orders/create", "{'id': 51, 'name': '#D1', 'status': 'open', 'currency': 'EUR', 'total_price':"
                + " '430.00', 'invoice_url': 'https://example.com/1', 'created_at': " + TIME + ", 'updated_at': " + TIME
                + ", 'line_items': [{'id': 511, 'name': 'Mug', 'quantity': 10, 'price': '43.00'}], " + buyer + "}");
        shopbridge.settle();
        assertThat(pipedrive.records("deals")).hasSize(2);
    }

    private static void post(String topic, String body) {
        assertThat(shopbridge.post(topic, body.replace('\'', '"'))).isEqualTo(200);
    }

    /** A record with our key that Shopbridge knows nothing of. */
    private static String again(String object, String body, String field, String key) {
        ObjectNode record = shopbridge.object(body.replace('\'', '"'));
        record.putObject("custom_fields").put(code(object, field), key);
        return call("POST", "/api/v2/" + object, record.toString()).at("/data/id").asText();
    }

    private static String code(String object, String name) {
        String path = Map.of("persons", "personFields", "deals", "dealFields").get(object);
        for (JsonNode field : call("GET", "/api/v2/" + path + "?limit=500", null).path("data")) {
            if (field.path("field_name").asText().equals(name)) {
                return field.path("field_code").asText();
            }
        }
        throw new AssertionError("no field " + name);
    }

    private static JsonNode call(String method, String path, String body) {
        HttpResponse<String> answer = shopbridge.send(HttpRequest.newBuilder(URI.create(pipedrive.baseUrl() + path))
                .header("x-api-token", Options.DEFAULT_TOKEN).header("X-Sandbox-By-Person", "true")
                .header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build());
        assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
        return shopbridge.object(answer.body());
    }

    private static JsonNode reconcile(String repair) {
        long id = shopbridge.operator("POST", "/api/v1/reconciliations", "{\"crm\": \"pipedrive\", \"repair\": " + repair
                + "}").path("id").asLong();
        await().until(() -> !find(id).path("state").asText().equals("running"));
        return find(id);
    }

    private static JsonNode find(long id) {
        return shopbridge.operator("GET", "/api/v1/reconciliations/" + id);
    }

    private static List<String> found(JsonNode report) {
        assertThat(report.path("state").asText()).as(report.toString()).isEqualTo("done");
        Set<String> found = new TreeSet<>();
        report.path("differences").forEach(one -> one.path("examples").forEach(example -> found.add(
                example.asText().replaceFirst(" -> .*", "") + " " + one.path("class").asText())));
        return List.copyOf(found);
    }
}
