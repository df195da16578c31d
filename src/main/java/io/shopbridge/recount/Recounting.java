package io.shopbridge.recount;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.Event;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.mirror.KnownStates;
import io.shopbridge.mirror.MirrorCounts;
import io.shopbridge.recount.Recount.State;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Ids;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.AdminBusy;
import io.shopbridge.shopify.admin.AdminFailure;
import io.shopbridge.shopify.admin.AdminLocked;
import io.shopbridge.shopify.admin.Priority;
import io.shopbridge.shopify.admin.Searches;
import io.shopbridge.shopify.admin.Together;
import io.shopbridge.shopify.admin.WholeRecords;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Stores;
import io.shopbridge.work.StorePauses;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * The steps of recounts. Each asks the shop once or a few times, and is committed with what it found; only records that
 * are to be taken in go to the inbox before that, as often as it takes.
 */
@Component("recounting")
public class Recounting {

    private static final Logger LOG = LoggerFactory.getLogger(Recounting.class);

    /** For how long one run of the schedule goes on; the next one begins when it has ended. */
    private static final Duration RUN = Duration.ofSeconds(50);
    private static final Duration FAILURE_AGAIN = Duration.ofMinutes(5);
    private static final Duration PAUSED_AGAIN = Duration.ofMinutes(1);
    /** Half of a page of a poll. However many ids: the requested cost is that of one. */
    private static final int ASKED_TOGETHER = 50;
    /** Of records that are handed on together, so that large ones don't fill the memory. */
    private static final long MOST_BYTES = 16L << 20;
    /** What it brings comes after today's changes, as a backfill's does. */
    private static final boolean AFTER_TODAYS = true;
    /** Of one entity, in one run: more is rather a fault than a merchant who deletes, and webhooks that were all lost. */
    private static final int MOST_DELETED = 100;
    /** Of a window of which the shop shows nothing: if the mirror has more, these are not asked for one by one. */
    private static final int MOST_HIDDEN = 20;
    /** An app without the scope read_all_orders sees the orders of 60 days. One less, because of time zones. */
    private static final Duration READABLE = Duration.ofDays(59);

    private final Recounts recounts;
    private final CountedEntities counted;
    private final Searches searches;
    private final MirrorCounts mirrorCounts;
    private final AdminApi api;
    private final WholeRecords wholeRecords;
    private final Topics topics;
    private final Shopify shopify;
    private final KnownStates known;
    private final CanonicalRecords canonicalRecords;
    private final Stores stores;
    private final StorePauses pauses;
    private final Together asked = new Together(ASKED_TOGETHER);

    Recounting(Recounts recounts, CountedEntities counted, Searches searches, MirrorCounts mirrorCounts, AdminApi api,
            WholeRecords wholeRecords, Topics topics, Shopify shopify, KnownStates known,
            CanonicalRecords canonicalRecords, Stores stores, StorePauses pauses) {
        this.recounts = recounts;
        this.counted = counted;
        this.searches = searches;
        this.mirrorCounts = mirrorCounts;
        this.api = api;
        this.wholeRecords = wholeRecords;
        this.topics = topics;
        this.shopify = shopify;
        this.known = known;
        this.canonicalRecords = canonicalRecords;
        this.stores = stores;
        this.pauses = pauses;
    }

    /** When this run of the schedule ends. */
    public Instant end() {
        return Instant.now().plus(RUN);
    }

    /** Makes a step of the recount that has waited longest. */
    public Batch next(@Body Instant end) {
        Optional<Recount> due = Instant.now().isBefore(end) ? recounts.next() : Optional.empty();
        if (due.isEmpty()) {
            return Batch.NONE;
        }
        Recount run = due.get();
        if (stores.find(run.store()).isEmpty()) {
            fail(run, "shopbridge.stores." + run.store() + " is no longer configured");
            return Batch.STORED;
        }
        if (pauses.isPaused(run.store())) {
            recounts.wait(run, PAUSED_AGAIN, "The store is paused");
            return Batch.STORED;
        }
        try {
            return step(run);
        } catch (AdminBusy e) {
            Duration wait = Duration.between(Instant.now(), e.getUntil());
            recounts.wait(run, wait.isNegative() ? Duration.ZERO : wait, e.getMessage());
        } catch (AdminLocked e) {
            recounts.wait(run, FAILURE_AGAIN, e.getMessage());
        } catch (AdminFailure e) {
            fail(run, e.getMessage());
        } catch (DataAccessException | TransactionException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.debug("The fault", e);
            fail(run, "A fault of Shopbridge (" + e.getClass().getSimpleName() + "). Report it");
        }
        return Batch.STORED;
    }

