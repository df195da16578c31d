package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What tells a topic's body from another topic's. Shopify signs the body and not the topic, so whoever has one signed
 * body could send it again as another topic's: a customer's update as the customer's deletion. Only companies, their
 * locations and their contacts are deleted with the very body of their last update, so that nothing tells the two
 * apart; a deletion counts until the record changes again, see {@code mirror.CanonicalRecords}.
 *
 * @param type    the type in the body's global id, where it has one; null: any
 * @param only    the only fields that say anything: a deletion's; empty: all may
 * @param besides at least one field that is none of these says something: a state's; empty: none must
 * @param someOf  at least one of these fields is there, unless a global id is of the type; empty: none must
 * @param orElse  one of these is enough in a body without a {@code token}: a cart has them too, and always a token
 * @param noneOf  none of these is there
 */
record TopicShape(String type, Set<String> only, Set<String> besides, Set<String> someOf, Set<String> orElse,
        Set<String> noneOf) {

    private static final String TOKEN = "token";

    private static final Map<String, TopicShape> SHAPES = new HashMap<>();

    static {
        Set<String> customerDeleted = Set.of(Payload.ID, Payload.GID, "tax_exemptions");
        // The consent to SMS has the customer's id and phone, and would wipe all else.
        Set<String> person = Set.of("email", "first_name", "last_name", "created_at", "updated_at", "verified_email",
                "state", "note", "default_address", "addresses");
        TopicShape customer = new TopicShape("Customer", Set.of(), customerDeleted, person, Set.of(),
                Set.of("customerId", "customer_id", "order_id", "line_items", "financial_status", "refund_line_items",
                        "order_edit", TOKEN, "cart_token", "shop_domain", "myshopify_domain", "company", "customer",
                        "current", "previous"));
        put(customer, "customers/create", "customers/update");
        put(deletion("Customer", customerDeleted), "customers/delete");
        put(part(null, CustomerPayload.KEPT, with(person, Payload.ID, "line_items")), "customers/merge");
        Set<String> customers = Set.of("line_items", "verified_email", "addresses", "shop_domain");
        put(part(null, Set.of("email_marketing_consent"), customers), "customers_email_marketing_consent/update");
        put(part(null, Set.of("sms_marketing_consent"), customers), "customers_marketing_consent/update");
        put(part(null, Set.of("whats_app_marketing_consent"), customers),
                "customers_whats_app_marketing_consent/update");
        put(part(null, Set.of("tags"), customers), "customer.tags_added", "customer.tags_removed");

        Set<String> orderDeleted = Set.of(Payload.ID, Payload.GID);
        // A cart has nothing of these.
        Set<String> ordered = Set.of("financial_status", "total_price", "total_price_set", "current_total_price",
                "currency", "order_number", "name", "processed_at", "refunds", "email", "fulfillment_status",
                "fulfillments", "cancelled_at", "closed_at", "cancel_reason", "contact_email", "phone",
                "subtotal_price", "subtotal_price_set", "current_subtotal_price", "current_subtotal_price_set",
                "current_total_price_set", "total_outstanding", "total_outstanding_set", "total_discounts",
                "total_tax", "total_shipping_price_set", "billing_address", "shipping_address", "shipping_lines",
                "discount_codes", "discount_applications", "payment_gateway_names", "returns", "order_status_url",
                "source_name", "po_number");
        TopicShape order = new TopicShape("Order", Set.of(), orderDeleted, ordered,
                Set.of("tags", "note", "note_attributes", "line_items", "customer"), Set.of("customerId", "order_id",
                "refund_line_items", "order_edit", "abandoned_checkout_url", "shop_domain", "verified_email",
                "first_name", "sms_marketing_consent", "sms_marketing_phone", "reservation_token", "myshopify_domain"));
        put(order, "orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled",
                "orders/partially_fulfilled");
        put(deletion("Order", orderDeleted), "orders/delete");
        put(part(null, Set.of("order_edit"), Set.of()), "orders/edited");
        put(part(null, Set.of("risk_level"), Set.of("line_items", "financial_status", "customer_id")),
                "orders/risk_assessment_changed");
        put(part("Refund", Set.of("refund_line_items", "transactions", "order_adjustments"),
                Set.of("tracking_number", "tracking_numbers", "financial_status", "kind")), "refunds/create");
        put(part("Fulfillment", Set.of("tracking_number", "tracking_numbers", "tracking_company", "tracking_url",
                "tracking_urls", "shipment_status", "line_items", "service"),
                Set.of("refund_line_items", "order_adjustments", "financial_status", "kind")),
                "fulfillments/create", "fulfillments/update");

        Set<String> checkoutDeleted = Set.of(Payload.ID, Payload.GID, "token", "cart_token", "presentment_currency",
                "buyer_accepts_sms_marketing", "sms_marketing_phone", "total_discounts", "total_line_items_price",
                "total_price", "total_tax", "subtotal_price", "total_duties", "reservation_token");
        TopicShape checkout = new TopicShape("Checkout", Set.of(), checkoutDeleted, Set.of("abandoned_checkout_url",
                "cart_token", "currency", "presentment_currency", "total_price", "email", "phone", "completed_at",
                "customer", "billing_address", "shipping_address", "shipping_lines", "discount_codes", "gateway",
                "subtotal_price", "total_discounts", "total_tax", "customer_locale"), Set.of(), Set.of("customerId",
                "order_id", "refund_line_items", "order_edit", "shop_domain", "financial_status", "order_number",
                "refunds", "verified_email", "myshopify_domain"));
        put(checkout, "checkouts/create", "checkouts/update");
        put(deletion("Checkout", checkoutDeleted), "checkouts/delete");

        Set<String> draftDeleted = Set.of(Payload.ID, Payload.GID);
        // Orders have most of a draft's fields, disputes and returns have a status, but none without a token has these.
        TopicShape draft = new TopicShape("DraftOrder", Set.of(), draftDeleted,
                Set.of("invoice_url", "invoice_sent_at", "completed_at", "applied_discount", "shipping_line"), Set.of(),
                Set.of("customerId", "customer_id", "financial_status", "refund_line_items", "order_edit", "token",
                        "cart_token", "abandoned_checkout_url", "shop_domain", "myshopify_domain", "verified_email",
                        "tracking_number", "tracking_numbers", "kind"));
        put(draft, "draft_orders/create", "draft_orders/update");
        put(deletion("DraftOrder", draftDeleted), "draft_orders/delete");

        Set<String> persons = Set.of("customerId", "customer_id", "order_id", "line_items", "shop_domain",
                "verified_email", "financial_status", "email");
        Set<String> global = Set.of(Payload.GID);
        List.of("create", "update", "delete").forEach(what -> {
            put(part("Company", global, persons), "companies/" + what);
            put(part("CompanyLocation", global, persons), "company_locations/" + what);
            put(part("CompanyContact", global, persons), "company_contacts/" + what);
        });

        Set<String> records = Set.of(Payload.ID, Payload.GID, "line_items");
        put(part(null, Set.of("customer"), with(records, "data_request", "orders_requested")), "customers/redact");
        put(part(null, Set.of("data_request", "orders_requested"), with(records, "orders_to_redact")),
                "customers/data_request");
        put(new TopicShape(null, Set.of("shop_id", "shop_domain"), Set.of(), Set.of("shop_id", "shop_domain"),
                Set.of(), Set.of()), "shop/redact");
    }

    /**
     * Looks whether a body is this topic's.
     *
     * @throws UnreadablePayload says why it is not
     */
    static void check(String topic, ObjectNode body) {
        TopicShape shape = SHAPES.get(topic);
        String fault = shape == null ? null : shape.fault(body);
        if (fault != null) {
            throw new UnreadablePayload("The body is not one of topic " + topic + ": " + fault + ". Shopify's signature"
                    + " does not cover the topic, so somebody may have sent an old body under a new name");
        }
    }

    private String fault(ObjectNode body) {
        String gid = Json.text(body, Payload.GID);
        if (type != null && gid != null && !Ids.isGlobal(gid, type)) {
            return "its global id is of something else than a " + type;
        }
        for (String name : noneOf) {
            if (body.has(name)) {
                return "it has the field " + name;
            }
        }
        // A subscription may ask for a few fields only; the type in a global id tells as much as they.
        boolean named = type != null && gid != null;
        if (!named && !someOf.isEmpty() && someOf.stream().noneMatch(body::has)
                && (body.has(TOKEN) || orElse.stream().noneMatch(body::has))) {
            return "it has none of the fields " + String.join(", ", new TreeSet<>(someOf))
                    + (type == null ? "" : ". If the subscription has include_fields, add " + Payload.GID + " to them");
        }
        Set<String> said = new TreeSet<>();
        body.properties().forEach(field -> {
            if (saysSomething(field.getValue())) {
                said.add(field.getKey());
            }
        });
        if (!only.isEmpty() && !only.containsAll(said)) {
            return "it says more than the id of what is gone";
        }
        return !besides.isEmpty() && besides.containsAll(said) ? "it says no more than an id" : null;
    }

    private static boolean saysSomething(JsonNode value) {
        return !Values.isEmpty(value) && !(value.isObject() && value.isEmpty());
    }

    private static TopicShape deletion(String type, Set<String> only) {
        return new TopicShape(type, only, Set.of(), Set.of(), Set.of(), Set.of());
    }

    private static TopicShape part(String type, Set<String> someOf, Set<String> noneOf) {
        return new TopicShape(type, Set.of(), Set.of(), someOf, Set.of(), noneOf);
    }

    private static Set<String> with(Set<String> names, String... more) {
        Set<String> all = new TreeSet<>(names);
        all.addAll(List.of(more));
        return all;
    }

    private static void put(TopicShape shape, String... topics) {
        for (String topic : topics) {
            SHAPES.put(topic, shape);
        }
    }
}
