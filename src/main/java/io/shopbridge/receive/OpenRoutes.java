package io.shopbridge.receive;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Endpoint;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.RouteEvent;
import org.apache.camel.support.EventNotifierSupport;
import org.springframework.stereotype.Component;

/**
 * Whether the route of webhooks is ready. The web server starts before the routes and may stop after them; a webhook
 * that arrives in between must be redelivered, and not get a 404.
 */
@Component
class OpenRoutes extends EventNotifierSupport {

    private final Set<String> open = ConcurrentHashMap.newKeySet();

    boolean areOpen() {
        return !open.isEmpty();
    }

    @Override
    public void notify(CamelEvent event) {
        RouteEvent change = (RouteEvent) event;
        if (event instanceof CamelEvent.RouteStartedEvent) {
            open.add(change.getRoute().getRouteId());
        } else {
            open.remove(change.getRoute().getRouteId());
        }
    }

    @Override
    public boolean isEnabled(CamelEvent event) {
        return isStartOrEnd(event) && takesWebhooks(((RouteEvent) event).getRoute().getEndpoint());
    }

    private static boolean isStartOrEnd(CamelEvent event) {
        return event instanceof CamelEvent.RouteStartedEvent || event instanceof CamelEvent.RouteStoppingEvent
                || event instanceof CamelEvent.RouteStoppedEvent || event instanceof CamelEvent.RouteRemovedEvent;
    }

    private static boolean takesWebhooks(Endpoint endpoint) {
        return endpoint instanceof PlatformHttpEndpoint http && http.getPath().startsWith("/webhooks/shopify/");
    }
}
