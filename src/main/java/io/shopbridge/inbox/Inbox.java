package io.shopbridge.inbox;

import static io.shopbridge.store.Columns.bytes;
import static io.shopbridge.store.Columns.texts;
import static io.shopbridge.store.Columns.times;

import io.shopbridge.doorbell.Doorbell;
import io.shopbridge.store.ShopbridgeSettings;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.camel.Body;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The durable store of received events. Events that arrive together are committed together: while one commit waits for
 * the disk, the next ones gather, so a burst costs a few commits and not one each.
 */
@Component
public class Inbox implements SmartLifecycle {

    /** The name that is rung when events wait. */
    public static final String BELL = "inbox";

    private static final int LARGEST_COMMIT = 256;
    private static final int LARGEST_QUEUE = 4096;
    /** Bytes of bodies; the statement that commits them has as many again. */
    private static final long LARGEST_COMMIT_BYTES = 8L << 20;
    /** Bytes of bodies that may wait for the database: a sixteenth of the heap, and a few large bodies in any case. */
    private static final int LARGEST_QUEUE_BYTES =
            (int) Math.min(1L << 30, Math.max(32L << 20, Runtime.getRuntime().maxMemory() / 16));
    /** Classes of SQLState: cardinality, data, integrity, limits of the program. */
    private static final Set<String> ABOUT_THE_DATA = Set.of("21", "22", "23", "54");
    private static final String INSERT = """
            WITH kept AS (
                INSERT INTO inbox (store, topic, webhook_id, event_id, triggered_at, fingerprint, body)
                SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::bytea[], ?::bytea[])
                ON CONFLICT DO NOTHING
                RETURNING id, store, topic, webhook_id),
            waiting AS (INSERT INTO inbox_waiting (id, later) SELECT id, starts_with(topic, '%s') FROM kept)
            SELECT store, webhook_id FROM kept""".formatted(ReceivedEvent.HISTORY);

    private record Arrival(Event event, CompletableFuture<Boolean> kept) {
    }

    private final JdbcTemplate jdbc;
    private final Doorbell doorbell;
    private final Duration commitWait;
    private final BlockingQueue<Arrival> arrivals = new ArrayBlockingQueue<>(LARGEST_QUEUE);
    private final Semaphore room;
    private volatile boolean running;
    private Thread writer;

    public Inbox(JdbcTemplate jdbc, Doorbell doorbell, ShopbridgeSettings settings) {
        this.jdbc = jdbc;
        this.doorbell = doorbell;
        this.commitWait = settings.webhook().commitWait();
        this.room = new Semaphore((int) Math.max(LARGEST_QUEUE_BYTES, settings.webhook().maxBody().toBytes()));
    }

    /**
     * Keeps the event and returns after it is committed.
     *
     * @return false where the same event, by webhook id or by fingerprint, was there already
     * @throws InboxUnavailable where it could not be committed in time; it may have been kept all the same, which the
     *                          next delivery of it will find out
     */
    public boolean keep(Event event) {
        Arrival arrival = new Arrival(event, new CompletableFuture<>());
        int size = event.body().length;
        if (!running || !room.tryAcquire(size)) {
            throw new InboxUnavailable("More events wait for the database than can be held", null);
        }
        // Given back when it is committed or has failed, and not when nobody waits for that any more.
        arrival.kept.whenComplete((kept, failure) -> room.release(size));
        if (!arrivals.offer(arrival)) {
            arrival.kept.cancel(false);
            throw new InboxUnavailable("More events wait for the database than can be held", null);
        }
        try {
            return arrival.kept.get(commitWait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new InboxUnavailable("The database did not commit within " + commitWait.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new InboxUnavailable("The database did not commit: " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InboxUnavailable("Shopbridge is stopping", e);
        }
    }

    /**
     * Keeps these events and returns after they are committed; for a source that has many at once and can bring them
     * again. Those that are there already stay as they are.
     *
     * @throws InboxUnavailable where they could not be committed; some may have been kept all the same
     */
    public void keepTogether(@Body List<Event> events) {
        try {
            int from = 0;
            long bytes = 0;
            for (int i = 0; i < events.size(); i++) {
                bytes += events.get(i).body().length;
                if (i + 1 == events.size() || i + 1 - from == LARGEST_COMMIT || bytes >= LARGEST_COMMIT_BYTES) {
                    insert(events.subList(from, i + 1));
                    from = i + 1;
                    bytes = 0;
                    doorbell.ring(BELL);
                }
            }
        } catch (DataAccessException e) {
            throw new InboxUnavailable("The database did not commit: " + e.getMostSpecificCause().getMessage(), e);
        }
    }

    /** Has a kept event read again, since a person asks for it; within the caller's transaction. */
    public void requeue(long id) {
        jdbc.update("INSERT INTO inbox_waiting (id, by_hand) VALUES (?, true) ON CONFLICT DO NOTHING", id);
        doorbell.ring(BELL);
    }

    @Override
    public void start() {
        running = true;
        writer = new Thread(this::write, "inbox-writer");
        writer.setDaemon(true);
        writer.start();
    }

    @Override
    public void stop() {
        running = false;
        writer.interrupt();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return 0;
    }

    private void write() {
        List<Arrival> together = new ArrayList<>(LARGEST_COMMIT);
        while (running) {
            together.clear();
            try {
                together.add(arrivals.take());
            } catch (InterruptedException e) {
                return;
            }
            long bytes = together.get(0).event.body().length;
            while (together.size() < LARGEST_COMMIT && bytes < LARGEST_COMMIT_BYTES) {
                Arrival next = arrivals.poll();
                if (next == null) {
                    break;
                }
                together.add(next);
                bytes += next.event.body().length;
            }
            commit(together);
        }
    }

    private void commit(List<Arrival> together) {
        try {
            Set<String> kept = insert(together.stream().map(Arrival::event).toList());
            // Within one commit, the first of two equal events is the one that was kept.
            together.forEach(arrival ->
                    arrival.kept.complete(kept.remove(key(arrival.event.store(), arrival.event.webhookId()))));
            doorbell.ring(BELL);
        } catch (RuntimeException e) {
            SQLException said = ExceptionUtils.throwableOfType(e, SQLException.class);
            if (together.size() > 1 && isAboutTheData(said)) {
                together.forEach(arrival -> commit(List.of(arrival)));
            } else {
                together.forEach(arrival -> arrival.kept.completeExceptionally(said == null ? e : said));
            }
        }
    }

    /** One event that PostgreSQL cannot store must not fail those that happened to arrive with it. */
    private static boolean isAboutTheData(SQLException e) {
        return e != null && e.getSQLState() != null && ABOUT_THE_DATA.contains(e.getSQLState().substring(0, 2));
    }

    private Set<String> insert(List<Event> events) {
        Set<String> kept = new HashSet<>();
        jdbc.query(INSERT, row -> {
            kept.add(key(row.getString(1), row.getString(2)));
        }, texts(events, Event::store), texts(events, Event::topic), texts(events, Event::webhookId),
                texts(events, Event::eventId), times(events, Event::triggeredAt), bytes(events, Event::fingerprint),
                bytes(events, Event::body));
        return kept;
    }

    private static String key(String store, String webhookId) {
        return store + "\n" + webhookId;
    }
}
