package io.shopbridge.backfill;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.backfill.Backfill.State;
import io.shopbridge.backfill.Backfills.Line;
import io.shopbridge.inbox.Event;
import io.shopbridge.shopify.ApiAnswer;
import io.shopbridge.shopify.GraphqlType;
import io.shopbridge.shopify.Json;
import io.shopbridge.shopify.Shopify;
import io.shopbridge.shopify.admin.AdminAnswer;
import io.shopbridge.shopify.admin.AdminAnswer.Denied;
import io.shopbridge.shopify.admin.AdminApi;
import io.shopbridge.shopify.admin.AdminBusy;
import io.shopbridge.shopify.admin.AdminFailure;
import io.shopbridge.shopify.admin.AdminLocked;
import io.shopbridge.shopify.admin.Priority;
import io.shopbridge.shopify.admin.Together;
import io.shopbridge.shopify.admin.WholeRecords;
import io.shopbridge.store.RecordKey;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Body;
import org.apache.commons.lang3.StringUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * The steps of backfills: an export by Shopify, its file stored here line by line, its records made events, and those of
 * which it has only a part asked for by themselves. What is done is committed with each step.
 */
@Component("backfilling")
public class Backfilling {

    private static final Logger LOG = LoggerFactory.getLogger(Backfilling.class);

    /** For how long one run of the schedule goes on; the next one begins when it has ended. */
    private static final Duration RUN = Duration.ofSeconds(50);
    private static final int LINES = 1_000;
    /** Of lines that are stored, and of records that are taken in, together. */
    private static final long BYTES = 8L << 20;
    /** As many as the mirror takes at a time. */
    private static final int RECORDS = 200;
    /** Together; their lines, fulfilments and refunds make the answer large. */
    private static final int ASKED = 25;
    /** More would make today's webhooks wait behind them for longer than a second. */
    private static final int MOST_WAITING = 400;
    private static final Duration UNTIL_FEWER_WAIT = Duration.ofMillis(50);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    private static final Duration SLOT_AGAIN = Duration.ofMinutes(1);
    private static final Duration REFUSED_AGAIN = Duration.ofMinutes(5);
    private static final int MOST_TRIES = 3;
    /** Within an hour and a half: no fault of Shopify on one record alone passes after that. */
    private static final int MOST_FAILURES_OF_ONE = 5;
    /** Older orders need a scope of their own: https://shopify.dev/docs/api/admin-graphql/latest/objects/Order */
    private static final int DAYS_WITHOUT_ALL_ORDERS = 60;
    private static final String ALL_ORDERS = "read_all_orders";
    private static final String ONLY_NEW_ORDERS = "Shopify gives an app without the scope " + ALL_ORDERS + " only the orders"
            + " of the last " + DAYS_WITHOUT_ALL_ORDERS + " days. Request access to all orders in the Partner or Dev"
            + " Dashboard, add " + ALL_ORDERS + " to the app's scopes, let the merchant accept it, and ";
    private static final int LOOKS_IN_ITS_TIME = 10;
    /** What the shop's clock may differ by. */
    private static final Duration CLOCKS = Duration.ofMinutes(5);
    private static final Set<String> RUNS = Set.of("CREATED", "RUNNING");
    private static final Set<String> USABLE = Set.of("CREATED", "RUNNING", "COMPLETED");
    private static final Set<String> NO_SLOT = Set.of("OPERATION_IN_PROGRESS", "LIMIT_REACHED");

    private final Backfills backfills;
    private final Forecasts forecasts;
    private final OrderCutoffs cutoffs;
    private final AdminApi api;
    private final WholeRecords wholeRecords;
    private final Shopify shopify;
    private final Stores stores;
    private final Together together = new Together(ASKED);
    private volatile Made made;

