package io.shopbridge.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.map.Mapping;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.Mappings;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.Version;
import io.shopbridge.store.RecordKey;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Orders as people have reported them, and Shopify's own examples by independent arithmetic. */
class OrderTotalsTest {

    private static final Shopify SHOPIFY = Shopify.load(Path.of("mappings"));
    private static final Path CASES = Path.of("../shared/cases");
    private static final Path PAYLOADS = Path.of("../shared/specs/shopify/payloads");
    private static final MappingContext MAIN = new MappingContext("main", "US");

    @ParameterizedTest
    @ValueSource(strings = {"", "{'kind': 'refund', 'status': 'pending', 'amount': '30.00', 'currency': 'USD'}",
        "{'kind': 'refund', 'status': 'failure', 'amount': '30.00', 'currency': 'USD'}",
        "{'kind': 'refund', 'status': 'error', 'amount': '30.00', 'currency': 'USD'}"})
    void aRefundThatMovedNoMoneyPaysNothingBack(String transaction) {
        JsonNode totals = totals("'financial_status': 'paid', 'total_price': '120.00', 'current_total_price': '90.00',"
                + refund(transaction, "30.00"));

        assertThat(totals.at("/refunded/shop/amount").asText()).isEqualTo("0.00");
        assertThat(totals.at("/net/shop/amount").asText()).isEqualTo(transaction.isEmpty() ? "90.00" : "120.00");
    }

    @ParameterizedTest
    @CsvSource({
        // dearer and cheaper exchange, a refund after an edit, money given back without a reason, all paid back
        "paid, 350.00, 250.00, '', 0.00, 250.00", "partially_refunded, 160.00, 60.00, 40.00, 40.00, 60.00",
        "partially_refunded, 226.00, 93.00, 20.00, 20.00, 93.00",
        "partially_refunded, 100.00, 100.00, 20.00, 20.00, 80.00", "refunded, 50.00, 0.00, 50.00, 50.00, 0.00"})
    void netIsWhatIsLeft(String status, String total, String current, String paidBack, String refunded, String net) {
        JsonNode totals = totals("'financial_status': '" + status + "', 'total_price': '" + total
                + "', 'current_total_price': '" + current + "'," + refund(paidBack.isEmpty() ? "" : "{'kind': 'refund',"
                + " 'status': 'success', 'amount': '" + paidBack + "', 'currency': 'USD'}", "100.00"));

        assertThat(totals.at("/refunded/shop/amount").asText()).isEqualTo(refunded);
        assertThat(totals.at("/net/shop/amount").asText()).isEqualTo(net);
    }

    @Test
    void shippingThatWasTakenOffAgainIsNotCounted() {
        assertThat(totals("'financial_status': 'paid', 'total_price': '120.00', 'shipping_lines': [{'id': 1, 'price':"
                + " '20.00'}, {'id': 2, 'price': '5.00', 'is_removed': true}]").at("/shipping/shop/amount").asText())
                .isEqualTo("20.00");
    }

    /** Shopify's older API versions don't say what is outstanding. */
    @Test
    void whatAnEditMadeTooMuchAndWasPaidBackIsNotTakenOffTwice() {
        String order = "'financial_status': 'partially_refunded', 'total_price': '80.00', 'current_total_price':"
                + " '80.00', 'refunds': [{'id': 1, 'transactions': [{'kind': 'refund', 'status': 'success', 'amount':"
                + " '20.00', 'currency': 'USD'}]%s}]";
        assertThat(totals(order.formatted(", 'refund_line_items': [], 'order_adjustments': []"))
                .at("/net/shop/amount").asText()).isEqualTo("80.00");
        assertThat(totals(order.formatted(", 'refund_line_items': [], 'order_adjustments': [{'kind':"
                + " 'refund_discrepancy', 'amount': '-20.00'}]")).at("/net/shop/amount").asText()).isEqualTo("60.00");
        assertThat(totals(order.formatted("")).at("/net/shop/amount").asText()).as("nobody tells why")
                .isEqualTo("60.00");
    }

