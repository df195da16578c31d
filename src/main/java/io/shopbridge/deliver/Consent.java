package io.shopbridge.deliver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmCall;
import io.shopbridge.crm.Operation;
import io.shopbridge.identify.Link;
import io.shopbridge.ledger.Outcome;
import io.shopbridge.map.Field;
import io.shopbridge.map.Mapping;
import io.shopbridge.merge.CrmValues;
import io.shopbridge.shopify.Consents;
import io.shopbridge.store.RecordKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A customer's e-mail consent in a CRM that keeps consents by address, besides the fields of the contact. An
 * unsubscription is always written. A subscription is written only if the CRM has no answer, or if a legal basis is
 * configured and the consent is newer than the CRM's unsubscription, and never if the contact's fields keep a no. No
 * answer (pending, not subscribed) is not written.
 *
 * @param state in lower case, as Shopify's webhooks write it
 * @param email the address as the mapping writes it to the contact, else the one in the consent itself, as the mapping
 *     would write it; empty if there is none
 */
record Consent(Crm crm, DeliveryRecord record, String state, String email) {

    /** The canonical field that holds it. */
    static final String FIELD = "email_marketing_consent";

    private static final String SUBSCRIBED = "subscribed";
    private static final String UNSUBSCRIBED = "unsubscribed";
    /** The base entry with the state last written, and its address. */
    static final String SETTLED = DeliveryRecord.ASSOCIATION + "consent";
    /** The setting with the id of the CRM's subscription; without it, consent is only in the contact's fields. */
    private static final String SUBSCRIPTION = "subscription-id";

    static boolean isKept(Crm crm, Mapping mapping) {
        return mapping.entity().equals(RecordKey.CUSTOMER) && crm.can(Operation.WRITE_CONSENT)
                && crm.setting(SUBSCRIPTION).isPresent();
    }

    static Consent of(Crm crm, Mapping mapping, DeliveryRecord record) {
        JsonNode consent = record.json().path(FIELD);
        // A no that was followed by a question at once may never have been delivered.
        String state = Consents.lastSaidNo(consent) ? UNSUBSCRIBED : Consents.state(consent);
        // Other states are not written
        boolean counts = state.equals(SUBSCRIBED) || state.equals(UNSUBSCRIBED);
        return new Consent(crm, record, state, counts ? address(mapping, record, consent) : "");
    }

    private static String address(Mapping mapping, DeliveryRecord record, JsonNode consent) {
        Optional<String> ofContact = mapping.email(record.json(), record.context());
        if (ofContact.isEmpty() && consent.hasNonNull("email_address") && record.json() instanceof ObjectNode json) {
            ObjectNode asIfTheContacts = json.deepCopy();
            asIfTheContacts.set("email", consent.get("email_address"));
            ofContact = mapping.email(asIfTheContacts, record.context());
        }
        return ofContact.orElse("").toLowerCase(Locale.ROOT);
    }

    /**
     * Whether the record itself may be written or not. For a person without a CRM record it is written once, not at
     * every
     * attempt, and not at all if the mapping skips such people.
     */
    boolean mustUnsubscribe() {
        boolean waitsAgain = record.outcome() == Outcome.WAITING && record.item().attempts() > 1;
        boolean isNobody = record.link() == null && (record.outcome() == Outcome.SKIPPED || waitsAgain);
        return state.equals(UNSUBSCRIBED) && isNews() && !isNobody;
    }

    boolean mustLook() {
        return state.equals(SUBSCRIBED) && isNews() && record.open() && record.link() != null
                && record.consentThere() == null;
    }

    boolean maySubscribe() {
        return state.equals(SUBSCRIBED) && isNews() && record.open() && record.link() != null
                && record.consentThere() != null && isRaised(record.consentThere());
    }

    /**
     * Ends a subscription that must not be written, because the contact's fields keep a no of the same person: from
     * another store, or given in the CRM.
     *
     * @param present the contact in the CRM; null where it was not read
     * @param written the fields that are to be written
     */
    void yieldTo(List<Map<String, JsonNode>> siblings, CrmValues present, Set<String> written, Mapping mapping) {
        if (state.equals(SUBSCRIBED) && isNews() && (siblings.stream().anyMatch(Consent::isUnsubscribed)
                || mapping.fields().stream().filter(field -> field.isConsent() && field.mentions(FIELD))
                        .anyMatch(field -> keepsNo(field, siblings, present, written)))) {
            record.consentIsSettled(settled());
        }
    }

    private static boolean isUnsubscribed(Map<String, JsonNode> base) {
        return base.containsKey(SETTLED) && base.get(SETTLED).asText().startsWith(UNSUBSCRIBED + " ");
    }

    private static boolean keepsNo(Field field, List<Map<String, JsonNode>> siblings, CrmValues present,
            Set<String> written) {
        return siblings.stream().anyMatch(base -> field.saysNo(base.get(field.name())))
                || present != null && !written.contains(field.name()) && field.saysNo(present.fields().get(field.name()));
    }

    /** Reads the CRM's consents of the address: an element {subscription, state, at} for each subscription. */
    void look(List<JsonNode> there) {
        String ours = crm.setting(SUBSCRIPTION).orElseThrow();
        record.consentThere(there.stream().filter(one -> one.path("subscription").asText().equals(ours)).findFirst()
                .orElse(JsonNodeFactory.instance.objectNode()));
    }

    /** Records that an earlier, interrupted attempt has written it. */
    void recall(EarlyConsents early) {
        if (record.link() == null && early.has(crm, record.key(), exactly())) {
            record.consentIsSettled(settled());
        }
    }

    private boolean isNews() {
        return !record.guest() && !email.isEmpty() && !record.consentSent()
                && (record.link() == null || !settled().equals(lastSettled()));
    }

    private boolean isRaised(JsonNode there) {
        return switch (there.path("state").asText("").toLowerCase(Locale.ROOT)) {
            case SUBSCRIBED -> false;
            case UNSUBSCRIBED -> crm.setting("legal-basis").isPresent() && isNewerThan(there.path("at").asText(""));
            default -> true;
        };
    }

    private boolean isNewerThan(String theirs) {
        Optional<Instant> ours = time(record.json().path(FIELD).path("consent_updated_at").asText(""));
        return ours.isPresent() && time(theirs).map(at -> ours.get().isAfter(at)).orElse(false);
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private String settled() {
        return state + " " + email;
    }

    /** The same for this change, distinguished from an equal later one. */
    private String exactly() {
        return settled() + " " + record.json().path(FIELD).path("consent_updated_at").asText("");
    }

    private String lastSettled() {
        JsonNode last = record.link().base().get(SETTLED);
        return last == null ? "" : last.asText();
    }

    CrmCall call(Operation operation) {
        boolean subscribes = state.equals(SUBSCRIBED);
        return CrmCall.consent(crm, operation, email, state, crm.setting(SUBSCRIPTION).orElseThrow(),
                subscribes ? crm.setting("legal-basis").orElse(null) : null,
                subscribes ? crm.setting("legal-basis-explanation").orElse(null) : null);
    }

    /** Remembers that this state of this address needs no further call. */
    void settle(Written written) {
        record.consentIsSettled(settled());
        Link link = record.link();
        if (link != null) {
            Map<String, JsonNode> base = new LinkedHashMap<>(link.base());
            base.put(SETTLED, JsonNodeFactory.instance.textNode(settled()));
            record.linkedTo(new Link(link.key(), link.parentId(), link.object(), link.crmId(), base));
            written.remembered(crm, List.of(record));
        } else {
            written.writtenEarly(crm, record, exactly());
        }
    }
}
