package io.shopbridge.poll;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.inbox.Event;
import io.shopbridge.inbox.ReceivedEvent;
import io.shopbridge.mirror.KnownStates;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Reading;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.UnreadablePayload;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.Priority;
import io.shopbridge.work.StorePauses;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The steps of a delta poll: the route asks for a page, hands its news to the inbox, and lets the window go on. */
@Component("deltaPolls")
public class DeltaPolls {

    private static final Logger LOG = LoggerFactory.getLogger(DeltaPolls.class);
    /** How far back the very first poll looks. What is older is the backfill's. */
    static final Duration FIRST = Duration.ofHours(1);
    /** A change of a time further ahead is a wrong clock's, and would hide the changes until then. */
    private static final Duration MOST_AHEAD = Duration.ofDays(1);
    private static final int HASH = 16;
    /**
     * Of a window. A list is given to its 25,000th element
     * (https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits), and a page has a hundred.
     */
    static final int MOST_PAGES = 200;

    private final AdminApi api;
    private final PolledEntities polled;
    private final Watermarks watermarks;
    private final Topics topics;
    private final KnownStates known;
    private final StorePauses pauses;
    private final MeterRegistry meters;

    DeltaPolls(AdminApi api, PolledEntities polled, Watermarks watermarks, Topics topics, KnownStates known,
            StorePauses pauses, MeterRegistry meters) {
        this.api = api;
        this.polled = polled;
        this.watermarks = watermarks;
        this.topics = topics;
        this.known = known;
        this.pauses = pauses;
        this.meters = meters;
    }

    /** Opens the window: the one that a crash interrupted, or the next. None while the store is paused. */
    public Page begin(String store, String entity) {
        if (pauses.isPaused(store)) {
            return Page.none(null);
        }
        return Page.none(watermarks.open(store, entity).orElseGet(() -> {
            Instant from = Instant.now().minus(FIRST).truncatedTo(ChronoUnit.SECONDS);
            LOG.info("Records {} of store {} are polled for the first time: for changes since {}. Older ones are not"
                    + " read.", entity, store, from);
            return watermarks.start(store, entity, from);
        }));
    }

    /** Asks for the next page. */
    public Page next(@Body Page before) {
        Window window = before.window();
        ObjectNode variables = JsonNodeFactory.instance.objectNode()
                .put("query", "updated_at:>='" + window.from().truncatedTo(ChronoUnit.SECONDS) + "'")
                .put("after", window.pageAfter());
        AdminAnswer answer = api.query(window.store(), PolledEntities.query(window.entity()), variables, Priority.POLL);
        if (!answer.denied().isEmpty()) {
            throw new IncompleteAnswer(window.store(), answer.denied());
        }
        Instant answered = answer.at();
        JsonNode connection = answer.data().elements().next();
        Map<Event, List<FacetChange>> records = new LinkedHashMap<>();
        Instant newest = null;
        Instant oldest = null;
        for (JsonNode record : connection.path("nodes")) {
            Instant updated = Json.instant(record.path("updatedAt").asText(""));
            oldest = updated != null && (oldest == null || updated.isBefore(oldest)) ? updated : oldest;
            if (updated != null && updated.isBefore(answered.plus(MOST_AHEAD))
                    && (newest == null || updated.isAfter(newest))) {
                newest = updated;
            }
            Event event = event(window, record, answered);
            records.put(event, said(event));
        }
        List<Event> news = known.news(records.keySet(), records::get);
        count(window, "read", records.size());
        count(window, "changed", news.size());
        JsonNode page = connection.path("pageInfo");
        return new Page(window, news, newest, page.path("endCursor").textValue(),
                !page.path("hasNextPage").asBoolean() || isPast(window, oldest));
    }

    /** Whether a page reaches back beyond the window, so that those after it are older still. */
    private boolean isPast(Window window, Instant oldest) {
        return polled.isNewestFirst(window.entity()) && oldest != null && oldest.isBefore(window.from());
    }

    /** Everything of the page is in the inbox. */
    public Page read(@Body Page page) {
        Window window = page.window();
        Optional<Instant> failing = page.last() ? watermarks.failingSince(window.store(), window.entity())
                : Optional.empty();
        Page next = Page.none((isLong(page) ? watermarks.shorten(window, page.newest())
                : watermarks.read(window, page.newest(), page.after(), page.last())).orElse(null));
        failing.ifPresent(since -> LOG.info("Polls of records {} of store {} work again; they failed since {}. Nothing"
                + " was missed.", window.entity(), window.store(), since));
        return next;
    }

    /** Whether the window is to go on as a later one, because Shopify gives no more pages of a list than so many. */
    private boolean isLong(Page page) {
        return !page.last() && page.window().pages() >= MOST_PAGES && polled.isOldestFirst(page.window().entity())
                && page.newest() != null && page.newest().minus(Watermarks.OVERLAP).isAfter(page.window().from());
    }

    /** The poll can't go on. The next run does, where this one stopped. */
    public void failed(String store, String entity, Exception failure) {
        meters.counter("shopbridge.poll.failures", "store", store, "entity", entity).increment();
        if (watermarks.failed(store, entity, failure.getMessage())) {
            LOG.warn("Poll of records {} of store {} failed, and goes on there with the next run: {}", entity, store,
                    failure.getMessage());
        }
    }

    /** Shopify refuses the query. That may be because of an old cursor, so the window is read from its beginning. */
    public void refused(@Body Page page) {
        if (page.isOpen() && page.window().pageAfter() != null) {
            watermarks.giveUp(page.window());
        }
    }

    /**
     * The same state of a record is the same event, whenever it is read: but for one that is read in the very second in
     * which it changed. A webhook of that second may be of a later state, or of an earlier one; what is read after it is
     * certain, and has the last word. Triggers of webhooks, changes and answers are all timed by Shopify's clock.
     */
    private static Event event(Window window, JsonNode record, Instant answered) {
        byte[] body = Json.write(record);
        String topic = ApiAnswer.topic(window.entity());
        byte[] fingerprint = Event.fingerprint(topic, body);
        Instant updated = Json.instant(record.path("updatedAt").asText(""));
        boolean isOver = updated == null || answered.truncatedTo(ChronoUnit.SECONDS).isAfter(updated);
        String key = topic + ":" + record.path("id").asText() + ":" + record.path("updatedAt").asText() + ":"
                + HexFormat.of().formatHex(fingerprint).substring(0, HASH) + (isOver ? "" : ":early");
        return new Event(window.store(), topic, key, null, answered, fingerprint, body);
    }

    /** What can't be read is nothing known: the inbox takes it, and it is rejected with its bytes. */
    private List<FacetChange> said(Event event) {
        try {
            return topics.receive(new ReceivedEvent(0, event.store(), event.topic(), event.triggeredAt(),
                    event.triggeredAt(), event.body())).map(Reading::changes).orElse(List.of());
        } catch (UnreadablePayload e) {
            return List.of();
        }
    }

    private void count(Window window, String what, int records) {
        meters.counter("shopbridge.poll.records", "store", window.store(), "entity", window.entity(), "what", what)
                .increment(records);
    }
}
