package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.List;

/** The buyer of an order, draft order or checkout. */
final class Buyers {

    /** Of the states of one second, one that names a customer counts: the API may not know yet what a webhook said. */
    private static final int NAMED = 1;

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
     * A facet of its own, written where the payload names a buyer, or says for certain that no customer is. A customer
     * without an id is a guest, unless another body of this order, older or newer, knows who it is.
     */
    void add(Payload payload, RecordKey order, ObjectNode body, Instant at) {
        if (body.path("customer") instanceof ObjectNode customer && Payload.hasId(customer)) {
            phones.readIn(customer, payload, body, customer);
            String id = customers.insideAnOrder(payload, customer, at);
            orderBuyer.of(payload, body, customer, at);
            payload.add(order, Facets.CONTACT, at, NAMED, TextNode.valueOf(id));
            return;
        }
        if (payload.isUnsaid("customer") || payload.isUnsaid("customer.id")) {
            return;     // it may be a customer's
        }
        boolean nobodys = saysThatNoCustomerIs(payload, order, body);
        String guest = guestBuyer.profile(payload, body, at);
        if (guest != null && !nobodys && order.entity().equals(RecordKey.ORDER)) {
            // An order stays its customer's; a cart or a draft may become another person's.
            payload.addProgress(order, Facets.CONTACT, Instant.EPOCH, 0, at, TextNode.valueOf(guest));
        } else if (guest != null || nobodys) {
            payload.add(order, Facets.CONTACT, at, guest == null ? NullNode.instance : TextNode.valueOf(guest));
        }
    }

    /**
     * A merchant may take the customer off an order (orderCustomerRemove in Shopify's API) or a draft, which then names
     * null. In a webhook, null may also mean that the app is not approved for customer data, or that the customer is still
     * to come: only an answer of the API counts, which a poll brings soon. A cart has nobody until its buyer says who they
     * are.
     */
    private static boolean saysThatNoCustomerIs(Payload payload, RecordKey order, ObjectNode body) {
        return payload.isAnswer() && body.path("customer").isNull() && !order.entity().equals(RecordKey.CHECKOUT);
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
