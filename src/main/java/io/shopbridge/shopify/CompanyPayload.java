package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;

/**
 * The topics of companies' locations and contacts, which contain their whole company. A company contact is a facet
 * of the customer.
 */
final class CompanyPayload {

    private static final String REMOVED = "removed";

    private final Entity company;
    private final Entity customer;
    private final RecordState states;

    CompanyPayload(Shopify shopify, RecordState states) {
        this.company = shopify.entity(RecordKey.COMPANY);
        this.customer = shopify.entity(RecordKey.CUSTOMER);
        this.states = states;
    }

    void location(Payload payload) {
        ObjectNode location = payload.body().deepCopy();
        location.remove(RecordKey.COMPANY);
        location.put(REMOVED, false);
        Instant at = payload.stateTime(payload.body());
        location(payload, location, at);
        state(payload, at);
    }

    void locationDeleted(Payload payload) {
        ObjectNode removed = JsonNodeFactory.instance.objectNode().put(REMOVED, true);
        removed.set(Payload.GID, payload.body().path(Payload.GID));
        location(payload, removed, payload.time(payload.body()));
    }

    void contact(Payload payload) {
        Instant at = payload.stateTime(payload.body());
        contact(payload, at, false);
        state(payload, at);
    }

    void contactDeleted(Payload payload) {
        contact(payload, payload.time(payload.body()), true);
    }

    private void state(Payload payload, Instant at) {
        ObjectNode body = company(payload);
        states.add(payload, company, payload.key(RecordKey.COMPANY, payload.id(body)), body,
                payload.stateTime(body, at));
    }

    private void location(Payload payload, ObjectNode location, Instant at) {
        String id = payload.id(location);
        location.put(Payload.ID, id);
        RecordParts.add(payload, payload.key(RecordKey.COMPANY, payload.id(company(payload))),
                company.lists().get("locations"), id, location, at);
    }

    private void contact(Payload payload, Instant at, boolean removed) {
        String id = payload.id(company(payload));
        ObjectNode role = JsonNodeFactory.instance.objectNode();
        role.put(Payload.ID, id);
        copy(company(payload), "name", role);
        copy(payload.body(), "title", role);
        role.put("contact_id", payload.id(payload.body()));
        role.put(REMOVED, removed);
        RecordParts.add(payload, payload.key(RecordKey.CUSTOMER, payload.idIn("customer_admin_graphql_api_id")),
                customer.lists().get("companies"), id, role, at);
    }

    private static void copy(ObjectNode from, String field, ObjectNode to) {
        if (from.has(field)) {
            to.put(field, Json.text(from, field));
        }
    }

    private static ObjectNode company(Payload payload) {
        if (payload.body().path(RecordKey.COMPANY) instanceof ObjectNode company) {
            return company;
        }
        throw new UnreadablePayload("The body of topic " + payload.event().topic() + " does not say which company");
    }
}
