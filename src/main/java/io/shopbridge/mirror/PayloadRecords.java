package io.shopbridge.mirror;

import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.PayloadPart;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The canonical records that one webhook body gives a mirror that knows nothing else. Nothing is stored. */
public final class PayloadRecords {

    private static final int STEM = 6;

    private PayloadRecords() {
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
        Topics topics = Topics.ofNoInstallation(region);
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
}
