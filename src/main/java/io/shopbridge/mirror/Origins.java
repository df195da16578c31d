package io.shopbridge.mirror;

import io.shopbridge.shopify.Entity;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.FieldStates;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Version;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Where what the mirror holds of a record came from. */
@Component
public class Origins {

    /** Of the fields that {@link Derived} computes: what they are made of. */
    private static final Map<String, Set<String>> MADE_OF = Map.ofEntries(
            Map.entry("totals", Set.of("total_price_set", "current_total_price_set", "total_price", "refunds", "transactions")),
            Map.entry("stage", Set.of("financial_status", "fulfillment_status", "fulfillments", "cancelled_at", "deleted_at")),
            Map.entry("return_status", Set.of("return_status", "returns")),
            Map.entry("risk_level", Set.of("risks")),
            Map.entry("attributes", Set.of("note_attributes")),
            Map.entry("attribution", Set.of("source_name", "channel_name", "source_identifier", "landing_site",
                    "referring_site", "note_attributes", Facets.VISIT)),
            Map.entry("first_visit", Set.of(Facets.VISIT)),
            Map.entry("company", Set.of("companies", "company")));

    private final JdbcTemplate jdbc;
    private final Shopify shopify;

    Origins(JdbcTemplate jdbc, Shopify shopify) {
        this.jdbc = jdbc;
        this.shopify = shopify;
    }

    /**
     * Where a field of the canonical record came from.
     *
     * @param field   of the canonical record
     * @param facet   that the mirror keeps it in
     * @param at      the version time of what is known of it: Shopify's time of this state
     * @param inboxId the newest event that changed the facet: of a facet whose fields have versions of their own perhaps
     *                not the one that brought this field; null where none did
     */
    public record Origin(String field, String facet, Instant at, Long inboxId) {

        /** Whether an event that says this of the facet may be the one. */
        public boolean isOf(String otherFacet, boolean byField, Version version, byte[] value) {
            return facet.equals(otherFacet) && (byField ? FieldStates.of(version, value).versions().entrySet().stream()
                    .anyMatch(said -> said.getKey().equals(field) && said.getValue().at().equals(at))
                    : version.at().equals(at));
        }
    }

    /** The fields, as Shopify sends them, of which this one is made: mostly itself. */
    public static Set<String> madeOf(String field) {
        return MADE_OF.getOrDefault(field, Set.of(field));
    }

    /** Of all fields that are known of this record; several of a field that is made of several facets. */
    public List<Origin> of(RecordKey key) {
        Entity entity = shopify.entity(key.entity());
        List<Origin> origins = new ArrayList<>();
        jdbc.query("SELECT facet, version_at, version_tie, value, inbox_id FROM mirror_facet WHERE store = ? AND entity = ?"
                        + " AND record_id = ? ORDER BY facet",
                row -> {
                    String facet = row.getString("facet");
                    Version version = new Version(row.getObject("version_at", OffsetDateTime.class).toInstant(),
                            row.getString("version_tie"));
                    Long inboxId = row.getObject("inbox_id", Long.class);
                    if (facet.equals(entity.facet()) || facet.equals(Facets.BUYER)) {
                        FieldStates.of(version, row.getBytes("value")).versions().forEach((field, said) ->
                                origins.add(new Origin(field, facet, said.at(), inboxId)));
                    } else {
                        origins.add(new Origin(CanonicalRecords.fieldOf(entity, facet), facet, version.at(), inboxId));
                    }
                }, key.store(), key.entity(), key.recordId());
        return origins;
    }
}
