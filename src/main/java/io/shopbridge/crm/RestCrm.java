package io.shopbridge.crm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.connect.Attempts;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import io.shopbridge.map.Values;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.camel.Exchange;
import org.springframework.stereotype.Component;

/** Turns a {@link CrmCall} into an HTTP request, and the response into the meaning that crm.yaml defines. */
@Component("restCrm")
public class RestCrm {

    private static final String CALL = "call";
    /**
     * The exchange variable that keeps what the next page is named; null where there is none. A transport of its own
     * sets it too where an operation has pages; where it doesn't, its first page is taken for everything.
     */
    public static final String NEXT = "next";
    private static final String TOKEN = "token";
    /** The exchange variable that names the limit by which the CRM counts the call apart; null where it doesn't. */
    private static final String LIMIT = "limit";
    private static final Set<Operation> WRITES = EnumSet.of(Operation.CREATE, Operation.UPSERT, Operation.UPDATE);
    private static final int SERVER_FAULT = 500;
    /** Content, URI, and header fields too large: RFC 9110 and RFC 6585. */
    private static final Set<Integer> TOO_LARGE = Set.of(413, 414, 431);
    /** Refused before anything was done. */
    private static final int TOO_MANY = 429;
    private static final String NUMBER = "[0-9]+(\\.[0-9]+)?";
    /** No limit that is counted by a header is of more than a day; a calendar day's has up to an hour more. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(25);

    private final Crms crms;
    private final FieldNames names;
    private final OAuth2Tokens tokens;
    private final AccountZones zones;
    private final Outages outages;

    RestCrm(Crms crms, FieldNames names, OAuth2Tokens tokens, AccountZones zones, Outages outages) {
        this.outages = outages;
        this.crms = crms;
        this.names = names;
        this.tokens = tokens;
        this.zones = zones;
    }

    /** Replaces the call that is the body by its HTTP request; the call stays in variable {@code call}. */
    public void prepare(Exchange exchange) throws JsonProcessingException {
        CrmCall call = exchange.getMessage().getBody(CrmCall.class);
        Crm crm = crms.get(call.crm());
        CrmRequest request = crm.request(names.toCrm(crm, call));
        String[] pathAndQuery = request.path().split("\\?", 2);
        exchange.setVariable(CALL, call);
        exchange.setVariable(LIMIT, crm.operations().limit(call.operation(), call.object()).orElse(null));
        Attempts.keepAlone(exchange);
        exchange.getMessage().setHeader(Exchange.HTTP_METHOD, request.method());
        exchange.getMessage().setHeader(Exchange.HTTP_PATH, pathAndQuery[0]);
        if (pathAndQuery.length > 1) {
            exchange.getMessage().setHeader(Exchange.HTTP_QUERY, pathAndQuery[1]);
        }
        exchange.getMessage().setHeader("Accept", "application/json");
        authorize(exchange, crm);
        if (WRITES.contains(call.operation())) {
            crm.idempotencyHeader().ifPresent(header ->
                    exchange.getMessage().setHeader(header, sameForSame(request, call)));
        }
        if (request.body() == null) {
            exchange.getMessage().setBody(null);
        } else {
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
            exchange.getMessage().setBody(Values.JSON.writeValueAsBytes(request.body()));
        }
    }

    private void authorize(Exchange exchange, Crm crm) {
        if (crm.auth() != null && crm.auth().oauth2() != null) {
            String token = tokens.token(crm);
            exchange.setVariable(TOKEN, token);
            exchange.getMessage().setHeader("Authorization", "Bearer " + token);
        } else {
            String[] authorization = authorization(crm);
            exchange.getMessage().setHeader(authorization[0], authorization[1]);
        }
    }

