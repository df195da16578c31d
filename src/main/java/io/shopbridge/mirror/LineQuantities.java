package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import io.shopbridge.shopify.Json;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How many units of each line were sold, are left, and came back. Shopify's {@code quantity} counts all that were ever
 * ordered, {@code current_quantity} those that were neither removed by an edit nor refunded, returned or cancelled.
 * What an edit removed was never sold; what came back was, and stays. Each line gets {@code sold_quantity} and
 * {@code refunded_quantity}.
 */
final class LineQuantities {

    /** Within which a cancellation's refund and the cancellation itself are written. */
    private static final Duration CANCELLING = Duration.ofMinutes(1);
    /** States of a return of which nothing comes back, or not yet. */
    private static final Set<String> NOT_COMING_BACK = Set.of("declined", "canceled", "cancelled", "requested");

    /** How a refund's line says that the units are in the shop again. */
    private static final String CAME_BACK = "return";
    private static final String LINE = "line_item";

    private final Map<String, Integer> refunded = new HashMap<>();
    private final Map<String, Integer> edited = new HashMap<>();
    private final Map<String, Integer> returned = new HashMap<>();

    private LineQuantities() {
    }

    static void addTo(ObjectNode order) {
        LineQuantities quantities = new LineQuantities();
        Instant cancelledAt = Json.latest(order, "cancelled_at");
        for (JsonNode refund : order.path("refunds")) {
            Map<String, Integer> units = isEdit(refund, cancelledAt) ? quantities.edited : quantities.refunded;
            refund.path("refund_line_items").forEach(line -> count(units, line));
        }
        for (JsonNode back : order.path("returns")) {
            if (!NOT_COMING_BACK.contains(back.path("status").asText().toLowerCase(Locale.ROOT))) {
                back.path("return_line_items").forEach(line -> count(quantities.returned, line));
            }
        }
        for (JsonNode line : order.path("line_items")) {
            if (line instanceof ObjectNode object) {
                quantities.put(object, cancelledAt != null);
            }
        }
    }

    private void put(ObjectNode line, boolean cancelled) {
        String id = Json.text(line, "id");
        int back = refunded.getOrDefault(id, 0);
        line.put("refunded_quantity", back);
        JsonNode ordered = line.path("quantity");
        JsonNode current = line.path("current_quantity");
        if (!ordered.canConvertToInt() || !current.canConvertToInt()) {
            line.set("sold_quantity", line.get("quantity"));
            return;
        }
        int missing = ordered.intValue() - current.intValue() - Math.max(back, returned.getOrDefault(id, 0));
        // Of a cancelled order everything is missing, so only what is known to be an edit's doing is one's.
        int removed = cancelled ? Math.min(missing, edited.getOrDefault(id, 0)) : missing;
        line.put("sold_quantity", Math.max(current.intValue(), ordered.intValue() - Math.max(0, removed)));
    }

    /**
     * An edit that removes units is listed as a refund of them that belongs to no return, moves no money and has no
     * difference to explain, though the units had a price. So is the cancellation of an order that nobody paid. Units
     * that cost nothing never move money: those that came back are told by what was restocked, and what was taken off
     * before it was sent can't be told from an edit and counts as one.
     */
    private static boolean isEdit(JsonNode refund, Instant cancelledAt) {
        Instant at = Json.latest(refund, "created_at");
        if (cancelledAt != null && at != null && at.isAfter(cancelledAt.minus(CANCELLING))) {
            return false;
        }
        if (!refund.path("transactions").isArray() || !refund.path("transactions").isEmpty()
                || !Values.isEmpty(refund.path("return")) || !refund.path("order_adjustments").isEmpty()) {
            return false;
        }
        boolean isFree = !refund.path("refund_line_items").isEmpty();
        for (JsonNode line : refund.path("refund_line_items")) {
            BigDecimal price = price(line);
            if (price != null && price.signum() > 0) {
                return true;
            }
            isFree &= price != null && !CAME_BACK.equalsIgnoreCase(line.path("restock_type").asText());
        }
        return isFree;
    }

    /** Null where it isn't told. */
    private static BigDecimal price(JsonNode line) {
        BigDecimal bare = MoneyView.decimal(line.path("subtotal"));
        return bare == null ? MoneyView.decimal(line.path("subtotal_set").path("shop_money").path("amount")) : bare;
    }

    /** A refund's line names the order's, a return's line that of the parcel, which names it. */
    private static void count(Map<String, Integer> units, JsonNode line) {
        Stream.of(Json.text(line, "line_item_id"), Json.text(line.path(LINE), "id"),
                Json.text(line.path("fulfillment_line_item").path(LINE), "id")).filter(Objects::nonNull).findFirst()
                .ifPresent(id -> units.merge(id, line.path("quantity").asInt(0), Integer::sum));
    }
}