    Backfilling(Backfills backfills, Forecasts forecasts, OrderCutoffs cutoffs, AdminApi api, WholeRecords wholeRecords,
            Shopify shopify, Stores stores) {
        this.backfills = backfills;
        this.forecasts = forecasts;
        this.cutoffs = cutoffs;
        this.api = api;
        this.wholeRecords = wholeRecords;
        this.shopify = shopify;
        this.stores = stores;
    }

    /** When this run of the schedule ends. */
    public Instant end() {
        return Instant.now().plus(RUN);
    }

    /** Does what needs no event, and gives the events of one step. */
    public Step next(@Body Instant end) {
        if (!Instant.now().isBefore(end)) {
            return Step.last();
        }
        cutoffs.bringBackLeft();
        Backfill backfill = backfills.next().orElse(null);
        if (backfill == null) {
            return Step.last();
        }
        try {
            return step(backfill);
        } catch (AdminBusy e) {
            backfills.wait(backfill, e.getUntil(), e.getMessage());
        } catch (AdminLocked e) {
            backfills.wait(backfill, e.getUntil(), e.getMessage());
        } catch (AdminFailure | IllegalArgumentException e) {
            if (backfill.state().compareTo(State.DOWNLOADING) < 0) {
                fail(backfill, e.getMessage());
            } else {
                later(backfill, e.getMessage());
            }
        } catch (DataAccessException e) {
            throw e;
        } catch (RuntimeException e) {
            // Those of other stores go on.
            later(backfill, "It could not go on (" + e.getClass().getSimpleName() + "); report it");
        }
        return Step.wait(backfill, Duration.ZERO);
    }

    /** What is stored of the file stays, until a person has granted or corrected what is missing. */
    private void later(Backfill backfill, String because) {
        backfills.wait(backfill, Instant.now().plus(REFUSED_AGAIN), because);
        if (!because.equals(backfill.because())) {
            LOG.warn("{} can't go on, and tries again every {} minutes: {}", capital(backfill), REFUSED_AGAIN.toMinutes(),
                    because);
        }
    }

    /** The events of a step are committed. */
    public void accepted(@Body Step step) {
        if (step.isMore()) {
            backfills.accepted(step);
        }
    }

    private Step step(Backfill backfill) {
        switch (backfill.state()) {
            case WAITING -> export(backfill);
            case EXPORTING -> look(backfill);
            case DOWNLOADING -> download(backfill);
            case IMPORTING -> {
                return backfills.isBehind(MOST_WAITING) ? Step.wait(backfill, UNTIL_FEWER_WAIT) : records(backfill);
            }
            case COMPLETING -> {
                return backfills.isBehind(MOST_WAITING) ? Step.wait(backfill, UNTIL_FEWER_WAIT) : rest(backfill);
            }
            default -> throw new IllegalStateException(backfill + " has ended");
        }
        return Step.wait(backfill, Duration.ZERO);
    }

    private void export(Backfill backfill) {
        if (isWithoutOldOrders(backfill)) {
            fail(backfill, ONLY_NEW_ORDERS + "start the backfill again; or start it with a later day");
            return;
        }
        BulkQuery query = query(backfill);
        if (adopt(backfill, query)) {
            return;
        }
        backfills.asksForExport(backfill);
        JsonNode started = ask(backfill, "bulk-run", variables().put("query", query.text())).path("bulkOperationRunQuery");
        JsonNode errors = started.path("userErrors");
        if (started.at("/bulkOperation/id").isTextual() && errors.isEmpty()) {
            backfills.exporting(backfill, started.at("/bulkOperation/id").asText());
            LOG.info("{} began: Shopify exports them.", capital(backfill));
            return;
        }
        backfills.exportNotBegun(backfill);
        if (NO_SLOT.contains(errors.path(0).path("code").asText())) {
            endAbandoned(backfill);
            backfills.wait(backfill, Instant.now().plus(SLOT_AGAIN),
                    "As many exports run in this shop as Shopify allows; it waits until one has ended");
        } else {
            fail(backfill, "Shopify refuses the export: " + errors.path(0).path("message").asText("no reason given"));
        }
    }

