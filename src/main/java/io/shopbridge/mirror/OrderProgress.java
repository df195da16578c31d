package io.shopbridge.mirror;

import io.shopbridge.shopify.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How far an order is, each in one word: {@code stage}, {@code return_status} and {@code risk_level}.
 *
 * <ul>
 * <li>stage: cancelled, delivered (or fetched by the buyer), shipped, processed (paid), or open; the first that is true
 * <li>return_status: as Shopify's API says it; webhooks list the returns instead, and say nothing of inspections
 * <li>risk_level: the highest of the assessments; null if there is none
 * </ul>
 */
final class OrderProgress {

    private static final String STATUS = "status";
    private static final Set<String> SHIPPED = Set.of("fulfilled", "partial");
    private static final Set<String> PAID = Set.of("paid", "partially_refunded", "refunded");
    /**
     * States of a parcel that its buyer has: brought by the carrier, or fetched in the shop.
     *
     * @see <a href="https://shopify.dev/docs/api/admin-graphql/latest/enums/FulfillmentDisplayStatus">Picked up, and picked
     *     up by carrier</a>
     */
    private static final Set<String> ARRIVED = Set.of("delivered", "picked_up");
    /** States of a fulfilment of which nothing is under way. */
    private static final Set<String> NOT_SENT = Set.of("cancelled", "failure", "error");
    /** From best to worst. */
    private static final List<String> RISKS = List.of("none", "pending", "low", "medium", "high");

    private OrderProgress() {
    }

    static void addTo(ObjectNode order) {
        order.put("stage", stage(order));
        order.put("return_status", returnStatus(order));
        order.put("risk_level", riskLevel(order));
    }

    private static String stage(ObjectNode order) {
        if (Json.text(order, "cancelled_at") != null || Json.text(order, "deleted_at") != null) {
            return "cancelled";
        }
        String fulfillment = word(order, "fulfillment_status");
        if (SHIPPED.contains(fulfillment)) {
            return fulfillment.equals("fulfilled") && isDelivered(order) ? "delivered" : "shipped";
        }
        return PAID.contains(word(order, "financial_status")) ? "processed" : "open";
    }

    private static boolean isDelivered(ObjectNode order) {
        List<String> parcels = new ArrayList<>();
        for (JsonNode parcel : order.path("fulfillments")) {
            if (!NOT_SENT.contains(word(parcel, STATUS))) {
                parcels.add(word(parcel, "shipment_status"));
            }
        }
        return !parcels.isEmpty() && ARRIVED.containsAll(parcels);
    }

    private static String returnStatus(ObjectNode order) {
        String said = Json.text(order, "return_status");
        if (said != null || !order.path("returns").isArray()) {
            return said;
        }
        String status = "no_return";
        for (JsonNode one : order.path("returns")) {
            switch (word(one, STATUS)) {
                case "open" -> {
                    return "in_progress";
                }
                case "requested" -> status = "return_requested";
                case "closed" -> status = status.equals("no_return") ? "returned" : status;
                default -> { }
            }
        }
        return status;
    }

    private static String word(JsonNode object, String field) {
        String text = Json.text(object, field);
        return text == null ? "" : text.toLowerCase(Locale.ROOT);
    }

    private static String riskLevel(ObjectNode order) {
        int worst = -1;
        for (JsonNode risk : order.path("risks")) {
            worst = Math.max(worst, RISKS.indexOf(word(risk, "risk_level")));
        }
        return worst < 0 ? null : RISKS.get(worst);
    }
}
