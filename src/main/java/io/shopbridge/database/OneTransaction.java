package io.shopbridge.database;

import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * {@code policy: oneTransaction} in a route: the steps below it count together, or none of them does. Camel's own
 * {@code transacted} brings an error handler with it, after which the route that called takes the failure for handled.
 */
@Component("oneTransaction")
public class OneTransaction implements Policy {

    private final TransactionTemplate transaction;

    public OneTransaction(TransactionTemplate transaction) {
        this.transaction = transaction;
    }

    @Override
    public void beforeWrap(Route route, NamedNode definition) {
        // The steps are wrapped as they are.
    }

    @Override
    public Processor wrap(Route route, Processor steps) {
        return exchange -> transaction.executeWithoutResult(status -> {
            // From here on Camel keeps the exchange on this thread, as a transaction needs it.
            exchange.getUnitOfWork().beginTransactedBy(this);
            run(steps, exchange);
            exchange.getUnitOfWork().endTransactedBy(this);
            if (exchange.isFailed()) {
                status.setRollbackOnly();
            }
        });
    }

    private static void run(Processor steps, Exchange exchange) {
        try {
            steps.process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
    }
}
