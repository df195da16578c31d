package io.shopbridge.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.RunningShopbridge;
import io.shopbridge.inbox.Event;
import io.shopbridge.inbox.Inbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What else than customers and orders reaches the CRMs: companies, checkouts and refunds, and orders in other forms. */
class EntitiesIT {

    private static final String COMPANY = """
            {"name": "Looms Ltd", "note": "Net 30", "external_id": "C-1", "customer_since": "2026-01-05T00:00:00Z",
             "created_at": "2026-01-05T00:00:00Z", "updated_at": "%s", "main_contact_admin_graphql_api_id": null,
             "admin_graphql_api_id": "gid://shopify/Company/408372092144951419"}""";
    private static final String ORDER = """
            {"id": 1, "name": "#1", "currency": "USD", "total_price": "100.00", "financial_status": "paid",
             "processed_at": "2026-03-01T10:00:00Z", "updated_at": "2026-03-01T10:00:00Z", "source_name": "web",
             "landing_site": "/?utm_source=news", "company": {"id": 408372092144951419, "location_id": 9},
             "note_attributes": [{"name": "gift", "value": "yes"}],
             "line_items": [{"id": 11, "name": "Shirt", "quantity": 2, "current_quantity": 2, "price": "50.00",
                             "properties": {"text": "A.L."}}],
             "customer": {"id": 7, "email": "ada@example.com", "updated_at": "2026-01-01T00:00:00Z"}}""";

    private final RunningShopbridge shopbridge = RunningShopbridge.shared();

    @BeforeEach
    void reset() {
        shopbridge.reset();
    }

