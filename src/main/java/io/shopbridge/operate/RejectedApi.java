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
@Tag(name = "rejected", description = "What a person must look at")
class RejectedApi {

    private final Rejections rejections;

    private final IdentityDecisions decisions;

    RejectedApi(Rejections rejections, IdentityDecisions decisions) {
        this.rejections = rejections;
        this.decisions = decisions;
    }

    @GetMapping("/api/v1/rejected")
    @Operation(summary = "Rejected and held, newest first; before all what must be done by a date")
    Page<Rejection> rejected(@ParameterObject RejectionQuery query, HttpServletRequest request) {
        Parameters.check(request, RejectionQuery.NAMES);
        return rejections.find(query);
    }

    @PostMapping("/api/v1/rejected/{id}/replay")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Send it through again")
    @ApiResponse(responseCode = "202", description = "It is due now")
    @ApiResponse(responseCode = "404", description = "There is no such rejection")
    @ApiResponse(responseCode = "409", description = "It is not open any more, its payload has expired, or it is work"
            + " that only a person can do")
    Replayed replay(@PathVariable long id) {
        return rejections.replay(id);
    }

    @PostMapping("/api/v1/rejected/{id}/decision")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Decide which CRM record a held record is. It is remembered, and the record is sent through"
            + " again", description = "link-to: it is the candidate crm_id, to which its values are written."
            + " create-new: it is none of the candidates, and gets a record of its own. never-the-same: it is not the"
            + " candidate crm_id; others are still looked at. The last two are honoured by every later identification.")
    @ApiResponse(responseCode = "202", description = "It is remembered, and the record is due now")
    @ApiResponse(responseCode = "400", description = "It is no decision, or names no candidate")
    @ApiResponse(responseCode = "404", description = "There is no such rejection")
    @ApiResponse(responseCode = "409", description = "It is not open any more, asks for no such decision, or the CRM"
            + " record is another customer of the same store")
    Replayed decision(@PathVariable long id, @RequestBody IdentityDecision decision) {
        return decisions.decide(id, decision);
    }

    @PostMapping("/api/v1/rejected/{id}/done")
    @Operation(summary = "Say that a person has seen to it, so that it is open no more")
    @ApiResponse(responseCode = "200", description = "It is closed")
    @ApiResponse(responseCode = "404", description = "There is no such rejection")
    @ApiResponse(responseCode = "409", description = "It is not open any more")
    Rejection done(@PathVariable long id) {
        return rejections.done(id);
    }

    @GetMapping("/api/v1/rejected/{id}/payload")
    @Operation(summary = "The received bytes: personal data")
    ResponseEntity<byte[]> payload(@PathVariable long id) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .cacheControl(CacheControl.noStore())
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"rejected-" + id + ".bin\"")
                .body(rejections.payload(id));
    }
}
