package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.ReceivedEvent;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;

/** What each topic says of which record. A topic that is not here is kept in the inbox and recorded as not handled. */
@Component
public class Topics {

    private final Map<String, Consumer<Payload>> readers = new HashMap<>();

    Topics(GuestBuyer guestBuyer) {
        CustomerPayload customer = new CustomerPayload();
        OrderPayload order = new OrderPayload(customer, guestBuyer);
        List.of("customers/create", "customers/update").forEach(topic -> readers.put(topic, customer::state));
        readers.put("customers/delete", customer::deleted);
        readers.put("customers/merge", customer::merged);
        readers.put("customers_email_marketing_consent/update", customer::emailConsent);
        readers.put("customers_marketing_consent/update", customer::smsConsent);
        readers.put("customers_whats_app_marketing_consent/update", customer::whatsAppConsent);
        readers.put("customer.tags_added", payload -> customer.tags(payload, true));
        readers.put("customer.tags_removed", payload -> customer.tags(payload, false));
        List.of("orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled",
                "orders/partially_fulfilled").forEach(topic -> readers.put(topic, order::state));
        readers.put("orders/edited", order::edited);
        readers.put("orders/delete", order::deleted);
        readers.put("orders/risk_assessment_changed", order::risk);
        readers.put("refunds/create", order::refund);
        CompanyPayload company = new CompanyPayload();
        List.of("companies/create", "companies/update").forEach(topic -> readers.put(topic, company::state));
        readers.put("companies/delete", company::deleted);
        List.of("company_locations/create", "company_locations/update")
                .forEach(topic -> readers.put(topic, company::location));
        readers.put("company_locations/delete", company::locationDeleted);
        List.of("company_contacts/create", "company_contacts/update")
                .forEach(topic -> readers.put(topic, company::contact));
        readers.put("company_contacts/delete", company::contactDeleted);
        CheckoutPayload checkout = new CheckoutPayload(order);
        List.of("checkouts/create", "checkouts/update").forEach(topic -> readers.put(topic, checkout::state));
        readers.put("checkouts/delete", checkout::deleted);
        DraftOrderPayload draft = new DraftOrderPayload(order);
        List.of("draft_orders/create", "draft_orders/update").forEach(topic -> readers.put(topic, draft::state));
        readers.put("draft_orders/delete", draft::deleted);
        List.of("fulfillments/create", "fulfillments/update").forEach(topic -> readers.put(topic, order::fulfillment));
    }

    /** For records that are only shown; the region is that of guests' phone numbers without a country code. */
    public static Topics ofNoInstallation(String region) {
        return new Topics(new GuestBuyer(store -> region, GuestKey.ofNoInstallation()));
    }

    /**
     * Looks whether a body is its topic's, without reading what it says.
     *
     * @throws UnreadablePayload says why it is not
     */
    public static void check(ReceivedEvent event) {
        TopicShape.check(event.topic(), new Payload(event).body());
    }

    /** The topics whose bodies are understood. */
    public static Set<String> handled() {
        return ofNoInstallation(null).names();
    }

    /** The topics that are here. */
    public Set<String> names() {
        return new TreeSet<>(readers.keySet());
    }

    /**
     * What a received event says; empty where its topic is not handled.
     *
     * @throws UnreadablePayload where the body is not what the topic claims
     */
    public Optional<Reading> receive(ReceivedEvent event) {
        Consumer<Payload> reader = readers.get(event.topic());
        if (reader == null) {
            return Optional.empty();
        }
        Payload payload = new Payload(event);
        TopicShape.check(event.topic(), payload.body());
        reader.accept(payload);
        return Optional.of(new Reading(payload.changes(), payload.mended(), payload.ahead(), payload.isWithheld(),
                payload.leftOut(), payload.saysNothing()));
    }

    /**
     * The changes that a body brings which somebody gives by hand, so that it may be a part of what Shopify would send;
     * empty where the topic is not handled.
     *
     * @throws UnreadablePayload where the body names no record
     */
    public Optional<List<FacetChange>> read(ReceivedEvent event) {
        return Optional.ofNullable(readers.get(event.topic())).map(reader -> {
            Payload payload = new Payload(event);
            reader.accept(payload);
            return payload.changes();
        });
    }

    /**
     * The topic that a body of this shape most likely came with; empty where nothing tells. Which of several topics of
     * one shape it was (created, updated, paid) makes no difference to the record.
     *
     * @throws UnreadablePayload where it isn't a JSON object
     */
    public static Optional<String> topicOf(byte[] body) {
        JsonNode json;
        try {
            json = Json.read(body);
        } catch (IOException e) {
            throw new UnreadablePayload("The body is not JSON: give the bytes as Shopify sent them");
        }
        if (!(json instanceof ObjectNode object)) {
            throw new UnreadablePayload("The body is not a JSON object, as every webhook's is");
        }
        if (object.has("refund_line_items") && object.has("order_id")) {
            return Optional.of("refunds/create");
        } else if (object.has("order_edit")) {
            return Optional.of("orders/edited");
        } else if (object.has("order_id") && (object.has("tracking_number") || object.has("tracking_numbers"))) {
            return Optional.of("fulfillments/update");
        } else if (object.has("abandoned_checkout_url")) {
            return Optional.of("checkouts/update");
        } else if (object.has("invoice_url") && object.has("line_items")) {
            return Optional.of("draft_orders/update");
        } else if (object.has("main_contact_admin_graphql_api_id")) {
            return Optional.of("companies/update");
        } else if (object.has("line_items") && object.has("financial_status")) {
            return Optional.of("orders/updated");
        } else if (object.has("customer_id") && object.has("email_marketing_consent")) {
            return Optional.of("customers_email_marketing_consent/update");
        } else if (object.has("sms_marketing_consent") && !object.has("addresses")
                && !object.has("verified_email")) {
            return Optional.of("customers_marketing_consent/update");
        } else if (object.has("verified_email") || object.has("default_address") && object.has("email")) {
            return Optional.of("customers/update");
        }
        return Optional.empty();
    }
}
