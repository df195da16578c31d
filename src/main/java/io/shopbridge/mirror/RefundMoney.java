package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.Predicate;

/**
 * The money of one refund. What moved it are its transactions, and of these only the successful ones: Shopify also
 * lists refunds that moved nothing, such as an edit's or an exchange's, and others whose money is still under way or
 * was declined.
 */
final class RefundMoney {

    private static final String TRANSACTIONS = "transactions";

    private final JsonNode refund;
    private final MoneyView money;
    private final MoneyView other;
    private final BigDecimal rate;
    private final boolean taxesIncluded;

    /**
     * @param money the currency of the answers
     * @param other the order's other currency, which transactions may be in
     * @param rate  what one unit of the other currency is in this one, by the order's own totals; null: not known
     */
    RefundMoney(JsonNode refund, MoneyView money, MoneyView other, BigDecimal rate, boolean taxesIncluded) {
        this.refund = refund;
        this.money = money;
        this.other = other;
        this.rate = rate;
        this.taxesIncluded = taxesIncluded;
    }

    /** What was paid back. Where the record says nothing of transactions, what its parts add up to. */
    BigDecimal paidBack() {
        return refund.path(TRANSACTIONS).isArray() ? sum(RefundMoney::isSuccess) : parts(money);
    }

    /**
     * The part of it that the refund gives a reason for; the rest is what an edit had made too much. All of it where
     * the record doesn't tell the reasons.
     */
    BigDecimal explained() {
        boolean tellsReasons = refund.path("refund_line_items").isArray() && refund.path("order_adjustments").isArray();
        return tellsReasons ? paidBack().min(parts(money).max(BigDecimal.ZERO)) : paidBack();
    }

    /** What was to be paid back and is still on its way. */
    BigDecimal pending() {
        return sum(RefundMoney::isPending);
    }

    /** What was to be paid back and has not been: on its way, or declined and not made good by a later success. */
    BigDecimal notPaidBack() {
        BigDecimal unsuccessful = sum(status -> !isSuccess(status));
        BigDecimal worth = parts(money);
        return worth.signum() <= 0 ? unsuccessful
                : worth.subtract(sum(RefundMoney::isSuccess)).max(BigDecimal.ZERO).min(unsuccessful);
    }

    /** A number that grows with whatever happens to the refund's money: a transaction more, or one that has ended. */
    static int progress(JsonNode refund) {
        int progress = 0;
        for (JsonNode transaction : refund.path(TRANSACTIONS)) {
            progress += isPending(transaction.path("status").asText()) ? 1 : 2;
        }
        return progress;
    }

    private static boolean isSuccess(String status) {
        return status.equalsIgnoreCase("success");
    }

    private static boolean isPending(String status) {
        return status.equalsIgnoreCase("pending") || status.equalsIgnoreCase("awaiting_response");
    }

    private BigDecimal sum(Predicate<String> status) {
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal foreign = BigDecimal.ZERO;
        for (JsonNode transaction : refund.path(TRANSACTIONS)) {
            if (!transaction.path("kind").asText().equalsIgnoreCase("refund")
                    || !status.test(transaction.path("status").asText())) {
                continue;
            }
            BigDecimal amount = MoneyView.decimal(transaction.path("amount_set").path(money.name() + "_money")
                    .path("amount"));
            BigDecimal bare = MoneyView.orZero(MoneyView.decimal(transaction.path("amount")));
            if (amount != null) {
                sum = sum.add(amount);
            } else if (isOurs(Payload.text(transaction, "currency"))) {
                sum = sum.add(bare);
            } else {
                foreign = foreign.add(bare);
            }
        }
        return foreign.signum() == 0 ? sum : sum.add(converted(foreign));
    }

    /** A transaction that names no currency is in the shop's. */
    private boolean isOurs(String currency) {
        return currency == null ? money.bare() : money.currency() == null || currency.equals(money.currency());
    }

    /** By what the refund's parts are in both currencies, which are exact where they are all that was paid back. */
    private BigDecimal converted(BigDecimal foreign) {
        BigDecimal here = parts(money);
        BigDecimal there = parts(other);
        if (there.compareTo(foreign) == 0) {
            return here;
        }
        BigDecimal by = there.signum() != 0 && here.signum() != 0 ? here.divide(there, MathContext.DECIMAL64) : rate;
        return by == null ? here : money.round(foreign.multiply(by));
    }

    /** Lines with their tax, shipping, duties and adjustments. */
    private BigDecimal parts(MoneyView view) {
        BigDecimal sum = BigDecimal.ZERO;
        for (JsonNode line : refund.path("refund_line_items")) {
            sum = sum.add(withTax(view, line, "subtotal", "total_tax"));
        }
        boolean shipping = !refund.path("refund_shipping_lines").isEmpty();
        for (JsonNode line : refund.path("refund_shipping_lines")) {
            sum = sum.add(withTax(view, line, "subtotal_amount", "tax_amount"));
        }
        sum = sum.add(view.amountOrZero(refund, "total_duties"));
        for (JsonNode adjustment : refund.path("order_adjustments")) {
            // Refunded shipping may stand in both lists. Adjustments are negative where they are paid to the buyer.
            if (!shipping || !adjustment.path("kind").asText().equalsIgnoreCase("shipping_refund")) {
                sum = sum.subtract(withTax(view, adjustment, "amount", "tax_amount"));
            }
        }
        return sum;
    }

    private BigDecimal withTax(MoneyView view, JsonNode part, String amount, String tax) {
        BigDecimal without = view.amountOrZero(part, amount);
        return taxesIncluded ? without : without.add(view.amountOrZero(part, tax));
    }
}
