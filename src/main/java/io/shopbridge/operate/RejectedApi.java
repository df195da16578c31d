package io.shopbridge.operate;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "rejected", description = "Rejected (dead letters) and held records, which need a person")
class RejectedApi {

    private final Rejections rejections;

    private final IdentityDecisions decisions;
    private final KnownNames names;

    RejectedApi(Rejections rejections, IdentityDecisions decisions, KnownNames names) {
        this.names = names;
        this.rejections = rejections;
        this.decisions = decisions;
    }

    @GetMapping("/api/v1/rejected")
    @Operation(summary = "Lists rejected and held records, newest first; those with a due date come before all others")
    Page<Rejection> rejected(@ParameterObject RejectionQuery query, HttpServletRequest request) {
        Parameters.check(request, RejectionQuery.NAMES);
        names.check(query.store(), query.crm());
        return rejections.find(query);
    }

    @PostMapping("/api/v1/rejected/{id}/replay")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Replays it")
    @ApiResponse(responseCode = "202", description = "It is due now")
    @ApiResponse(responseCode = "404", description = "There is no such rejection")
    @ApiResponse(responseCode = "409", description = "It is no longer open, its payload has expired, or it is a task"
            + " for a person")
    Replayed replay(@PathVariable long id) {
        return rejections.replay(id);
    }

    @PostMapping("/api/v1/rejected/{id}/decision")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Decides which CRM record a held record is. The decision is remembered, and the record is"
            + " replayed", description = "link-to: it is the candidate crm_id; its values are written there."
            + " create-new: it is none of the candidates; a new record is created. never-the-same: it is not the"
            + " candidate crm_id; the others are tried again. The last two apply to every later identification.")
    @ApiResponse(responseCode = "202", description = "The decision is remembered, and the record is due now")
    @ApiResponse(responseCode = "400", description = "It is not a decision, or does not name a candidate")
    @ApiResponse(responseCode = "404", description = "There is no such rejection")
    @ApiResponse(responseCode = "409", description = "It is no longer open, does not wait for a decision, or the CRM"
            + " record is another customer of the same store")
    Replayed decision(@PathVariable long id, @RequestBody IdentityDecision decision) {
        return decisions.decide(id, decision);
    }

    @PostMapping("/api/v1/rejected/{id}/done")
    @Operation(summary = "Closes it without a replay, after a person has dealt with it")
    @ApiResponse(responseCode = "200", description = "It is closed")
    @ApiResponse(responseCode = "404", description = "There is no such rejection")
    @ApiResponse(responseCode = "409", description = "It is no longer open")
    Rejection done(@PathVariable long id) {
        return rejections.done(id);
    }

    @GetMapping("/api/v1/rejected/{id}/payload")
    @Operation(summary = "The received bytes; they contain personal data")
    ResponseEntity<byte[]> payload(@PathVariable long id) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .cacheControl(CacheControl.noStore())
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"rejected-" + id + ".bin\"")
                .body(rejections.payload(id));
    }
}
