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
        JsonNode address = order.path("billing_address").isObject()
                ? order.path("billing_address") : order.path("shipping_address");
        String email = first(Payload.text(order, "email"), Payload.text(order, "contact_email"));
        String phone = first(Payload.text(order, "phone"), Payload.text(address, "phone"));
        String e164 = e164(payload, phone);
        String identity = email != null && email.contains("@") ? email.trim().toLowerCase(Locale.ROOT) : e164;
        if (identity == null) {
            return null;
        }
        String id = key.id(identity);
        ObjectNode profile = JsonNodeFactory.instance.objectNode();
        profile.put("id", id);
        profile.put("guest", true);
        profile.put("email", email);
        profile.put("phone", phone);
        profile.put("first_name", Payload.text(address, "first_name"));
        profile.put("last_name", Payload.text(address, "last_name"));
        if (address.isObject()) {
            profile.set("default_address", address.deepCopy());
        }
        payload.add(payload.key(RecordKey.CUSTOMER, id), "profile", at, profile);
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

    private static String first(String one, String other) {
        return one == null ? other : one;
    }
}
