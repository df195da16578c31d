package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;

/** Parts of a record that are facets of their own: refunds, fulfilments, assessments of risk. */
final class RecordParts {

    /** Of a transaction whose money is on its way. */
    private static final Set<String> PENDING = Set.of("pending", "awaiting_response");

    private RecordParts() {
    }

    /** Those inside the record's own object, which are taken out of it. */
    static void takeFrom(Payload payload, Entity entity, RecordKey key, ObjectNode body, Instant at) {
        for (Entity.Part list : entity.lists().values()) {
            if (list.inside()) {
                payload.parts(body.path(list.list())).forEach(part -> add(payload, key, list, payload.id(part), part,
                        list.money() ? at : payload.stateTime(part, at)));
                body.remove(list.list());
            }
        }
    }

    /** @param at when Shopify said so */
    static void add(Payload payload, RecordKey key, Entity.Part list, String id, ObjectNode part, Instant at) {
        String facet = list.facetOf(id);
        Instant moved = list.money() ? moved(part) : null;
        ObjectNode named = list.whole().takeFrom(part, field -> payload.isPartlyUnsaid(list.list() + "." + field));
        if (list.money()) {
            payload.addProgress(key, facet, moved == null ? at : payload.notAhead(moved), progress(part), at, part);
        } else {
            payload.add(key, facet, at, part);
        }
        list.whole().add(payload, key, facet, at, named);
    }

    /** A refund's own times stay when its money arrives or is declined, so what happened to its transactions decides. */
    private static Instant moved(ObjectNode refund) {
        Instant at = Json.latest(refund, "updated_at", "processed_at", "created_at");
        for (JsonNode transaction : refund.path("transactions")) {
            Instant moved = Json.latest(transaction, "processed_at", "created_at");
            at = at == null || moved != null && moved.isAfter(at) ? moved : at;
        }
        return at;
    }

    /** A number that grows with whatever happens to the refund's money: a transaction more, or one that has ended. */
    private static int progress(ObjectNode refund) {
        int progress = 0;
        for (JsonNode transaction : refund.path("transactions")) {
            progress += PENDING.contains(transaction.path("status").asText().toLowerCase(Locale.ROOT)) ? 1 : 2;
        }
        return progress;
    }
}
