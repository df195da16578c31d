package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Values;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a topic's body is told from another topic's. Shopify signs the body and not the topic, so a sender with one
 * signed
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

    /** Of a topic that brings what every body may be. */
    static final TopicShape ANY = new TopicShape(null, Set.of(), Set.of(), Set.of(), Set.of(), Set.of());

    /**
     * Looks whether a body is this topic's.
     *
     * @throws UnreadablePayload says why it is not
     */
    void check(String topic, ObjectNode body) {
        String fault = fault(body);
        if (fault != null) {
            throw new UnreadablePayload("The body is not one of topic " + topic + ": " + fault + ". Shopify's signature"
                    + " does not cover the topic, so somebody may have sent an old body with another topic");
        }
    }

    private String fault(ObjectNode body) {
        String gid = Json.text(body, Payload.GID);
        if (type != null && gid != null && !Ids.isGlobal(gid, type)) {
            return "its global id is not of type " + type;
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
            return "it has more than the id of the deleted record";
        }
        return !besides.isEmpty() && besides.containsAll(said) ? "it has no more than an id" : null;
    }

    private static boolean saysSomething(JsonNode value) {
        return !Values.isEmpty(value) && !(value.isObject() && value.isEmpty());
    }
}
