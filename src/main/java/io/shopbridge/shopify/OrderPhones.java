package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.PhoneNumbers;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Phone numbers of an order or checkout, as they are compared, while it still says in which country each was typed: of
 * the address that has the number, else of the bill or the parcel, as far as these are the buyer's, else of the store.
 *
 * @param regionOfStore store to ISO 3166-1 alpha-2 code
 */
record OrderPhones(UnaryOperator<String> regionOfStore) {

    /**
     * The number in international notation; as it was typed where it is valid nowhere.
     *
     * @param person the buyer, as far as the order names them
     */
    String read(Payload payload, JsonNode order, JsonNode person, String typed) {
        if (typed == null) {
            return null;
        }
        ObjectNode seen = JsonNodeFactory.instance.objectNode();
        Stream.of("billing_address", "shipping_address").forEach(field -> {
            JsonNode address = order.path(field);
            if (address.isObject() && (isOf(address, typed) || Person.mayBeNamed(person, address))) {
                seen.set(field, address);
            }
        });
        JsonNode own = person.path(Person.DEFAULT_ADDRESS);
        if (own.isObject()) {
            boolean isOwnNumber = typed.equals(Json.text(person, Person.PHONE)) || isOf(own, typed);
            seen.set(isOwnNumber ? Person.DEFAULT_ADDRESS : "customer", isOwnNumber ? own : person);
        }
        String store = payload.event().store();
        MappingContext context = new MappingContext(store, regionOfStore.apply(store)).of(seen);
        return PhoneNumbers.normal(typed, context.regionOf(typed)).orElse(typed);
    }

    /** Reads the phone that stands in this part of the order: the customer, or a copy of an address. */
    void readIn(ObjectNode part, Payload payload, JsonNode order, JsonNode person) {
        String typed = Json.text(part, Person.PHONE);
        if (typed != null) {
            part.put(Person.PHONE, read(payload, order, person, typed));
        }
    }

    private static boolean isOf(JsonNode address, String typed) {
        return typed.equals(Json.text(address, Person.PHONE));
    }
}