    /** The same text for a write that is repeated, another for one that only looks the same: a value set back. */
    private static String sameForSame(CrmRequest request, CrmCall call) {
        String whole = request.method() + " " + request.path() + "\n" + request.body() + "\n"
                + call.input().path("records").findValuesAsText("attempt");
        return UUID.nameUUIDFromBytes(whole.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /**
     * Looks whether the CRM itself is in trouble, which is what a circuit breaker counts.
     *
     * @throws CrmBusy on a status of 500 and above that crm.yaml calls busy, and on a success that it calls busy
     */
    public void available(Exchange exchange) {
        int status = status(exchange);
        if (status >= SERVER_FAULT || status < 300 && isBusy(exchange, status)) {
            understand(exchange);
        }
    }

    /** Some CRMs say in the body of a 200 that they failed. */
    private boolean isBusy(Exchange exchange, int status) {
        Crm crm = crms.get(exchange.getVariable(CALL, CrmCall.class).crm());
        return crm.answers().stream().filter(answer -> answer.when() != null && fits(answer.status(), status))
                .filter(answer -> fits(answer, status, body(crm, exchange, status),
                        exchange.getMessage().getHeaders())).findFirst()
                .filter(answer -> answer.means() == Meaning.BUSY).isPresent();
    }

    /**
     * The call did not come through, or no answer came back. Said here, because a circuit breaker wraps what failed.
     *
     * @throws CrmBusy always
     */
    public void unanswered(Exchange exchange) {
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        Crm crm = crms.get(exchange.getVariable(CALL, CrmCall.class).crm());
        String said = crm.title() + " did not answer: " + rootMessage(failure);
        outages.failed(crm, said);
        throw new CrmBusy(said, null, failure);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    /**
     * Replaces the HTTP response that is the body by the list of what the operation gives.
     *
     * @throws CrmFailure where the status means one
     */
    public void understand(Exchange exchange) {
        Attempts.restore(exchange);
        CrmCall call = exchange.getVariable(CALL, CrmCall.class);
        Crm crm = crms.get(call.crm());
        JsonNode body = answer(exchange, crm, call.operation().toString(),
                fields -> names.fromCrm(crm, call, fields));
        exchange.getMessage().removeHeaders("*");
        try {
            List<JsonNode> elements = names.fromCrm(crm, call, crm.operations().gives(call, body));
            exchange.setVariable(NEXT, crm.operations().next(call, body, elements.size()));
            exchange.getMessage().setBody(elements);
        } catch (ExpressionFailed e) {
            throw CrmRefused.unreadable(crm.title() + " answered " + call.operation()
                    + " in another shape than crm.yaml says: " + e.getMessage());
        }
    }

    /**
     * The JSON body of an HTTP response.
     *
     * @param asked what it is the answer to, as messages name it
     * @throws CrmFailure where the status means one
     */
    public JsonNode answer(Exchange exchange, Crm crm, String asked) {
        return answer(exchange, crm, asked, UnaryOperator.identity());
    }

    private JsonNode answer(Exchange exchange, Crm crm, String asked, UnaryOperator<List<String>> ownNames) {
        int status = status(exchange);
        JsonNode body = body(crm, exchange, status);
        for (CrmDefinition.Answer answer : crm.answers()) {
            if (fits(answer, status, body, exchange.getMessage().getHeaders())) {
                CrmFailure failure = failure(crm, asked, ownNames, answer, status, body, exchange);
                throw failure instanceof CrmLockedOut lockedOut ? renewing(crm, lockedOut, exchange) : failure;
            }
        }
        if (status >= 300 && status < 400) {
            throw new CrmMisfit(crm.title() + " answered " + status + " to " + asked
                    + ", a redirect, which is not followed. Correct shopbridge.crms." + crm.name()
                    + ".base-url, or define it under answers in " + crm.folder() + "/crm.yaml");
        }
        if (status >= 400) {
            throw new CrmRefused(crm.title() + " answered " + status + " to " + asked
                    + "; crm.yaml does not define this answer", null);
        }
        String token = exchange.getVariable(TOKEN, String.class);
        if (token != null) {
            tokens.accepted(crm, token);
        }
        return body;
    }

    /** A token that was good until now has only come to its end: the call is repeated with a new one. */
    private CrmFailure renewing(Crm crm, CrmLockedOut failure, Exchange exchange) {
        String token = exchange.getVariable(TOKEN, String.class);
        return token != null && tokens.refused(crm, token)
                ? new CrmBusy("The access token for " + crm.title() + " expired; a new one is fetched", null, null)
                : failure;
    }

    /** @throws InvalidCrm where what the CRM's auth asks for is not set */
    static void checkAuthorization(Crm crm) {
        if (crm.auth() != null && crm.auth().oauth2() != null) {
            OAuth2Tokens.registration(crm);
        } else {
            authorization(crm);
        }
    }

    /** Name and value of the header that proves who we are; with OAuth 2.0 a token of its own is fetched for it. */
    static String[] authorization(Crm crm) {
        CrmDefinition.Auth auth = crm.auth();
        if (auth != null && auth.bearer() != null) {
            return new String[] {"Authorization", "Bearer " + crm.fill(auth.bearer())};
        }
        if (auth != null && auth.basic() != null) {
            String user = crm.fill(auth.basic().username()) + ":" + crm.fill(auth.basic().password());
            return new String[] {"Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8))};
        }
        if (auth != null && auth.header() != null) {
            return new String[] {auth.header().name(), crm.fill(auth.header().value())};
        }
        if (auth != null && auth.oauth2() != null) {
            return new String[] {"Authorization", "Bearer " + new OAuth2Tokens().token(crm)};
        }
        throw new InvalidCrm(crm.folder()
                + "/crm.yaml auth: missing; one of bearer, basic, header and oauth2 must be there");
    }

    private CrmFailure failure(Crm crm, String asked, UnaryOperator<List<String>> ownNames,
            CrmDefinition.Answer answer, int status, JsonNode body, Exchange exchange) {
        String because = text(answer.because(), body);
        String answered = crm.title() + " answered " + status + " to " + asked;
        String said = answered + (because == null ? "" : ": " + because);
        return switch (answer.means()) {
            case BUSY -> {
                outages.failed(crm, answered);
                Instant until = until(crm, answer, body, exchange);
                yield status >= SERVER_FAULT ? CrmBusy.serverFault(said, until) : new CrmBusy(said, until, null,
                        status == TOO_MANY);
            }
            case LOCKED_OUT -> new CrmLockedOut(said);
            case GONE -> new CrmGone(said);
            case REFUSED -> TOO_LARGE.contains(status) ? CrmRefused.tooLarge(said)
                    : new CrmRefused(because == null ? said : because, text(answer.existing(), body),
                            ownNames.apply(texts(answer.fields(), body)));
        };
    }

    private Instant until(Crm crm, CrmDefinition.Answer answer, JsonNode body, Exchange exchange) {
        Instant now = Instant.now();
        Optional<Instant> said = told(text(answer.waitSeconds(), body), now);
        if (said.isPresent()) {
            return said.get();
        }
        if (answer.waitUntil() != null) {
            return zones.midnight(crm);
        }
        return told(answer.waitHeader().stream().map(name -> exchange.getMessage().getHeader(name, String.class))
                .filter(Objects::nonNull).findFirst().orElse(null), now)
                .orElse(answer.waitFor() == null ? null : now.plus(answer.waitFor()));
    }

    /**
     * Until when to wait, in one of the two forms of RFC 9110, section 10.2.3. Empty where it is neither, or is beyond the
     * longest wait, such as the time of a clock where seconds are due: it would stop all deliveries for years.
     *
     * @param value null: nothing is said
     */
    static Optional<Instant> told(String value, Instant now) {
        String text = value == null ? "" : value.strip();
        try {
            Instant until = text.matches(NUMBER) ? now.plusMillis((long) (Double.parseDouble(text) * 1000))
                    : ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            return Optional.of(until).filter(at -> !at.isAfter(now.plus(LONGEST_WAIT)));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static List<String> texts(Expression expression, JsonNode body) {
        List<String> texts = new ArrayList<>();
        if (expression != null) {
            expression.one(body).forEach(one -> texts.add(one.asText()));
        }
        return texts;
    }

    /** Whether crm.yaml says this of a response. */
    static boolean fits(CrmDefinition.Answer answer, int status, JsonNode body, Map<String, Object> headers) {
        if (!fits(answer.status(), status)) {
            return false;
        }
        if (answer.when() == null) {
            return true;
        }
        ObjectNode seen = Values.JSON.createObjectNode();
        headers.forEach((name, value) -> {
            if (value instanceof String text) {
                seen.withObject("/headers").put(name.toLowerCase(Locale.ROOT), text);
            }
        });
        seen.set("body", body);
        return "true".equals(text(answer.when(), seen));
    }

    private static boolean fits(String pattern, int status) {
        return pattern.equals(Integer.toString(status))
                || pattern.endsWith("xx") && pattern.charAt(0) - '0' == status / 100;
    }

    private static int status(Exchange exchange) {
        return exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
    }

    private JsonNode body(Crm crm, Exchange exchange, int status) {
        byte[] bytes = exchange.getMessage().getBody(byte[].class);
        // Read again by the step after the circuit breaker.
        exchange.getMessage().setBody(bytes);
        if (bytes == null || bytes.length == 0) {
            return NullNode.getInstance();
        }
        try {
            JsonNode body = Values.JSON.readTree(bytes);
            return body instanceof MissingNode ? NullNode.getInstance() : body;
        } catch (IOException e) {
            // Of a redirect or a refusal the status says what to do: they often come as HTML.
            if (status < 300) {
                String said = crm.title() + " answered " + status + " with a body that is not JSON";
                outages.failed(crm, said);
                throw new CrmBusy(said, null, e);
            }
            return NullNode.getInstance();
        }
    }

    /** The first value as a text; null where there is none, or the body has another shape. */
    static String text(Expression expression, JsonNode body) {
        if (expression == null) {
            return null;
        }
        try {
            List<JsonNode> values = expression.all(body);
            return values.isEmpty() || values.get(0).isNull() ? null : values.get(0).asText();
        } catch (ExpressionFailed e) {
            return null;
        }
    }
}
