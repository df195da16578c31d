package io.shopbridge.sandbox.shop;

import com.fasterxml.jackson.databind.JsonNode;
import io.shopbridge.sandbox.server.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Sends what a {@link ShopModel} gives to a webhook endpoint, signed as Shopify signs, and again after anything but a
 * 2xx answer: the same body under the same webhook id, {@value #ATTEMPTS} times at most, each wait twice the last.
 * Shopify spreads its eight retries over four hours; here they end within minutes.
 *
 * @see <a href="https://shopify.dev/docs/apps/build/webhooks/delivery-structure">Delivery structure</a>
 */
public final class SimulatedShop implements AutoCloseable {

    /** The API version its webhooks carry. */
    public static final String API_VERSION = "2026-10";

    private static final int ATTEMPTS = 9;
    private static final int MOST_IN_FLIGHT = 32;
    // While the endpoint is down the shop's day stands still, rather than fill the memory.
    private static final int MOST_UNFINISHED = 2_000;
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration WHOLE_CALL = Duration.ofSeconds(5);

    /**
     * @param endpoint where webhooks are posted
     * @param secret the app's client secret, which signs
     * @param domain for the header X-Shopify-Shop-Domain
     * @param rate webhooks a second; 0 pauses
     * @param seed decides what happens in the shop
     * @param positionFile remembers where the shop stopped, so that a restart goes on; null begins anew each time
     * @param firstRetry the wait before the first repeat
     * @param mishaps what befalls the webhooks on their way
     */
    public record Settings(URI endpoint, String secret, String domain, double rate, long seed, Path positionFile,
            Duration firstRetry, Mishaps mishaps) {

        public Settings(URI endpoint, String secret, String domain, double rate, long seed, Path positionFile,
                Mishaps mishaps) {
            this(endpoint, secret, domain, rate, seed, positionFile, Duration.ofSeconds(1), mishaps);
        }

        @Override
        public String toString() {
            return "Settings[endpoint=" + endpoint + ", domain=" + domain + "]";
        }
    }

    /**
     * What became of the webhooks so far.
     *
     * @param sent webhooks that were sent, each counted once; doubled ones twice
     * @param accepted answered 2xx
     * @param retries attempts beyond the first
     * @param givenUp never accepted
     * @param lost never sent
     */
    public record Counts(long sent, long accepted, long retries, long givenUp, long lost) {
    }

    private record Sending(ShopEvent event, long number) {
    }

    private final Settings settings;
    private final ShopModel model;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT).build();
    private final ScheduledExecutorService retrying = Executors.newSingleThreadScheduledExecutor(SimulatedShop::daemon);
    private final Semaphore inFlight = new Semaphore(MOST_IN_FLIGHT);
    private final TreeSet<Long> unfinished = new TreeSet<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private final AtomicLong givenUp = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final Mishaps.Way<Sending> way;
    private final Thread sender;
    private final Instant startedAt;
    private volatile double rate;
    private volatile boolean closed;

    private SimulatedShop(Settings settings, Clock clock) {
        this.settings = settings;
        this.rate = settings.rate();
        this.way = new Mishaps.Way<>(settings.mishaps());
        JsonNode position = readPosition();
        if (position == null) {
            startedAt = clock.instant();
            model = new ShopModel(settings.seed(), clock);
        } else {
            startedAt = Instant.parse(position.get("started").asText());
            model = ShopModel.resumed(settings.seed(), clock, position.get("events").asLong(), startedAt,
                    Instant.parse(position.get("saved").asText()));
        }
        sender = daemon(this::run);
        retrying.scheduleWithFixedDelay(this::savePosition, 1, 1, TimeUnit.SECONDS);
        sender.start();
    }

    /** Begins to send. */
    public static SimulatedShop start(Settings settings) {
        return new SimulatedShop(settings, Clock.systemUTC());
    }

    /** The headers that Shopify would send with this event; HMAC-SHA256 of the body, in Base64, is the signature. */
    public static Map<String, String> headers(ShopEvent event, String domain, String secret) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json");
        headers.put("X-Shopify-Topic", event.topic());
        headers.put("X-Shopify-Hmac-Sha256", signature(event.body(), secret));
        headers.put("X-Shopify-Shop-Domain", domain);
        headers.put("X-Shopify-API-Version", API_VERSION);
        headers.put("X-Shopify-Webhook-Id", event.webhookId());
        headers.put("X-Shopify-Event-Id", event.eventId());
        headers.put("X-Shopify-Triggered-At", event.triggeredAt().toString());
        return headers;
    }

    /** Changes the pace: webhooks a second, 0 pauses. */
    public void rate(double eventsPerSecond) {
        rate = eventsPerSecond;
        LockSupport.unpark(sender);
    }

    public Counts counts() {
        return new Counts(sent.get(), accepted.get(), retries.get(), givenUp.get(), lost.get());
    }

    /** Stops sending. What was not accepted yet is sent again by the next shop with the same position file. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(sender);
        retrying.shutdownNow();
        try {
            sender.join(WHOLE_CALL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        savePosition();
    }

    private void run() {
        long due = System.nanoTime();
        while (!closed) {
            double pace = rate;
            if (pace <= 0) {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                due = System.nanoTime();
                continue;
            }
            long wait = unfinished() < MOST_UNFINISHED ? due - System.nanoTime() : TimeUnit.MILLISECONDS.toNanos(50);
            if (wait > 0) {
                LockSupport.parkNanos(Math.min(wait, TimeUnit.SECONDS.toNanos(1)));
                continue;
            }
            // A shop that fell behind by more than a second does not make up for it in a burst.
            due = Math.max(due, System.nanoTime() - TimeUnit.SECONDS.toNanos(1)) + (long) (1e9 / pace);
            sendNext();
        }
    }

    private void sendNext() {
        try {
            if (!inFlight.tryAcquire(1, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
            return;
        }
        Sending next;
        synchronized (unfinished) {
            long number = model.position();
            next = new Sending(model.next(), number);
            unfinished.add(number);
        }
        List<Sending> arriving = way.enter(next);
        if (!arriving.contains(next) && !way.isHeld(next)) {
            lost.incrementAndGet();
            finished(next.number());
        }
        // One permit is taken already; what was held back until now needs more.
        inFlight.release();
        for (Sending one : arriving) {
            inFlight.acquireUninterruptibly();
            sent.incrementAndGet();
            attempt(one.event(), one.number(), 1);
        }
    }

    private void attempt(ShopEvent event, long number, int attempt) {
        HttpRequest.Builder request = HttpRequest.newBuilder(settings.endpoint()).timeout(WHOLE_CALL)
                .POST(HttpRequest.BodyPublishers.ofByteArray(event.body()));
        headers(event, settings.domain(), settings.secret()).forEach(request::header);
        client.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding()).whenComplete((response, failure) -> {
            if (attempt == 1) {
                inFlight.release();
            }
            if (failure == null && response.statusCode() / 100 == 2) {
                accepted.incrementAndGet();
                finished(number);
            } else if (attempt == ATTEMPTS) {
                givenUp.incrementAndGet();
                finished(number);
            } else if (!closed) {
                retryLater(event, number, attempt);
            }
        });
    }

    private void retryLater(ShopEvent event, long number, int attempt) {
        long wait = settings.firstRetry().toMillis() << (attempt - 1);
        try {
            retrying.schedule(() -> {
                retries.incrementAndGet();
                attempt(event, number, attempt + 1);
            }, wait, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            // The event stays unfinished, and the saved position lies before it.
            closed = true;
        }
    }

    private int unfinished() {
        synchronized (unfinished) {
            return unfinished.size();
        }
    }

    private void finished(long number) {
        synchronized (unfinished) {
            unfinished.remove(number);
        }
    }

    private JsonNode readPosition() {
        Path file = settings.positionFile();
        if (file == null || !Files.exists(file)) {
            return null;
        }
        try {
            JsonNode position = Json.parse(Files.readAllBytes(file));
            return position.path("seed").asLong() == settings.seed() ? position : null;
        } catch (IOException e) {
            throw new UncheckedIOException("The simulated shop cannot read its position from " + file
                    + "; delete the file to begin anew", e);
        }
    }

    private void savePosition() {
        Path file = settings.positionFile();
        if (file == null) {
            return;
        }
        long events;
        synchronized (unfinished) {
            events = unfinished.isEmpty() ? model.position() : unfinished.first();
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.write(next, Json.bytes(Json.object().put("seed", settings.seed()).put("events", events)
                    .put("started", startedAt.toString()).put("saved", Instant.now().toString())));
            Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            System.getLogger(SimulatedShop.class.getName()).log(System.Logger.Level.WARNING,
                    "The simulated shop cannot save its position in " + file + " and will repeat itself after a "
                            + "restart: " + e.getMessage());
        }
    }

    private static String signature(byte[] body, String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has HmacSHA256", e);
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "simulated-shop");
        thread.setDaemon(true);
        return thread;
    }
}