    /** An export of a cancelled backfill takes one of the few places for days, and nobody waits for it. */
    private void endAbandoned(Backfill backfill) {
        for (String operation : backfills.abandoned(backfill.store())) {
            ObjectNode id = variables().put("id", operation);
            if (RUNS.contains(ask(backfill, "bulk-operation", id).at("/bulkOperation/status").asText())) {
                ask(backfill, "bulk-cancel", id);
                LOG.info("Export {} of store {} is ended, since its backfill was cancelled and {} needs its place.",
                        operation, backfill.store(), backfill);
            }
        }
    }

    /**
     * Goes on with the export that Shopify began, if the answer to an earlier attempt to start it was lost. It is known by
     * its query; one that ended without a file is not taken.
     */
    private boolean adopt(Backfill backfill, BulkQuery query) {
        Instant asked = backfills.exportAskedAt(backfill).orElse(null);
        if (asked == null) {
            return false;
        }
        Set<String> taken = backfills.operations(backfill.store());
        for (JsonNode one : ask(backfill, "bulk-operations", variables().put("search",
                "operation_type:query created_at:>='" + asked.minus(CLOCKS).truncatedTo(ChronoUnit.SECONDS) + "'"))
                .at("/bulkOperations/nodes")) {
            if (USABLE.contains(one.path("status").asText()) && !taken.contains(one.path("id").asText())
                    && words(query.text()).equals(words(one.path("query").asText()))) {
                backfills.exporting(backfill, one.path("id").asText());
                LOG.info("{} goes on with the export that Shopify began before; its answer was lost.", capital(backfill));
                return true;
            }
        }
        return false;
    }

    private static String words(String query) {
        return query.replaceAll("\\s+", " ").strip();
    }

    /** Whether it wants orders that Shopify does not show the app. */
    private boolean isWithoutOldOrders(Backfill backfill) {
        return backfill.entity().equals(RecordKey.ORDER) && isOlderThanMayBeRead(backfill) && !isGranted(backfill);
    }

    /** When it was exported: what was new enough then may be older by now, and is read all the same. */
    private boolean isOlderThanMayBeRead(Backfill backfill) {
        Instant at = backfill.beganAt() == null ? Instant.now() : backfill.beganAt();
        return backfill.since() == null || from(backfill).isBefore(at.minus(DAYS_WITHOUT_ALL_ORDERS, ChronoUnit.DAYS));
    }

    private boolean isGranted(Backfill backfill) {
        Set<String> scopes = new TreeSet<>();
        ask(backfill, "shop", variables()).at("/currentAppInstallation/accessScopes")
                .forEach(scope -> scopes.add(scope.path("handle").asText()));
        return scopes.contains(ALL_ORDERS);
    }

    private void look(Backfill backfill) {
        JsonNode operation = ask(backfill, "bulk-operation", variables().put("id", backfill.operation()))
                .path("bulkOperation");
        switch (operation.path("status").asText("")) {
            case "CREATED", "RUNNING", "CANCELING" -> backfills.wait(backfill, nextLook(backfill), null);
            case "COMPLETED" -> completed(backfill, operation);
            case "FAILED" -> failed(backfill, operation.path("errorCode").asText("no reason given"));
            case "CANCELED" -> fail(backfill, "The export was cancelled in Shopify. Start the backfill again");
            default -> again(backfill, "Shopify no longer has the export");
        }
    }

    /** A long export is looked at less often; bulk_operations/finish makes the look come at once. */
    private static Instant nextLook(Backfill backfill) {
        Instant now = Instant.now();
        Duration pause = backfill.beganAt() == null ? LOOK_AGAIN
                : Duration.between(backfill.beganAt(), now).dividedBy(LOOKS_IN_ITS_TIME);
        return now.plus(pause.compareTo(LOOK_AGAIN) < 0 ? LOOK_AGAIN
                : pause.compareTo(SLOT_AGAIN) > 0 ? SLOT_AGAIN : pause);
    }

