package io.shopbridge.crm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Single requests to an API outside of the routes, for commands that look at a set-up while nothing is delivered.
 * Redirects are not followed, so that credentials reach only the host they are for.
 */
public final class ApiClient {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** Of burst limits: HubSpot's are over ten seconds, Pipedrive's over two. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final int PAUSES = 6;
    private static final int TOO_MANY = 429;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(5)).build();
    private final String baseUrl;
    private final Map<String, String> headers;

    /**
     * @param baseUrl without a slash at the end
     * @param headers sent with every request, such as that which proves who we are
     */
    public ApiClient(String baseUrl, Map<String, String> headers) {
        this.baseUrl = baseUrl;
        this.headers = headers;
    }

    /** With the base URL and the credentials of a REST CRM. */
    public static ApiClient of(Crm crm) {
        String[] authorization = RestCrm.authorization(crm);
        return new ApiClient(crm.baseUrl(), Map.of(authorization[0], authorization[1]));
    }

    /**
     * What was answered.
     *
     * @param body    missing where it isn't JSON
     * @param headers by name, in any case
     */
    public record Reply(int status, JsonNode body, Map<String, List<String>> headers) {

        /** The first header of this name. */
        public Optional<String> header(String name) {
            return headers.entrySet().stream().filter(one -> one.getKey().equalsIgnoreCase(name))
                    .map(one -> one.getValue().get(0)).findFirst();
        }

        public boolean isSuccess() {
            return status < 300;
        }

        /** The server's clock, to the second. */
        public Optional<Instant> date() {
            try {
                return header("Date").map(date ->
                        ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
            } catch (DateTimeException e) {
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
        return send(request(path).GET());
    }

    /** @throws Unreachable if no answer came */
    public Reply post(String path, JsonNode body) {
        return send(request(path).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
    }

    /** @throws Unreachable if no answer came */
    public Reply post(String path, Map<String, String> form) {
        String body = form.entrySet().stream().map(one -> encoded(one.getKey()) + "=" + encoded(one.getValue()))
                .collect(Collectors.joining("&"));
        return send(request(path).header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body)));
    }

    /** Any request of a CRM's definition. */
    public Reply send(CrmRequest request) {
        HttpRequest.Builder builder = request(request.path());
        if (request.body() == null) {
            return send(builder.method(request.method(), BodyPublishers.noBody()));
        }
        return send(builder.header("Content-Type", "application/json")
                .method(request.method(), BodyPublishers.ofString(request.body().toString())));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(baseUrl + path)).timeout(PATIENCE)
                .header("Accept", "application/json");
        headers.forEach(builder::header);
        return builder;
    }

    private Reply send(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        try {
            Reply reply = answered(request);
            for (int pauses = 0; reply.status() == TOO_MANY && pauses < PAUSES; pauses++) {
                Duration pause = pause(reply);
                if (pause.compareTo(LONGEST_PAUSE) > 0) {
                    return reply;
                }
                Thread.sleep(pause.toMillis());
                reply = answered(request);
            }
            return reply;
        } catch (IOException e) {
            throw new Unreachable(request.uri().getScheme() + "://" + request.uri().getAuthority()
                    + " does not answer (" + e.getClass().getSimpleName() + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unreachable("Interrupted while waiting for " + request.uri().getAuthority(), e);
        }
    }

    private Reply answered(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
        return new Reply(response.statusCode(), json(response.body()), response.headers().map());
    }

    /** A limit over seconds is waited for, so that a set-up of many fields comes to its end; one of a day is not. */
    private static Duration pause(Reply reply) {
        return reply.header(RetryAfter.HEADER).flatMap(RetryAfter::of).orElse(PAUSE);
    }

    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
