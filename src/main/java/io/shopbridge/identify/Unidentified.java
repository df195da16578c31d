package io.shopbridge.identify;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.MappingContext;
import io.shopbridge.map.MatchKey;
import io.shopbridge.store.RecordKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A record without a stored link.
 *
 * @param externalId our key for it; null for a guest
 * @param keys       by which the CRM may know it, in order
 * @param name       CRM field to value, of the fields that make up a person's name; empty where none is known
 */
public record Unidentified(RecordKey key, String externalId, List<MatchKey> keys, Map<String, JsonNode> name,
        MappingContext context) {

    /** With our own key among those that one process at a time may create a record for. */
    Unidentified alsoBy(String externalIdField) {
        if (externalId == null) {
            return this;
        }
        List<MatchKey> all = new ArrayList<>(keys);
        all.add(new MatchKey(externalIdField, externalId, false));
        return new Unidentified(key, externalId, List.copyOf(all), name, context);
    }

    /** Known by nothing but this. */
    Unidentified by(MatchKey only) {
        return new Unidentified(key, externalId, List.of(only), name, context);
    }
}
