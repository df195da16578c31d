package io.shopbridge.poll;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.inbox.Event;
import io.shopbridge.mirror.KnownStates;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.admin.AdminAnswer.Denied;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.AdminRefused;
import io.shopbridge.shopify.admin.Priority;
import io.shopbridge.shopify.admin.WholeRecords;
import io.shopbridge.work.StorePauses;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
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
    /**
     * Of a window. A list is given to its 25,000th element
     * (https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits), and a page has a hundred.
     */
    static final int MOST_PAGES = 200;
    /** All that Shopify gives of a list. Where a window can't go on as a later one, it ends there. */
    static final int ALL_PAGES = 250;
    /** Of events that are handed on together, so that a page of large orders does not fill the memory. */
    static final long MOST_BYTES = 16L << 20;
    /** Of records that are compared with the mirror together: usually a whole page. */
    private static final long COMPARED_TOGETHER = 1L << 20;

    private final AdminApi api;
    private final WholeRecords wholeRecords;
    private final PolledEntities polled;
    private final Watermarks watermarks;
    private final Topics topics;
    private final KnownStates known;
    private final StorePauses pauses;
    private final MeterRegistry meters;

    DeltaPolls(AdminApi api, WholeRecords wholeRecords, PolledEntities polled, Watermarks watermarks, Topics topics,
            KnownStates known, StorePauses pauses, MeterRegistry meters) {
        this.api = api;
        this.wholeRecords = wholeRecords;
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

    /** Asks for the next page, or goes on with the one that is not taken in to its end. */
    public Page next(@Body Page before) {
        Answer answer = before.hasRest() ? before.answer() : ask(before.window());
        return new Page(before.window(), news(before.window(), answer), answer);
    }

    private Answer ask(Window window) {
        ObjectNode variables = JsonNodeFactory.instance.objectNode()
                .put("query", "updated_at:>='" + window.from().truncatedTo(ChronoUnit.SECONDS) + "'")
                .put("after", window.pageAfter());
        AdminAnswer answer = api.query(window.store(), PolledEntities.query(window.entity()), variables, Priority.POLL);
        String name = answer.data().fieldNames().next();
        JsonNode connection = answer.data().path(name);
        tell(window, answer.deniedOf(window.store(), name + ".nodes"));
        Queue<JsonNode> records = new ArrayDeque<>();
        Instant newest = null;
        Instant oldest = null;
        for (JsonNode record : connection.path("nodes")) {
            Instant updated = Json.instant(record.path("updatedAt").asText(""));
            oldest = updated != null && (oldest == null || updated.isBefore(oldest)) ? updated : oldest;
            if (updated != null && updated.isBefore(answer.at().plus(MOST_AHEAD))
                    && (newest == null || updated.isAfter(newest))) {
                newest = updated;
            }
            records.add(record);
        }
        JsonNode page = connection.path("pageInfo");
        return new Answer(answer.at(), records, newest, page.path("endCursor").textValue(),
                !page.path("hasNextPage").asBoolean() || isPast(window, oldest));
    }

    /** Takes records out of the answer, some at a time, until they are all, or until their news are many bytes. */
    private List<Event> news(Window window, Answer answer) {
        List<Event> news = new ArrayList<>();
        long bytes = 0;
        while (bytes < MOST_BYTES && !answer.rest().isEmpty()) {
            Map<Event, List<FacetChange>> records = new LinkedHashMap<>();
            long compared = 0;
            while (compared < COMPARED_TOGETHER && !answer.rest().isEmpty()) {
                // Empty: deleted since it was found.
                Event event = wholeRecords.whole(window.store(), answer.rest().remove(), Priority.POLL)
                        .map(whole -> ApiAnswer.event(window.store(), window.entity(), whole, answer.at())).orElse(null);
                if (event != null) {
                    records.put(event, topics.said(event));
                    compared += event.body().length;
                }
            }
            List<Event> unknown = known.news(records.keySet(), records::get);
            bytes += unknown.stream().mapToLong(event -> event.body().length).sum();
            news.addAll(unknown);
            count(window, "read", records.size());
            count(window, "changed", unknown.size());
        }
        return news;
    }

    /** Whether a page reaches back beyond the window, so that those after it are older still. */
    private boolean isPast(Window window, Instant oldest) {
        return polled.isNewestFirst(window.entity()) && oldest != null && oldest.isBefore(window.from());
    }

    /** Says once what the app may not read. */
    private void tell(Window window, List<Denied> denied) {
        List<String> parts = denied.stream().map(Denied::shown).toList();
        if (!parts.isEmpty() && watermarks.denied(window.store(), window.entity(), parts)) {
            LOG.warn("Of records {} of store {}, the app may not read {}. What is made of these is left out, and stays in"
                    + " the CRMs as it is. Grant the app what is needed, let the merchant accept it, and start a backfill"
                    + " for what was left out.", window.entity(), window.store(), String.join(", ", parts));
        }
    }

    /** What was handed on of the page is in the inbox. Its cursor moves only with the last of it. */
    public Page read(@Body Page page) {
        Window window = page.window();
        if (page.hasRest()) {
            return new Page(window, List.of(), page.answer());
        }
        Answer answer = page.answer();
        if (!answer.last() && !isLong(page) && window.pages() + 1 >= ALL_PAGES) {
            end(window, answer);
            return Page.none(null);
        }
        Optional<Instant> failing = answer.last() ? watermarks.failingSince(window.store(), window.entity())
                : Optional.empty();
        Page next = Page.none((isLong(page) ? watermarks.shorten(window, answer.newest())
                : watermarks.read(window, answer.newest(), answer.after(), answer.last())).orElse(null));
        failing.ifPresent(since -> LOG.info("Polls of records {} of store {} work again; they failed since {}. Nothing"
                + " was missed.", window.entity(), window.store(), since));
        return next;
    }

    /**
     * Ends the window at the last page that Shopify gives. With the next one refused it would be read from its beginning
     * for ever. What is not read is left to a backfill.
     */
    private void end(Window window, Answer answer) {
        watermarks.endUnread(window, answer.at()).ifPresent(from -> LOG.error("Records {} of store {}: {}", window.entity(),
                window.store(), Progress.unread(window.store(), window.entity(), from)));
    }

    /** Whether the window is to go on as a later one, because Shopify gives no more pages of a list than so many. */
    private boolean isLong(Page page) {
        Instant newest = page.answer().newest();
        return !page.answer().last() && page.window().pages() >= MOST_PAGES
                && polled.isOldestFirst(page.window().entity()) && newest != null
                && newest.minus(Watermarks.OVERLAP).isAfter(page.window().from());
    }

    /** The poll can't go on. The next run does: where this one stopped, or after a refusal at the window's beginning. */
    public void failed(String store, String entity, Exception failure) {
        meters.counter("shopbridge.poll.failures", "store", store, "entity", entity).increment();
        if (watermarks.failed(store, entity, failure.getMessage())) {
            LOG.warn("Poll of records {} of store {} failed, and {} with the next run: {}", entity, store,
                    failure instanceof AdminRefused ? "begins again" : "goes on there", failure.getMessage());
        }
    }

    /** Shopify refuses the query. That may be because of an old cursor, so the window is read from its beginning. */
    public void refused(@Body Page page) {
        if (page.isOpen() && page.window().pageAfter() != null) {
            watermarks.giveUp(page.window());
        }
    }

    private void count(Window window, String what, int records) {
        meters.counter("shopbridge.poll.records", "store", window.store(), "entity", window.entity(), "what", what)
                .increment(records);
    }
}
