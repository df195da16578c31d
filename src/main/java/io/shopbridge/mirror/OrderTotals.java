package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.Json;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Set;

/**
 * What an order or checkout amounts to, in both its currencies: {@code totals.{original,current,refunded,net,paid,
 * outstanding,subtotal,discounts,shipping,tax}.{shop,presentment}.{amount,currency}}, amounts as decimal text.
 *
 * <ul>
 * <li>original: all that was ever ordered, before returns and without what edits took off again
 * <li>current: what the order is now, after edits, returns and cancellation
 * <li>refunded: what was paid back, by refund transactions that succeeded; null where a refund doesn't tell, or the
 * payment status says that there was more than the known refunds
 * <li>net: what was paid and not paid back; of what isn't paid (yet), what is to be paid; null where some was paid back
 * and the amount is unknown
 * <li>paid: the part of net that was really paid; null if the amount is unknown
 * <li>outstanding: what Shopify says is still to be paid, negative where the shop is to pay back; null where it doesn't
 * </ul>
 *
 * <p>What a till rounds off cash is in none of them: Shopify keeps it apart from an order's payments. Each refund gets
 * a {@code total} of the same shape; each line a {@code unit_price}, the {@code discount} of the units sold, the
 * {@code discounted_unit_price}, which is rounded, the {@code unit_discount}, with up to six decimals, the {@code tax}
 * of the units sold, and {@code net}, what they came to after discounts (with tax where prices include it).
 */
final class OrderTotals {

    private static final Set<String> UNPAID = Set.of("pending", "authorized", "voided", "expired");
    /** Decimals of a discount that does not divide evenly. */
    private static final int FINEST = 6;
    private static final String PARTIALLY_PAID = "partially_paid";
    private static final String PARTIALLY_REFUNDED = "partially_refunded";
    private static final String REFUNDED = "refunded";
    /** Payment states of an order whose money the shop has, all of it or what wasn't paid back. */
    private static final Set<String> HAS_MONEY = Set.of("paid", PARTIALLY_REFUNDED);

    private final ObjectNode order;
    private final MoneyView money;
    private final MoneyView other;
    private final BigDecimal rate;
    private final String status;
    private final boolean isOrder;

    private OrderTotals(ObjectNode order, boolean isOrder, MoneyView money, MoneyView other) {
        this.order = order;
        this.isOrder = isOrder;
        this.money = money;
        this.other = other;
        this.rate = rate(order, money, other);
        String state = Json.text(order, "financial_status");
        this.status = state == null ? "" : state.toLowerCase(Locale.ROOT);
    }

    /**
     * @param isOrder     false for a checkout or draft order
     * @param bareIsShops as {@link MoneyView#nameCurrencies} says
     */
    static void addTo(ObjectNode order, boolean isOrder, boolean bareIsShops) {
        MoneyView shop = MoneyView.shop(order, bareIsShops);
        MoneyView presentment = MoneyView.presentment(order, bareIsShops);
        if (isOrder) {
            LineQuantities.addTo(order);
        }
        ObjectNode totals = JsonNodeFactory.instance.objectNode();
        new OrderTotals(order, isOrder, shop, presentment).add(totals);
        new OrderTotals(order, isOrder, presentment, shop).add(totals);
        order.remove(OutdatedAmounts.EXCHANGED);
        order.set("totals", totals);
    }

    private void add(ObjectNode totals) {
        BigDecimal original = money.amount(order, "total_price");
        BigDecimal current = money.amount(order, "current_total_price");
        current = current == null ? original : current;
        BigDecimal refunded = BigDecimal.ZERO;
        BigDecimal explained = BigDecimal.ZERO;
        for (JsonNode refund : order.path("refunds")) {
            if (refund instanceof ObjectNode object) {
                RefundMoney one = money(refund);
                put(object(object, "total"), money.padded(one.paidBack()));
                refunded = sum(refunded, one.paidBack());
                explained = sum(explained, one.explained());
            }
        }
        for (JsonNode line : order.path("line_items")) {
            if (line instanceof ObjectNode object) {
                line(object);
            }
        }
        BigDecimal net = net(original, current, explained);
        boolean allTold = isAllTold(refunded, net);
        if (!allTold && current != null && money.amount(order, "net_payment") == null) {
            net = status.equals(REFUNDED) ? due(MoneyView.orZero(net)) : null;
        }
        put(object(totals, "original"), original);
        put(object(totals, "current"), current);
        put(object(totals, "refunded"), allTold ? money.padded(refunded) : null);
        put(object(totals, "net"), money.padded(net));
        put(object(totals, "paid"), isOrder ? money.padded(paid(net)) : null);
        if (isOrder) {
            put(object(totals, "outstanding"), outstanding());
        }
        put(object(totals, "subtotal"), money.amount(order, "subtotal_price"));
        put(object(totals, "discounts"), money.amount(order, "total_discounts"));
        put(object(totals, "shipping"), shipping());
        put(object(totals, "tax"), money.amount(order, "total_tax"));
    }

