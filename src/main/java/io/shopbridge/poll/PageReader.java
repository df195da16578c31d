package io.shopbridge.poll;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.AdminAnswer.Denied;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.AdminBusy;
import io.shopbridge.shopify.admin.AdminFailure;
import io.shopbridge.shopify.admin.AdminRefused;
import io.shopbridge.shopify.admin.ListedIds;
import io.shopbridge.shopify.admin.Priority;
import io.shopbridge.shopify.admin.WholeRecords;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Asks a shop for a page of a window. Where Shopify fails on the page, it is asked for the ids alone, and for some of the
 * records at a time, until the one on which it fails is alone. That one is passed over, and asked for again by its id with
 * later pages.
 */
@Component
class PageReader {

    private static final Logger LOG = LoggerFactory.getLogger(PageReader.class);
    /** A change of a time further ahead is a wrong clock's, and would hide the changes until then. */
    private static final Duration MOST_AHEAD = Duration.ofDays(1);
    /**
     * Of a page on which Shopify fails; if it fails on some of these too, one by one. So few steps, because failures one
     * after another open the circuit breaker, and the poll goes on with its next run.
     */
    private static final int TOGETHER = 10;
    /** Of one store and entity in an hour: on more, Shopify fails as a whole, and the poll waits until it answers again. */
    static final int MOST_UNREAD = 10;

    private final AdminApi api;
    private final ListedIds listedIds;
    private final WholeRecords wholeRecords;
    private final PolledEntities polled;
    private final Watermarks watermarks;
    private final UnreadRecords unread;
    /** Stores and entities whose last page was not answered as a whole. Every process finds that for itself. */
    private final Set<String> troubled = ConcurrentHashMap.newKeySet();
    private final Set<String> toldOfCost = ConcurrentHashMap.newKeySet();

    PageReader(AdminApi api, ListedIds listedIds, WholeRecords wholeRecords, PolledEntities polled, Watermarks watermarks,
            UnreadRecords unread) {
        this.api = api;
        this.listedIds = listedIds;
        this.wholeRecords = wholeRecords;
        this.polled = polled;
        this.watermarks = watermarks;
        this.unread = unread;
    }

    /**
     * The next page of a window.
     *
     * @throws AdminFailure where the shop can't be asked now, or not at all
     */
    Answer page(Window window) {
        Answer answer = troubled.contains(name(window)) ? byIds(window) : whole(window).orElseGet(() -> byIds(window));
        unread.due(window).forEach(gid -> askAgain(window, gid, answer));
        return answer;
    }

    /**
     * A record with what the page has not of it; empty: it is deleted since it was found, or passed over.
     *
     * @throws AdminFailure where the shop can't be asked now, or not at all
     */
    Optional<JsonNode> whole(Window window, JsonNode record, Answer answer) {
        try {
            return wholeRecords.whole(window.store(), record, Priority.POLL);
        } catch (AdminBusy e) {
            passOver(window, record.path("id").asText(), e, answer);
            return Optional.empty();
        }
    }

    /** Empty: Shopify fails on the page, or it costs more than a query may. */
    private Optional<Answer> whole(Window window) {
        try {
            AdminAnswer answer = api.query(window.store(), PolledEntities.query(window.entity()), variables(window),
                    Priority.POLL);
            Answer page = answer(window, answer);
            list(answer).path("nodes").forEach(page.rest()::add);
            return Optional.of(page);
        } catch (AdminBusy e) {
            if (!e.isOnCall() || !polled.isAskedById(window.entity())) {
                throw e;
            }
        } catch (AdminRefused e) {
            if (!e.isTooCostly() || !polled.isAskedById(window.entity())) {
                throw e;
            }
            if (toldOfCost.add(name(window))) {
                LOG.warn("A page of records {} of store {} costs more than one query may, so they are asked for {} at a"
                        + " time, which is slower. Remove fields from the fragment of mappings/shopify, or lower $first in"
                        + " queries/{}.graphql. {}", window.entity(), window.store(), TOGETHER,
                        PolledEntities.query(window.entity()), e.getMessage());
            }
        }
        troubled.add(name(window));
        return Optional.empty();
    }

