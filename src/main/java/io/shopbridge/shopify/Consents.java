package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The facets of a customer's consents, each with Shopify's own time of the answer as its version. A consent is given for
 * an e-mail address or a phone number, and not by a person for all that they will ever have: of each address or number
 * it is a facet of its own ({@code CustomerEmailAddress} and {@code CustomerPhoneNumber} in
 * https://shopify.dev/docs/api/admin-graphql/latest/objects/Customer).
 */
public final class Consents {

    static final String EMAIL = "email_marketing_consent";
    static final String SMS = "sms_marketing_consent";
    static final String WHATS_APP = "whats_app_marketing_consent";
    static final String UPDATED_AT = "consent_updated_at";
    static final String COLLECTED_FROM = "consent_collected_from";
    private static final Set<String> EVIDENCE = Set.of(UPDATED_AT, COLLECTED_FROM, "opt_in_level");
    private static final String STATE = "state";
    private static final String UNSUBSCRIBED = "unsubscribed";
    private static final Set<String> NOTHING = Set.of("invalid", "redacted");
    private static final Set<String> CLEAR = Set.of(UNSUBSCRIBED, "subscribed");
    /** The last clear answer, kept when later states are none, such as that a new one is asked for. */
    private static final String ANSWER = "answer";
    private static final String UNDECIDED = "not_subscribed";
    private static final String CUSTOMERS_EMAIL = "email";
    private static final String CUSTOMERS_PHONE = "phone";
    private static final int HASH = 16;

    /** Where a consent says for what it is given, as its topic has it, and where a customer has the same. */
    private record About(String inConsent, String inCustomer) {
    }

    private static final Map<String, About> ABOUT = Map.of(
            EMAIL, new About("email_address", CUSTOMERS_EMAIL),
            SMS, new About("phone", CUSTOMERS_PHONE),
            WHATS_APP, new About("phone_number", CUSTOMERS_PHONE));

    /** The canonical fields. */
    public static final Set<String> FIELDS = ABOUT.keySet();

    private Consents() {
    }

    /** @param customer with its consents, of its own address and number where they say no other */
    static void addAll(Payload payload, RecordKey key, ObjectNode customer, Instant at) {
        ABOUT.forEach((field, about) -> {
            String own = Json.text(customer, about.inCustomer());
            if (own != null && customer.path(field) instanceof ObjectNode consent && !consent.hasNonNull(about.inConsent())) {
                consent.put(about.inConsent(), own);
            }
            add(payload, key, field, customer.path(field), at);
        });
    }

    /**
     * Its version is Shopify's own time of the answer, which the body holds and the signature covers, and not the time at
     * which Shopify said so, which stands in a header that nobody signed. So an old no that comes late, or comes again,
     * does not undo a later yes; nor does one that was entered with a time before it.
     */
    static void add(Payload payload, RecordKey key, String field, JsonNode consent, Instant otherwiseAt) {
        if (!(consent instanceof ObjectNode answer)) {
            return;
        }
        Instant answeredAt = Json.instant(answer.path(UPDATED_AT).asText(""));
        if (saysNothing(answer)) {
            // The evidence stays that of the last answer.
            answer.remove(EVIDENCE);
        } else {
            EVIDENCE.stream().filter(name -> !answer.has(name)).forEach(answer::putNull);
        }
        answer.remove(ANSWER);
        if (CLEAR.contains(state(answer))) {
            answer.put(ANSWER, state(answer));
        }
        // Shopify gives no time of a consent that nobody has ever changed: any answer that has one is newer. What speaks
        // against a consent counts without a time too.
        Instant at = answeredAt != null ? payload.notAhead(answeredAt)
                : saysNo(answer) || saysNothing(answer) ? otherwiseAt : Instant.EPOCH;
        payload.add(key, facet(field, answer), at, rank(answer), answer);
    }

    private static String facet(String field, JsonNode consent) {
        return about(field, consent).map(about -> field + ":" + DigestUtils.sha256Hex(about).substring(0, HASH))
                .orElse(field);
    }

    /** The canonical field that this facet is an answer to; empty: it is no consent. */
    public static Optional<String> fieldOf(String facet) {
        int end = facet.indexOf(':');
        return Optional.of(end < 0 ? facet : facet.substring(0, end)).filter(FIELDS::contains);
    }

    /** The address or number that this consent was given for, in one spelling; empty: it does not say. */
    public static Optional<String> about(String field, JsonNode consent) {
        return Optional.ofNullable(Json.text(consent, ABOUT.get(field).inConsent())).map(Consents::folded);
    }

    /** The customer's own field that has the address or number. */
    public static String inCustomer(String field) {
        return ABOUT.get(field).inCustomer();
    }

    /** The customer's own address or number in that spelling; "": the customer has none. */
    public static String of(String field, ObjectNode customer) {
        return folded(customer.path(inCustomer(field)).asText(""));
    }

    /** The same answer, given for whatever the customer has. */
    public static ObjectNode ofThePerson(String field, ObjectNode consent) {
        return consent.deepCopy().without(ABOUT.get(field).inConsent());
    }

    private static String folded(String address) {
        return address.strip().toLowerCase(Locale.ROOT);
    }

    /** Of two that say the time of the same answer: unsubscribed wins, then the one that knows where it was given. */
    private static int rank(JsonNode consent) {
        return (saysNo(consent) ? 2 : 0)
                + (Json.text(consent, COLLECTED_FROM) == null ? 0 : 1);
    }

    public static boolean saysNo(JsonNode consent) {
        return UNSUBSCRIBED.equals(state(consent));
    }

    /** Whether the last clear answer was a no, whatever was asked since. */
    public static boolean lastSaidNo(JsonNode consent) {
        return saysNo(consent) || UNSUBSCRIBED.equals(consent.path(ANSWER).asText());
    }

    /** Whether something is said of the address or number, and not only that nobody has asked yet. */
    public static boolean isSaid(JsonNode consent) {
        return !UNDECIDED.equals(state(consent)) || consent.hasNonNull(UPDATED_AT);
    }

    /**
     * The last clear answer, where that was a no: as it was given and of its own version, whatever was asked since. The
     * evidence of a question is not that of the answer.
     */
    public static Optional<FieldStates> lastNo(FieldStates consent) {
        if (saysNo(consent.values())) {
            return Optional.of(consent);
        }
        if (!lastSaidNo(consent.values())) {
            return Optional.empty();
        }
        ObjectNode no = consent.values().deepCopy().put(STATE, UNSUBSCRIBED);
        EVIDENCE.forEach(no::putNull);
        Version version = consent.versions().get(ANSWER);
        return Optional.of(FieldStates.of(version, Json.write(no)));
    }

    /** It does not tell what the person wants. */
    private static boolean saysNothing(JsonNode consent) {
        return NOTHING.contains(state(consent));
    }

    /** In lower case, as webhooks write it; "" if it has none. */
    public static String state(JsonNode consent) {
        return consent.path(STATE).asText("").toLowerCase(Locale.ROOT);
    }

    /** Of an address or number of which Shopify has said nothing. */
    public static ObjectNode none() {
        return JsonNodeFactory.instance.objectNode().put(STATE, UNDECIDED);
    }
}
