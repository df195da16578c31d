package io.shopbridge.recount;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.mirror.MirrorCounts;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.Priority;
import io.shopbridge.shopify.admin.Searches;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.stereotype.Component;

/** Compares windows of a shop's records with those of the mirror, by their number, or by their ids and last changes. */
@Component
class ComparedWindows {

    /** Of a window of which the shop shows nothing: if the mirror has more, these are not asked for one by one. */
    private static final int MOST_HIDDEN = 20;

    private final Recounts recounts;
    private final CountedEntities counted;
    private final Searches searches;
    private final MirrorCounts mirrorCounts;
    private final AdminApi api;
    private final Shopify shopify;

    ComparedWindows(Recounts recounts, CountedEntities counted, Searches searches, MirrorCounts mirrorCounts,
            AdminApi api, Shopify shopify) {
        this.shopify = shopify;
        this.recounts = recounts;
        this.counted = counted;
        this.searches = searches;
        this.mirrorCounts = mirrorCounts;
        this.api = api;
    }

    /** All of an entity becomes windows of one page. */
    void plan(Recount run, Window all) {
        long shop = count(run, all);
        recounts.done(run, List.of(all), all.parts(bounds(run, all)), List.of(), shop, 2, new Findings(all.entity()));
    }

    private long count(Recount run, Window window) {
        String count = Shopify.query(window.entity(), Shopify.COUNT);
        if (!shopify.isSearchCounted(window.entity())) {
            AdminAnswer answer = api.query(run.store(), count, JsonNodeFactory.instance.objectNode(), Priority.BACKFILL);
            answer.requireWhole(run.store());
            return answer.data().at("/found/count").asLong();
        }
        return searches.find(run.store(), count, List.of(counted.search(window)), Priority.BACKFILL).get(0).path("count")
                .asLong();
    }

    private List<Long> bounds(Recount run, Window window) {
        return mirrorCounts.bounds(run.store(), window.entity(), counted.by(window.entity()), window.span(), Window.AT_FIRST);
    }

    /** Compares the ids of windows, and when each of them was changed. */
    void list(Recount run, List<Window> windows) {
        String entity = windows.get(0).entity();
        List<JsonNode> pages = searches.find(run.store(), CountedEntities.query(entity),
                windows.stream().map(counted::search).toList(), Priority.BACKFILL);
        Map<String, Instant> there = new HashMap<>();
        Set<String> only = new HashSet<>();
        List<Window> larger = new ArrayList<>();
        Map<Window, List<String>> empty = new LinkedHashMap<>();
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
                empty.put(window, onlyHere);
            } else {
                there.putAll(page);
                only.addAll(onlyHere);
            }
        });
        Set<Window> hidden = hidden(run, entity, empty);
        empty.forEach((window, ids) -> {
            if (hidden.contains(window)) {
                findings.add(Kind.NOT_SHOWN, ids.size(), counted.search(window));
            } else {
                only.addAll(ids);
            }
        });
        Set<String> suspects = older(run, entity, there, findings);
        suspects.addAll(only);
        recounts.done(run, windows, larger, suspects, 0, empty.isEmpty() ? 1 : 2, findings);
    }

    /**
     * The windows of a time that the app may not see. If the shop shows one of the records by its id, they have changed
     * since, and are in other windows now; otherwise that is likelier than that all of them were deleted.
     */
    private Set<Window> hidden(Recount run, String entity, Map<Window, List<String>> empty) {
        if (empty.isEmpty()) {
            return Set.of();
        }
        List<Window> windows = List.copyOf(empty.keySet());
        List<JsonNode> found = searches.find(run.store(), CountedEntities.query(entity), windows.stream()
                .map(window -> CountedEntities.search(empty.get(window).get(empty.get(window).size() / 2))).toList(),
                Priority.BACKFILL);
        return IntStream.range(0, windows.size()).filter(n -> found.get(n).path("nodes").isEmpty()).mapToObj(windows::get)
                .collect(Collectors.toSet());
    }

    /** Divides a window of more than one page, unless one side has nothing of it. */
    void divide(Recount run, Window window) {
        long shop = shopify.isSearchCounted(window.entity()) ? count(run, window) : 0;
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
    void page(Recount run, Window window) {
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

    /** Nothing of this entity is compared: the app may not read it. */
    void leaveOut(Recount run, String entity, String because) {
        Findings findings = new Findings(entity);
        findings.add(Kind.DENIED, mirrorCounts.of(run.store(), entity, counted.by(entity),
                counted.all(entity, Instant.EPOCH, run.until())), because);
        recounts.leaveOut(run, entity, findings);
    }

    private static boolean isMore(JsonNode connection) {
        return connection.at("/pageInfo/hasNextPage").asBoolean();
    }

    private static Map<String, Instant> changes(JsonNode connection) {
        Map<String, Instant> changes = new HashMap<>();
        connection.path("nodes").forEach(node -> changes.put(CountedEntities.id(node), CountedEntities.changedAt(node)));
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
}
