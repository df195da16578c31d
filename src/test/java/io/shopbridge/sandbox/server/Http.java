package io.shopbridge.sandbox.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A small JSON client; bodies are written with single quotes for readability. */
public final class Http {

    public record Reply(int status, JsonNode body, HttpResponse<String> raw) {

        public String header(String name) {
            return raw.headers().firstValue(name).orElse(null);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2)).build();
    private final String baseUrl;
    private final String token;
    private final Duration patience;

    public Http(String baseUrl, String token) {
        this(baseUrl, token, Duration.ofSeconds(5));
    }

    private Http(String baseUrl, String token, Duration patience) {
        this.baseUrl = baseUrl;
        this.token = token;
        this.patience = patience;
    }

    public Http impatient(Duration shorter) {
        return new Http(baseUrl, token, shorter);
    }

    public Reply post(String path, String body) throws IOException {
        return send("POST", path, body);
    }

    public Reply get(String path) throws IOException {
        return send("GET", path, null);
    }

    public Reply send(String method, String path, String body, String... headers) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(baseUrl + path))
                .timeout(patience)
                .header("Authorization", "Bearer " + token).header("Content-Type", "application/json")
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> raw = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Reply(raw.statusCode(), raw.body().isEmpty() ? null : JSON.readTree(raw.body()), raw);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
