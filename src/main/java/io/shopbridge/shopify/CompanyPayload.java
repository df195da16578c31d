package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;

/**
 * The topics of companies' locations, contacts and their roles, which contain their whole company. A company contact is
 * a facet of the customer, and so is a contact's role at a location. A location is a facet of the company, and a record of
 * its own for CRMs in which it is an account.
 */
final class CompanyPayload {

    private final Entity company;
    private final Entity customer;
    private final Entity location;
    private final RecordState states;

    CompanyPayload(Shopify shopify, RecordState states) {
        this.company = shopify.entity(RecordKey.COMPANY);
        this.customer = shopify.entity(RecordKey.CUSTOMER);
        this.location = shopify.entity(RecordKey.COMPANY_LOCATION);
        this.states = states;
    }

    void location(Payload payload) {
        ObjectNode body = payload.body();
        account(payload, body.deepCopy(), company(payload, body), payload.stateTime(body));
        location(payload, body);
    }

    void locationDeleted(Payload payload) {
        ObjectNode removed = JsonNodeFactory.instance.objectNode().put(Facets.REMOVED, true);
        removed.set(Payload.GID, payload.body().path(Payload.GID));
        Instant at = payload.time(payload.body());
        location(payload, removed, company(payload, payload.body()), at);
        payload.add(payload.key(RecordKey.COMPANY_LOCATION, payload.id(payload.body())), Facets.DELETED, at,
                TextNode.valueOf(at.toString()));
    }

    void contact(Payload payload) {
        contact(payload, payload.body());
    }

    void contactDeleted(Payload payload) {
        contact(payload, payload.body(), payload.time(payload.body()), true);
    }

    void role(Payload payload) {
        role(payload, false);
    }

    void roleRevoked(Payload payload) {
        role(payload, true);
    }

    /**
     * The body of a webhook contains the whole contact and location as well, each as of its own time; it is sent when the
     * role is given. An answer of the API tells that time, and of the location only its name.
     */
    private void role(Payload payload, boolean revoked) {
        ObjectNode contact = inside(payload, "company_contact");
        ObjectNode location = inside(payload, "company_location");
        ObjectNode role = JsonNodeFactory.instance.objectNode();
        String id = payload.id(location);
        role.put(Payload.ID, id);
        role.put("company_id", payload.id(company(payload, contact)));
        copy(location, "name", "location", role);
        copy(payload.body().path("company_contact_role"), "name", "role", role);
        role.put(Facets.REMOVED, revoked);
        RecordParts.add(payload, customer(payload, contact), customer.lists().get("company_roles"), id, role,
                payload.time(payload.body(), "assigned_at"));
        if (location.has(RecordKey.COMPANY)) {
            location(payload, location);
        }
        contact(payload, contact);
    }

    private static ObjectNode inside(Payload payload, String field) {
        if (payload.body().path(field) instanceof ObjectNode object) {
            return object;
        }
        throw new UnreadablePayload("The body of topic " + payload.event().topic() + " has no " + field);
    }

    private void location(Payload payload, ObjectNode body) {
        ObjectNode location = body.deepCopy();
        location.remove(RecordKey.COMPANY);
        location.put(Facets.REMOVED, false);
        Instant at = payload.stateTime(body);
        location(payload, location, company(payload, body), at);
        state(payload, company(payload, body), at);
    }

    /** The record of its own, with whose it is. */
    private void account(Payload payload, ObjectNode body, ObjectNode of, Instant at) {
        ObjectNode whose = body.putObject(RecordKey.COMPANY).put(Payload.ID, payload.id(of));
        copy(of, "name", "name", whose);
        states.add(payload, location, payload.key(RecordKey.COMPANY_LOCATION, payload.id(body)), body, at);
    }

    private void contact(Payload payload, ObjectNode body) {
        Instant at = payload.stateTime(body);
        contact(payload, body, at, false);
        state(payload, company(payload, body), at);
    }

    private void state(Payload payload, ObjectNode body, Instant at) {
        states.add(payload, company, payload.key(RecordKey.COMPANY, payload.id(body)), body,
                payload.stateTime(body, at));
    }

    private void location(Payload payload, ObjectNode location, ObjectNode of, Instant at) {
        String id = payload.id(location);
        location.put(Payload.ID, id);
        RecordParts.add(payload, payload.key(RecordKey.COMPANY, payload.id(of)),
                company.lists().get("locations"), id, location, at);
    }

    private void contact(Payload payload, ObjectNode body, Instant at, boolean removed) {
        ObjectNode company = company(payload, body);
        String id = payload.id(company);
        ObjectNode role = JsonNodeFactory.instance.objectNode();
        role.put(Payload.ID, id);
        copy(company, "name", "name", role);
        copy(body, "title", "title", role);
        role.put("contact_id", payload.id(body));
        role.put(Facets.REMOVED, removed);
        RecordParts.add(payload, customer(payload, body), customer.lists().get("companies"), id, role, at);
    }

    private static RecordKey customer(Payload payload, ObjectNode contact) {
        String field = "customer_admin_graphql_api_id";
        return payload.key(RecordKey.CUSTOMER, payload.idIn(contact, field, field));
    }

    private static void copy(JsonNode from, String field, String as, ObjectNode to) {
        if (from.has(field)) {
            to.put(as, Json.text(from, field));
        }
    }

    private static ObjectNode company(Payload payload, ObjectNode in) {
        if (in.path(RecordKey.COMPANY) instanceof ObjectNode company) {
            return company;
        }
        throw new UnreadablePayload("The body of topic " + payload.event().topic() + " does not say which company");
    }
}