    /** Everything of the step is in the inbox. */
    public Batch done(@Body Batch batch) {
        batch.done().run();
        return batch;
    }

    private Batch step(Recount run) {
        List<Window> windows = recounts.windows(run, Searches.TOGETHER);
        for (String entity : run.entities()) {
            int together = asked.of(name(run, entity));
            List<String> suspects = recounts.suspects(run, entity, together);
            if (suspects.size() == together || windows.isEmpty() && !suspects.isEmpty()) {
                return ask(run, entity, suspects);
            }
        }
        if (windows.isEmpty()) {
            end(run);
        } else {
            switch (windows.get(0).step()) {
                case PLAN -> plan(run, windows.get(0));
                case LIST -> list(run, windows);
                case COUNT -> divide(run, windows.get(0));
                case PAGE -> page(run, windows.get(0));
            }
        }
        return Batch.STORED;
    }

    private void end(Recount run) {
        if (recounts.end(run.id(), State.DONE, null)) {
            List<Recounts.Found> found = recounts.found(run).stream().filter(one -> one.kind().isNews()).toList();
            if (found.isEmpty()) {
                LOG.info("Recount {} of store {} has ended: nothing differs that was brought in.", run.id(), run.store());
            } else {
                LOG.warn("Recount {} of store {} has ended: {}. GET /api/v1/recounts/{} has examples and what to do.",
                        run.id(), run.store(), found.stream().map(one -> one.found() + " records " + one.entity() + " "
                                + one.kind().word() + ", " + one.repaired() + " repaired").toList(), run.id());
            }
        }
    }

    private void fail(Recount run, String because) {
        recounts.end(run.id(), State.FAILED, because);
        LOG.error("Recount {} of store {} failed. GET /api/v1/recounts/{} says why.", run.id(), run.store(), run.id());
    }

    /** All of an entity becomes windows of one page. */
    private void plan(Recount run, Window all) {
        if (!isItsShop(run)) {
            return;
        }
        long shop = count(run, all);
        recounts.done(run, List.of(all), all.parts(bounds(run, all)), List.of(), shop, 2, new Findings(all.entity()));
    }

    /** Another shop's records would all be missing, and those of the mirror deleted. */
    private boolean isItsShop(Recount run) {
        String domain = api.query(run.store(), "shop", JsonNodeFactory.instance.objectNode(), Priority.BACKFILL).data()
                .at("/shop/myshopifyDomain").asText();
        String own = stores.find(run.store()).orElseThrow().domain();
        boolean isIt = domain.equalsIgnoreCase(own);
        if (!isIt) {
            fail(run, "The Admin API is that of " + domain + ", and the store's domain is " + own + ". Correct"
                    + " shopbridge.stores." + run.store() + ".admin or .domain");
        }
        return isIt;
    }

    private long count(Recount run, Window window) {
        return searches.find(run.store(), Shopify.query(window.entity(), Shopify.COUNT),
                List.of(counted.search(window)), Priority.BACKFILL).get(0).path("count").asLong();
    }

    private List<Long> bounds(Recount run, Window window) {
        return mirrorCounts.bounds(run.store(), window.entity(), counted.by(window.entity()), window.span(), Window.AT_FIRST);
    }

    /** Compares the ids of windows, and when each of them was changed. */
    private void list(Recount run, List<Window> windows) {
        String entity = windows.get(0).entity();
        List<JsonNode> pages = searches.find(run.store(), CountedEntities.query(entity),
                windows.stream().map(counted::search).toList(), Priority.BACKFILL);
        Map<String, Instant> there = new HashMap<>();
        Set<String> only = new HashSet<>();
        List<Window> larger = new ArrayList<>();
        Findings findings = new Findings(entity);
        IntStream.range(0, windows.size()).forEach(n -> {
            Window window = windows.get(n);
            if (isMore(pages.get(n))) {
                larger.add(window.larger());
                return;
            }
            Map<String, Instant> page = changes(pages.get(n));
            List<String> onlyHere = onlyHere(run, window, page);
            if (page.isEmpty() && onlyHere.size() > MOST_HIDDEN) {
                // Rather the app may not see that time than that all of it was deleted.
                findings.add(Kind.NOT_SHOWN, onlyHere.size(), counted.search(window));
            } else {
                there.putAll(page);
                only.addAll(onlyHere);
            }
        });
        Set<String> suspects = older(run, entity, there, findings);
        suspects.addAll(only);
        recounts.done(run, windows, larger, suspects, 0, 1, findings);
    }