    /** Subscriptions may leave out any field. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a line | 'transactions': [%s], 'refund_line_items': [{'id': 1, 'quantity': 1}], 'order_adjustments': [] | 45.00",
        "an adjustment | 'transactions': [%s], 'refund_line_items': [], 'order_adjustments': [{'kind':"
            + " 'refund_discrepancy'}] | 45.00",
        "shipping | 'transactions': [%s], 'refund_line_items': [], 'order_adjustments': [], 'refund_shipping_lines':"
            + " [{'id': 1}] | 45.00",
        "a line, and no transactions | 'refund_line_items': [{'id': 1, 'quantity': 1}] | -",
        "a transaction | 'transactions': [{'kind': 'refund', 'status': 'success'}] | -",
        "a transaction in euros | 'transactions': [{'kind': 'refund', 'status': 'success', 'amount': '45.00',"
            + " 'currency': 'EUR'}] | -",
        "everything | 'note': 'x' | -"})
    void aPartOfARefundWithoutAnAmountIsNotFree(String what, String refund, String refunded) {
        JsonNode totals = totals("'financial_status': 'partially_refunded', 'total_price': '100.00', 'refunds': [{'id':"
                + " 1, " + refund.formatted("{'kind': 'refund', 'status': 'success', 'amount': '45.00'}") + "}]");

        assertThat(totals.at("/refunded/shop/amount").asText("-").replace("null", "-")).as(what).isEqualTo(refunded);
        assertThat(totals.at("/net/shop/amount").asText("-").replace("null", "-")).as(what)
                .isEqualTo(refunded.equals("-") ? "-" : "55.00");
    }

    /** An answer lists the duties of a refund, a webhook has their sum as well. */
    @ParameterizedTest
    @ValueSource(strings = {"'duties': [{'amount_set': %s}]", "'total_duties_set': %1$s", "'total_duties_set': %1$s,"
        + " 'duties': [{'duty_id': 1, 'amount_set': %1$s}]"})
    void dutiesThatWerePaidBackAreAReasonOfTheRefund(String duties) {
        String five = "{'shop_money': {'amount': '5.00'}, 'presentment_money': {'amount': '5.00'}}";
        String refund = "'financial_status': 'partially_refunded', 'total_price': '100.00', 'refunds': [{'id': 1,"
                + " 'refund_line_items': [], 'order_adjustments': [], " + duties.formatted(five) + "%s}]";
        JsonNode totals = totals(refund.formatted(", 'transactions': [{'kind': 'refund', 'status': 'success', 'amount':"
                + " '5.00', 'currency': 'USD'}]"));

        assertThat(totals.at("/net/shop/amount").asText()).isEqualTo("95.00");
        assertThat(totals(refund.formatted("")).at("/refunded/shop/amount").asText()).as("without its transactions")
                .isEqualTo("5.00");
    }

    @ParameterizedTest
    @CsvSource({"pending, 80.00, 0.00", "authorized, 0.00, 0.00", "voided, 80.00, 0.00", "partially_paid, 50.00, 30.00",
        "paid, 0.00, 80.00"})
    void anUnpaidAmountIsStillToBePaidAndNotSpent(String status, String outstanding, String paid) {
        JsonNode totals = totals("'financial_status': '" + status + "', 'total_price': '80.00', 'total_outstanding': '"
                + outstanding + "'");

        assertThat(totals.at("/net/shop/amount").asText()).isEqualTo("80.00");
        assertThat(totals.at("/paid/shop/amount").asText()).isEqualTo(paid);
    }

    @Test
    void moneyThatTheShopKeepsOfACancelledOrderIsNet() {
        assertThat(totals("'financial_status': 'paid', 'cancelled_at': '2026-03-02T10:00:00Z', 'total_price': '80.00',"
                + " 'current_total_price': '0.00'").at("/net/shop/amount").asText()).isEqualTo("80.00");
    }

