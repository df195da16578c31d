package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;

/**
 * The ids of all parts that a record has. An answer of the Admin API is true when it is given, also where the record itself
 * has not changed for long: a role that a buyer got and lost since then is no change of the buyer.
 */
final class ListedParts {

    private ListedParts() {
    }

    /** Takes the lists out of the record's object, as a facet of their own. */
    static void takeFrom(Payload payload, Entity entity, RecordKey key, ObjectNode body, Instant at) {
        ObjectNode lists = JsonNodeFactory.instance.objectNode();
        entity.wholeLists().stream().map(Entity.Part::listed).filter(body::has)
                .forEach(list -> lists.set(list, body.remove(list)));
        if (!lists.isEmpty()) {
            Instant answered = payload.answeredAfter();
            payload.add(key, Facets.LISTED, answered == null || answered.isBefore(at) ? at : answered, lists);
        }
    }
}
