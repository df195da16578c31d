package io.shopbridge.receive;

import io.shopbridge.store.Store;
import jakarta.servlet.ServletRequest;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.springboot.PlatformHttpMessage;

/**
 * A webhook whose body was read and not yet checked. It goes to the route beside the request, not as its body: Camel
 * would copy that once more, and decode it by its headers.
 *
 * @param store that the path names
 * @param body  the bytes as they came
 */
record ReceivedWebhook(Store store, byte[] body) {

    private static final String ATTRIBUTE = ReceivedWebhook.class.getName();

    void attachTo(ServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** What is attached to the request of this exchange. */
    static ReceivedWebhook of(Exchange exchange) {
        return of(exchange.getMessage(PlatformHttpMessage.class).getRequest());
    }

    /** What is attached to the request; null: nothing. */
    static ReceivedWebhook of(ServletRequest request) {
        return (ReceivedWebhook) request.getAttribute(ATTRIBUTE);
    }

    /** Takes what was attached to the request; null: nothing. */
    static ReceivedWebhook detachFrom(ServletRequest request) {
        ReceivedWebhook attached = of(request);
        request.removeAttribute(ATTRIBUTE);
        return attached;
    }
}
