package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.Facets;
import io.shopbridge.shopify.Json;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A whole record in canonical shape: Shopify's webhook shape, ids as text, times in UTC.
 *
 * @param complete false while no topic has brought its main facet yet: it can't be delivered
 * @param mainAt   version time of its main facet; null where that is not known yet
 * @param times    version times of its other facets, by the canonical field they make: email_marketing_consent, tags, …
 * @param fieldTimes version times of the main facet's fields
 * @param whollyTold the lists of which Shopify has removed every element, the fields that are their first, and the lists
 *     of which it has told all there are: what these have not is known not to be there, and of others it may only be
 *     that nobody has told
 */
public record CanonicalRecord(RecordKey key, ObjectNode json, boolean complete, Instant mainAt,
        Map<String, Instant> times, Map<String, Instant> fieldTimes, Set<String> whollyTold) {

    /** Whether Shopify's newest event of this customer had no personal fields. */
    public boolean withheld() {
        return json.path(Facets.WITHHELD).asBoolean(false);
    }

    /** The customer that Shopify merged this one into; empty for all others. */
    public Optional<RecordKey> mergedInto() {
        return Optional.ofNullable(Json.text(json, Facets.MERGED_INTO))
                .map(id -> new RecordKey(key.store(), key.entity(), id));
    }

    /** Whether this is a buyer without a customer account. */
    public boolean guest() {
        return json.path("guest").asBoolean(false);
    }

    /**
     * When what a value is made of last changed in Shopify; null where that isn't known.
     *
     * @param mentions whether the value is made of this canonical field
     */
    public Instant changedAt(Predicate<String> mentions) {
        return latest(times, mentions).or(() -> latest(fieldTimes, mentions)).orElse(mainAt);
    }

    private static Optional<Instant> latest(Map<String, Instant> times, Predicate<String> mentions) {
        return times.entrySet().stream().filter(time -> mentions.test(time.getKey())).map(Map.Entry::getValue)
                .filter(Objects::nonNull).max(Instant::compareTo);
    }
}
