package io.shopbridge.operate;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "backfills", description = "The history of a shop, brought in by Shopify's bulk operations")
class BackfillsApi {

    private static final String ENDED = "It has ended";

    private final HistoryBackfills backfills;

    BackfillsApi(HistoryBackfills backfills) {
        this.backfills = backfills;
    }

    @PostMapping("/api/v1/backfills")
    @Operation(summary = "Starts one for each kind of record; one that is under way goes on")
    @ApiResponse(responseCode = "200", description = "They are under way")
    @ApiResponse(responseCode = "400", description = "A kind of record can't be exported, or a day is in the future")
    @ApiResponse(responseCode = "404", description = "No such store is configured")
    @ApiResponse(responseCode = "409", description = "The store has no access to the Admin API, or one is under way with other"
            + " days")
    List<BackfillState> start(@RequestBody BackfillRequest request) {
        return backfills.start(request);
    }

    @GetMapping("/api/v1/backfills")
    @Operation(summary = "Lists them, newest first")
    List<BackfillState> all() {
        return backfills.all();
    }

    @GetMapping("/api/v1/backfills/{id}")
    @Operation(summary = "How far it is, and what became of its records")
    @ApiResponse(responseCode = "404", description = "There is none with this number")
    BackfillState find(@PathVariable long id) {
        return backfills.find(id);
    }

    @PostMapping("/api/v1/backfills/{id}/pause")
    @Operation(summary = "Stops it for now, within seconds")
    @ApiResponse(responseCode = "409", description = ENDED)
    BackfillState pause(@PathVariable long id) {
        return backfills.pause(id, true);
    }

    @PostMapping("/api/v1/backfills/{id}/resume")
    @Operation(summary = "Lets it go on where it stopped")
    @ApiResponse(responseCode = "409", description = ENDED)
    BackfillState resume(@PathVariable long id) {
        return backfills.pause(id, false);
    }

    @PostMapping("/api/v1/backfills/{id}/cancel")
    @Operation(summary = "Ends it; what it brought stays")
    @ApiResponse(responseCode = "409", description = ENDED)
    BackfillState cancel(@PathVariable long id) {
        return backfills.cancel(id);
    }

    @DeleteMapping("/api/v1/backfills/cutoff/{store}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Removes the day of figures_before of a store; the orders that it kept from the CRMs are delivered")
    @ApiResponse(responseCode = "204", description = "It is removed; if no answer comes, ask again")
    @ApiResponse(responseCode = "404", description = "The store has none, or no such store is configured")
    @ApiResponse(responseCode = "409", description = "A backfill that has not begun will set one")
    void removeCutoff(@PathVariable String store) {
        backfills.removeCutoff(store);
    }
}
