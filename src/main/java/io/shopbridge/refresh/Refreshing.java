package io.shopbridge.refresh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.shopbridge.inbox.Event;
import io.shopbridge.mirror.KnownStates;
import io.shopbridge.mirror.RefreshQueue;
import io.shopbridge.mirror.RefreshQueue.Due;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.FacetChange;
import io.shopbridge.shopify.Ids;
import io.shopbridge.shopify.RefreshRule;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.Topics;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.AdminBusy;
import io.shopbridge.shopify.admin.AdminLocked;
import io.shopbridge.shopify.admin.Priority;
import io.shopbridge.shopify.admin.Together;
import io.shopbridge.shopify.admin.WholeRecords;
import io.shopbridge.work.StorePauses;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The steps of a refresh: the route asks for incomplete records, and hands what is answered to the inbox. */
@Component("refreshing")
public class Refreshing {

    private static final Logger LOG = LoggerFactory.getLogger(Refreshing.class);
    /** As many as a page of a poll. However many ids: the requested cost is that of one. */
    private static final int TOGETHER = 100;
    /** In one run, so that a store with a million of them leaves most of the shop's budget to others. */
    private static final int MOST_CALLS = 5;
    /** Of records that are taken in together. As objects they are some times as large, and the memory must hold them. */
    static final long MOST_BYTES = 8L << 20;

    private final AdminApi api;
    private final WholeRecords wholeRecords;
    private final Shopify shopify;
    private final Topics topics;
    private final KnownStates known;
    private final RefreshQueue queue;
    private final StorePauses pauses;
    private final MeterRegistry meters;
    private final Together together = new Together(TOGETHER);

    Refreshing(AdminApi api, WholeRecords wholeRecords, Shopify shopify, Topics topics, KnownStates known,
            RefreshQueue queue, StorePauses pauses, MeterRegistry meters) {
        this.api = api;
        this.wholeRecords = wholeRecords;
        this.shopify = shopify;
        this.topics = topics;
        this.known = known;
        this.queue = queue;
        this.pauses = pauses;
        this.meters = meters;
    }

    /** The first records that are due; none while the store is paused. */
    public Request begin(String store, String entity) {
        return pauses.isPaused(store) ? Request.of(store, entity, List.of(), 0) : next(store, entity, 0);
    }

    private Request next(String store, String entity, int calls) {
        return Request.of(store, entity,
                calls < MOST_CALLS ? queue.due(store, entity, shopify.refreshRulesOf(entity),
                        together.of(name(store, entity))) : List.of(), calls);
    }

    /** Asks for the records. */
    public Request ask(@Body Request request) {
        ObjectNode variables = JsonNodeFactory.instance.objectNode();
        String type = shopify.entity(request.entity()).type();
        request.due().stream().map(due -> "gid://shopify/" + type + "/" + due.key().recordId()).distinct()
                .forEach(variables.putArray("ids")::add);
        AdminAnswer answer = api.query(request.store(), Shopify.query(request.entity(), Shopify.BY_ID), variables,
                Priority.REFRESH);
        // What is made of a denied part stays as it is; polls and the doctor tell which scope it needs.
        answer.deniedOf(request.store(), "nodes");
        Queue<JsonNode> rest = new ArrayDeque<>();
        answer.data().path("nodes").forEach(rest::add);
        List<Event> news = new ArrayList<>();
        Map<String, JsonNode> records = new HashMap<>();
        Map<String, List<FacetChange>> said = new HashMap<>();
        boolean isJudged = shopify.refreshRulesOf(request.entity()).values().stream().anyMatch(rule -> rule.last() != null);
        long bytes = 0;
        while (bytes < MOST_BYTES && !rest.isEmpty()) {
            JsonNode record = rest.remove();
            // Empty: deleted since it was answered.
            JsonNode whole = !record.hasNonNull("id") ? null
                    : wholeRecords.whole(request.store(), record, Priority.REFRESH).orElse(null);
            if (whole != null) {
                String plain = plain(whole);
                Event event = ApiAnswer.event(request.store(), request.entity(), whole, answer.at(),
                        request.isLater(plain));
                List<FacetChange> changes = topics.said(event);
                bytes += event.body().length;
                known.news(List.of(event), one -> changes).forEach(one -> news.add(ApiAnswer.ofItsTime(one, changes)));
                // No more than is asked of them when all is in the inbox.
                records.put(plain, isJudged ? whole : NullNode.getInstance());
                said.put(plain, changes.stream().map(change -> new FacetChange(change.key(), change.facet(),
                        change.byField(), change.version(), null, change.inboxId())).toList());
            }
        }
        count(request, "asked", records.size());
        // These stay due, and are asked for next.
        Set<String> left = rest.stream().filter(record -> record.hasNonNull("id")).map(Refreshing::plain)
                .collect(Collectors.toSet());
        List<Due> due = request.due().stream().filter(one -> !left.contains(one.key().recordId())).toList();
        return new Request(request.store(), request.entity(), due, request.calls(), news, records, said);
    }

