package io.shopbridge.shopify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A type of Shopify's GraphQL Admin API whose objects are brought into the shape of webhooks, as a file of
 * {@code mappings/shopify} says.
 *
 * @param name     Customer, Company, Order, AbandonedCheckout
 * @param fragment GraphQL text that asks for all fields the bodies are made of; its first fragment is on this type
 * @param fields   the names right inside that first fragment
 * @param bulk     how all objects of the type are exported; null: they aren't
 * @param partial  whether the bodies of an object with some of these fields have only what these say
 * @param refresh  which records are asked for because something of them is missing
 * @param bodies   what webhooks would have brought an object of this type
 * @param file     the file that says so, relative to the mappings folder
 */
public record GraphqlType(String name, String fragment, Set<String> fields, Bulk bulk, boolean partial,
        List<RefreshRule> refresh, List<Body> bodies, String file) {

    /**
     * How a bulk operation exports all objects of a type.
     *
     * @param connection of the query's root that has them, such as orders
     * @param since      Shopify's name, in a search, of the time from which a backfill takes them
     */
    public record Bulk(String connection, String since) {
    }

    /**
     * One topic's body.
     *
     * @param from   gives any number of bodies
     * @param madeOf what they are made of; null: of everything, so they are left out where anything was denied
     */
    record Body(String topic, Expression from, MadeOf madeOf) {
    }

    /** The name of the first fragment, by which a query asks for the object. */
    public String fragmentName() {
        return fragment.strip().split("\\s+")[1];
    }

    /**
     * Refuses an object that somebody's own query gave, without a field that would be taken for empty.
     *
     * @throws UnreadablePayload says which fields it lacks
     */
    void checkComplete(JsonNode object) {
        Set<String> missing = new TreeSet<>(fields);
        missing.removeIf(object::has);
        // An object that names its type by its global id needs no other name of it.
        missing.remove("__typename");
        if (!partial && !missing.isEmpty()) {
            throw new UnreadablePayload("The " + name + " lacks " + String.join(", ", missing) + ", which would be taken"
                    + " for empty: query it with the fragment in " + file);
        }
    }

    /**
     * What webhooks would have brought of this object, as far as the app may read it.
     *
     * @throws UnreadablePayload where the object isn't what the fragment would have given
     */
    List<PayloadPart> parts(JsonNode object) {
        return shaped(object).stream().map(Shaped::part).toList();
    }

    /**
     * A body before it is written as bytes.
     *
     * @param json    its reader's own: nothing in it is part of anything else
     * @param leftOut as {@link PayloadPart} has it
     */
    record Shaped(String topic, JsonNode json, Set<String> leftOut) {

        private PayloadPart part() {
            return new PayloadPart(topic, Json.write(json), leftOut);
        }
    }

    /** The same for who reads them at once: to write and to read them again takes as long as to make them. */
    List<Shaped> shaped(JsonNode object) {
        List<Shaped> parts = new ArrayList<>();
        Set<String> denied = ApiAnswer.denied(object);
        for (Body body : bodies) {
            if (!denied.isEmpty() && body.madeOf() == null) {
                continue;
            }
            try {
                for (JsonNode shared : body.from().all(object)) {
                    JsonNode one = shared.deepCopy();
                    if (denied.isEmpty()) {
                        parts.add(new Shaped(body.topic(), one, Set.of()));
                    } else if (one instanceof ObjectNode said) {
                        body.madeOf().leaveOut(said, denied, object).ifPresent(leftOut ->
                                parts.add(new Shaped(body.topic(), said, leftOut)));
                    }
                }
            } catch (ExpressionFailed e) {
                String why = e.getMessage().substring(e.getMessage().lastIndexOf(" fails: ") + " fails: ".length());
                throw new UnreadablePayload("The " + name + " can't be converted to the shape of " + body.topic()
                        + ": " + why + ". Query it with the fragment in " + file);
            }
        }
        return parts;
    }
}
