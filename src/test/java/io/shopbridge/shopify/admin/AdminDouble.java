package io.shopbridge.shopify.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.shopbridge.map.Values;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executors;

/**
 * The Admin APIs of several shops on one port, told by the first part of the path. What a shop answers is said before;
 * with nothing said, it answers with its name.
 */
final class AdminDouble implements AutoCloseable {

    static final String SHOP = """
            {"data": {"shop": {"id": "gid://shopify/Shop/1", "name": "Test"}, "currentAppInstallation": null}}""";

    /** What is answered to one request. */
    record Reply(int status, String body, Map<String, String> headers) {

        Reply(int status, String body) {
            this(status, body, Map.of());
        }
    }

    /** What was asked. */
    record Asked(String path, Map<String, String> headers, String body) {

        JsonNode json() {
            return Values.parse(body);
        }
    }

    private final HttpServer server;
    private final Map<String, Deque<Reply>> replies = new ConcurrentHashMap<>();
    private final Map<String, List<Asked>> asked = new ConcurrentHashMap<>();

    AdminDouble() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", this::answer);
        server.start();
    }

    /** What this shop answers to the next requests, in this order. */
    void answers(String shop, Reply... next) {
        replies.computeIfAbsent(shop, name -> new ConcurrentLinkedDeque<>()).addAll(List.of(next));
    }

    /** What this shop was asked, in this order. */
    List<Asked> asked(String shop) {
        return asked.computeIfAbsent(shop, name -> Collections.synchronizedList(new ArrayList<>()));
    }

    /** What {@code admin.url} of a store is set to. */
    String url(String shop) {
        return "http://localhost:" + server.getAddress().getPort() + "/" + shop;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/", 3);
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Map<String, String> headers = new ConcurrentHashMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name.toLowerCase(), values.get(0)));
        asked(path[1]).add(new Asked("/" + path[2], headers, body));
        Reply next = replies.getOrDefault(path[1], new ArrayDeque<>()).poll();
        Reply reply = next == null ? new Reply(200, SHOP) : next;
        byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        if (reply.status() == 0) {
            exchange.close();       // as a connection that breaks off
            return;
        }
        exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** Everything that was said beforehand was asked for. */
    void assertNothingLeft() {
        assertThat(replies.values()).allSatisfy(left -> assertThat(left).isEmpty());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
