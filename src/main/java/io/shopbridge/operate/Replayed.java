package io.shopbridge.operate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * The result of a replay.
 *
 * @param id       of the rejection
 * @param replayed record: it will be delivered again; event: its bytes will be read again
 * @param done     the same as a sentence
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Replayed(long id, String replayed, String done) {
}
