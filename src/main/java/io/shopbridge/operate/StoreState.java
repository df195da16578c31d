package io.shopbridge.operate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;

/**
 * A configured store.
 *
 * @param pausedSince   null: it is not paused
 * @param pausedBecause null: it is not paused
 * @param advice        what the operator must do besides, now that it is resumed; null: nothing
 */
@JsonNaming(SnakeCaseStrategy.class)
public record StoreState(String store, Instant pausedSince, String pausedBecause, String advice) {

    StoreState(String store, Instant pausedSince, String pausedBecause) {
        this(store, pausedSince, pausedBecause, null);
    }
}
