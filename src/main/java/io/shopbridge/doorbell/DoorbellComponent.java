package io.shopbridge.doorbell;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.springframework.stereotype.Component;

/**
 * The Camel component {@code doorbell:<name>}: starts a route when rows are signalled under that name (see {@link
 * Doorbell}).
 */
@Component("doorbell")
public class DoorbellComponent extends DefaultComponent {

    private final Doorbell doorbell;

    public DoorbellComponent(Doorbell doorbell) {
        this.doorbell = doorbell;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        DoorbellEndpoint endpoint = new DoorbellEndpoint(uri, this, doorbell, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