    /** Divides a window of more than one page, unless one side has nothing of it. */
    private void divide(Recount run, Window window) {
        long shop = count(run, window);
        long mirror = mirrorCounts.of(run.store(), window.entity(), counted.by(window.entity()), window.span());
        Findings findings = new Findings(window.entity());
        List<Window> parts = List.of();
        if (mirror == 0 && shop > Window.PAGE) {
            // What was never brought in is not looked for one by one.
            findings.add(Kind.ABSENT, shop, counted.search(window));
        } else {
            parts = window.smaller(bounds(run, window));
        }
        recounts.done(run, List.of(window), parts, List.of(), 0, 1, findings);
    }

    /** The same for a window that can't be divided. */
    private void page(Recount run, Window window) {
        Map<String, Instant> there = new HashMap<>();
        String after = null;
        int calls = 0;
        do {
            ObjectNode variables = JsonNodeFactory.instance.objectNode().put("query", counted.search(window))
                    .put("after", after);
            AdminAnswer answer = api.query(run.store(), CountedEntities.query(window.entity()), variables,
                    Priority.BACKFILL);
            calls++;
            JsonNode connection = answer.data().path(answer.data().fieldNames().next());
            there.putAll(changes(connection));
            after = isMore(connection) ? connection.at("/pageInfo/endCursor").textValue() : null;
        } while (after != null);
        Findings findings = new Findings(window.entity());
        Set<String> suspects = older(run, window.entity(), there, findings);
        suspects.addAll(onlyHere(run, window, there));
        recounts.done(run, List.of(window), List.of(), suspects, 0, calls, findings);
    }

    private static boolean isMore(JsonNode connection) {
        return connection.at("/pageInfo/hasNextPage").asBoolean();
    }

    private static Map<String, Instant> changes(JsonNode connection) {
        Map<String, Instant> changes = new HashMap<>();
        connection.path("nodes").forEach(node -> changes.put(plain(node), updated(node)));
        return changes;
    }

    /** The records of the mirror that the shop does not list in this window. */
    private List<String> onlyHere(Recount run, Window window, Map<String, Instant> there) {
        return mirrorCounts.in(run.store(), window.entity(), counted.by(window.entity()), window.span()).stream()
                .filter(id -> !there.containsKey(id)).toList();
    }

    /** Those of which the mirror has nothing, or an earlier state. */
    private Set<String> older(Recount run, String entity, Map<String, Instant> there, Findings findings) {
        Map<String, Instant> here = mirrorCounts.versions(run.store(), entity, there.keySet());
        Set<String> older = new LinkedHashSet<>();
        there.forEach((id, changed) -> {
            Instant version = here.get(id);
            if (version == null && changed != null && changed.isBefore(run.since())) {
                findings.add(Kind.ABSENT, id, false);
            } else if (version == null || changed != null && version.isBefore(changed)) {
                older.add(id);
            }
        });
        return older;
    }

    /** Asks for records by their ids: what is the same here is no difference. */
    private Batch ask(Recount run, String entity, List<String> ids) {
        AdminAnswer answer;
        try {
            answer = answer(run, entity, ids);
        } catch (AdminBusy e) {
            if (!e.isOnCall()) {
                throw e;
            }
            return failed(run, entity, ids, e);
        }
        asked.answered(name(run, entity));
        Map<String, JsonNode> answered = new HashMap<>();
        answer.data().path("nodes").forEach(node -> {
            if (node.hasNonNull("id")) {
                answered.put(plain(node), node);
            }
        });
        List<RecordKey> keys = ids.stream().map(id -> new RecordKey(run.store(), entity, id)).toList();
        Set<RecordKey> present = canonicalRecords.present(keys);
        Set<RecordKey> deleted = canonicalRecords.deleted(keys);
        Map<String, Instant> versions = mirrorCounts.versions(run.store(), entity, ids);
        Set<RecordKey> readable = readable(keys.stream().filter(key -> present.contains(key)
                && !answered.containsKey(key.recordId())).toList());
        long deletedBefore = deleted(run, entity);
        Findings findings = new Findings(entity);
        List<Event> events = new ArrayList<>();
        List<String> looked = new ArrayList<>();
        long bytes = 0;
        for (RecordKey key : keys) {
            if (bytes >= MOST_BYTES) {
                break;
            }
            String id = key.recordId();
            looked.add(id);
            JsonNode record = answered.remove(id);
            Optional<Event> event = Optional.empty();
            if (record == null && present.contains(key)) {
                event = isLater(versions.get(id), run) ? Optional.empty()
                        : gone(run, key, readable.contains(key), deletedBefore, findings);
            } else if (record != null && deleted.contains(key)) {
                findings.add(Kind.RESTORED, id, false);
            } else if (record != null && !isLater(updated(record), run)) {
                event = news(run, entity, record, answer.at());
                event.ifPresent(one -> findings.add(present.contains(key) ? Kind.STALE : Kind.MISSING, id, run.repair()));
            }
            if (event.isPresent() && run.repair()) {
                events.add(own(run, event.get()));
                bytes += event.get().body().length;
            }
        }
        return new Batch(true, events, () -> recounts.asked(run, entity, looked, 1, findings));
    }

