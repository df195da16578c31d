package io.shopbridge.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.FieldStates;
import io.shopbridge.shopify.GivenBody;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Reading;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.store.RecordKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What several topics say of one record, put together, in whatever order they came. */
class FacetsOfTopicsTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final Topics TOPICS = Topics.ofNoInstallation(SHOPIFY, "US");
    private static final String ORDER = "'id': 5, 'name': '#5', 'total_price': '10.00', 'currency': 'USD'";

    private static final String WHOLE = "{'id': 5, 'admin_graphql_api_id': 'gid://shopify/Order/5', 'name': '#5',"
            + " 'currency': 'USD', 'total_price': '20.00', 'current_total_price': '20.00', 'total_outstanding': '20.00',"
            + " 'financial_status': 'pending', 'email': 'a@example.com', 'note': 'ring twice', 'processed_at':"
            + " '2026-02-28T23:30:00-05:00', 'created_at': '2026-02-28T23:30:00-05:00', 'updated_at':"
            + " '2026-03-01T10:00:00Z', 'shipping_address': {'name': 'Ada Byron', 'address1': '1 Main St', 'city':"
            + " 'Fargo', 'zip': '58102', 'province': 'North Dakota', 'country': 'United States', 'country_code': 'US',"
            + " 'phone': null}, 'line_items': [{'id': 6, 'title': 'Linen', 'quantity': 2, 'current_quantity': 2, 'price':"
            + " '10.00', 'discount_allocations': []}], 'shipping_lines': [{'id': 4, 'title': 'Post', 'price': '3.00'}],"
            + " 'discount_codes': [{'code': 'SPRING', 'amount': '1.00'}], 'note_attributes': [{'name': 'gift', 'value':"
            + " 'yes'}], 'returns': [{'id': 3, 'status': 'closed'}], 'refunds': [{'id': 8, 'created_at':"
            + " '2026-03-01T09:00:00Z', 'refund_line_items': [{'id': 1, 'line_item_id': 6, 'quantity': 1, 'subtotal':"
            + " '5.00', 'total_tax': '0.00'}], 'order_adjustments': [], 'transactions': [{'id': 9, 'kind': 'refund',"
            + " 'status': 'success', 'amount': '5.00', 'currency': 'USD'}]}]}";
    /** With a refund of money alone. */
    private static final String REFUNDED = "{'id': 5, 'admin_graphql_api_id': 'gid://shopify/Order/5', 'name': '#5',"
            + " 'currency': 'USD', 'total_price': '20.00', 'current_total_price': '20.00', 'total_outstanding': '20.00',"
            + " 'financial_status': 'pending', 'email': 'a@example.com', 'note': 'ring twice', 'processed_at':"
            + " '2026-02-28T23:30:00-05:00', 'created_at': '2026-02-28T23:30:00-05:00', 'updated_at':"
            + " '2026-03-01T10:00:00Z', 'shipping_address': {'address1': '1 Main St', 'city': 'Fargo', 'zip': '58102',"
            + " 'phone': null}, 'line_items': [{'id': 6, 'title': 'Linen', 'quantity': 2, 'price': '10.00'}],"
            + " 'refunds': [{'id': 8, 'created_at': '2026-03-01T09:00:00Z', 'refund_line_items': [], 'transactions':"
            + " [{'id': 9, 'kind': 'refund', 'status': 'success', 'amount': '5.00', 'currency': 'USD'}]}]}";
    /** What is left of an address where the app is not approved for the buyer's. */
    private static final String REGION = "{'first_name': null, 'name': null, 'address1': null, 'city': null, 'zip':"
            + " null, 'phone': null, 'province': 'North Dakota', 'country': 'United States', 'country_code': 'US'}";

    private record Said(String topic, String body, Instant triggeredAt) {

        Said(String topic, String body) {
            this(topic, body, null);
        }
    }

    @Test
    void upperAndLowerCaseAreOneTag() {
        Said list = new Said("customers/update", "{'id': 7, 'email': 'a@example.com', 'tags': 'VIP, vip, Linen',"
                + " 'updated_at': '2026-03-01T10:00:00Z'}");
        assertThat(customer(list).path("tags")).map(JsonNode::asText).containsExactly("Linen", "VIP");
        assertThat(customer(list, tags("removed", "vip", 1)).path("tags")).map(JsonNode::asText)
                .containsExactly("Linen");
        assertThat(customer(list, tags("added", "LINEN", 1)).path("tags")).map(JsonNode::asText)
                .containsExactly("Linen", "VIP");
        assertThat(customer(list, tags("removed", "VIP", 1), tags("added", "Vip", 2)).path("tags"))
                .map(JsonNode::asText).as("as the list writes it").containsExactly("Linen", "VIP");
        assertThat(customer(list, tags("removed", "LINEN", -1)).path("tags")).map(JsonNode::asText)
                .as("older than the list").containsExactly("Linen", "VIP");
    }

    /** What is left is whatever else Shopify sends of a customer, known or not. */
    @Test
    void whatOnlyRecordsHereHaveAndASecretAreNotTakenFromACustomer() {
        String fields = "'id': 7, 'email': 'a@example.com', 'last_name': 'Byron', 'locale': 'en-CA', 'guest': true,"
                + " 'metrics': {'orders': 9}, 'contact_key': '8', 'merged_into': '8', 'withheld': true, 'companies':"
                + " [{'id': '1'}], 'multipass_identifier': 'secret', 'updated_at': '2026-03-01T10:00:00Z'";
        for (Said said : List.of(new Said("customers/update", "{" + fields + "}"),
                order(1, "'customer': {" + fields + "}"))) {
            JsonNode customer = customer(said);
            assertThat(customer.path("locale").asText()).isEqualTo("en-CA");
            assertThat(customer.path("withheld").asBoolean()).isFalse();
            assertThat(customer.path("companies")).isEmpty();
            for (String name : List.of("guest", "metrics", "contact_key", "merged_into", "multipass_identifier")) {
                assertThat(customer.has(name)).as(said.topic() + " " + name).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"'financial_status': 'paid'", "'financial_status': 'paid', 'note': 'ring twice'",
        "'tags': '', 'financial_status': 'paid'", "'processed_at': '2026-02-28T23:30:00-05:00', 'financial_status':"
        + " 'paid'", "'financial_status': 'paid', 'line_items': [{'id': 6, 'sku': 'L'}], 'shipping_address': {'zip':"
        + " '58102'}, 'refunds': [{'id': 8}]", "'financial_status': 'paid', 'email': null, 'shipping_address': null"})
    void whatAnOrdersTopicLeavesOutStaysKnown(String part) {
        staysKnown(part);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'line_items': [{'id': 6, 'quantity': 2, 'price': '8.00'}]",
        "'line_items': [{'id': 6, 'title': 'Linen', 'quantity': 2, 'price_set': {}, 'current_quantity': 1}]",
        "'shipping_lines': [{'id': 4, 'title': 'Express'}]", "'discount_codes': [{'amount': '5.00'}]",
        "'note_attributes': [{'name': 'gift'}]", "'returns': [{'id': 3}]",
        "'refunds': [{'id': 8, 'refund_line_items': [{'id': 1}], 'transactions': [{'id': 9}]}]",
        "'refunds': [{'id': 8, 'created_at': '2026-03-01T09:00:00Z', 'order_adjustments': [{'id': 2, 'kind': 'x'}],"
        + " 'refund_line_items': [{'id': 1, 'line_item_id': 6, 'quantity': 2}], 'transactions': [{'id': 9, 'kind':"
        + " 'refund', 'amount': '4.00'}, {'id': 10, 'amount': '5.00'}]}]"})
    void aListOfIncompleteElementsChangesNothing(String part) {
        staysKnown("'financial_status': 'paid', " + part);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'email': null, 'contact_email': null, 'phone': null, 'shipping_address': " + REGION
        + ", 'billing_address': " + REGION, "'shipping_address': " + REGION,
        "'shipping_address': {'address1': '2 Side St', 'city': 'Salem', 'zip': '01970', 'phone': null}",
        "'email': null, 'shipping_address': {}"})
    void aWithheldOrIncompleteAddressChangesNothing(String part) {
        staysKnown("'financial_status': 'paid', " + part);
    }

    @Test
    void anIncompletePartCountsIfNoMoreCompleteOneIsKnown() {
        String order = "{'id': 5, 'updated_at': '2026-03-0%dT10:00:00Z', %s}";
        Said old = new Said("orders/updated", order.formatted(1, "'line_items': [{'id': 6, 'title': 'Linen', 'quantity':"
                + " 1, 'price': '1.00'}], 'shipping_address': " + REGION));
        Said newer = new Said("orders/updated", order.formatted(2, "'line_items': [{'id': 6, 'title': 'Linen',"
                + " 'quantity': 2, 'price': '1.00'}]"));
        Said less = new Said("orders/updated", order.formatted(3, "'line_items': [{'id': 6, 'quantity': 3}]"));

        JsonNode known = order(old, newer, less);

        assertThat(known.at("/line_items/0/quantity").asInt()).isEqualTo(2);
        assertThat(known.at("/shipping_address/country_code").asText()).isEqualTo("US");
        assertThat(order(less, new Said("orders/updated", order.formatted(4, "'line_items': []"))).path("line_items"))
                .as("a list that is empty is whole").isEmpty();
    }

    private static void staysKnown(String part) {
        JsonNode whole = order(new Said("orders/create", WHOLE));

        JsonNode order = order(new Said("orders/create", WHOLE), new Said("orders/updated", "{'id': 5, " + part
                + ", 'updated_at': '2026-03-02T10:00:00Z'}"));

        for (String field : List.of("line_items", "refunds", "days", "name", "email", "note", "shipping_address",
                "shipping_lines", "discount_codes", "note_attributes", "returns")) {
            assertThat(order.path(field)).as(field).isEqualTo(whole.path(field));
        }
        assertThat(order.at("/totals/original/shop/amount").asText()).isEqualTo("20.00");
        assertThat(order.at("/totals/refunded/shop/amount").asText()).isEqualTo("5.00");
        assertThat(whole.at("/totals/paid/shop/amount").asText()).isEqualTo("0.00");
        assertThat(order.at("/totals/paid/shop/amount").asText()).as("nothing is outstanding any more")
                .isEqualTo("15.00");
    }

    /** What each status leaves of older amounts: outstanding, refunded, net and what was paid of it; - is not known. */
    @ParameterizedTest
    @CsvSource({
        // Of what was paid wholly: 100.00, nothing outstanding.
        "0.00, 0.00, partially_paid, 155.00, -, 0.00, 155.00, -", "0.00, 0.00, pending, 155.00, -, 0.00, 155.00, 0.00",
        "0.00, 0.00, refunded, '', 0.00, -, 0.00, 0.00", "0.00, 0.00, partially_refunded, '', 0.00, -, -, -",
        "0.00, 30.00, refunded, '', 0.00, -, 0.00, 0.00", "0.00, 100.00, refunded, '', 0.00, 100.00, 0.00, 0.00",
        "0.00, 30.00, partially_refunded, '', 0.00, 30.00, 70.00, 70.00",
        // Of what nothing was paid of
        "100.00, 30.00, partially_refunded, '', -, 30.00, 70.00, 70.00", "100.00, 0.00, paid, '', -, 0.00, 100.00, 100.00",
        "100.00, 0.00, authorized, '', -, 0.00, 100.00, 0.00", "100.00, 0.00, voided, '', -, 0.00, 100.00, 0.00",
        "100.00, 0.00, pending, 155.00, -, 0.00, 155.00, 0.00", "100.00, 100.00, refunded, '', -, 100.00, 0.00, 0.00",
        // Of what 60.00 was paid of
        "40.00, 0.00, partially_paid, '', 40.00, 0.00, 100.00, 60.00", "40.00, 0.00, partially_paid, 155.00, -, 0.00, 155.00, -",
        "40.00, 20.00, partially_refunded, '', 40.00, 20.00, 80.00, 40.00",
        // Of what was paid and is the shop's no more
        "-30.00, 0.00, paid, '', -30.00, 0.00, 100.00, 100.00", "-30.00, 30.00, partially_refunded, '', -, 30.00, 70.00, 70.00"})
    void anOlderAmountThatThePaymentContradictsIsNotKnown(String outstanding, String refund, String status,
            String total, String left, String refunded, String net, String paid) {
        Said whole = new Said("orders/create", REFUNDED.replace("20.00", "100.00").replace("'amount': '5.00'",
                "'amount': '" + refund + "'").replace("'total_outstanding': '100.00'", "'total_outstanding': '"
                + outstanding + "'").replace("'current_total_price': '100.00'", "'current_total_price': '"
                + (outstanding.startsWith("-") ? "70.00" : "100.00") + "'"));
        Said news = new Said("orders/updated", "{'id': 5, 'financial_status': '" + status + "'" + (total.isEmpty() ? ""
                : ", 'total_price': '" + total + "', 'current_total_price': '" + total + "'")
                + ", 'updated_at': '2026-03-02T10:00:00Z'}");

        JsonNode totals = order(whole, news).path("totals");

        assertThat(List.of("outstanding", "refunded", "net", "paid")).map(name ->
                totals.path(name).at("/shop/amount").asText()).map(amount -> amount.equals("null") ? "-" : amount)
                .containsExactly(left, refunded, net, paid);
    }

    /** An answer has no list of returns: what came back is as the webhook said, unless there is no return any more. */
    @ParameterizedTest
    @CsvSource({"returned, 2026-03-02T10:00:00Z, 2, returned", "inspection_complete, 2026-03-02T10:00:00Z, 2,"
        + " inspection_complete", "no_return, 2026-03-02T10:00:00Z, 0, no_return",
        "no_return, 2026-02-28T10:00:00Z, 2, returned"})
    void whatCameBackStaysWhereAnAnswerSaysOnlyHowFarTheReturnsAre(String status, String at, int sold, String known) {
        Said webhook = new Said("orders/updated", "{'id': 5, 'currency': 'USD', 'line_items': [{'id': 6, 'title': 'Linen',"
                + " 'quantity': 2, 'current_quantity': 0, 'price': '10.00', 'discount_allocations': []}], 'returns':"
                + " [{'id': 3, 'status': 'closed', 'return_line_items': [{'line_item_id': 6, 'quantity': 2}]}],"
                + " 'updated_at': '2026-03-01T10:00:00Z'}");
        Said answer = new Said("orders/updated", "{'id': 5, 'return_status': '" + status + "', 'updated_at': '" + at
                + "'}");

        JsonNode order = order(webhook, answer);

        assertThat(order.at("/line_items/0/sold_quantity").asInt()).isEqualTo(sold);
        assertThat(order.path("return_status").asText()).isEqualTo(known);
    }

    @Test
    void whatAnOrdersTopicNamesAsNullIsEmptied() {
        assertThat(order(new Said("orders/create", WHOLE), new Said("orders/updated",
                "{'id': 5, 'note': null, 'updated_at': '2026-03-02T10:00:00Z'}")).path("note").isNull()).isTrue();
    }

    @Test
    void theNewestAmountCountsInAnyField() {
        String set = "'%s_set': {'shop_money': {'amount': '%s'}, 'presentment_money': {'amount': '%s'}}";
        Said answer = new Said("orders/updated", "{'id': 5, 'currency': 'USD', 'presentment_currency': 'EUR',"
                + " 'financial_status': 'paid', 'return_status': 'no_return', 'updated_at': '2026-03-01T10:00:00Z', "
                + set.formatted("total_price", "20.00", "18.00") + ", " + set.formatted("net_payment", "20.00", "18.00")
                + ", " + set.formatted("total_outstanding", "0.00", "0.00") + "}");
        Said webhook = new Said("orders/updated", "{'id': 5, 'total_price': '25.00', 'total_outstanding': '-3.00',"
                + " 'returns': [{'id': 1, 'status': 'open'}], 'updated_at': '2026-03-02T10:00:00Z'}");

        JsonNode order = order(answer, webhook);

        assertThat(order.at("/totals/original/shop/amount").asText()).isEqualTo("25.00");
        assertThat(order.at("/totals/original/presentment/amount").isNull()).as("nobody says what 25.00 are").isTrue();
        assertThat(order.at("/totals/outstanding/shop/amount").asText()).isEqualTo("-3.00");
        assertThat(order.at("/totals/paid/shop/amount").asText()).as("not what was paid before").isEqualTo("28.00");
        assertThat(order.path("return_status").asText()).isEqualTo("in_progress");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "order | orders/paid | 'id': 5, 'financial_status': '%s', 'name': '#5' | /financial_status",
        "order | fulfillments/update | 'id': 4, 'order_id': 5, 'shipment_status': '%s' | /fulfillments/0/shipment_status",
        "order | orders/updated | 'id': 5, 'fulfillments': [{'id': 4, 'shipment_status': '%s', 'created_at':"
            + " '2026-03-01T10:00:00Z'}] | /fulfillments/0/shipment_status",
        "draft_order | draft_orders/update | 'id': 7, 'status': '%s' | /status",
        "checkout | checkouts/update | 'token': '7', 'note': '%s', 'currency': 'USD' | /note",
        "customer | customers/update | 'id': 7, 'email': 'a@example.com', 'note': '%s' | /note",
        "customer | orders/updated | 'id': 5, 'customer': {'id': 7, 'email': 'a@example.com', 'note': '%s', 'created_at':"
            + " '2026-03-01T10:00:00Z'} | /note",
        "company | companies/update | 'admin_graphql_api_id': 'gid://shopify/Company/7', 'name': '%s' | /name",
        "company | company_locations/update | 'admin_graphql_api_id': 'gid://shopify/CompanyLocation/2', 'company':"
            + " {'admin_graphql_api_id': 'gid://shopify/Company/7'}, 'name': '%s' | /location/name"})
    void aStateThatDoesNotSayWhenItChangedIsOfTheTimeOfItsEvent(String entity, String topic, String fields, String at) {
        String body = "{" + fields + ", 'created_at': '2026-03-01T10:00:00Z'}";
        Said first = new Said(topic, body.formatted("b"), Instant.parse("2026-03-01T11:00:00Z"));
        Said then = new Said(topic, body.formatted("a"), Instant.parse("2026-03-01T12:00:00Z"));
        Said again = new Said(topic, body.formatted("b"), Instant.parse("2026-03-01T11:00:00Z"));
        assertThat(record(entity, first, then, again).at(at).asText()).isEqualTo("a");

        Said whole = new Said(topic, "{" + fields.formatted("c") + ", 'updated_at': '2026-03-01T11:30:00Z'}");
        assertThat(record(entity, whole, then).at(at).asText()).isEqualTo("a");
        assertThat(record(entity, whole, first).at(at).asText()).isEqualTo("c");
    }

    /** An answer of the API says which of its two currencies that is; until then it is the only one. */
    @Test
    void bareAmountsOfADraftAreInTheCurrencyThatItsBodyNames() {
        String total = "{'id': 7, 'currency': '%s', 'total_price': '%s', 'updated_at': '2026-03-0%dT10:00:00Z'%s}";
        Said answer = new Said("draft_orders/update", total.formatted("EUR", "10.00", 1, ", 'presentment_currency': 'USD',"
                + " 'total_price_set': {'shop_money': {'amount': '10.00', 'currency_code': 'EUR'},"
                + " 'presentment_money': {'amount': '11.00', 'currency_code': 'USD'}}"));
        Said inShops = new Said("draft_orders/update", total.formatted("EUR", "12.00", 2, ""));
        Said inBuyers = new Said("draft_orders/update", total.formatted("USD", "13.20", 2, ""));

        assertThat(record("draft_order", answer).at("/totals/original")).isEqualTo(node(
                "{'shop': {'amount': '10.00', 'currency': 'EUR'}, 'presentment': {'amount': '11.00', 'currency': 'USD'}}"));
        assertThat(record("draft_order", answer, inShops).at("/totals/original")).isEqualTo(node(
                "{'shop': {'amount': '12.00', 'currency': 'EUR'}, 'presentment': {'amount': null, 'currency': 'USD'}}"));
        assertThat(record("draft_order", answer, inBuyers).at("/totals/original")).isEqualTo(node(
                "{'shop': {'amount': null, 'currency': 'EUR'}, 'presentment': {'amount': '13.20', 'currency': 'USD'}}"));
        assertThat(record("draft_order", inBuyers).at("/totals/original/shop")).isEqualTo(node(
                "{'amount': '13.20', 'currency': 'USD'}"));
    }

    @Test
    void aDraftThatHasNoShippingAnyMoreShipsForNothing() {
        String draft = "{'id': 7, 'currency': 'USD', 'total_price': '9.00', 'updated_at': '2026-03-0%dT10:00:00Z',"
                + " 'shipping_line': %s}";
        Said before = new Said("draft_orders/update", draft.formatted(1, "{'title': 'Post', 'price': '3.00'}"));
        Said then = new Said("draft_orders/update", draft.formatted(2, "null"));
        assertThat(record("draft_order", before).at("/totals/shipping/shop/amount").asText()).isEqualTo("3.00");
        assertThat(record("draft_order", before, then).at("/totals/shipping/shop/amount").asText()).isEqualTo("0.00");
    }

    @Test
    void anotherTotalDoesNotChangeHowTheCurrenciesWereExchanged() {
        Said first = new Said("orders/create", "{'id': 5, 'currency': 'CAD', 'presentment_currency': 'EUR',"
                + " 'total_price': '100.00', 'total_price_set': {'shop_money': {'amount': '100.00'}, 'presentment_money':"
                + " {'amount': '50.00'}}, 'financial_status': 'paid', 'updated_at': '2026-03-01T10:00:00Z'}");
        String news = "{'id': 5, 'total_price': '%s', 'current_total_price': '%s', 'financial_status': 'paid',"
                + " 'updated_at': '2026-03-01T11:00:00Z'}";
        Said refund = new Said("refunds/create", "{'id': 8, 'order_id': 5, 'created_at': '2026-03-01T12:00:00Z',"
                + " 'refund_line_items': [], 'order_adjustments': [{'kind': 'refund_discrepancy', 'amount': '-10.00'}],"
                + " 'transactions': [{'kind': 'refund', 'status': 'success', 'amount': '10.00', 'currency': 'EUR'}]}");

        JsonNode order = order(first, new Said("orders/updated", news.formatted("200.00", "200.00")), refund);

        assertThat(order.at("/totals/original/shop/amount").asText()).isEqualTo("200.00");
        assertThat(order.at("/totals/original/presentment/amount").isNull()).isTrue();
        assertThat(order.at("/totals/refunded/shop/amount").asText()).isEqualTo("20.00");
        assertThat(order.at("/totals/refunded/presentment/amount").asText()).isEqualTo("10.00");
        assertThat(order.has("exchanged")).isFalse();
        assertThat(order(first, new Said("orders/updated", news.formatted("100.0", "100.0")))
                .at("/totals/original/presentment/amount").asText()).as("the same total").isEqualTo("50.00");
    }

    @Test
    void aCustomersFirstDayInsideAnOrderIsTheShopsToo() {
        assertThat(customer(new Said("orders/create", "{" + ORDER + ", 'created_at': '2026-04-02T23:30:00-04:00',"
                + " 'customer': {'id': 7, 'email': 'a@example.com', 'created_at': '2026-03-31T23:30:00-04:00'}}"))
                .path("days")).isEqualTo(node("{'created_at': '2026-03-31'}"));
        assertThat(customer(new Said("orders/create", "{" + ORDER + ", 'created_at': '2026-04-02T23:30:00-04:00',"
                + " 'customer': {'id': 7, 'email': 'a@example.com'}}")).has("days")).isFalse();
    }

    @Test
    void aCustomersFirstDayIsTheShopsAlsoAfterAnAnswerOfTheApi() {
        String customer = "{'id': 7, 'email': 'a@example.com', 'created_at': '%s', 'updated_at': '%s'}";
        assertThat(customer(new Said("customers/create", customer.formatted("2026-02-28T23:30:00-05:00",
                "2026-02-28T23:30:00-05:00")), new Said("customers/update", customer.formatted("2026-03-01T04:30:00Z",
                "2026-03-01T10:00:00Z"))).at("/days/created_at").asText()).isEqualTo("2026-02-28");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "checkout | checkouts/update | 'token': '7', 'currency': 'USD', 'email': 'a@example.com', 'total_price': '9.00'"
            + " | 'token': '7', 'completed_at': '2026-03-01T12:00:00Z' | total_price",
        "draft_order | draft_orders/update | 'id': 7, 'admin_graphql_api_id': 'gid://shopify/DraftOrder/7', 'currency':"
            + " 'USD', 'total_price': '9.00' | 'id': 7, 'status': 'completed' | total_price",
        "company | companies/update | 'admin_graphql_api_id': 'gid://shopify/Company/7', 'name': 'Linen',"
            + " 'main_contact_admin_graphql_api_id': 'gid://shopify/CompanyContact/3' | 'admin_graphql_api_id':"
            + " 'gid://shopify/Company/7', 'note': 'x' | main_contact_id",
        "customer | company_contacts/update | 'admin_graphql_api_id': 'gid://shopify/CompanyContact/3', 'title':"
            + " 'Buyer', 'customer_admin_graphql_api_id': 'gid://shopify/Customer/7', 'company': "
            + "{'admin_graphql_api_id': 'gid://shopify/Company/4', 'name': 'Linen'} | 'admin_graphql_api_id': "
            + "'gid://shopify/CompanyContact/3', 'customer_admin_graphql_api_id': 'gid://shopify/Customer/7',"
            + " 'company': {'admin_graphql_api_id': 'gid://shopify/Company/4'} | company"})
    void whatAnyOtherTopicLeavesOutStaysKnown(String entity, String topic, String whole, String part, String field) {
        Said first = new Said(topic, "{" + whole + ", 'updated_at': '2026-03-01T10:00:00Z'}");
        Said then = new Said(topic, "{" + part + ", 'updated_at': '2026-03-02T10:00:00Z'}");

        assertThat(record(entity, first).path(field).isMissingNode()).isFalse();
        assertThat(record(entity, first, then).path(field)).isEqualTo(record(entity, first).path(field));
    }

    @Test
    void anIncompleteAddressOfACompanyChangesNothing() {
        String location = "{'admin_graphql_api_id': 'gid://shopify/CompanyLocation/2', 'company': {'admin_graphql_api_id':"
                + " 'gid://shopify/Company/7'}, 'updated_at': '2026-03-0%dT10:00:00Z', 'billing_address': {%s}}";
        Said whole = new Said("company_locations/update", location.formatted(1, "'recipient': 'Linen', 'address1': '1 Rue"
                + " Haute', 'city': 'Montreal', 'zip': 'H3A 0G4', 'country_code': 'CA', 'phone': null"));
        Said part = new Said("company_locations/update", location.formatted(2, "'city': 'Laval'"));

        assertThat(record("company", whole, part).at("/location/billing_address"))
                .isEqualTo(record("company", whole).at("/location/billing_address"));
        assertThat(record("company", part).at("/location/billing_address/city").asText()).isEqualTo("Laval");
    }

    @Test
    void aCompanysLocationThatComesBackIsThereAgain() {
        String location = "'admin_graphql_api_id': 'gid://shopify/CompanyLocation/2', 'name': 'Main', 'company':"
                + " {'admin_graphql_api_id': 'gid://shopify/Company/7', 'name': 'Linen'}, 'updated_at': '2026-03-0%d";
        Said first = new Said("company_locations/update", "{" + location.formatted(1) + "T10:00:00Z'}");
        Said again = new Said("company_locations/update", "{" + location.formatted(2) + "T10:00:00Z'}");
        assertThat(record("company", first, again, new Said("company_locations/delete",
                "{" + location.formatted(1) + "T10:00:00Z'}")).path("locations")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'tags': 'VIP, %s' | a tag of more than 255 characters",
        "'tags': ['VIP', '%s'] | a tag of more than 255 characters",
        "'tags': 'VIP', 'refunds': [null, {'note': 'x'}] | a part without a Shopify id",
        "'tags': 'VIP', 'fulfillments': [{'id': '../7'}] | a part without a Shopify id",
        "'tags': 'VIP', 'line_items': [{'quantity': 1, 'price': '1.00', 'product_id': 'a/b'}] |"
            + " a field product_id that is not a Shopify id",
        "'tags': 'VIP', 'refunds': [{'id': 8, 'admin_graphql_api_id': 'x/%s'}] | a global id that is not valid",
        "'tags': 'VIP', 'closed_at': '0000-12-31T18:03:24-05:50' | a time in closed_at of a year that is none",
        "'tags': 'VIP', 'customer': {'id': '-/ %s'} | a field id that is not a Shopify id"})
    void aBadPartCostsThePartAndNotTheRecord(String part, String leftOut) {
        String body = "{'id': 5, 'name': '#5', " + part.formatted("x".repeat(256)) + "}";
        Reading reading = TOPICS.receive(new ReceivedEvent(1, "main", "orders/updated", null, Instant.EPOCH,
                body.replace('\'', '"').getBytes(StandardCharsets.UTF_8))).orElseThrow();

        assertThat(reading.leftOut()).contains(leftOut);
        assertThat(order(new Said("orders/updated", body)).path("tags")).map(JsonNode::asText).containsExactly("VIP");
    }

    /** So it need not be read again before it is written. */
    @Test
    void whatOneBodySaysOfAFacetIsStoredAsItIsHandedOn() {
        List<FacetChange> changes = TOPICS.read(new ReceivedEvent(1, "main", "orders/updated", null, Instant.EPOCH,
                WHOLE.replace('\'', '"').getBytes(StandardCharsets.UTF_8))).orElseThrow();

        assertThat(Mirror.newest(changes)).allMatch(newest -> changes.stream().anyMatch(change -> change == newest));
        assertThat(changes).filteredOn(FacetChange::byField).isNotEmpty().allSatisfy(change -> assertThat(
                FieldStates.of(change.version(), change.value()).bytes()).isEqualTo(change.value()));
    }

    @Test
    void aTagsCharactersAreCountedAsShopifyDoes() {
        String tag = "\ud83c\udf3f".repeat(255);
        assertThat(order(new Said("orders/updated", "{" + ORDER + ", 'tags': '" + tag + "'}")).path("tags"))
                .map(JsonNode::asText).containsExactly(tag);
        String many = IntStream.range(0, 1200).mapToObj(Integer::toString).collect(Collectors.joining(","));
        assertThat(order(new Said("orders/updated", "{" + ORDER + ", 'tags': '" + many + "'}")).path("tags"))
                .hasSize(1000);
    }

    @Test
    void consentToWhatsAppIsInTheShapeOfTheOtherChannels() {
        JsonNode customer = customer(new Said("customers_whats_app_marketing_consent/update",
                "{'customer_id': 7, 'phone_number': '+16135550142', 'whats_app_marketing_consent':"
                + " {'state': 'subscribed', 'opt_in_level': 'single_opt_in',"
                + " 'updated_at': '2026-03-01T05:00:00-05:00', 'collected_from': 'other'}}"),
                new Said("customers_whats_app_marketing_consent/update", "{'customer_id': 7,"
                + " 'whats_app_marketing_consent': {'state': 'unsubscribed', 'updated_at': '2026-02-01T05:00:00Z'}}"));
        assertThat(customer.path("whats_app_marketing_consent")).isEqualTo(node("{'state': 'subscribed',"
                + " 'opt_in_level': 'single_opt_in', 'consent_updated_at': '2026-03-01T10:00:00Z',"
                + " 'consent_collected_from': 'other', 'phone_number': '+16135550142', 'answer': 'subscribed'}"));
    }

    @Test
    void whatShopifyCountsOfACustomerIsAFacetOfItsOwn() {
        String summary = "{'customerId': 'gid://shopify/Customer/7', 'numberOfOrders': %d, 'amountSpent': {'amount':"
                + " '%d.50', 'currencyCode': 'CAD'}, 'lastOrderId': 'gid://shopify/Order/%d', 'occurredAt':"
                + " '2026-03-0%dT10:00:00.000Z'}";
        String topic = "customers/purchasing_summary";
        assertThat(customer(new Said(topic, summary.formatted(2, 20, 12, 2)), new Said(topic, summary.formatted(1, 10, 11,
                1))).path("purchasing_summary")).isEqualTo(node("{'orders_count': 2, 'amount_spent': '20.50',"
                + " 'currency': 'CAD', 'last_order_id': '12', 'occurred_at': '2026-03-02T10:00:00.000Z'}"));
    }

    @Test
    void aCustomerIsInTheSegmentsThatWereNotLeftSince() {
        assertThat(customer(segment("joined", 3, 1), segment("joined", 4, 1), segment("left", 3, 2)).path("segments"))
                .isEqualTo(node("[{'id': '4'}]"));
        assertThat(customer(segment("joined", 3, 1), segment("left", 3, 2), segment("joined", 3, 3)).path("segments"))
                .isEqualTo(node("[{'id': '3'}]"));
    }

    private static Said segment(String what, int segment, int day) {
        return new Said("customer." + what + "_segment", "{'shop_id': 'gid://shopify/Shop/1', 'customer_id':"
                + " 'gid://shopify/Customer/7', 'segment_id': 'gid://shopify/Segment/" + segment + "'}",
                Instant.parse("2026-03-0" + day + "T10:00:00Z"));
    }

    @Test
    void theStateOfAnAccountInTheShopIsTheCustomers() {
        String body = "{'id': 7, 'email': 'a@example.com', 'state': '%s', 'updated_at': '2026-03-0%dT10:00:00Z'}";
        assertThat(customer(new Said("customers/enable", body.formatted("enabled", 1)),
                new Said("customers/disable", body.formatted("disabled", 2))).path("state").asText())
                .isEqualTo("disabled");
    }

    @Test
    void aRoleAtALocationBringsTheCompanyAndItsLocationToo() {
        Said assigned = role("assign", 1);
        assertThat(customer(assigned).path("company_roles")).isEqualTo(node("[{'id': '2', 'company_id': '7', 'location':"
                + " 'Main', 'role': 'Ordering only', 'removed': false}]"));
        assertThat(customer(assigned).at("/company/id").asText()).isEqualTo("7");
        assertThat(customer(assigned, role("revoke", 2)).path("company_roles")).isEmpty();
        assertThat(customer(assigned, role("revoke", 2)).at("/company/id").asText())
                .as("who may order nowhere is still the company's contact").isEqualTo("7");
        assertThat(record("company", assigned).at("/location/name").asText()).isEqualTo("Main");
        assertThat(record("company", assigned).path("name").asText()).isEqualTo("Linen");
    }

    private static Said role(String what, int day) {
        String company = "'company': {'admin_graphql_api_id': 'gid://shopify/Company/7', 'name': 'Linen', 'updated_at':"
                + " '2026-02-01T10:00:00Z'}, 'updated_at': '2026-02-01T10:00:00Z'";
        return new Said("company_contact_roles/" + what, "{'company_contact': {'admin_graphql_api_id':"
                + " 'gid://shopify/CompanyContact/3', 'customer_admin_graphql_api_id': 'gid://shopify/Customer/7',"
                + " 'title': 'Buyer', " + company + "}, 'company_location': {'admin_graphql_api_id':"
                + " 'gid://shopify/CompanyLocation/2', 'name': 'Main', " + company + "}, 'company_contact_role': {'name':"
                + " 'Ordering only'}}", Instant.parse("2026-03-0" + day + "T10:00:00Z"));
    }

    @Test
    void anEventOfAParcelChangesNothingButItsState() {
        Said parcel = new Said("fulfillments/update", "{'id': 9, 'order_id': 5, 'status': 'success', 'tracking_number':"
                + " 'T1', 'shipment_status': 'in_transit', 'updated_at': '2026-03-01T10:00:00Z'}");
        String event = "{'id': 31, 'fulfillment_id': 9, 'order_id': 5, 'status': '%s', 'city': 'Ottawa', 'happened_at':"
                + " '2026-03-01T00:00:00Z', 'created_at': '2026-03-0%dT10:00:01Z'}";
        Said delivered = new Said("fulfillment_events/create", event.formatted("delivered", 2));

        assertThat(order(order(1, "'fulfillment_status': 'fulfilled'"), parcel, delivered).path("fulfillments"))
                .hasSize(1).allSatisfy(one -> {
                    assertThat(one.path("shipment_status").asText()).isEqualTo("delivered");
                    assertThat(one.path("tracking_number").asText()).isEqualTo("T1");
                    assertThat(one.has("city")).isFalse();
                });
        assertThat(order(order(1, "'fulfillment_status': 'fulfilled'"), parcel, delivered).path("stage").asText())
                .isEqualTo("delivered");
        assertThat(order(parcel, delivered, new Said("fulfillment_events/create", event.formatted("confirmed", 1)))
                .at("/fulfillments/0/shipment_status").asText()).as("older").isEqualTo("delivered");
    }

    /** Their bodies have no more of the order than that it has changed; orders/updated has it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "returns/request | {'id': 3, 'status': 'requested', 'order': {'id': 5}, 'return_line_items': []}",
        "returns/close | {'id': 3, 'admin_graphql_api_id': 'gid://shopify/Return/3', 'order_id': 5, 'status': 'closed'}",
        "order_transactions/create | {'id': 4, 'order_id': 5, 'kind': 'sale', 'status': 'success', 'receipt':"
            + " {'email': 'a@example.com'}, 'created_at': '2026-03-01T10:05:00Z'}"})
    void aStepOfAnOrderMarksItAndChangesNoField(String topic, String body) {
        Said step = new Said(topic, body, Instant.parse("2026-03-01T10:05:00Z"));
        assertThat(order(order(1, "'returns': []"), step)).isEqualTo(order(order(1, "'returns': []")));
        assertThat(changes(step)).hasSize(1).allSatisfy(change ->
                assertThat(new String(change.value(), StandardCharsets.UTF_8)).doesNotContain("example.com"));
    }

    @Test
    void aReturnThatNamesNoOrderSaysNothing() {
        assertThat(changes(new Said("returns/update", "{'admin_graphql_api_id': 'gid://shopify/Return/3',"
                + " 'return_line_items': {'removals': []}}"))).isEmpty();
    }

    @Test
    void ofAProductOnlyWhatTellsItsKindIsKept() {
        Said product = new Said("products/update", "{'id': 7, 'admin_graphql_api_id': 'gid://shopify/Product/7',"
                + " 'title': 'Linen throw', 'body_html': '<p>x</p>', 'vendor': 'Weavers', 'product_type': 'Throws',"
                + " 'tags': 'linen, home', 'variants': [{'id': 8, 'price': '85.00'}], 'updated_at':"
                + " '2026-03-01T10:00:00Z'}");
        assertThat(record("product", product)).isEqualTo(node("{'id': '7', 'admin_graphql_api_id':"
                + " 'gid://shopify/Product/7', 'title': 'Linen throw', 'vendor': 'Weavers', 'product_type': 'Throws',"
                + " 'tags': ['linen', 'home'], 'updated_at': '2026-03-01T10:00:00Z', 'metafields': {}}"));
    }

    @ParameterizedTest
    @CsvSource({"fulfillment_events/delete, fulfillments/update",
        "returns/process, orders/updated"})
    void aNoteChangesNothingAndSaysWhy(String topic, String because) {
        Reading reading = TOPICS.receive(new ReceivedEvent(1, "main", topic, null, Instant.EPOCH,
                "{\"completed_at\": \"2026-03-01T10:00:00Z\"}".getBytes(StandardCharsets.UTF_8))).orElseThrow();
        assertThat(reading.changes()).isEmpty();
        assertThat(reading.nothing()).contains(because);
    }

    /** Shopify Events: the body is the answer to the subscription's own query. */
    @Test
    void anEventIsReadByTheDefinitionsOfAnswers() throws IOException {
        ObjectNode order = (ObjectNode) Json.read(Files.readAllBytes(
                Path.of("mappings/shopify/samples/order-answer.json"))).at("/data/order");
        String event = "{'topic': 'Order', 'action': 'update', 'handle': 'orders', 'fields_changed': {}, 'data':"
                + " {'order': %s}}";
        List<FacetChange> said = received("order", event.formatted(order.toString())).changes();
        List<FacetChange> answered = new ArrayList<>();
        GivenBody.of(Json.write(order), Optional.empty(), SHOPIFY).parts().forEach(part -> answered.addAll(
                received(part.topic(), new String(part.body(), StandardCharsets.UTF_8)).changes()));
        assertThat(said).extracting(change -> change.key() + change.facet() + change.version())
                .containsExactlyElementsOf(answered.stream().map(change -> change.key() + change.facet()
                        + change.version()).toList()).hasSizeGreaterThan(3);

        order.remove("lineItems");
        assertThatThrownBy(() -> received("order", event.formatted(order.toString())))
                .isInstanceOf(UnreadablePayload.class).hasMessageContaining("The Order lacks lineItems, which would be"
                        + " taken for empty: query it with the fragment in shopify/order.yaml");
    }

    @Test
    void anEventWithAFewFieldsOfACustomerChangesThese() {
        Reading reading = received("customer", "{'topic': 'Customer', 'action': 'update', 'handle': 'names', 'data':"
                + " {'customer': {'id': 'gid://shopify/Customer/7', 'firstName': 'Ada', 'updatedAt':"
                + " '2026-03-01T10:00:00Z'}}}");
        assertThat(reading.changes()).hasSize(1);
        assertThat(Json.readOwn(reading.changes().get(0).value()).path("first_name").asText()).isEqualTo("Ada");
        assertThat(Json.readOwn(reading.changes().get(0).value()).has("last_name")).isFalse();
    }

    @Test
    void anEventOfADeletionNamesWhatWasDeletedInItsVariables() {
        String event = "{'topic': 'Product', 'action': 'delete', 'handle': 'gone', 'query_variables': %s}";
        assertThat(received("product", event.formatted("{'productId': 'gid://shopify/Product/8'}")).changes())
                .extracting(change -> change.key().toString() + " " + change.facet()).containsExactly("product/8 deleted");
        assertThatThrownBy(() -> received("product", event.formatted("{}"))).isInstanceOf(UnreadablePayload.class)
                .hasMessageContaining("subscription gone does not say what was deleted");
        assertThatThrownBy(() -> received("product", event.replace("delete", "update").formatted("{}")))
                .isInstanceOf(UnreadablePayload.class).hasMessageContaining("has no data");
    }

    @Test
    void anEventOfAnotherTypeIsNotHandled() {
        assertThat(TOPICS.receive(event("metaobject", "{'topic': 'Metaobject', 'action': 'update', 'handle': 'm', 'data':"
                + " {}}"))).isEmpty();
        assertThat(TOPICS.receive(event("unknown", "{'topic"))).isEmpty();
    }

    private static Reading received(String topic, String body) {
        return TOPICS.receive(event(topic, body)).orElseThrow();
    }

    private static ReceivedEvent event(String topic, String body) {
        return new ReceivedEvent(1, "main", topic, Instant.parse("2026-03-06T10:00:00Z"),
                Instant.parse("2026-03-06T10:00:00Z"), body.replace("{'", "{\"").replace("':", "\":").replace(" '",
                " \"").replace("',", "\",").replace("'}", "\"}").getBytes(StandardCharsets.UTF_8));
    }

    private static List<FacetChange> changes(Said said) {
        return TOPICS.read(new ReceivedEvent(1, "main", said.topic(), said.triggeredAt(), Instant.EPOCH,
                said.body().replace('\'', '"').getBytes(StandardCharsets.UTF_8))).orElseThrow();
    }

    @Test
    void ofTwoVersionsOfOneConsentTheOneWithItsSourceCounts() {
        String consent = "{'customer_id': 7, 'email_marketing_consent': {'state': '%s', 'consent_updated_at':"
                + " '2026-03-01T10:00:00Z', 'consent_collected_from': %s}}";
        String topic = "customers_email_marketing_consent/update";
        Said webhook = new Said(topic, consent.formatted("subscribed", "null"));
        Said answer = new Said(topic, consent.formatted("subscribed", "'Main Street'"));
        Said no = new Said(topic, consent.formatted("unsubscribed", "null"));
        for (List<Said> said : List.of(List.of(webhook, answer), List.of(answer, webhook))) {
            JsonNode customer = customer(said.toArray(Said[]::new));
            assertThat(customer.at("/email_marketing_consent/consent_collected_from").asText())
                    .isEqualTo("Main Street");
        }
        assertThat(customer(no, answer).at("/email_marketing_consent/state").asText()).isEqualTo("unsubscribed");
    }

    /** Shopify's own time of an answer counts, and not when it said so: that is in a header which nobody signed. */
    @Test
    void anUnsubscriptionOfAnEarlierTimeDoesNotWin() {
        Said yes = email("subscribed", "'2026-03-01T10:00:00Z'", "2026-03-01T10:00:01Z");
        for (String said : List.of("2026-02-01T10:00:01Z", "2026-03-01T18:00:00Z")) {
            assertThat(customer(yes, email("unsubscribed", "'2026-02-01T10:00:00Z'", said))
                    .at("/email_marketing_consent/state").asText()).isEqualTo("subscribed");
        }
        assertThat(customer(yes, email("unsubscribed", "'2026-03-01T10:00:00Z'", "2026-03-01T09:00:00Z"))
                .at("/email_marketing_consent/state").asText()).as("of the same time: in doubt, no")
                .isEqualTo("unsubscribed");
        assertThat(customer(yes, email("unsubscribed", "null", "2026-03-01T18:00:00Z"))
                .at("/email_marketing_consent/state").asText()).as("of no time: when it was said counts")
                .isEqualTo("unsubscribed");
    }

    /** As a consent without a time once had it: https://github.com/nozzlegear/ShopifySharp/issues/803 */
    @Test
    void theYearZeroIsNoTime() {
        JsonNode customer = customer(new Said("customers/update", "{'id': 7, 'email': 'ada@example.com', 'updated_at':"
                + " '2026-03-01T10:30:00Z', 'email_marketing_consent': {'state': 'subscribed', 'consent_updated_at':"
                + " '0000-12-31T18:03:24-05:50'}}"));
        assertThat(customer.at("/email_marketing_consent/state").asText()).isEqualTo("subscribed");
        assertThat(customer.at("/email_marketing_consent/consent_updated_at").isNull()).isTrue();
    }

    /** Shopify gives no date "if the email address never updated its marketing consent". */
    @ParameterizedTest
    @ValueSource(strings = {"email", "sms", "whats_app"})
    void aYesWithoutATimeIsOlderThanANoThatHasOne(String channel) {
        String field = channel + "_marketing_consent";
        Said order = new Said("orders/updated", "{'id': 1, 'updated_at': '2026-03-01T10:30:00Z', 'customer': {'id': 7,"
                + " 'email': 'ada@example.com', 'phone': '+15032281234', 'updated_at': '2026-03-01T10:30:00Z', '" + field
                + "': {'state': 'subscribed', 'consent_updated_at': null}}}");
        Said no = new Said("customers/update", "{'id': 7, 'email': 'ada@example.com', 'phone': '+15032281234', 'updated_at':"
                + " '2026-03-01T10:20:00Z', '" + field
                + "': {'state': 'unsubscribed', 'consent_updated_at': '2026-03-01T10:20:00Z'}}");
        for (List<Said> said : List.of(List.of(order, no), List.of(no, order))) {
            assertThat(customer(said.toArray(Said[]::new)).at("/" + field + "/state").asText()).isEqualTo("unsubscribed");
        }
    }

    @Test
    void aConsentDoesNotFollowToAnotherAddressOrNumber() {
        Said before = profile("'ada@example.com'", "'+15032281234'", "10:00");
        Said mail = email("subscribed", "'2026-03-01T10:01:00Z'", "2026-03-01T10:01:01Z");
        Said text = sms("+15032281234", "subscribed", "'2026-03-01T10:01:00Z'");
        Said after = profile("'new@example.com'", "'+15032289999'", "11:00");
        Said mailOfNew = new Said("customers_email_marketing_consent/update", "{'customer_id': 7, 'email_address':"
                + " 'new@example.com', 'email_marketing_consent': {'state': 'not_subscribed', 'consent_updated_at': null}}");
        Said textOfNew = sms("+15032289999", "not_subscribed", "null");
        assertThat(states(before, mail, text)).containsExactly("subscribed", "subscribed");
        assertThat(states(before, mail, text, after, mailOfNew, textOfNew)).containsExactly("not_subscribed",
                "not_subscribed");
        assertThat(states(textOfNew, mailOfNew, after, text, mail, before)).as("in any order")
                .containsExactly("not_subscribed", "not_subscribed");
        assertThat(states(before, mail, text, after)).as("nothing is said of the new ones")
                .containsExactly("not_subscribed", "not_subscribed");
        assertThat(states(before, mail, text, profile("null", "null", "11:00"))).as("the customer has none any more")
                .containsExactly("not_subscribed", "not_subscribed");
        assertThat(states(before, mail, text, after, profile("'ADA@example.com '", "'+15032281234'", "12:00")))
                .as("the old ones again").containsExactly("subscribed", "subscribed");
        assertThat(states(mail, text)).as("the profile is not known yet").containsExactly("subscribed", "subscribed");
        assertThat(states(before, mailOfNew, new Said("customers_email_marketing_consent/update", "{'customer_id': 7,"
                + " 'email_address': 'new@example.com', 'email_marketing_consent': {'state': 'subscribed',"
                + " 'consent_updated_at': '2026-03-01T11:30:00Z'}}"), text)).as("the profile comes late")
                .containsExactly("subscribed", "subscribed");
    }

    @Test
    void aNoFollowsToAnotherAddressUntilSomethingIsSaidOfThat() {
        Said no = email("unsubscribed", "'2026-03-01T10:01:00Z'", "2026-03-01T10:01:01Z");
        Said after = profile("'new@example.com'", "null", "11:00");
        assertThat(states(no, after)).startsWith("unsubscribed");
        assertThat(states(no, after, new Said("customers_email_marketing_consent/update", "{'customer_id': 7,"
                + " 'email_address': 'new@example.com', 'email_marketing_consent': {'state': 'subscribed',"
                + " 'consent_updated_at': '2026-03-01T11:30:00Z'}}"))).startsWith("subscribed");
    }

    /** Of a buyer at a till an order has the id, and the address for the receipt. */
    @Test
    void aConsentDoesNotFollowToTheAddressOfAReceipt() {
        Said bought = order(1, "'email': 'receipt@example.com', 'phone': '+15032289999', 'customer': {'id': 7}");
        Said mail = email("subscribed", "'2026-03-01T10:05:00Z'", "2026-03-01T10:05:01Z");
        Said text = sms("+15032281234", "subscribed", "'2026-02-01T10:00:00Z'");
        assertThat(states(bought, mail, text)).containsExactly("not_subscribed", "not_subscribed");
        assertThat(customer(bought, mail).path("email").asText()).isEqualTo("receipt@example.com");
        assertThat(states(bought, mail, text, profile("'ada@example.com'", "'+15032281234'", "11:00")))
                .containsExactly("subscribed", "subscribed");
        assertThat(states(bought, email("unsubscribed", "'2026-03-01T10:05:00Z'", "2026-03-01T10:05:01Z")))
                .as("the person has said no").containsExactly("unsubscribed");
        assertThat(states(order(1, "'email': 'ada@example.com', 'customer': {'id': 7}"), mail)).containsExactly("subscribed");
    }

    /** As an answer of the API has it: the webhook that tells of the end may be lost. */
    @Test
    void whatALaterListOfAllDoesNotHaveIsOver() {
        Said joined = new Said("company_contacts/create", "{'admin_graphql_api_id': 'gid://shopify/CompanyContact/3', 'title':"
                + " 'Buyer', 'customer_admin_graphql_api_id': 'gid://shopify/Customer/7', 'updated_at': '2026-03-01T10:00:00Z',"
                + " 'company': {'admin_graphql_api_id': 'gid://shopify/Company/4', 'name': 'Linen'}}");
        String customer = "{'id': 7, 'email': 'ada@example.com', 'updated_at': '2026-03-01T%s:00Z', 'company_ids': [%s]}";
        Said with = new Said("customers/update", customer.formatted("11:00", "'4'"));
        Said without = new Said("customers/update", customer.formatted("12:00", "'5'"));
        Said before = new Said("customers/update", customer.formatted("09:00", ""));
        Said webhook = new Said("customers/update", "{'id': 7, 'email': 'ada@example.com', 'updated_at':"
                + " '2026-03-01T13:00:00Z'}");
        assertThat(customer(joined, with).at("/company/name").asText()).isEqualTo("Linen");
        assertThat(customer(before, joined).at("/company/name").asText()).as("joined since").isEqualTo("Linen");
        assertThat(customer(joined, with, without).path("companies")).isEmpty();
        assertThat(customer(joined, with, without).path("company").isNull()).isTrue();
        assertThat(customer(joined, without, webhook).path("companies")).as("a body that has no list").isEmpty();
        assertThat(customer(joined, with).has("company_ids")).isFalse();
    }

    /** A poll says of any new address that nobody has asked; that person is still the one who said no. */
    @Test
    void aNoFollowsToAnotherAddressOfWhichNobodyHasAsked() {
        Said no = email("unsubscribed", "'2026-03-01T10:01:00Z'", "2026-03-01T10:01:01Z");
        Said after = profile("'new@example.com'", "null", "11:00");
        Said unasked = new Said("customers_email_marketing_consent/update", "{'customer_id': 7, 'email_address':"
                + " 'new@example.com', 'email_marketing_consent': {'state': 'not_subscribed', 'consent_updated_at': null}}");
        assertThat(states(no, after, unasked)).startsWith("unsubscribed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pending", "invalid", "redacted"})
    void aNoFollowsToAnotherAddressThoughItWasAskedAgain(String state) {
        JsonNode consent = customer(email("unsubscribed", "'2026-03-01T10:01:00Z'", "2026-03-01T10:01:01Z"),
                email(state, "'2026-03-01T10:30:00Z'", "2026-03-01T10:30:01Z"), profile("'new@example.com'", "null", "11:00"))
                .path("email_marketing_consent");
        assertThat(consent.path("state").asText()).isEqualTo("unsubscribed");
        assertThat(consent.path("consent_updated_at").asText("")).as("when it was asked").doesNotContain("10:30");
    }

    /** Else the CRM would show a yes of a time at which nobody gave one. */
    @ParameterizedTest
    @ValueSource(strings = {"invalid", "redacted"})
    void aStateThatIsNoAnswerKeepsTheEvidenceOfTheLastOne(String state) {
        JsonNode consent = customer(email("subscribed", "'2026-03-01T10:00:00Z', 'opt_in_level': 'confirmed_opt_in'",
                "2026-03-01T10:00:01Z"), email(state, "'2026-03-01T15:00:00Z', 'opt_in_level': null", "2026-03-01T15:00:01Z"))
                .path("email_marketing_consent");
        assertThat(consent.path("state").asText()).isEqualTo(state);
        assertThat(consent.path("consent_updated_at").asText()).isEqualTo("2026-03-01T10:00:00Z");
        assertThat(consent.path("opt_in_level").asText()).isEqualTo("confirmed_opt_in");
    }

    /** However fast the question came after the answer. */
    @Test
    void theLastClearAnswerIsKeptWhileAnotherIsAskedFor() {
        Said no = email("unsubscribed", "'2026-03-01T10:00:00Z'", "2026-03-01T10:00:01Z");
        Said asked = email("pending", "'2026-03-01T10:00:05Z'", "2026-03-01T10:00:06Z");
        Said yes = email("subscribed", "'2026-03-01T10:00:09Z'", "2026-03-01T10:00:10Z");
        for (List<Said> said : List.of(List.of(no, asked), List.of(asked, no))) {
            JsonNode consent = customer(said.toArray(Said[]::new)).path("email_marketing_consent");
            assertThat(consent.path("state").asText()).isEqualTo("pending");
            assertThat(consent.path("answer").asText()).isEqualTo("unsubscribed");
        }
        assertThat(customer(no, asked, yes).at("/email_marketing_consent/answer").asText()).isEqualTo("subscribed");
    }

    @Test
    void anAnswerWithoutEvidenceHasNotThatOfAnEarlierOne() {
        JsonNode consent = customer(email("subscribed", "'2026-03-01T10:00:00Z', 'opt_in_level': 'confirmed_opt_in',"
                + " 'consent_collected_from': 'Main Street'", "2026-03-01T10:00:01Z"),
                email("unsubscribed", "'2026-03-01T15:00:00Z'", "2026-03-01T15:00:01Z")).path("email_marketing_consent");
        assertThat(consent.path("consent_updated_at").asText()).isEqualTo("2026-03-01T15:00:00Z");
        assertThat(consent.path("opt_in_level").isNull()).isTrue();
        assertThat(consent.path("consent_collected_from").isNull()).isTrue();
    }

    /** In jq a blank text is a value, and would hide the one of the address. */
    @Test
    void whatIsBlankOfAPersonIsNoValue() {
        JsonNode customer = customer(new Said("customers/update", "{'id': 7, 'email': 'ada@example.com', 'first_name': '',"
                + " 'last_name': ' ', 'phone': '', 'updated_at': '2026-03-01T10:00:00Z', 'addresses': [{'id': 1, 'city': '',"
                + " 'address1': '5 High Street', 'first_name': 'Ada'}]}"));
        for (String blank : List.of("/first_name", "/last_name", "/phone", "/addresses/0/city")) {
            assertThat(customer.at(blank).isNull()).as(blank).isTrue();
        }
    }

    private static List<String> states(Said... said) {
        JsonNode customer = customer(said);
        return Stream.of("email", "sms").map(channel -> customer.at("/" + channel + "_marketing_consent/state"))
                .filter(JsonNode::isTextual).map(JsonNode::asText).toList();
    }

    private static Said profile(String email, String phone, String time) {
        return new Said("customers/update", "{'id': 7, 'email': " + email + ", 'phone': " + phone + ", 'first_name': 'Ada',"
                + " 'updated_at': '2026-03-01T" + time + ":00Z'}", Instant.parse("2026-03-01T" + time + ":01Z"));
    }

    private static Said sms(String number, String state, String at) {
        return new Said("customers_marketing_consent/update", "{'id': 7, 'phone': '" + number + "', 'sms_marketing_consent':"
                + " {'state': '" + state + "', 'consent_updated_at': " + at + "}}");
    }

    @Test
    void theConsentKeepsTheAddressThatItIsAbout() {
        assertThat(customer(email("unsubscribed", "'2026-03-01T10:00:00Z'", "2026-03-01T10:00:01Z"))
                .at("/email_marketing_consent/email_address").asText()).isEqualTo("ada@example.com");
    }

    private static Said email(String state, String at, String triggeredAt) {
        return new Said("customers_email_marketing_consent/update", "{'customer_id': 7, 'email_address':"
                + " 'ada@example.com', 'email_marketing_consent': {'state': '" + state + "', 'consent_updated_at': " + at
                + "}}", Instant.parse(triggeredAt));
    }

    /** Ids grow: the newest parcel is the last, and the first company the one that the buyer has bought for longest. */
    @Test
    void theElementsOfAListAreInTheOrderOfTheirIds() {
        assertThat(order(order(1, "'fulfillments': [{'id': 1000, 'status': 'success'}, {'id': 999, 'status': 'success'}]"))
                .at("/fulfillments/1/id").asText()).isEqualTo("1000");
        assertThat(customer(new Said("customers/update", "{'id': 7, 'email': 'a@example.com', 'updated_at':"
                + " '2026-03-01T10:00:00Z'}"), buysFor("1000"), buysFor("999")).at("/company/id").asText()).isEqualTo("999");
    }

    private static Said buysFor(String company) {
        return new Said("company_contacts/create", "{'admin_graphql_api_id': 'gid://shopify/CompanyContact/3',"
                + " 'customer_admin_graphql_api_id': 'gid://shopify/Customer/7', 'updated_at': '2026-03-01T10:00:00Z',"
                + " 'company': {'name': 'Looms', 'updated_at': '2026-03-01T10:00:00Z', 'admin_graphql_api_id':"
                + " 'gid://shopify/Company/" + company + "'}}");
    }

    /** Shopify names it no more once it is deleted. */
    @Test
    void aLineKeepsTheProductThatItSold() {
        Said sold = lines(1, "'product_id': 11, 'variant_id': 12, 'product_exists': true");
        Said variantDeleted = lines(2, "'product_id': 11, 'variant_id': null, 'product_exists': true");
        Said deleted = lines(3, "'product_id': null, 'variant_id': null, 'product_exists': false");
        for (JsonNode order : List.of(order(sold, deleted), order(sold, variantDeleted), order(sold, lines(4, "'id': 6")),
                order(sold, variantDeleted, deleted), order(variantDeleted, deleted, sold))) {
            JsonNode line = order.at("/line_items/0");
            assertThat(line.path("variant_id").asText()).isEqualTo("12");
            assertThat(line.path("product_id").asText()).isEqualTo("11");
            assertThat(order.at("/line_items/1/product_id").isNull()).as("a tip is no product").isTrue();
            assertThat(order.at("/line_items/0/title").asText()).isEqualTo(order.at("/note").asText());
        }
        assertThat(order(sold, deleted).at("/line_items/0/product_exists").asBoolean(true)).isFalse();
    }

    private static Said lines(int minute, String product) {
        return order(minute, "'note': 'state " + minute + "', 'line_items': [{'id': 6, 'title': 'state " + minute
                + "', " + product + "}, {'id': 7, 'title': 'Tip', 'product_id': null, 'variant_id': null}]");
    }

    @Test
    void aStateWithoutTheVisitKeepsIt() {
        JsonNode order = order(order(1, "'landing_site': '/a?utm_source=ad', 'referring_site': 'https://b.example/'"),
                order(2, "'landing_site': null, 'referring_site': null, 'first_visit': {'source': 'search'},"
                        + " 'channel_name': 'Online Store'"),
                order(3, "'landing_site': '', 'note': 'later'"));
        assertThat(order.at("/attribution/utm/source").asText()).isEqualTo("ad");
        assertThat(order.at("/attribution/referring_host").asText()).isEqualTo("b.example");
        assertThat(order.at("/first_visit/source").asText()).isEqualTo("search");
        assertThat(order.at("/attribution/channel").asText()).isEqualTo("Online Store");
        assertThat(order.path("note").asText()).isEqualTo("later");
    }

    @Test
    void theRiskIsTheHighestOfTheAssessments() {
        Said shopify = risk("null", "medium", 1);
        Said other = risk("12", "HIGH", 2);
        assertThat(order(order(1, "")).path("risk_level").isNull()).isTrue();
        assertThat(order(order(1, ""), shopify, other).path("risk_level").asText()).isEqualTo("high");
        assertThat(order(order(1, ""), shopify, other, risk("12", "low", 3)).path("risk_level").asText())
                .isEqualTo("medium");
    }

    @Test
    void anOrdersStageIsTheFurthestThatIsTrue() {
        assertThat(stage("")).isEqualTo("open");
        assertThat(stage("'financial_status': 'PAID'")).isEqualTo("processed");
        assertThat(stage("'financial_status': 'paid', 'fulfillment_status': 'partial'")).isEqualTo("shipped");
        String parcels = "'fulfillment_status': 'fulfilled', 'fulfillments': [{'id': 1, 'status': 'cancelled'}, {'id': 3, 'status': 'failure'},"
                + " {'id': 2, 'status': 'success', 'shipment_status': '%s'}]";
        assertThat(stage(parcels.formatted("in_transit"))).isEqualTo("shipped");
        assertThat(stage(parcels.formatted("delivered"))).isEqualTo("delivered");
        assertThat(stage(parcels.formatted("picked_up"))).as("by the buyer, in the shop").isEqualTo("delivered");
        assertThat(stage(parcels.formatted("carrier_picked_up"))).isEqualTo("shipped");
        assertThat(stage("'cancelled_at': '2026-03-01T10:00:00Z', 'fulfillment_status': 'fulfilled'"))
                .isEqualTo("cancelled");
    }

    @Test
    void theStateOfReturnsIsReadOutOfThemWhereShopifyDoesNotSayIt() {
        String[][] cases = {{"", ""}, {"'return_status': 'inspection_complete', 'returns': []", "inspection_complete"},
            {"'returns': []", "no_return"}, {"'returns': [{'status': 'closed'}, {'status': 'open'}]", "in_progress"},
            {"'returns': [{'status': 'requested'}, {'status': 'closed'}]", "return_requested"},
            {"'returns': [{'status': 'canceled'}, {'status': 'closed'}]", "returned"}};
        for (String[] one : cases) {
            assertThat(order(order(1, one[0])).path("return_status").asText("")).as(one[0]).isEqualTo(one[1]);
        }
    }

    private static String stage(String fields) {
        return order(order(1, fields)).path("stage").asText();
    }

    private static Said order(int minute, String fields) {
        return new Said("orders/updated", "{" + ORDER + ", 'updated_at': '2026-03-01T10:0" + minute + ":00Z'"
                + (fields.isEmpty() ? "" : ", " + fields) + "}");
    }

    private static Said risk(String provider, String level, int minute) {
        return new Said("orders/risk_assessment_changed", "{'order_id': 5, 'provider_id': " + provider
                + ", 'risk_level': '" + level + "', 'created_at': '2026-03-01T10:0" + minute + ":00Z'}");
    }

    private static Said tags(String what, String tag, int hour) {
        return new Said("customer.tags_" + what,
                "{'customerId': 7, 'tags': ['%s'], 'occurredAt': '2026-03-01T%02d:00:00Z'}".formatted(tag, 10 + hour));
    }

    private static JsonNode customer(Said... said) {
        return record("customer", said);
    }

    private static JsonNode order(Said... said) {
        return record("order", said);
    }

    /** The same whichever came first. */
    private static JsonNode record(String entity, Said... said) {
        List<Said> all = new ArrayList<>(List.of(said));
        JsonNode record = assembled(entity, all);
        Collections.reverse(all);
        assertThat(assembled(entity, all)).isEqualTo(record);
        return record;
    }

    private static JsonNode assembled(String entity, List<Said> said) {
        List<FacetChange> changes = new ArrayList<>();
        RecordKey key = new RecordKey("main", entity, entity.equals("order") ? "5" : "7");
        for (Said one : said) {
            ReceivedEvent event = new ReceivedEvent(1, "main", one.topic(), one.triggeredAt(),
                    Instant.parse("2026-03-02T00:00:00Z"),
                    one.body().replace('\'', '"').getBytes(StandardCharsets.UTF_8));
            TOPICS.read(event).orElseThrow().stream().filter(change -> change.key().equals(key)).forEach(changes::add);
        }
        return CanonicalRecords.assemble(SHOPIFY.entity(key.entity()), key, Mirror.newest(changes).stream().map(change ->
                new StoredFacet(change.facet(), change.version(), change.value())).toList()).json();
    }

    private static JsonNode node(String json) {
        return Json.readOwn(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
}
