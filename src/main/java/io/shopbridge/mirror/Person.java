package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who a customer is: the fields that Shopify protects, of which a customer that anybody has named has at least one.
 *
 * @see <a href="https://shopify.dev/docs/apps/launch/protected-customer-data">Protected customer data, level 2</a>
 */
final class Person {

    static final String EMAIL = "email";
    static final String PHONE = "phone";
    static final String FIRST_NAME = "first_name";
    static final String LAST_NAME = "last_name";
    static final String DEFAULT_ADDRESS = "default_address";
    static final Set<String> FIELDS = Set.of(EMAIL, PHONE, FIRST_NAME, LAST_NAME, DEFAULT_ADDRESS);

    private static final List<String> NAMES = List.of(FIRST_NAME, LAST_NAME);
    private static final List<String> OF_ADDRESS = List.of(FIRST_NAME, LAST_NAME, "name", "company", "address1",
            "address2", "city", "zip", PHONE);

    /** Ids grow, and texts of digits are ordered as numbers by length first. */
    private static final Comparator<JsonNode> BY_AGE = Comparator
            .comparing((JsonNode address) -> !address.path("default").asBoolean(false))
            .thenComparing(address -> address.path("id").asText().length())
            .thenComparing(address -> address.path("id").asText());

    private Person() {
    }

    /** Whether this customer of a body has a value in any of the fields. */
    static boolean isNamedBy(JsonNode customer) {
        if (List.of(EMAIL, PHONE, FIRST_NAME, LAST_NAME).stream().anyMatch(f -> Payload.text(customer, f) != null)
                || isPlace(customer.path(DEFAULT_ADDRESS))) {
            return true;
        }
        for (JsonNode address : customer.path("addresses")) {
            if (isPlace(address)) {
                return true;
            }
        }
        return false;
    }

    static boolean hasName(JsonNode person) {
        return NAMES.stream().anyMatch(field -> Payload.text(person, field) != null);
    }

    /** Whether an address may be this person's: it has something in it, and no other name than the person's. */
    static boolean mayLiveAt(JsonNode person, JsonNode address) {
        return isPlace(address) && (!hasName(person) || !hasName(address)
                || NAMES.stream().allMatch(name -> agree(Payload.text(person, name), Payload.text(address, name))));
    }

    private static boolean agree(String one, String other) {
        return one == null || other == null || one.strip().equalsIgnoreCase(other.strip());
    }

    /** Whether an address is more than a part of one. */
    static boolean isWholePlace(JsonNode address) {
        return Payload.text(address, "address1") != null;
    }

    static boolean isPlace(JsonNode address) {
        return address.isObject() && OF_ADDRESS.stream().anyMatch(field -> Payload.text(address, field) != null);
    }

    /**
     * Fills in what nobody has said of a customer: the default address from the list, and the rest from what the orders
     * say of their buyer. A name is one thing: half of one and half of another would be nobody's.
     *
     * @param customer the canonical record, with its profile and addresses; is added to
     * @param times    version times of the profile's fields; those of what is filled in are added
     * @param listedAt version time of the list of addresses; null: there is none
     * @param buyer    null: no order says anything
     */
    static void fillIn(ObjectNode customer, Map<String, Instant> times, FieldStates profile, Instant listedAt,
            FieldStates buyer) {
        Instant saidAt = times.get(DEFAULT_ADDRESS);
        boolean isNewsOfList = listedAt != null && (saidAt == null || !saidAt.isAfter(listedAt));
        if (isNewsOfList && !customer.hasNonNull(DEFAULT_ADDRESS)) {
            JsonNode address = addressOf(customer.path("addresses"));
            if (address != null) {
                customer.set(DEFAULT_ADDRESS, address.deepCopy());
                times.put(DEFAULT_ADDRESS, listedAt);
            }
        }
        if (buyer != null) {
            boolean named = hasName(customer);
            buyer.values().properties().forEach(field -> {
                String name = field.getKey();
                boolean isOpen = !profile.says(name) && !customer.hasNonNull(name);
                if (isOpen && !(named && NAMES.contains(name))) {
                    customer.set(name, field.getValue());
                    times.put(name, buyer.versions().get(name).at());
                }
            });
        }
    }

    /** Of several addresses, none of which is the default: the one that is marked so, else the oldest. */
    private static JsonNode addressOf(JsonNode addresses) {
        JsonNode best = null;
        for (JsonNode address : addresses) {
            if (isPlace(address) && (best == null || BY_AGE.compare(address, best) < 0)) {
                best = address;
            }
        }
        return best;
    }
}
