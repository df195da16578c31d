package io.shopbridge.mirror;

import io.shopbridge.shopify.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The money of one refund: the sum of its successful transactions. Shopify also lists refunds without money, such as
 * those of an edit or an exchange, and transactions that are pending or declined.
 */
final class RefundMoney {

    private static final String TRANSACTIONS = "transactions";
    private static final String LINES = "refund_line_items";
    private static final String SHIPPING = "refund_shipping_lines";
    private static final String ADJUSTMENTS = "order_adjustments";

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

    /**
     * What was paid back. Where the record says nothing of transactions, what its parts add up to. Null where it
     * doesn't tell these either, or not in amounts of this currency.
     */
    BigDecimal paidBack() {
        return refund.path(TRANSACTIONS).isArray() ? sum(RefundMoney::isSuccess) : parts(money);
    }

    /**
     * The part of it that the refund gives a reason for; the rest is what an edit had made too much. All of it where
     * the record doesn't tell the reasons. Null where that isn't known.
     */
    BigDecimal explained() {
        BigDecimal reasons = refund.path(LINES).isArray() && refund.path(ADJUSTMENTS).isArray() ? parts(money) : null;
        BigDecimal paidBack = paidBack();
        return reasons == null || paidBack == null ? paidBack : paidBack.min(reasons.max(BigDecimal.ZERO));
    }

    /** What was to be paid back and is still on its way, as far as it is told. */
    BigDecimal pending() {
        return MoneyView.orZero(sum(RefundMoney::isPending));
    }

    /**
     * What was to be paid back and has not been, as far as it is told: on its way, or declined and not made good by a
     * later success.
     */
    BigDecimal notPaidBack() {
        BigDecimal unsuccessful = MoneyView.orZero(sum(status -> !isSuccess(status)));
        BigDecimal worth = parts(money);
        return worth == null || worth.signum() <= 0 ? unsuccessful
                : worth.subtract(MoneyView.orZero(sum(RefundMoney::isSuccess))).max(BigDecimal.ZERO).min(unsuccessful);
    }

    private static boolean isSuccess(String status) {
        return status.equalsIgnoreCase("success");
    }

    private static boolean isPending(String status) {
        return status.equalsIgnoreCase("pending") || status.equalsIgnoreCase("awaiting_response");
    }

    /** Null where one of these transactions has no amount, or none in a currency that can be told in this one. */
    private BigDecimal sum(Predicate<String> status) {
        BigDecimal sum = BigDecimal.ZERO;
        BigDecimal foreign = BigDecimal.ZERO;
        BigDecimal by = rate;
        for (JsonNode transaction : refund.path(TRANSACTIONS)) {
            if (!transaction.path("kind").asText().equalsIgnoreCase("refund")
                    || !status.test(transaction.path("status").asText())) {
                continue;
            }
            BigDecimal amount = MoneyView.decimal(transaction.path("amount_set").path(money.name() + "_money")
                    .path("amount"));
            BigDecimal bare = MoneyView.decimal(transaction.path("amount"));
            if (amount != null) {
                sum = sum.add(amount);
            } else if (bare == null) {
                return null;
            } else if (isOurs(Json.text(transaction, "currency"))) {
                sum = sum.add(bare);
            } else {
                foreign = foreign.add(bare);
                by = isTheirs(Json.text(transaction, "currency")) ? by : null;
            }
        }
        if (foreign.signum() == 0) {
            return sum;
        }
        BigDecimal converted = converted(foreign, by);
        return converted == null ? null : sum.add(converted);
    }

    /** A transaction that names no currency is in the shop's. */
    private boolean isOurs(String currency) {
        return currency == null ? money.bare() : money.currency() == null || currency.equals(money.currency());
    }

    /** Where the order doesn't name its other currency, a transaction may be in a third one for all that is known. */
    private boolean isTheirs(String currency) {
        return currency == null || currency.equals(other.currency());
    }

    /**
     * By what the refund's parts are in both currencies, which are exact where they are all that was paid back; null
     * where nothing tells.
     */
    private BigDecimal converted(BigDecimal foreign, BigDecimal byOrder) {
        BigDecimal here = parts(money);
        BigDecimal there = parts(other);
        boolean inBoth = here != null && there != null && here.signum() != 0 && there.signum() != 0;
        if (inBoth && there.compareTo(foreign) == 0) {
            return here;
        }
        BigDecimal by = inBoth ? here.divide(there, MathContext.DECIMAL64) : byOrder;
        return by != null ? money.round(foreign.multiply(by)) : here == null || here.signum() == 0 ? null : here;
    }

    /**
     * Lines with their tax, shipping, duties and adjustments; null where the record tells nothing of them, or one of
     * them has no amount: bodies need not have all fields.
     */
    private BigDecimal parts(MoneyView view) {
        boolean shipping = !refund.path(SHIPPING).isEmpty();
        List<BigDecimal> parts = new ArrayList<>();
        for (JsonNode line : refund.path(LINES)) {
            parts.add(withTax(view, line, "subtotal", "total_tax"));
        }
        for (JsonNode line : refund.path(SHIPPING)) {
            parts.add(withTax(view, line, "subtotal_amount", "tax_amount"));
        }
        for (JsonNode adjustment : refund.path(ADJUSTMENTS)) {
            // Refunded shipping may stand in both lists. Adjustments are negative where they are paid to the buyer.
            if (!shipping || !adjustment.path("kind").asText().equalsIgnoreCase("shipping_refund")) {
                BigDecimal amount = withTax(view, adjustment, "amount", "tax_amount");
                parts.add(amount == null ? null : amount.negate());
            }
        }
        boolean told = Stream.of(LINES, SHIPPING, ADJUSTMENTS).anyMatch(list -> refund.path(list).isArray());
        return !told || parts.contains(null) ? null
                : parts.stream().reduce(duties(view), BigDecimal::add);
    }

    /** Webhooks have their sum as well, answers each of them. */
    private BigDecimal duties(MoneyView view) {
        BigDecimal duties = view.amountOrZero(refund, "total_duties");
        if (duties.signum() == 0) {
            for (JsonNode duty : refund.path("duties")) {
                duties = duties.add(view.amountOrZero(duty, "amount"));
            }
        }
        return duties;
    }

    private BigDecimal withTax(MoneyView view, JsonNode part, String amount, String tax) {
        BigDecimal without = view.amount(part, amount);
        return taxesIncluded || without == null ? without : without.add(view.amountOrZero(part, tax));
    }
}
