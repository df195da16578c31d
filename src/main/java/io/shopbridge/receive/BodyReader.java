package io.shopbridge.receive;

import io.shopbridge.store.Store;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.springframework.util.FastByteArrayOutputStream;

/**
 * Reads the body of one request asynchronously: no thread waits for its sender, so slow senders cost only memory for a
 * few seconds. The container calls one method of this at a time.
 *
 * <p>A refusal is answered at once. What its sender still has under way is then thrown away for a second: a connection
 * that is closed on unread bytes is reset, and the answer may be lost with it (RFC 9112, section 9.6).
 */
final class BodyReader implements ReadListener, AsyncListener {

    private enum State { READING, REFUSED, OVER }

    private static final int BLOCK = 8 * 1024;
    /** In blocks: 512 kB. With smaller blocks, large bodies would be too slow on a busy machine. */
    private static final int LONGEST_TURN = 64;
    private static final long NO_TIMEOUT = 0;
    private static final Duration THROWING_AWAY = Duration.ofSeconds(1);

    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final Store store;
    private final WebhookRoute route;
    private final WebhookCounts counts;
    private final BodyMemory memory;
    private final long largest;
    private final Duration wait;
    private final long begin = System.nanoTime();
    private final FastByteArrayOutputStream body = new FastByteArrayOutputStream(1024);
    private AsyncContext context;
    private long answeredAt;
    private long size;
    private State state = State.READING;

    /**
     * @param store   null where the request names none that is configured
     * @param largest body that is read, in bytes
     * @param wait    longest time for the whole body
     */
    BodyReader(HttpServletRequest request, HttpServletResponse response, Store store, WebhookRoute route,
            WebhookCounts counts, BodyMemory memory, long largest, Duration wait) {
        this.request = request;
        this.response = response;
        this.store = store;
        this.route = route;
        this.counts = counts;
        this.memory = memory;
        this.largest = largest;
        this.wait = wait;
    }

    /** Continues without a thread; when all is read, the thread that read the end runs the route. */
    void read() throws IOException {
        context = request.startAsync(request, response);
        // The server checks timeouts about once a second; a slow sender is cut off in between.
        context.setTimeout(wait.toMillis());
        context.addListener(this);
        if (request.getInputStream().isFinished()) {
            onAllDataRead();
        } else {
            request.getInputStream().setReadListener(this);
        }
    }

    /** Refuses the request before anything of its body is read. */
    void refuse(Refusal refusal, String because) throws IOException {
        answer(refusal, because);
        if (!request.getInputStream().isFinished()) {
            read();
        }
    }

    @Override
    public void onDataAvailable() throws IOException {
        ServletInputStream in = request.getInputStream();
        byte[] block = new byte[BLOCK];
        for (int turn = 1; in.isReady(); turn++) {
            int length = in.read(block);
            if (isOverdue()) {
                timeIsUp();
                return;
            }
            if (length > 0 && state == State.READING) {
                take(block, length);
            }
            // A sender as fast as this reader would keep the thread: virtual threads yield only explicitly.
            if (turn % LONGEST_TURN == 0) {
                Thread.yield();
            }
        }
    }

    private void take(byte[] block, int length) throws IOException {
        if (size + length > largest) {
            answer(Refusal.TOO_LARGE, tooLarge(largest));
        } else if (!memory.grow(size, size + length)) {
            answer(Refusal.BUSY, "The bodies being received use all the memory for bodies"
                    + " (shopbridge.webhook.body-memory)");
        } else {
            size += length;
            body.write(block, 0, length);
        }
    }

    @Override
    public void onAllDataRead() throws IOException {
        if (state != State.READING) {
            end();
            return;
        }
        state = State.OVER;
        context.setTimeout(NO_TIMEOUT);     // from here on, the wait for the commit is the limit
        try {
            handOn();
        } finally {
            context.complete();
        }
    }

    private void handOn() throws IOException {
        Optional<WebhookConsumer> open = route.open();
        if (open.isEmpty()) {
            answer(Refusal.STARTING, WebhookFilter.STARTING);
            return;
        }
        try {
            open.get().answer(ReceivedWebhook.of(request, store, body.toByteArrayUnsafe()), response);
        } catch (IOException e) {
            counts.refused(store, Refusal.BROKEN_OFF, "The sender closed the connection before the answer.");
        }
    }

    private void end() {
        if (state != State.OVER) {
            state = State.OVER;
            context.complete();
        }
    }

    private boolean isOverdue() {
        return state == State.READING
                ? System.nanoTime() - begin > wait.toNanos()
                : System.nanoTime() - answeredAt > THROWING_AWAY.toNanos();
    }

    private void timeIsUp() throws IOException {
        if (state == State.READING) {
            answer(Refusal.TOO_SLOW, "The body did not arrive within " + wait.toMillis()
                    + " ms (shopbridge.webhook.body-wait)");
        }
        end();
    }

    private void answer(Refusal refusal, String because) throws IOException {
        state = State.REFUSED;
        answeredAt = System.nanoTime();
        memory.release(size);
        size = 0;
        body.reset();
        counts.refused(store, refusal, because + ".");
        byte[] text = because.getBytes(StandardCharsets.UTF_8);
        response.setStatus(refusal.status());
        response.setHeader("Connection", "close");
        response.setContentType("text/plain;charset=UTF-8");
        response.setContentLength(text.length);
        response.getOutputStream().write(text);
        response.flushBuffer();
    }

    static String tooLarge(long largest) {
        return "The body is larger than " + largest + " bytes (shopbridge.webhook.max-body)";
    }

    /**
     * The sender closed the connection, or its chunked body is invalid. If it is still connected, it gets an answer.
     */
    @Override
    public void onError(Throwable failure) {
        if (state == State.READING) {
            try {
                answer(Refusal.BROKEN_OFF, "The body ended before it was complete, or is not valid HTTP");
            } catch (IOException e) {
                // It is not connected any more; the refusal is counted.
            }
        }
    }

    @Override
    public void onError(AsyncEvent event) {
        end();
    }

    @Override
    public void onTimeout(AsyncEvent event) throws IOException {
        timeIsUp();
    }

    @Override
    public void onComplete(AsyncEvent event) {
        memory.release(size);
        size = 0;
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
    }
}
