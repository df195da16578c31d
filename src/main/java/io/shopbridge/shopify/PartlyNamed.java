package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The addresses and lists of a body that may be named in part: a subscription's {@code include_fields} may leave out
 * any field of them, and of an address that is kept from the app only the region is left. A part would empty the rest,
 * so it counts only where nobody has named as much; of two that name as much the newest does.
 *
 * @param keys by field, what a whole address or each element of a whole list has, be it null; of several names one
 * @see <a href="https://shopify.dev/docs/apps/build/webhooks/customize/modify_payloads">Modify payloads</a>
 */
record PartlyNamed(Map<String, List<Set<String>>> keys) {

    private static final String LINES = "line_items";
    private static final Set<String> PRICE = Set.of("price", "price_set");
    private static final Set<String> AMOUNT = Set.of("amount", "amount_set");
    private static final List<Set<String>> TRANSACTION = List.of(Set.of("kind"), Set.of("status"), AMOUNT);

    private static final Map<String, List<Set<String>>> PLACES =
            Map.of("billing_address", Person.OF_WHOLE_ADDRESS, "shipping_address", Person.OF_WHOLE_ADDRESS);

    static final PartlyNamed IN_COMPANY_LOCATION = new PartlyNamed(PLACES);

    static final PartlyNamed IN_CHECKOUT = IN_COMPANY_LOCATION.with(Map.of(
            LINES, List.of(Set.of("title"), Set.of("quantity"), PRICE),
            "shipping_lines", List.of(Set.of("title"), PRICE),
            "discount_codes", List.of(Set.of("code")),
            "note_attributes", List.of(Set.of("name"), Set.of("value"))));

    /** Only an order's lines have what became of them. */
    static final PartlyNamed IN_ORDER = IN_CHECKOUT.with(Map.of(
            LINES, List.of(Set.of("title"), Set.of("quantity"), PRICE, Set.of("current_quantity"),
                    Set.of("discount_allocations")),
            "transactions", TRANSACTION,
            "returns", List.of(Set.of("status"))));

    static final PartlyNamed IN_REFUND = new PartlyNamed(Map.of(
            "transactions", TRANSACTION,
            "refund_line_items", List.of(Set.of("line_item_id", "line_item"), Set.of("quantity"),
                    Set.of("subtotal", "subtotal_set")),
            "refund_shipping_lines", List.of(Set.of("subtotal_amount", "subtotal_amount_set")),
            "order_adjustments", List.of(AMOUNT)));

    private PartlyNamed with(Map<String, List<Set<String>>> more) {
        Map<String, List<Set<String>>> all = new HashMap<>(keys);
        all.putAll(more);
        return new PartlyNamed(Map.copyOf(all));
    }

    /** Takes out of a body what it names in part, and returns that. */
    ObjectNode takeFrom(ObjectNode body) {
        ObjectNode parts = JsonNodeFactory.instance.objectNode();
        keys.forEach((field, all) -> {
            JsonNode value = body.path(field);
            if (value.isObject() && !(Person.isPlace(value) && named(value, all) == all.size())
                    || value.isArray() && named(value, all) < all.size()) {
                parts.set(field, body.remove(field));
            }
        });
        return parts;
    }

    /** Adds what was taken out of a facet's body. */
    void add(Payload payload, RecordKey key, String facet, Instant at, ObjectNode parts) {
        parts.properties().forEach(part -> payload.addProgress(key, facet, Instant.EPOCH,
                named(part.getValue(), keys.get(part.getKey())), at,
                JsonNodeFactory.instance.objectNode().set(part.getKey(), part.getValue())));
    }

    /** How many of the keys an address or every element of a list has; none in an address without a place. */
    private static int named(JsonNode value, List<Set<String>> keys) {
        if (value.isObject()) {
            return Person.isPlace(value) ? has(value, keys) : 0;
        }
        int least = keys.size();
        for (JsonNode element : value) {
            least = Math.min(least, has(element, keys));
        }
        return least;
    }

    private static int has(JsonNode object, List<Set<String>> keys) {
        return (int) keys.stream().filter(names -> names.stream().anyMatch(object::has)).count();
    }
}
