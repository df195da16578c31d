package io.shopbridge;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/** Stands between Shopbridge and a simulated CRM: keeps every request, and gives answers of its own on demand. */
public final class RecordingProxy implements AutoCloseable {

    private static final Set<String> OF_THE_CONNECTION = Set.of("host", "connection", "content-length", "expect",
            "upgrade", "http2-settings", "transfer-encoding", "date");

    /**
     * A request and how it was answered.
     *
     * @param uri    path and query as sent
     * @param body   empty where there was none
     * @param status 0 where there was no answer
     */
    public record Recorded(String method, URI uri, Map<String, List<String>> headers, String body, int status) {
    }

    private record Canned(int status, Map<String, String> headers, String body) {
    }

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Recorded> requests = new CopyOnWriteArrayList<>();
    private record Standing(Predicate<Recorded> which, Canned answer) {
    }

    private volatile Standing standing;
    private final Queue<Canned> canned = new ConcurrentLinkedQueue<>();
    private final String target;
    private final HttpServer server;

    /** Begins to listen on a free port of the loopback interface. */
    public static RecordingProxy to(String target) {
        try {
            return new RecordingProxy(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RecordingProxy(String target) throws IOException {
        this.target = target;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    public String baseUrl() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    /** Every request so far. */
    public List<Recorded> requests() {
        return List.copyOf(requests);
    }

    /** The next call is answered so and does not reach the CRM. */
    public void answerNext(int status, Map<String, String> headers, String body) {
        canned.add(new Canned(status, headers, body));
    }

    /** From now on these requests are answered so and do not reach the CRM; those without a body have an empty one. */
    public void answerWhere(Predicate<Recorded> which, int status, Map<String, String> headers, String body) {
        standing = new Standing(which, new Canned(status, headers, body));
    }

    /** Takes back {@link #answerWhere}. */
    public void answerNothing() {
        standing = null;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Canned next = canned.poll();
        Standing always = standing;
        Canned own = next == null && always != null && always.which().test(recorded(exchange, body, 0))
                ? always.answer() : next;
        try {
            if (own != null) {
                own.headers().forEach(exchange.getResponseHeaders()::set);
                answer(exchange, body, own.status(), own.body().getBytes(StandardCharsets.UTF_8));
            } else {
                HttpResponse<byte[]> answer = client.send(request(exchange, body),
                        HttpResponse.BodyHandlers.ofByteArray());
                answer.headers().map().forEach((name, values) -> {
                    if (!OF_THE_CONNECTION.contains(name.toLowerCase())) {
                        exchange.getResponseHeaders().put(name, values);
                    }
                });
                answer(exchange, body, answer.statusCode(), answer.body());
            }
        } catch (IOException e) {
            record(exchange, body, 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    private void answer(HttpExchange exchange, byte[] body, int status, byte[] bytes) throws IOException {
        record(exchange, body, status);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private void record(HttpExchange exchange, byte[] body, int status) {
        requests.add(recorded(exchange, body, status));
    }

    private static Recorded recorded(HttpExchange exchange, byte[] body, int status) {
        return new Recorded(exchange.getRequestMethod(), exchange.getRequestURI(),
                Map.copyOf(exchange.getRequestHeaders()), new String(body, StandardCharsets.UTF_8), status);
    }

    private HttpRequest request(HttpExchange exchange, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI()))
                .method(exchange.getRequestMethod(), body.length == 0 ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!OF_THE_CONNECTION.contains(name.toLowerCase())) {
                values.forEach(value -> request.header(name, value));
            }
        });
        return request.build();
    }
}
