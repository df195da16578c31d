package io.shopbridge.connect;

import org.apache.camel.Exchange;

/**
 * How often a call was tried. Camel counts that in a header of the message, which an HTTP response does not have: without
 * it every attempt is the first, and a call that always fails is repeated for ever.
 */
public final class Attempts {

    private static final String KEPT = "attempts";

    private Attempts() {
    }

    /** Before the message becomes a request: takes out all other headers. */
    public static void keepAlone(Exchange exchange) {
        exchange.setVariable(KEPT, exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER));
        exchange.getMessage().removeHeaders("*");
        restore(exchange);
    }

    /** Before a failure is thrown after the response. */
    public static void restore(Exchange exchange) {
        Object count = exchange.getVariable(KEPT);
        if (count != null) {
            exchange.getMessage().setHeader(Exchange.REDELIVERY_COUNTER, count);
        }
    }
}