    private void completed(Backfill backfill, JsonNode operation) {
        long lines = operation.path("objectCount").asLong();
        long records = operation.path("rootObjectCount").asLong();
        if (lines == 0) {
            backfills.exportedNothing(backfill);
        } else if (operation.path("url").isTextual()) {
            backfills.exported(backfill, operation.path("url").asText(), lines, records);
        } else {
            again(backfill, "Shopify says that the export is complete, and gives no file");
        }
    }

    private void failed(Backfill backfill, String code) {
        if (code.equals("ACCESS_DENIED")) {
            fail(backfill, "Shopify refuses the export because a scope is missing; `shopbridge doctor` says which."
                    + " Nothing of it was taken in");
        } else {
            again(backfill, "Shopify could not complete the export (" + code + "); nothing of it was taken in");
        }
    }

    /** From the line at which it stopped. Where Shopify's counts differ the file is not complete. */
    private void download(Backfill backfill) {
        try (BulkFile file = BulkFile.open(backfill.url())) {
            long stored = 0;
            while (stored < backfill.lines() && file.next() != null) {
                stored++;
            }
            List<byte[]> lines = new ArrayList<>();
            List<String> parents = new ArrayList<>();
            long bytes = 0;
            for (byte[] line = file.next(); line != null; line = file.next()) {
                if (line.length == 0) {
                    continue;
                }
                lines.add(line);
                parents.add(ExportedRecord.parent(line));
                bytes += line.length;
                if (lines.size() == LINES || bytes >= BYTES) {
                    if (!backfills.store(backfill, stored, parents, lines)) {
                        return;
                    }
                    stored += lines.size();
                    lines.clear();
                    parents.clear();
                    bytes = 0;
                }
            }
            if (!backfills.store(backfill, stored, parents, lines)) {
                return;
            }
            stored += lines.size();
            long records = backfills.storedRecords(backfill);
            if (stored == backfill.expectedLines() && records == backfill.expectedRecords()) {
                backfills.importing(backfill);
            } else {
                again(backfill, "The file has " + stored + " objects with " + records + " records, and Shopify counted "
                        + backfill.expectedLines() + " with " + backfill.expectedRecords());
            }
        } catch (BulkFile.Unusable | UncheckedIOException e) {
            // The next attempt would read the same: a file that was only cut is told by its length.
            again(backfill, e.getMessage());
        } catch (IOException e) {
            backfills.wait(backfill, Instant.now().plus(SLOT_AGAIN), "The file can't be read: " + e.getMessage()
                    + ". It goes on from line " + backfill.lines() + " or later");
        }
    }

    Step records(Backfill backfill) {
        List<Line> page = backfills.records(backfill, RECORDS);
        if (page.isEmpty()) {
            backfills.completing(backfill);
            return Step.wait(backfill, Duration.ZERO);
        }
        BulkQuery query = query(backfill);
        List<ExportedRecord> all = page.stream().map(line -> new ExportedRecord(line.bytes())).toList();
        int together = together(backfill, page, all);
        List<Line> lines = page.subList(0, together);
        List<ExportedRecord> records = all.subList(0, together);
        Map<String, List<byte[]>> children = backfills.children(backfill,
                records.stream().map(ExportedRecord::id).toList());
        List<Event> events = new ArrayList<>();
        List<String> incomplete = new ArrayList<>();
        for (ExportedRecord record : records) {
            if (record.isIncomplete(query)) {
                incomplete.add(record.id());
            } else {
                events.add(event(backfill, record.with(children.getOrDefault(record.id(), List.of()), query)));
            }
        }
        return new Step(backfill, events, lines.get(lines.size() - 1).number(), incomplete, List.of(), Duration.ZERO);
    }

