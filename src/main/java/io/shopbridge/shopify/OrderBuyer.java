package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.stream.Stream;

/**
 * What an order or checkout itself contains about its buyer. Shopify may send only the customer's id: for a buyer at a
 * till who gave an e-mail for the receipt, or to an app without approval for customer data.
 */
final class OrderBuyer {

    private final OrderPhones phones;

    OrderBuyer(OrderPhones phones) {
        this.phones = phones;
    }

    /**
     * Adds what the order says of this customer where its customer object doesn't; a gift's address isn't the buyer's.
     * What a later order says counts, not what an order says that changes later.
     */
    void of(Payload payload, ObjectNode order, ObjectNode customer, Instant at) {
        ObjectNode buyer = JsonNodeFactory.instance.objectNode();
        JsonNode address = address(order, customer);
        put(buyer, customer, Person.EMAIL, email(order));
        put(buyer, customer, Person.PHONE,
                phones.read(payload, order, customer, Json.text(order, Person.PHONE)));
        if (!Person.hasWholeName(customer)) {
            name(buyer, Person.hasName(customer) ? customer : address);
        }
        JsonNode own = customer.path(Person.DEFAULT_ADDRESS);
        JsonNode place = Person.isPlace(own) ? own : address;
        if (Person.isPlace(place) && !Person.isWholePlace(own)) {
            ObjectNode copy = place.deepCopy();
            phones.readIn(copy, payload, order, customer);
            buyer.set(Person.DEFAULT_ADDRESS, copy);
        }
        if (!buyer.isEmpty()) {
            payload.addProgress(payload.key(RecordKey.CUSTOMER, payload.id(customer)), Facets.BUYER,
                    payload.time(order, "created_at", "updated_at"), 0, at, buyer);
        }
    }

    static String email(JsonNode order) {
        return first(Json.text(order, "email"), Json.text(order, "contact_email"));
    }

    static String phone(JsonNode order, JsonNode address) {
        return first(Json.text(order, "phone"), Json.text(address, "phone"));
    }

    /** The address of the bill, else that of the parcel, of those that may be this person's; else missing. */
    static JsonNode address(JsonNode order, JsonNode person) {
        return Stream.of("billing_address", "shipping_address").map(order::path)
                .filter(address -> Person.mayLiveAt(person, address)).findFirst()
                .orElse(JsonNodeFactory.instance.missingNode());
    }

    /** Both halves, or none: half of one name and half of another would be a wrong name. */
    static void name(ObjectNode buyer, JsonNode address) {
        if (Person.hasName(address)) {
            buyer.put(Person.FIRST_NAME, Json.text(address, Person.FIRST_NAME));
            buyer.put(Person.LAST_NAME, Json.text(address, Person.LAST_NAME));
        }
    }

    private static void put(ObjectNode buyer, JsonNode customer, String field, String value) {
        if (value != null && Json.text(customer, field) == null) {
            buyer.put(field, value);
        }
    }

    private static String first(String one, String other) {
        return one == null ? other : one;
    }
}
