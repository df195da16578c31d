package io.shopbridge.shopify.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.connect.Attempts;
import io.shopbridge.connect.RetryAfter;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.admin.AdminBusy.Again;
import io.shopbridge.shopify.admin.AdminCounts.End;
import io.shopbridge.store.Stores;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Turns an {@link AdminCall} into an HTTP request, and the response into an {@link AdminAnswer} or a failure. */
@Component("shopifyAdmin")
public class AdminCalls {

    private static final Logger LOG = LoggerFactory.getLogger(AdminCalls.class);
    private static final String CALL = "call";
    /** The points that were taken for the call. */
    private static final String TAKEN = "taken";
    private static final String TOKEN = "token";
    private static final String WAIT = "wait";
    /** Until when the caller waits for points. */
    private static final String PATIENCE = "patience";
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int SERVER_FAULT = 500;
    /** After a fault on Shopify's side, or an answer that was lost. */
    private static final Duration AFTER_FAULT = Duration.ofSeconds(30);
    /** Beyond it, the caller has better things to do than to wait. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    /** What others did not use may come back earlier than expected. */
    private static final Duration MOST_AT_ONCE = Duration.ofSeconds(1);

    private final Stores stores;
    private final AdminBudget budget;
    private final AdminTokens tokens;
    private final ServedVersions versions;
    private final AdminCounts counts;
    private final QueryCosts costs = new QueryCosts();
    private final AnswerReader reader = new AnswerReader();

    AdminCalls(Stores stores, AdminBudget budget, AdminTokens tokens, ServedVersions versions, AdminCounts counts) {
        this.stores = stores;
        this.budget = budget;
        this.tokens = tokens;
        this.versions = versions;
        this.counts = counts;
    }

    /**
     * Takes the points of the call that is the body out of its shop's budget. Variable {@code wait} says how long to wait
     * for them until the next attempt, in milliseconds; 0: they are taken.
     *
     * @throws AdminBusy   where it would wait for too long
     * @throws AdminLocked where Shopify has locked the shop
     */
    public void takePoints(Exchange exchange) {
        AdminCall call = exchange.getMessage().getBody(AdminCall.class);
        double cost = costs.expected(call);
        AdminBudget.Attempt attempt = budget.take(call.store(), cost, call.priority());
        if (attempt.isTaken()) {
            exchange.setVariable(TAKEN, cost);
            exchange.setVariable(WAIT, 0);
            return;
        }
        Instant until = Instant.now().plus(attempt.delay());
        if (attempt.status() != null) {
            throw AnswerReader.closed(call.store(), attempt.status(), until);
        }
        if (exchange.getVariable(PATIENCE) == null) {
            exchange.setVariable(PATIENCE, Instant.now().plus(LONGEST_WAIT));
        }
        if (until.isAfter(exchange.getVariable(PATIENCE, Instant.class))) {
            throw new AdminBusy("The query budget of store \"" + call.store() + "\" is used up", until, Again.LATER,
                    null);
        }
        exchange.setVariable(WAIT, Math.min(attempt.delay().toMillis(), MOST_AT_ONCE.toMillis()));
    }

    /** Replaces the call that is the body by its HTTP request; the call stays in variable {@code call}. */
    public void prepare(Exchange exchange) {
        AdminCall call = exchange.getMessage().getBody(AdminCall.class);
        String token = token(call.store());
        exchange.setVariable(CALL, call);
        exchange.setVariable(TOKEN, token);
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("query", call.query().text());
        body.set("variables", call.variables());
        Attempts.keepAlone(exchange);
        exchange.getMessage().setHeader(Exchange.HTTP_METHOD, "POST");
        exchange.getMessage().setHeader(Exchange.HTTP_PATH, "/admin/api/"
                + stores.get(call.store()).admin().version() + "/graphql.json");
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
        exchange.getMessage().setHeader("Accept", "application/json");
        exchange.getMessage().setHeader("X-Shopify-Access-Token", token);
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
            counts.ended(call.store(), End.BUSY);
            throw AdminBusy.onCall("Shopify answered " + status + " to " + call, Instant.now().plus(AFTER_FAULT),
                    AnswerReader.again(call), null);
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
        counts.ended(call.store(), End.BUSY);
        String why = ExceptionUtils.getRootCauseMessage(failure);
        throw AdminBusy.onCall("Shopify did not answer " + call + ": " + why, Instant.now().plus(AFTER_FAULT),
                AnswerReader.again(call), failure);
    }

    /**
     * Replaces the HTTP response that is the body by the {@link AdminAnswer}.
     *
     * @throws AdminFailure where it is none
     */
    public void understand(Exchange exchange) {
        AdminCall call = call(exchange);
        JsonNode answer = json(exchange.getMessage().getBody(byte[].class));
        int status = status(exchange);
        costs.learn(call, answer);
        counts.points(call.store(), answer);
        budget.settle(call.store(), exchange.getVariable(TAKEN, Double.class), answer);
        String served = exchange.getMessage().getHeader(ServedVersions.HEADER, String.class);
        String date = exchange.getMessage().getHeader("Date", String.class);
        Optional<Duration> asked = RetryAfter.of(exchange.getMessage().getHeader(RetryAfter.HEADER, String.class));
        exchange.getMessage().removeHeaders("*");
        Attempts.restore(exchange);
        try {
            renew(call, status, exchange.getVariable(TOKEN, String.class));
            exchange.getMessage().setBody(reader.read(call, status, asked.orElse(Duration.ZERO), answer).givenAt(date));
        } catch (AdminFailure e) {
            counts.ended(call.store(), End.of(e));
            until(e).ifPresent(until -> close(call.store(), status == OK ? AnswerReader.FROZEN : status, until, e));
            throw e;
        }
        counts.ended(call.store(), End.ANSWERED);
        versions.answered(call.store(), served);
    }

    private void close(String store, int status, Instant until, AdminFailure because) {
        budget.close(store, status, Duration.between(Instant.now(), until));
        if (status != AnswerReader.TOO_MANY) {
            LOG.warn("{}. It is asked again at {}. Until then, only webhooks bring changes.", because.getMessage(),
                    until.truncatedTo(ChronoUnit.SECONDS));
        }
    }

    /** Until when the shop must not be asked anything. */
    private static Optional<Instant> until(AdminFailure failure) {
        if (failure instanceof AdminLocked locked) {
            return Optional.of(locked.getUntil());
        }
        return failure instanceof AdminBusy busy && busy.isForAll() ? Optional.of(busy.getUntil()) : Optional.empty();
    }

    private String token(String store) {
        try {
            return tokens.token(store);
        } catch (AdminFailure e) {
            counts.ended(store, End.of(e));
            throw e;
        }
    }

    /** A token that was good until now has only come to its end: the call is repeated with a new one. */
    private void renew(AdminCall call, int status, String token) {
        if (status == OK) {
            tokens.accepted(call.store(), token);
        } else if (status == UNAUTHORIZED && tokens.refused(call.store(), token)) {
            throw new AdminBusy("The access token of store \"" + call.store() + "\" expired; a new one is fetched",
                    Instant.now(), Again.SOON, null);
        }
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
