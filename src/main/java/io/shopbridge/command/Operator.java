package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.map.Values;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import picocli.CommandLine.Option;

/** The operator API of a running instance, and the options that say which. */
final class Operator {

    /** Longer than a shop's budget may make the instance wait. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration CONNECTING = Duration.ofSeconds(30);

    @Option(names = "--at", defaultValue = "http://localhost:8080", description = "Address of the instance.")
    private URI at;

    @Option(names = "--user", defaultValue = "operator", description = "The operator's name, by default operator.")
    private String user;

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
            JsonNode json = Values.JSON.readTree(answer.body());
            if (answer.statusCode() >= 300) {
                throw new Refused(json.path("detail").asText("Answered " + answer.statusCode()));
            }
            return json;
        } catch (IOException e) {
            // What is not JSON does not come from an instance.
            throw new Refused("No instance answers at " + at + ": " + e.getMessage() + ". Give its address with --at");
        }
    }

    /**
     * Writes the answer to a stream as it comes.
     *
     * @throws Refused also where the answer was cut off: what was written is not whole
     */
    void download(String path, OutputStream out) throws Refused, InterruptedException {
        try {
            HttpResponse<InputStream> answer = send("GET", path, "application/json", BodyPublishers.noBody(),
                    BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                if (answer.statusCode() >= 300) {
                    throw new Refused(Values.JSON.readTree(body).path("detail").asText("Answered " + answer.statusCode()));
                }
                body.transferTo(out);
            }
        } catch (IOException e) {
            throw new Refused("The instance at " + at + " does not answer, or not to the end: " + e.getMessage());
        }
    }

    private <T> HttpResponse<T> send(String method, String path, String type, BodyPublisher body,
            BodyHandler<T> handler) throws IOException, InterruptedException {
        String password = System.getenv().getOrDefault("SHOPBRIDGE_OPERATOR_PASSWORD",
                System.getProperty("shopbridge.operator.password", ""));
        String login = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(at.resolve(path)).timeout(PATIENCE)
                .header("Authorization", "Basic " + login).header("Content-Type", type)
                .method(method, body).build();
        return HttpClient.newBuilder().connectTimeout(CONNECTING).build().send(request, handler);
    }
}