    @Test
    void aCompanyAndWhoBuysForItAreLinkedInBothCrms() {
        shopbridge.post("companies/create", COMPANY.formatted("2026-01-05T00:00:00Z"));
        shopbridge.post("customers/create", """
                {"id": 7, "email": "ada@example.com", "updated_at": "2026-01-01T00:00:00Z"}""");
        shopbridge.awaitIdle();
        shopbridge.post("company_locations/create", """
                {"name": "Montreal", "admin_graphql_api_id": "gid://shopify/CompanyLocation/9",
                 "updated_at": "2026-01-06T00:00:00Z", "tax_registration": {"tax_id": "T1"}, "company": %s,
                 "billing_address": {"address1": "175 Sherbrooke Street", "city": "Montreal", "country_code": "CA"}}"""
                .formatted(COMPANY.formatted("2026-01-05T00:00:00Z")));
        shopbridge.post("company_contacts/create", contact("2026-01-06T00:00:00Z"));
        shopbridge.post("orders/create", ORDER);
        shopbridge.awaitIdle();

        JsonNode company = shopbridge.crmOne("companies", "main:408372092144951419");
        assertThat(company.path("fields").path("city").asText()).isEqualTo("Montreal");
        assertThat(company.path("fields").path("tax_id").asText()).isEqualTo("T1");
        assertThat(shopbridge.crmOne("contacts", "main:7").path("fields").path("company_id"))
                .isEqualTo(company.path("id"));
        assertThat(shopbridge.crmOne("orders", "main:1").path("fields").path("company_id"))
                .isEqualTo(company.path("id"));
        JsonNode hubspot = shopbridge.hubspot("companies", "shopify_company_key", "main:408372092144951419");
        assertThat(hubspot.path("properties").path("name").asText()).isEqualTo("Looms Ltd");
        assertThat(hubspot.path("associations").toString()).contains("contacts", "orders");

        shopbridge.post("companies/update", COMPANY.replace("Net 30", "Net 14").formatted("2026-01-07T00:00:00Z"));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("companies", "main:408372092144951419").path("fields").path("note").asText())
                .isEqualTo("Net 14");
        shopbridge.post("companies/delete", COMPANY.formatted("2026-01-07T00:00:00Z"));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne.records("companies")).hasSize(1);
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE entity = 'company' AND outcome = 'skipped'"))
                .isEqualTo(2);
    }

    /** Switched on by the setting company-locations. */
    @Test
    void aLocationIsACompanyUnderItsCompany() {
        String location = """
                {"name": "%s", "admin_graphql_api_id": "gid://shopify/CompanyLocation/9", "external_id": "L-9",
                 "updated_at": "2026-01-0%dT00:00:00Z", "tax_registration": {"tax_id": "T1"}, "company": %s,
                 "billing_address": {"address1": "175 Sherbrooke Street", "city": "Montreal", "country_code": "CA"}}""";
        String company = COMPANY.formatted("2026-01-05T00:00:00Z");
        forms("company_locations/create", location.formatted("Montreal", 6, company));
        shopbridge.awaitIdle();
        JsonNode above = shopbridge.hubspot("companies", "shopify_company_key", "forms:408372092144951419");
        JsonNode below = shopbridge.hubspot("companies", "shopify_company_key", "forms:location-9");
        assertThat(above.at("/properties/name").asText()).isEqualTo("Looms Ltd");
        assertThat(below.at("/properties/name").asText()).isEqualTo("Looms Ltd - Montreal");
        assertThat(below.at("/properties/city").asText()).isEqualTo("Montreal");
        assertThat(shopbridge.hubspot.parentCompany(below.path("id").asText())).isEqualTo(above.path("id").asText());

        forms("company_locations/update", location.formatted("Quebec", 7, company));
        forms("company_locations/update", location.formatted("Laval", 6, company));
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot("companies", "shopify_company_key", "forms:location-9")
                .at("/properties/shopify_location").asText()).isEqualTo("Quebec");
        forms("company_locations/delete", location.formatted("Quebec", 7, company));
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("companies")).hasSize(2);
        assertThat(shopbridge.jdbc().queryForList("SELECT because FROM outcome WHERE entity = 'company_location'"
                + " AND outcome = 'skipped'", String.class)).singleElement().asString().startsWith("deleted in Shopify");
    }

    @Test
    void aLocationIsNoRecordWhereItIsNotSwitchedOn() {
        shopbridge.post("company_locations/create", """
                {"name": "Montreal", "admin_graphql_api_id": "gid://shopify/CompanyLocation/9",
                 "updated_at": "2026-01-06T00:00:00Z", "company": %s}"""
                .formatted(COMPANY.formatted("2026-01-05T00:00:00Z")));
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot.records("companies")).hasSize(1);
        assertThat(shopbridge.crmOne.records("companies")).hasSize(1);
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE entity = 'company_location'")).isZero();
    }

    private void forms(String topic, String body) {
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, topic, body);
    }

    @Test
    void whoBuysForACompanyThatCameInTheSameMomentIsLinkedToIt() {
        shopbridge.post("customers/create", """
                {"id": 7, "email": "ada@example.com", "updated_at": "2026-01-01T00:00:00Z"}""");
        shopbridge.post("company_contacts/create", contact("2026-01-06T00:00:00Z"));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("contacts", "main:7").path("fields").path("company_id"))
                .isEqualTo(shopbridge.crmOne("companies", "main:408372092144951419").path("id"));
    }

    @Test
    void anOrderOfAnUnknownCompanyIsDeliveredWithoutIt() {
        shopbridge.post("orders/create", ORDER);
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("orders", "main:1").path("fields").path("company_id").isMissingNode()).isTrue();
    }

    @Test
    void anOrderWhoseCustomerWasDeletedBeforeIsHeldAndDoesNotWait() {
        shopbridge.post("customers/delete", "{\"id\": 7}");
        shopbridge.awaitIdle();
        shopbridge.post("orders/create", "{\"id\": 2, \"name\": \"#2\", \"currency\": \"USD\", \"total_price\": \"9.00\","
                + " \"financial_status\": \"paid\", \"updated_at\": \"2026-01-01T00:00:00Z\", \"line_items\": [],"
                + " \"customer\": {\"id\": 7}}");
        shopbridge.awaitIdle();

        JsonNode held = shopbridge.operator("GET", "/api/v1/rejected?entity=order&crm=crm-one").path("items");
        assertThat(held).singleElement().satisfies(order -> {
            assertThat(order.path("outcome").asText()).isEqualTo("held");
            assertThat(order.at("/errors/0").asText()).contains("customer/7, was deleted in Shopify before CRM One had it",
                    "`deleted: deliver` or `deleted: skip` at the link contact of", "order-to-order.yaml");
        });
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE entity = 'order' AND state = 'open'"))
                .as("once for each CRM").isEqualTo(2);
        assertThat(shopbridge.crmOne.records("orders")).isEmpty();
        shopbridge.operator("POST", "/api/v1/rejected/" + held.at("/0/id").asText() + "/done");
        assertThat(shopbridge.count("SELECT count(*) FROM rejected WHERE entity = 'order' AND state = 'open'")).isOne();
    }

    @Test
    void aCheckoutIsACartUntilItBecomesAnOrder() {
        shopbridge.post("checkouts/create", checkout("null", "null", "2026-03-10T18:00:00Z"));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne.records("carts")).as("nobody is known yet").isEmpty();

        shopbridge.post("checkouts/update", checkout("\"Bo@example.com\"", "null", "2026-03-10T18:01:00Z"));
        shopbridge.awaitIdle();
        JsonNode cart = shopbridge.crmOne("carts", "main:cart-1").path("fields");
        assertThat(cart.path("status").asText()).isEqualTo("open");
        assertThat(cart.path("total").asText()).isEqualTo("421.88");
        assertThat(cart.path("lines")).hasSize(2);
        assertThat(shopbridge.crmOne.records("contacts")).singleElement().satisfies(contact ->
                assertThat(contact.path("fields").path("email").asText()).isEqualTo("bo@example.com"));
        JsonNode hubspot = shopbridge.hubspot("carts", "shopify_cart_key", "main:cart-1");
        assertThat(hubspot.path("properties").path("hs_external_status").asText()).isEqualTo("open");
        assertThat(hubspot.path("associations").toString()).contains("contacts");

        shopbridge.post("checkouts/update",
                checkout("\"Bo@example.com\"", "\"2026-03-10T18:20:00Z\"", "2026-03-10T18:20:00Z"));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("carts", "main:cart-1").path("fields").path("status").asText())
                .isEqualTo("completed");
    }

    /** The cart's own last webhook may be lost, and its buyer must not be reminded of what is bought. */
    @ParameterizedTest
    @ValueSource(strings = {"\"cart_token\": \"cart-1\"", "\"cart_token\": null, \"checkout_token\": \"t1\""})
    void aCartIsCompletedOnceAnOrderNamesIt(String token) {
        shopbridge.post("checkouts/update", checkout("\"bo@example.com\"", "null", "2026-03-10T18:01:00Z"));
        shopbridge.awaitIdle();
        String order = "{\"id\": 77, \"name\": \"#77\", \"currency\": \"USD\", \"total_price\": \"421.88\", \"email\":"
                + " \"bo@example.com\", \"created_at\": \"2026-03-10T18:20:00Z\", \"updated_at\":"
                + " \"2026-03-10T18:2%d:00Z\", " + token + "}";
        shopbridge.post("orders/create", order.formatted(0));
        shopbridge.awaitIdle();
        JsonNode cart = shopbridge.crmOne("carts", "main:cart-1").path("fields");
        assertThat(cart.path("status").asText()).isEqualTo("completed");
        assertThat(cart.path("completed_at").asText()).isEqualTo("2026-03-10T18:20:00Z");
        assertThat(cart.path("total").asText()).isEqualTo("421.88");
        assertThat(shopbridge.hubspot("carts", "shopify_cart_key", "main:cart-1").at("/properties/hs_external_status")
                .asText()).isEqualTo("completed");

        long written = shopbridge.count("SELECT max(inbox_id) FROM mirror_facet WHERE entity = 'checkout'");
        shopbridge.post("orders/updated", order.formatted(1));
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT max(inbox_id) FROM mirror_facet WHERE entity = 'checkout'"))
                .as("said again it changes nothing").isEqualTo(written);
        shopbridge.post("checkouts/update", checkout("\"bo@example.com\"", "null", "2026-03-10T19:00:00Z"));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("carts", "main:cart-1").at("/fields/status").asText())
                .as("the buyer has come back to it").isEqualTo("open");
    }

    /** A webhook may be hours late, and a poll of carts comes after that of orders. */
    @ParameterizedTest
    @ValueSource(strings = {"\"cart_token\": \"cart-1\"", "\"cart_token\": null, \"checkout_token\": \"t1\""})
    void aCartThatComesAfterItsOrderIsCompleted(String token) {
        Instant ordered = Instant.now().minus(Duration.ofHours(3)).truncatedTo(ChronoUnit.SECONDS);
        String order = "{\"id\": 77, \"name\": \"#77\", \"currency\": \"USD\", \"total_price\": \"421.88\", \"email\":"
                + " \"bo@example.com\", \"created_at\": \"" + ordered + "\", \"updated_at\": \"%s\", " + token + "}";
        shopbridge.post("orders/create", order.formatted(ordered));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne.records("carts")).isEmpty();

        shopbridge.post("checkouts/create", checkout("\"bo@example.com\"", "null", ordered.minusSeconds(600).toString()));
        shopbridge.awaitIdle();
        assertCart("completed");
        JsonNode cart = shopbridge.crmOne("carts", "main:cart-1").path("fields");
        assertThat(cart.path("completed_at").asText()).isEqualTo(ordered.toString());
        assertThat(cart.path("total").asText()).isEqualTo("421.88");

        shopbridge.post("orders/updated", order.formatted(ordered.plusSeconds(60)));
        shopbridge.post("checkouts/update", checkout("\"bo@example.com\"", "null", ordered.minusSeconds(60).toString()));
        shopbridge.awaitIdle();
        assertCart("completed");
        assertThat(shopbridge.crmOne.records("carts")).hasSize(1);
        shopbridge.post("checkouts/update", checkout("\"bo@example.com\"", "null", ordered.plusSeconds(3600).toString()));
        shopbridge.awaitIdle();
        assertCart("open");
        shopbridge.post("orders/updated", order.formatted(ordered.plusSeconds(7200)));
        shopbridge.awaitIdle();
        assertCart("open");
    }

    @Test
    void aCartThatComesAfterSeveralOrdersIsCompletedByTheNewest() {
        Instant ordered = Instant.now().minus(Duration.ofHours(3)).truncatedTo(ChronoUnit.SECONDS);
        for (int hour : List.of(1, 0)) {
            shopbridge.post("orders/create", ("{\"id\": 8%d, \"name\": \"#8\", \"currency\": \"USD\", \"total_price\":"
                    + " \"1.00\", \"email\": \"bo@example.com\", \"created_at\": \"%s\", \"updated_at\": \"%2$s\","
                    + " \"cart_token\": \"cart-1\"}").formatted(hour, ordered.plus(Duration.ofHours(hour))));
            shopbridge.awaitIdle();
        }
        shopbridge.post("checkouts/update", checkout("\"bo@example.com\"", "null", ordered.plusSeconds(60).toString()));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("carts", "main:cart-1").at("/fields/completed_at").asText())
                .isEqualTo(ordered.plus(Duration.ofHours(1)).toString());
    }

    @Test
    void aCartAndItsOrderThatComeTogetherAreCompleted() {
        String old = "{\"id\": 77, \"name\": \"#77\", \"currency\": \"USD\", \"total_price\": \"421.88\", \"email\":"
                + " \"bo@example.com\", \"created_at\": \"2026-03-10T18:20:00Z\", \"updated_at\":"
                + " \"2026-03-10T18:20:00Z\", \"cart_token\": \"cart-1\"}";
        shopbridge.bean(Inbox.class).keepTogether(List.of(event("orders/create", old), event("checkouts/create",
                checkout("\"bo@example.com\"", "null", "2026-03-10T18:01:00Z"))));
        shopbridge.awaitIdle();
        assertCart("completed");
    }

    /** The API has a cart by its checkout's token alone. */
    @Test
    void aPolledCartIsCompletedWhicheverWayItsOrderCameBeforeIt() {
        Instant ordered = Instant.now().minus(Duration.ofHours(3)).truncatedTo(ChronoUnit.SECONDS);
        answered("order", "/data/order", Map.of("createdAt", ordered.toString(), "updatedAt", ordered.toString(),
                "checkoutToken", "c1f0a9"));
        shopbridge.awaitIdle();
        answered(ordered.minusSeconds(60).toString(), "gift");
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("carts", "main:c1f0a9").at("/fields/status").asText()).isEqualTo("completed");
        assertThat(shopbridge.crmOne("carts", "main:c1f0a9").at("/fields/total").asText()).isEqualTo("85.00");
    }

    private void assertCart(String status) {
        assertThat(shopbridge.crmOne("carts", "main:cart-1").at("/fields/status").asText()).isEqualTo(status);
        assertThat(shopbridge.hubspot("carts", "shopify_cart_key", "main:cart-1").at("/properties/hs_external_status")
                .asText()).isEqualTo(status);
    }

    @Test
    void anOrderMakesNoCartThatNobodyTells() {
        shopbridge.post("orders/create", "{\"id\": 78, \"name\": \"#78\", \"currency\": \"USD\", \"total_price\": \"1.00\","
                + " \"email\": \"bo@example.com\", \"created_at\": \"2026-03-10T18:20:00Z\", \"updated_at\":"
                + " \"2026-03-10T18:20:00Z\", \"cart_token\": \"cart-9\", \"checkout_token\": \"t9\"}");
        shopbridge.awaitIdle();
        assertThat(shopbridge.count("SELECT count(*) FROM mirror_facet WHERE entity = 'checkout'")).isZero();
        assertThat(shopbridge.crmOne.records("orders")).hasSize(1);
    }

    @Test
    void aCheckoutThatIsDeletedIsNoLongerOpen() {
        shopbridge.post("checkouts/create", checkout("\"bo@example.com\"", "null", "2026-03-10T18:00:00Z"));
        shopbridge.post("checkouts/delete", "{\"cart_token\": \"cart-1\", \"presentment_currency\": \"USD\"}");
        shopbridge.awaitIdle();
        assertThat(shopbridge.hubspot("carts", "shopify_cart_key", "main:cart-1").path("properties")
                .path("hs_external_status").asText()).isEqualTo("deleted");
    }

    @Test
    void aRefundAndAParcelAreOnTheirOrder() {
        shopbridge.post("orders/create", ORDER);
        shopbridge.awaitIdle();
        shopbridge.post("refunds/create", """
                {"id": 91, "order_id": 1, "created_at": "2026-04-02T10:00:00Z", "note": "Too short",
                 "refund_line_items": [{"id": 1, "line_item_id": 11, "quantity": 1}],
                 "transactions": [{"kind": "refund", "status": "success", "amount": "50.00", "currency": "USD"}]}""");
        shopbridge.post("fulfillments/create", """
                {"id": 66, "order_id": 1, "status": "success", "created_at": "2026-03-02T10:00:00Z",
                 "updated_at": "2026-03-02T10:00:00Z", "tracking_company": "Post", "tracking_numbers": ["X1"]}""");
        shopbridge.awaitIdle();

        JsonNode order = shopbridge.crmOne("orders", "main:1").path("fields");
        assertThat(order.path("refunds")).singleElement().satisfies(refund -> {
            assertThat(refund.path("amount").asText()).isEqualTo("50.00");
            assertThat(refund.path("quantity").asInt()).isEqualTo(1);
        });
        assertThat(order.path("net").asText()).isEqualTo("50.00");
        assertThat(order.path("fulfillments").get(0).path("tracking_numbers").get(0).asText()).isEqualTo("X1");
        assertThat(order.path("utm_source").asText()).isEqualTo("news");
        assertThat(order.path("attributes").get(0).asText()).isEqualTo("gift: yes");
        assertThat(order.path("lines").get(0).path("attributes").get(0).asText()).isEqualTo("text: A.L.");
        JsonNode hubspot = shopbridge.hubspot("orders", "shopify_order_key", "main:1").path("properties");
        assertThat(hubspot.path("shopify_refund_count").asText()).isEqualTo("1");
        assertThat(hubspot.path("shopify_refund_notes").asText()).isEqualTo("Too short");
        assertThat(hubspot.path("shopify_tracking_numbers").asText()).isEqualTo("X1");
    }

    @Test
    void anOrderIsADealAnActivityOrOnlyFiguresWhereTheCrmSaysSo() {
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "orders/create", ORDER);
        shopbridge.awaitIdle();

        JsonNode deal = shopbridge.hubspot("deals", "shopify_order_key", "forms:1");
        assertThat(deal.path("properties").path("dealstage").asText()).isEqualTo("closedwon");
        assertThat(deal.path("properties").path("amount").asText()).isEqualTo("100.00");
        assertThat(deal.path("associations").toString()).contains("contacts", "line_items");
        JsonNode note = shopbridge.hubspot("notes", "shopify_order_key", "forms:1");
        assertThat(note.path("properties").path("hs_note_body").asText())
                .isEqualTo("Shopify order #1: 100.00 USD, paid, 2 x Shirt");
        assertThat(shopbridge.hubspot.records("orders")).isEmpty();

        assertThat(shopbridge.crmOne.records("orders")).isEmpty();
        assertThat(shopbridge.crmOne("contacts", "forms:7").path("fields").path("total_spent").asText())
                .isEqualTo("100.00");
        assertThat(shopbridge.count("SELECT count(*) FROM outcome WHERE crm = 'figures' AND entity = 'order'")).isZero();
    }

    @Test
    void aDraftOrderIsADealOnlyWhereThatIsSwitchedOn() {
        String draft = """
                {"id": 51, "name": "#D1", "status": "%s", "currency": "CAD", "total_price": "430.00", "order_id": null,
                 "invoice_url": "https://example.com/invoices/1", "completed_at": %s, "updated_at": "%s",
                 "created_at": "2026-03-04T10:00:00Z", "shipping_line": {"title": "Standard", "price": "10.00"},
                 "line_items": [{"id": 511, "name": "Shirt", "quantity": 10, "price": "42.00"}],
                 "customer": {"id": 7, "email": "ada@example.com", "updated_at": "2026-01-01T00:00:00Z"}}""";
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "draft_orders/create",
                draft.formatted("open", "null", "2026-03-04T10:00:00Z"));
        shopbridge.post("draft_orders/create", draft.formatted("open", "null", "2026-03-04T10:00:00Z"));
        shopbridge.awaitIdle();

        JsonNode deal = shopbridge.hubspot("deals", "shopify_order_key", "forms:draft-51");
        assertThat(deal.at("/properties/dealstage").asText()).isEqualTo("presentationscheduled");
        assertThat(deal.at("/properties/amount").asText()).isEqualTo("430.00");
        assertThat(deal.at("/properties/shopify_items").asText()).isEqualTo("10 x Shirt");
        assertThat(deal.path("associations").toString()).contains("contacts");
        assertThat(shopbridge.crmOne("deals", "forms:draft-51").at("/fields/stage").asText()).isEqualTo("open");
        assertThat(shopbridge.hubspot.records("deals")).hasSize(1);
        assertThat(shopbridge.crmOne.records("deals")).hasSize(1);

        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "draft_orders/update",
                draft.formatted("completed", "\"2026-03-05T10:00:00Z\"", "2026-03-05T10:00:00Z"));
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("deals", "forms:draft-51").at("/fields/stage").asText()).isEqualTo("won");
        shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "draft_orders/create",
                draft.replace("51,", "52,").formatted("open", "null", "2026-03-04T10:00:00Z"));
        for (int id : List.of(51, 52)) {
            shopbridge.postTo(RunningShopbridge.FORMS, RunningShopbridge.FORMS_DOMAIN, "draft_orders/delete",
                    "{\"id\": " + id + "}");
        }
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne("deals", "forms:draft-51").at("/fields/stage").asText()).as("its order stays")
                .isEqualTo("won");
        assertThat(shopbridge.crmOne("deals", "forms:draft-52").at("/fields/stage").asText()).isEqualTo("lost");
        assertThat(shopbridge.count("SELECT count(*) FROM rejected")).isZero();
    }

    /** A webhook has both tokens, an answer of the API only the checkout's, and a deletion only the cart's. */
    @ParameterizedTest
    @ValueSource(strings = {"answer first", "webhook first", "both at once"})
    void aCheckoutIsOneCartWhicheverWayItComes(String order) {
        Runnable answer = () -> {
            answered("2026-03-10T18:00:30Z", "Fay");
            answered("2026-03-10T18:30:00Z", "Fay");
        };
        Runnable webhook = () -> shopbridge.post("checkouts/update",
                checkout("\"ada.lindqvist@example.com\"", "null", "2026-03-10T18:01:00Z").replace("\"t1\"", "\"c1f0a9\""));
        (order.equals("webhook first") ? webhook : answer).run();
        if (!order.equals("both at once")) {
            shopbridge.awaitIdle();
        }
        (order.equals("webhook first") ? answer : webhook).run();
        shopbridge.awaitIdle();

        assertThat(shopbridge.crmOne.records("carts")).singleElement().satisfies(cart -> {
            assertThat(cart.at("/fields/status").asText()).isEqualTo("open");
            assertThat(cart.at("/fields/total").asText()).as("the newest says").isEqualTo("85.00");
        });
        shopbridge.post("checkouts/delete", "{\"cart_token\": \"cart-1\", \"presentment_currency\": \"USD\"}");
        shopbridge.awaitIdle();
        assertThat(shopbridge.crmOne.records("carts")).singleElement().satisfies(cart ->
                assertThat(cart.at("/fields/status").asText()).isEqualTo("deleted"));
        assertThat(shopbridge.count("SELECT count(DISTINCT record_id) FROM mirror_facet WHERE entity = 'checkout'")).isOne();
    }

    /** As a poll would bring it, with the answer of the samples. */
    private void answered(String updatedAt, String note) {
        answered("checkout", "/data/abandonedCheckouts/nodes/0", Map.of("updatedAt", updatedAt, "note", note));
    }

    private void answered(String entity, String place, Map<String, String> fields) {
        try {
            ObjectNode record = (ObjectNode) new ObjectMapper().readTree(
                    Files.readString(Path.of("mappings/shopify/samples/" + entity + "-answer.json"))).at(place);
            fields.forEach(record::put);
            shopbridge.bean(Inbox.class).keep(event("api/" + entity, record.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Event event(String topic, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        byte[] digest = DigestUtils.sha256(bytes);
        return new Event("main", topic, Hex.encodeHexString(digest), null, Instant.now(), digest, bytes);
    }

    private static String contact(String updatedAt) {
        return """
                {"customer_admin_graphql_api_id": "gid://shopify/Customer/7", "title": "Buyer",
                 "updated_at": "%s", "admin_graphql_api_id": "gid://shopify/CompanyContact/33", "company": %s}"""
                .formatted(updatedAt, COMPANY.formatted("2026-01-05T00:00:00Z"));
    }

    private static String checkout(String email, String completedAt, String updatedAt) {
        String line = "{\"key\": \"k\", \"title\": \"iPod\", \"sku\": \"I\", \"quantity\": 1, \"price\": \"199.00\","
                + " \"variant_title\": \"Pink\", \"properties\": null}";
        return """
                {"token": "t1", "cart_token": "cart-1", "email": %s, "name": "#1", "currency": "USD",
                 "presentment_currency": "USD", "total_price": "421.88", "total_tax": "23.88", "total_discounts": "0.00",
                 "shipping_lines": [], "line_items": [%s, %s], "completed_at": %s, "updated_at": "%s",
                 "created_at": "2026-03-10T18:00:00Z", "abandoned_checkout_url": "https://example.com/recover"}"""
                .formatted(email, line, line, completedAt, updatedAt);
    }
}