    @Test
    void refundedShippingCountsOnceWhereverItStands() {
        String shipping = "'refund_shipping_lines': [{'subtotal_amount_set': {'shop_money': {'amount': '10.00'},"
                + " 'presentment_money': {'amount': '8.00'}}}]";
        String adjustment = "'order_adjustments': [{'kind': 'shipping_refund', 'amount': '-10.00', 'amount_set':"
                + " {'shop_money': {'amount': '-10.00'}, 'presentment_money': {'amount': '-8.00'}}}]";
        for (String where : List.of(shipping, adjustment, shipping + ", " + adjustment)) {
            JsonNode totals = totals("'presentment_currency': 'EUR', 'financial_status': 'partially_refunded',"
                    + " 'total_price': '50.00', 'current_total_price': '40.00', 'refunds': [{'id': 1, 'transactions': ["
                    + "{'kind': 'refund', 'status': 'success', 'amount': '8.00', 'currency': 'EUR'}], " + where + "}]");

            assertThat(totals.at("/refunded/shop/amount").asText()).as(where).isEqualTo("10.00");
            assertThat(totals.at("/refunded/presentment/amount").asText()).as(where).isEqualTo("8.00");
            assertThat(totals("'total_price': '50.00', 'refunds': [{'id': 1, " + where + "}]")
                    .at("/refunded/shop/amount").asText()).as("of a refund without transactions " + where)
                    .isEqualTo("10.00");
        }
    }

    @Test
    void aLinesDiscountIsWhatWasAllocatedToWhatWasSold() {
        JsonNode line = order("'line_items': [{'id': 1, 'quantity': 3, 'current_quantity': 2, 'price': '60.00',"
                + " 'total_discount': '0.00', 'discount_allocations': [{'amount': '9.00'}, {'amount': '3.00'}]}]")
                .at("/line_items/0");

        assertThat(line.at("/sold_quantity").asInt()).isEqualTo(2);
        assertThat(line.at("/discount/shop/amount").asText()).isEqualTo("8.00");
        assertThat(line.at("/discounted_unit_price/shop/amount").asText()).isEqualTo("56.00");
    }

