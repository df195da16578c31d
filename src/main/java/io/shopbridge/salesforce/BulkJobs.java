package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.CrmLockedOut;
import io.shopbridge.crm.CrmRefused;
import io.shopbridge.crm.CrmRequest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * Ingest jobs of Bulk API 2.0: rows go up as one CSV file, Salesforce works it off in its own time, and what became of
 * each row is fetched afterwards. Rows are upserts by our key or updates by id, so doing a job again changes nothing.
 *
 * <p>Each step is a raw call through route {@code call-<crm>}, so that throttle, breaker, session, the configured API
 * version and the count of the day's calls are those of every other call. The component's bulk2 operations would need
 * a route each, and call back twice where closing a job fails.
 *
 * @see <a href="https://developer.salesforce.com/docs/platform/api-asynch/guide/bulk-api-2-0-ingest.html">Bulk API 2.0
 *     ingest</a>
 */
@Component
class BulkJobs {

    /** Bytes; Salesforce takes 150 MB. More becomes several jobs, or file and results would fill our memory. */
    static final int LARGEST_UPLOAD = 10_000_000;

    private static final String JOBS = "/jobs/ingest";
    private static final String UPSERT = "upsert";
    private static final String ID = "Id";
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** Salesforce itself gives a batch five minutes, up to twenty times; but an hour without an end helps nobody. */
    private static final Duration LONGEST_JOB = Duration.ofHours(1);
    private static final Duration LONGEST_FETCH = Duration.ofMinutes(5);
    private static final Duration UNTIL_OVER = Duration.ofSeconds(10);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);
    private static final Set<String> UNDER_WAY = Set.of("UploadComplete", "InProgress");
    /** As in 2026-11-21T18:00:00.000+0000. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss[.SSS][Z][XXX]");
    private static final Duration AFTER_ABORT = Duration.ofMinutes(15);
    /** {@code CODE:message:Field1,Field2 --}, the part after the message being {@code :--} where it names no field. */
    private static final Pattern ERROR =
            Pattern.compile("([A-Z][A-Z0-9_]*):(.*?)(?::([\\w., ]*)--)?\\s*", Pattern.DOTALL);
    private static final String DUPLICATE = "DUPLICATES_DETECTED";
    private static final String UNFIT = "InvalidBatch";

    private final SalesforceClient client;

    BulkJobs(SalesforceClient client) {
        this.client = client;
    }

    /**
     * Writes the rows by jobs, one after the other, and waits for their end: minutes, where the org is busy.
     *
     * @param operation upsert or update
     * @param request   the sObject Collections call that would write them, with a record for each row
     * @return for each row that was processed an element such as that call answers; the others are left out
     * @throws CrmFailure where nobody knows what became of the rows: they are to be written again
     */
    Map<Row, JsonNode> write(SalesforceOrg org, String operation, String object, CrmRequest request, List<Row> rows) {
        String keyField = operation.equals(UPSERT) ? request.path().substring(request.path().lastIndexOf('/') + 1) : ID;
        Job job = new Job(org, operation, object, keyField);
        Set<String> keys = new HashSet<>();
        List<ObjectNode> records = new ArrayList<>();
        List<Row> sent = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            ObjectNode record = (ObjectNode) request.body().path("records").path(i);
            // Two rows of one record, such as an account and the guest it was, could not be told apart in the results.
            if (keys.add(job.key(record))) {
                records.add(record);
                sent.add(rows.get(i));
            }
        }
        Map<Row, JsonNode> answers = new LinkedHashMap<>();
        write(job, records, sent, answers);
        return answers;
    }

    private void write(Job job, List<ObjectNode> records, List<Row> rows, Map<Row, JsonNode> answers) {
        if (rows.isEmpty()) {
            return;
        }
        byte[] csv = BulkCsv.write(records);
        if (csv.length > LARGEST_UPLOAD && rows.size() > 1) {
            int half = rows.size() / 2;
            write(job, records.subList(0, half), rows.subList(0, half), answers);
            write(job, records.subList(half, rows.size()), rows.subList(half, rows.size()), answers);
            return;
        }
        Map<String, Row> byKey = new HashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            byKey.put(job.key(records.get(i)), rows.get(i));
        }
        JsonNode ended = run(job, csv);
        String id = ended.path("id").asText();
        // The order of results is not that of the rows, and what is in neither list was not processed: Salesforce's
        // third list would say the same, for one more call.
        if (ended.path("numberRecordsProcessed").asInt(1) > ended.path("numberRecordsFailed").asInt()) {
            BulkCsv.read(results(job, id, "successfulResults"), row -> take(byKey, job, row, succeeded(row), answers));
        }
        if (ended.path("numberRecordsFailed").asInt(1) > 0) {
            BulkCsv.read(results(job, id, "failedResults"), row -> {
                JsonNode failed = failed(row.getOrDefault("sf__Error", ""));
                if (!isToBeSaved(job.org(), failed)) {
                    take(byKey, job, row, failed, answers);
                }
            });
        }
        String because = ended.path("errorMessage").asText("");
        if (because.startsWith(UNFIT)) {
            // The columns themselves are wrong. No other call would fare better, and a person must know.
            byKey.values().forEach(row -> answers.put(row, failure(UNFIT,
                    because.replaceFirst("^(" + UNFIT + " *: *)+", ""), "")));
        }
    }

    /** @param keyField the column by which results are told apart */
    private record Job(SalesforceOrg org, String operation, String object, String keyField) {

        SalesforceRequest call(String what, String method, String path, JsonNode body) {
            return new SalesforceRequest(org.crm().name(), what + " of a job for " + object, method, JOBS + path, body);
        }

        String key(ObjectNode record) {
            return record.path(keyField.equals(ID) ? "id" : keyField).asText();
        }

        String title() {
            return "a job of " + org.crm().title() + " for " + object;
        }
    }

    private JsonNode run(Job job, byte[] csv) {
        String id = create(job);
        job.org().jobs().add(id);
        try {
            upload(job, id, csv);
            close(job, id);
            return end(job, id);
        } catch (RuntimeException e) {
            job.org().lostSightOfJobs();
            throw e;
        } finally {
            job.org().jobs().remove(id);
        }
    }

    /**
     * Sees to it that no job of an earlier run is under way, one that a crash cut off from us: it could write older
     * values over what is written now. Asked once after a start, and after a job that was lost sight of.
     *
     * @throws CrmBusy while there is one
     */
    void requireNoneLeft(SalesforceOrg org) {
        Instant since = org.jobsUnknownSince();
        if (since == null) {
            return;
        }
        try {
            String path = JOBS + "?jobType=V2Ingest";
            while (path != null) {
                JsonNode page = client.call(new SalesforceRequest(org.crm().name(), "list of jobs", "GET", path, null));
                page.path("records").forEach(job -> requireOver(org, job, since));
                path = page.hasNonNull("nextRecordsUrl") ? page.get("nextRecordsUrl").asText() : null;
            }
        } catch (CrmRefused | CrmGone | CrmLockedOut e) {
            // Who may not even see jobs has none under way; other troubles will show with the next call.
        }
        org.sawAllJobs(since);
    }

    /** Only jobs such as ours, begun before we lost sight; those of other processes that run now are of no concern. */
    private static void requireOver(SalesforceOrg org, JsonNode job, Instant since) {
        boolean ours = job.path("operation").asText().equals("update")
                || job.path("externalIdFieldName").asText().equals(Salesforce.KEY);
        if (ours && UNDER_WAY.contains(job.path("state").asText()) && !org.jobs().contains(job.path("id").asText())
                && isBetween(job.path("createdDate").asText(), since.minus(LONGEST_JOB), since.plus(CLOCK_SKEW))) {
            throw new CrmBusy("A job of an earlier run for " + job.path("object").asText() + " is still under way in "
                    + org.crm().title(), Instant.now().plus(UNTIL_OVER), null);
        }
    }

    private static boolean isBetween(String time, Instant from, Instant to) {
        try {
            Instant instant = OffsetDateTime.parse(time, TIME).toInstant();
            return instant.isAfter(from) && instant.isBefore(to);
        } catch (DateTimeException e) {
            return false;
        }
    }

    private String create(Job job) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("object", job.object())
                .put("operation", job.operation()).put("contentType", "CSV").put("lineEnding", "LF");
        if (!job.keyField().equals(ID)) {
            body.put("externalIdFieldName", job.keyField());
        }
        return client.call(job.call("creation", "POST", "", body)).path("id").asText();
    }

    /** Where this fails the job stays open, does nothing, and is deleted by Salesforce after seven days. */
    private void upload(Job job, String id, byte[] csv) {
        client.call(new SalesforceRequest(job.org().crm().name(), "upload of a job for " + job.object(), "PUT",
                JOBS + "/" + id + "/batches", null, csv, false));
    }

    private void close(Job job, String id) {
        try {
            client.call(job.call("closing", "PATCH", "/" + id,
                    JsonNodeFactory.instance.objectNode().put("state", "UploadComplete")));
        } catch (CrmBusy | CallNotPermittedException e) {
            // Perhaps it was closed and only the answer is lost: a look at the job tells.
        }
    }

    /** The job once it has ended. It is looked at ever less often, since each look is one of the day's calls. */
    private JsonNode end(Job job, String id) {
        Instant giveUp = Instant.now().plus(LONGEST_JOB);
        for (int look = 0; Instant.now().isBefore(giveUp); look++) {
            pause(look);
            JsonNode now = look(job, id);
            switch (now.path("state").asText()) {
                case "JobComplete", "Failed" -> {
                    return now;
                }
                case "Aborted" -> throw aborted(job, "was aborted there", null);
                case "Open" -> close(job, id);
                default -> {
                    // Queued, under way, or not to be seen just now.
                }
            }
        }
        abort(job, id);
        throw aborted(job, "did not end within " + LONGEST_JOB.toMinutes() + " minutes and was aborted", null);
    }

    /** It goes on there whether or not we can look: to let go of it now would be to write beside it. */
    private JsonNode look(Job job, String id) {
        try {
            return client.call(job.call("state", "GET", "/" + id, null));
        } catch (CrmBusy | CallNotPermittedException e) {
            return JsonNodeFactory.instance.objectNode();
        } catch (CrmGone e) {
            throw aborted(job, "was deleted there", e);
        }
    }

    private void abort(Job job, String id) {
        try {
            client.call(job.call("abort", "PATCH", "/" + id,
                    JsonNodeFactory.instance.objectNode().put("state", "Aborted")));
        } catch (CrmFailure | CallNotPermittedException e) {
            // Then it may still end by itself; its rows are written again either way.
        }
    }

    private static CrmBusy aborted(Job job, String what, Throwable cause) {
        return new CrmBusy(job.title() + " " + what + ". Set shopbridge.crms." + job.org().crm().name()
                + ".bulk-above to off if there should be none", Instant.now().plus(AFTER_ABORT), cause);
    }

    private byte[] results(Job job, String id, String which) {
        Instant giveUp = Instant.now().plus(LONGEST_FETCH);
        Supplier<byte[]> fetch = () -> client.csv(new SalesforceRequest(job.org().crm().name(),
                which + " of a job for " + job.object(), "GET", JOBS + "/" + id + "/" + which, null, null, true));
        for (int look = 0; Instant.now().isBefore(giveUp); look++) {
            try {
                return fetch.get();
            } catch (CrmBusy | CallNotPermittedException e) {
                pause(look);
            }
        }
        return fetch.get();
    }

    private static void take(Map<String, Row> byKey, Job job, Map<String, String> result, JsonNode answer,
            Map<Row, JsonNode> answers) {
        Row row = byKey.remove(result.getOrDefault(job.keyField(), ""));
        if (row != null) {
            answers.put(row, answer);
        }
    }

    private static JsonNode succeeded(Map<String, String> result) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("id", result.get("sf__Id")).put("success", true)
                .put("created", Boolean.parseBoolean(result.get("sf__Created")));
        answer.putArray("errors");
        return answer;
    }

    private static JsonNode failed(String error) {
        Matcher matcher = ERROR.matcher(error);
        return matcher.matches() ? failure(matcher.group(1), matcher.group(2), matcher.group(3))
                : failure("UNKNOWN", error, "");
    }

    private static JsonNode failure(String code, String message, String fields) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("success", false);
        ObjectNode error = answer.putArray("errors").addObject().put("statusCode", code).put("message", message);
        error.putArray("fields");
        for (String field : fields == null ? new String[0] : fields.strip().split("[, ]+")) {
            if (!field.isEmpty()) {
                error.withArray("fields").add(field);
            }
        }
        return answer;
    }

    /** A job has no header that lets duplicates pass: where they may, the usual call does it. */
    private static boolean isToBeSaved(SalesforceOrg org, JsonNode failed) {
        return failed.at("/errors/0/statusCode").asText().equals(DUPLICATE)
                && org.crm().isOn("allow-duplicates");
    }

    private static void pause(int look) {
        Duration wait = FIRST_PAUSE.multipliedBy(1L << Math.min(look, 10));
        try {
            Thread.sleep(Math.min(wait.toMillis(), LONGEST_PAUSE.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CrmBusy("Interrupted while waiting for a job", null, e);
        }
    }
}
