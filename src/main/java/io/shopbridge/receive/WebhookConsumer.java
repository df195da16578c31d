package io.shopbridge.receive;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.support.DefaultConsumer;

/** Sends each webhook through its route, in the calling thread, and writes the route's result as the answer. */
class WebhookConsumer extends DefaultConsumer implements PlatformHttpConsumer {

    private static final int FAILED = 500;
    private static final int OK = 200;

    private final WebhookRoute route;

    WebhookConsumer(PlatformHttpEndpoint endpoint, Processor processor, WebhookRoute route) {
        super(endpoint, processor);
        this.route = route;
    }

    @Override
    public PlatformHttpEndpoint getEndpoint() {
        return (PlatformHttpEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        route.opens(this);
    }

    @Override
    protected void doStop() throws Exception {
        route.closes(this);
        super.doStop();
    }

    /**
     * The route's status and text; 500 if the route has no answer to a failure of its own.
     *
     * @throws IOException where the answer can't be written: the sender closed the connection
     */
    void answer(ReceivedWebhook webhook, HttpServletResponse response) throws IOException {
        Exchange exchange = createExchange(false);
        try {
            exchange.getIn().setBody(webhook);
            process(exchange);
            int status = exchange.getException() != null ? FAILED
                    : exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, OK, int.class);
            String text = exchange.getException() != null ? "" : exchange.getMessage().getBody(String.class);
            write(response, status, text == null ? "" : text);
        } finally {
            releaseExchange(exchange, false);
        }
    }

    private void process(Exchange exchange) {
        try {
            getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        if (exchange.getException() != null) {
            getExceptionHandler().handleException("A webhook was not answered by its route", exchange,
                    exchange.getException());
        }
    }

    private static void write(HttpServletResponse response, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        if (bytes.length > 0) {
            response.setContentType("text/plain;charset=UTF-8");
        }
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }
}
