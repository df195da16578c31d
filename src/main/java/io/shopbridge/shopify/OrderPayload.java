package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The order, refund and fulfilment topics. Refunds and fulfilments are facets of their order, one each. */
final class OrderPayload {

    private static final String FIRST_VISIT = "first_visit";

    /** What of an order tells who its buyer is, and is protected. */
    private static final List<String> BUYERS = List.of("email", "contact_email", "phone", "billing_address",
            "shipping_address");

    /** Of a transaction whose money is on its way. */
    private static final Set<String> PENDING = Set.of("pending", "awaiting_response");

    private final CustomerPayload customers;
    private final GuestBuyer guestBuyer;
    private final OrderPhones phones;
    private final OrderBuyer orderBuyer;

    OrderPayload(CustomerPayload customers, GuestBuyer guestBuyer) {
        this.customers = customers;
        this.guestBuyer = guestBuyer;
        this.phones = guestBuyer.phones();
        this.orderBuyer = new OrderBuyer(phones);
    }

    void state(Payload payload) {
        ObjectNode order = payload.body();
        String id = payload.id(order);
        RecordKey key = payload.key(RecordKey.ORDER, id);
        Instant at = payload.stateTime(order);
        order.put("id", id);
        if (order.has("tags")) {
            order.set("tags", payload.tags(order.get("tags")));
        }
        buyer(payload, key, order, at);
        payload.parts(order.path("refunds")).forEach(refund -> refund(payload, key, refund, at));
        payload.parts(order.path("fulfillments")).forEach(fulfillment -> fulfillment(payload, key, fulfillment,
                payload.stateTime(fulfillment, at)));
        visits(payload, key, order, at);
        order.remove("customer");
        order.remove("refunds");
        order.remove("fulfillments");
        own(payload, key, at, order, PartlyNamed.IN_ORDER);
    }

    /**
     * What an order, draft order or checkout says of itself. Where nothing tells who the buyer is, the app's approval
     * for protected customer data may be gone, or Shopify has redacted the record, and nobody has emptied anything.
     */
    static void own(Payload payload, RecordKey key, Instant at, ObjectNode body, PartlyNamed partlyNamed) {
        ObjectNode parts = partlyNamed.takeFrom(body);
        if (BUYERS.stream().allMatch(field -> Values.isEmpty(body.path(field)) && !Person.isPlace(parts.path(field)))) {
            body.remove(BUYERS);
        }
        payload.add(key, key.entity(), at, body);
        partlyNamed.add(payload, key, key.entity(), at, parts);
        payload.addDays(key, at);
    }

    /**
     * Facets of their own, written only where the payload knows them: the API tells of a buyer's journey some minutes
     * late and for thirty days, webhooks of its last visit only, and the API alone of the channel's name.
     */
    private static void visits(Payload payload, RecordKey key, ObjectNode order, Instant at) {
        ObjectNode visit = JsonNodeFactory.instance.objectNode();
        for (String field : List.of("landing_site", "referring_site")) {
            if (Json.text(order, field) != null) {
                visit.set(field, order.get(field));
            }
            order.remove(field);
        }
        if (!visit.isEmpty()) {
            payload.add(key, Facets.VISIT, at, visit);
        }
        if (order.remove(FIRST_VISIT) instanceof ObjectNode first) {
            payload.add(key, FIRST_VISIT, at, first);
        }
        if (order.remove(Facets.CHANNEL_NAME) instanceof TextNode channel) {
            payload.add(key, Facets.CHANNEL_NAME, at, channel);
        }
    }

    /** One assessment of its risk; each of those who assess has one. In API 2024-10 it does not say of which order. */
    void risk(Payload payload) {
        JsonNode risk = payload.body();
        if (Json.text(risk, "order_id") == null) {
            return;
        }
        String by = Json.text(risk, "provider_id");
        payload.add(payload.key(RecordKey.ORDER, payload.idIn("order_id")), "risk:" + (by == null ? "shopify" : by),
                payload.time(risk, "created_at"), risk);
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
        payload.add(key, Facets.DELETED, at, JsonNodeFactory.instance.textNode(at.toString()));
    }

    void refund(Payload payload) {
        refund(payload, payload.key(RecordKey.ORDER, payload.idIn("order_id")), payload.body(),
                payload.time(payload.body()));
    }

    void fulfillment(Payload payload) {
        fulfillment(payload, payload.key(RecordKey.ORDER, payload.idIn("order_id")), payload.body(),
                payload.stateTime(payload.body()));
    }

    /**
     * A refund's own times stay when its money arrives or is declined, so what happened to its transactions decides.
     *
     * @param seenAt when Shopify said so
     */
    private void refund(Payload payload, RecordKey order, ObjectNode refund, Instant seenAt) {
        Instant at = Json.latest(refund, "updated_at", "processed_at", "created_at");
        for (JsonNode transaction : refund.path("transactions")) {
            Instant moved = Json.latest(transaction, "processed_at", "created_at");
            at = at == null || moved != null && moved.isAfter(at) ? moved : at;
        }
        String facet = "refund:" + payload.id(refund);
        ObjectNode parts = PartlyNamed.IN_REFUND.takeFrom(refund);
        payload.addProgress(order, facet, at == null ? seenAt : payload.notAhead(at), progress(refund),
                seenAt, refund);
        PartlyNamed.IN_REFUND.add(payload, order, facet, seenAt, parts);
    }

    /** A number that grows with whatever happens to the refund's money: a transaction more, or one that has ended. */
    private static int progress(JsonNode refund) {
        int progress = 0;
        for (JsonNode transaction : refund.path("transactions")) {
            progress += PENDING.contains(transaction.path("status").asText().toLowerCase(Locale.ROOT)) ? 1 : 2;
        }
        return progress;
    }

    private static void fulfillment(Payload payload, RecordKey order, JsonNode fulfillment, Instant at) {
        payload.add(order, "fulfillment:" + payload.id(fulfillment), at, fulfillment);
    }

    /**
     * A facet of its own, written only where the payload names a buyer: a null customer may also mean that the app is
     * not approved for customer data, and must not take away the buyer we know. A customer without an id is a guest,
     * unless another body of this order, older or newer, knows who it is.
     */
    void buyer(Payload payload, RecordKey order, ObjectNode body, Instant at) {
        if (body.path("customer") instanceof ObjectNode customer && Payload.hasId(customer)) {
            phones.readIn(customer, payload, body, customer);
            String id = customers.insideAnOrder(payload, customer, at);
            orderBuyer.of(payload, body, customer, at);
            payload.add(order, Facets.CONTACT, at, JsonNodeFactory.instance.textNode(id));
            return;
        }
        String guest = guestBuyer.profile(payload, body, at);
        if (guest != null) {
            // An order stays its customer's; a cart or a draft may become somebody else's.
            JsonNode contact = JsonNodeFactory.instance.textNode(guest);
            if (order.entity().equals(RecordKey.ORDER)) {
                payload.addProgress(order, Facets.CONTACT, Instant.EPOCH, 0, at, contact);
            } else {
                payload.add(order, Facets.CONTACT, at, contact);
            }
        }
    }
}
