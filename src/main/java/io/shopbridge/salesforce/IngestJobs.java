package io.shopbridge.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.core.IntervalFunction;
import io.shopbridge.crm.CrmBusy;
import io.shopbridge.crm.CrmFailure;
import io.shopbridge.crm.CrmGone;
import io.shopbridge.crm.CrmRequest;
import io.shopbridge.crm.Operation;
import io.shopbridge.work.BulkJob;
import io.shopbridge.work.BulkJobs;
import io.shopbridge.work.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Ingest jobs of Bulk API 2.0: rows go up as one CSV file, Salesforce works it off in its own time, and what became of
 * each row is fetched afterwards. Rows are upserts by our key or updates by id, so doing a job again changes nothing.
 *
 * <p>A job is made and filled by the write that needs it, and stays open: in the org an open job does nothing. Whoever
 * wrote commits it with its records ({@link BulkJobs}); only then a look of route {@code bulk-jobs} lets it go. So no
 * job runs that is not in the table, whatever dies in between; one that did not get there is deleted by Salesforce after
 * seven days.
 *
 * <p>Each step is a raw call through route {@code http-<crm>}, so that throttle, breaker, session, the configured API
 * version and the count of the day's calls are those of every other call.
 *
 * @see <a href="https://developer.salesforce.com/docs/platform/api-asynch/guide/bulk-api-2-0-ingest.html">Bulk API 2.0
 *     ingest</a>
 */
@Component("ingestJobs")
public class IngestJobs {

    private static final Logger LOG = LoggerFactory.getLogger(IngestJobs.class);
    /**
     * Bytes; Salesforce takes 150 MB. More become several jobs, because file and results would need too much memory.
     */
    static final int LARGEST_UPLOAD = 10_000_000;

    private static final String JOBS = "/jobs/ingest";
    private static final String ID = "Id";
    /** Each look is one of the day's calls. */
    private static final IntervalFunction NEXT_LOOK =
            IntervalFunction.ofExponentialBackoff(Duration.ofMillis(500), 2, Duration.ofSeconds(30));
    /** Salesforce itself gives a batch five minutes, up to twenty times; but an hour is long enough. */
    private static final Duration LONGEST_JOB = Duration.ofHours(1);
    private static final Duration AFTER_ABORT = Duration.ofMinutes(15);
    /** {@code CODE:message:Field1,Field2 --}, the part after the message being {@code :--} where it names no field. */
    private static final Pattern ERROR =
            Pattern.compile("([A-Z][A-Z0-9_]*):(.*?)(?::([\\w., ]*)--)?\\s*", Pattern.DOTALL);
    private static final String DUPLICATE = "DUPLICATES_DETECTED";
    private static final String UNFIT = "InvalidBatch";

    private final SalesforceClient client;
    private final SalesforceOrgs orgs;
    private final BulkJobs jobs;
    private final Work work;

    IngestJobs(SalesforceClient client, SalesforceOrgs orgs, BulkJobs jobs, Work work) {
        this.client = client;
        this.orgs = orgs;
        this.jobs = jobs;
        this.work = work;
    }

    /**
     * Creates jobs for these rows and uploads the rows; the jobs stay open.
     *
     * @param request the sObject Collections call that would write them, with a record for each row
     * @param sent    of different records
     * @throws CrmFailure where there is no such job: nothing was written
     */
    void make(Rows rows, CrmRequest request, List<Row> sent) {
        List<ObjectNode> records = new ArrayList<>();
        request.body().path("records").forEach(record -> records.add((ObjectNode) record));
        make(rows, records, sent);
    }

    private void make(Rows rows, List<ObjectNode> records, List<Row> sent) {
        if (sent.isEmpty()) {
            return;
        }
        byte[] csv = BulkCsv.write(records);
        if (csv.length > LARGEST_UPLOAD && sent.size() > 1) {
            int half = sent.size() / 2;
            make(rows, records.subList(0, half), sent.subList(0, half));
            make(rows, records.subList(half, sent.size()), sent.subList(half, sent.size()));
            return;
        }
        String id = create(rows);
        try {
            client.call(new SalesforceRequest(rows.call().crm(), "upload of a job for " + rows.object(), "PUT",
                    JOBS + "/" + id + "/batches", null, csv, false));
        } catch (RuntimeException e) {
            abort(rows.call().crm(), rows.object(), id);
            throw e;
        }
        sent.forEach(row -> row.accepted(id));
    }

