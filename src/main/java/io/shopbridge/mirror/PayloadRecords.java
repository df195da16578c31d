package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.store.RecordKey;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The canonical records that one webhook body gives a mirror that knows nothing else. Nothing is stored. */
public final class PayloadRecords {

    private static final int STEM = 6;

    private PayloadRecords() {
    }

    /** The topics whose bodies are understood. */
    public static Set<String> topics() {
        return new Topics(new GuestBuyer(store -> null, GuestKey.ofNoInstallation())).names();
    }

    /**
     * Reads the body.
     *
     * @param region ISO 3166-1 alpha-2 code by which a guest's phone number without a country code is read
     * @return the record that the topic is about first; none where the topic is not handled
     * @throws UnreadablePayload where the body is not what the topic claims
     */
    public static List<CanonicalRecord> of(String store, String region, String topic, byte[] body) {
        return of(store, region, List.of(new PayloadPart(topic, body)));
    }

    /** As {@link #of(String, String, String, byte[])}, but what several bodies say of one record is put together. */
    public static List<CanonicalRecord> of(String store, String region, List<PayloadPart> parts) {
        Topics topics = new Topics(new GuestBuyer(name -> region, GuestKey.ofNoInstallation()));
        Map<RecordKey, List<StoredFacet>> facets = new LinkedHashMap<>();
        for (PayloadPart part : parts) {
            ReceivedEvent event = new ReceivedEvent(0, store, part.topic(), null, Instant.EPOCH, part.body());
            List<FacetChange> changes = new ArrayList<>(topics.read(event).orElse(List.of()));
            changes.sort(Comparator.comparing(change -> !isAbout(part.topic(), change.key().entity())));
            for (FacetChange change : changes) {
                facets.computeIfAbsent(change.key(), key -> new ArrayList<>())
                        .add(new StoredFacet(change.facet(), change.version(), change.value()));
            }
        }
        List<CanonicalRecord> records = new ArrayList<>();
        facets.forEach((key, of) -> records.add(CanonicalRecords.assemble(key, of)));
        return records;
    }

    /** By the stem that customer and customers_…, company and companies have in common. */
    private static boolean isAbout(String topic, String entity) {
        return topic.startsWith(entity.substring(0, Math.min(STEM, entity.length())));
    }

    /**
     * The topic that a body of this shape most likely came with; empty where nothing tells. Which of several topics of
     * one shape it was (created, updated, paid) makes no difference to the record.
     *
     * @throws UnreadablePayload where it isn't a JSON object
     */
    public static Optional<String> topicOf(byte[] body) {
        JsonNode json;
        try {
            json = Json.read(body);
        } catch (IOException e) {
            throw new UnreadablePayload("The body is not JSON: give the bytes as Shopify sent them");
        }
        if (!(json instanceof ObjectNode object)) {
            throw new UnreadablePayload("The body is not a JSON object, as every webhook's is");
        }
        if (object.has("refund_line_items") && object.has("order_id")) {
            return Optional.of("refunds/create");
        } else if (object.has("order_edit")) {
            return Optional.of("orders/edited");
        } else if (object.has("order_id") && (object.has("tracking_number") || object.has("tracking_numbers"))) {
            return Optional.of("fulfillments/update");
        } else if (object.has("abandoned_checkout_url")) {
            return Optional.of("checkouts/update");
        } else if (object.has("invoice_url") && object.has("line_items")) {
            return Optional.of("draft_orders/update");
        } else if (object.has("main_contact_admin_graphql_api_id")) {
            return Optional.of("companies/update");
        } else if (object.has("line_items") && object.has("financial_status")) {
            return Optional.of("orders/updated");
        } else if (object.has("customer_id") && object.has("email_marketing_consent")) {
            return Optional.of("customers_email_marketing_consent/update");
        } else if (object.has("sms_marketing_consent") && !object.has("addresses")
                && !object.has("verified_email")) {
            return Optional.of("customers_marketing_consent/update");
        } else if (object.has("verified_email") || object.has("default_address") && object.has("email")) {
            return Optional.of("customers/update");
        }
        return Optional.empty();
    }
}
