package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import java.time.Instant;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * A buyer without a customer account is a customer record of our own, known by the order's e-mail or else phone. Its id
 * is a keyed hash, so that ids in logs and ledger tell nothing of the person, and all orders of one guest meet in one
 * record.
 */
@Component
class GuestBuyer {

    private final UnaryOperator<String> regionOfStore;
    private final GuestKey key;

    @Autowired
    GuestBuyer(Stores stores, GuestKey key) {
        this(store -> stores.get(store).region(), key);
    }

    /** For stores that are not configured. */
    GuestBuyer(UnaryOperator<String> regionOfStore, GuestKey key) {
        this.regionOfStore = regionOfStore;
        this.key = key;
    }

    /** Adds the guest's profile and returns its record id; null where the order tells neither e-mail nor phone. */
    String profile(Payload payload, ObjectNode order, Instant at) {
        JsonNode address = OrderBuyer.address(order, JsonNodeFactory.instance.objectNode());
        String email = OrderBuyer.email(order);
        String phone = OrderBuyer.phone(order, address);
        String e164 = e164(payload, phone);
        String identity = email != null && email.contains("@") ? email.trim().toLowerCase(Locale.ROOT) : e164;
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
        payload.add(payload.key(RecordKey.CUSTOMER, id), FieldStates.PROFILE, at, profile);
        return id;
    }

    private String e164(Payload payload, String phone) {
        if (phone == null) {
            return null;
        }
        try {
            PhoneNumberUtil phones = PhoneNumberUtil.getInstance();
            var number = phones.parse(phone, regionOfStore.apply(payload.event().store()));
            return phones.isValidNumber(number) ? phones.format(number, PhoneNumberFormat.E164) : null;
        } catch (NumberParseException e) {
            return null;
        }
    }
}
