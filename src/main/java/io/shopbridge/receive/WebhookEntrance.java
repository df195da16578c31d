package io.shopbridge.receive;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.component.platform.http.springboot.SpringBootPlatformHttpConsumer;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Takes webhooks from the web server straight to their route. The usual way is a dozen filters and then Spring MVC,
 * twice: before and after the route's asynchronous answer. That is half of what a webhook costs, and none of it has
 * anything to do with one. Any other request, and any other route, goes the usual way.
 */
@Component("platform-http-engine")
class WebhookEntrance extends HttpFilter implements PlatformHttpEngine {

    /** Where the path of a webhook begins; the rest is the name of the store. */
    static final String ROOT = "/webhooks/shopify/";
    private static final String ROUTE = ROOT + "{store}";

    private final int port;
    private transient volatile SpringBootPlatformHttpConsumer route;

    WebhookEntrance(@Value("${server.port:8080}") int port) {
        this.port = port;
    }

    /**
     * Routes run on the web server's own request threads: its pool is the one limit of what is under way, and a webhook
     * needs no second thread to wait for its commit.
     */
    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        SpringBootPlatformHttpConsumer consumer =
                new SpringBootPlatformHttpConsumer(endpoint, processor, Runnable::run);
        if (endpoint.getPath().equals(ROUTE)) {
            route = consumer;
        }
        return consumer;
    }

    @Override
    public int getServerPort() {
        return port;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain usualWay)
            throws IOException, ServletException {
        SpringBootPlatformHttpConsumer consumer = route;
        String store = request.getServletPath().substring(ROOT.length());
        if (consumer == null || !consumer.isStarted() || !request.getMethod().equals("POST") || store.isEmpty()
                || store.contains("/")) {
            usualWay.doFilter(request, response);
            return;
        }
        request.setAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE, Map.of("store", store));
        // Answered when this returns: the consumer runs on this thread.
        consumer.service(request, response);
    }
}