    /** How many of these, from the first, are taken in together: an order may have hundreds of lines. */
    private int together(Backfill backfill, List<Line> lines, List<ExportedRecord> records) {
        Map<String, Long> children = backfills.bytesOfChildren(backfill, records.stream().map(ExportedRecord::id).toList());
        long bytes = 0;
        for (int i = 0; i < records.size(); i++) {
            bytes += lines.get(i).bytes().length + children.getOrDefault(records.get(i).id(), 0L);
            if (bytes > BYTES && i > 0) {
                return i;
            }
        }
        return records.size();
    }

    private Step rest(Backfill backfill) {
        String what = backfill.toString();
        List<String> ids = backfills.rest(backfill, together.of(what));
        if (ids.isEmpty()) {
            backfills.restDue(backfill).ifPresentOrElse(until -> backfills.wait(backfill, until, backfill.because()),
                    () -> end(backfill));
            return Step.wait(backfill, Duration.ZERO);
        }
        Step step;
        try {
            step = ask(backfill, ids);
        } catch (AdminBusy e) {
            if (!e.isOnCall()) {
                throw e;
            }
            together.failed(what, ids.size());
            backfills.wait(backfill, e.getUntil(), e.getMessage());
            if (ids.size() == 1 && backfills.restFailed(backfill, ids.get(0)) >= MOST_FAILURES_OF_ONE) {
                giveUp(backfill, ids.get(0), e.getMessage());
            }
            return Step.wait(backfill, Duration.ZERO);
        }
        together.answered(what);
        // Shopify says null of an order that the app may not read, as of one that was deleted.
        if (step.events().size() < ids.size() && isWithoutOldOrders(backfill)) {
            later(backfill, ONLY_NEW_ORDERS + "the backfill goes on; or cancel it, and start one with a later day");
            return Step.wait(backfill, Duration.ZERO);
        }
        return step;
    }

    /** The others are brought in, and a person is told of this one. */
    private void giveUp(Backfill backfill, String id, String because) {
        if (backfill.dryRun()) {
            forecasts.keep(backfill, List.of(Judged.rejected("", new RecordKey(backfill.store(), backfill.entity(),
                    id.substring(id.lastIndexOf('/') + 1)), "Shopify fails each time it is asked for the record")));
        }
        backfills.giveUp(backfill, id, because);
        LOG.error("{} does not bring in {}: Shopify failed {} times when it was asked for this record alone: {}. Change the"
                + " record in Shopify, so that a webhook brings it, or start the backfill again later.", capital(backfill), id,
                MOST_FAILURES_OF_ONE, because);
    }

    private Step ask(Backfill backfill, List<String> ids) {
        ObjectNode variables = variables();
        ids.forEach(variables.putArray("ids")::add);
        List<Event> events = new ArrayList<>();
        AdminAnswer answer = api.query(backfill.store(), Shopify.query(backfill.entity(), Shopify.BY_ID), variables,
                Priority.BACKFILL);
        tell(backfill, answer.deniedOf(backfill.store(), "nodes"));
        // Null or empty: deleted meanwhile.
        for (JsonNode record : answer.data().path("nodes")) {
            if (record.isObject()) {
                wholeRecords.whole(backfill.store(), record, Priority.BACKFILL)
                        .ifPresent(whole -> events.add(event(backfill, whole)));
            }
        }
        return new Step(backfill, events, 0, List.of(), ids, Duration.ZERO);
    }

    /** Says once what the app may not read. */
    private void tell(Backfill backfill, List<Denied> denied) {
        List<String> parts = denied.stream().map(Denied::shown).toList();
        if (!parts.isEmpty() && backfills.denied(backfill, parts)) {
            LOG.warn("{}: the app may not read {}. What is made of these is left out, and stays in the CRMs as it is.",
                    capital(backfill), String.join(", ", parts));
        }
    }

