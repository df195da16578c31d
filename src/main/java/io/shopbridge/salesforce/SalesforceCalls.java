package io.shopbridge.salesforce;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.connect.Attempts;
import io.shopbridge.crm.Crm;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.Outages;
import io.shopbridge.crm.RestCrm;
import io.shopbridge.map.Values;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.component.salesforce.SalesforceEndpointConfig;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Component;

/** The steps of route template {@code salesforce-http}: one HTTP call, and what its answer means. */
@Component("salesforceCalls")
public class SalesforceCalls {

    private static final Duration UNTIL_OTHERS_END = Duration.ofSeconds(5);
    /** By this name, change events of our own changes can be recognised. */
    private static final String CLIENT = "client=shopbridge";

    private static final String REQUEST = "request";
    private static final String ACCEPT = "Accept";
    private static final String CSV = "text/csv";
    private static final String LIMIT_INFO = "Sforce-Limit-Info";
    private static final int SERVER_FAULT = 500;
    /** Of 16,384 bytes for address and headers. */
    private static final int LONGEST_PATH = 15_500;
    private static final int NOT_LOGGED_IN = 401;

    private final SalesforceOrgs orgs;
    private final RestCrm restCrm;
    private final Outages outages;

    SalesforceCalls(SalesforceOrgs orgs, RestCrm restCrm, Outages outages) {
        this.outages = outages;
        this.orgs = orgs;
        this.restCrm = restCrm;
    }

    /**
     * Turns the request in the body into the input of the component's raw operation.
     *
     * @throws CrmFailure where we can't log in, or our share of the day's calls is used up
     */
    public void prepare(Exchange exchange) throws JsonProcessingException {
        SalesforceRequest request = exchange.getMessage().getBody(SalesforceRequest.class);
        SalesforceOrg org = orgs.get(request.crm());
        String path = org.path(request.path());
        if (path.length() > LONGEST_PATH) {
            // Salesforce would answer 414 or 431, which the HTTP client reports as no answer.
            throw CrmRefused.tooLarge(org.crm().title() + " accepts URLs of " + LONGEST_PATH
                    + " characters, but the values of this search (" + request.operation() + ") need one of "
                    + path.length());
        }
        org.login();
        exchange.setVariable(REQUEST, request);
        Attempts.keepAlone(exchange);
        exchange.getMessage().setHeader(SalesforceEndpointConfig.RAW_METHOD, request.method());
        exchange.getMessage().setHeader(SalesforceEndpointConfig.RAW_PATH, path);
        exchange.getMessage().setHeader("Sforce-Call-Options", CLIENT);
        exchange.getMessage().setHeader("Sforce-Duplicate-Rule-Header",
                "allowSave=" + org.crm().isOn(SalesforceOrg.ALLOW_DUPLICATES)
                        + "; includeRecordDetails=false; runAsCurrentUser=true");
        String headers = "Sforce-Call-Options,Sforce-Duplicate-Rule-Header";
        byte[] body = request.body() == null ? null : Values.JSON.writeValueAsBytes(request.body());
        if (request.csv()) {
            exchange.getMessage().setHeader(ACCEPT, CSV);
            headers += "," + ACCEPT;
        }
        if (request.upload() != null) {
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, CSV);
            headers += "," + Exchange.CONTENT_TYPE;
            body = request.upload();
        }
        exchange.getMessage().setHeader(SalesforceEndpointConfig.RAW_HTTP_HEADERS, headers);
        exchange.getMessage().setBody(body);
        org.dailyCalls().before();
    }

    /** The prepared call has ended, with or without an answer. */
    public void ended(@Variable(REQUEST) SalesforceRequest request) {
        orgs.get(request.crm()).dailyCalls().ended();
    }

    /** The component throws for every status that is not a success: turns it back into an answer. */
    public void answered(Exchange exchange) {
        SalesforceException fault = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, SalesforceException.class);
        SalesforceException login = fault.getCause() instanceof SalesforceException cause ? cause : null;
        if (login != null && login.getStatusCode() > 0) {
            exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, NOT_LOGGED_IN);
            exchange.getMessage().setBody(words(login));
        } else if (fault.getStatusCode() == NOT_LOGGED_IN) {
            exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, NOT_LOGGED_IN);
            exchange.getMessage().setBody(words(fault));
        } else if (fault.getStatusCode() == 0) {
            // The exception quotes the URL with the searched values; its cause doesn't.
            Throwable reason = fault.getCause() == null ? fault
                    : NestedExceptionUtils.getMostSpecificCause(fault.getCause());
            Crm crm = org(exchange).crm();
            String said = crm.title() + " did not answer" + (reason instanceof SalesforceException ? ""
                    : ": " + reason.getClass().getSimpleName() + ": " + reason.getMessage());
            outages.failed(crm, said);
            throw new CrmBusy(said, null, fault.getCause());
        }
    }

    private static byte[] words(SalesforceException fault) {
        return Values.JSON.createArrayNode().add(Values.JSON.createObjectNode().put("message", fault.getMessage()))
                .toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Checks whether Salesforce itself has failed, which the circuit breaker counts.
     *
     * @throws CrmBusy on a status of 500 and above that crm.yaml calls busy
     */
    public void available(Exchange exchange) {
        String retryAfter = exchange.getMessage().getHeader(SalesforceOrg.RETRY_AFTER, String.class);
        if (retryAfter != null) {
            exchange.getMessage().setHeader("Retry-After", retryAfter);
        }
        org(exchange).dailyCalls().after(exchange.getMessage().getHeader(LIMIT_INFO, String.class));
        if (exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class) >= SERVER_FAULT) {
            answer(exchange);
        }
    }

    /**
     * Replaces the HTTP response that is the body by its JSON; what is CSV stays bytes.
     *
     * @throws CrmFailure where the status means one
     */
    public void understand(Exchange exchange) {
        Attempts.restore(exchange);
        SalesforceOrg org = org(exchange);
        byte[] bytes = exchange.getMessage().getBody(byte[].class);
        exchange.getMessage().setBody(bytes);
        int status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        String refusal = status == 403 && bytes != null ? new String(bytes, StandardCharsets.UTF_8) : "";
        if (refusal.contains("REQUEST_LIMIT_EXCEEDED") && refusal.contains("Concurrent")) {
            // Too many long calls at this moment, of all clients: https://help.salesforce.com/s/articleView?id=000389067
            throw new CrmBusy(org.crm().title() + " has too many long calls running",
                    Instant.now().plus(UNTIL_OTHERS_END), null);
        }
        if (refusal.contains("REQUEST_LIMIT_EXCEEDED")) {
            throw new CrmBusy(org.crm().title() + " has no calls left for today", DailyCalls.lookAgain(), null);
        }
        Object answer = request(exchange).csv() && status < 300
                ? (bytes == null ? new byte[0] : bytes) : answer(exchange);
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(answer);
    }

    private JsonNode answer(Exchange exchange) {
        return restCrm.answer(exchange, org(exchange).crm(), request(exchange).operation());
    }

    private SalesforceOrg org(Exchange exchange) {
        return orgs.get(request(exchange).crm());
    }

    private static SalesforceRequest request(Exchange exchange) {
        return exchange.getVariable(REQUEST, SalesforceRequest.class);
    }
}
