package io.shopbridge.sandbox.salesforce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.sandbox.salesforce.Records.Operation;
import io.shopbridge.sandbox.salesforce.Records.Write;
import io.shopbridge.sandbox.salesforce.Records.Writer;
import io.shopbridge.sandbox.salesforce.Records.Written;
import io.shopbridge.sandbox.server.Answer;
import io.shopbridge.sandbox.server.Call;
import io.shopbridge.sandbox.server.Json;
import io.shopbridge.sandbox.server.Refused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Ingest jobs of Bulk API 2.0. A job is worked off some time after its upload was declared complete: when it is looked
 * at for the second time, as a client has to wait for real ones. Its results come in another order than its rows.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch">Bulk API 2.0</a>
 */
final class Jobs {

    private static final int LARGEST_UPLOAD = 150_000_000;
    private static final Map<String, Character> DELIMITERS = Map.of("COMMA", ',', "SEMICOLON", ';', "TAB", '\t',
            "PIPE", '|', "CARET", '^', "BACKQUOTE", '`');
    private static final Set<String> MEMBERS = Set.of("object", "operation", "externalIdFieldName", "contentType",
            "lineEnding", "columnDelimiter", "assignmentRuleId");

    private static final class Job {
        ObjectNode facts;
        String csv;
        Writer writer;
        int polls;
        int processed;
        int failed;
        String error;
        final List<List<String>> good = new ArrayList<>();
        final List<List<String>> bad = new ArrayList<>();
        final List<List<String>> unprocessed = new ArrayList<>();
    }

    private record Fault(String message, int processed) {
    }

    private final Schema schema;
    private final Records records;
    private final AccountLocks locks;
    private final Duration lockPatience;
    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private Fault fault;
    private long lastNumber;

    Jobs(Schema schema, Records records, AccountLocks locks, Duration lockPatience) {
        this.schema = schema;
        this.records = records;
        this.locks = locks;
        this.lockPatience = lockPatience;
    }

    /** The next job fails with this message after so many rows; the others stay unprocessed. */
    synchronized void failNext(String message, int processed) {
        fault = new Fault(message, processed);
    }

    synchronized void clear() {
        jobs.clear();
        fault = null;
    }

    /** @param path what follows {@code /jobs/ingest} */
    synchronized Answer answer(Call call, List<String> path, Writer writer, String version) throws IOException {
        String what = call.method() + " " + (path.size() > 1 ? path.get(1) : "");
        if (path.isEmpty()) {
            return switch (call.method()) {
                case "POST" -> create(call.object(), writer, version);
                case "GET" -> list();
                default -> throw Errors.notFound();
            };
        }
        Job job = jobs.get(path.get(0));
        if (job == null || path.size() > 2) {
            throw Errors.notFound();
        }
        return switch (what) {
            case "PUT batches" -> upload(job, call);
            case "PATCH " -> change(job, call.object(), writer);
            case "GET " -> poll(job);
            case "DELETE " -> delete(job, path.get(0));
            case "GET successfulResults" -> csv(job, job.good);
            case "GET failedResults" -> csv(job, job.bad);
            case "GET unprocessedrecords" -> csv(job, job.unprocessed);
            default -> throw Errors.notFound();
        };
    }

