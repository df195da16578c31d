package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.mirror.OrderLife.Line;
import io.shopbridge.mirror.OrderLife.Money;
import io.shopbridge.mirror.OrderLife.Payment;
import io.shopbridge.mirror.OrderLife.Refund;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Locale;

/** An order's life as Shopify would tell it at this moment: bodies of webhooks, and the answer of the GraphQL API. */
final class OrderLifeBodies {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final OrderLife life;

    OrderLifeBodies(OrderLife life) {
        this.life = life;
    }

    /** The body of orders/create, orders/updated, orders/cancelled and the like. */
    ObjectNode order() {
        ObjectNode order = JSON.objectNode().put("id", life.id).put("admin_graphql_api_id", gid("Order", life.id))
                .put("name", "#" + life.id % 10_000).put("email", "buyer@example.com").put("test", false)
                .put("currency", life.currencies.shop()).put("presentment_currency", life.currencies.presentment())
                .put("financial_status", life.status()).put("taxes_included", life.taxesIncluded)
                .put("created_at", time(1_750_000_000)).put("processed_at", time(1_750_000_000))
                .put("updated_at", time(life.now)).put("cancelled_at",
                        life.cancelledAt == 0 ? null : time(life.cancelledAt))
                .put("total_outstanding", shop(life.outstanding())).put("total_tip_received", shop(life.tip));
        money(order, "total_price", life.gross());
        money(order, "current_total_price", life.current());
        money(order, "subtotal_price", subtotal());
        money(order, "total_discounts", discounts());
        money(order, "total_tax", tax());
        set(order, "total_shipping_price", life.shipping);
        set(order, "total_cash_rounding_payment_adjustment", life.rounding);
        set(order, "original_total_duties", life.duties);
        ArrayNode lines = order.putArray("line_items");
        for (Line line : life.lines) {
            ObjectNode body = lines.addObject().put("id", line.id).put("name", line.title).put("title", line.title)
                    .put("quantity", line.ordered).put("current_quantity", line.current());
            money(body, "price", line.price);
            money(body, "total_discount", 0);
            ArrayNode allocations = body.putArray("discount_allocations");
            for (long part : parts(line.discount())) {
                money(allocations.addObject().put("discount_application_index", 0), "amount", part);
            }
        }
        ArrayNode refunds = order.putArray("refunds");
        life.refunds.forEach(refund -> refunds.add(refund(refund)));
        order.putArray("returns");
        return order;
    }

    /** The body of refunds/create, and what stands in an order's. */
    ObjectNode refund(Refund refund) {
        ObjectNode body = JSON.objectNode().put("id", refund.id).put("admin_graphql_api_id", gid("Refund", refund.id))
                .put("order_id", life.id).put("created_at", time(refund.at)).put("processed_at", time(refund.at));
        if (refund.ofReturn) {
            body.putObject("return").put("id", refund.id + 1);
        } else {
            body.putNull("return");
        }
        set(body, "total_duties", refund.duties);
        ArrayNode shippingLines = body.putArray("refund_shipping_lines");
        ArrayNode adjustments = body.putArray("order_adjustments");
        if (refund.shipping > 0) {
            if (!refund.shippingAsAdjustment) {
                ObjectNode line = shippingLines.addObject();
                set(line, "subtotal_amount", refund.shipping);
                set(line, "tax_amount", 0);
            }
            if (refund.shippingAsAdjustment || refund.id % 2 == 0) {
                money(adjustments.addObject().put("kind", "shipping_refund"), "amount", -refund.shipping);
            }
        }
        if (refund.goodwill > 0) {
            money(adjustments.addObject().put("kind", "refund_discrepancy"), "amount", -refund.goodwill);
        }
        ArrayNode lines = body.putArray("refund_line_items");
        for (int i = 0; i < refund.lines.size(); i++) {
            Line line = refund.lines.get(i);
            int units = refund.units.get(i);
            ObjectNode one = lines.addObject().put("line_item_id", line.id).put("quantity", units);
            money(one, "subtotal", units * (line.price - line.unitDiscount));
            money(one, "total_tax", units * line.tax);
        }
        ArrayNode transactions = body.putArray("transactions");
        for (Payment payment : refund.payments) {
            boolean inPresentment = payment.id % 3 != 0;
            transactions.addObject().put("id", payment.id).put("kind", "refund").put("status", word(payment.status))
                    .put("amount", inPresentment ? presentment(payment.amount) : shop(payment.amount))
                    .put("currency", inPresentment ? life.currencies.presentment() : life.currencies.shop())
                    .put("created_at", time(refund.at)).put("processed_at", time(payment.at));
        }
        return body;
    }

    /** The body of orders/edited. */
    ObjectNode edited() {
        ObjectNode body = JSON.objectNode();
        body.putObject("order_edit").put("id", life.now).put("order_id", life.id).put("committed_at", time(life.now));
        return body;
    }

