package io.shopbridge.mirror;

import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.PayloadPart;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The canonical records from one webhook body, for an empty mirror. Nothing is stored. */
public final class PayloadRecords {

    private PayloadRecords() {
    }

    /**
     * Reads the body.
     *
     * @param region ISO 3166-1 alpha-2 code by which a guest's phone number without a country code is read
     * @return the record that the topic is about first; none where the topic is not handled
     * @throws UnreadablePayload where the body is not what the topic claims
     */
    public static List<CanonicalRecord> of(Shopify shopify, String store, String region, String topic, byte[] body) {
        return of(shopify, store, region, List.of(new PayloadPart(topic, body)));
    }

    /** As {@link #of(Shopify, String, String, String, byte[])}, but several bodies of one record are combined. */
    public static List<CanonicalRecord> of(Shopify shopify, String store, String region, List<PayloadPart> parts) {
        Topics topics = Topics.ofNoInstallation(shopify, region);
        Map<RecordKey, List<StoredFacet>> facets = new LinkedHashMap<>();
        for (PayloadPart part : parts) {
            ReceivedEvent event = new ReceivedEvent(0, store, part.topic(), null, Instant.EPOCH, part.body());
            List<FacetChange> changes = new ArrayList<>(topics.read(event).orElse(List.of()));
            changes.sort(Comparator.comparing(change -> !shopify.isAbout(part.topic(), change.key().entity())));
            for (FacetChange change : changes) {
                facets.computeIfAbsent(change.key(), key -> new ArrayList<>())
                        .add(new StoredFacet(change.facet(), change.version(), change.value()));
            }
        }
        List<CanonicalRecord> records = new ArrayList<>();
        facets.forEach((key, of) -> records.add(CanonicalRecords.assemble(shopify.entity(key.entity()), key, of)));
        return records;
    }
}
