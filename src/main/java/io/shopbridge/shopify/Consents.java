package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.Set;

/** The facets of a customer's consents, each with Shopify's own time of the answer as its version. */
public final class Consents {

    static final String EMAIL = "email_marketing_consent";
    static final String SMS = "sms_marketing_consent";
    static final String WHATS_APP = "whats_app_marketing_consent";
    public static final Set<String> FACETS = Set.of(EMAIL, SMS, WHATS_APP);
    static final String UPDATED_AT = "consent_updated_at";
    static final String COLLECTED_FROM = "consent_collected_from";

    private Consents() {
    }

    static void addAll(Payload payload, RecordKey key, ObjectNode customer, Instant at) {
        add(payload, key, EMAIL, customer.path(EMAIL), at);
        add(payload, key, SMS, customer.path(SMS), at);
        add(payload, key, WHATS_APP, customer.path(WHATS_APP), at);
    }

    /**
     * Its version is Shopify's own time of the answer, which the body holds and the signature covers, and not the time at
     * which Shopify said so, which stands in a header that nobody signed. So an old no that comes late, or comes again,
     * does not undo a later yes; nor does one that was entered with a time before it.
     */
    static void add(Payload payload, RecordKey key, String facet, JsonNode consent, Instant otherwiseAt) {
        if (!consent.isObject()) {
            return;
        }
        String updatedAt = Json.text(consent, UPDATED_AT);
        // A consent that was never given or taken has no time of its own: any that has one is newer.
        Instant at = updatedAt == null
                ? (isUndecided(consent) ? Instant.EPOCH : otherwiseAt)
                : payload.time(consent, UPDATED_AT);
        payload.add(key, facet, at, rank(consent), consent);
    }

    /** Of two that say the time of the same answer: unsubscribed wins, then the one that knows where it was given. */
    private static int rank(JsonNode consent) {
        return (saysNo(consent) ? 2 : 0)
                + (Json.text(consent, COLLECTED_FROM) == null ? 0 : 1);
    }

    public static boolean saysNo(JsonNode consent) {
        return "unsubscribed".equalsIgnoreCase(consent.path("state").asText());
    }

    private static boolean isUndecided(JsonNode consent) {
        String state = Json.text(consent, "state");
        return state == null || state.equalsIgnoreCase("not_subscribed");
    }
}
