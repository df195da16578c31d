package io.shopbridge.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;

/** The order, refund and fulfilment topics. Refunds and fulfilments are facets of their order, one each. */
final class OrderPayload {

    /** The facet with the shop's own days of the order's times. */
    static final String DAYS = "days";

    private final CustomerPayload customers;
    private final GuestBuyer guestBuyer;

    OrderPayload(CustomerPayload customers, GuestBuyer guestBuyer) {
        this.customers = customers;
        this.guestBuyer = guestBuyer;
    }

    void state(Payload payload) {
        ObjectNode order = payload.body();
        String id = payload.id(order);
        RecordKey key = payload.key(RecordKey.ORDER, id);
        Instant at = payload.time(order, "updated_at", "created_at");
        order.put("id", id);
        if (order.has("tags")) {
            order.set("tags", Payload.tags(order.get("tags")));
        }
        buyer(payload, key, order, at);
        order.path("refunds").forEach(refund -> refund(payload, key, refund, at));
        order.path("fulfillments").forEach(fulfillment -> fulfillment(payload, key, fulfillment));
        order.remove("customer");
        order.remove("refunds");
        order.remove("fulfillments");
        payload.add(key, "order", at, order);
        // Apart, so that an answer of the API, which doesn't tell them, doesn't take them away.
        if (!payload.days().isEmpty()) {
            payload.add(key, DAYS, at, payload.days());
        }
    }

    /** What an edit changed is no state; orders/updated brings that. The edit says only that the order changed. */
    void edited(Payload payload) {
        JsonNode edit = payload.body().path("order_edit");
        String orderId = payload.idIn(edit, "order_id", "order_edit.order_id");
        payload.add(payload.key(RecordKey.ORDER, orderId), "edit:" + payload.id(edit),
                payload.time(edit, "committed_at", "created_at"), edit);
    }

    void deleted(Payload payload) {
        RecordKey key = payload.key(RecordKey.ORDER, payload.id(payload.body()));
        Instant at = payload.time(payload.body());
        payload.add(key, "deleted", at, JsonNodeFactory.instance.textNode(at.toString()));
    }

    void refund(Payload payload) {
        refund(payload, payload.key(RecordKey.ORDER, payload.idIn("order_id")), payload.body(),
                payload.time(payload.body()));
    }

    void fulfillment(Payload payload) {
        fulfillment(payload, payload.key(RecordKey.ORDER, payload.idIn("order_id")), payload.body());
    }

    /**
     * A refund's own times stay when its money arrives or is declined, so what happened to its transactions decides.
     *
     * @param seenAt when Shopify said so
     */
    private void refund(Payload payload, RecordKey order, JsonNode refund, Instant seenAt) {
        Instant at = Payload.latest(refund, "updated_at", "processed_at", "created_at");
        for (JsonNode transaction : refund.path("transactions")) {
            Instant moved = Payload.latest(transaction, "processed_at", "created_at");
            at = at == null || moved != null && moved.isAfter(at) ? moved : at;
        }
        payload.addProgress(order, "refund:" + payload.id(refund), at == null ? seenAt : payload.notAhead(at),
                RefundMoney.progress(refund), seenAt, refund);
    }

    private void fulfillment(Payload payload, RecordKey order, JsonNode fulfillment) {
        payload.add(order, "fulfillment:" + payload.id(fulfillment),
                payload.time(fulfillment, "updated_at", "created_at"), fulfillment);
    }

    /**
     * A facet of its own, written only where the payload names a buyer: a null customer may also mean that the app is
     * not approved for customer data, and must not take away the buyer we know. A customer without an id is a guest.
     */
    void buyer(Payload payload, RecordKey order, ObjectNode body, Instant at) {
        String contact = body.path("customer") instanceof ObjectNode customer && Payload.hasId(customer)
                ? customers.profile(payload, customer)
                : guestBuyer.profile(payload, body, at);
        if (contact != null) {
            payload.add(order, "contact", at, JsonNodeFactory.instance.textNode(contact));
        }
    }
}
