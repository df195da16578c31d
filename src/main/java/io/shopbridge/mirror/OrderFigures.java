package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Numbers;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Set;

/**
 * What one order adds to its buyer's figures.
 *
 * @param contact   record id of the customer or guest; null if the order has no customer
 * @param counted   false if it is not a purchase: test, cancelled and deleted orders, one of which only a refund or
 *                  fulfilment is known yet, and one whose authorization was {@link #NOT_TO_BE_PAID given up}
 * @param net       what was paid and not paid back, in shop money; null where the order has no amounts, or nothing was
 *                  paid of it yet
 * @param currency  of {@code net}
 * @param orderedAt when it was placed: an imported order is older than its record
 * @param orderedOn the same as a day, the shop's own
 * @param source    the sales channel, Shopify's {@code source_name}
 */
record OrderFigures(String contact, boolean counted, BigDecimal net, String currency, Instant orderedAt,
        LocalDate orderedOn, String source) {

    /**
     * States of a payment that was authorized and that nobody can collect any more: released by the shop, or not captured
     * within the provider's time, by which some providers also say that it failed.
     *
     * @see <a href="https://shopify.dev/docs/api/admin-graphql/latest/enums/OrderDisplayFinancialStatus">Voided, expired</a>
     */
    private static final Set<String> NOT_TO_BE_PAID = Set.of("voided", "expired");

    /** @param timeZone of the shop, by which a moment in UTC has its day */
    static OrderFigures of(ObjectNode order, boolean complete, ZoneId timeZone) {
        JsonNode paid = order.path("totals").path("paid").path("shop");
        String processedAt = Json.text(order, "processed_at");
        Instant orderedAt = Json.instant(processedAt == null ? Json.text(order, "created_at") : processedAt);
        return new OrderFigures(Json.text(order, "contact_key"), complete && isBought(order),
                amount(paid, order.path("totals").path("net").path("shop")), Json.text(paid, "currency"),
                orderedAt, day(order.path(Facets.DAYS), processedAt == null ? "created_at" : "processed_at",
                        orderedAt, timeZone),
                Json.text(order, "source_name"));
    }

    /** The same purchase of another customer. */
    OrderFigures boughtBy(String customer) {
        return new OrderFigures(customer, counted, net, currency, orderedAt, orderedOn, source);
    }

    private static BigDecimal amount(JsonNode paid, JsonNode net) {
        BigDecimal amount = Numbers.decimal(paid.path("amount")).orElse(null);
        boolean unpaid = amount != null && amount.signum() == 0
                && Numbers.decimal(net.path("amount")).filter(still -> still.signum() > 0).isPresent();
        return unpaid ? null : amount;
    }

    private static LocalDate day(JsonNode days, String of, Instant otherwise, ZoneId timeZone) {
        String day = Json.text(days, of);
        return day != null ? LocalDate.parse(day)
                : otherwise == null ? null : otherwise.atZone(timeZone).toLocalDate();
    }

    private static boolean isBought(ObjectNode order) {
        return !order.path("test").asBoolean(false) && Json.text(order, "cancelled_at") == null
                && Json.text(order, "deleted_at") == null
                && !NOT_TO_BE_PAID.contains(order.path("financial_status").asText().toLowerCase(Locale.ROOT));
    }
}
