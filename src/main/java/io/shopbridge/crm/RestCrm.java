package io.shopbridge.crm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.shopbridge.map.Expression;
import io.shopbridge.map.ExpressionFailed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import org.apache.camel.Exchange;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.stereotype.Component;

/** Turns a {@link CrmCall} into an HTTP request and the response into what the CRM's crm.yaml says it means. */
@Component("restCrm")
public class RestCrm {

    private static final String CALL = "call";
    private static final int SERVER_FAULT = 500;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true)).build();

    private final Crms crms;

    RestCrm(Crms crms) {
        this.crms = crms;
    }

    /** Replaces the call that is the body by its HTTP request; the call stays in variable {@code call}. */
    public void prepare(Exchange exchange) throws JsonProcessingException {
        CrmCall call = exchange.getMessage().getBody(CrmCall.class);
        Crm crm = crms.get(call.crm());
        CrmRequest request = crm.request(call);
        exchange.setVariable(CALL, call);
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader(Exchange.HTTP_METHOD, request.method());
        exchange.getMessage().setHeader(Exchange.HTTP_PATH, request.path());
        exchange.getMessage().setHeader("Accept", "application/json");
        String[] authorization = authorization(crm);
        exchange.getMessage().setHeader(authorization[0], authorization[1]);
        if (request.body() == null) {
            exchange.getMessage().setBody(null);
        } else {
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
            exchange.getMessage().setBody(JSON.writeValueAsBytes(request.body()));
        }
    }

    /**
     * Looks whether the CRM itself is in trouble, which is what a circuit breaker counts.
     *
     * @throws CrmBusy on a status of 500 and above that crm.yaml calls busy
     */
    public void available(Exchange exchange) {
        int status = status(exchange);
        if (status >= SERVER_FAULT) {
            understand(exchange);
        }
    }

    /**
     * Replaces the HTTP response that is the body by the list of what the operation gives.
     *
     * @throws CrmFailure where the status means one
     */
    public void understand(Exchange exchange) {
        JsonNode body = answer(exchange);
        CrmCall call = exchange.getVariable(CALL, CrmCall.class);
        Crm crm = crms.get(call.crm());
        exchange.getMessage().removeHeaders("*");
        try {
            exchange.getMessage().setBody(crm.gives(call, body));
        } catch (ExpressionFailed e) {
            throw new CrmRefused(crm.title() + " answered " + call.operation() + " in another shape than crm.yaml says: "
                    + e.getMessage(), null);
        }
    }

    /**
     * The JSON body of the HTTP response to the call in variable {@code call}.
     *
     * @throws CrmFailure where the status means one
     */
    public JsonNode answer(Exchange exchange) {
        CrmCall call = exchange.getVariable(CALL, CrmCall.class);
        Crm crm = crms.get(call.crm());
        int status = status(exchange);
        JsonNode body = body(exchange, status);
        for (Crm.CompiledAnswer answer : crm.answers()) {
            if (fits(answer.answer().status(), status)) {
                throw failure(crm, call, answer, status, body, exchange);
            }
        }
        if (status >= 400) {
            throw new CrmRefused(crm.title() + " answered " + status + " to " + call.operation()
                    + "; crm.yaml does not say what that means", null);
        }
        return body;
    }

    /** Name and value of the header that proves who we are. */
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
        throw new InvalidCrm(crm.folder() + "/crm.yaml auth: missing; one of bearer, basic and header must be there");
    }

    private static CrmFailure failure(Crm crm, CrmCall call, Crm.CompiledAnswer answer, int status, JsonNode body,
            Exchange exchange) {
        String because = text(answer.because(), body);
        String said = crm.title() + " answered " + status + " to " + call.operation()
                + (because == null ? "" : ": " + because);
        return switch (answer.answer().means()) {
            case "busy" -> new CrmBusy(said, until(answer.answer(), exchange), null);
            case "locked-out" -> new CrmLockedOut(said);
            case "gone" -> new CrmGone(said);
            case "refused" -> new CrmRefused(because == null ? said : because, text(answer.existing(), body));
            default -> throw new InvalidCrm(crm.folder() + "/crm.yaml answers: means \"" + answer.answer().means()
                    + "\" is none of busy, locked-out, gone, refused");
        };
    }

    private static Instant until(CrmDefinition.Answer answer, Exchange exchange) {
        String header = answer.waitHeader() == null ? null
                : exchange.getMessage().getHeader(answer.waitHeader(), String.class);
        if (header != null && !header.isBlank()) {
            try {
                return header.trim().matches("[0-9]+(\\.[0-9]+)?")
                        ? Instant.now().plusMillis((long) (Double.parseDouble(header.trim()) * 1000))
                        : ZonedDateTime.parse(header.trim(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            } catch (DateTimeException e) {
                // Neither of the two forms of RFC 9110: as if it were not there.
            }
        }
        return answer.waitFor() == null ? null : Instant.now().plus(duration(answer.waitFor()));
    }

    private static Duration duration(String text) {
        return DurationStyle.detectAndParse(text);
    }

    private static boolean fits(String pattern, int status) {
        return pattern.equals(Integer.toString(status))
                || pattern.endsWith("xx") && pattern.charAt(0) - '0' == status / 100;
    }

    private static int status(Exchange exchange) {
        return exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
    }

    private static JsonNode body(Exchange exchange, int status) {
        byte[] bytes = exchange.getMessage().getBody(byte[].class);
        // Read again by the step after the circuit breaker.
        exchange.getMessage().setBody(bytes);
        if (bytes == null || bytes.length == 0) {
            return NullNode.getInstance();
        }
        try {
            JsonNode body = JSON.readTree(bytes);
            return body instanceof MissingNode ? NullNode.getInstance() : body;
        } catch (IOException e) {
            if (status < 400) {
                throw new CrmBusy("The answer is not JSON", null, e);
            }
            return NullNode.getInstance();
        }
    }

    private static String text(Expression expression, JsonNode body) {
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
