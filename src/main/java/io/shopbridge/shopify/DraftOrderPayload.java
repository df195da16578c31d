package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;

/**
 * The draft order topics: what somebody in the shop, or a buyer of a company, put together and is yet to be paid. A
 * draft that is completed names the order that it became, and stays.
 */
final class DraftOrderPayload {

    private static final String TAGS = "tags";

    private final OrderPayload orders;

    DraftOrderPayload(OrderPayload orders) {
        this.orders = orders;
    }

    void state(Payload payload) {
        ObjectNode draft = payload.body();
        String id = payload.id(draft);
        RecordKey key = payload.key(RecordKey.DRAFT_ORDER, id);
        Instant at = payload.stateTime(draft);
        draft.put("id", id);
        if (draft.has(TAGS)) {
            draft.set(TAGS, payload.tags(draft.get(TAGS)));
        }
        // Orders and checkouts have a list of it. Null: there is none any more.
        JsonNode shipping = draft.remove("shipping_line");
        if (shipping != null) {
            ArrayNode list = draft.putArray("shipping_lines");
            if (shipping.isObject()) {
                list.add(shipping);
            }
        }
        orders.buyer(payload, key, draft, at);
        draft.remove("customer");
        OrderPayload.own(payload, key, at, draft, PartlyNamed.IN_CHECKOUT);
    }

    void deleted(Payload payload) {
        Instant at = payload.time(payload.body());
        payload.add(payload.key(RecordKey.DRAFT_ORDER, payload.id(payload.body())), Facets.DELETED, at,
                JsonNodeFactory.instance.textNode(at.toString()));
    }
}
