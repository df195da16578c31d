package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import io.shopbridge.store.RecordKey;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * The customer topics. Since API 2025-01 a customer's consent and tags have separate topics, each with its own shape,
 * and are separate facets here. All else is the profile.
 */
final class CustomerPayload {

    /** Names of the field that names the survivor of a merge: today's, and that of older bodies. */
    static final Set<String> KEPT =
            Set.of("admin_graphql_api_customer_kept_id", "admin_graphql_api_id_customer_kept");
    private static final Set<String> ABSORBED =
            Set.of("admin_graphql_api_customer_deleted_id", "admin_graphql_api_id_customer_deleted");

    private static final String ADDRESSES = "addresses";
    private static final String METAFIELDS = "metafields";
    private static final String TAGS = "tags";
    /** A customer's own topic wins over an order's copy of the same second. */
    private static final int OWN_TOPIC = 1;

    private final Entity entity;

    CustomerPayload(Entity entity) {
        this.entity = entity;
    }

    /**
     * A field that the topic names as null was emptied, unless none of the {@link Person person's} has a value: then
     * the app's approval for protected customer data or the subscription's includeFields leave them out, or Shopify has
     * redacted the customer, and nobody has emptied anything.
     */
    void state(Payload payload) {
        ObjectNode customer = payload.body();
        boolean withheld = !Person.isNamedBy(customer);
        ObjectNode profile = profile(payload, customer);
        if (withheld) {
            payload.withheld();
            profile.remove(Person.FIELDS);
            // If these are withheld, a note may be withheld as well.
            profile.properties().removeIf(field -> Values.isEmpty(field.getValue()));
        } else if (customer.path(ADDRESSES).isArray() && !profile.has(Person.DEFAULT_ADDRESS)
                && !payload.isUnsaid(Person.DEFAULT_ADDRESS)) {
            // Shopify leaves the key out where there is no default address.
            profile.putNull(Person.DEFAULT_ADDRESS);
        }
        profile.set(Facets.WITHHELD, withheld ? BooleanNode.TRUE : NullNode.instance);
        RecordKey key = payload.key(RecordKey.CUSTOMER, profile.path("id").asText());
        Instant at = payload.stateTime(customer);
        ListedParts.takeFrom(payload, entity, key, profile, at);
        payload.add(key, Facets.PROFILE, at, OWN_TOPIC, profile);
        payload.addDays(key, at);
        if (customer.path(ADDRESSES).isArray() && !withheld) {
            payload.add(key, ADDRESSES, at, customer.get(ADDRESSES));
        }
        if (customer.path(METAFIELDS).isArray()) {
            payload.add(key, METAFIELDS, at, customer.get(METAFIELDS));
        }
        // API versions before 2025-01 still send these inside the customer.
        if (customer.hasNonNull(TAGS)) {
            payload.add(key, TAGS, at, payload.tags(customer.get(TAGS)));
        }
        Consents.addAll(payload, key, customer, at);
    }

    /**
     * A customer inside an order may be whole, a part or nothing but an id, and nothing tells which: it says what it
     * has a value for, and empties nothing. A name is one fact: half of one says only what {@link OrderBuyer} takes.
     *
     * @param orderAt when the order was in this state, which counts where the customer says no time
     * @return the customer's id
     */
    String insideAnOrder(Payload payload, ObjectNode customer, Instant orderAt) {
        ObjectNode profile = profile(payload, customer);
        profile.properties().removeIf(field -> Values.isEmpty(field.getValue()));
        if (!Person.isWholePlace(profile.path(Person.DEFAULT_ADDRESS))) {
            // A part of an address would empty the rest.
            profile.remove(Person.DEFAULT_ADDRESS);
        }
        if (!Person.hasWholeName(profile)) {
            // With the other half of an older name it would be a wrong name.
            profile.remove(List.of(Person.FIRST_NAME, Person.LAST_NAME));
        }
        String id = profile.path("id").asText();
        RecordKey key = payload.key(RecordKey.CUSTOMER, id);
        Instant at = payload.stateTime(customer, orderAt);
        payload.add(key, Facets.PROFILE, at, profile);
        payload.addCustomerDays(key, at);
        for (String list : Set.of(ADDRESSES, METAFIELDS)) {
            if (customer.path(list).isArray() && !customer.path(list).isEmpty()) {
                payload.add(key, list, at, customer.get(list));
            }
        }
        if (!payload.tags(customer.path(TAGS)).isEmpty()) {
            payload.add(key, TAGS, at, payload.tags(customer.get(TAGS)));
        }
        Consents.addAll(payload, key, customer, at);
        return id;
    }

    private ObjectNode profile(Payload payload, ObjectNode customer) {
        entity.removeWhatIsNotItsOwn(customer);
        ObjectNode profile = JsonNodeFactory.instance.objectNode();
        customer.properties().forEach(field -> {
            if (!entity.apart().contains(field.getKey())) {
                profile.set(field.getKey(), field.getValue());
            }
        });
        profile.put("id", payload.id(customer));
        return profile;
    }

    /** Two customers became one. The topic also tells of merges that failed, and of some that are still under way. */
    void merged(Payload payload) {
        if (!payload.body().path("status").asText().equalsIgnoreCase("completed")) {
            payload.nothing("Shopify has not merged the two customers: its status is not completed");
            return;
        }
        RecordKey absorbed = payload.key(RecordKey.CUSTOMER, idIn(payload, ABSORBED));
        String kept = idIn(payload, KEPT);
        if (kept.equals(absorbed.recordId())) {
            throw new UnreadablePayload("The body merges a customer into itself");
        }
        payload.add(absorbed, Facets.MERGED_INTO, payload.time(payload.body()),
                JsonNodeFactory.instance.textNode(kept));
    }

    private static String idIn(Payload payload, Set<String> names) {
        return payload.idIn(names.stream().sorted().filter(payload.body()::has).findFirst()
                .orElseGet(() -> names.iterator().next()));
    }
}
