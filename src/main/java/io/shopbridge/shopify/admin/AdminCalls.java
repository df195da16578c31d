package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.Json;
import io.shopbridge.store.AdminAccess;
import io.shopbridge.store.Stores;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.springframework.stereotype.Component;

/** Turns an {@link AdminCall} into an HTTP request, and the response into an {@link AdminAnswer} or a failure. */
@Component("shopifyAdmin")
public class AdminCalls {

    private static final String CALL = "call";
    private static final int SERVER_FAULT = 500;
    /** After a fault on Shopify's side, or an answer that was lost. */
    private static final Duration AFTER_FAULT = Duration.ofSeconds(30);

    private final Stores stores;
    private final AnswerReader reader = new AnswerReader();

    AdminCalls(Stores stores) {
        this.stores = stores;
    }

    /** Replaces the call that is the body by its HTTP request; the call stays in variable {@code call}. */
    public void prepare(Exchange exchange) {
        AdminCall call = exchange.getMessage().getBody(AdminCall.class);
        AdminAccess access = access(call);
        exchange.setVariable(CALL, call);
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("query", call.query().text());
        body.set("variables", call.variables());
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader(Exchange.HTTP_METHOD, "POST");
        exchange.getMessage().setHeader(Exchange.HTTP_PATH, "/admin/api/" + access.version() + "/graphql.json");
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
        exchange.getMessage().setHeader("Accept", "application/json");
        exchange.getMessage().setHeader("X-Shopify-Access-Token", access.accessToken());
        exchange.getMessage().setBody(Json.write(body));
    }

    /**
     * Looks whether Shopify itself is in trouble, which is what a circuit breaker counts.
     *
     * @throws AdminBusy on a status of 500 and above
     */
    public void available(Exchange exchange) {
        int status = status(exchange);
        if (status >= SERVER_FAULT) {
            AdminCall call = call(exchange);
            throw new AdminBusy("Shopify answered " + status + " to " + call, Instant.now().plus(AFTER_FAULT),
                    !call.query().mutation(), null);
        }
    }

    /**
     * The call did not come through, or no answer came back. Said here, because a circuit breaker wraps what failed.
     *
     * @throws AdminBusy always
     */
    public void unanswered(Exchange exchange) {
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        AdminCall call = call(exchange);
        String why = ExceptionUtils.getRootCauseMessage(failure);
        throw new AdminBusy("Shopify did not answer " + call + ": " + why, Instant.now().plus(AFTER_FAULT),
                !call.query().mutation(), failure);
    }

    /**
     * Replaces the HTTP response that is the body by the {@link AdminAnswer}.
     *
     * @throws AdminFailure where it is none
     */
    public void understand(Exchange exchange) {
        AdminCall call = call(exchange);
        byte[] bytes = exchange.getMessage().getBody(byte[].class);
        int status = status(exchange);
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(reader.read(call, status, json(bytes)));
    }

    private AdminAccess access(AdminCall call) {
        return stores.get(call.store()).admin();
    }

    private static AdminCall call(Exchange exchange) {
        return exchange.getVariable(CALL, AdminCall.class);
    }

    private static int status(Exchange exchange) {
        return exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
    }

    private static JsonNode json(byte[] bytes) {
        if (bytes == null || bytes.length == 0) {
            return MissingNode.getInstance();
        }
        try {
            return Json.read(bytes);
        } catch (IOException e) {
            return MissingNode.getInstance();      // a page for people
        }
    }
}
