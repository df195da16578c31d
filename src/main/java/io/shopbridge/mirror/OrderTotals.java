package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Numbers;
import java.math.BigDecimal;

/**
 * What an order or checkout amounts to, in both its currencies: {@code totals.{original,current,refunded,net,subtotal,
 * discounts,shipping,tax}.{shop,presentment}.{amount,currency}}, amounts as decimal text. Original is what was ordered,
 * current what it is after edits and returns. Net is what is left of it for the shop: original less refunded, or of an
 * order that nothing was paid back of, current. Each refund gets a {@code total} of the same
 * shape, each line a {@code unit_price} and a {@code discount}.
 */
final class OrderTotals {

    private static final String SHOP = "shop";
    private static final String PRESENTMENT = "presentment";

    private OrderTotals() {
    }

    static void addTo(ObjectNode order) {
        ObjectNode totals = JsonNodeFactory.instance.objectNode();
        String shop = Payload.text(order, "currency");
        String presentment = Payload.text(order, "presentment_currency");
        add(totals, order, SHOP, shop, true);
        add(totals, order, PRESENTMENT, presentment == null ? shop : presentment,
                presentment == null || presentment.equals(shop));
        order.set("totals", totals);
    }

    /** @param bare whether a bare amount is in this currency: it is shop money (https://shopify.dev/docs/api/admin-rest) */
    private static void add(ObjectNode totals, ObjectNode order, String money, String currency, boolean bare) {
        BigDecimal original = amount(order, "total_price", money, bare);
        BigDecimal current = amount(order, "current_total_price", money, bare);
        current = current == null ? original : current;
        BigDecimal refunded = BigDecimal.ZERO;
        for (JsonNode refund : order.path("refunds")) {
            if (!refund.isObject()) {
                continue;
            }
            BigDecimal one = refunded(refund, money, currency, bare);
            put(object((ObjectNode) refund, "total"), money, one, currency);
            refunded = refunded.add(one);
        }
        for (JsonNode line : order.path("line_items")) {
            if (line instanceof ObjectNode object) {
                put(object(object, "unit_price"), money, amount(line, "price", money, bare), currency);
                put(object(object, "discount"), money, amount(line, "total_discount", money, bare), currency);
            }
        }
        put(totals.withObjectProperty("original"), money, original, currency);
        put(totals.withObjectProperty("current"), money, current, currency);
        put(totals.withObjectProperty("refunded"), money, refunded, currency);
        put(totals.withObjectProperty("net"), money, original == null || refunded.signum() == 0 ? current
                : original.subtract(refunded), currency);
        put(totals.withObjectProperty("subtotal"), money, amount(order, "subtotal_price", money, bare), currency);
        put(totals.withObjectProperty("discounts"), money, amount(order, "total_discounts", money, bare), currency);
        put(totals.withObjectProperty("shipping"), money, shipping(order, money, bare), currency);
        put(totals.withObjectProperty("tax"), money, amount(order, "total_tax", money, bare), currency);
    }

    /** Checkouts have no total for it, only the lines. */
    private static BigDecimal shipping(ObjectNode order, String money, boolean bare) {
        BigDecimal total = amount(order, "total_shipping_price", money, bare);
        if (total != null || !order.path("shipping_lines").isArray()) {
            return total;
        }
        BigDecimal sum = BigDecimal.ZERO;
        for (JsonNode line : order.path("shipping_lines")) {
            BigDecimal price = amount(line, "price", money, bare);
            if (price == null) {
                return null;
            }
            sum = sum.add(price);
        }
        return sum;
    }

    /**
     * What was paid back: the sum of the transactions, since a refund can exceed its lines by shipping and adjustments.
     * Where they are in the other currency, or missing, the lines with their tax and the adjustments.
     */
    private static BigDecimal refunded(JsonNode refund, String money, String currency, boolean bare) {
        BigDecimal paid = BigDecimal.ZERO;
        boolean counted = false;
        boolean foreign = false;
        for (JsonNode transaction : refund.path("transactions")) {
            if (transaction.path("kind").asText().equalsIgnoreCase("refund")
                    && transaction.path("status").asText().equalsIgnoreCase("success")) {
                String paidIn = Payload.text(transaction, "currency");
                foreign |= paidIn == null ? !bare : currency != null && !paidIn.equals(currency);
                paid = paid.add(orZero(decimal(transaction.path("amount"))));
                counted = true;
            }
        }
        if (counted && !foreign) {
            return paid;
        }
        BigDecimal lines = BigDecimal.ZERO;
        for (JsonNode line : refund.path("refund_line_items")) {
            lines = lines.add(orZero(amount(line, "subtotal", money, bare)))
                    .add(orZero(amount(line, "total_tax", money, bare)));
        }
        for (JsonNode adjustment : refund.path("order_adjustments")) {
            // Adjustments are negative where they are paid to the buyer.
            lines = lines.subtract(orZero(amount(adjustment, "amount", money, bare)))
                    .subtract(orZero(amount(adjustment, "tax_amount", money, bare)));
        }
        return lines;
    }

    private static BigDecimal amount(JsonNode object, String field, String money, boolean bare) {
        BigDecimal amount = decimal(object.path(field + "_set").path(money + "_money").path("amount"));
        return amount == null && bare ? decimal(object.path(field)) : amount;
    }

    private static BigDecimal decimal(JsonNode value) {
        return Numbers.decimal(value).orElse(null);
    }

    /** The object in this field; a new one where the body has something else there. */
    private static ObjectNode object(ObjectNode holder, String field) {
        return holder.path(field) instanceof ObjectNode object ? object : holder.putObject(field);
    }

    private static BigDecimal orZero(BigDecimal amount) {
        return amount == null ? BigDecimal.ZERO : amount;
    }

    private static void put(ObjectNode total, String money, BigDecimal amount, String currency) {
        total.putObject(money).put("amount", amount == null ? null : amount.toPlainString())
                .put("currency", currency);
    }
}
