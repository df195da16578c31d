package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.shopbridge.shopify.GraphqlQuery;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.time.Duration;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ProducerTemplate;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Shopify's GraphQL Admin API for beans: every call goes through {@code direct:call-shopify}, so that the shop's budget
 * and its circuit breaker count it.
 */
@Component
public class AdminApi {

    /** As long as {@code routes/4-connect/shopify.camel.yaml} keeps an open circuit breaker open. */
    private static final Duration BREAKER_OPEN = Duration.ofSeconds(10);

    private final Shopify shopify;
    private final Stores stores;
    private final ProducerTemplate producer;

    AdminApi(Shopify shopify, Stores stores, ProducerTemplate producer) {
        this.shopify = shopify;
        this.stores = stores;
        this.producer = producer;
    }

    /** Whether access to this store's Admin API is configured. */
    public boolean isConfigured(String store) {
        return stores.find(store).map(Store::admin).isPresent();
    }

    /**
     * Asks a shop and waits for its answer; where the shop's budget is used up, up to half a minute for that too. So call
     * it from a thread that may wait, and outside of a transaction.
     *
     * @param store     name of the store
     * @param query     name of a file in {@code mappings/shopify/queries}, without its ending
     * @param variables of the query
     * @throws AdminBusy                where the shop can't be asked before the time that the exception has
     * @throws AdminDenied              where access or a scope is missing, for everything that was asked
     * @throws AdminRefused             where Shopify refuses the query
     * @throws AdminLocked              where Shopify has locked the shop
     * @throws AdminNotConfigured       where the store has no access
     * @throws IllegalArgumentException where there is no such query
     * @throws DataAccessException      where the database, which has the budget, does not answer
     */
    public AdminAnswer query(String store, String query, ObjectNode variables, Priority priority) {
        return query(store, shopify.queries().get(query), variables, priority);
    }

    /** The same with a query that is made of a fragment and is no file. */
    AdminAnswer query(String store, GraphqlQuery query, ObjectNode variables, Priority priority) {
        AdminCall call = new AdminCall(store, query, variables, priority);
        if (!isConfigured(store)) {
            throw new AdminNotConfigured(store);
        }
        Exchange exchange = producer.send("direct:call-shopify", ExchangePattern.InOut,
                e -> e.getMessage().setBody(call));
        Exception failure = exchange.getException();
        if (failure == null) {
            return exchange.getMessage().getBody(AdminAnswer.class);
        }
        if (failure instanceof AdminFailure told) {
            throw told;
        }
        if (failure instanceof CallNotPermittedException) {
            throw new AdminBusy("The Admin API of store \"" + store + "\" failed so often that it is not called for some"
                    + " seconds", Instant.now().plus(BREAKER_OPEN), AdminBusy.Again.LATER, failure);
        }
        throw failure instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(failure);
    }
}
