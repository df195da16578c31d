package io.shopbridge.crm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.shopbridge.connect.HttpRequests;
import io.shopbridge.connect.RetryAfter;
import io.shopbridge.map.Values;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.util.MultiValueMap;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/** Single requests to an API outside of the routes, for commands that look at a set-up while nothing is delivered. */
public final class ApiClient {

    /** Of burst limits: HubSpot's are over ten seconds, Pipedrive's over two. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final int PAUSES = 6;
    private static final int TOO_MANY = 429;

    private final String baseUrl;
    private final RestClient http;

    /**
     * @param baseUrl without a slash at the end
     * @param headers sent with every request, such as that which proves who we are
     */
    public ApiClient(String baseUrl, Map<String, String> headers) {
        this.baseUrl = baseUrl;
        this.http = RestClient.builder().requestFactory(HttpRequests.factory(Duration.ofSeconds(5), Duration.ofSeconds(20)))
                .defaultHeaders(all -> headers.forEach(all::set))
                .defaultHeader(HttpHeaders.ACCEPT, MediaType.APPLICATION_JSON_VALUE).build();
    }

    /** With the base URL and the credentials of a REST CRM. */
    public static ApiClient of(Crm crm) {
        String[] authorization = RestCrm.authorization(crm);
        return new ApiClient(crm.baseUrl(), Map.of(authorization[0], authorization[1]));
    }

    /**
     * What was answered.
     *
     * @param body missing where it isn't JSON
     */
    public record Reply(int status, JsonNode body, HttpHeaders headers) {

        /** The first header of this name. */
        public Optional<String> header(String name) {
            return Optional.ofNullable(headers.getFirst(name));
        }

        public boolean isSuccess() {
            return status < 300;
        }

        /** The server's clock, to the second. */
        public Optional<Instant> date() {
            try {
                long millis = headers.getDate();
                return millis < 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
    }

    /** No answer came; the message says from where and why. */
    public static final class Unreachable extends RuntimeException {
        Unreachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** @throws Unreachable if no answer came */
    public Reply get(String path) {
        return send(HttpMethod.GET, path, null, null);
    }

    /** @throws Unreachable if no answer came */
    public Reply post(String path, JsonNode body) {
        return send(HttpMethod.POST, path, MediaType.APPLICATION_JSON, body.toString());
    }

    /** @throws Unreachable if no answer came */
    public Reply post(String path, Map<String, String> form) {
        return send(HttpMethod.POST, path, MediaType.APPLICATION_FORM_URLENCODED, MultiValueMap.fromSingleValue(form));
    }

    /** Any request of a CRM's definition. */
    public Reply send(CrmRequest request) {
        return send(HttpMethod.valueOf(request.method()), request.path(), MediaType.APPLICATION_JSON,
                request.body() == null ? null : request.body().toString());
    }

    private Reply send(HttpMethod method, String path, MediaType type, Object body) {
        URI address = URI.create(baseUrl + path);
        RestClient.RequestBodySpec request = http.method(method).uri(address);
        if (body != null) {
            request.contentType(type).body(body);
        }
        try {
            Reply reply = request.exchange(ApiClient::reply);
            for (int pauses = 0; reply.status() == TOO_MANY && pauses < PAUSES; pauses++) {
                Duration pause = pause(reply);
                if (pause.compareTo(LONGEST_PAUSE) > 0) {
                    return reply;
                }
                Thread.sleep(pause.toMillis());
                reply = request.exchange(ApiClient::reply);
            }
            return reply;
        } catch (ResourceAccessException e) {
            throw new Unreachable(address.getScheme() + "://" + address.getAuthority() + " does not answer ("
                    + e.getCause().getClass().getSimpleName() + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unreachable("Interrupted while waiting for " + address.getAuthority(), e);
        }
    }

    private static Reply reply(Object request, ClientHttpResponse response) throws IOException {
        return new Reply(response.getStatusCode().value(), json(response), response.getHeaders());
    }

    /** A limit over seconds is waited for, so that a set-up of many fields comes to its end; one of a day is not. */
    private static Duration pause(Reply reply) {
        return reply.header(RetryAfter.HEADER).flatMap(RetryAfter::of).orElse(PAUSE);
    }

    private static JsonNode json(ClientHttpResponse response) throws IOException {
        try {
            return Values.JSON.readTree(response.getBody());
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
