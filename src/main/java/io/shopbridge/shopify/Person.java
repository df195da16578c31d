package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The personal fields of a customer that Shopify protects; a known customer has at least one of them.
 *
 * @see <a href="https://shopify.dev/docs/apps/launch/protected-customer-data">Protected customer data, level 2</a>
 */
public final class Person {

    public static final String EMAIL = "email";
    public static final String PHONE = "phone";
    public static final String FIRST_NAME = "first_name";
    public static final String LAST_NAME = "last_name";
    public static final String DEFAULT_ADDRESS = "default_address";
    static final Set<String> FIELDS = Set.of(EMAIL, PHONE, FIRST_NAME, LAST_NAME, DEFAULT_ADDRESS);

    private static final List<String> NAMES = List.of(FIRST_NAME, LAST_NAME);
    private static final List<String> OF_ADDRESS = List.of(FIRST_NAME, LAST_NAME, "name", "company", "address1",
            "address2", "city", "zip", PHONE);

    /** What tells no more of a person than where the shop's taxes are looked up. */
    private static final List<String> OF_REGION = List.of("province", "province_code", "country", "country_code");

    /** What every address of Shopify's has, be it null; of several names one. A company's has a recipient. */
    static final List<Set<String>> OF_WHOLE_ADDRESS = List.of(Set.of(FIRST_NAME, LAST_NAME, "name", "recipient"),
            Set.of("address1"), Set.of("city"), Set.of("zip"), Set.of("country", "country_code"), Set.of(PHONE));

    /** The default one first, and a street before a country. Ids grow; texts of digits are ordered by length first. */
    private static final Comparator<JsonNode> BY_AGE = Comparator
            .comparing((JsonNode address) -> !address.path("default").asBoolean(false))
            .thenComparing(address -> !isPlace(address))
            .thenComparing(address -> address.path("id").asText().length())
            .thenComparing(address -> address.path("id").asText());

    private Person() {
    }

    /** Whether this customer of a body has a value in any of the fields. */
    static boolean isNamedBy(JsonNode customer) {
        if (List.of(EMAIL, PHONE, FIRST_NAME, LAST_NAME).stream().anyMatch(f -> Json.text(customer, f) != null)
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
        return NAMES.stream().anyMatch(field -> Json.text(person, field) != null);
    }

    static boolean hasWholeName(JsonNode person) {
        return NAMES.stream().allMatch(field -> Json.text(person, field) != null);
    }

    /** Whether an address may be this person's: it has something in it, and no other name than the person's. */
    static boolean mayLiveAt(JsonNode person, JsonNode address) {
        return isPlace(address) && mayBeNamed(person, address);
    }

    /** Whether two may be one person by what both say of a name. */
    static boolean mayBeNamed(JsonNode person, JsonNode other) {
        return NAMES.stream().allMatch(name -> agree(Json.text(person, name), Json.text(other, name)));
    }

    private static boolean agree(String one, String other) {
        return one == null || other == null || one.strip().equalsIgnoreCase(other.strip());
    }

    /** Whether an address is more than a part of one, so that it can replace another. */
    static boolean isWholePlace(JsonNode address) {
        return isPlace(address)
                && OF_WHOLE_ADDRESS.stream().allMatch(names -> names.stream().anyMatch(address::has));
    }

    /** Whether an address says more than a region. */
    static boolean isPlace(JsonNode address) {
        return says(address, OF_ADDRESS);
    }

    private static boolean isAddress(JsonNode address) {
        return isPlace(address) || says(address, OF_REGION);
    }

    private static boolean says(JsonNode address, List<String> fields) {
        return address.isObject() && fields.stream().anyMatch(field -> Json.text(address, field) != null);
    }

    /**
     * Fills in unknown fields of a customer: the default address from the list, and the rest from what the orders
     * say of their buyer. A name is one thing: half of one and half of another would be a wrong name.
     *
     * @param customer the canonical record, with its profile and addresses; is added to
     * @param times    version times of the profile's fields; those of what is filled in are added
     * @param listedAt version time of the list of addresses; null: there is none
     * @param buyer    null: no order says anything
     */
    public static void fillIn(ObjectNode customer, Map<String, Instant> times, FieldStates profile, Instant listedAt,
            FieldStates buyer) {
        Instant saidAt = times.get(DEFAULT_ADDRESS);
        boolean isNewsOfList = listedAt != null && (saidAt == null || !saidAt.isAfter(listedAt));
        if (isNewsOfList && !isAddress(customer.path(DEFAULT_ADDRESS))) {
            JsonNode address = addressOf(customer.path("addresses"));
            if (address != null) {
                customer.set(DEFAULT_ADDRESS, address.deepCopy());
                times.put(DEFAULT_ADDRESS, listedAt);
            }
        }
        if (buyer != null) {
            fillIn(customer, times, profile, buyer);
        }
    }

    private static void fillIn(ObjectNode customer, Map<String, Instant> times, FieldStates profile,
            FieldStates buyer) {
        Set<String> open = new HashSet<>(FIELDS);
        open.removeIf(field -> profile.says(field) || customer.hasNonNull(field));
        if (hasName(customer) || !open.containsAll(NAMES)) {
            NAMES.forEach(open::remove);
        }
        open.stream().filter(field -> !field.equals(DEFAULT_ADDRESS) && buyer.says(field)).forEach(field -> {
            customer.set(field, buyer.values().get(field));
            times.put(field, buyer.versions().get(field).at());
        });
        JsonNode address = buyer.values().path(DEFAULT_ADDRESS);
        // What is known of the customer by now may show that it is another person's.
        if (open.contains(DEFAULT_ADDRESS) && mayLiveAt(customer, address)) {
            Instant at = buyer.versions().get(DEFAULT_ADDRESS).at();
            customer.set(DEFAULT_ADDRESS, address);
            times.put(DEFAULT_ADDRESS, at);
            if (open.contains(PHONE) && !customer.hasNonNull(PHONE) && Json.text(address, PHONE) != null) {
                customer.put(PHONE, Json.text(address, PHONE));
                times.put(PHONE, at);
            }
        }
    }

    /** Of several addresses, none of which is the default: the one that is marked so, else the oldest. */
    private static JsonNode addressOf(JsonNode addresses) {
        JsonNode best = null;
        for (JsonNode address : addresses) {
            if (isAddress(address) && (best == null || BY_AGE.compare(address, best) < 0)) {
                best = address;
            }
        }
        return best;
    }
}
