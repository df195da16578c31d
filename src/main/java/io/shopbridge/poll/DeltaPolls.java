package io.shopbridge.poll;

import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.inbox.Event;
import io.shopbridge.mirror.KnownStates;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Ids;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.admin.AdminRefused;
import io.shopbridge.work.StorePauses;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The steps of a delta poll: the route asks for a page, hands its news to the inbox, and lets the window go on. */
@Component("deltaPolls")
public class DeltaPolls {

    private static final Logger LOG = LoggerFactory.getLogger(DeltaPolls.class);
    /** How far back the very first poll looks. What is older is the backfill's. */
    static final Duration FIRST = Duration.ofHours(1);
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

    private final PageReader pages;
    private final UnreadRecords unread;
    private final PolledEntities polled;
    private final Watermarks watermarks;
    private final Topics topics;
    private final KnownStates known;
    private final StorePauses pauses;
    private final MeterRegistry meters;
    private final TransactionTemplate transaction;

    DeltaPolls(PageReader pages, UnreadRecords unread, PolledEntities polled, Watermarks watermarks, Topics topics,
            KnownStates known, StorePauses pauses, MeterRegistry meters, TransactionTemplate transaction) {
        this.pages = pages;
        this.unread = unread;
        this.transaction = transaction;
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
        Answer answer = before.hasRest() ? before.answer() : pages.page(before.window());
        return new Page(before.window(), news(before.window(), answer), answer);
    }

    /** Takes records out of the answer, some at a time, until they are all, or until their news are many bytes. */
    private List<Event> news(Window window, Answer answer) {
        List<Event> news = new ArrayList<>();
        long bytes = 0;
        while (bytes < MOST_BYTES && !answer.rest().isEmpty()) {
            Map<Event, List<FacetChange>> records = new LinkedHashMap<>();
            long compared = 0;
            while (compared < COMPARED_TOGETHER && !answer.rest().isEmpty()) {
                Event event = pages.whole(window, answer.rest().remove(), answer)
                        .map(whole -> ApiAnswer.event(window.store(), window.entity(), whole, answer.at())).orElse(null);
                if (event != null) {
                    records.put(event, topics.said(event));
                    compared += event.body().length;
                }
            }
            List<Event> unknown = known.news(records.keySet(), records::get);
            bytes += unknown.stream().mapToLong(event -> event.body().length).sum();
            unknown.forEach(event -> news.add(ApiAnswer.ofItsTime(event, records.get(event))));
            count(window, "read", records.size());
            count(window, "changed", unknown.size());
        }
        return news;
    }

    /** What was handed on of the page is in the inbox. Its cursor moves only with the last of it. */
    public Page read(@Body Page page) {
        if (page.hasRest()) {
            return new Page(page.window(), List.of(), page.answer());
        }
        List<String> news = new ArrayList<>();
        Page next = transaction.execute(status -> {
            news.addAll(passOver(page));
            return goOn(page);
        });
        news.forEach(gid -> LOG.error("Polls of records {} of store {} pass over {}: Shopify failed whenever it was asked"
                + " for this record alone. It is asked for again by itself; until Shopify gives it, its changes come by"
                + " webhooks alone. GET /api/v1/polls says why. Look at it in Shopify's admin, and report it to Shopify's"
                + " support.",
                page.window().entity(), page.window().store(), Ids.plain(gid)));
        return next;
    }

    /** Remembers what of a page could not be read, and forgets what could; those that are remembered for the first time. */
    private List<String> passOver(Page page) {
        Window window = page.window();
        Answer answer = page.answer();
        if (!answer.settled().isEmpty()) {
            unread.settled(window, answer.settled());
            LOG.info("Records {} of store {} that were passed over are read now: {}.", window.entity(), window.store(),
                    answer.settled().stream().map(Ids::plain).toList());
        }
        return answer.unread().entrySet().stream().filter(one -> unread.failed(window, one.getKey(), one.getValue()))
                .map(Map.Entry::getKey).toList();
    }

    private Page goOn(Page page) {
        Window window = page.window();
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
                window.store(), Progress.tooMany(window.store(), window.entity(), from)));
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
