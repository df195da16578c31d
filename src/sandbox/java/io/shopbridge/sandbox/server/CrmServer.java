package io.shopbridge.sandbox.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** What every simulated CRM shares: the HTTP server, the faults, the count of calls and the {@code /sandbox} paths. */
public final class CrmServer implements AutoCloseable {

    /** The part that is the CRM's own. */
    public interface Api {

        /** Method and path with ids replaced by {@code {id}}, for counting. */
        String template(Call call);

        /** @throws IOException if the body is not the JSON it must be */
        Answer answer(Call call) throws IOException;

        /** How this CRM says that something is wrong in general. */
        Answer failure(int status, Integer retryAfter, String message);

        boolean knows(String object);

        /** The file that a call downloads, which may be larger than the memory; null if it is none. */
        default Path file(Call call) {
            return null;
        }

        /** A {@code /sandbox} path of this CRM's own, such as a merge that only users of the CRM can make. */
        default Answer control(Call call) throws IOException {
            return failure(404, null, "No such sandbox path");
        }
    }

    static {
        // The JDK's server reads these once. Without the first an answer may wait 40 ms for the peer's delayed
        // acknowledgement; without the second (seconds) it drops idle connections that clients still hold as good.
        setIfAbsent("sun.net.httpserver.nodelay", "true");
        setIfAbsent("sun.net.httpserver.idleInterval", "300");
    }

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private final Faults faults = new Faults();
    private final Map<String, LongAdder> calls = new ConcurrentHashMap<>();
    private final HttpServer server;
    private final ExecutorService threads;
    private final SimulatedCrm crm;
    private final Api api;
    private final long latencyMillis;

    public CrmServer(String name, int port, Options options, SimulatedCrm crm, Api api) {
        this.crm = crm;
        this.api = api;
        this.latencyMillis = options.latency().toMillis();
        this.server = bind(name, port);
        this.threads = threads(name);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public Faults faults() {
        return faults;
    }

    public Map<String, Long> calls() {
        Map<String, Long> counts = new TreeMap<>();
        calls.forEach((template, count) -> counts.put(template, count.sum()));
        return counts;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static HttpServer bind(String name, int port) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try {
            return HttpServer.create(address, 1024);
        } catch (BindException e) {
            throw new IllegalStateException("The simulated " + name + " cannot listen on port " + port
                    + ": another process has it. Stop that process, or set another port, in the application by "
                    + "shopbridge.sandbox." + name.toLowerCase(Locale.ROOT).replace(' ', '-')
                    + ".port (0 takes any free one)", e);
        } catch (IOException e) {
            throw new UncheckedIOException("The simulated " + name + " cannot listen on port " + port, e);
        }
    }

    // Latency must not limit concurrency. Virtual threads, from Java 21, are found by name: the source level is 17.
    private static ExecutorService threads(String name) {
        try {
            return (ExecutorService) MethodHandles.publicLookup().findStatic(Executors.class,
                    "newVirtualThreadPerTaskExecutor", MethodType.methodType(ExecutorService.class)).invoke();
        } catch (Throwable olderJvm) {
            return Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task, "simulated-" + name);
                thread.setDaemon(true);
                return thread;
            });
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try {
            Call call = Call.of(exchange.getRequestMethod(), exchange.getRequestURI().getRawPath(),
                    exchange.getRequestURI().getRawQuery(), exchange.getRequestHeaders(),
                    exchange.getRequestBody().readAllBytes());
            if (call.path().startsWith("/sandbox/")) {
                send(exchange, guarded(call, this::sandbox));
                return;
            }
            calls.computeIfAbsent(api.template(call), key -> new LongAdder()).increment();
            pause(latencyMillis + faults.latencyMillis());
            Optional<Faults.FaultyAnswer> fault = faults.takeAnswer(call.path());
            Path file = fault.isPresent() ? null : api.file(call);
            if (file != null) {
                pause(faults.takeHang());
                send(exchange, file, call.headers().get("Range"),
                        faults.takeLoss(call.method() + " " + call.path(), false));
                return;
            }
            Answer answer = fault
                    .map(set -> api.failure(set.status(), set.retryAfter(), "A fault set by the sandbox"))
                    .orElseGet(() -> guarded(call, api::answer));
            pause(faults.takeHang());
            if (faults.takeLoss(call.method() + " " + call.path(), answer.wrote())) {
                return;
            }
            send(exchange, answer);
        } finally {
            // Closing before an answer was begun drops the connection, which is what a lost answer looks like.
            exchange.close();
        }
    }

    private interface Handling {
        Answer of(Call call) throws IOException;
    }

    private Answer guarded(Call call, Handling handling) {
        try {
            return handling.of(call);
        } catch (Refused refused) {
            return refused.answer();
        } catch (IOException notJson) {
            return api.failure(400, null, "Invalid input JSON: " + firstLine(notJson));
        } catch (RuntimeException bug) {
            System.getLogger(CrmServer.class.getName()).log(System.Logger.Level.ERROR,
                    "A simulator failed to handle " + api.template(call), bug);
            return api.failure(500, null, "The simulator failed: " + bug.getClass().getSimpleName());
        }
    }

    private static String firstLine(IOException e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    private Answer sandbox(Call call) throws IOException {
        if (call.is("POST", "sandbox", "faults")) {
            faults.set(call.object());
            return Answer.read(200, faults.state());
        }
        if (call.is("GET", "sandbox", "faults")) {
            return Answer.read(200, faults.state());
        }
        if (call.is("DELETE", "sandbox", "faults")) {
            faults.clear();
            return Answer.empty(204);
        }
        if (call.is("GET", "sandbox", "calls")) {
            return Answer.read(200, Json.MAPPER.valueToTree(calls()));
        }
        if (call.is("DELETE", "sandbox", "records")) {
            crm.clear();
            return Answer.empty(204);
        }
        if (call.is("GET", "sandbox", "records", "*") && api.knows(call.segments().get(2))) {
            ArrayNode all = Json.array();
            crm.records(call.segments().get(2)).forEach((Consumer<ObjectNode>) all::add);
            return Answer.read(200, all);
        }
        return api.control(call);
    }

    private static void pause(long millis) {
        if (millis <= 0) {
            return;
        }
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param broken whether the connection ends halfway */
    private static void send(HttpExchange exchange, Path file, String range, boolean broken) throws IOException {
        long size = Files.size(file);
        long from = range != null && range.matches("bytes=\\d+-")
                ? Long.parseLong(range.substring("bytes=".length(), range.length() - 1)) : 0;
        exchange.getResponseHeaders().set("Content-Type", "application/jsonl");
        exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
        if (from > 0 && from >= size) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        if (from > 0) {
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (size - 1) + "/" + size);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, size - from);
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(from);
            if (broken) {
                exchange.getResponseBody().write(in.readNBytes((int) ((size - from) / 2)));
                exchange.getResponseBody().flush();
            } else {
                in.transferTo(exchange.getResponseBody());
            }
        }
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        byte[] body = answer.body();
        if (body.length == 0) {
            exchange.sendResponseHeaders(answer.status(), -1);
            return;
        }
        if (!exchange.getResponseHeaders().containsKey("Content-Type")) {
            exchange.getResponseHeaders().set("Content-Type", "application/json;charset=utf-8");
        }
        exchange.sendResponseHeaders(answer.status(), body.length);
        exchange.getResponseBody().write(body);
    }
}