    /** A subscription may leave out any field. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "no allocation | 'discount_allocations': [] | 0.00 | 60.00",
        "its own and no allocation | 'discount_allocations': [], 'total_discount': '4.00' | 4.00 | 56.00",
        "its own alone | 'total_discount': '4.00' | 4.00 | 56.00",
        "nothing of it | 'sku': 'M' | null | null"})
    void aLineWithoutAllocationsHasNoDiscountUnlessItSaysSo(String what, String with, String discount, String net) {
        JsonNode line = order("'line_items': [{'id': 1, 'quantity': 1, 'current_quantity': 1, 'price': '60.00', " + with
                + "}]").at("/line_items/0");

        assertThat(line.at("/discount/shop/amount").asText()).as(what).isEqualTo(discount);
        assertThat(line.at("/net/shop/amount").asText()).as(what).isEqualTo(net);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "edited away | | 0",
        "refunded | 'refunds': [{'id': 1, 'refund_line_items': [{'line_item_id': 1, 'quantity': 2}]}] | 2",
        "returned | 'returns': [{'status': 'closed', 'return_line_items': [{'line_item_id': 1, 'quantity': 2}]}] | 2",
        "returned parcel | 'returns': [{'status': 'closed', 'return_line_items': [{'quantity': 2, 'fulfillment_line_item':"
            + " {'line_item': {'id': 1}}}]}] | 2",
        "cancelled | 'cancelled_at': '2026-03-02T10:00:00Z' | 2",
        "an edit's entry of an older API | 'refunds': [{'id': 1, 'transactions': [], 'refund_line_items': "
            + "[{'line_item_id': 1, 'quantity': 2, 'subtotal': '9.00'}]}] | 0",
        "a gift that an edit removed | 'refunds': [{'id': 1, 'transactions': [], 'refund_line_items': "
            + "[{'line_item_id': 1, 'quantity': 2, 'subtotal': 0.0, 'restock_type': 'no_restock'}]}] | 0",
        "a gift that came back | 'refunds': [{'id': 1, 'transactions': [], 'refund_line_items': "
            + "[{'line_item_id': 1, 'quantity': 2, 'subtotal': 0.0, 'restock_type': 'return'}]}] | 2",
        "a gift that was returned | 'refunds': [{'id': 1, 'return': {'id': 3}, 'transactions': [], 'refund_line_items':"
            + " [{'line_item_id': 1, 'quantity': 2, 'subtotal': 0.0, 'restock_type': 'no_restock'}]}] | 2",
        "an edit's own entry | 'refunds': [{'id': 1, 'return': null, 'transactions': [], 'refund_line_items': "
            + "[{'line_item_id': 1, 'quantity': 2, 'subtotal': '9.00'}]}] | 0"})
    void whatCameBackWasSoldAndWhatAnEditRemovedWasNot(String what, String with, int sold) {
        JsonNode order = order("'line_items': [{'id': 1, 'quantity': 2, 'current_quantity': 0}]"
                + (with == null ? "" : ", " + with));

        assertThat(order.at("/line_items/0/sold_quantity").asInt()).as(what).isEqualTo(sold);
    }

    @Test
    void aCheckoutsBareAmountsAreInTheBuyersCurrency() {
        JsonNode totals = record("checkouts/update", "{'token': 't', 'currency': 'USD', 'presentment_currency': 'EUR',"
                + " 'total_price': '421.88'}").path("totals");

        assertThat(totals.at("/original/presentment/amount").asText()).isEqualTo("421.88");
        assertThat(totals.at("/original/presentment/currency").asText()).isEqualTo("EUR");
        assertThat(totals.at("/original/shop/amount").isNull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"'total_price_set'", "'total_discounts_set': {}, 'current_total_price_set'",
        "'total_price': '100.00', 'currency': null, 'line_items': [null, {'id': 1}], 'subtotal_price_set'",
        "'total_price': '100.00', 'line_items': [{'id': 1, 'quantity': 1, 'price': '1.00', 'price_set'"})
    void whereTheOrderNamesNoCurrencyItsAmountsDo(String where) {
        JsonNode order = record("orders/create", "{'id': 1, 'financial_status': 'paid', " + where + ": {'shop_money':"
                + " {'amount': '100.00', 'currency_code': 'USD'}, 'presentment_money': {'amount': '130.00',"
                + " 'currency_code': 'CAD'}}" + (where.endsWith("'price_set'") ? "}]" : "") + "}");

        assertThat(order.at("/totals/net/shop")).isEqualTo(Json.readOwn("{\"amount\":\"100.00\",\"currency\":\"USD\"}"
                .getBytes(StandardCharsets.UTF_8)));
        assertThat(order.at("/totals/net/presentment/currency").asText()).isEqualTo("CAD");
        assertThat(order.path("currency").asText()).isEqualTo("USD");
        assertThat(order.path("presentment_currency").asText()).isEqualTo("CAD");
    }

    /** Its times stay; only its transaction moves on. */
    @Test
    void theNewestMoneyOfARefundCountsInAnyOrderOfArrival() {
        String refund = "{'id': 9, 'order_id': 1, 'created_at': '2026-03-02T10:00:00Z', 'processed_at':"
                + " '2026-03-02T10:00:00Z', 'note': '%s', 'transactions': [{'kind': 'refund', 'status': '%s', 'amount':"
                + " '30.00'}]}";
        for (int i = 0; i < 20; i++) {
            Version pending = version(refund.formatted("n" + i, "pending"));
            Version success = version(refund.formatted("n" + i, "success"));
            assertThat(success).isGreaterThan(pending);
        }
    }

