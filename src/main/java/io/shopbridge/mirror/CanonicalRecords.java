package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/** Puts the facets of records together into whole canonical records. */
@Component
public class CanonicalRecords {

    static final String CONTACT = "contact";
    private static final String PROFILE = "profile";
    private static final String ORDER = "order";
    private static final String TAGS = "tags";
    private static final String TAG = "tag:";
    private static final String REFUND = "refund:";
    private static final String FULFILLMENT = "fulfillment:";
    private static final String EDIT = "edit:";
    private static final String DELETED = "deleted";

    private final Mirror mirror;
    private final CustomerFigures figures;

    CanonicalRecords(Mirror mirror, CustomerFigures figures) {
        this.mirror = mirror;
        this.figures = figures;
    }

    /** The records of these keys; one of which nothing is known is an incomplete one. */
    public Map<RecordKey, CanonicalRecord> load(Collection<RecordKey> keys) {
        Map<RecordKey, List<StoredFacet>> facets = mirror.read(keys);
        Map<RecordKey, CanonicalRecord> records = new HashMap<>();
        keys.forEach(key -> records.put(key, assemble(key, facets.getOrDefault(key, List.of()))));
        figures.metrics(keys.stream().filter(key -> key.entity().equals(RecordKey.CUSTOMER)).toList(), Instant.now())
                .forEach((key, metrics) -> records.get(key).json().set("metrics", metrics));
        return records;
    }

    static CanonicalRecord assemble(RecordKey key, List<StoredFacet> facets) {
        String main = key.entity().equals(RecordKey.CUSTOMER) ? PROFILE : ORDER;
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        boolean complete = false;
        Instant at = Instant.EPOCH;
        TagList tags = new TagList();
        Map<String, JsonNode> refunds = new TreeMap<>();
        Map<String, JsonNode> fulfillments = new TreeMap<>();
        for (StoredFacet facet : facets) {
            at = at.isBefore(facet.at()) ? facet.at() : at;
            JsonNode value = Json.readOwn(facet.value());
            String name = facet.name();
            if (name.equals(main)) {
                json.setAll((ObjectNode) value);
                complete = true;
            } else if (name.equals(TAGS)) {
                tags.all(facet.at(), value);
            } else if (name.startsWith(TAG)) {
                tags.one(facet.at(), name.substring(TAG.length()), value.asBoolean());
            } else if (name.startsWith(REFUND)) {
                refunds.put(name, value);
            } else if (name.startsWith(FULFILLMENT)) {
                fulfillments.put(name, value);
            } else if (name.equals(CONTACT)) {
                json.set("contact_key", value);
            } else if (name.equals(DELETED)) {
                json.set("deleted_at", value);
            } else if (!name.startsWith(EDIT)) {
                json.set(name, value);
            }
        }
        if (tags.known()) {
            json.set(TAGS, tags.list());
        }
        if (main.equals(ORDER)) {
            json.set("refunds", array(refunds.values()));
            json.set("fulfillments", array(fulfillments.values()));
            if (complete) {
                json.set("totals", OrderTotals.of(json));
            }
        }
        if (main.equals(PROFILE)) {
            json.putObject("signals");
        }
        json.put("id", key.recordId());
        return new CanonicalRecord(key, json, complete, at);
    }

    private static ArrayNode array(Collection<JsonNode> values) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        values.forEach(array::add);
        return array;
    }

    /** A tag's own newer event wins over the whole list, and the whole list over older events. */
    private static final class TagList {

        private Instant allAt;
        private final TreeSet<String> all = new TreeSet<>();
        private final Map<String, Instant> addedAt = new HashMap<>();
        private final Map<String, Instant> removedAt = new HashMap<>();

        void all(Instant at, JsonNode tags) {
            allAt = at;
            tags.forEach(tag -> all.add(tag.asText()));
        }

        void one(Instant at, String tag, boolean added) {
            (added ? addedAt : removedAt).put(tag, at);
        }

        boolean known() {
            return allAt != null || !addedAt.isEmpty() || !removedAt.isEmpty();
        }

        ArrayNode list() {
            TreeSet<String> present = new TreeSet<>(all);
            addedAt.forEach((tag, at) -> {
                if (allAt == null || at.isAfter(allAt)) {
                    present.add(tag);
                }
            });
            removedAt.forEach((tag, at) -> {
                if (allAt == null || at.isAfter(allAt)) {
                    present.remove(tag);
                }
            });
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            present.forEach(list::add);
            return list;
        }
    }
}