    private AdminAnswer answer(Recount run, String entity, List<String> ids) {
        ObjectNode variables = JsonNodeFactory.instance.objectNode();
        String type = shopify.entity(entity).type();
        ids.stream().map(id -> "gid://shopify/" + type + "/" + id).forEach(variables.putArray("ids")::add);
        AdminAnswer answer = api.query(run.store(), Shopify.query(entity, Shopify.BY_ID), variables, Priority.BACKFILL);
        answer.deniedOf(run.store(), "nodes");
        return answer;
    }

    /** Shopify failed on these: half of them are asked for next, until that on which it fails is alone, and left out. */
    private Batch failed(Recount run, String entity, List<String> ids, AdminBusy failure) {
        asked.failed(name(run, entity), ids.size());
        if (ids.size() > 1) {
            throw failure;
        }
        Findings findings = new Findings(entity);
        findings.add(Kind.UNREAD, ids.get(0), false);
        return new Batch(true, List.of(), () -> recounts.asked(run, entity, ids, 1, findings));
    }

    private static String name(Recount run, String entity) {
        return run.store() + "/" + entity;
    }

    /**
     * An event of this run: the inbox may have one of the same record in the same state, or of its deletion, after which
     * the mirror has changed.
     */
    private static Event own(Recount run, Event event) {
        String ofRun = "recount " + run.id() + " ";
        return new Event(event.store(), event.topic(), ofRun + event.webhookId(), event.eventId(), event.triggeredAt(),
                Event.fingerprint(ofRun + event.topic(), event.body()), event.body());
    }

    private Optional<Event> news(Recount run, String entity, JsonNode record, Instant at) {
        return wholeRecords.whole(run.store(), record, Priority.BACKFILL)
                .map(whole -> ApiAnswer.event(run.store(), entity, whole, at, AFTER_TODAYS))
                .filter(event -> {
                    List<FacetChange> said = topics.said(event);
                    return !known.news(List.of(event), one -> said).isEmpty();
                });
    }

    /** A deletion of which no webhook came; empty where the shop may only not show the record. */
    private Optional<Event> gone(Recount run, RecordKey key, boolean isReadable, long deletedBefore, Findings findings) {
        Optional<String> topic = shopify.deletion(key.entity());
        if (topic.isEmpty() || !isReadable) {
            findings.add(Kind.NOT_SHOWN, key.recordId(), false);
            return Optional.empty();
        }
        boolean few = deletedBefore + findings.found(Kind.DELETED) < MOST_DELETED;
        findings.add(Kind.DELETED, key.recordId(), run.repair() && few);
        byte[] body = Json.write(JsonNodeFactory.instance.objectNode().put("id", Long.parseLong(key.recordId())));
        return Optional.of(new Event(run.store(), topic.get(), key.toString(), null, Instant.now(),
                Event.fingerprint(topic.get(), body), body)).filter(event -> few);
    }

    private long deleted(Recount run, String entity) {
        return recounts.found(run).stream().filter(one -> one.entity().equals(entity) && one.kind() == Kind.DELETED)
                .mapToLong(Recounts.Found::found).sum();
    }

    /** Those that any app sees that may read records of their kind. */
    private Set<RecordKey> readable(List<RecordKey> keys) {
        Instant since = Instant.now().minus(READABLE);
        Set<RecordKey> readable = keys.stream().filter(key -> !key.entity().equals(RecordKey.ORDER))
                .collect(Collectors.toSet());
        canonicalRecords.groups(keys.stream().filter(key -> !readable.contains(key)).toList()).forEach(some ->
                canonicalRecords.load(some).forEach((key, order) -> {
                    if (isCreated(order, since)) {
                        readable.add(key);
                    }
                }));
        return readable;
    }

    private static boolean isCreated(CanonicalRecord order, Instant since) {
        Instant created = Json.instant(order.json().path("created_at").asText(""));
        return created != null && created.isAfter(since);
    }

    /** Whether it changed after the recount began, so that its webhook or the next poll brings it. */
    private static boolean isLater(Instant changed, Recount run) {
        return changed != null && !changed.isBefore(run.until());
    }

    private static Instant updated(JsonNode record) {
        return Json.instant(record.path("updatedAt").asText(""));
    }

    private static String plain(JsonNode record) {
        return Ids.plain(record.path("id").asText());
    }
}