    private Answer create(ObjectNode body, Writer writer, String version) {
        body.fieldNames().forEachRemaining(name -> {
            if (!MEMBERS.contains(name)) {
                throw Errors.refused(400, "JSON_PARSER_ERROR", "Unrecognized field \"" + name + "\"");
            }
        });
        String object = schema.object(body.path("object").asText());
        String operation = body.path("operation").asText();
        String delimiter = body.path("columnDelimiter").asText("COMMA");
        if (object == null) {
            throw invalid("Unsupported object: " + body.path("object").asText());
        }
        if (!Set.of("insert", "update", "upsert", "delete").contains(operation)) {
            throw invalid("Unsupported operation: " + operation);
        }
        if (!body.path("contentType").asText("CSV").equals("CSV") || !DELIMITERS.containsKey(delimiter)) {
            throw invalid("Only CSV with a known columnDelimiter can be ingested");
        }
        String key = body.path("externalIdFieldName").asText("");
        Field field = key.isEmpty() ? null : schema.field(object, key);
        boolean isKey = field != null && (field.is("external-id") || field.kind() == Field.Kind.ID);
        if (operation.equals("upsert") && !isKey) {
            throw invalid("InvalidBatch : Field name provided, " + key + " does not match an External ID, Salesforce "
                    + "Id, or indexed field for " + object);
        }
        Job job = new Job();
        String id = Ids.of("750", ++lastNumber);
        String now = Field.time(System.currentTimeMillis());
        job.facts = Json.object().put("id", id).put("operation", operation).put("object", object)
                .put("createdById", writer.userId()).put("createdDate", now).put("systemModstamp", now)
                .put("state", "Open").put("concurrencyMode", "Parallel").put("contentType", "CSV")
                .put("apiVersion", Double.parseDouble(version.substring(1)))
                .put("contentUrl", "services/data/" + version + "/jobs/ingest/" + id + "/batches")
                .put("lineEnding", body.path("lineEnding").asText("LF")).put("columnDelimiter", delimiter);
        if (field != null) {
            job.facts.put("externalIdFieldName", field.name());
        }
        jobs.put(id, job);
        return Answer.wrote(200, job.facts);
    }

    private Answer list() {
        ObjectNode body = Json.object().put("done", true);
        body.putArray("records");
        jobs.values().forEach(job -> {
            look(job);
            body.withArray("records").add(job.facts.deepCopy());
        });
        return Answer.read(200, body.putNull("nextRecordsUrl"));
    }

