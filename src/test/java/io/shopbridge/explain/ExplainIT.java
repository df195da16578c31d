package io.shopbridge.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.command.Commands;
import io.shopbridge.sandbox.shop.ShopEvent;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the explanation says is compared with what the test did, and with the CRM itself. */
class ExplainIT {

    private static final Instant FIRST = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(60);
    private static final String COMPANY = """
            {"name": "Looms Ltd", "created_at": "2026-01-05T00:00:00Z", "updated_at": "2026-01-05T00:00:00Z",
             "main_contact_admin_graphql_api_id": null, "admin_graphql_api_id": "gid://shopify/Company/4083"}""";
    /** Fields of the webhook, by the fields of the CRM that are made of them alone. */
    private static final Map<String, String> MADE_OF = Map.of("email", "email", "shopify_note", "note", "shopify_tags",
            "tags", "phone", "phone");

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    @Test
    void aFieldHasItsValuesOwnerLineEventAndReason() throws IOException {
        customer(7, "{\"email\": \"a@example.com\", \"first_name\": \"Ada\"}", 0);
        customer(7, "{\"email\": \"b@example.com\"}", 10);
        shopbridge.awaitIdle();

        JsonNode email = field("hubspot", "customer/7", "email");
        assertThat(email.path("shopify").asText()).isEqualTo("b@example.com");
        assertThat(email.path("crm").asText()).isEqualTo("b@example.com");
        assertThat(email.path("last_written").asText()).isEqualTo("b@example.com");
        assertThat(email.path("owner").asText()).isEqualTo("shopify");
        assertThat(email.path("would_write").asBoolean()).isFalse();
        assertThat(email.path("because").asText()).isEqualTo("the CRM has it already");
        assertThat(email.path("history").asText()).startsWith("it is as Shopbridge last wrote it");
        assertThat(line(email)).isEqualTo("email:");
        assertThat(webhook(email)).isEqualTo(webhookId(7, 10));
        assertThat(email.at("/sources/0/at").asText()).isEqualTo(FIRST.plusSeconds(10).toString());
        assertThat(webhook(field("hubspot", "customer/7", "firstname"))).as("only the first named it")
                .isEqualTo(webhookId(7, 0));
        assertThat(explain("hubspot", "customer/7", null).path("attempts").findValuesAsText("outcome")).contains("delivered");
    }

    @Test
    void whoOverwroteItAndWhyItWasNotWritten() {
        customer(7, "{\"email\": \"a@example.com\", \"first_name\": \"Ada\", \"last_name\": \"Imal\", \"note\": \"mine\"}",
                0);
        shopbridge.awaitIdle();
        String id = shopbridge.hubspot.records("contacts").get(0).path("id").asText();
        shopbridge.hubspotUserEdits("contacts", id,
                "{\"email\": \"typed@example.com\", \"firstname\": \"Augusta\", \"lifecyclestage\": \"lead\", \"city\": \"Leeds\"}");

        JsonNode email = field("hubspot", "customer/7", "email");
        assertThat(email.path("history").asText()).startsWith("somebody else changed it in HubSpot");
        assertThat(email.path("because").asText()).startsWith("Shopify decides it, and the CRM has another value; but"
                + " nothing makes it due");
        assertThat(email.path("would_write").asBoolean()).isFalse();
        customer(7, "{\"tags\": \"news\"}", 5);
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("contacts").get(0).at("/properties/email").asText())
                .as("as was said: another change does not write it").isEqualTo("typed@example.com");
        JsonNode first = field("hubspot", "customer/7", "firstname");
        assertThat(first.path("would_write").asBoolean()).isFalse();
        assertThat(first.path("because").asText()).isEqualTo("the CRM has a value of its own");
        assertThat(field("hubspot", "customer/7", "city").path("history").asText()).startsWith("Shopbridge never wrote");
        JsonNode stage = field("hubspot", "customer/7", "lifecyclestage");
        assertThat(stage.path("because").asText()).isEqualTo("it is the CRM's own");
        assertThat(stage.path("crm").asText()).isEqualTo("lead");
        JsonNode unknown = field("hubspot", "customer/7", "emial");
        assertThat(unknown.path("because").asText()).contains("customer-to-contact.yaml does not name this field", "email");
        assertThat(unknown.hasNonNull("mapping")).isFalse();

