package io.shopbridge.connect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Values;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.ClientHttpResponse;

/**
 * A token endpoint answered, but gave no token. Some say so with a status, as RFC 6749 section 5.2 wants it; others
 * with 200 and an error in the body.
 */
final class TokenRefused extends RuntimeException {

    private static final int MOST_BYTES = 16_384;
    private static final int MOST_WORDS = 300;

    private final transient boolean busy;
    private final transient Duration wait;

    private TokenRefused(String message, boolean busy, Duration wait) {
        super(message);
        this.busy = busy;
        this.wait = wait;
    }

    /** From an answer without success. */
    static TokenRefused of(ClientHttpResponse response) throws IOException {
        int status = response.getStatusCode().value();
        Duration wait = RetryAfter.of(response.getHeaders().getFirst(RetryAfter.HEADER)).orElse(null);
        boolean busy = status >= 500 || status == HttpStatus.TOO_MANY_REQUESTS.value()
                || status == HttpStatus.REQUEST_TIMEOUT.value();
        return new TokenRefused(status + words(response.getBody().readNBytes(MOST_BYTES)), busy, wait);
    }

    /** From the body of a successful answer without a token. */
    static TokenRefused of(Map<String, Object> body) {
        return new TokenRefused("200" + words(Values.JSON.valueToTree(body)), false, null);
    }

    /** Whether it is only for now: the endpoint is in trouble, or was asked too often. */
    boolean isBusy() {
        return busy;
    }

    /** How long it asked us to wait; null where it did not. */
    Duration askedWait() {
        return wait;
    }

    private static String words(byte[] body) {
        try {
            return words(Values.JSON.readTree(new String(body, StandardCharsets.UTF_8)));
        } catch (JsonProcessingException e) {
            return "";      // a page for people
        }
    }

    /** The error and what is said about it, wherever they stand. */
    private static String words(JsonNode body) {
        JsonNode inner = body.path("error").isObject() ? body.path("error") : body;
        String words = Stream.of("error", "code", "error_description", "description", "message")
                .map(inner::path).filter(JsonNode::isValueNode).map(JsonNode::asText).filter(text -> !text.isBlank())
                .distinct().collect(Collectors.joining(": "));
        String line = words.replaceAll("\\s+", " ");
        return line.isEmpty() ? "" : ", " + line.substring(0, Math.min(line.length(), MOST_WORDS));
    }
}
