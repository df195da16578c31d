package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.store.RecordKey;
import java.time.Instant;

/**
 * The topics of companies, their locations and contacts. None has a numeric id; locations and contacts carry their
 * company whole. Who buys for a company is a facet of the customer.
 */
final class CompanyPayload {

    private static final String COMPANY = "company";
    private static final String MAIN_CONTACT = "main_contact_admin_graphql_api_id";

    private static final String REMOVED = "removed";

    void state(Payload payload) {
        state(payload, payload.body(), payload.stateTime(payload.body()));
    }

    void deleted(Payload payload) {
        Instant at = payload.time(payload.body());
        payload.add(payload.key(RecordKey.COMPANY, payload.id(payload.body())), Facets.DELETED, at,
                JsonNodeFactory.instance.textNode(at.toString()));
    }

    void location(Payload payload) {
        ObjectNode location = payload.body().deepCopy();
        location.remove(COMPANY);
        location.put(REMOVED, false);
        Instant at = payload.stateTime(payload.body());
        location(payload, location, at);
        state(payload, company(payload), payload.stateTime(company(payload), at));
    }

    void locationDeleted(Payload payload) {
        ObjectNode removed = JsonNodeFactory.instance.objectNode().put(REMOVED, true);
        removed.set("admin_graphql_api_id", payload.body().path("admin_graphql_api_id"));
        location(payload, removed, payload.time(payload.body()));
    }

    void contact(Payload payload) {
        Instant at = payload.stateTime(payload.body());
        contact(payload, at, false);
        state(payload, company(payload), payload.stateTime(company(payload), at));
    }

    void contactDeleted(Payload payload) {
        contact(payload, payload.time(payload.body()), true);
    }

    private static void state(Payload payload, ObjectNode company, Instant at) {
        String id = payload.id(company);
        company.put("id", id);
        if (company.has(MAIN_CONTACT)) {
            String contact = Json.text(company, MAIN_CONTACT);
            company.put("main_contact_id", contact != null && Ids.isAnyId(contact) ? Ids.plain(contact) : null);
        }
        payload.add(payload.key(RecordKey.COMPANY, id), COMPANY, at, company);
    }

    private static void location(Payload payload, ObjectNode location, Instant at) {
        String id = payload.id(location);
        location.put("id", id);
        RecordKey company = payload.key(RecordKey.COMPANY, payload.id(company(payload)));
        ObjectNode parts = PartlyNamed.IN_COMPANY_LOCATION.takeFrom(location);
        payload.add(company, "location:" + id, at, location);
        PartlyNamed.IN_COMPANY_LOCATION.add(payload, company, "location:" + id, at, parts);
    }

    private static void contact(Payload payload, Instant at, boolean removed) {
        String company = payload.id(company(payload));
        ObjectNode role = JsonNodeFactory.instance.objectNode();
        role.put("id", company);
        copy(company(payload), "name", role);
        copy(payload.body(), "title", role);
        role.put("contact_id", payload.id(payload.body()));
        role.put(REMOVED, removed);
        payload.add(payload.key(RecordKey.CUSTOMER, payload.idIn("customer_admin_graphql_api_id")),
                "company:" + company, at, role);
    }

    private static void copy(ObjectNode from, String field, ObjectNode to) {
        if (from.has(field)) {
            to.put(field, Json.text(from, field));
        }
    }

    private static ObjectNode company(Payload payload) {
        if (payload.body().path(COMPANY) instanceof ObjectNode company) {
            return company;
        }
        throw new UnreadablePayload("The body of topic " + payload.event().topic() + " names no company");
    }
}
