package io.shopbridge.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.shopbridge.map.Values;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The operator API of a running instance, and the options that say which. */
final class Operator {

    /** Longer than a shop's budget may make the instance wait. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration CONNECTING = Duration.ofSeconds(30);

    private static final int LAST_PORT = 65_535;
    private static final int PART = 8_192;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    private URI at;

    @Option(names = "--user", defaultValue = "operator", description = "The operator's name, by default operator.")
    private String user;

    /** Not quoted where it is wrong: it may have a password in it. */
    @Option(names = "--at", defaultValue = "http://localhost:8080", description = "Address of the instance.")
    private void setAt(String address) {
        try {
            at = new URI(address);
        } catch (URISyntaxException e) {
            at = URI.create("");
        }
        boolean isHttp = "http".equalsIgnoreCase(at.getScheme()) || "https".equalsIgnoreCase(at.getScheme());
        if (!isHttp || at.getHost() == null || at.getPort() > LAST_PORT || at.getUserInfo() != null
                || !at.getPath().matches("/?") || at.getQuery() != null) {
            throw new ParameterException(spec.commandLine(), "--at must be http:// or https:// and the host and port of the"
                    + " instance, without anything else, as in http://localhost:8080");
        }
    }

    /** The instance does not do it, or none answers; the message is a sentence for the person. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    /** @param body JSON; empty: none is sent */
    JsonNode ask(String method, String path, String body) throws Refused, InterruptedException {
        return ask(method, path, "application/json",
                body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    }

    /** Sends a file. */
    JsonNode upload(String path, String type, byte[] file) throws Refused, InterruptedException {
        return ask("POST", path, type, BodyPublishers.ofByteArray(file));
    }

    private JsonNode ask(String method, String path, String type, BodyPublisher body) throws Refused, InterruptedException {
        try {
            HttpResponse<String> answer = send(method, path, type, body, BodyHandlers.ofString());
            if (answer.statusCode() >= HttpStatus.MULTIPLE_CHOICES.value()) {
                throw refusal(answer, answer.body());
            }
            return Values.JSON.readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw new Refused("What answers at " + at + " is no instance. Give the address of one with --at");
        } catch (IOException e) {
            throw new Refused("No instance answers at " + at + ": " + reason(e) + ". Give its address with --at");
        }
    }

    /**
     * Writes the answer to a stream as it comes.
     *
     * @throws Refused also where the answer was cut off: what was written is not whole
     * @throws IOException where the stream takes no more
     */
    void download(String path, OutputStream out) throws Refused, IOException, InterruptedException {
        try (InputStream body = open(path)) {
            byte[] part = new byte[PART];
            for (int length = next(body, part); length >= 0; length = next(body, part)) {
                out.write(part, 0, length);
            }
        }
    }

    private InputStream open(String path) throws Refused, InterruptedException {
        try {
            HttpResponse<InputStream> answer = send("GET", path, "application/json", BodyPublishers.noBody(),
                    BodyHandlers.ofInputStream());
            if (answer.statusCode() < HttpStatus.MULTIPLE_CHOICES.value()) {
                return answer.body();
            }
            try (InputStream body = answer.body()) {
                throw refusal(answer, new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new Refused("No instance answers at " + at + ": " + reason(e) + ". Give its address with --at");
        }
    }

    private int next(InputStream body, byte[] part) throws Refused {
        try {
            return body.read(part);
        } catch (IOException e) {
            throw new Refused("The instance at " + at + " did not answer to the end: " + reason(e));
        }
    }

    private Refused refusal(HttpResponse<?> answer, String body) {
        int status = answer.statusCode();
        if (status == HttpStatus.UNAUTHORIZED.value()) {
            return new Refused("The instance at " + at + " does not accept the name and password. Set"
                    + " SHOPBRIDGE_OPERATOR_PASSWORD to its operator's password"
                    + (password().isEmpty() ? "; it is not set here" : ", as it is there"));
        }
        JsonNode detail = json(body).path("detail");
        if (detail.isTextual()) {
            return new Refused(detail.asText());
        }
        // Where too many logins failed, the answer costs little: it is no JSON.
        return new Refused(status == HttpStatus.TOO_MANY_REQUESTS.value() ? "The instance at " + at + " was asked too often"
                + " with a wrong password, or by too many. Try again in "
                + answer.headers().firstValue(HttpHeaders.RETRY_AFTER).orElse("10") + " s"
                : "What is at " + at + " answered " + status + ". Give the address of an instance with --at");
    }

    private static JsonNode json(String body) {
        try {
            return Values.JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    /** Java has no message for what happens most often. */
    private static String reason(IOException e) {
        if (ExceptionUtils.indexOfType(e, UnresolvedAddressException.class) >= 0) {
            return "there is no host of this name";
        }
        return e instanceof ConnectException ? "it can't be connected to"
                : Objects.toString(e.getMessage(), e.getClass().getSimpleName());
    }

    private <T> HttpResponse<T> send(String method, String path, String type, BodyPublisher body,
            BodyHandler<T> handler) throws IOException, InterruptedException {
        String login = Base64.getEncoder().encodeToString((user + ":" + password()).getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(at.resolve(path)).timeout(PATIENCE)
                .header("Authorization", "Basic " + login).header("Content-Type", type)
                .method(method, body).build();
        return HttpClient.newBuilder().connectTimeout(CONNECTING).build().send(request, handler);
    }

    private static String password() {
        return System.getenv().getOrDefault("SHOPBRIDGE_OPERATOR_PASSWORD",
                System.getProperty("shopbridge.operator.password", ""));
    }
}