    private String create(Rows rows) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("object", rows.object())
                .put("operation", rows.operation().toString()).put("contentType", "CSV").put("lineEnding", "LF");
        if (rows.operation() == Operation.UPSERT) {
            body.put("externalIdFieldName", Salesforce.KEY);
        }
        return client.call(new SalesforceRequest(rows.call().crm(), "creation of a job for " + rows.object(), "POST", JOBS,
                body)).path("id").asText();
    }

    /** The jobs to be looked at now. */
    public List<BulkJob> due() {
        return jobs.due(orgs.names());
    }

    /** Starts an open job whose records are committed. */
    public void start(@Body BulkJob job) {
        try {
            client.call(call(job, "closing", "PATCH", "", JsonNodeFactory.instance.objectNode().put("state",
                    "UploadComplete")));
        } catch (CrmFailure | CallNotPermittedException e) {
            // Perhaps it was closed and only the answer was lost: the next poll shows it.
            LOG.debug("Job {} may not be closed", job.id(), e);
        }
        jobs.started(job, Instant.now());
    }

    /** Polls a job; if it has ended, its results are fetched and its records are due. */
    public void look(@Body BulkJob job) {
        try {
            look(job, client.call(call(job, "state", "GET", "", null)));
        } catch (CrmGone e) {
            abandoned(job, "was deleted there");
        } catch (CrmBusy | CallNotPermittedException e) {
            // It goes on there whether or not we can look.
            Instant until = e instanceof CrmBusy busy && busy.getUntil() != null ? busy.getUntil() : Instant.MIN;
            Instant usual = nextLook(job);
            jobs.lookAgain(job, until.isAfter(usual) ? until : usual);
        }
    }

    private void look(BulkJob job, JsonNode now) {
        switch (now.path("state").asText()) {
            case "JobComplete", "Failed" -> ended(job, now);
            case "Aborted" -> abandoned(job, "was aborted there");
            case "Open" -> start(job);
            default -> {
                if (job.startedAt().plus(LONGEST_JOB).isBefore(Instant.now())) {
                    LOG.warn("{} has not ended within {} minutes and is aborted.", title(job), LONGEST_JOB.toMinutes());
                    abort(job.crm(), job.object(), job.id());
                }
                jobs.lookAgain(job, nextLook(job));
            }
        }
    }

    private static Instant nextLook(BulkJob job) {
        return Instant.now().plusMillis(NEXT_LOOK.apply(job.looks()));
    }

    /** The order of results is not that of the rows, and what is in neither list was not processed. */
    private void ended(BulkJob job, JsonNode now) {
        Map<String, String> written = new HashMap<>();
        Map<String, String> refused = new HashMap<>();
        String name = job.operation().equals(Operation.UPSERT.toString()) ? Salesforce.KEY : ID;
        String because = now.path("errorMessage").asText("");
        if (now.path("numberRecordsProcessed").asInt(1) > now.path("numberRecordsFailed").asInt()) {
            results(job, "successfulResults", row -> written.put(row.getOrDefault(name, ""), row.get("sf__Id")));
        }
        if (now.path("numberRecordsFailed").asInt(1) > 0) {
            results(job, "failedResults", row -> {
                JsonNode failed = failed(row.getOrDefault("sf__Error", ""));
                if (!isToBeSaved(orgs.get(job.crm()), failed)) {
                    refused.put(row.getOrDefault(name, ""), failed.toString());
                }
            });
        }
        if (because.startsWith(UNFIT)) {
            // The columns themselves are wrong. Other calls would fail too, and a person must know.
            String unfit = failure(UNFIT, because.replaceFirst("^(" + UNFIT + " *: *)+", ""), "").toString();
            jobs.names(job).stream().filter(row -> !written.containsKey(row)).forEach(row -> refused.put(row, unfit));
        }
        jobs.over(job, written, refused);
    }

    private void results(BulkJob job, String which, Consumer<Map<String, String>> each) {
        BulkCsv.read(client.csv(new SalesforceRequest(job.crm(), which + " of a job for " + job.object(), "GET",
                JOBS + "/" + job.id() + "/" + which, null, null, true)), each);
    }

    /** Its rows are written again, but not at once: the person who stopped it may not want more of them now. */
    private void abandoned(BulkJob job, String what) {
        work.pause(job.crm(), Instant.now().plus(AFTER_ABORT), title(job) + " " + what + ". Set shopbridge.crms."
                + job.crm() + ".bulk-above to off to use no jobs");
        jobs.over(job, Map.of(), Map.of());
    }

    private void abort(String crm, String object, String id) {
        try {
            client.call(new SalesforceRequest(crm, "abort of a job for " + object, "PATCH", JOBS + "/" + id,
                    JsonNodeFactory.instance.objectNode().put("state", "Aborted")));
        } catch (CrmFailure | CallNotPermittedException e) {
            // An open job does nothing, a running one may still end by itself.
            LOG.debug("Job {} is not aborted", id, e);
        }
    }

    private static SalesforceRequest call(BulkJob job, String what, String method, String path, JsonNode body) {
        return new SalesforceRequest(job.crm(), what + " of a job for " + job.object(), method,
                JOBS + "/" + job.id() + path, body);
    }

    private String title(BulkJob job) {
        return "Job " + job.id() + " of " + orgs.get(job.crm()).crm().title() + " for " + job.object();
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

    /** A job has no header to allow duplicates: if they are allowed, a normal call writes them. */
    private static boolean isToBeSaved(SalesforceOrg org, JsonNode failed) {
        return failed.at("/errors/0/statusCode").asText().equals(DUPLICATE)
                && org.crm().isOn(SalesforceOrg.ALLOW_DUPLICATES);
    }
}