    private static String plain(JsonNode record) {
        return Ids.plain(record.path("id").asText());
    }

    /**
     * What was answered is in the inbox. What is still missing is asked for again, at the times of its rule. A record
     * that Shopify does not give stays as it is known: it may be deleted, or one that the app may not read, such as an
     * order older than 60 days without the scope read_all_orders.
     */
    public Request answered(@Body Request request) {
        Map<String, RefreshRule> rules = shopify.refreshRulesOf(request.entity());
        List<Due> complete = new ArrayList<>();
        List<Due> gone = new ArrayList<>();
        List<Due> over = new ArrayList<>();
        List<Due> settled = new ArrayList<>();
        Map<Duration, List<Due>> again = new HashMap<>();
        for (Due due : request.due()) {
            JsonNode record = request.answer().get(due.key().recordId());
            RefreshRule rule = rules.get(due.rule());
            if (record == null) {
                gone.add(due);
            } else if (rule == null || !rule.isMissing(request.said().get(due.key().recordId()).stream()
                    .filter(change -> change.key().equals(due.key())).map(FacetChange::facet))) {
                complete.add(due);
            } else if (rule.isLast(record)) {
                settled.add(due);
            } else if (due.answers() + 1 < rule.after().size()) {
                again.computeIfAbsent(rule.after().get(due.answers() + 1), after -> new ArrayList<>()).add(due);
            } else {
                over.add(due);
            }
        }
        queue.remove(complete);
        queue.remove(gone);
        queue.giveUp(settled);
        queue.giveUp(over);
        again.forEach((after, rows) -> queue.again(rows, after));
        count(request, "complete", complete.size() + settled.size());
        count(request, "gone", gone.size());
        count(request, "given-up", over.size());
        together.answered(name(request.store(), request.entity()));
        if (request.due().stream().anyMatch(Due::failing) && !queue.isFailing(request.store(), request.entity())) {
            LOG.info("Records {} of store {} can be asked for again.", request.entity(), request.store());
        }
        return next(request.store(), request.entity(), request.calls() + 1);
    }

    /**
     * The records wait. A shop that is only busy does not make them wait longer than until the next run. Where Shopify
     * failed on them, the next run asks for half of them, until that on which it fails is alone: only this one waits longer.
     */
    public void failed(@Body Request request, Exception failure) {
        boolean known = queue.isFailing(request.store(), request.entity());
        List<Due> longer = failure instanceof AdminLocked ? List.of()
                : !(failure instanceof AdminBusy busy) ? request.due()
                : busy.isOnCall() ? culprits(request) : List.of();
        queue.because(request.due(), failure.getMessage());
        queue.failed(longer, failure.getMessage());
        meters.counter("shopbridge.refresh.failures", "store", request.store(), "entity", request.entity()).increment();
        if (!known) {
            LOG.warn("Incomplete records {} of store {} could not be asked for; they are tried again: {}",
                    request.entity(), request.store(), failure.getMessage());
        }
    }

    /** Those on which Shopify probably fails: what failed before, or the only one; empty: half of them are asked for next. */
    private List<Due> culprits(Request request) {
        List<Due> before = request.due().stream().filter(due -> due.failures() > 0).toList();
        if (!before.isEmpty() && before.size() < request.due().size()) {
            return before;
        }
        int records = (int) request.due().stream().map(Due::key).distinct().count();
        together.failed(name(request.store(), request.entity()), records == 1 ? 1 : request.due().size());
        return records == 1 ? request.due() : List.of();
    }

    private static String name(String store, String entity) {
        return store + "/" + entity;
    }

    private void count(Request request, String what, int records) {
        meters.counter("shopbridge.refresh.records", "store", request.store(), "entity", request.entity(), "what", what)
                .increment(records);
    }
}