    /** An app may sell a line without a title, and its order is none the less delivered. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'title': '', 'name': '', 'sku': 'MUG-1', 'variant_id': 91 | MUG-1",
        "'title': ' ', 'name': ' ', 'sku': null, 'variant_id': 91 | 91",
        "'title': null, 'variant_title': 'Blue' | Blue", "'title': '', 'name': 'Mug' | Mug", "'grams': 2 | 7"})
    void aLineWithoutATitleIsCalledByWhatElseItSays(String says, String name) {
        JsonNode order = order("'name': '#1', 'created_at': '2026-03-02T10:00:00Z', 'line_items': [{'id':"
                + " 7, 'quantity': 1, 'price': '5.00', " + says + "}]");

        assertThat(order.at("/line_items/0/title").asText()).isEqualTo(name);
        for (Mapping mapping : Mappings.load(Path.of("mappings")).all()) {
            if (mapping.entity().equals(RecordKey.ORDER)) {
                assertThat(mapping.map(order, MAIN).refusals()).as("" + mapping.file()).isEmpty();
                mapping.children().forEach(child -> child.each(order, MAIN).forEach(line ->
                        assertThat(child.map(line, MAIN).refusals()).as("" + mapping.file()).isEmpty()));
            }
        }
    }

    /** Of both, a subscription may have one. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"'tracking_number': 'T1' | [\"T1\"]",
        "'tracking_number': 'T1', 'tracking_numbers': ['T1', 'T2'] | [\"T1\",\"T2\"]",
        "'tracking_number': 'T1', 'tracking_numbers': [] | []", "'tracking_number': '' | \"\""})
    void aParcelIsTrackedByItsOneNumberToo(String says, String numbers) {
        JsonNode parcel = order("'fulfillments': [{'id': 3, 'status': 'success', " + says + "}]").at("/fulfillments/0");

        assertThat(parcel.has("tracking_numbers") ? parcel.get("tracking_numbers").toString() : "\"\"")
                .isEqualTo(numbers);
    }

    /** The same property is a name of an object in one body, and a value of a list in another. */
    @ParameterizedTest
    @ValueSource(strings = {"{'deliver_at': '2026-03-01T10:00:00+01:00', 'gift_id': 12, 'company': 'A '}",
        "[{'name': 'deliver_at', 'value': '2026-03-01T10:00:00+01:00'}, {'name': 'gift_id', 'value': 12},"
            + " {'name': 'company', 'value': 'A '}]"})
    void whatABuyerWroteOfALineStaysAsItIsInEveryShape(String properties) {
        JsonNode line = order("'line_items': [{'id': 7, 'title': 'Mug', 'properties': " + properties + "}]")
                .at("/line_items/0");

        assertThat(line.at("/attributes/deliver_at").asText()).isEqualTo("2026-03-01T10:00:00+01:00");
        assertThat(line.at("/attributes/gift_id").isInt()).isTrue();
        assertThat(line.at("/attributes/company").asText()).isEqualTo("A ");
    }

