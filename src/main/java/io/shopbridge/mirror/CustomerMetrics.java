package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A customer's {@code .metrics}: what was paid and not paid back. Test, cancelled, voided, expired and deleted orders are
 * left out everywhere; orders that nothing was paid of yet count as orders, but not in the amounts. Amounts are decimal text
 * in the shop's currency, exact; the average is rounded half up to the currency's digits.
 * {@code days_since_last_order} is as of now, and changes without any event.
 */
final class CustomerMetrics {

    /**
     * A customer's orders of one currency. A shop has one, but may have had another before.
     *
     * @param priced how many of them something was paid of
     * @param spent  sum of these; may be null
     * @param source  of the first order
     * @param firstOn day of the first order in the shop, and lastOn of the last
     */
    record Part(String currency, long orders, long priced, BigDecimal spent, Instant first, Instant last,
            String source, LocalDate firstOn, LocalDate lastOn) {
    }

    private CustomerMetrics() {
    }

    /** Of one customer. Amounts of a currency that the shop has left can't be added to those of the present one. */
    static ObjectNode of(List<Part> parts, Instant now) {
        return of(parts, currency(parts).orElse(null), now);
    }

    /**
     * Of one person who is several customers: all orders, and the amounts of those in one currency. That is the first
     * customer's, or the next one's where nothing was paid of the first one's.
     */
    static ObjectNode together(List<List<Part>> customers, Instant now) {
        String currency = customers.stream().flatMap(parts -> currency(parts).stream()).findFirst().orElse(null);
        return of(customers.stream().flatMap(List::stream).toList(), currency, now);
    }

    /** That of the last order; an order without a known date counts only if there is no other. */
    private static Optional<String> currency(List<Part> parts) {
        return parts.stream().filter(part -> part.priced() > 0 && part.currency() != null)
                .max(Comparator.comparing(Part::last, Comparator.nullsFirst(Comparator.naturalOrder())))
                .map(Part::currency);
    }

    private static ObjectNode of(List<Part> parts, String currency, Instant now) {
        Part first = parts.stream().filter(part -> part.first() != null).min(Comparator.comparing(Part::first))
                .orElse(null);
        Part last = parts.stream().filter(part -> part.last() != null).max(Comparator.comparing(Part::last))
                .orElse(null);
        List<Part> priced = parts.stream().filter(part -> part.priced() > 0 && part.currency() != null
                && part.currency().equals(currency)).toList();
        BigDecimal spent = priced.stream().map(Part::spent).reduce(BigDecimal.ZERO, BigDecimal::add);
        long orders = priced.stream().mapToLong(Part::priced).sum();
        ObjectNode metrics = JsonNodeFactory.instance.objectNode();
        metrics.put("orders_count", parts.stream().mapToLong(Part::orders).sum());
        metrics.put("total_spent", priced.isEmpty() ? "0.00" : spent.toPlainString());
        metrics.put("average_order_value", priced.isEmpty() ? null : spent.divide(BigDecimal.valueOf(orders),
                MoneyView.digits(currency), RoundingMode.HALF_UP).toPlainString());
        metrics.put("currency", priced.isEmpty() ? null : currency);
        metrics.put("first_order_at", first == null ? null : first.first().toString());
        metrics.put("first_order_source", first == null ? null : first.source());
        metrics.put("last_order_at", last == null ? null : last.last().toString());
        metrics.put("first_order_on", first == null ? null : first.firstOn().toString());
        metrics.put("last_order_on", last == null ? null : last.lastOn().toString());
        if (last == null) {
            metrics.putNull("days_since_last_order");
        } else {
            metrics.put("days_since_last_order", Math.max(0, Duration.between(last.last(), now).toDays()));
        }
        return metrics;
    }
}
