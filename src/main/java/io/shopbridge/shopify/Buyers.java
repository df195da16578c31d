package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.List;

/** The buyer of an order, draft order or checkout. */
final class Buyers {

    /** What tells who the buyer is, and is protected. */
    private static final List<String> FIELDS = List.of("email", "contact_email", "phone", "billing_address",
            "shipping_address");

    private final CustomerPayload customers;
    private final GuestBuyer guestBuyer;
    private final OrderPhones phones;
    private final OrderBuyer orderBuyer;

    Buyers(CustomerPayload customers, GuestBuyer guestBuyer) {
        this.customers = customers;
        this.guestBuyer = guestBuyer;
        this.phones = guestBuyer.phones();
        this.orderBuyer = new OrderBuyer(phones);
    }

    /**
     * A facet of its own, written only where the payload names a buyer: a null customer may also mean that the app is
     * not approved for customer data, and must not take away the buyer we know. A customer without an id is a guest,
     * unless another body of this order, older or newer, knows who it is.
     */
    void add(Payload payload, RecordKey order, ObjectNode body, Instant at) {
        if (body.path("customer") instanceof ObjectNode customer && Payload.hasId(customer)) {
            phones.readIn(customer, payload, body, customer);
            String id = customers.insideAnOrder(payload, customer, at);
            orderBuyer.of(payload, body, customer, at);
            payload.add(order, Facets.CONTACT, at, JsonNodeFactory.instance.textNode(id));
            return;
        }
        if (payload.isUnsaid("customer") || payload.isUnsaid("customer.id")) {
            return;     // it may be a customer's
        }
        String guest = guestBuyer.profile(payload, body, at);
        if (guest != null) {
            // An order stays its customer's; a cart or a draft may become another person's.
            JsonNode contact = JsonNodeFactory.instance.textNode(guest);
            if (order.entity().equals(RecordKey.ORDER)) {
                payload.addProgress(order, Facets.CONTACT, Instant.EPOCH, 0, at, contact);
            } else {
                payload.add(order, Facets.CONTACT, at, contact);
            }
        }
    }

    /**
     * Where nothing tells who the buyer is, the app's approval for protected customer data may be gone, or Shopify has
     * redacted the record, and nobody has emptied anything.
     *
     * @param parts what was taken out of the body because it is named in part
     */
    static void keepWhereWithheld(ObjectNode body, ObjectNode parts) {
        if (FIELDS.stream().allMatch(field -> Values.isEmpty(body.path(field)) && !Person.isPlace(parts.path(field)))) {
            body.remove(FIELDS);
        }
    }
}
