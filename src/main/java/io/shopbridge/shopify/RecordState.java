package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.List;

/** A record's own object, without the parts that are facets of their own, as its {@link Entity} defines. */
final class RecordState {

    private static final String TAGS = "tags";

    private final Buyers buyers;

    RecordState(Buyers buyers) {
        this.buyers = buyers;
    }

    void add(Payload payload, Entity entity, RecordKey key, ObjectNode body, Instant at) {
        body.put(Payload.ID, key.recordId());
        if (body.has(TAGS)) {
            body.set(TAGS, payload.tags(body.get(TAGS)));
        }
        if (entity.buyer()) {
            buyers.add(payload, key, body, at);
            body.remove("customer");
        }
        entity.removeWhatIsNotItsOwn(body);
        RecordParts.takeFrom(payload, entity, key, body, at);
        ListedParts.takeFrom(payload, entity, key, body, at);
        entity.apart().forEach(field -> apart(payload, key, field, body.remove(field), at));
        entity.together().forEach((facet, fields) -> apart(payload, key, facet, together(body, fields), at));
        entity.asList().forEach((list, single) -> asList(body, list, single));
        entity.ids().forEach((name, global) -> {
            if (body.has(global)) {
                String id = Json.text(body, global);
                body.put(name, id != null && Ids.isAnyId(id) ? Ids.plain(id) : null);
            }
        });
        ObjectNode named = entity.whole().takeFrom(body, payload::isPartlyUnsaid);
        if (entity.buyer()) {
            Buyers.keepWhereWithheld(body, named);
        }
        payload.add(key, entity.facet(), at, body);
        entity.whole().add(payload, key, entity.facet(), at, named);
        if (entity.buyer()) {
            payload.addDays(key, at);
        }
    }

    private static ObjectNode together(ObjectNode body, List<String> fields) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        fields.forEach(field -> {
            JsonNode value = body.remove(field);
            if (!Values.isEmpty(value)) {
                object.set(field, value);
            }
        });
        return object;
    }

    /** Written only where the body has a value: not every body knows of it, and none takes it away. */
    private static void apart(Payload payload, RecordKey key, String facet, JsonNode value, Instant at) {
        if (!Values.isEmpty(value) && !(value.isObject() && value.isEmpty())) {
            payload.add(key, facet, at, value);
        }
    }

    /** What Shopify has one of here and lists elsewhere. Null: there is none any more. */
    private static void asList(ObjectNode body, String list, String single) {
        JsonNode one = body.remove(single);
        if (one != null) {
            ArrayNode array = body.putArray(list);
            if (one.isObject()) {
                array.add(one);
            }
        }
    }
}