    /** What the fragment of mappings/shopify/order.yaml would give. */
    ObjectNode answer() {
        ObjectNode order = JSON.objectNode();
        ObjectNode answer = JSON.objectNode();
        answer.putObject("data").set("order", order);
        order.put("__typename", "Order").put("id", gid("Order", life.id)).put("name", "#" + life.id % 10_000)
                .put("email", "buyer@example.com").put("test", false).put("createdAt", time(1_750_000_000))
                .put("processedAt", time(1_750_000_000)).put("updatedAt", time(life.now))
                .put("cancelledAt", life.cancelledAt == 0 ? null : time(life.cancelledAt))
                .put("currencyCode", life.currencies.shop())
                .put("presentmentCurrencyCode", life.currencies.presentment())
                .put("displayFinancialStatus", life.status().toUpperCase(Locale.ROOT))
                .put("taxesIncluded", life.taxesIncluded);
        bag(order, "totalPriceSet", life.gross());
        bag(order, "currentTotalPriceSet", life.current());
        bag(order, "totalReceivedSet", life.received);
        bag(order, "totalOutstandingSet", life.outstanding());
        bag(order, "netPaymentSet", life.paid());
        bag(order, "subtotalPriceSet", subtotal());
        bag(order, "totalDiscountsSet", discounts());
        bag(order, "totalShippingPriceSet", life.shipping);
        bag(order, "totalTaxSet", tax());
        ArrayNode lines = connection(order, "lineItems");
        for (Line line : life.lines) {
            ObjectNode node = lines.addObject().put("id", gid("LineItem", line.id)).put("title", line.title)
                    .put("name", line.title).put("quantity", line.ordered).put("currentQuantity", line.current());
            bag(node, "originalUnitPriceSet", line.price);
            bag(node, "totalDiscountSet", 0);
            ArrayNode allocations = node.putArray("discountAllocations");
            for (long part : parts(line.discount())) {
                bag(allocations.addObject(), "allocatedAmountSet", part);
            }
        }
        ArrayNode refunds = order.putArray("refunds");
        life.refunds.forEach(refund -> answer(refunds.addObject(), refund));
        return answer;
    }

    private void answer(ObjectNode node, Refund refund) {
        node.put("id", gid("Refund", refund.id)).put("createdAt", time(refund.at)).put("processedAt", time(refund.at));
        if (refund.ofReturn) {
            node.putObject("return").put("id", gid("Return", refund.id + 1));
        } else {
            node.putNull("return");
        }
        ArrayNode duties = node.putArray("duties");
        if (refund.duties > 0) {
            bag(duties.addObject(), "amountSet", refund.duties);
        }
        ArrayNode lines = connection(node, "refundLineItems");
        for (int i = 0; i < refund.lines.size(); i++) {
            Line line = refund.lines.get(i);
            int units = refund.units.get(i);
            ObjectNode one = lines.addObject().put("quantity", units);
            one.putObject("lineItem").put("id", gid("LineItem", line.id));
            bag(one, "subtotalSet", units * (line.price - line.unitDiscount));
            bag(one, "totalTaxSet", units * line.tax);
        }
        ArrayNode shipping = connection(node, "refundShippingLines");
        if (refund.shipping > 0) {
            ObjectNode line = shipping.addObject();
            bag(line, "subtotalAmountSet", refund.shipping);
            bag(line, "taxAmountSet", 0);
        }
        ArrayNode adjustments = connection(node, "orderAdjustments");
        if (refund.goodwill > 0) {
            bag(adjustments.addObject(), "amountSet", -refund.goodwill);
        }
        ArrayNode transactions = connection(node, "transactions");
        for (Payment payment : refund.payments) {
            bag(transactions.addObject().put("id", gid("OrderTransaction", payment.id)).put("kind", "REFUND")
                    .put("status", payment.status.name()).put("createdAt", time(refund.at))
                    .put("processedAt", time(payment.at)), "amountSet", payment.amount);
        }
    }

    private static ArrayNode connection(ObjectNode holder, String name) {
        ObjectNode connection = holder.putObject(name);
        connection.putObject("pageInfo").put("hasNextPage", false);
        return connection.putArray("nodes");
    }

    long subtotal() {
        return life.lines.stream().mapToLong(line -> line.price * line.ordered - line.discount()).sum() - life.tip;
    }

    long discounts() {
        return life.lines.stream().mapToLong(Line::discount).sum();
    }

    long tax() {
        return life.lines.stream().mapToLong(line -> line.tax * line.ordered).sum();
    }

    /** A code's and an automatic discount's part. */
    private static long[] parts(long discount) {
        return discount == 0 ? new long[0] : discount < 10 ? new long[] {discount}
                : new long[] {discount / 3, discount - discount / 3};
    }

    private static String gid(String type, long id) {
        return "gid://shopify/" + type + "/" + id;
    }

    private static String word(Money status) {
        return status.name().toLowerCase(Locale.ROOT);
    }

    private static String time(long second) {
        return Instant.ofEpochSecond(second).toString();
    }

    private void money(ObjectNode body, String name, long amount) {
        body.put(name, shop(amount));
        set(body, name, amount);
    }

    private void set(ObjectNode body, String name, long amount) {
        ObjectNode set = body.putObject(name + "_set");
        set.putObject("shop_money").put("amount", shop(amount)).put("currency_code", life.currencies.shop());
        set.putObject("presentment_money").put("amount", presentment(amount))
                .put("currency_code", life.currencies.presentment());
    }

    private void bag(ObjectNode node, String name, long amount) {
        ObjectNode bag = node.putObject(name);
        bag.putObject("shopMoney").put("amount", answered(shop(amount))).put("currencyCode", life.currencies.shop());
        bag.putObject("presentmentMoney").put("amount", answered(presentment(amount)))
                .put("currencyCode", life.currencies.presentment());
    }

    /** GraphQL writes 25.00 and 25 as 25.0. */
    private static String answered(String amount) {
        BigDecimal number = new BigDecimal(amount).stripTrailingZeros();
        return number.setScale(Math.max(1, number.scale())).toPlainString();
    }

    String shop(long amount) {
        return BigDecimal.valueOf(amount, life.currencies.shopDigits()).toPlainString();
    }

    String presentment(long amount) {
        return BigDecimal.valueOf(amount * life.currencies.factor(), life.currencies.presentmentDigits())
                .toPlainString();
    }
}
