package io.shopbridge.operate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.shopbridge.mirror.RefreshQueue;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "refreshes", description = "Records of which something is missing, and which are asked for")
class RefreshesApi {

    private final RefreshQueue queue;

    RefreshesApi(RefreshQueue queue) {
        this.queue = queue;
    }

    /**
     * What waits by one rule of {@code mappings/shopify}.
     *
     * @param asking  records that will be asked for
     * @param due     those of them whose time has come
     * @param dueFor  since how many seconds the oldest of these is due; 0: none is
     * @param givenUp records of the last 30 days that are not asked for any more: what is missing never came
     * @param because why the last call for one of them failed; null: none did
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record Refresh(String store, String entity, String rule, long asking, long due, double dueFor, long givenUp,
            String because) {
    }

    @GetMapping("/api/v1/refreshes")
    @Operation(summary = "Counts the records of which something is missing, by store, entity and rule")
    List<Refresh> refreshes() {
        return queue.waiting().stream().map(of -> new Refresh(of.store(), of.entity(), of.rule(), of.asking(), of.due(),
                of.age(), of.over(), of.because())).toList();
    }
}