    /** Asks for the ids of a page and then for its records, without those that were passed over before. */
    private Answer byIds(Window window) {
        AdminAnswer listed = listedIds.page(window.store(), PolledEntities.query(window.entity()), variables(window),
                Priority.POLL);
        Answer page = answer(window, listed);
        List<String> ids = new ArrayList<>();
        list(listed).path("nodes").forEach(node -> ids.add(node.path("id").asText()));
        ids.removeAll(unread.of(window));
        boolean isClean = true;
        Queue<List<String>> parts = new ArrayDeque<>(parts(ids, TOGETHER));
        while (!parts.isEmpty()) {
            List<String> part = parts.remove();
            try {
                page.rest().addAll(records(window, part));
            } catch (AdminBusy e) {
                isClean = false;
                if (part.size() == 1) {
                    passOver(window, part.get(0), e, page);
                } else if (e.isOnCall()) {
                    parts.addAll(parts(part, 1));
                } else {
                    throw e;
                }
            }
        }
        if (isClean) {
            troubled.remove(name(window));
        }
        return page;
    }

    private static List<List<String>> parts(List<String> ids, int size) {
        List<List<String>> parts = new ArrayList<>();
        for (int from = 0; from < ids.size(); from += size) {
            parts.add(ids.subList(from, Math.min(from + size, ids.size())));
        }
        return parts;
    }

    /** The records of these ids that are not deleted. */
    private List<JsonNode> records(Window window, List<String> gids) {
        ObjectNode variables = JsonNodeFactory.instance.objectNode();
        gids.forEach(variables.putArray("ids")::add);
        AdminAnswer answer = api.query(window.store(), Shopify.query(window.entity(), Shopify.BY_ID), variables,
                Priority.POLL);
        tell(window, answer.deniedOf(window.store(), "nodes"));
        List<JsonNode> records = new ArrayList<>();
        answer.data().path("nodes").forEach(node -> {
            if (node.hasNonNull("id")) {
                records.add(node);
            }
        });
        return records;
    }

    /** Asks for one that was passed over. */
    private void askAgain(Window window, String gid, Answer answer) {
        try {
            answer.rest().addAll(records(window, List.of(gid)));
            answer.settled().add(gid);
        } catch (AdminBusy e) {
            passOver(window, gid, e, answer);
        }
    }

    /** Only where it is this record on which Shopify fails: otherwise the poll fails, and misses nothing. */
    private void passOver(Window window, String gid, AdminBusy failure, Answer answer) {
        if (!failure.isOnCall() || !unread.of(window).contains(gid)
                && unread.lately(window) + answer.unread().size() >= MOST_UNREAD || !isAnswering(window.store())) {
            throw failure;
        }
        answer.passOver(gid, failure.getMessage());
    }

    private boolean isAnswering(String store) {
        try {
            api.query(store, "shop", JsonNodeFactory.instance.objectNode(), Priority.POLL);
            return true;
        } catch (AdminFailure e) {
            return false;
        }
    }

    private Answer answer(Window window, AdminAnswer answer) {
        JsonNode list = list(answer);
        tell(window, answer.deniedOf(window.store(), answer.data().fieldNames().next() + ".nodes"));
        Instant newest = null;
        Instant oldest = null;
        for (JsonNode record : list.path("nodes")) {
            Instant updated = Json.instant(record.path("updatedAt").asText(""));
            oldest = updated != null && (oldest == null || updated.isBefore(oldest)) ? updated : oldest;
            if (updated != null && updated.isBefore(answer.at().plus(MOST_AHEAD))
                    && (newest == null || updated.isAfter(newest))) {
                newest = updated;
            }
        }
        JsonNode page = list.path("pageInfo");
        return new Answer(answer.at(), new ArrayDeque<>(), newest, page.path("endCursor").textValue(),
                !page.path("hasNextPage").asBoolean() || isPast(window, oldest));
    }

    private static JsonNode list(AdminAnswer answer) {
        return answer.data().path(answer.data().fieldNames().next());
    }

    private static ObjectNode variables(Window window) {
        return JsonNodeFactory.instance.objectNode()
                .put("query", "updated_at:>='" + window.from().truncatedTo(ChronoUnit.SECONDS) + "'")
                .put("after", window.pageAfter());
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

    private static String name(Window window) {
        return window.store() + "/" + window.entity();
    }
}
