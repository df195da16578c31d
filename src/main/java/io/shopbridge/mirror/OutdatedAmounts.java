package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Takes out of a record what a newer body has made untrue without naming it: bodies need not have all fields, and one
 * amount may stand in several of them. What is left is calculated with as if nobody had ever said the rest.
 */
final class OutdatedAmounts {

    private static final String STATUS = "financial_status";
    /** What an order came to, and whether it is paid. */
    private static final List<String> STATE = List.of(STATUS, "total_price", "total_price_set", "current_total_price",
            "current_total_price_set");
    /** What was paid by then, which the API alone says. */
    private static final List<String> PAYMENTS = List.of("net_payment_set", "total_received_set");
    private static final List<String> OUTSTANDING = List.of("total_outstanding", "total_outstanding_set");
    /** Of which nothing is to be paid any more. */
    private static final String PAID = "paid";
    /** Webhooks have the one, the API the other. */
    private static final List<String> RETURNS = List.of("returns", "return_status");

    private OutdatedAmounts() {
    }

    /**
     * @param said    the record's own fields with their versions
     * @param isOrder false for a draft order or checkout
     */
    static void removeFrom(ObjectNode record, FieldStates said, boolean isOrder) {
        for (MoneyView view : List.of(MoneyView.shop(record, isOrder), MoneyView.presentment(record, isOrder))) {
            if (view.bare()) {
                said.versions().forEach((field, version) -> {
                    String set = field + "_set";
                    if (said.isOlder(set, version) && record.path(set) instanceof ObjectNode money) {
                        money.remove(view.name() + "_money");
                    }
                });
            }
        }
        Version state = said.newestOf(STATE);
        PAYMENTS.stream().filter(field -> said.isOlder(field, state)).forEach(record::remove);
        if (PAID.equalsIgnoreCase(Payload.text(record, STATUS))) {
            OUTSTANDING.stream().filter(field -> said.isOlder(field, said.versions().get(STATUS))
                    && isToBePaid(record, field)).forEach(record::remove);
        }
        Version returns = said.newestOf(RETURNS);
        RETURNS.stream().filter(field -> said.isOlder(field, returns)).forEach(record::remove);
    }

    private static boolean isToBePaid(ObjectNode record, String field) {
        JsonNode amount = record.path(field);
        return MoneyView.orZero(MoneyView.decimal(amount.isObject() ? amount.path("shop_money").path("amount")
                : amount)).signum() > 0;
    }
}