    private static BigDecimal sum(BigDecimal one, BigDecimal other) {
        return one == null || other == null ? null : one.add(other);
    }

    /** Whether what is known to have been paid back is as much as the payment status says. */
    private boolean isAllTold(BigDecimal refunded, BigDecimal net) {
        return refunded != null && switch (status) {
            case PARTIALLY_REFUNDED -> refunded.signum() > 0;
            case REFUNDED -> refunded.signum() > 0 && (net == null || net.compareTo(due(net)) <= 0);
            default -> true;
        };
    }

    private RefundMoney money(JsonNode refund) {
        return new RefundMoney(refund, money, other, rate, order.path("taxes_included").asBoolean(false));
    }

    /**
     * The API says what was received less what was paid back. Webhooks don't: what the order is now, with what the
     * buyer should get back and hasn't yet; but never more than all that was ordered less what was paid back of it.
     *
     * @param back what was paid back, without what an edit had made too much; null where that isn't known
     */
    private BigDecimal net(BigDecimal original, BigDecimal current, BigDecimal back) {
        BigDecimal netPayment = money.amount(order, "net_payment");
        if (netPayment != null) {
            return netPayment.add(due(current == null ? null : current.subtract(netPayment).max(BigDecimal.ZERO)));
        }
        if (current == null || back == null) {
            return null;
        }
        BigDecimal left = original == null ? null : original.subtract(back).max(BigDecimal.ZERO);
        BigDecimal owed = owed(current, left);
        if (left == null) {
            return current.add(owed);
        }
        return outstanding() == null || owed.signum() == 0 ? current.add(owed).min(left)
                : current.min(original).add(owed);
    }

    private BigDecimal paid(BigDecimal net) {
        BigDecimal netPayment = money.amount(order, "net_payment");
        if (netPayment != null || net == null) {
            return netPayment;
        }
        if (status.equals(PARTIALLY_PAID) && outstanding() == null) {
            return null;
        }
        return net.subtract(due(net).min(net)).max(BigDecimal.ZERO);
    }

    /**
     * What is still to be paid.
     *
     * @param unpaid what that is where nothing was paid
     */
    private BigDecimal due(BigDecimal unpaid) {
        BigDecimal outstanding = outstanding();
        if (UNPAID.contains(status) || outstanding == null && status.equals(PARTIALLY_PAID)) {
            // Shopify takes an authorization for paid, and so has nothing outstanding.
            return MoneyView.orZero(unpaid);
        }
        return MoneyView.orZero(outstanding).max(BigDecimal.ZERO);
    }

    /**
     * What the shop has and isn't the shop's any more.
     *
     * @param left all that was ordered less what was paid back
     */
    private BigDecimal owed(BigDecimal current, BigDecimal left) {
        BigDecimal outstanding = outstanding();
        BigDecimal owed = MoneyView.orZero(outstanding).negate();
        BigDecimal underWay = BigDecimal.ZERO;
        for (JsonNode refund : order.path("refunds")) {
            RefundMoney one = money(refund);
            underWay = underWay.add(outstanding == null ? one.notPaidBack() : one.pending());
        }
        owed = owed.max(underWay);
        // Cancelled, and nothing says that money went back or will: the shop keeps it.
        return owed.signum() <= 0 && left != null && HAS_MONEY.contains(status)
                && Json.text(order, "cancelled_at") != null ? left.subtract(current).max(BigDecimal.ZERO)
                : owed.max(BigDecimal.ZERO);
    }

