package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.Shopify;
import java.util.Optional;
import java.util.function.BiFunction;

/** The Admin API of a shop without budget, breaker and network. */
public final class DirectAdminApi extends AdminApi {

    private final BiFunction<GraphqlQuery, ObjectNode, JsonNode> shop;

    private DirectAdminApi(Shopify shopify, BiFunction<GraphqlQuery, ObjectNode, JsonNode> shop) {
        super(shopify, null, null);
        this.shop = shop;
    }

    /** A record made whole by a shop that answers queries; empty: it is gone. */
    public static Optional<JsonNode> whole(Shopify shopify, JsonNode record,
            BiFunction<GraphqlQuery, ObjectNode, JsonNode> shop) {
        return new WholeRecords(new DirectAdminApi(shopify, shop), shopify).whole("main", record, Priority.POLL);
    }

    @Override
    AdminAnswer query(String store, GraphqlQuery query, ObjectNode variables, Priority priority) {
        return new AnswerReader().read(new AdminCall(store, query, variables, priority), 200, shop.apply(query, variables));
    }
}
