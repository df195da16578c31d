package io.shopbridge.poll;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;

/**
 * A record that polls pass over, because Shopify fails whenever it is asked for it.
 *
 * @param id       in Shopify's admin
 * @param since    when it was passed over first
 * @param failures how often Shopify failed on it
 * @param again    when it is asked for next
 * @param because  what Shopify said
 */
@JsonNaming(SnakeCaseStrategy.class)
public record UnreadRecord(String id, Instant since, int failures, Instant again, String because) {
}
