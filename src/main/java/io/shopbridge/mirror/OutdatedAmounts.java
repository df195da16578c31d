package io.shopbridge.mirror;

import io.shopbridge.shopify.FieldStates;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Version;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Removes amounts from a record that a newer body has made outdated without containing them: bodies need not have all
 * fields, and one amount may be in several of them. The rest is calculated as if the removed amounts had never been
 * known.
 */
final class OutdatedAmounts {

    /** A total that was told in both currencies at once: how they were exchanged stays, also if it doesn't. */
    static final String EXCHANGED = "exchanged";

    private static final String STATUS = "financial_status";
    private static final List<String> TOTALS = List.of("total_price", "total_price_set", "current_total_price",
            "current_total_price_set");
    /** What an order came to, and whether it is paid. */
    private static final List<String> STATE = Stream.concat(Stream.of(STATUS), TOTALS.stream()).toList();
    /** What was paid by then, which the API alone says. */
    private static final List<String> PAYMENTS = List.of("net_payment_set", "total_received_set");
    /** Payment states in which other amounts are outstanding once the totals are others. */
    private static final Set<String> PARTLY_OUTSTANDING = Set.of("pending", "partially_paid");
    private static final List<String> OUTSTANDING = List.of("total_outstanding", "total_outstanding_set");
    /** Webhooks have the one, the API the other. */
    private static final String LIST_OF_RETURNS = "returns";
    private static final String RETURN_STATUS = "return_status";
    private static final List<String> RETURNS = List.of(LIST_OF_RETURNS, RETURN_STATUS);
    private static final String NO_RETURN = "no_return";

    private OutdatedAmounts() {
    }

    /**
     * @param said        the record's own fields with their versions
     * @param bareIsShops as {@link MoneyView#nameCurrencies} says
     */
    static void removeFrom(ObjectNode record, FieldStates said, boolean bareIsShops) {
        record.remove(EXCHANGED);
        Stream.of("total_price_set", "current_total_price_set").map(record::path).filter(OutdatedAmounts::isExchange)
                .findFirst().ifPresent(set -> record.set(EXCHANGED, set));
        for (MoneyView view : List.of(MoneyView.shop(record, bareIsShops),
                MoneyView.presentment(record, bareIsShops))) {
            if (view.bare()) {
                said.versions().forEach((field, version) -> {
                    String set = field + "_set";
                    if (said.isOlder(set, version) && !isSame(record.path(field), record.path(set), view)) {
                        // Its amount in the other currency is not known yet.
                        record.remove(set);
                    }
                });
            }
        }
        Version state = said.newestOf(STATE);
        PAYMENTS.stream().filter(field -> said.isOlder(field, state)).forEach(record::remove);
        String text = Json.text(record, STATUS);
        String status = text == null ? "" : text.toLowerCase(Locale.ROOT);
        OUTSTANDING.stream().filter(field -> !mayStillBe(record, field, said, status)).forEach(record::remove);
        removeReturns(record, said);
    }

    /** An answer says how far the returns are together, and not what came back: that is still as the webhook said. */
    private static void removeReturns(ObjectNode record, FieldStates said) {
        Version returns = said.newestOf(RETURNS);
        if (said.isOlder(RETURN_STATUS, returns)) {
            record.remove(RETURN_STATUS);
        } else if (said.isOlder(LIST_OF_RETURNS, returns) && NO_RETURN.equals(Json.text(record, RETURN_STATUS))) {
            record.remove(LIST_OF_RETURNS);
        }
    }

    /** Whether an amount that was outstanding can be so still, by what newer bodies say of totals and payment. */
    private static boolean mayStillBe(ObjectNode record, String field, FieldStates said, String status) {
        if (said.isOfEarlierTime(field, said.newestOf(TOTALS)) && PARTLY_OUTSTANDING.contains(status)) {
            return false;
        }
        Version stated = said.versions().get(STATUS);
        if (!said.isOlder(field, stated)) {
            return true;
        }
        JsonNode value = record.path(field);
        BigDecimal amount = MoneyView.orZero(MoneyView.decimal(value.isObject()
                ? value.path("shop_money").path("amount") : value));
        return switch (status) {
            // Shopify takes an authorization for paid.
            case "paid", "authorized" -> amount.signum() <= 0;
            case "pending", "partially_paid" -> amount.signum() > 0;
            // What the shop was to pay back may have gone back; and as much as all of it says that nothing was paid.
            case "partially_refunded" -> amount.signum() == 0 || !said.isOfEarlierTime(field, stated)
                    || amount.signum() > 0 && amount.compareTo(current(record)) < 0;
            case "refunded" -> amount.signum() == 0 || !said.isOfEarlierTime(field, stated);
            case "voided", "expired" -> false;
            default -> true;
        };
    }

    private static boolean isExchange(JsonNode set) {
        return Stream.of("shop_money", "presentment_money").allMatch(view ->
                MoneyView.orZero(MoneyView.decimal(set.path(view).path("amount"))).signum() != 0);
    }

    private static boolean isSame(JsonNode bare, JsonNode set, MoneyView view) {
        BigDecimal amount = MoneyView.decimal(bare);
        BigDecimal known = MoneyView.decimal(set.path(view.name() + "_money").path("amount"));
        return amount != null && known != null && amount.compareTo(known) == 0;
    }

    private static BigDecimal current(ObjectNode order) {
        MoneyView shop = MoneyView.shop(order, true);
        BigDecimal current = shop.amount(order, "current_total_price");
        return MoneyView.orZero(current == null ? shop.amount(order, "total_price") : current);
    }
}
