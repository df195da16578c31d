package io.shopbridge.operate;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "stores", description = "The configured stores, and which of them are paused")
class StoresApi {

    private final PausedStores stores;

    StoresApi(PausedStores stores) {
        this.stores = stores;
    }

    /** @param stores every configured one */
    record Answer(List<StoreState> stores) {
    }

    @GetMapping("/api/v1/stores")
    @Operation(summary = "Lists the configured stores")
    Answer stores() {
        return new Answer(stores.all());
    }

    @PostMapping("/api/v1/stores/{store}/resume")
    @Operation(summary = "Ends the pause of a store whose app is installed again; its work is due at once")
    @ApiResponse(responseCode = "200", description = "It is not paused any more")
    @ApiResponse(responseCode = "404", description = "No such store is configured")
    @ApiResponse(responseCode = "409", description = "It is not paused")
    StoreState resume(@PathVariable String store) {
        return stores.resume(store);
    }
}
