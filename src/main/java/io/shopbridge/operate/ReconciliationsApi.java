package io.shopbridge.operate;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "reconciliations", description = "Comparisons of a CRM with the mirror, and repairs")
class ReconciliationsApi {

    private static final String ENDED = "It has ended";
    private static final String NONE = "There is none with this number";

    private final CrmReconciliations reconciliations;

    ReconciliationsApi(CrmReconciliations reconciliations) {
        this.reconciliations = reconciliations;
    }

    @PostMapping("/api/v1/reconciliations")
    @Operation(summary = "Starts one; one of the CRM that is under way goes on as it was asked for")
    @ApiResponse(responseCode = "200", description = "It is under way")
    @ApiResponse(responseCode = "400", description = "A kind of record or a class of differences is unknown")
    @ApiResponse(responseCode = "404", description = "No such CRM is configured")
    ReconciliationState start(@RequestBody ReconciliationRequest request) {
        return reconciliations.start(request);
    }

    @GetMapping("/api/v1/reconciliations")
    @Operation(summary = "Lists them, newest first, without what they found in detail")
    List<ReconciliationState> all() {
        return reconciliations.all();
    }

    @GetMapping("/api/v1/reconciliations/{id}")
    @Operation(summary = "How far it is, and what it found")
    @ApiResponse(responseCode = "404", description = NONE)
    ReconciliationState find(@PathVariable long id) {
        return reconciliations.find(id);
    }

    @GetMapping(path = "/api/v1/reconciliations/{id}/report", produces = "text/markdown")
    @Operation(summary = "The same as Markdown")
    @ApiResponse(responseCode = "404", description = NONE)
    String report(@PathVariable long id) {
        return reconciliations.report(id);
    }

    @PostMapping("/api/v1/reconciliations/{id}/pause")
    @Operation(summary = "Stops it for now, within seconds")
    @ApiResponse(responseCode = "409", description = ENDED)
    ReconciliationState pause(@PathVariable long id) {
        return reconciliations.pause(id, true);
    }

    @PostMapping("/api/v1/reconciliations/{id}/resume")
    @Operation(summary = "Lets it go on where it stopped")
    @ApiResponse(responseCode = "409", description = ENDED)
    ReconciliationState resume(@PathVariable long id) {
        return reconciliations.pause(id, false);
    }

    @PostMapping("/api/v1/reconciliations/{id}/cancel")
    @Operation(summary = "Ends it; what it repaired stays")
    @ApiResponse(responseCode = "409", description = ENDED)
    ReconciliationState cancel(@PathVariable long id) {
        return reconciliations.cancel(id);
    }
}
