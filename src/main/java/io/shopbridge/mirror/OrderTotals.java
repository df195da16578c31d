package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;

/**
 * What an order came to, exactly, in shop and in presentment money: {@code totals.{original,current,refunded,net}.
 * {shop,presentment}.{amount,currency}}, amounts as decimal text. Net is original less refunded.
 */
final class OrderTotals {

    private static final String SHOP = "shop";
    private static final String PRESENTMENT = "presentment";

    private OrderTotals() {
    }

    static ObjectNode of(ObjectNode order) {
        ObjectNode totals = JsonNodeFactory.instance.objectNode();
        for (String name : new String[] {"original", "current", "refunded", "net"}) {
            totals.putObject(name);
        }
        add(totals, order, SHOP, Payload.text(order, "currency"));
        String presentment = Payload.text(order, "presentment_currency");
        add(totals, order, PRESENTMENT, presentment == null ? Payload.text(order, "currency") : presentment);
        return totals;
    }

    private static void add(ObjectNode totals, ObjectNode order, String money, String currency) {
        BigDecimal original = amount(order, "total_price", money);
        BigDecimal current = amount(order, "current_total_price", money);
        BigDecimal refunded = BigDecimal.ZERO;
        for (JsonNode refund : order.path("refunds")) {
            refunded = refunded.add(refunded(refund, money, currency));
        }
        put(totals, "original", money, original, currency);
        put(totals, "current", money, current == null ? original : current, currency);
        put(totals, "refunded", money, refunded, currency);
        put(totals, "net", money, original == null ? null : original.subtract(refunded), currency);
    }

    /**
     * What was paid back: the sum of the transactions, since a refund can exceed its lines by shipping and adjustments.
     * Where they are in the other currency, or missing, the lines with their tax and the adjustments.
     */
    private static BigDecimal refunded(JsonNode refund, String money, String currency) {
        BigDecimal paid = BigDecimal.ZERO;
        boolean counted = false;
        boolean foreign = false;
        for (JsonNode transaction : refund.path("transactions")) {
            if (transaction.path("kind").asText().equals("refund")
                    && transaction.path("status").asText().equals("success")) {
                String paidIn = Payload.text(transaction, "currency");
                foreign |= paidIn != null && currency != null && !paidIn.equals(currency);
                paid = paid.add(orZero(decimal(transaction.path("amount"))));
                counted = true;
            }
        }
        if (counted && !foreign) {
            return paid;
        }
        BigDecimal lines = BigDecimal.ZERO;
        for (JsonNode line : refund.path("refund_line_items")) {
            lines = lines.add(orZero(amount(line, "subtotal", money))).add(orZero(amount(line, "total_tax", money)));
        }
        for (JsonNode adjustment : refund.path("order_adjustments")) {
            // Adjustments are negative where they are paid to the buyer.
            lines = lines.subtract(orZero(amount(adjustment, "amount", money)))
                    .subtract(orZero(amount(adjustment, "tax_amount", money)));
        }
        return lines;
    }

    /** From {@code <field>_set}; the bare field is shop money (https://shopify.dev/docs/api/admin-rest). */
    private static BigDecimal amount(JsonNode object, String field, String money) {
        JsonNode set = object.path(field + "_set").path(money + "_money").path("amount");
        BigDecimal amount = decimal(set);
        return amount == null ? decimal(object.path(field)) : amount;
    }

    private static BigDecimal decimal(JsonNode value) {
        if (!value.isValueNode() || value.isNull() || value.asText().isBlank()) {
            return null;
        }
        try {
            return value.isNumber() ? value.decimalValue() : new BigDecimal(value.asText().trim());
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static BigDecimal orZero(BigDecimal amount) {
        return amount == null ? BigDecimal.ZERO : amount;
    }

    private static void put(ObjectNode totals, String name, String money, BigDecimal amount, String currency) {
        ObjectNode node = ((ObjectNode) totals.get(name)).putObject(money);
        node.put("amount", amount == null ? null : amount.toPlainString());
        node.put("currency", currency);
    }
}
