package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Addresses and lists of a body that may be incomplete: a subscription's {@code include_fields} may leave out any of
 * their fields, the app may not read some, and of an address that is withheld only the region is left. An incomplete one would empty
 * the rest, so it counts only if no more complete one is known; of two equally complete ones, the newest counts.
 *
 * @param keys by field, what a whole address or each element of a whole list has, be it null; of several names one
 * @see <a href="https://shopify.dev/docs/apps/build/webhooks/customize/modify_payloads">Modify payloads</a>
 */
public record PartlyNamed(Map<String, List<Set<String>>> keys) {

    static final PartlyNamed NOTHING = new PartlyNamed(Map.of());

    /**
     * Takes out of a body what it names in part, and returns that.
     *
     * @param partly tells of other fields that have only a part
     */
    ObjectNode takeFrom(ObjectNode body, Predicate<String> partly) {
        ObjectNode parts = JsonNodeFactory.instance.objectNode();
        keys.forEach((field, all) -> {
            JsonNode value = body.path(field);
            if (value.isObject() && !(Person.isPlace(value) && named(value, all) == all.size())
                    || value.isArray() && (named(value, all) < all.size() || partly.test(field))) {
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
