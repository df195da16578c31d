package io.shopbridge.recount;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.inbox.Event;
import io.shopbridge.mirror.CanonicalRecord;
import io.shopbridge.mirror.CanonicalRecords;
import io.shopbridge.mirror.KnownStates;
import io.shopbridge.mirror.MirrorCounts;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.AdminBusy;
import io.shopbridge.shopify.admin.Priority;
import io.shopbridge.shopify.admin.Together;
import io.shopbridge.shopify.admin.WholeRecords;
import io.shopbridge.store.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Asks the shop for records that may differ, by their ids, and says of each what it is. */
@Component
class Suspects {

    /** Half of a page of a poll. However many ids: the requested cost is that of one. */
    private static final int ASKED_TOGETHER = 50;
    /** Of records that are handed on together, so that large ones don't fill the memory. */
    private static final long MOST_BYTES = 16L << 20;
    /** What it brings comes after today's changes, as a backfill's does. */
    private static final boolean AFTER_TODAYS = true;
    /** Of one entity, in one run: more is rather a fault than a merchant who deletes, and webhooks that were all lost. */
    private static final int MOST_DELETED = 100;
    /** An app without the scope read_all_orders sees the orders of 60 days. One less, because of time zones. */
    private static final Duration READABLE = Duration.ofDays(59);

    private final Recounts recounts;
    private final MirrorCounts mirrorCounts;
    private final AdminApi api;
    private final WholeRecords wholeRecords;
    private final Topics topics;
    private final Shopify shopify;
    private final KnownStates known;
    private final CanonicalRecords canonicalRecords;
    private final Together asked = new Together(ASKED_TOGETHER);

    Suspects(Recounts recounts, MirrorCounts mirrorCounts, AdminApi api, WholeRecords wholeRecords, Topics topics,
            Shopify shopify, KnownStates known, CanonicalRecords canonicalRecords) {
        this.recounts = recounts;
        this.mirrorCounts = mirrorCounts;
        this.api = api;
        this.wholeRecords = wholeRecords;
        this.topics = topics;
        this.shopify = shopify;
        this.known = known;
        this.canonicalRecords = canonicalRecords;
    }

    /** How many of an entity are asked for together now: fewer after Shopify failed on some. */
    int together(Recount run, String entity) {
        return asked.of(name(run, entity));
    }

    /** Asks for records by their ids: what is the same here is no difference. */
    Batch ask(Recount run, String entity, List<String> ids) {
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
                answered.put(CountedEntities.id(node), node);
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
            } else if (record != null && !isLater(CountedEntities.changedAt(record), run)) {
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
        ids.stream().map(id -> gid(entity, id)).forEach(variables.putArray("ids")::add);
        AdminAnswer answer = api.query(run.store(), Shopify.query(entity, Shopify.BY_ID), variables, Priority.BACKFILL);
        answer.deniedOf(run.store(), "nodes");
        return answer;
    }

    private String gid(String entity, String id) {
        return "gid://shopify/" + shopify.entity(entity).type() + "/" + id;
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
        byte[] body = Json.write(JsonNodeFactory.instance.objectNode().put("id", Long.parseLong(key.recordId()))
                .put("admin_graphql_api_id", gid(key.entity(), key.recordId())));
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
}
