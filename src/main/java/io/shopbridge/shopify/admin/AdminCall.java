package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.GraphqlQuery;

/**
 * One call to a shop, as it enters {@code direct:call-shopify}.
 *
 * @param store     name of the store
 * @param query     what is asked
 * @param variables of the query
 * @param priority  who goes first where the budget does not suffice for all
 */
public record AdminCall(String store, GraphqlQuery query, ObjectNode variables, Priority priority) {

    /** Not its variables, which may be personal. */
    @Override
    public String toString() {
        return query.name() + " of store " + store;
    }
}
