package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.EmailAddresses;
import io.shopbridge.map.Names;
import io.shopbridge.map.PhoneNumbers;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import java.time.Instant;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * A buyer without a customer account is a customer record of our own, known by the order's e-mail, or else by phone and
 * name: many have the number of an office or a marketplace. Its id is a keyed hash, so that ids in logs and ledger tell
 * nothing of the person, and all orders of one guest meet in one record.
 */
@Component
class GuestBuyer {

    private final OrderPhones phones;
    private final GuestKey key;

    @Autowired
    GuestBuyer(Stores stores, GuestKey key) {
        this(store -> stores.get(store).region(), key);
    }

    /** For stores that are not configured. */
    GuestBuyer(UnaryOperator<String> regionOfStore, GuestKey key) {
        this.phones = new OrderPhones(regionOfStore);
        this.key = key;
    }

    OrderPhones phones() {
        return phones;
    }

    /** Adds the guest's profile and returns its record id; null where the order tells neither e-mail nor phone. */
    String profile(Payload payload, ObjectNode order, Instant at) {
        ObjectNode nobody = JsonNodeFactory.instance.objectNode();
        JsonNode address = OrderBuyer.address(order, nobody);
        String email = OrderBuyer.email(order);
        String phone = phones.read(payload, order, nobody, OrderBuyer.phone(order, address));
        String compared = email == null ? "" : EmailAddresses.compared(email);
        String identity = compared.contains("@") ? compared : byPhone(phone, address);
        if (identity == null) {
            return null;
        }
        String id = key.id(identity);
        ObjectNode profile = JsonNodeFactory.instance.objectNode();
        profile.put("id", id);
        profile.put("guest", true);
        // An order that doesn't say a field empties nothing that an earlier one said.
        profile.put(Person.EMAIL, email);
        profile.put(Person.PHONE, phone);
        profile.properties().removeIf(field -> field.getValue().isNull());
        OrderBuyer.name(profile, address);
        if (address.isObject()) {
            profile.set(Person.DEFAULT_ADDRESS, address.deepCopy());
        }
        payload.add(payload.key(RecordKey.CUSTOMER, id), Facets.PROFILE, at, profile);
        return id;
    }

    private static String byPhone(String phone, JsonNode address) {
        if (phone == null || PhoneNumbers.normal(phone, null).isEmpty()) {
            return null;
        }
        String name = Names.compared(Stream.of("first_name", "last_name").map(part -> Json.text(address, part))
                .filter(Objects::nonNull).collect(Collectors.joining(" ")));
        return name.isEmpty() ? phone : phone + "\n" + name;
    }
}
