package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.List;

/**
 * The customer topics. Since API 2025-01 a customer's consent and tags come by topics of their own, each in a shape of
 * its own, and are facets of their own here.
 */
final class CustomerPayload {

    /** What a customer and the customer inside an order both carry: the two must give the same facet. */
    private static final List<String> PROFILE = List.of("id", "email", "phone", "first_name", "last_name", "state",
            "note", "verified_email", "tax_exempt", "currency", "default_address", "created_at", "updated_at");
    private static final String EMAIL_CONSENT = "email_marketing_consent";
    private static final String SMS_CONSENT = "sms_marketing_consent";
    private static final String WHATS_APP_CONSENT = "whats_app_marketing_consent";
    private static final String UPDATED_AT = "consent_updated_at";
    private static final String COLLECTED_FROM = "consent_collected_from";

    void state(Payload payload) {
        profile(payload, payload.body());
    }

    /** The profile of this customer object, which may be the body or a part of an order. */
    String profile(Payload payload, ObjectNode customer) {
        String id = payload.id(customer);
        RecordKey key = payload.key(RecordKey.CUSTOMER, id);
        Instant at = payload.time(customer, "updated_at", "created_at");
        ObjectNode profile = JsonNodeFactory.instance.objectNode();
        PROFILE.forEach(field -> {
            if (customer.hasNonNull(field)) {
                profile.set(field, customer.get(field));
            }
        });
        profile.put("id", id);
        payload.add(key, "profile", at, profile);
        if (customer.path("addresses").isArray()) {
            payload.add(key, "addresses", at, customer.get("addresses"));
        }
        if (customer.path("metafields").isArray()) {
            payload.add(key, "metafields", at, customer.get("metafields"));
        }
        // API versions before 2025-01 still send these inside the customer.
        if (customer.hasNonNull("tags")) {
            payload.add(key, "tags", at, Payload.tags(customer.get("tags")));
        }
        consent(payload, key, EMAIL_CONSENT, customer.path(EMAIL_CONSENT), at);
        consent(payload, key, SMS_CONSENT, customer.path(SMS_CONSENT), at);
        consent(payload, key, WHATS_APP_CONSENT, customer.path(WHATS_APP_CONSENT), at);
        return id;
    }

    void deleted(Payload payload) {
        RecordKey key = payload.key(RecordKey.CUSTOMER, payload.id(payload.body()));
        Instant at = payload.time(payload.body());
        payload.add(key, "deleted", at, JsonNodeFactory.instance.textNode(at.toString()));
    }

    void emailConsent(Payload payload) {
        consent(payload, payload.key(RecordKey.CUSTOMER, payload.idIn("customer_id")), EMAIL_CONSENT,
                payload.body().path(EMAIL_CONSENT), payload.time(payload.body()));
    }

    void smsConsent(Payload payload) {
        consent(payload, payload.key(RecordKey.CUSTOMER, payload.idIn("id")), SMS_CONSENT,
                payload.body().path(SMS_CONSENT), payload.time(payload.body()));
    }

    /** Its times and sources have names of their own; in the record they are called as those of the other channels. */
    void whatsAppConsent(Payload payload) {
        if (payload.body().path(WHATS_APP_CONSENT) instanceof ObjectNode consent) {
            rename(consent, "updated_at", UPDATED_AT);
            rename(consent, "collected_from", COLLECTED_FROM);
        }
        consent(payload, payload.key(RecordKey.CUSTOMER, payload.idIn("customer_id")), WHATS_APP_CONSENT,
                payload.body().path(WHATS_APP_CONSENT), payload.time(payload.body()));
    }

    private static void rename(ObjectNode object, String from, String to) {
        if (object.has(from)) {
            object.set(to, object.remove(from));
        }
    }

    /**
     * Tag topics carry what was added or removed and not the whole list, so every tag is a facet with its own version,
     * and says how it is written.
     */
    void tags(Payload payload, boolean added) {
        RecordKey key = payload.key(RecordKey.CUSTOMER, payload.idIn("customerId"));
        Instant at = payload.time(payload.body(), "occurredAt");
        for (JsonNode tag : Payload.tags(payload.body().path("tags"))) {
            payload.add(key, "tag:" + Payload.foldedTag(tag.textValue()), at, added ? 1 : 0,
                    added ? tag : JsonNodeFactory.instance.booleanNode(false));
        }
    }

    private void consent(Payload payload, RecordKey key, String facet, JsonNode consent, Instant otherwiseAt) {
        if (!consent.isObject()) {
            return;
        }
        String updatedAt = Payload.text(consent, UPDATED_AT);
        // A consent that was never given or taken has no time of its own: any that has one is newer.
        Instant at = updatedAt == null
                ? (isUndecided(consent) ? Instant.EPOCH : otherwiseAt)
                : payload.time(consent, UPDATED_AT);
        payload.add(key, facet, at, rank(consent), consent);
    }

    /** Of two that say the time of the same answer: unsubscribed wins, then the one that knows where it was given. */
    private static int rank(JsonNode consent) {
        return ("unsubscribed".equalsIgnoreCase(consent.path("state").asText()) ? 2 : 0)
                + (Payload.text(consent, COLLECTED_FROM) == null ? 0 : 1);
    }

    private static boolean isUndecided(JsonNode consent) {
        String state = Payload.text(consent, "state");
        return state == null || state.equalsIgnoreCase("not_subscribed");
    }
}
