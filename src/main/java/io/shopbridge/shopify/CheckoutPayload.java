package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;

/**
 * The checkout topics. A checkout is known by its cart token, because that is all that checkouts/delete still carries
 * (<a href="https://shopify.dev/changelog/removed-checkout-id-from-checkouts-and-orders-webhooks">no id since
 * 2026-04</a>), and because somebody who comes back to a cart has one cart, not two; by its own token where it has none.
 */
final class CheckoutPayload {

    private final OrderPayload orders;

    CheckoutPayload(OrderPayload orders) {
        this.orders = orders;
    }

    void state(Payload payload) {
        ObjectNode checkout = payload.body();
        RecordKey key = key(payload);
        Instant at = payload.stateTime(checkout);
        orders.buyer(payload, key, checkout, at);
        checkout.remove("customer");
        OrderPayload.own(payload, key, at, checkout, PartlyNamed.IN_CHECKOUT);
    }

    void deleted(Payload payload) {
        Instant at = payload.time(payload.body());
        payload.add(key(payload), Facets.DELETED, at, JsonNodeFactory.instance.textNode(at.toString()));
    }

    private static RecordKey key(Payload payload) {
        boolean hasCart = Json.text(payload.body(), "cart_token") != null;
        return payload.key(RecordKey.CHECKOUT, payload.idIn(hasCart ? "cart_token" : "token"));
    }
}
