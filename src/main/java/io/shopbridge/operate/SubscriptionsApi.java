package io.shopbridge.operate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.shopbridge.audit.Audit;
import io.shopbridge.shopify.admin.AdminFailure;
import io.shopbridge.store.Store;
import io.shopbridge.store.Stores;
import io.shopbridge.subscribe.Comparison;
import io.shopbridge.subscribe.Fault;
import io.shopbridge.subscribe.OpenFaults;
import io.shopbridge.subscribe.Subscription;
import io.shopbridge.subscribe.Subscriptions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "subscriptions", description = "The webhook subscriptions of a shop")
class SubscriptionsApi {

    private static final String TOML = "Subscriptions in shopify.app.toml are not listed by Shopify's API, and neither are"
            + " the privacy requests, which are subscribed to there alone.";
    private static final String NO_ADDRESS = "Set shopbridge.subscriptions.address to the address at which Shopify reaches"
            + " this installation; without it, nothing can be compared or mended.";

    private final Stores stores;
    private final Subscriptions subscriptions;
    private final OpenFaults faults;
    private final Audit audit;

    SubscriptionsApi(Stores stores, Subscriptions subscriptions, OpenFaults faults, Audit audit) {
        this.stores = stores;
        this.subscriptions = subscriptions;
        this.faults = faults;
        this.audit = audit;
    }

    /**
     * @param address    where the webhooks of the store must go; null: not known
     * @param needed     the topics that the mappings in use need
     * @param registered what Shopify lists
     * @param faults     what is missing or wrong
     * @param refused    after mending, what Shopify refused and why, by topic
     * @param notes      what the lists can't tell
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record Answer(String store, String address, Set<String> needed, List<Subscription> registered, List<Fault> faults,
            Map<String, String> refused, List<String> notes) {

        static Answer of(Store store, Comparison comparison, Map<String, String> refused) {
            return new Answer(store.name(), comparison.endpoint(), comparison.needed(), comparison.registered(),
                    comparison.faults(), refused,
                    comparison.endpoint() == null ? List.of(NO_ADDRESS, TOML) : List.of(TOML));
        }
    }

    @GetMapping("/api/v1/stores/{store}/subscriptions")
    @Operation(summary = "Compares the shop's webhook subscriptions with those that the mappings in use need")
    @ApiResponse(responseCode = "404", description = "No such store is configured")
    @ApiResponse(responseCode = "502", description = "The shop could not be asked")
    Answer compare(@PathVariable String store) {
        Store one = store(store);
        return asking(() -> Answer.of(one, subscriptions.compare(one), Map.of()));
    }

    @PostMapping("/api/v1/stores/{store}/subscriptions/mend")
    @Operation(summary = "Registers what is missing, corrects what is wrong, deletes what is of no use, and has polled what"
            + " may have been missed")
    @ApiResponse(responseCode = "200", description = "What was refused is in refused, and still in faults")
    @ApiResponse(responseCode = "404", description = "No such store is configured")
    @ApiResponse(responseCode = "409", description = "shopbridge.subscriptions.address is not set")
    @ApiResponse(responseCode = "502", description = "The shop could not be asked")
    Answer mend(@PathVariable String store) {
        Store one = store(store);
        return asking(() -> {
            Instant asked = Instant.now();
            Comparison before = subscriptions.compare(one);
            if (before.endpoint() == null) {
                throw new Problem(HttpStatus.CONFLICT, "No address", NO_ADDRESS);
            }
            Map<String, String> refused = subscriptions.mend(one, before.faults());
            faults.mended(one, before.faults().stream().filter(fault -> !refused.containsKey(fault.topic())).toList(),
                    asked);
            audit.did("mended", (before.faults().size() - refused.size()) + " webhook subscriptions of store " + store);
            return Answer.of(one, subscriptions.compare(one), refused);
        });
    }

    private Store store(String name) {
        return stores.find(name).orElseThrow(() -> Problem.unknownStore(stores));
    }

    private static Answer asking(Supplier<Answer> what) {
        try {
            return what.get();
        } catch (AdminFailure e) {
            throw new Problem(HttpStatus.BAD_GATEWAY, "The shop could not be asked", e.getMessage());
        }
    }
}
