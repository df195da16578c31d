package io.shopbridge.receive;

import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;

/**
 * Camel's HTTP server: webhooks take the short way from {@link WebhookFilter} to their route, and requests to all other
 * routes the usual one through Spring. For a webhook, Spring's filters, security and dispatch would cost more than all
 * else that happens before it is acknowledged.
 */
class WebhookEngine implements PlatformHttpEngine {

    private static final String WEBHOOKS = "/webhooks/";

    private final PlatformHttpEngine others;
    private final WebhookRoute route;

    WebhookEngine(PlatformHttpEngine others, WebhookRoute route) {
        this.others = others;
        this.route = route;
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return endpoint.getPath().startsWith(WEBHOOKS) ? new WebhookConsumer(endpoint, processor, route)
                : others.createConsumer(endpoint, processor);
    }

    @Override
    public int getServerPort() {
        return others.getServerPort();
    }
}
