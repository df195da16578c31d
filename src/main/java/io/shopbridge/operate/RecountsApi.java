package io.shopbridge.operate;

import io.shopbridge.audit.Audit;
import io.shopbridge.recount.Recount;
import io.shopbridge.recount.Recounts;
import io.shopbridge.recount.ShopRecounts;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "recounts", description = "Comparisons of a shop with the mirror")
class RecountsApi {

    private static final String NONE = "There is none with this number";

    private final ShopRecounts shops;
    private final Recounts recounts;
    private final Stores stores;
    private final Audit audit;

    RecountsApi(ShopRecounts shops, Recounts recounts, Stores stores, Audit audit) {
        this.shops = shops;
        this.recounts = recounts;
        this.stores = stores;
        this.audit = audit;
    }

    @PostMapping("/api/v1/recounts")
    @Operation(summary = "Starts one; one of the store that is under way goes on as it was asked for")
    @ApiResponse(responseCode = "200", description = "It is under way")
    @ApiResponse(responseCode = "400", description = "A kind of record can't be counted, or the store has no Admin API")
    @ApiResponse(responseCode = "404", description = "No such store is configured")
    RecountState start(@RequestBody RecountRequest request) {
        Store store = stores.find(request.store() == null ? "" : request.store())
                .orElseThrow(() -> Problem.unknownStore(stores));
        List<String> known = shops.entities(store);
        if (known.isEmpty()) {
            throw Problem.badParameter("nothing of store " + store.name() + " can be counted: set shopbridge.stores."
                    + store.name() + ".admin, and let one of its CRMs have orders or customers.");
        }
        List<String> entities = request.entities() == null || request.entities().isEmpty() ? known : request.entities();
        if (!known.containsAll(entities)) {
            throw Problem.badParameter("entities must be some of " + String.join(", ", known) + ".");
        }
        long last = recounts.all().stream().mapToLong(Recount::id).max().orElse(0);
        Recount run = shops.start(store, entities.stream().distinct().toList(), request.repair());
        audit.did(run.id() > last ? "started" : "asked again for", run + (run.repair() ? ", with repair" : ""));
        return RecountState.of(run, null);
    }

    @GetMapping("/api/v1/recounts")
    @Operation(summary = "Lists them, newest first, without what they found")
    List<RecountState> all() {
        return recounts.all().stream().map(run -> RecountState.of(run, null)).toList();
    }

    @GetMapping("/api/v1/recounts/{id}")
    @Operation(summary = "How far it is, and what it found")
    @ApiResponse(responseCode = "404", description = NONE)
    RecountState find(@PathVariable long id) {
        Recount run = get(id);
        return RecountState.of(run, recounts.found(run));
    }

    @PostMapping("/api/v1/recounts/{id}/cancel")
    @Operation(summary = "Ends it; what it repaired stays")
    @ApiResponse(responseCode = "404", description = NONE)
    @ApiResponse(responseCode = "409", description = "It has ended")
    RecountState cancel(@PathVariable long id) {
        Recount run = get(id);
        if (!recounts.cancel(id)) {
            throw new Problem(HttpStatus.CONFLICT, "Over", "Recount " + id + " has ended; start a new one.");
        }
        audit.did("cancelled", run.toString());
        return RecountState.of(get(id), null);
    }

    private Recount get(long id) {
        return recounts.find(id).orElseThrow(() -> new Problem(HttpStatus.NOT_FOUND, "Unknown recount",
                "There is no recount " + id + "."));
    }
}