        JsonNode note = field("hubspot", "customer/7", "shopify_note");
        shopbridge.hubspotUserEdits("contacts", id, "{\"shopify_note\": \"a person's\"}");
        assertThat(note.path("because").asText()).isEqualTo("the CRM has it already");
        assertThat(field("hubspot", "customer/7", "shopify_note").path("because").asText())
                .isEqualTo("Shopify's value has not changed since it was last compared, so the CRM's edit stays");

        shopbridge.hubspotUserDeletes("contacts", id);
        JsonNode gone = explain("hubspot", "customer/7", null);
        assertThat(gone.path("standing").toString()).contains("HubSpot has no record " + id + " any more");
        assertThat(gone.path("fields")).extracting(field -> field.path("because").asText())
                .doesNotContain("the CRM has it already");
    }

    @Test
    void ofTwoStoresTheOneThatLeadsIsNamedAndWhatStopsARecordStopsItsFields() {
        customer(7, "{\"email\": \"a@example.com\", \"tags\": \"first\"}", 0);
        shopbridge.awaitIdle();
        shopbridge.postTo(RunningShopbridge.OUTLET, RunningShopbridge.OUTLET_DOMAIN, "customers/update",
                "{\"id\": 9, \"email\": \"a@example.com\", \"tags\": \"second\", \"updated_at\": \"" + FIRST + "\"}");
        shopbridge.awaitIdle();
        assertThat(field("hubspot", "customer/9", "shopify_tags").path("because").asText())
                .isEqualTo("customer/7 of store main leads this record, and its value is kept");

        shopbridge.jdbc().update("INSERT INTO order_cutoff (store, before) VALUES ('main', '2026-01-01')");
        shopbridge.post("orders/create", """
                {"id": 1, "name": "#1", "currency": "EUR", "total_price": "9.50", "customer": {"id": 7}, "line_items": [],
                 "created_at": "2025-11-18T10:00:00Z", "processed_at": "2025-11-18T10:00:00Z",
                 "updated_at": "2026-11-18T10:00:00Z"}""");
        shopbridge.awaitIdle();
        // In CRM One a field of the order names its contact.
        for (String crm : List.of("hubspot", "crm-one")) {
            JsonNode order = explain(crm, "order/1", null);
            assertThat(order.path("standing").toString()).contains("It was made before 2026-01-01");
            assertThat(order.path("fields")).isNotEmpty().allSatisfy(field ->
                    assertThat(field.path("would_write").asBoolean()).as(field.toString()).isFalse());
        }
    }

    @Test
    void aRelationThatEndedSaysThatTheNextDeliveryEmptiesIt() {
        shopbridge.post("companies/create", COMPANY);
        customer(7, "{\"email\": \"a@example.com\"}", 0);
        buyer("company_contacts/create", 1);
        shopbridge.awaitIdle();
        JsonNode company = field("crm-one", "customer/7", "company_id");
        assertThat(company.path("because").asText()).isEqualTo("the CRM has it already");

        shopbridge.jdbc().update("INSERT INTO crm_pause (crm, until, because) VALUES ('crm-one', now() + interval '1 day',"
                + " 'it asked for that')");
        buyer("company_contacts/delete", 2);
        await().until(() -> shopbridge.count("SELECT count(*) FROM work WHERE crm = 'crm-one'") > 0);
        JsonNode ended = field("crm-one", "customer/7", "company_id");
        assertThat(ended.path("because").asText())
                .isEqualTo("Shopify's record names no company any more; a delivery empties it");
        assertThat(ended.path("would_write").asBoolean()).isTrue();

        shopbridge.jdbc().update("DELETE FROM crm_pause");
        shopbridge.awaitIdle();
        JsonNode none = field("crm-one", "customer/7", "company_id");
        assertThat(none.path("because").asText()).isEqualTo("Shopify's record names no company");
        assertThat(none.path("would_write").asBoolean()).isFalse();
        assertThat(none.hasNonNull("crm")).isFalse();
    }

    @Test
    void whatIsNotDeliveredSaysWhichSettingOrStateKeepsIt() {
        String location = "company_location/5";
        assertThat(standing("hubspot", location)).contains("because shopbridge.crms.hubspot.company-locations is not true");
        assertThat(standing("crm-one", "draft_order/5")).contains("shopbridge.crms.crm-one.draft-orders is not true");
        assertThat(standing("figures", "order/5")).contains("shopbridge.crms.figures.orders is figures");
        assertThat(standing("hubspot", "product/5")).contains("The folder hubspot has no mapping of product");
        assertThat(standing("activities", location)).contains("Shopbridge knows no such record");
        assertThat(standing("hubspot", "line_item/5")).contains("not linked, so its record is not known");

        customer(7, "{\"email\": \"a@example.com\", \"first_name\": \"Ada\"}", 0);
        customer(8, "{\"email\": \"b@example.com\", \"first_name\": \"Bea\"}", 0);
        shopbridge.post("orders/create", """
                {"id": 1, "name": "#1", "currency": "EUR", "total_price": "9.50", "email": "guest@example.com",
                 "created_at": "2026-11-18T10:00:00Z", "updated_at": "2026-11-18T10:00:00Z", "line_items": []}""");
        shopbridge.post("checkouts/create", """
                {"id": 71, "token": "t71", "cart_token": "c71", "email": "a@example.com", "currency": "EUR",
                 "customer": {"id": 7}, "abandoned_checkout_url": "https://test.myshopify.com/c/t71",
                 "total_price": "9.50", "created_at": "2026-11-18T10:00:00Z", "updated_at": "2026-11-18T10:00:00Z",
                 "line_items": []}""");
        shopbridge.awaitIdle();
        String guest = shopbridge.jdbc().queryForObject("SELECT record_id FROM link WHERE crm = 'hubspot'"
                + " AND record_id LIKE 'guest:%'", String.class);
        assertThat(field("hubspot", "customer/" + guest, "email").path("because").asText())
                .isEqualTo("the CRM has it already");
        String cart = shopbridge.jdbc().queryForObject("SELECT record_id FROM link WHERE crm = 'hubspot'"
                + " AND entity = 'checkout'", String.class);
        assertThat(explain("hubspot", "checkout/" + cart, null).path("fields")).isNotEmpty().noneSatisfy(field ->
                assertThat(field.path("would_write").asBoolean()).as(field.toString()).isTrue());

        assertThat(explain("hubspot", "checkout/t71", null).path("record").asText()).as("by its other token")
                .isEqualTo("checkout/" + cart);
        String there = shopbridge.hubspot("contacts", "shopify_customer_key", "main:7").path("id").asText();
        String other = shopbridge.hubspotHas("contacts", "{\"email\": \"somebody.else@example.com\"}");
        shopbridge.hubspot.mergeContacts(there, other);
        JsonNode merged = explain("hubspot", "customer/7", null);
        assertThat(merged.path("standing").toString()).contains("HubSpot has merged record " + there + " into ");
        assertThat(merged.path("fields")).isNotEmpty().noneSatisfy(field ->
                assertThat(field.path("because").asText()).isEqualTo("the CRM has it already"));

        shopbridge.jdbc().update("INSERT INTO crm_pause (crm, until, because) VALUES ('hubspot', now() + interval '1 day',"
                + " 'it asked for that')");
        assertThat(standing("hubspot", "customer/8")).contains("HubSpot is left alone until", "was not read");
        shopbridge.jdbc().update("DELETE FROM crm_pause");
        shopbridge.jdbc().update("INSERT INTO store_pause (store, since, because) VALUES ('main', now(), 'uninstalled')");
        JsonNode paused = explain("hubspot", "customer/8", null);
        assertThat(paused.path("standing").toString()).contains("Store main is paused since");
        assertThat(paused.path("fields")).allSatisfy(field ->
                assertThat(field.path("would_write").asBoolean()).isFalse());
        shopbridge.jdbc().update("DELETE FROM store_pause");
    }

    private String standing(String crm, String record) {
        return explain(crm, record, null).path("standing").toString();
    }

    private void buyer(String topic, int second) {
        shopbridge.post(topic, """
                {"customer_admin_graphql_api_id": "gid://shopify/Customer/7", "title": "Buyer", "updated_at": "%s",
                 "admin_graphql_api_id": "gid://shopify/CompanyContact/33", "company": %s}"""
                .formatted(FIRST.plusSeconds(second), COMPANY));
    }

    @Test
    void whatIsNoRecordIsRefusedAndNotKept() {
        for (String typed : List.of("customer/anna.private@example.com", "customer/Anna Private", "person/7", "order/")) {
            assertThatThrownBy(() -> explain("hubspot", typed, null)).as(typed).hasMessageContaining("answered 400");
        }
        assertThat(shopbridge.count("SELECT count(*) FROM audit WHERE what ILIKE '%private%'")).isZero();
    }

    @Test
    void aRecordThatIsNotThereSaysWhy() {
        assertThat(explain("hubspot", "order/404", null).path("standing").toString())
                .contains("Shopbridge knows no such record");
        shopbridge.post("orders/create", """
                {"id": 1, "name": "#1", "currency": "EUR", "total_price": "9.50", "customer": {"id": 8},
                 "created_at": "2026-11-18T10:00:00Z", "updated_at": "2026-11-18T10:00:00Z", "line_items": [
                 {"id": 11, "title": "Shirt", "quantity": 2, "price": "4.75"}]}""");
        customer(8, "{\"email\": \"c@example.com\"}", 0);
        shopbridge.settle();
        JsonNode line = explain("hubspot", "line_item/11", null);
        assertThat(line.path("crm_id").asText()).isNotEmpty();
        assertThat(line.path("fields")).isNotEmpty().allSatisfy(one ->
                assertThat(one.path("because").asText()).as(one.toString()).isIn("the CRM has it already",
                        "Shopify has no value, and what the CRM has is not ours to clear", "it is the CRM's own"));
        assertThat(line.path("fields").findValuesAsText("mapping")).allSatisfy(at ->
                assertThat(at).startsWith("hubspot/order-to-order.yaml:"));
        assertThatThrownBy(() -> explain("nowhere", "order/1", null)).hasMessageContaining("is not configured");
        assertThatThrownBy(() -> explain("hubspot", "order", null)).hasMessageContaining("as in order/5200000000001");
    }

    /**
     * Customers whose webhooks name some of their fields each: the event that is named must be the last that the test sent
     * with that field, and the value that of the CRM.
     */
    @Test
    void theEventOfEachFieldIsTheLastThatNamedIt() {
        Random random = new Random(11);
        Map<String, String> last = new HashMap<>();
        for (int id = 100; id < 112; id++) {
            for (int step = 0; step < 4; step++) {
                Map<String, String> fields = new LinkedHashMap<>();
                for (String name : List.of("email", "note", "tags", "phone")) {
                    if (step == 0 || random.nextBoolean()) {
                        fields.put(name, switch (name) {
                            case "email" -> "p" + id + "x" + random.nextInt(3) + "@example.com";
                            case "phone" -> "+1613555" + (1000 + id);
                            default -> "word" + random.nextInt(3);
                        });
                        last.put(id + " " + name, webhookId(id, step));
                    }
                }
                ObjectNode body = JsonNodeFactory.instance.objectNode();
                fields.forEach(body::put);
                customer(id, body.toString(), step);
            }
        }
        shopbridge.awaitIdle();
        List<String> wrong = new ArrayList<>();
        int compared = 0;
        for (int id = 100; id < 112; id++) {
            ObjectNode contact = shopbridge.hubspot("contacts", "shopify_customer_key", "main:" + id);
            for (JsonNode field : explain("hubspot", "customer/" + id, null).path("fields")) {
                String name = field.path("field").asText();
                JsonNode there = contact.path("properties").path(name);
                if (!field.path("crm").asText("").equals(there.asText(""))) {
                    wrong.add(id + " " + name + " is not what the CRM has");
                }
                if (field.path("would_write").asBoolean()) {
                    wrong.add(id + " " + name + " would be written again: " + field.path("because").asText());
                }
                if (MADE_OF.containsKey(name)) {
                    compared++;
                    String event = webhook(field);
                    if (!last.get(id + " " + MADE_OF.get(name)).equals(event)) {
                        wrong.add(id + " " + name + " of " + event + ", not " + last.get(id + " " + MADE_OF.get(name)));
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(compared).isPositive();
    }

    /** No delivery of the order ends well, so none of its lines is written. */
    @Test
    void whatKeepsAnOrderKeepsItsLines() throws IOException {
        Path mappings = RunningShopbridge.fastMappings();
        Path mapping = mappings.resolve("hubspot/order-to-order.yaml");
        Files.writeString(mapping, Files.readString(mapping).replaceFirst("(?m)^fields:\n", """
                skip:
                  - when: .note == "left out"
                    because: a test leaves it out
                fields:
                """).replace("from: .currency\n", "from: 'if .note == \"refused\" then {} else .currency end'\n"));
        try (RunningShopbridge own = RunningShopbridge.with("--shopbridge.mappings-dir=" + mappings)) {
            own.post("orders/create", order("delivered", "Shirt", 0));
            own.settle();
            keeps(own, "left out", 10, "The mapping skips it: a test leaves it out");
            keeps(own, "refused", 20, "The mapping refuses it: hs_currency_code");
        }
    }

    private static void keeps(RunningShopbridge own, String note, int second, String sentence) {
        own.post("orders/updated", order(note, note + " shirt", second));
        own.awaitSettled();
        // As if only the mapping had changed since.
        own.jdbc().update("DELETE FROM rejected");
        JsonNode line = own.operator("GET", "/api/v1/explanations?crm=hubspot&record=line_item/11");
        assertThat(line.path("standing").toString()).contains("Nothing of its order/1 is written. " + sentence);
        assertThat(line.path("fields")).isNotEmpty().allSatisfy(field ->
                assertThat(field.path("would_write").asBoolean()).as(field.toString()).isFalse());
        assertThat(own.hubspot.records("line_items")).singleElement().satisfies(there ->
                assertThat(there.at("/properties/name").asText()).as("as was said").isEqualTo("Shirt"));
    }

    private static String order(String note, String title, int second) {
        return """
                {"id": 1, "name": "#1", "currency": "EUR", "total_price": "9.50", "email": "guest@example.com", "note": "%s",
                 "created_at": "2026-11-18T10:00:00Z", "updated_at": "%s", "line_items": [
                 {"id": 11, "title": "%s", "quantity": 2, "price": "4.75"}]}"""
                .formatted(note, FIRST.plusSeconds(second), title);
    }

    @Test
    void theCommandPrintsIt() {
        customer(7, "{\"email\": \"a@example.com\"}", 0);
        shopbridge.awaitIdle();
        System.setProperty("shopbridge.operator.password", RunningShopbridge.PASSWORD);
        assertThat(Commands.run("explain", "--crm", "hubspot", "--record", "customer/7", "--field", "email", "--at",
                shopbridge.uri("/").toString())).isZero();
        assertThat(explain("hubspot", "customer/7", "email").path("fields")).hasSize(1);
        assertThat(Commands.run("explain", "--crm", "nowhere", "--record", "customer/7", "--at",
                shopbridge.uri("/").toString())).isEqualTo(1);
    }

    private void customer(long id, String fields, int second) {
        ObjectNode body = shopbridge.object(fields).put("id", id).put("updated_at", FIRST.plusSeconds(second).toString());
        String webhook = webhookId(id, second);
        shopbridge.post(new ShopEvent("customers/update", webhook, webhook, FIRST.plusSeconds(second),
                body.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static String webhookId(long id, int second) {
        return "w-" + id + "-" + second;
    }

    private static String webhook(JsonNode field) {
        return field.at("/sources/0/event/webhook_id").asText();
    }

    private static String line(JsonNode field) throws IOException {
        String[] at = field.path("mapping").asText().split(":");
        return Files.readAllLines(Path.of("mappings").resolve(at[0])).get(Integer.parseInt(at[1]) - 1).strip();
    }

    private JsonNode field(String crm, String record, String field) {
        return explain(crm, record, field).path("fields").path(0);
    }

    private JsonNode explain(String crm, String record, String field) {
        return shopbridge.operator("GET", "/api/v1/explanations?crm=" + crm + "&record="
                + URLEncoder.encode(record, StandardCharsets.UTF_8) + (field == null ? "" : "&field=" + field));
    }
}
