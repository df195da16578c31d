package io.shopbridge.operate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shopbridge.audit.Audit;
import io.shopbridge.export.ExportRequest;
import io.shopbridge.export.Exports;
import io.shopbridge.export.SnapshotExports;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.DisconnectedClientHelper;

@RestController
@Tag(name = "exports", description = "What Shopbridge knows, as CSV or JSON Lines")
class ExportsApi {

    private static final Logger LOG = LoggerFactory.getLogger(ExportsApi.class);
    private static final Set<String> NAMES = Set.of("format", "store", "crm", "since", "until");

    /** Each holds a connection of the database, a thread and a page of records, for as long as its reader takes. */
    private static final int AT_A_TIME = 2;

    private final Semaphore free = new Semaphore(AT_A_TIME);
    private final Exports exports;
    private final SnapshotExports snapshots;
    private final KnownNames names;
    private final Audit audit;

    ExportsApi(Exports exports, SnapshotExports snapshots, KnownNames names, Audit audit) {
        this.exports = exports;
        this.names = names;
        this.snapshots = snapshots;
        this.audit = audit;
    }

    /** Parameters of an export. All are text here, so that error messages are our own. */
    record Query(
            @Parameter(description = "Default csv", schema = @Schema(allowableValues = {"csv", "jsonl"})) String format,
            @Parameter(description = "Name of a store") String store,
            @Parameter(description = "Name of a CRM, of links and outcomes") String crm,
            @Parameter(description = "What changed from this time on", schema = @Schema(format = "date-time"))
            String since,
            @Parameter(description = "What changed before this time", schema = @Schema(format = "date-time"))
            String until) {
    }

    @GetMapping("/api/v1/exports")
    @Operation(summary = "Lists what can be exported, with the columns of each")
    Map<String, List<String>> all() {
        return exports.all();
    }

    @GetMapping("/api/v1/exports/{what}")
    @Operation(summary = "Writes all rows to the answer, as they were when it began, which contains personal data. An answer"
            + " that was cut off is not whole")
    @ApiResponse(responseCode = "200", description = "The rows", content = {@Content(mediaType = "text/csv"),
        @Content(mediaType = "application/x-ndjson")})
    @ApiResponse(responseCode = "400", description = "Nothing is known of such a store or CRM")
    @ApiResponse(responseCode = "404", description = "There is no such export")
    @ApiResponse(responseCode = "429", description = "Others are under way")
    void export(@PathVariable String what, @ParameterObject Query query, HttpServletRequest request,
            HttpServletResponse response) throws IOException {
        Parameters.check(request, NAMES);
        if (!exports.all().containsKey(what)) {
            throw new Problem(HttpStatus.NOT_FOUND, "Unknown export", "There is no export of this name; there are "
                    + String.join(", ", exports.all().keySet()) + ".");
        }
        ExportRequest asked = new ExportRequest(what, format(query.format()), query.store(), query.crm(),
                time("since", query.since()), time("until", query.until()));
        names.check(asked);
        if (HttpMethod.HEAD.matches(request.getMethod())) {
            head(asked, response);      // the servlet's own answer to it would be made of all rows
            return;
        }
        if (!free.tryAcquire()) {
            throw new Problem(HttpStatus.TOO_MANY_REQUESTS, "Too many exports", AT_A_TIME
                    + " exports are under way already; ask again when one of them has ended.");
        }
        try {
            audit.did("exported", what + " as " + asked.format().word(), details(query));
            write(asked, response);
        } finally {
            free.release();
        }
    }

    private static void head(ExportRequest asked, HttpServletResponse response) {
        response.setContentType(asked.format().mediaType());
        response.setCharacterEncoding(StandardCharsets.UTF_8.name());
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        response.setHeader(HttpHeaders.CONTENT_DISPOSITION,
                "attachment; filename=\"" + asked.what() + "." + asked.format().word() + "\"");
    }

    private void write(ExportRequest asked, HttpServletResponse response) throws IOException {
        head(asked, response);
        try {
            snapshots.write(asked, response.getOutputStream());
        } catch (SnapshotExports.TookTooLong e) {
            LOG.error("The export of {} was cut off, so what its reader has is not whole. {}. Ask for less at once, with"
                    + " store, since and until, read it faster, or have it written to shopbridge.exports.folder.",
                    asked.what(), e.getMessage());
            throw e;
        } catch (RuntimeException e) {
            if (!response.isCommitted()) {
                // Such as a database without a free connection, which is told as of every other call.
                response.reset();
            } else if (!DisconnectedClientHelper.isClientDisconnectedException(e)) {
                // Its reader only sees that the answer ends too early. A message may quote the data.
                LOG.error("The export of {} was cut off by {}, so what its reader has is not whole. Export it again; if"
                        + " that fails too, report it.", asked.what(), e.getClass().getSimpleName());
                LOG.debug("The fault", e);
            }
            throw e;
        }
    }

    /** Which rows were asked for: it says whose data left. */
    private static ObjectNode details(Query query) {
        ObjectNode details = JsonNodeFactory.instance.objectNode();
        put(details, "store", query.store());
        put(details, "crm", query.crm());
        put(details, "since", query.since());
        put(details, "until", query.until());
        return details;
    }

    private static void put(ObjectNode details, String name, String value) {
        if (value != null) {
            details.put(name, value);
        }
    }

    private static ExportRequest.Format format(String word) {
        if (word == null) {
            return ExportRequest.Format.CSV;
        }
        return Stream.of(ExportRequest.Format.values()).filter(format -> format.word().equals(word)).findFirst()
                .orElseThrow(() -> Problem.badParameter("format is \"" + word + "\"; it can be "
                        + Stream.of(ExportRequest.Format.values()).map(ExportRequest.Format::word)
                                .collect(Collectors.joining(", ")) + "."));
    }

    private static Instant time(String name, String value) {
        return value == null ? null : Parameters.time(name, value).toInstant();
    }
}