    private Answer upload(Job job, Call call) {
        if (!isIn(job, "Open") || job.csv != null) {
            throw invalid("Found multiple contents for job: <" + job.facts.get("id").asText()
                    + ">, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you "
                    + "only do 'PUT' once on a given Job.");
        }
        if (!call.headers().getOrDefault("Content-Type", "").startsWith("text/csv")) {
            throw Errors.refused(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be text/csv");
        }
        if (call.body().length > LARGEST_UPLOAD) {
            throw Errors.refused(413, "REQUEST_ENTITY_TOO_LARGE", "At most 150 MB can be uploaded");
        }
        job.csv = new String(call.body(), StandardCharsets.UTF_8);
        return Answer.empty(201);
    }

    private Answer change(Job job, ObjectNode body, Writer writer) {
        String state = body.path("state").asText();
        if (!Set.of("UploadComplete", "Aborted").contains(state) || !isIn(job, "Open")) {
            throw Errors.refused(400, "INVALIDJOBSTATE", "Job state " + job.facts.get("state").asText()
                    + " cannot become " + state);
        }
        job.facts.put("state", state);
        ObjectNode answer = job.facts.deepCopy();
        job.writer = writer;
        return Answer.wrote(200, answer);
    }

    private Answer poll(Job job) {
        look(job);
        ObjectNode answer = job.facts.deepCopy();
        if (job.error != null) {
            answer.put("errorMessage", job.error);
        }
        return Answer.read(200, answer.put("jobType", "V2Ingest").put("numberRecordsProcessed", job.processed)
                .put("numberRecordsFailed", job.failed).put("retries", 0).put("totalProcessingTime", 1)
                .put("apiActiveProcessingTime", 1).put("apexProcessingTime", 0));
    }

    private void look(Job job) {
        if (isIn(job, "UploadComplete") || isIn(job, "InProgress")) {
            if (job.polls++ == 0) {
                job.facts.put("state", "InProgress");
            } else {
                work(job, job.writer);
                job.facts.put("state", job.error == null ? "JobComplete" : "Failed");
            }
        }
    }

    private Answer delete(Job job, String id) {
        if (isIn(job, "Open")) {
            throw Errors.refused(400, "INVALIDJOBSTATE", "An open job cannot be deleted; abort it first");
        }
        jobs.remove(id);
        return Answer.wroteNothingToSay();
    }

    private static Answer csv(Job job, List<List<String>> rows) {
        return new Answer(200, Csv.write(rows, delimiter(job)).getBytes(StandardCharsets.UTF_8), Map.of("Content-Type", "text/csv",
                "Sforce-NumberOfRecords", String.valueOf(Math.max(0, rows.size() - 1)),
                "Sforce-Locator", "null"), false);
    }

    private void work(Job job, Writer writer) {
        List<List<String>> rows;
        try {
            rows = Csv.read(job.csv == null ? "" : job.csv, delimiter(job));
        } catch (UncheckedIOException e) {
            job.error = "InvalidBatch : The data is not CSV";
            return;
        }
        if (rows.isEmpty()) {
            job.error = "InvalidBatch : Empty content";
            return;
        }
        List<String> head = rows.get(0);
        String object = job.facts.get("object").asText();
        for (String column : head) {
            if (!knows(object, column)) {
                job.error = "InvalidBatch : Field name not found : " + column;
                return;
            }
        }
        job.good.add(joined(List.of("sf__Id", "sf__Created"), head));
        job.bad.add(joined(List.of("sf__Id", "sf__Error"), head));
        job.unprocessed.add(head);
        Operation operation = Operation.valueOf(job.facts.get("operation").asText().toUpperCase(Locale.ROOT));
        Fault ending = fault;
        fault = null;
        for (List<String> row : rows.subList(1, rows.size())) {
            if (ending != null && job.processed >= ending.processed()) {
                job.error = ending.message();
                job.unprocessed.add(1, row);
                continue;
            }
            job.processed++;
            try {
                Written written = write(job, operation, object, head, row, writer);
                job.good.add(1, joined(List.of(written.id(), String.valueOf(written.created())), row));
            } catch (RowRefused e) {
                job.failed++;
                String fields = String.join(",", e.fields()) + (e.fields().isEmpty() ? "--" : " --");
                job.bad.add(1, joined(List.of("", e.code() + ":" + e.getMessage() + ":" + fields), row));
            }
        }
    }

    private static char delimiter(Job job) {
        return DELIMITERS.get(job.facts.get("columnDelimiter").asText());
    }

    private Written write(Job job, Operation operation, String object, List<String> head, List<String> row,
            Writer writer) {
        if (row.size() != head.size()) {
            throw new RowRefused("INVALID_INPUT", "The row has " + row.size() + " cells, the header "
                    + head.size());
        }
        ObjectNode given = Json.object();
        for (int i = 0; i < row.size(); i++) {
            String column = head.get(i);
            int dot = column.indexOf('.');
            if (row.get(i).equals("#N/A")) {
                given.putNull(dot < 0 ? column : schema.relationship(object, column.substring(0, dot)).name());
            } else if (!row.get(i).isEmpty() && dot < 0) {
                given.put(column, row.get(i));
            } else if (!row.get(i).isEmpty()) {
                given.putObject(column.substring(0, dot)).put(column.substring(dot + 1), row.get(i));
            }
        }
        String id = null;
        if (operation == Operation.UPDATE || operation == Operation.DELETE) {
            id = given.path("Id").asText("");
            given.remove("Id");
        }
        Write write = new Write(operation, object, id, job.facts.path("externalIdFieldName").asText(null), given);
        // The header of duplicate rules is REST's: no way is known for a job to save what they refuse.
        Writer strict = new Writer(writer.client(), writer.userId(), false, false, new ArrayList<>());
        Set<String> accounts = records.locked(() -> records.accounts(write));
        if (!locks.take(accounts, row, lockPatience)) {
            throw new RowRefused("UNABLE_TO_LOCK_ROW",
                    "unable to obtain exclusive access to this record or 1 records: " + String.join(",", accounts));
        }
        try {
            return records.locked(() -> records.apply(write, strict));
        } catch (Refused wrongType) {
            throw new RowRefused("INVALID_TYPE_ON_FIELD_IN_RECORD", "A value cannot be read into its "
                    + "field's type");
        } finally {
            locks.release(row);
        }
    }

    private boolean knows(String object, String column) {
        int dot = column.indexOf('.');
        if (dot < 0) {
            return schema.field(object, column) != null;
        }
        Field reference = schema.relationship(object, column.substring(0, dot));
        return reference != null && schema.field(reference.values().get(0), column.substring(dot + 1)) != null;
    }

    private static boolean isIn(Job job, String state) {
        return job.facts.get("state").asText().equals(state);
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }

    private static Refused invalid(String message) {
        return Errors.refused(400, "INVALIDJOB", message);
    }
}