    private void end(Backfill backfill) {
        if (backfill.dryRun()) {
            backfills.endForecast(backfill, forecasts.report(backfill).toString());
            LOG.info("{} has ended. GET /api/v1/backfills/{} has the forecast.", capital(backfill), backfill.id());
            return;
        }
        if (shopify.asks(backfill.entity(), Shopify.COUNT)
                && (backfill.since() == null || shopify.isSearchCounted(backfill.entity()))) {
            try {
                backfills.shopHas(backfill, ask(backfill, count(backfill), variables().put("query", search(backfill)))
                        .at("/found/count").asLong());
            } catch (AdminFailure e) {
                LOG.info("{}: the shop does not tell how many it has: {}", capital(backfill), e.getMessage());
            }
        }
        if (backfill.entity().equals(RecordKey.ORDER)) {
            cutoffs.bringBack(backfill.store());
        }
        backfills.end(backfill, State.ENDED, null);
        LOG.info("{} has ended. GET /api/v1/backfills/{} has the report.", capital(backfill), backfill.id());
    }

    private static String count(Backfill backfill) {
        return Shopify.query(backfill.entity(), Shopify.COUNT);
    }

    private void again(Backfill backfill, String because) {
        if (backfill.tries() + 1 < MOST_TRIES) {
            backfills.again(backfill, SLOT_AGAIN, because + ". It is exported again");
        } else {
            fail(backfill, because + ", " + MOST_TRIES + " times. Start the backfill again, perhaps with a later day");
        }
    }

    private void fail(Backfill backfill, String because) {
        backfills.end(backfill, State.FAILED, because);
        LOG.error("{} failed: {}.", capital(backfill), because);
    }

    /** What is asked so is of no use in part. */
    private JsonNode ask(Backfill backfill, String query, ObjectNode variables) {
        AdminAnswer answer = api.query(backfill.store(), query, variables, Priority.BACKFILL);
        answer.requireWhole(backfill.store());
        return answer.data();
    }

    /** Made anew only where the definition or the search is another than a moment ago. */
    private BulkQuery query(Backfill backfill) {
        GraphqlType type = type(backfill);
        String search = search(backfill);
        Made before = made;
        if (before == null || before.type() != type || !before.search().equals(search)) {
            before = new Made(type, search, BulkQuery.of(type, search));
            made = before;
        }
        return before.query();
    }

    private record Made(GraphqlType type, String search, BulkQuery query) {
    }

    private GraphqlType type(Backfill backfill) {
        return shopify.exportOf(backfill.entity()).orElseThrow(() -> new IllegalArgumentException(
                "mappings/shopify does not say how " + backfill.entity() + " records are exported"));
    }

    private String search(Backfill backfill) {
        return backfill.since() == null ? "" : type(backfill).bulk().since() + ":>='" + from(backfill) + "'";
    }

    /** The day begins where the shop is. */
    private Instant from(Backfill backfill) {
        ZoneId zone = stores.find(backfill.store()).map(Store::timeZone).orElse(ZoneOffset.UTC);
        return backfill.since().atStartOfDay(zone).toInstant();
    }

    /** Of another backfill it is another event, which is read by the definitions of then. */
    private Event event(Backfill backfill, JsonNode record) {
        if (!shopify.entity(backfill.entity()).wholeLists().isEmpty() && backfill.beganAt() != null
                && record instanceof ObjectNode object) {
            ApiAnswer.exportedAfter(object, backfill.beganAt().minus(CLOCKS));
        }
        byte[] body = Json.write(record);
        String events = Step.eventIds(backfill.id());
        return new Event(backfill.store(), ApiAnswer.historyTopic(backfill.entity()),
                events + ":" + record.path("id").asText(), null, null, Event.fingerprint(events, body), body);
    }

    private static String capital(Backfill backfill) {
        return StringUtils.capitalize(backfill.toString());
    }

    private static ObjectNode variables() {
        return JsonNodeFactory.instance.objectNode();
    }
}