    /** Positive where the buyer is to pay, negative where the shop is to pay back; null if unknown. */
    private BigDecimal outstanding() {
        BigDecimal here = money.amount(order, "total_outstanding");
        if (here != null) {
            return here;
        }
        BigDecimal there = other.amount(order, "total_outstanding");
        return there == null || there.signum() == 0 ? there : rate == null ? null : money.round(there.multiply(rate));
    }

    private void line(ObjectNode line) {
        BigDecimal price = money.amount(line, "price");
        BigDecimal discount = discount(line);
        put(object(line, "unit_price"), price);
        put(object(line, "discount"), discount);
        long sold = sold(line);
        put(object(line, "discounted_unit_price"), price == null || discount == null || sold <= 0
                || discount.signum() == 0 ? price : money.round(price.subtract(discount.divide(BigDecimal.valueOf(sold),
                        MathContext.DECIMAL64))));
        put(object(line, "unit_discount"), discount == null || sold <= 0 || discount.signum() == 0 ? discount
                : money.padded(discount.divide(BigDecimal.valueOf(sold), FINEST, RoundingMode.HALF_UP)
                        .stripTrailingZeros()));
        put(object(line, "tax"), ofSold(line, sum(line, "tax_lines", "price")));
        put(object(line, "net"), price == null || discount == null ? null
                : money.padded(price.multiply(BigDecimal.valueOf(sold)).subtract(discount)));
    }

    /**
     * The discounts of the whole order and of codes are only in the allocations, those of the line in both. They count
     * units that an edit removed; these leave with their part of the discount. Of an order, no allocation is no discount
     * where the body does not say the line's own; of a cart, only webhooks have the list.
     */
    private BigDecimal discount(ObjectNode line) {
        boolean isAllocated = !line.path("discount_allocations").isEmpty();
        BigDecimal own = isAllocated ? null : money.amount(line, "total_discount");
        return ofSold(line, isAllocated || own == null && isOrder ? sum(line, "discount_allocations", "amount") : own);
    }

    /** What the elements of a list come to; null where there is no list, or one of them has no amount. */
    private BigDecimal sum(ObjectNode holder, String list, String field) {
        if (!holder.path(list).isArray()) {
            return null;
        }
        BigDecimal sum = money.padded(BigDecimal.ZERO);
        for (JsonNode element : holder.path(list)) {
            BigDecimal amount = money.amount(element, field);
            if (amount == null) {
                return null;
            }
            sum = element.path("is_removed").asBoolean(false) ? sum : sum.add(amount);
        }
        return sum;
    }

    /** The part that the units sold have in an amount of all that were ever ordered. */
    private BigDecimal ofSold(ObjectNode line, BigDecimal amount) {
        long ordered = line.path("quantity").asLong(0);
        long sold = sold(line);
        return amount == null || sold >= ordered || ordered <= 0 ? amount
                : money.round(amount.multiply(BigDecimal.valueOf(sold)).divide(BigDecimal.valueOf(ordered),
                        MathContext.DECIMAL64));
    }

    private static long sold(JsonNode line) {
        return line.path("sold_quantity").asLong(line.path("quantity").asLong(0));
    }

    /** Checkouts have no total for it, only the lines. */
    private BigDecimal shipping() {
        BigDecimal total = money.amount(order, "total_shipping_price");
        return total == null ? sum(order, "shipping_lines", "price") : total;
    }

    /** What one unit of the other currency is in this one, by a total that was told in both at once. */
    private static BigDecimal rate(ObjectNode order, MoneyView money, MoneyView other) {
        if (money.currency() != null && money.currency().equals(other.currency())) {
            return BigDecimal.ONE;
        }
        JsonNode exchanged = order.path(OutdatedAmounts.EXCHANGED);
        BigDecimal here = MoneyView.decimal(exchanged.path(money.name() + "_money").path("amount"));
        BigDecimal there = MoneyView.decimal(exchanged.path(other.name() + "_money").path("amount"));
        return here == null || there == null ? null : here.divide(there, MathContext.DECIMAL64);
    }

    /** The object in this field; a new one where the body has something else there. */
    private static ObjectNode object(ObjectNode holder, String field) {
        return holder.path(field) instanceof ObjectNode object ? object : holder.putObject(field);
    }

    private void put(ObjectNode total, BigDecimal amount) {
        total.putObject(money.name()).put("amount", amount == null ? null : amount.toPlainString())
                .put("currency", money.currency());
    }
}
