package io.shopbridge.operate;

import io.shopbridge.audit.Audit;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.shopbridge.poll.ExtraPolls;
import io.shopbridge.poll.Progress;
import io.shopbridge.poll.Watermarks;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.work.StorePauses;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "polls", description = "Delta polls of the shops")
class PollsApi {

    private final Watermarks watermarks;
    private final ExtraPolls polls;
    private final Stores stores;
    private final StorePauses pauses;
    private final Audit audit;

    PollsApi(Watermarks watermarks, ExtraPolls polls, Stores stores, StorePauses pauses, Audit audit) {
        this.watermarks = watermarks;
        this.polls = polls;
        this.stores = stores;
        this.pauses = pauses;
        this.audit = audit;
    }

    /**
     * A poll that was started.
     *
     * @param since the time from which it reads again; null: only what it would read anyway
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record Started(String store, String entity, Instant since) {
    }

    @GetMapping("/api/v1/polls")
    @Operation(summary = "Lists how far each store and entity was read, and why polls fail")
    List<Progress> polls() {
        return watermarks.all();
    }

    @PostMapping("/api/v1/polls/{store}/{entity}")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(summary = "Starts a poll within seconds, once the one that is under way has ended")
    @ApiResponse(responseCode = "202", description = "It starts soon")
    @ApiResponse(responseCode = "400", description = "since is no time, or too long ago")
    @ApiResponse(responseCode = "404", description = "No such store is configured, or this entity of it is not polled")
    @ApiResponse(responseCode = "409", description = "The store is paused")
    Started start(@PathVariable String store, @PathVariable String entity,
            @Parameter(description = "A time of the last 30 days, from which changes are read again")
            @RequestParam(required = false) String since, HttpServletRequest request) {
        Parameters.check(request, Set.of("since"));
        Store one = stores.find(store).orElseThrow(() -> Problem.unknownStore(stores));
        Instant from = since == null ? null : Parameters.time("since", since).toInstant();
        Parameters.past("since", from);
        if (from != null && from.isBefore(Instant.now().minus(ExtraPolls.FURTHEST))) {
            throw Problem.badParameter("since is " + since + "; a poll reads " + ExtraPolls.FURTHEST.toDays()
                    + " days back at most. Older changes are brought by a backfill.");
        }
        if (pauses.isPaused(store)) {
            throw new Problem(HttpStatus.CONFLICT, "Paused", "Store " + store + " is paused; resume it first.");
        }
        if (polls.start(one, entity::equals, from).isEmpty()) {
            throw new Problem(HttpStatus.NOT_FOUND, "Not polled", "Of store " + store + " these are polled: "
                    + (polls.of(store).isEmpty() ? "none" : String.join(", ", polls.of(store))) + ".");
        }
        audit.did("started", "a poll of " + entity + " of store " + store + (from == null ? "" : " from " + from));
        return new Started(store, entity, from);
    }
}