    @Test
    void theReportedCasesComeOutRightInEveryForm() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(CASES), "there are no " + CASES);
        check("refunds-without-money/a-orders-updated-edit.json", "0.00", "90.00");
        check("refunds-without-money/b-orders-updated-pending.json", "0.00", "90.00");
        check("refunds-without-money/c-orders-updated-declined.json", "0.00", "90.00");
        check("exchanges/a-orders-updated-dearer.json", "0.00", "250.00");
        check("exchanges/b-orders-updated-cheaper.json", "40.00", "60.00");
        JsonNode order = json(CASES.resolve("line-discounts/orders-create.json"));
        assertThat(record("orders/create", order.toString()).at("/line_items/0/discount/shop/amount").asText())
                .isEqualTo("9.60");
    }

    private static void check(String file, String refunded, String net) throws IOException {
        JsonNode record = record("orders/updated", json(CASES.resolve(file)).toString());
        assertThat(record.at("/totals/refunded/shop/amount").asText()).as(file).isEqualTo(refunded);
        assertThat(record.at("/totals/net/shop/amount").asText()).as(file).isEqualTo(net);
        for (Mapping mapping : Mappings.load(Path.of("mappings")).all()) {
            if (mapping.entity().equals(RecordKey.ORDER)) {
                String at = file + " " + mapping.file();
                mapping.map(record, MAIN).fields().forEach((field, value) -> {
                    if (List.of("net", "shopify_net_total", "Shopify_Net__c", "amount").contains(field)) {
                        assertThat(new BigDecimal(value.asText())).as(at).isEqualByComparingTo(net);
                    } else if (List.of("refunded", "shopify_refunded_total", "Shopify_Refunded__c").contains(field)) {
                        assertThat(new BigDecimal(value.asText())).as(at).isEqualByComparingTo(refunded);
                    }
                });
            }
        }
    }

    @Test
    void shopifysOwnExamplesAddUp() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(PAYLOADS), "there are no example payloads in " + PAYLOADS);
        List<Path> files;
        try (Stream<Path> all = Files.walk(PAYLOADS)) {
            files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
        int orders = 0;
        for (Path file : files) {
            for (JsonNode body : bodies(file)) {
                boolean order = body.has("total_price") && body.has("line_items") && body.has("financial_status");
                boolean checkout = body.has("total_price") && body.has("abandoned_checkout_url");
                if (order || checkout) {
                    compare(file, body, record(order ? "orders/updated" : "checkouts/update", body.toString()), order);
                    orders++;
                }
            }
        }
        assertThat(orders).isGreaterThan(20);
    }

    private static void compare(Path file, JsonNode body, JsonNode record, boolean order) {
        String money = order ? "shop" : "presentment";
        BigDecimal total = new BigDecimal(body.get("total_price").asText());
        same(file, record, "original/" + money, total);
        same(file, record, "discounts/" + money, number(body.path("total_discounts")));
        same(file, record, "tax/" + money, number(body.path("total_tax")));
        same(file, record, "subtotal/" + money, number(body.path("subtotal_price")));
        BigDecimal back = BigDecimal.ZERO;
        for (JsonNode refund : body.path("refunds")) {
            for (JsonNode transaction : refund.path("transactions")) {
                if (transaction.path("status").asText().equals("success")) {
                    back = back.add(number(transaction.path("amount")));
                }
            }
        }
        if (order) {
            BigDecimal current = body.hasNonNull("current_total_price") ? number(body.path("current_total_price"))
                    : total;
            same(file, record, "current/shop", current);
            same(file, record, "refunded/shop", back);
            same(file, record, "net/shop", current.min(total.subtract(back)));
        }
        for (int i = 0; i < body.path("line_items").size(); i++) {
            JsonNode line = body.path("line_items").get(i);
            BigDecimal discount = number(line.path("total_discount"));
            if (order && discount == null && line.path("discount_allocations").isArray()
                    || !line.path("discount_allocations").isEmpty()) {
                discount = BigDecimal.ZERO;
                for (JsonNode allocation : line.path("discount_allocations")) {
                    discount = discount.add(number(allocation.path("amount")));
                }
            }
            BigDecimal was = number(record.path("line_items").get(i).at("/discount/" + money + "/amount"));
            assertThat(was).as(file + " line " + i).usingComparator(OrderTotalsTest::compareNumbers)
                    .isEqualTo(discount);
        }
    }

    private static void same(Path file, JsonNode record, String total, BigDecimal expected) {
        assertThat(number(record.at("/totals/" + total + "/amount"))).as(file + " " + total)
                .usingComparator(OrderTotalsTest::compareNumbers).isEqualTo(expected);
    }

    private static int compareNumbers(BigDecimal one, BigDecimal other) {
        return one == null || other == null ? one == other ? 0 : 1 : one.compareTo(other);
    }

    private static BigDecimal number(JsonNode value) {
        return value.isMissingNode() || value.isNull() || value.asText().isBlank() ? null
                : new BigDecimal(value.asText());
    }

    private static List<JsonNode> bodies(Path file) throws IOException {
        List<JsonNode> bodies = new ArrayList<>();
        try {
            JsonNode json = json(file);
            bodies.add(json.has("body") ? json.get("body") : json.has("response") ? json.get("response")
                    : json.has("order") ? json.get("order") : json);
            json.path("orders").forEach(bodies::add);
        } catch (JacksonException e) {
            // One of the examples of what is no JSON.
        }
        return bodies;
    }

    private static String refund(String transaction, String subtotal) {
        return "'refunds': [{'id': 1, 'transactions': [" + transaction + "], 'refund_line_items': [{'line_item_id': 7,"
                + " 'quantity': 1, 'subtotal': '" + subtotal + "', 'total_tax': '0.00'}], 'order_adjustments': []}]";
    }

    private static Version version(String refund) {
        ReceivedEvent event = new ReceivedEvent(1, "main", "refunds/create", null, Instant.EPOCH,
                refund.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        return Topics.ofNoInstallation(SHOPIFY, "US").read(event).orElseThrow().get(0).version();
    }

    private static JsonNode totals(String fields) {
        return order(fields).path("totals");
    }

    private static JsonNode order(String fields) {
        return record("orders/updated", "{'id': 1, 'currency': 'USD', " + fields + "}");
    }

    private static JsonNode record(String topic, String body) {
        return PayloadRecords.of(SHOPIFY, "main", "US", topic, body.replace('\'', '"').getBytes(StandardCharsets.UTF_8)).stream()
                .filter(record -> record.json().has("totals")).findFirst().orElseThrow().json();
    }

    private static JsonNode json(Path file) throws IOException {
        return Json.read(Files.readAllBytes(file));
    }
}
